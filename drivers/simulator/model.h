// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A simulated USB device, independent of how it is attached: descriptors, and what it answers on
 * its endpoints. Requests and their time on the bus are urb.h; a model owns what is on the wire.
 * Not thread-safe: called with the bus locked.
 */
#include <glib.h>

#define DV_SIM_DEVICE_DESCRIPTOR_SIZE 18
#define DV_SIM_MAX_INTERFACES 4

/* Mbit/s. A full-speed device has packets of 64 bytes, a high-speed one of 512. */
typedef enum { DV_SIM_FULL_SPEED = 12, DV_SIM_HIGH_SPEED = 480 } DvSimSpeed;

typedef struct DvSimModel DvSimModel;

struct DvSimModel {
    const char *name; /* as it was asked for */
    guint8 device_descriptor[DV_SIM_DEVICE_DESCRIPTOR_SIZE];
    const guint8 *config; /* configuration descriptor with all that follows it */
    gsize config_length;
    const char *strings[4]; /* by string index; [0] unused, NULL: none */
    const guint8 *report;   /* HID: report descriptor; NULL: none */
    gsize report_length;
    guint8 data_in;            /* the endpoint that documents come from */
    const char *default_frame; /* for frame, when none is asked for */
    DvSimSpeed speed;          /* 0: full speed */
    guint8 configuration;
    guint8 alternate[DV_SIM_MAX_INTERFACES]; /* by interface: what is set */
    guint32 halted_in, halted_out;           /* bit per endpoint number */

    /* Class and vendor requests. Bytes moved, or a negative errno (-EPIPE: not known). */
    int (*control)(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length);
    /* What the device has to say on an IN endpoint: bytes, or -EAGAIN when nothing. One packet a
     * call, so that the model decides where transfers end. */
    int (*in)(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max);
    /* An isochronous IN endpoint's next packet: bytes, 0 for an empty one. NULL: it has none such.
     */
    int (*iso)(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max);
    /* When (monotonic, us) in() may have more without the host doing anything; G_MAXINT64: not
     * that it knew. NULL: never by itself. */
    gint64 (*due)(const DvSimModel *model);
    /* The host has chosen an alternate setting that exists; alternate[] has it already. Also when
     * the host lets go of the device or configures it (0). NULL: all the same to it. */
    void (*set_interface)(DvSimModel *model, guint8 interface, guint8 alternate);
    /* What the host sends to an OUT endpoint. NULL: taken and ignored. */
    void (*out)(DvSimModel *model, guint8 endpoint, const guint8 *bytes, gsize length);
    /* What the reading head produces for a document, for produce. NULL when the model has no such
     * frame. Caller owns it. The slot and produce are NULL in a camera. */
    GByteArray *(*frame)(DvSimModel *model, const char *frame, char **rows);
    /* An option of the model ("layout", "de"); FALSE when it has none such. NULL: it has none. */
    gboolean (*set)(DvSimModel *model, const char *key, const char *value);
    /* The kernel's own driver has the device (TRUE, as when plugged in) or gave it up. NULL: none.
     */
    void (*kernel)(DvSimModel *model, gboolean bound);
    /* Does what is produced go to the desktop now? And how many characters did so? NULL: never. */
    gboolean (*types)(const DvSimModel *model);
    guint (*typed)(const DvSimModel *model);
    /* The host has cleared the halt of an endpoint, halted or not. NULL: all the same to it. */
    void (*cleared)(DvSimModel *model, guint8 endpoint, gboolean was_halted);
    /* The document was taken away before the head had read it all. NULL: all the same to it. */
    void (*lifted)(DvSimModel *model);
    /* Cameras: what lies before it, a JPEG file (NULL: the test card); frames sent so far, and
     * those for which there was no room; spoils the next count frames (FALSE for an unknown kind).
     * NULL in all others. */
    gboolean (*show)(DvSimModel *model, const char *path, GError **error);
    void (*frames)(const DvSimModel *model, guint64 *sent, guint64 *dropped);
    gboolean (*spoil)(DvSimModel *model, const char *kind, guint count);
    /* The reading head has produced these bytes. They are one packet if the host is waiting. */
    void (*produce)(DvSimModel *model, const guint8 *bytes, gsize length);
    /* Has the host opened it, so that what is produced goes anywhere? */
    gboolean (*listening)(const DvSimModel *model);
    void (*free)(DvSimModel *model);
};

/* vid 0: the identity that belongs to the model (model.c). NULL for an unknown name. */
DvSimModel *dv_sim_model_new(const char *name, guint16 vid, guint16 pid);
/* The names, separated by commas, for a message. */
const char *dv_sim_model_names(void);
void dv_sim_model_free(DvSimModel *model);

/* A control transfer as a device sees it: standard requests are answered here (USB 2.0, 9.4), the
 * others by the model. Bytes moved or a negative errno. */
int dv_sim_control(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length);
/* Like model->in, with halts; -EPIPE while halted. */
int dv_sim_in(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max);
/* As when the device is reset or loses its host: alternate settings 0, nothing halted. */
void dv_sim_reset(DvSimModel *model);
/* The same for one interface, as when a program lets go of it. */
void dv_sim_release(DvSimModel *model, guint8 interface);

typedef struct {
    guint8 attributes; /* bits 0 and 1: the kind */
    guint8 interface;
    gsize packet_size;  /* with the further transactions of a high-bandwidth endpoint */
    gint64 interval_us; /* isochronous and interrupt */
} DvSimEndpoint;
/* FALSE when the alternate settings chosen have no such endpoint. */
gboolean dv_sim_endpoint(const DvSimModel *model, guint8 address, DvSimEndpoint *endpoint);
/* The descriptor after at in the configuration; NULL at its end. */
const guint8 *dv_sim_next_descriptor(const DvSimModel *model, const guint8 *at);
/* Every interface descriptor that is in force (endpoint NULL), each followed by its endpoints'. */
typedef void (*DvSimWalk)(const guint8 *interface, const guint8 *endpoint, void *data);
void dv_sim_walk(const DvSimModel *model, DvSimWalk each, void *data);
/* The host's CLEAR_FEATURE(ENDPOINT_HALT), however it comes. */
void dv_sim_clear_halt(DvSimModel *model, guint8 endpoint);
void dv_sim_halt(DvSimModel *model, guint8 endpoint, gboolean halted);
gboolean dv_sim_is_halted(const DvSimModel *model, guint8 endpoint);
/* The device descriptor of a full-speed reader with an interface class of its own. */
void dv_sim_set_identity(DvSimModel *model, guint8 device_class, guint16 vid, guint16 pid);
/* Rows as text: "cr", "lf", "crlf", "none", "stx" (STX, rows with CR, ETX), "filled" (run together,
 * each filled up with '_' to 44). NULL for another frame. */
GByteArray *dv_sim_frame_text(const char *frame, char **rows);

/* One constructor per family: <family>_model.c. */
DvSimModel *dv_sim_cdc_acm_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_cdc_stx_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_cdc_soh_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_cdc_tlv_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_cdc_tlv_asked_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_cdc_syn_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_hid_keyboard_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_hid_pos_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_vendor_bulk_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_uvc_bulk_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_uvc_iso_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_uvc_yuy2_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_uvc_old_new(guint16 vid, guint16 pid);
DvSimModel *dv_sim_uvc_15_new(guint16 vid, guint16 pid);
