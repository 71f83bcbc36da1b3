// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The usb-redir transport, shared between its two files: redir.c has the sockets and the plugging,
 * redir_requests.c what the host asks of a device and what it is told. Everything runs on the main
 * thread; the library's parser is never called with the bus locked but to queue an answer.
 *
 * A host's controller does not wait at interrupt and isochronous endpoints: the protocol has
 * streams for them, which send on their own from start to stop.
 */
#include "transport.h"
#include <gio/gio.h>
#include <usbredirparser.h>

#define DV_SIM_REDIR_ENDPOINTS 32 /* 0 to 15 out, 16 to 31 in, as in the protocol's tables */

typedef struct DvSimRedirLine DvSimRedirLine;

typedef struct {
    DvSimRedirLine *line;
    guint8 endpoint;
    guint64 next_id; /* of the packets that it sends */
    guint empty;     /* isochronous packets without data */
    guint retry;     /* source: asks again after an error; 0: none */
} DvSimRedirStream;

/* A port of the guest's host controller. */
struct DvSimRedirLine {
    char *path;
    GSocketService *service;
    GSocketConnection *connection; /* NULL: no host has come */
    struct usbredirparser *parser; /* as long as the connection */
    GSource *reads, *writes;       /* writes NULL: nothing waits for room */
    gboolean greeted;              /* the host has said what it can do */
    DvSimDevice *device;           /* NULL: nothing is plugged in */
    DvSimRedirStream streams[DV_SIM_REDIR_ENDPOINTS];
};

/* Sets the parser's callbacks. */
void dv_sim_redir_serve(DvSimRedirLine *line);
/* Tells a host that has greeted that a device is there. */
void dv_sim_redir_announce(DvSimRedirLine *line);
/* The transport's slot: answers, and frees the request or submits it anew. */
void dv_sim_redir_completed(DvSimTransport *transport, DvSimDevice *device, DvSimUrb *urb);
/* Nobody waits for its requests any more: they are dropped, streams end. Bus locked. */
void dv_sim_redir_drop_all(DvSimRedirLine *line, DvSimDevice *device);
/* Sends what is queued, as far as the host takes it. */
void dv_sim_redir_flush(DvSimRedirLine *line);
