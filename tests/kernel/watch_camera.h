// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The client's side of cameras: commands in, one row of JSON for each frame out. */
#include "dv-devices1.h"
#include <jansson.h>

typedef void (*WatchTell)(void *watch, json_t *row);

typedef struct {
    DvBusDevices1 *proxy;
    WatchTell tell; /* takes the row */
    void *watch;
    char *device;
    guint64 after; /* serial of the last frame */
    guint left;    /* so many frames are still to be taken */
    gboolean asking;
} WatchCamera;

/* "start DEVICE WIDTH HEIGHT FPS FORMAT", "take DEVICE COUNT" or "stop DEVICE"; what came of it is
 * told. One camera at a time is taken from. */
void watch_camera_command(WatchCamera *camera, const char *line);
