// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * USB transport: finds devices that a driver answers to, opens them, keeps their transfers going
 * and survives every way in which they can leave. libusb runs on the default GLib main context; no
 * thread of ours is involved.
 */
#include <darvaza/driver.h>

typedef enum {
    DV_DEVICE_OPENING, /* seen, not serving yet */
    DV_DEVICE_SERVING,
    DV_DEVICE_FAULT, /* attached but unusable; detail says why; tried again by itself */
    DV_DEVICE_GONE,
    DV_DEVICE_ATTACHED, /* only in dv_usb_list(): seen on the bus, nobody was asked */
} DvDeviceState;
/* "opening", "ready", "fault", "gone", "attached" */
const char *dv_device_state_word(DvDeviceState state);
const char *dv_device_kind_word(DvDeviceKind kind); /* "reader", "camera" */

typedef struct {
    /* The place it is plugged into, "1-2.4": bus, then ports. Stays when a device is exchanged,
     * so a lane is bound to a socket on the desk and not to a serial number. */
    const char *id;
    const char *family;
    DvDeviceKind kind;
    const char *name;
    guint16 vid, pid;
    gboolean tried_on_hardware;
    DvDeviceState state;
    const char *detail;                 /* a sentence; "" when there is nothing to say */
    guint64 documents, frames, dropped; /* since it was plugged in */
} DvDeviceInfo;

typedef struct {
    void (*changed)(const DvDeviceInfo *device, void *data);
    void (*reading)(const DvDeviceInfo *device, void *data);
    void (*document)(const DvDeviceInfo *device, const char *const *lines, gint64 arrived_us,
                     void *data);
    void (*dropped)(const DvDeviceInfo *device, const char *why, void *data);
    /* Cameras: room of size bytes for the next frame of the camera at this place, the same until
     * one is done; NULL: nobody wants frames. Then: the room holds a whole one. */
    guint8 *(*frame_room)(const char *id, gsize size, void *data);
    void (*frame)(const DvDeviceInfo *device, const DvFrameInfo *frame, gsize length,
                  gint64 arrived_us, void *data);
} DvUsbEvents;

/* Which cameras are opened. A camera films whoever stands before it, so one that nobody named is
 * left alone unless the configuration says otherwise. */
typedef enum {
    DV_USB_CAMERAS_NONE,
    DV_USB_CAMERAS_LISTED, /* those in the tables and in DvUsbChoice.cameras */
    DV_USB_CAMERAS_ALL,
} DvUsbCameras;

/* settings of single devices: "WHICH KEY=VALUE ...; WHICH ..."; WHICH is a place ("1-2.4") or an
 * identity ("0db5:0139"), a key is an option of the driver, or family=, which gives an identity
 * that no table has to a driver. "" for nothing. */
typedef struct {
    gboolean test_identities; /* simulated devices too */
    const char *readers;      /* settings */
    const char *cameras;      /* settings; a row without options lists a camera as well */
    DvUsbCameras use_cameras;
} DvUsbChoice;

typedef struct DvUsbHost DvUsbHost;

/* All rows of both, NULL-terminated. Caller frees with g_free(). */
const DvDriver **dv_usb_join_drivers(const DvDriver *const *some, const DvDriver *const *more);

/* drivers: NULL-terminated, must outlive the host; events is copied. Devices that are attached
 * already are reported from the main loop.
 * DV_ERROR_CONFIG naming what is wrong in the choice; DV_ERROR_UNAVAILABLE when the system has no
 * USB. */
DvUsbHost *dv_usb_host_new(const DvDriver *const *drivers, const DvUsbChoice *choice,
                           const DvUsbEvents *events, void *data, GError **error);
/* Closes all devices (waits up to 2 s for their transfers); reports nothing more. */
void dv_usb_host_free(DvUsbHost *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvUsbHost, dv_usb_host_free)

typedef void (*DvDeviceFunc)(const DvDeviceInfo *device, void *data);
void dv_usb_host_foreach(DvUsbHost *host, DvDeviceFunc func, void *data);

/* Frames like this are wanted of the camera at this place, now and whenever it is plugged in again;
 * NULL: no longer. What frame_room gave may be freed after that. */
void dv_usb_host_stream(DvUsbHost *host, const char *id, const DvFrameWish *wish);

/* Lists what is attached and known to a driver, opening nothing: for a machine whose daemon does
 * not run. State is ATTACHED for all. */
gboolean dv_usb_list(const DvDriver *const *drivers, DvDeviceFunc func, void *data, GError **error);
