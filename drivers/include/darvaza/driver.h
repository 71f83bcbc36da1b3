// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The only header that a driver includes (beside its own protocol's): what a driver owes, and what
 * the transport does for it. A driver is one row of a registry (readers.h): a table of identities
 * and the slots below. It never sleeps, reads clocks, starts threads or calls libusb; it judges no
 * document, it only finds where one begins and ends.
 *
 * Everything runs on the main context. No slot may block; the calls that wait for the device say
 * so.
 */
#include <glib.h>

typedef struct DvDevice DvDevice;

typedef enum { DV_DEVICE_READER, DV_DEVICE_CAMERA } DvDeviceKind;

/* One identity that a driver answers to. Where the knowledge comes from stands beside it; what was
 * never tried on hardware says so. A table ends with a row whose name is NULL. */
typedef struct {
    guint16 vid, pid;
    const char *name;   /* as an officer may read it */
    const char *source; /* where this identity is written down */
    gboolean tried_on_hardware;
    gboolean test_identity; /* a simulator's: served only where the configuration says so */
    const char *options; /* what its driver must know of it, "framer=stx start=23"; NULL: nothing */
} DvUsbId;

/* What the kernel makes of a device until its driver takes it; decides which udev rules it needs.
 */
typedef enum {
    DV_FACE_TTY = 1,    /* a serial port, which ModemManager would probe */
    DV_FACE_INPUT = 2,  /* a keyboard, which would type into the desktop */
    DV_FACE_HIDRAW = 4, /* a node for raw reports */
    DV_FACE_VIDEO = 8,  /* a camera that any program may open */
} DvKernelFace;

#define DV_USB_MAX_ENDPOINTS 8   /* of one alternate setting */
#define DV_USB_MAX_INTERFACES 64 /* alternate settings, of which a camera has a dozen */
typedef enum { DV_USB_CONTROL, DV_USB_ISO, DV_USB_BULK, DV_USB_INTERRUPT } DvUsbPipe;

typedef struct {
    guint8 address; /* bEndpointAddress; bit 7: towards the host */
    DvUsbPipe pipe;
    guint16 max_packet; /* bytes */
    guint32
        per_interval;    /* bytes of all packets in one service interval (high bandwidth, bursts) */
    const guint8 *extra; /* descriptors that stand behind it; belong to the device */
    gsize extra_length;
} DvUsbEndpoint;

/* One alternate setting of one interface (USB 2.0, 9.6.5). */
typedef struct {
    guint8 number, alternate, class_code, subclass, protocol;
    guint endpoint_count;
    DvUsbEndpoint endpoints[DV_USB_MAX_ENDPOINTS];
    const guint8 *extra; /* class-specific descriptors; belong to the device */
    gsize extra_length;
} DvUsbInterface;

/* What the device says of itself. Outside bytes: trust nothing but the bounds. */
typedef struct {
    guint16 vid, pid;
    guint interface_count;
    DvUsbInterface interfaces[DV_USB_MAX_INTERFACES];
} DvUsbShape;

/* One of the interfaces by which a device is known that no table of identities has. */
typedef struct {
    guint8 class_code, subclass;
} DvUsbClass;
#define DV_USB_MAX_CLASSES 2

/* ---- frames of a camera */
#define DV_FRAME_MAX (4u << 20) /* bytes of one frame */
typedef enum { DV_FRAME_ANY, DV_FRAME_MJPEG, DV_FRAME_YUY2 } DvFrameFormat;
typedef struct {
    guint width, height, fps; /* 0: as the driver thinks best; the nearest is taken */
    DvFrameFormat format;
} DvFrameWish;
typedef struct {
    DvFrameFormat format; /* never ANY */
    guint16 width, height;
} DvFrameInfo;

typedef enum {
    DV_PACKET_OK,
    DV_PACKET_LOST, /* the bus lost or spoiled it; no bytes */
} DvPacketStatus;

typedef struct DvDriver {
    const char *family; /* "cdc-acm": stands in lists, logs, udev rules */
    DvDeviceKind kind;
    const DvUsbId *ids;
    gsize state_size;  /* bytes of zeroed state per device, dv_device_state() */
    guint idle_gap_ms; /* silence after which the idle slot is called; 0: never */
    guint faces;       /* of DvKernelFace */
    /* A device that has an interface of each of these is one of the family without standing in its
     * table; whether it is used the configuration says. class_code 0: end. All 0: only the table.
     */
    DvUsbClass classes[DV_USB_MAX_CLASSES];
    gboolean empty_input; /* the input slot is told of reads that brought nothing, too */
    /* Is this an option of the family, with a value that it takes? Sets an error naming it where
     * not. NULL: the family has none. Called without a device. */
    gboolean (*check)(const char *key, const char *value, GError **error);

    /* The device is open, nothing is claimed. Must claim what it needs and queue its first
     * requests. Must eventually lead to dv_device_ready() or dv_device_fail(), unless it returns
     * FALSE with an error, which counts as a failure. */
    gboolean (*open)(DvDevice *device, GError **error);
    /* A request queued by dv_device_control() is done; in order of queueing. error is NULL or says
     * what went wrong and belongs to the transport. May be NULL when no requests are made. */
    void (*control)(DvDevice *device, guint tag, const GError *error);
    /* Bytes from an endpoint that dv_device_read() listens to. arrived_us is the monotonic time of
     * their arrival. Must not keep the pointer. */
    void (*input)(DvDevice *device, guint8 endpoint, const guint8 *data, gsize length,
                  gint64 arrived_us);
    /* idle_gap_ms have passed since the last input: what is unfinished will not be finished. */
    void (*idle)(DvDevice *device);
    /* Bytes may be missing from here on (a transfer failed, a pipe was halted). Must forget what
     * is unfinished, so that the head of one document never meets the tail of another. */
    void (*lost)(DvDevice *device);
    /* The device is going, unplugged or not; no slot is called after this. State is freed by the
     * transport. May be NULL. */
    void (*close)(DvDevice *device);

    /* The slots below may be NULL where the family does not ask for what leads to them. */
    /* One packet of dv_device_read_iso() that held something or was lost; as for input. */
    void (*packet)(DvDevice *device, guint8 endpoint, const guint8 *data, gsize length,
                   DvPacketStatus status, gint64 arrived_us);
    /* dv_device_stop_reads() is done: nothing more will come from this endpoint. */
    void (*stopped)(DvDevice *device, guint8 endpoint);
    /* The time set by dv_device_wake() is over. */
    void (*wake)(DvDevice *device);
    /* Cameras: somebody wants frames like this from now on; NULL: nobody any more, and the room
     * that dv_device_frame_room() gave must not be touched again. Called only while the device is
     * ready, also from within dv_device_ready(). */
    void (*stream)(DvDevice *device, const DvFrameWish *wish);
} DvDriver;

