// SPDX-License-Identifier: Apache-2.0
/* What would help: closer, less glare, hold still, the other side. Coarse, and meant to be. */
#include "guide.h"
#include "guide_look.h"
#include <math.h>

#define ZONE_WIDTH_LEAST 300.0 /* pixels; 30 characters of ten */
/* Tried on drawn pages and on specimens put on a drawn desk: whole, far, burnt, moved, out of
 * focus; and on empty desks of several kinds. */
#define PRINTED_LEAST 3.0 /* thousandths of the image; less is an empty desk */
#define EXTENT_LEAST 0.22 /* of the image's larger side: a page's letters are large enough then */
#define BURNT_MOST 4.0    /* thousandths of the image, amid the print */
#define DIRECTION_LEAST 0.62 /* letters have as many strokes across as along */
#define FINE_LEAST 0.7       /* a sharp stroke loses depth when the image is halved */
#define BURNT 250            /* grey level of what a reflection leaves */
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

static guint
guides_of_zone(const DvImage *image, const DvReading *reading)
{
    guint guides = 0;
    double width =
        hypot(reading->quad[1].x - reading->quad[0].x, reading->quad[1].y - reading->quad[0].y);
    if (width < ZONE_WIDTH_LEAST)
        guides |= DV_GUIDE_CLOSER;
    if (burnt_share(image, reading) > BURNT_SHARE)
        guides |= DV_GUIDE_GLARE;
    return guides != 0 ? guides : DV_GUIDE_STILL;
}

static guint
guides_without_zone(const DvImage *image)
{
    GuideLook look;
    guide_look(image, &look);
    if (look.printed < PRINTED_LEAST)
        return 0;
    if (look.extent < EXTENT_LEAST)
        return DV_GUIDE_CLOSER;
    if (look.burnt > BURNT_MOST)
        return DV_GUIDE_GLARE;
    if (look.direction < DIRECTION_LEAST || look.fine < FINE_LEAST)
        return DV_GUIDE_STILL;
    return DV_GUIDE_TURN;
}

void
guide_settle(const DvImage *image, DvReading *reading)
{
    if (reading->line_count > 0)
        reading->guides = 0;
    else
        reading->guides =
            reading->has_quad ? guides_of_zone(image, reading) : guides_without_zone(image);
}
