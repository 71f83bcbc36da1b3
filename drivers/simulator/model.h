// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A simulated USB device, independent of how it is attached: descriptors, and what it answers on
 * its endpoints. A transport (usbfs.h) owns URBs and timing; a model owns what is on the wire.
 * Not thread-safe: a transport calls a model under its own lock.
 */
#include <glib.h>

#define DV_SIM_DEVICE_DESCRIPTOR_SIZE 18

typedef struct DvSimModel DvSimModel;

struct DvSimModel {
    guint8 device_descriptor[DV_SIM_DEVICE_DESCRIPTOR_SIZE];
    const guint8 *config; /* configuration descriptor with all that follows it */
    gsize config_length;
    const char *strings[4]; /* by string index; [0] unused, NULL: none */
    guint8 configuration;
    guint32 halted_in, halted_out; /* bit per endpoint number */

    /* Class and vendor requests. Bytes moved, or a negative errno (-EPIPE: not known). */
    int (*control)(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length);
    /* What the device has to say on an IN endpoint: bytes, or -EAGAIN when nothing. One packet a
     * call, so that the model decides where transfers end. */
    int (*in)(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max);
    /* The reading head has produced these bytes. They are one packet if the host is waiting. */
    void (*produce)(DvSimModel *model, const guint8 *bytes, gsize length);
    /* Has the host opened it, so that what is produced goes anywhere? */
    gboolean (*listening)(const DvSimModel *model);
    void (*free)(DvSimModel *model);
};

/* "cdc-acm"; NULL for an unknown name. */
DvSimModel *dv_sim_model_new(const char *name, guint16 vid, guint16 pid);
void dv_sim_model_free(DvSimModel *model);

/* A control transfer as a device sees it: standard requests are answered here (USB 2.0, 9.4), the
 * others by the model. Bytes moved or a negative errno. */
int dv_sim_control(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length);
/* Like model->in, with halts; -EPIPE while halted. */
int dv_sim_in(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max);
void dv_sim_halt(DvSimModel *model, guint8 endpoint, gboolean halted);
/* The first bulk IN endpoint of the configuration; 0: none. */
guint8 dv_sim_bulk_in(const DvSimModel *model);

/* cdc_acm_model.c */
DvSimModel *dv_sim_cdc_acm_new(guint16 vid, guint16 pid);
