// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What a page shows of a camera: its newest frame, compressed again by darvaza-vision, and now and
 * then what was seen on it. A camera streams while its frames are asked for and a little longer.
 * Nothing is kept beyond the last judgement.
 */
#include "pages.h"
#include <darvaza/face_client.h>

#define DV_VIEWS_WAITING 8
#define DV_VIEWS_WAIT_MS 2000

typedef struct DvViews DvViews;

/* pages may be NULL: no camera reads documents. All must outlive the views. */
DvViews *dv_views_new(DvCameras *cameras, DvVisionClient *vision, DvPages *pages);
void dv_views_free(DvViews *views);

/* Answers its invocation, perhaps later. The caller has seen to it that this client may, and that
 * there is a camera at the place. */
void dv_views_view(DvViews *views, DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation,
                   const char *id, guint64 after, guint wait_ms, GVariant *want);

/* The cameras have kept a new frame of it. */
void dv_views_frame(DvViews *views, const char *camera);
/* The lane was given back: who waits is refused, and what was seen forgotten. */
void dv_views_release(DvViews *views);

/* ---- view_answers.c */
/* The answer's meta. view: of this frame; seen: of the last one that was judged. pages may be NULL.
 */
GVariant *dv_view_describe(const DvPages *pages, const char *id, const DvFaceView *view,
                           const DvFaceView *seen, GBytes *portrait);
/* CompareFaces: answers its invocation, as a rule later. The caller has seen to it that this client
 * may. */
void dv_compare_faces(DvVisionClient *vision, DvBusDevices1 *skeleton,
                      GDBusMethodInvocation *invocation, GVariant *one, GVariant *other);
