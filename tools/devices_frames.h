// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <glib.h>

typedef struct {
    const char *socket_path;
    const char *camera; /* its place */
    const char *size;   /* "1280x960" or "1280x960@30"; NULL: as the driver thinks best */
    const char *format; /* "mjpeg", "yuy2"; NULL: either */
    const char *lane;   /* that the daemon serves; taken while it looks */
    const char *folder; /* for the frames' files; NULL: they are not kept */
    int count;
} DvFramesWish;

/* Takes frames and prints one JSON object and line for each. An exit status. */
int dv_devices_frames(const DvFramesWish *wish);
