// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The cameras as the lane's client sees them: who is started, the latest frame of each, who waits
 * for the next. All bounded: DV_CAMERAS_MAX stores of two frames, DV_CAMERAS_WAITING clients'
 * calls, one answer with a frame on its way at a time, and DV_CAMERAS_AHEAD frames that the client
 * has not owned up to having.
 */
#include "dv-devices1.h"
#include "frame_store.h"
#include <darvaza/usbio.h>

#define DV_CAMERAS_MAX 8
#define DV_CAMERAS_WAITING 8
#define DV_CAMERAS_WAIT_MS 10000
#define DV_CAMERAS_AHEAD 8

typedef struct DvCameras DvCameras;

/* Tells the transport what is wanted of a camera; NULL: nothing. */
typedef void (*DvCamerasStream)(const char *id, const DvFrameWish *wish, void *data);
DvCameras *dv_cameras_new(DvCamerasStream stream, void *data);
void dv_cameras_free(DvCameras *cameras);

/* The three calls of org.darvaza.Devices1; each answers its invocation, take perhaps later. The
 * caller has seen to it that this client may, and that there is a camera at the place. */
void dv_cameras_start(DvCameras *cameras, DvBusDevices1 *skeleton,
                      GDBusMethodInvocation *invocation, const char *id, GVariant *wish);
void dv_cameras_stop(DvCameras *cameras, DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation,
                     const char *id);
void dv_cameras_take(DvCameras *cameras, DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation,
                     const char *id, guint64 after, guint wait_ms);
/* Parts of the service that want frames by themselves. */
typedef enum { DV_WANTED_BY_PAGES = 1 << 0, DV_WANTED_BY_VIEWS = 1 << 1 } DvWantedBy;
/* One of them wants frames of the camera at this place (NULL: no longer), whatever the other does
 * and the client starts and stops: it streams until nobody wants it. FALSE where too many are
 * started. */
gboolean dv_cameras_want(DvCameras *cameras, DvWantedBy who, const char *id,
                         const DvFrameWish *wish);
/* Belongs to the store, until the next one is kept; NULL where the camera is not started. */
const DvStoredFrame *dv_cameras_newest(const DvCameras *cameras, const char *id);
/* The client has given the lane back or has gone: nothing streams on. */
void dv_cameras_release(DvCameras *cameras);

/* As in DvUsbEvents. */
guint8 *dv_cameras_room(DvCameras *cameras, const char *id, gsize size);
void dv_cameras_frame(DvCameras *cameras, const DvDeviceInfo *device, const DvFrameInfo *frame,
                      gsize length, gint64 arrived_us);
