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
#define DV_USB_MAX_READS 16  /* transfers of one device */
#define DV_USB_MAX_READ 65536
#define DV_USB_MAX_PACKETS 128 /* of one isochronous transfer */
#define DV_USB_MAX_PACKET 49152
#define DV_USB_MAX_ERRORS 8 /* transfer errors in a row before a device counts as faulty */
#define DV_USB_MAX_HALTS 8  /* halts in a row without a byte between them */

typedef enum { PHASE_WAITING, PHASE_OPENING, PHASE_SERVING, PHASE_CLOSING } DvUsbPhase;

typedef enum { PARKED_NOT, PARKED_HALTED, PARKED_ERROR } DvUsbParked;

typedef struct {
    DvDevice *device;
    struct libusb_transfer *transfer; /* owned; NULL: the place is free */
    guint8 *buffer;                   /* owned */
    gboolean in_flight;
    gboolean stopping;  /* does not go out again */
    DvUsbParked parked; /* why it waits to be resubmitted */
} DvUsbRead;

typedef struct {
    guint tag;
    guint16 wanted; /* bytes that it fetches; 0: none, it goes towards the device */
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
    DvUsbId identity;
    DvUsbShape shape;
    struct libusb_config_descriptor *config; /* owned; shape points into it */
    char id[32];
    void *state;
    DvUsbPhase phase;
    DvDeviceState shown;
    char *detail;
    gboolean left; /* unplugged: never opened again */
    int last_code; /* of libusb, the last direct call that failed since the open slot was called */
    guint32 claimed; /* bit per interface */
    guint in_flight;
    DvUsbRead reads[DV_USB_MAX_READS];
    guint8 stop_endpoint; /* whose reads are coming back for good */
    GQueue requests;      /* of DvUsbRequest, owned; the head is in flight */
    struct libusb_transfer *control;
    gboolean control_in_flight;
    const guint8 *reply; /* while the control slot runs */
    gsize reply_length;
    GQueue writes; /* of DvUsbWrite, owned; the head is in flight */
    struct libusb_transfer *write;
    gboolean write_in_flight;
    GHashTable *options; /* key -> value, owned */
    guint errors, halts;
    guint64 documents, frames, dropped;
    guint open_source, idle_source, pause_source, settle_source, stop_source, wake_source;
    gint64 open_deadline_us;
    guint reopen_ms;
};

/* settings.c: what the configuration says of single devices. text: see DvUsbChoice. */
typedef struct DvUsbSettings DvUsbSettings;
DvUsbSettings *dv_usb_settings_new(const DvDriver *const *drivers, const char *text,
                                   GError **error);
void dv_usb_settings_free(DvUsbSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvUsbSettings, dv_usb_settings_free)
/* Adds what is said of cameras; there a row without family= or options says that the camera is the
 * booth's. */
gboolean dv_usb_settings_add_cameras(DvUsbSettings *settings, const DvDriver *const *drivers,
                                     const char *text, GError **error);
gboolean dv_usb_settings_lists_camera(const DvUsbSettings *settings, guint16 vid, guint16 pid,
                                      const char *place);
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
    gboolean test_identities;
    DvUsbCameras cameras;
    DvUsbSettings *settings;
    DvUsbEvents events;
    void *data;
    GPtrArray *devices; /* of DvDevice */
    GHashTable *wishes; /* place -> DvFrameWish: cameras that shall stream */
    GQueue plugs;       /* of DvUsbPlug, noted by the hot-plug callback */
    guint plug_source;
    gboolean stopping;
};

/* loop.c: a GSource that lets libusb work whenever one of its descriptors is ready. */
GSource *dv_usb_loop_new(libusb_context *context);

/* holder.c: names of the other programs that have the device node open, as far as /proc shows them
 * to this user: "ModemManager"; NULL: none is seen. */
char *dv_usb_holders(libusb_device *usb);

/* match.c */
const DvUsbId *dv_usb_match(const DvDriver *const *drivers, guint16 vid, guint16 pid,
                            gboolean test_identity, const DvDriver **driver);
const DvDriver *dv_usb_match_class(const DvDriver *const *drivers, const DvUsbShape *shape);
/* The same for a device, with an identity made for it. */
const DvDriver *dv_usb_match_interfaces(const DvDriver *const *drivers, libusb_device *usb,
                                        DvUsbId *id);
/* All of it, under the host's choice. NULL: not for us. */
const DvDriver *dv_usb_choose(const DvUsbHost *host, libusb_device *usb, DvUsbId *id);

/* describe.c */
void dv_usb_port_path(libusb_device *usb, char *out, gsize size);
/* Fills the shape from the active configuration, which the caller frees. */
gboolean dv_usb_describe(libusb_device *usb, DvUsbShape *shape,
                         struct libusb_config_descriptor **config, GError **error);
/* Bytes that an endpoint may carry in one service interval. packet_field: its wMaxPacketSize. A
 * SuperSpeed endpoint says it in a companion behind it, extra (USB 3.2, 9.6.7); before that bits 11
 * and 12 of the packet size did, for high speed (USB 2.0, 9.6.6). */
guint32 dv_usb_bytes_per_interval(const guint8 *extra, gsize length, DvUsbPipe pipe,
                                  guint16 packet_field);
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

/* Tells a ready camera what the host's wishes say of it. */
void dv_usb_device_stream(DvDevice *device);

/* transfer.c: reads of bulk and interrupt endpoints, and what becomes of failed ones */
void dv_usb_transfers_cancel(DvDevice *device);
void dv_usb_transfers_free(DvDevice *device);
void dv_usb_read_submit(DvUsbRead *read);
/* A place for one more read, with its buffer; NULL: all are taken. */
DvUsbRead *dv_usb_read_new(DvDevice *device, int packets, gsize size);
/* Takes a transfer back. TRUE: it brought something and has its status still; FALSE: it is dealt
 * with. */
gboolean dv_usb_read_is_back(DvUsbRead *read);
void dv_usb_recover_error(DvUsbRead *read);
/* A short pause, then everything that failed goes out again; too often: a fault. */
void dv_usb_pause_after_error(DvDevice *device);
unsigned char dv_usb_transfer_type(const DvDevice *device, guint8 endpoint);

/* control.c */
void dv_usb_control_cancel(DvDevice *device);
void dv_usb_control_free(DvDevice *device);

/* write.c */
void dv_usb_write_next(DvDevice *device);
void dv_usb_write_cancel(DvDevice *device);
void dv_usb_write_free(DvDevice *device);