/* ---- what a driver may ask, from within its slots */
void *dv_device_state(DvDevice *device);
const DvUsbShape *dv_device_shape(const DvDevice *device);
/* An option's value, from the configuration for this place or identity, else from the identity's
 * row; checked by the check slot. NULL when not given. Belongs to the device. */
const char *dv_device_option(const DvDevice *device, const char *key);
/* Takes the interface from any kernel driver; given back when the device closes.
 * DV_ERROR_UNAVAILABLE naming device and reason. */
gboolean dv_device_claim(DvDevice *device, guint8 interface_number, GError **error);
/* Chooses an alternate setting of a claimed interface. Waits for the device, as the kernel does not
 * offer it otherwise; nothing may be read from its endpoints meanwhile. DV_ERROR_UNAVAILABLE. */
gboolean dv_device_set_alternate(DvDevice *device, guint8 interface_number, guint8 alternate,
                                 GError **error);
/* Clears a halt, or tells a device that resets with it; waits as above. No reads may be under way.
 */
void dv_device_clear_halt(DvDevice *device, guint8 endpoint);
/* Queues one control request towards the device (at most 64 bytes of data, copied). Requests go
 * out one at a time, in order; each leads to one call of the control slot. */
void dv_device_control(DvDevice *device, guint tag, guint8 request_type, guint8 request,
                       guint16 value, guint16 index, const void *data, gsize length);
/* The same for a request that fetches up to length bytes (1..64). */
void dv_device_control_in(DvDevice *device, guint tag, guint8 request_type, guint8 request,
                          guint16 value, guint16 index, gsize length);
/* In the control slot: the bytes that such a request brought, which may be fewer than asked for;
 * NULL where there are none. Belong to the transport, only until the slot returns. */
const guint8 *dv_device_reply(const DvDevice *device, gsize *length);
/* Keeps `depth` reads of `size` bytes in flight on an IN endpoint of a claimed interface until the
 * device closes (depth 1..8, size 1..65,536). Halts are cleared and transfers resubmitted by the
 * transport, which then calls the lost slot. */
gboolean dv_device_read(DvDevice *device, guint8 endpoint, guint depth, gsize size, GError **error);
/* The same on an isochronous endpoint, for the packet slot: each request asks for `packets`
 * (1..128) of packet_size bytes (1..49,152). */
gboolean dv_device_read_iso(DvDevice *device, guint8 endpoint, guint depth, guint packets,
                            gsize packet_size, GError **error);
/* Ends all reads of an endpoint; the stopped slot is called when the last has come back, and no
 * input of it is delivered in between. One endpoint at a time. */
void dv_device_stop_reads(DvDevice *device, guint8 endpoint);
/* Has the wake slot called once in so many milliseconds, instead of when it was told before; 0: not
 * at all. */
void dv_device_wake(DvDevice *device, guint milliseconds);

/* Queues bytes (1..512, copied) for an OUT endpoint of a claimed interface; they go out in order. A
 * device that does not take them within 2 s is faulty. Does nothing while the device closes. */
void dv_device_write(DvDevice *device, guint8 endpoint, const void *data, gsize length);

/* ---- what a driver reports */
/* The device serves from now on. */
void dv_device_ready(DvDevice *device);
/* Something that may become a document has begun to arrive. Once per document. */
void dv_device_reading(DvDevice *device);
/* A document, as framed: NULL-terminated rows, copied. arrived_us as given to input. */
void dv_device_document(DvDevice *device, const char *const *lines, gint64 arrived_us);
/* What had begun to arrive made no document and is forgotten. why: a constant sentence without any
 * of the bytes. */
void dv_device_dropped(DvDevice *device, const char *why);
/* A ready device does less than it was asked to; stands beside its state. "": all is well. */
void dv_device_note(DvDevice *device, const char *sentence);

/* ---- what a camera's driver reports: frames are written where they stay */
/* Room of size bytes (up to DV_FRAME_MAX) for the next frame; the same as before until one is done.
 * NULL: nobody wants frames now. */
guint8 *dv_device_frame_room(DvDevice *device, gsize size);
/* The room holds a whole frame of that many bytes. */
void dv_device_frame_done(DvDevice *device, const DvFrameInfo *frame, gsize length,
                          gint64 arrived_us);
/* A spoiled frame was thrown away: counted, never delivered. */
void dv_device_frame_dropped(DvDevice *device);
/* The device does not do what it must: it is closed, shown as a fault with this sentence, and
 * opened again after a pause that grows. The driver must do nothing more with it in this slot. */
void dv_device_fail(DvDevice *device, const char *format, ...) G_GNUC_PRINTF(2, 3);
