// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The USB/IP transport, shared between its files: usbip.c has the peers, usbip_requests.c what they
 * ask of an attached device, usbip_proto.c the bytes. */
#include "transport.h"
#include "usbip_proto.h"
#include <gio/gio.h>

typedef struct {
    void *owner; /* the transport */
    GSocketConnection *connection;
    GSource *reads, *writes; /* writes: while the peer has no room */
    GByteArray *in, *out;    /* not yet understood; not yet sent */
    DvSimDevice *device;     /* attached; NULL: none yet */
    gsize asked;             /* bytes that the buffers of its requests have */
} DvSimUsbipLine;

/* Sends what can be sent. */
void dv_sim_usbip_flush(DvSimUsbipLine *line);
void dv_sim_usbip_obey(DvSimUsbipLine *line, const DvUsbipCommand *command);
/* line NULL: the peer is gone. */
void dv_sim_usbip_completed(DvSimUsbipLine *line, DvSimUrb *urb);
/* All requests of the device, without a word. With the bus locked. */
void dv_sim_usbip_drop_all(DvSimDevice *device);
/* Where it listens. */
guint16 dv_sim_usbip_port(const DvSimTransport *transport);
