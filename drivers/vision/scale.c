// SPDX-License-Identifier: Apache-2.0
/* Half and twice the size: all the scaling that reading needs. */
#include "grey.h"

DvImage *
image_half(const DvImage *image)
{
    guint width = image->width / 2, height = image->height / 2;
    DvImage *half = image_new(width, height);
    half->scale = image->scale * 2;
    for (guint y = 0; y < height; y++) {
        const guint8 *a = image->pixels + (gsize)(2 * y) * image->width, *b = a + image->width;
        guint8 *out = half->pixels + (gsize)y * width;
        for (guint x = 0; x < width; x++)
            out[x] = (guint8)((a[2 * x] + a[2 * x + 1] + b[2 * x] + b[2 * x + 1] + 2) / 4);
    }
    return half;
}

/* Weights 3 and 1 of the two nearest in each direction. */
DvImage *
image_double(const DvImage *image)
{
    guint width = image->width * 2, height = image->height * 2;
    DvImage *twice = image_new(width, height);
    twice->scale = image->scale / 2;
    for (guint y = 0; y < height; y++) {
        guint near_y = y / 2,
              far_y = y % 2 ? MIN(near_y + 1, image->height - 1) : MAX(near_y, 1) - 1;
        const guint8 *a = image->pixels + (gsize)near_y * image->width;
        const guint8 *b = image->pixels + (gsize)far_y * image->width;
        for (guint x = 0; x < width; x++) {
            guint near_x = x / 2,
                  far_x = x % 2 ? MIN(near_x + 1, image->width - 1) : MAX(near_x, 1) - 1;
            twice->pixels[(gsize)y * width + x] =
                (guint8)((9 * a[near_x] + 3 * a[far_x] + 3 * b[near_x] + b[far_x] + 8) / 16);
        }
    }
    return twice;
}
