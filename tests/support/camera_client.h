// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Frames of simulated cameras as a client of darvaza-devices takes them, with the number that the
 * simulator put into each (docs/formats/simulator-control.md). */
#include "sim_rig.h"

typedef struct {
    guint64 serial, dropped;
    guint number; /* the simulator's; 0: there is none in it */
    gboolean mjpeg;
    guint width, height;
    gsize length;
    gint64 arrived_us;
} CameraFrame;

/* size 0: as the driver thinks best; format NULL: either. FALSE with the error. */
gboolean camera_start(SimClient *client, const char *port, guint width, guint height, guint fps,
                      const char *format, GError **error);
void camera_stop(SimClient *client, const char *port);
/* Waits for a frame newer than `after` and checks what can be checked of any: sealed, of its size,
 * a picture's begin and end. FALSE with the error. */
gboolean camera_take(SimClient *client, const char *port, guint64 after, CameraFrame *frame,
                     GError **error);
/* The same, and it must come within RIG_PATIENCE_S, whatever happens to the camera meanwhile. */
void camera_await(SimClient *client, const char *port, guint64 after, CameraFrame *frame);
/* Bytes of memory that are the process's own and in use. */
gsize camera_memory_of(GPid process);
