// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Inside the service: what service.c (devices, life) and peers.c (clients) share. */
#include "cameras.h"
#include <darvaza/bus.h>
#include <darvaza/device_service.h>

typedef struct {
    DvDeviceService *service;
    GDBusConnection *connection; /* owned */
    DvBusDevices1 *skeleton;     /* owned */
    gulong closed_handler;
} DvPeer;

struct DvDeviceService {
    char *lane;
    char **ports; /* empty: all */
    DvUsbHost *usb;
    DvCameras *cameras;
    DvBusServer *bus;
    GPtrArray *peers;  /* of Peer, owned */
    DvPeer *holder;    /* who claimed the lane; NULL: nobody */
    guint64 serial;    /* documents read since start */
    guint64 unclaimed; /* of these, dropped because nobody held the lane */
};

/* service.c */
gboolean dv_service_has(const DvDeviceService *service, const DvDeviceInfo *device);
/* A row of ListDevices. */
GVariant *dv_service_describe(const DvDeviceInfo *device);

/* peers.c: exports the interface to a client that has connected; peers are freed with this. */
void dv_service_add_peer(GDBusConnection *connection, void *service);
void dv_service_peer_free(gpointer peer);
