// SPDX-License-Identifier: Apache-2.0
/* Cutting cells out of an image, straightened, with bilinear sampling. */
#include "zone_reader.h"
#include <math.h>
#include <string.h>

#define LEAST 1e-4      /* no reading alone rules a character out */
#define PITCH_MOST 26.0 /* pixels; above, a halved image is cut from */

void
pyramid_build(Pyramid *pyramid, DvImage *finest)
{
    pyramid->level[0] = finest;
    pyramid->count = 1;
    while (pyramid->count < LEVELS_MAX) {
        const DvImage *last = pyramid->level[pyramid->count - 1];
        if (MIN(last->width, last->height) < 64)
            break;
        pyramid->level[pyramid->count++] = image_half(last);
    }
}

void
pyramid_clear(Pyramid *pyramid)
{
    for (guint i = 1; i < pyramid->count; i++)
        dv_image_free(pyramid->level[i]);
    pyramid->count = 0;
}

static inline float
sample(const DvImage *image, float x, float y)
{
    gint width = (gint)image->width, height = (gint)image->height;
    x = CLAMP(x - 0.5f, 0, (float)(width - 1) - 0.001f);
    y = CLAMP(y - 0.5f, 0, (float)(height - 1) - 0.001f);
    gint left = (gint)x, top = (gint)y;
    float u = x - (float)left, v = y - (float)top;
    const guint8 *a = image->pixels + (gsize)top * image->width + left, *b = a + image->width;
    return (1 - v) * ((1 - u) * a[0] + u * a[1]) + v * ((1 - u) * b[0] + u * b[1]);
}

static void
cut(const Pyramid *pyramid, const Cell *cell, double shift_x, double shift_y, float *pixels)
{
    double pitch = hypot(cell->right.x, cell->right.y), scale = 1;
    guint level = 0;
    while (level + 1 < pyramid->count && pitch * scale > PITCH_MOST) {
        level++;
        scale /= 2;
    }
    double rx = cell->right.x * scale, ry = cell->right.y * scale;
    double dx = cell->down.x * scale, dy = cell->down.y * scale;
    double x0 = cell->middle.x * scale + shift_x * rx + shift_y * dx;
    double y0 = cell->middle.y * scale + shift_x * ry + shift_y * dy;
    for (guint row = 0; row < CELL_HEIGHT; row++) {
        double v = (row + 0.5 - CELL_HEIGHT / 2.0) / CELL_PITCH;
        for (guint column = 0; column < CELL_WIDTH; column++) {
            double u = (column + 0.5 - CELL_WIDTH / 2.0) / CELL_PITCH;
            *pixels++ = sample(pyramid->level[level], (float)(x0 + u * rx + v * dx),
                               (float)(y0 + u * ry + v * dy));
        }
    }
}

void
cell_read(const Pyramid *pyramid, const Cell *cell, CellReading *reading)
{
    float pixels[CELL_PIXELS];
    cut(pyramid, cell, 0, 0, pixels);
    network_read(pixels, reading);
}

void
cell_read_again(const Pyramid *pyramid, const Cell *cell, CellReading *reading)
{
    static const double shifts[][2] = {{-0.06, -0.05}, {0.06, -0.05}, {-0.06, 0.05}, {0.06, 0.05}};
    const double share = 1.0 / (1 + G_N_ELEMENTS(shifts));
    float pixels[CELL_PIXELS];
    double sum[CELL_SYMBOLS + 1], total = 0;
    CellReading one;
    for (guint s = 0; s <= CELL_SYMBOLS; s++)
        sum[s] = share * log((double)reading->p[s] + LEAST);
    for (guint i = 0; i < G_N_ELEMENTS(shifts); i++) {
        cut(pyramid, cell, shifts[i][0], shifts[i][1], pixels);
        network_read(pixels, &one);
        for (guint s = 0; s <= CELL_SYMBOLS; s++)
            sum[s] += share * log((double)one.p[s] + LEAST);
    }
    for (guint s = 0; s <= CELL_SYMBOLS; s++)
        total += sum[s] = exp(sum[s]);
    for (guint s = 0; s <= CELL_SYMBOLS; s++)
        reading->p[s] = (float)(sum[s] / total);
}
