// SPDX-License-Identifier: Apache-2.0
#include "guide_look.h"
#include "grey.h"

#define SIDE 640  /* pixels of the larger side that are looked at */
#define BLOCK 8   /* pixels: a letter and its neighbours, or a stroke and what is beside it */
#define STROKE 24 /* grey levels that a stroke is darker than both its sides; noise is below */
#define BURNT 250 /* grey level of what a reflection leaves */
#define BEYOND 20 /* a part in so many of what is printed counts as stray on each side */

typedef struct {
    guint columns, rows;            /* of blocks */
    guint8 *across, *along, *least; /* of each block: deepest dips, and its darkest pixel */
} Blocks;

/* The mean of step x step pixels for each. */
static DvImage *
shrink(const DvImage *image, guint step)
{
    DvImage *small = image_new(image->width / step, image->height / step);
    guint all = step * step;
    for (guint y = 0; y < small->height; y++)
        for (guint x = 0; x < small->width; x++) {
            const guint8 *from = image->pixels + (gsize)y * step * image->width + (gsize)x * step;
            guint sum = 0;
            for (guint j = 0; j < step; j++)
                for (guint i = 0; i < step; i++)
                    sum += from[(gsize)j * image->width + i];
            small->pixels[(gsize)y * small->width + x] = (guint8)(sum / all);
        }
    return small;
}

/* How much darker the darkest stroke of a line is than the lighter pixels on both its sides. */
static guint8
dip_of(const guint8 *line, gsize step)
{
    guint8 before[BLOCK], highest = 0, deepest = 0;
    for (guint i = 0; i < BLOCK; i++) {
        highest = MAX(highest, line[i * step]);
        before[i] = highest;
    }
    highest = 0;
    for (guint i = BLOCK; i-- > 0;) {
        highest = MAX(highest, line[i * step]);
        deepest = MAX(deepest, (guint8)(MIN(before[i], highest) - line[i * step]));
    }
    return deepest;
}

static void
look_at_block(const guint8 *at, gsize row, guint8 *across, guint8 *along, guint8 *least)
{
    *across = *along = 0;
    *least = 255;
    for (guint i = 0; i < BLOCK; i++) {
        *across = MAX(*across, dip_of(at + i * row, 1));
        *along = MAX(*along, dip_of(at + i, row));
        for (guint j = 0; j < BLOCK; j++)
            *least = MIN(*least, at[i * row + j]);
    }
}

static void
blocks_clear(Blocks *blocks)
{
    g_free(blocks->across);
    g_free(blocks->along);
    g_free(blocks->least);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Blocks, blocks_clear)

static void
look_at_blocks(const DvImage *image, Blocks *blocks)
{
    blocks->columns = image->width / BLOCK;
    blocks->rows = image->height / BLOCK;
    gsize count = (gsize)blocks->columns * blocks->rows;
    blocks->across = g_malloc(count + 1);
    blocks->along = g_malloc(count + 1);
    blocks->least = g_malloc(count + 1);
    for (gsize i = 0; i < count; i++)
        look_at_block(image->pixels + i / blocks->columns * BLOCK * image->width +
                          i % blocks->columns * BLOCK,
                      image->width, &blocks->across[i], &blocks->along[i], &blocks->least[i]);
}

/* First and last place between which what was counted lies, without strays. */
static void
reach(const guint *counts, guint places, guint all, guint *first, guint *last)
{
    guint sum = 0, stray = all / BEYOND;
    *first = *last = 0;
    while (*first + 1 < places && sum + counts[*first] <= stray)
        sum += counts[(*first)++];
    sum = 0;
    for (*last = places - 1; *last > *first && sum + counts[*last] <= stray; (*last)--)
        sum += counts[*last];
}

static void
look_at_extent(const Blocks *blocks, guint printed, GuideLook *look)
{
    g_autofree guint *columns = g_new0(guint, blocks->columns);
    g_autofree guint *rows = g_new0(guint, blocks->rows);
    guint left, right, top, bottom, burnt = 0;
    gsize count = (gsize)blocks->columns * blocks->rows;
    for (gsize i = 0; i < count; i++)
        if (MAX(blocks->across[i], blocks->along[i]) >= STROKE) {
            columns[i % blocks->columns]++;
            rows[i / blocks->columns]++;
        }
    reach(columns, blocks->columns, printed, &left, &right);
    reach(rows, blocks->rows, printed, &top, &bottom);
    for (guint y = top; y <= bottom; y++)
        for (guint x = left; x <= right; x++)
            burnt += blocks->least[(gsize)y * blocks->columns + x] >= BURNT;
    look->burnt = 1000.0 * burnt / (double)count;
    look->extent = (double)MAX(right - left + 1, bottom - top + 1) /
                   (double)MAX(blocks->columns, blocks->rows);
}

/* Depth of the strokes by that of strokes twice as wide at the same places. */
static double
fineness(const Blocks *fine, const Blocks *coarse)
{
    double narrow = 0, wide = 0;
    for (guint y = 0; y < coarse->rows; y++)
        for (guint x = 0; x < coarse->columns; x++) {
            gsize at = (gsize)y * coarse->columns + x, from = (gsize)y * 2 * fine->columns + x * 2;
            guint deep = 0, broad = MAX(coarse->across[at], coarse->along[at]);
            for (guint i = 0; i < 4; i++) {
                gsize block = from + i / 2 * fine->columns + i % 2;
                deep = MAX(deep, MAX(fine->across[block], fine->along[block]));
            }
            if (MAX(deep, broad) < STROKE)
                continue;
            narrow += deep;
            wide += broad;
        }
    return wide > 0 ? narrow / wide : 1;
}

void
guide_look(const DvImage *image, GuideLook *look)
{
    g_auto(Blocks) fine = {0}, coarse = {0};
    guint step = MAX((MAX(image->width, image->height) + SIDE - 1) / SIDE, 1), printed = 0;
    double across = 0, along = 0;
    *look = (GuideLook){.direction = 1, .fine = 1};
    if (MIN(image->width, image->height) / step < 4 * BLOCK)
        return;
    g_autoptr(DvImage) small = shrink(image, step);
    look_at_blocks(small, &fine);
    gsize count = (gsize)fine.columns * fine.rows;
    for (gsize i = 0; i < count; i++)
        if (MAX(fine.across[i], fine.along[i]) >= STROKE) {
            printed++;
            across += fine.across[i];
            along += fine.along[i];
        }
    look->printed = 1000.0 * printed / (double)count;
    if (printed == 0)
        return;
    g_autoptr(DvImage) smaller = image_half(small);
    look_at_blocks(smaller, &coarse);
    look->direction = MIN(across, along) / MAX(across, along);
    look->fine = fineness(&fine, &coarse);
    look_at_extent(&fine, printed, look);
}
