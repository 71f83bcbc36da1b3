// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A face of nobody, shaded enough for detectors of real faces to find it. */
#include <darvaza/vision.h>

typedef struct {
    double x, y;     /* between the eyes, in pixels */
    double distance; /* between the eyes */
    double turn;     /* radians clockwise */
} DvDrawnFace;

/* An empty wall in colour. Free with dv_image_free. */
DvImage *dv_drawn_wall(guint width, guint height);
/* Draws head, neck and shoulders into an image of three channels. */
void dv_drawn_face(DvImage *image, const DvDrawnFace *face);
