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
/* A page around the zone of the image at path, in colour; with a portrait where one belongs, by the
 * zone's own pitch. NULL where no zone of two lines is read in it. */
DvImage *dv_drawn_page(const char *path, gboolean face);
