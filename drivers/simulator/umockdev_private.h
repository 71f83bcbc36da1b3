// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The umockdev transport, shared between its files: umockdev.c has the test bed,
 * umockdev_usbfs.c the usbfs requests (Linux, drivers/usb/core/devio.c), umockdev_urb.c those of
 * URBs.
 *
 * The requests come on umockdev's thread. Reading or writing the client's memory waits for the
 * client, which may be stopped or dying: never with the bus locked, or the whole simulator waits.
 */
#include "gate.h"
#include "transport.h"
#include <umockdev.h>

typedef struct {
    DvSimDevice *device;
    char *node, *syspath;
    UMockdevIoctlBase *handler;
    DvSimGate gate;
    GQueue done;                  /* of requests that have ended and wait to be reaped */
    UMockdevIoctlClient *claimer; /* weak; only umockdev's thread looks */
} DvSimLink;

/* On umockdev's thread, unlocked; each completes the ioctl. */
void dv_sim_urb_submit(DvSimLink *link, UMockdevIoctlClient *client);
void dv_sim_urb_discard(DvSimLink *link, UMockdevIoctlClient *client);
void dv_sim_urb_reap(DvSimLink *link, UMockdevIoctlClient *client);
/* All requests of a client that is no more. */
void dv_sim_urb_drop_all(DvSimLink *link, const UMockdevIoctlClient *client);

void dv_sim_urb_completed(DvSimLink *link, DvSimUrb *urb);
/* Frees all requests. */
void dv_sim_urb_clear(DvSimLink *link);

/* On umockdev's thread, unlocked. */
void dv_sim_usbfs_request(DvSimLink *link, UMockdevIoctlClient *client);
/* The claimer is gone: alternate settings are 0 again. */
void dv_sim_usbfs_unclaim(DvSimLink *link);
/* error: an errno, 0: done. */
void dv_sim_usbfs_answer(UMockdevIoctlClient *client, int error);
