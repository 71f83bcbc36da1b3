// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What an image shows in which no zone was found, whatever way ink was looked for: how much is
 * printed there, how large that is, how sharp, and whether light burns it out. Blocks of 8 x 8
 * pixels of the image at 640 a side; a block is printed where a line through it dips (light, dark,
 * light).
 */
#include <darvaza/vision.h>

typedef struct {
    double printed; /* of the image, thousandths */
    double burnt;   /* of the image, within what is printed; thousandths */
    double extent;  /* of what is printed, of the image's larger side */
    double
        direction; /* strokes across by strokes along, the fewer by the more: low where it moves */
    double fine;   /* depth of strokes by that of strokes twice as wide: low out of focus */
} GuideLook;

void guide_look(const DvImage *image, GuideLook *look);
