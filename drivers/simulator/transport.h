// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What brings a plugged-in device before a host: umockdev.c (libusb of a program that runs here),
 * redir.c (a QEMU guest), usbip.c (a Linux kernel). The bus owns ports, shapes of unplugging and
 * the requests' queue (urb.h); a transport carries requests in and results out.
 *
 * Slots are called on the main thread with the bus locked, unless they say otherwise. A transport
 * that has no thread of its own need not care: it locks, calls, unlocks.
 */
#include "urb.h"

typedef struct DvSimTransport DvSimTransport;

struct DvSimTransport {
    /* The cable goes in. Not locked: no request can come before it returns. */
    gboolean (*attach)(DvSimTransport *transport, DvSimDevice *device, GError **error);
    /* The cable is out; all requests have ended (device->gone). The host must hear of it: FALSE
     * when it cannot now, and is to be told again in a moment. Not locked. Requests may still come
     * and are refused, until forget(). */
    gboolean (*detach)(DvSimTransport *transport, DvSimDevice *device);
    /* A request has its result. On whatever thread ended it. It may be submitted anew: that is
     * then taken up at the next turn of the main loop. */
    void (*completed)(DvSimTransport *transport, DvSimDevice *device, DvSimUrb *urb);
    /* The end of every dv_sim_device_advance(), on its thread. NULL: nothing to do. */
    void (*settled)(DvSimTransport *transport, DvSimDevice *device);
    /* The "add" event once more. NULL: this host has no such thing. Not locked. */
    gboolean (*announce)(DvSimTransport *transport, DvSimDevice *device, GError **error);
    /* Whether the node may be opened. NULL: not ours to say. Not locked. */
    gboolean (*permit)(DvSimTransport *transport, DvSimDevice *device, gboolean permitted,
                       GError **error);
    /* No thread of the transport runs after this. NULL: it has none. Not locked. */
    void (*stop)(DvSimTransport *transport);
    /* Frees device->link and every request that is still queued, at the end of all (attach() that
     * failed included). Not locked. */
    void (*forget)(DvSimTransport *transport, DvSimDevice *device);
    void (*free)(DvSimTransport *transport);
};

/* Sets UMOCKDEV_DIR for this process and its children. */
DvSimTransport *dv_sim_umockdev_new(void);
/* Listens in FOLDER, at 1-1.sock to 1-9.sock (redir.c). Only where usbredir's parser is. */
DvSimTransport *dv_sim_redir_new(const char *folder, GError **error);
/* Listens on a TCP port of this machine; 0: any (usbip.c). */
DvSimTransport *dv_sim_usbip_new(guint16 port, GError **error);

void dv_sim_bus_lock(DvSimBus *bus);
void dv_sim_bus_unlock(DvSimBus *bus);
/* What the bus was made with. */
DvSimTransport *dv_sim_bus_transport(DvSimBus *bus);
