// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What a camera over a desk sees: a page somewhere on it, near or far, moved, or under a lamp. */
#include <darvaza/vision.h>

typedef struct {
    double x, y;  /* where the page's middle lies, in pixels */
    double scale; /* pixels of the desk per pixel of the page */
    double turn;  /* radians clockwise */
    guint moved;  /* pixels that the page moves sideways while the picture is taken */
    double lamp_x, lamp_y, lamp_wide, lamp_high; /* a reflection; no width: none */
} DvDesk;

/* 1280 x 960 in colour, with a sensor's noise. page: NULL: the desk is empty. Free with
 * dv_image_free. */
DvImage *dv_drawn_desk(const DvImage *page, const DvDesk *desk);
/* A page full of small print, without a zone. */
DvImage *dv_drawn_print(guint width, guint height);
