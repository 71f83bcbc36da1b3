// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The document camera: while somebody holds the lane its frames go, the newest first and one at a
 * time, to darvaza-vision; what two of them agree on is a document, told like a reader's. The last
 * document's images are kept for whoever holds the lane, for a while and in bounded memory.
 */
#include "agreement.h"
#include "cameras.h"
#include <darvaza/face_client.h>

typedef struct DvPages DvPages;

/* What is told of a document with its lines, beside what TakePage hands out. Each picture is a JPEG
 * that darvaza-vision made, or NULL. */
typedef struct {
    const char *const *lines; /* NULL-terminated */
    gint64 arrived_us;
    guint corrections; /* characters that check digits decided */
    GBytes *portrait, *zone, *page;
} DvDocumentSeen;

typedef struct {
    void (*started)(const char *camera, void *data);
    /* The images can be had from now on with this serial; returns it. */
    guint64 (*document)(const char *camera, const DvDocumentSeen *seen, void *data);
    void (*failed)(const char *camera, const char *why, void *data);
    void (*guides)(const char *camera, guint guides, void *data); /* DvGuide */
} DvPagesEvents;

/* wanted: PLACE or VID:PID of the document camera; "": there is none. Cameras and vision must
 * outlive the pages. */
DvPages *dv_pages_new(DvCameras *cameras, DvVisionClient *vision, const char *wanted,
                      const DvPagesEvents *events, void *data);
/* Before the cameras; what is with darvaza-vision then is answered first or forgotten with it. */
void dv_pages_free(DvPages *pages);

/* Is this the camera that the configuration means? */
gboolean dv_pages_is_it(const DvPages *pages, const DvDeviceInfo *device);
/* A camera of the lane is there while somebody holds the lane. */
void dv_pages_see(DvPages *pages, const DvDeviceInfo *device);
/* There is no camera at this place any more. */
void dv_pages_lose(DvPages *pages, const char *camera);
/* The cameras have kept a new frame of it. */
void dv_pages_frame(DvPages *pages, const char *camera);
/* The lane was given back: nothing is filmed, nothing kept. */
void dv_pages_release(DvPages *pages);

/* Answers with an image of the document with this serial: part "page" or "zone". */
void dv_pages_take(DvPages *pages, DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation,
                   guint64 serial, const char *part);
/* Whether documents are read from this camera now, and what keeps them from it (DvGuide). */
gboolean dv_pages_guides(const DvPages *pages, const char *camera, guint *guides);
/* Whether the document before the camera was told: no more is to be done with it. */
gboolean dv_pages_lies_read(const DvPages *pages);
/* NULL-terminated words for flags of DvGuide; free the array, not the words. */
const char **dv_pages_guide_words(guint guides);
