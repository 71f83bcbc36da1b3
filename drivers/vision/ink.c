// SPDX-License-Identifier: Apache-2.0
/* Strokes, whatever the ground: the closing of 13x13 less the image itself, against its local mean.
 */
#include "locate.h"
#include <string.h>

#define WINDOW 13
#define REACH (WINDOW / 2)
#define MEAN_REACH 16

/* Largest (or with flip 255 smallest) of 13 neighbours in a row by doubling: 2, 4, 8, 13. */
static void
row_extreme(const guint8 *in, guint8 *out, guint width, guint8 *restrict work, guint8 flip)
{
    guint padded = width + WINDOW - 1;
    memset(work, in[0] ^ flip, REACH);
    for (guint x = 0; x < width; x++)
        work[REACH + x] = in[x] ^ flip;
    memset(work + REACH + width, in[width - 1] ^ flip, REACH);
    for (guint reach = 1; reach <= 4; reach *= 2)
        for (guint x = 0; x + reach < padded; x++)
            work[x] = MAX(work[x], work[x + reach]);
    for (guint x = 0; x < width; x++)
        out[x] = MAX(work[x], work[x + 5]) ^ flip;
}

static void
rows_maximum(guint8 *to, const guint8 *a, const guint8 *b, guint width)
{
    for (guint x = 0; x < width; x++)
        to[x] = MAX(a[x], b[x]);
}

static void
rows_minimum(guint8 *to, const guint8 *a, const guint8 *b, guint width)
{
    for (guint x = 0; x < width; x++)
        to[x] = MIN(a[x], b[x]);
}

/* The same down the columns, in place. work holds height + 12 rows. */
static void
column_extreme(guint8 *pixels, guint width, guint height, guint8 *work, guint8 flip)
{
    guint padded = height + WINDOW - 1;
    void (*pick)(guint8 *, const guint8 *, const guint8 *, guint) =
        flip ? rows_minimum : rows_maximum;
    for (guint y = 0; y < padded; y++) {
        guint from = (guint)CLAMP((gint)y - REACH, 0, (gint)height - 1);
        memcpy(work + (gsize)y * width, pixels + (gsize)from * width, width);
    }
    for (guint reach = 1; reach <= 4; reach *= 2)
        for (guint y = 0; y + reach < padded; y++)
            pick(work + (gsize)y * width, work + (gsize)y * width,
                 work + (gsize)(y + reach) * width, width);
    for (guint y = 0; y < height; y++)
        pick(pixels + (gsize)y * width, work + (gsize)y * width, work + (gsize)(y + 5) * width,
             width);
}

static guint8 *
black_hat(const DvImage *image)
{
    guint width = image->width, height = image->height;
    guint8 *closed = g_malloc((gsize)width * height);
    g_autofree guint8 *work = g_malloc((gsize)width * (height + WINDOW) + WINDOW);
    for (guint y = 0; y < height; y++)
        row_extreme(image->pixels + (gsize)y * width, closed + (gsize)y * width, width, work, 0);
    column_extreme(closed, width, height, work, 0);
    for (guint y = 0; y < height; y++)
        row_extreme(closed + (gsize)y * width, closed + (gsize)y * width, width, work, 255);
    column_extreme(closed, width, height, work, 255);
    for (gsize i = 0; i < (gsize)width * height; i++)
        closed[i] = (guint8)(closed[i] - MIN(image->pixels[i], closed[i]));
    return closed;
}

/* Sums of a row's windows of 2 * MEAN_REACH + 1, clamped at the ends, from column sums. */
static void
threshold_row(const guint8 *depth, const guint32 *sums, guint8 *ink, guint width, guint32 times,
              guint floor)
{
    guint32 total = 0;
    for (guint x = 0; x < MIN(width, MEAN_REACH); x++)
        total += sums[x];
    for (guint x = 0; x < width; x++) {
        if (x + MEAN_REACH < width)
            total += sums[x + MEAN_REACH];
        if (x > MEAN_REACH)
            total -= sums[x - MEAN_REACH - 1];
        ink[x] = depth[x] >= floor && depth[x] * times >= total;
    }
}

guint8 *
ink_find(const DvImage *image, guint factor, guint floor)
{
    guint width = image->width, height = image->height;
    const guint area = (2 * MEAN_REACH + 1) * (2 * MEAN_REACH + 1);
    g_autofree guint8 *depth = black_hat(image);
    g_autofree guint32 *sums = g_new0(guint32, width);
    guint8 *ink = g_malloc((gsize)width * height);
    for (guint y = 0; y < MIN(height, MEAN_REACH); y++)
        for (guint x = 0; x < width; x++)
            sums[x] += depth[(gsize)y * width + x];
    for (guint y = 0; y < height; y++) {
        if (y + MEAN_REACH < height)
            for (guint x = 0; x < width; x++)
                sums[x] += depth[(gsize)(y + MEAN_REACH) * width + x];
        if (y > MEAN_REACH)
            for (guint x = 0; x < width; x++)
                sums[x] -= depth[(gsize)(y - MEAN_REACH - 1) * width + x];
        threshold_row(depth + (gsize)y * width, sums, ink + (gsize)y * width, width,
                      100 * area / factor, floor);
    }
    return ink;
}
