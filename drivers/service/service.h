// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Inside the service: what service.c (devices, life) and peers.c (clients) share. */
#include "cameras.h"
#include "views.h"
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
    DvVisionClient *vision;
    DvPages *pages; /* NULL: no camera reads documents */
    DvViews *views;
    char *lost; /* place of a camera that has gone, until it is looked into */
    guint look; /* idle source */
    DvBusServer *bus;
    GPtrArray *peers;  /* of Peer, owned */
    DvPeer *holder;    /* who claimed the lane; NULL: nobody */
    guint64 serial;    /* documents read since start */
    guint64 unclaimed; /* of these, dropped because nobody held the lane */
};

/* service.c */
gboolean dv_service_has(const DvDeviceService *service, const DvDeviceInfo *device);
/* Tells the lane's holder of a document, or counts it where there is none. */
void dv_service_document(DvDeviceService *service, const char *id, const char *family,
                         const DvDocumentSeen *seen);
/* Somebody has claimed the lane, or nobody holds it any more. */
void dv_service_claimed(DvDeviceService *service);
void dv_service_released(DvDeviceService *service);
/* A row of ListDevices. */
GVariant *dv_service_describe(const DvDeviceService *service, const DvDeviceInfo *device);

/* page_events.c: the document camera that the configuration names; NULL: none. */
DvPages *dv_service_pages_new(DvDeviceService *service, const DvConfig *config);
/* darvaza-vision with the models that the configuration names; started when first needed. */
DvVisionClient *dv_service_vision_new(const DvConfig *config);

/* peers.c: exports the interface to a client that has connected; peers are freed with this. */
void dv_service_add_peer(GDBusConnection *connection, void *service);
void dv_service_peer_free(gpointer peer);
