// SPDX-License-Identifier: Apache-2.0
/* What would help: closer, less glare, hold still, the other side. Coarse, and meant to be. */
#include "zone_reader.h"
#include <math.h>

#define ZONE_WIDTH_LEAST 300.0 /* pixels; 30 characters of ten */
#define BURNT 250              /* grey level of what a reflection leaves */
#define BURNT_SHARE 0.04

/* Share of burnt pixels in the rectangle round the zone, every second one of them. */
static double
burnt_share(const DvImage *image, const DvReading *reading)
{
    double left = G_MAXDOUBLE, top = G_MAXDOUBLE, right = 0, bottom = 0;
    guint burnt = 0, all = 0;
    for (guint i = 0; i < G_N_ELEMENTS(reading->quad); i++) {
        left = MIN(left, reading->quad[i].x / image->scale);
        right = MAX(right, reading->quad[i].x / image->scale);
        top = MIN(top, reading->quad[i].y / image->scale);
        bottom = MAX(bottom, reading->quad[i].y / image->scale);
    }
    guint x1 = (guint)CLAMP(right, 0, (double)image->width),
          y1 = (guint)CLAMP(bottom, 0, (double)image->height);
    for (guint y = (guint)MAX(top, 0); y < y1; y += 2)
        for (guint x = (guint)MAX(left, 0); x < x1; x += 2, all++)
            burnt += image->pixels[(gsize)y * image->width + x] >= BURNT;
    return all > 0 ? (double)burnt / all : 0;
}

void
guide_settle(const DvImage *image, DvReading *reading)
{
    gboolean print = (reading->guides & DV_GUIDE_TURN) != 0;
    reading->guides = 0;
    if (reading->line_count > 0)
        return;
    if (!reading->has_quad) {
        reading->guides = print ? DV_GUIDE_TURN : 0;
        return;
    }
    double width =
        hypot(reading->quad[1].x - reading->quad[0].x, reading->quad[1].y - reading->quad[0].y);
    if (width < ZONE_WIDTH_LEAST)
        reading->guides |= DV_GUIDE_CLOSER;
    if (burnt_share(image, reading) > BURNT_SHARE)
        reading->guides |= DV_GUIDE_GLARE;
    if (reading->guides == 0)
        reading->guides = DV_GUIDE_STILL;
}
