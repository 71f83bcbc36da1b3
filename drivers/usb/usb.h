// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Inside the transport. A device's life:
 *
 *   OPENING --open slot, ready--> SERVING --lost or failed--> CLOSING --last transfer back-->
 * closed ^                                                                                        |
 *      +------ after a pause, unless the device has left (then it is freed) --------------------+
 *
 * libusb frees a handle only when every transfer has come back, so CLOSING is a state of its own
 * and nothing is freed before in_flight is 0.
 */
#include <darvaza/usbio.h>
#include <libusb-1.0/libusb.h>

#define DV_USB_OPEN_RETRY_MS 50 /* udev may still be changing the node's group */
#define DV_USB_OPEN_PATIENCE_MS 2000
#define DV_USB_REOPEN_MIN_MS 500
#define DV_USB_REOPEN_MAX_MS 30000
#define DV_USB_CONTROL_TIMEOUT_MS 2000
#define DV_USB_MAX_CONTROL 64
#define DV_USB_MAX_WRITE 512
#define DV_USB_MAX_WRITES 32 /* that wait */
#define DV_USB_MAX_READS 8   /* transfers of one device */
#define DV_USB_MAX_ERRORS 8  /* transfer errors in a row before a device counts as faulty */
#define DV_USB_MAX_HALTS 8   /* halts in a row without a byte between them */

typedef enum { PHASE_WAITING, PHASE_OPENING, PHASE_SERVING, PHASE_CLOSING } DvUsbPhase;

typedef enum { PARKED_NOT, PARKED_HALTED, PARKED_ERROR } DvUsbParked;

typedef struct {
    DvDevice *device;
    struct libusb_transfer *transfer; /* owned */
    guint8 *buffer;                   /* owned */
    gboolean in_flight;
    DvUsbParked parked; /* why it waits to be resubmitted */
} DvUsbRead;

typedef struct {
    guint tag;
    guint8 bytes[LIBUSB_CONTROL_SETUP_SIZE + DV_USB_MAX_CONTROL];
} DvUsbRequest;

typedef struct {
    guint8 endpoint;
    gsize length;
    guint8 bytes[DV_USB_MAX_WRITE];
} DvUsbWrite;

struct DvDevice {
    DvUsbHost *host;
    libusb_device *usb; /* a reference */
    libusb_device_handle *handle;
    const DvDriver *driver;
    const DvUsbId *identity;
    DvUsbShape shape;
    struct libusb_config_descriptor *config; /* owned; shape points into it */
    char id[32];
    void *state;
    DvUsbPhase phase;
    DvDeviceState shown;
    char *detail;
    gboolean left;   /* unplugged: never opened again */
    int claim_code;  /* of libusb, the last claim that failed since the open slot was called */
    guint32 claimed; /* bit per interface */
    guint in_flight;
    DvUsbRead reads[DV_USB_MAX_READS];
    guint read_count;
    GQueue requests; /* of DvUsbRequest, owned; the head is in flight */
    struct libusb_transfer *control;
    gboolean control_in_flight;
    GQueue writes; /* of DvUsbWrite, owned; the head is in flight */
    struct libusb_transfer *write;
    gboolean write_in_flight;
    GHashTable *options; /* key -> value, owned */
    guint errors, halts;
    guint64 documents, dropped;
    guint open_source, idle_source, pause_source, settle_source;
    gint64 open_deadline_us;
    guint reopen_ms;
};

/* settings.c: what the configuration says of single devices. text: see dv_usb_host_new(). */
typedef struct DvUsbSettings DvUsbSettings;
DvUsbSettings *dv_usb_settings_new(const DvDriver *const *drivers, const char *text,
                                   GError **error);
void dv_usb_settings_free(DvUsbSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvUsbSettings, dv_usb_settings_free)
/* The driver that family= gives to an identity which no table has; NULL: none. The identity belongs
 * to the settings. */
const DvUsbId *dv_usb_settings_match(const DvUsbSettings *settings, guint16 vid, guint16 pid,
                                     const DvDriver **driver);
/* Key -> value for a device: its row's, overruled by its identity's, overruled by its place's; what
 * its driver does not know is left out. */
GHashTable *dv_usb_settings_options(const DvUsbSettings *settings, const DvDriver *driver,
                                    const DvUsbId *identity, const char *place);

struct DvUsbHost {
    libusb_context *context;
    libusb_hotplug_callback_handle hotplug;
    gboolean hotplug_on;
    GSource *loop;
    const DvDriver *const *drivers;
    gboolean accept_test_identity;
    DvUsbSettings *settings;
    DvUsbEvents events;
    void *data;
    GPtrArray *devices; /* of DvDevice */
    GQueue plugs;       /* of DvUsbPlug, noted by the hot-plug callback */
    guint plug_source;
    gboolean stopping;
};

/* loop.c: a GSource that lets libusb work whenever one of its descriptors is ready. */
GSource *dv_usb_loop_new(libusb_context *context);

/* holder.c: names of the other programs that have the device node open, as far as /proc shows them
 * to this user: "ModemManager"; NULL: none is seen. */
char *dv_usb_holders(libusb_device *usb);

/* describe.c */
void dv_usb_port_path(libusb_device *usb, char *out, gsize size);
const DvUsbId *dv_usb_match(const DvDriver *const *drivers, guint16 vid, guint16 pid,
                            gboolean test_identity, const DvDriver **driver);
/* Fills the shape from the active configuration, which the caller frees. */
gboolean dv_usb_describe(libusb_device *usb, DvUsbShape *shape,
                         struct libusb_config_descriptor **config, GError **error);
void dv_usb_info(const DvDevice *device, DvDeviceInfo *info);
/* Sets a DV_ERROR from a libusb code: "USB reader 1-2: WHAT: no such device". */
void dv_usb_set_error(GError **error, const char *id, const char *what, int code);

/* device.c */
DvDevice *dv_usb_device_new(DvUsbHost *host, libusb_device *usb, const DvDriver *driver,
                            const DvUsbId *identity);
void dv_usb_device_unplugged(DvDevice *device);
/* Closes after a failure with this libusb code: "no such device" shows as gone, anything else as a
 * fault with why. Both are tried again. */
void dv_usb_device_trouble(DvDevice *device, int code, const char *why);
/* Cancels what is in flight; dv_usb_device_settle() goes on when all is back. */
void dv_usb_device_close(DvDevice *device, DvDeviceState shown, const char *detail);
void dv_usb_device_settle(DvDevice *device);
/* For the end of the host: settles here and now if all is back. */
void dv_usb_device_finish(DvDevice *device);
void dv_usb_device_show(DvDevice *device, DvDeviceState state, const char *detail);
void dv_usb_device_free(DvDevice *device);
/* host.c: takes the device out of the list and frees it. */
void dv_usb_host_forget(DvUsbHost *host, DvDevice *device);

/* transfer.c */
void dv_usb_transfers_cancel(DvDevice *device);
void dv_usb_transfers_free(DvDevice *device);
