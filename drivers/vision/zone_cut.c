// SPDX-License-Identifier: Apache-2.0
/* The zone alone, straightened between its four corners, for the officer's eyes. */
#include "grey.h"
#include <math.h>
#include <string.h>
#include <turbojpeg.h>

#define WIDTH_MOST 1056 /* 24 pixels a character of the longest line */
/* Around the corners, of the zone's own size: they lie close to the print. */
#define BESIDE 0.01
#define ABOVE 0.12

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
straighten(const DvImage *image, const DvPoint quad[4], guint most)
{
    double across = MAX(side(&quad[0], &quad[1]), side(&quad[3], &quad[2]));
    double down = MAX(side(&quad[0], &quad[3]), side(&quad[1], &quad[2]));
    if (!(across >= 16 && down >= 4))
        return NULL;
    across *= 1 + 2 * BESIDE;
    down *= 1 + 2 * ABOVE;
    double scale = MIN(1, MIN(most / across, most / 4.0 / down));
    DvImage *cut = image_new((guint)MAX(across * scale, 1), (guint)MAX(down * scale, 1));
    for (guint row = 0; row < cut->height; row++) {
        double v = (row + 0.5) / cut->height * (1 + 2 * ABOVE) - ABOVE;
        for (guint column = 0; column < cut->width; column++) {
            double u = (column + 0.5) / cut->width * (1 + 2 * BESIDE) - BESIDE;
            double a = (1 - u) * (1 - v), b = u * (1 - v), c = u * v, d = (1 - u) * v;
            cut->pixels[(gsize)row * cut->width + column] =
                nearest_pixel(image, a * quad[0].x + b * quad[1].x + c * quad[2].x + d * quad[3].x,
                              a * quad[0].y + b * quad[1].y + c * quad[2].y + d * quad[3].y);
        }
    }
    return cut;
}

/* Returns its length; 0 where even the worst quality is too long. */
static gsize
compress(const DvImage *cut, guint8 *to, gsize most)
{
    static const int qualities[] = {85, 70, 55, 40, 25};
    gsize room = tjBufSize((int)cut->width, (int)cut->height, TJSAMP_GRAY), kept = 0;
    g_autofree guint8 *bytes = g_malloc(room);
    guint8 *out = bytes;
    tjhandle handle = tjInitCompress();
    for (guint i = 0; handle != NULL && i < G_N_ELEMENTS(qualities) && kept == 0; i++) {
        unsigned long length = room;
        if (tjCompress2(handle, cut->pixels, (int)cut->width, 0, (int)cut->height, TJPF_GRAY, &out,
                        &length, TJSAMP_GRAY, qualities[i], TJFLAG_NOREALLOC) == 0 &&
            length <= most)
            kept = length;
    }
    if (handle != NULL)
        tjDestroy(handle);
    memcpy(to, bytes, kept);
    return kept;
}

gsize
dv_vision_cut_zone(const DvImage *image, const DvReading *reading, guint8 *to, gsize most)
{
    gsize length = 0;
    /* Where much is to be seen beside the characters, smaller. */
    for (guint width = WIDTH_MOST; reading->has_quad && length == 0 && width >= WIDTH_MOST / 4;
         width /= 2) {
        g_autoptr(DvImage) cut = straighten(image, reading->quad, width);
        if (cut == NULL)
            return 0;
        length = compress(cut, to, most);
    }
    return length;
}
