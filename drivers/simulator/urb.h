// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A request of the host to an endpoint: it stays queued until the model has something, it is
 * cancelled, or the device is gone. What a host controller does, for every transport: requests of
 * one endpoint end in order, a halted endpoint ends them with -EPIPE, isochronous ones end when
 * their time on the bus is over.
 */
#include "model.h"

#define DV_SIM_MAX_REQUEST (1024 * 1024) /* bytes; a transport refuses what is larger */
#define DV_SIM_MAX_ISO_PACKETS 1024

typedef enum { DV_SIM_CONTROL, DV_SIM_ISO, DV_SIM_BULK, DV_SIM_INTERRUPT } DvSimKind;

typedef struct {
    gsize offset, length; /* where in the buffer, and how long at most */
    gsize actual;
    int status; /* 0 or a negative errno */
} DvSimIsoPacket;

/* A transport keeps one as the first member of a struct of its own. Everything that it points to
 * is the transport's and stays until the request has ended. */
typedef struct {
    DvSimKind kind;
    guint8 endpoint; /* with 0x80 for IN */
    guint8 setup[8]; /* control only */
    guint8 *buffer;  /* IN: filled; OUT: read */
    gsize length;
    DvSimIsoPacket *packets; /* isochronous only */
    guint packet_count;
    gint64 over_us; /* isochronous: when it ends; 0: not begun */
    /* the result */
    int status; /* 0 or a negative errno: -EPIPE, -EPROTO, -ENOENT (cancelled), -ESHUTDOWN */
    gsize actual;
} DvSimUrb;

typedef struct DvSimBus DvSimBus;

/* The ways in which a device leaves (each was seen on real hosts). */
typedef enum {
    DV_SIM_GONE,   /* pending requests end, then "no such device", then the kernel's event */
    DV_SIM_ERRORS, /* pending requests fail for 60 ms before the rest follows */
    DV_SIM_SILENT, /* no event at first: requests say "no such device" for 300 ms */
} DvSimUnplug;

/* A plugged-in device, as bus and transport share it. */
typedef struct {
    DvSimBus *bus;
    DvSimModel *model;
    char *port;             /* "1-1" */
    guint number;           /* 2 to 127: a kernel gives every plugging a new one too */
    GQueue urbs;            /* of DvSimUrb, in order of submission: those that have not ended */
    gboolean gone;          /* everything ends with -ESHUTDOWN, what is new is refused */
    gboolean held;          /* by another program: claims are refused */
    guint fail_reads;       /* so many IN requests end with -EPROTO */
    gboolean leaving;       /* an unplug that takes its time is under way */
    DvSimUnplug shape;      /* of that unplug */
    gboolean advancing;     /* inside dv_sim_device_advance() */
    gboolean again;         /* and something was submitted meanwhile */
    gint64 iso_over_us[16]; /* by endpoint: until when its requests so far last */
    guint leave_source;     /* of the bus */
    GSource *wake;          /* of the bus: the model, or an isochronous request, has a time */
    void *link;             /* the transport's own */
} DvSimDevice;

/* All of these with the bus locked (dv_sim_bus_lock). */

/* Queues it and does what can be done now. It ends through the transport's completed(), perhaps
 * before this returns; it is the transport's again from then on. completed() may submit, but
 * neither cancel nor drop. */
void dv_sim_device_submit(DvSimDevice *device, DvSimUrb *urb);
/* Ends a queued request with -ENOENT, through completed(). */
void dv_sim_device_cancel(DvSimDevice *device, DvSimUrb *urb);
/* Takes a queued request out without a word: whoever asked is no more. */
void dv_sim_device_drop(DvSimDevice *device, DvSimUrb *urb);
/* Ends what can be ended now. To be called when model or device have changed. */
void dv_sim_device_advance(DvSimDevice *device);
