// SPDX-License-Identifier: Apache-2.0
/* The zone alone, straightened between its four corners, for the officer's eyes. */
#include "grey.h"
#include <math.h>
#include <turbojpeg.h>

#define WIDTH_MOST 1056 /* 24 pixels a character of the longest line */
#define HEIGHT_MOST 264
#define QUALITY 85

static double
side(const DvPoint *a, const DvPoint *b)
{
    return hypot(b->x - a->x, b->y - a->y);
}

static guint8
nearest_pixel(const DvImage *image, double x, double y)
{
    guint column = (guint)CLAMP(x / image->scale, 0, (double)image->width - 1);
    guint row = (guint)CLAMP(y / image->scale, 0, (double)image->height - 1);
    return image->pixels[(gsize)row * image->width + column];
}

static DvImage *
straighten(const DvImage *image, const DvPoint quad[4])
{
    double across = MAX(side(&quad[0], &quad[1]), side(&quad[3], &quad[2]));
    double down = MAX(side(&quad[0], &quad[3]), side(&quad[1], &quad[2]));
    if (!(across >= 16 && down >= 4))
        return NULL;
    double scale = MIN(1, MIN(WIDTH_MOST / across, HEIGHT_MOST / down));
    DvImage *cut = image_new((guint)MAX(across * scale, 1), (guint)MAX(down * scale, 1));
    for (guint row = 0; row < cut->height; row++) {
        double v = (row + 0.5) / cut->height;
        for (guint column = 0; column < cut->width; column++) {
            double u = (column + 0.5) / cut->width;
            double a = (1 - u) * (1 - v), b = u * (1 - v), c = u * v, d = (1 - u) * v;
            cut->pixels[(gsize)row * cut->width + column] =
                nearest_pixel(image, a * quad[0].x + b * quad[1].x + c * quad[2].x + d * quad[3].x,
                              a * quad[0].y + b * quad[1].y + c * quad[2].y + d * quad[3].y);
        }
    }
    return cut;
}

gsize
dv_vision_cut_zone(const DvImage *image, const DvReading *reading, guint8 *to, gsize most)
{
    g_autoptr(DvImage) cut = reading->has_quad ? straighten(image, reading->quad) : NULL;
    unsigned long length = most;
    tjhandle handle = cut != NULL ? tjInitCompress() : NULL;
    if (handle == NULL)
        return 0;
    gboolean fits = tjBufSize((int)cut->width, (int)cut->height, TJSAMP_GRAY) <= most;
    if (!fits || tjCompress2(handle, cut->pixels, (int)cut->width, 0, (int)cut->height, TJPF_GRAY,
                             &to, &length, TJSAMP_GRAY, QUALITY, TJFLAG_NOREALLOC) != 0)
        length = 0;
    tjDestroy(handle);
    return length;
}
