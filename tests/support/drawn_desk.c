// SPDX-License-Identifier: Apache-2.0
#include "drawn_desk.h"
#include <math.h>
#include <string.h>

#define WIDTH 1280
#define HEIGHT 960
#define LETTER 14 /* pixels of a letter's cell, and of two thirds of a line */

static const guint8 wood[3] = {104, 92, 78};

static guint32
next(guint32 *state)
{
    return (*state = *state * 1664525u + 1013904223u) >> 16;
}

static DvImage *
sheet(guint width, guint height, guint8 level)
{
    DvImage *image = g_new0(DvImage, 1);
    *image = (DvImage){.width = width, .height = height, .channels = 3, .scale = 1};
    image->pixels = g_malloc((gsize)width * height * 3);
    memset(image->pixels, level, (gsize)width * height * 3);
    return image;
}

static void
ink(DvImage *image, guint left, guint top, guint width, guint height)
{
    for (guint y = top; y < MIN(top + height, image->height); y++)
        for (guint x = left; x < MIN(left + width, image->width); x++)
            memset(image->pixels + ((gsize)y * image->width + x) * 3, 40, 3);
}

DvImage *
dv_drawn_print(guint width, guint height)
{
    DvImage *image = sheet(width, height, 225);
    guint32 state = 7;
    for (guint y = LETTER; y + 2 * LETTER < height; y += LETTER * 3 / 2)
        for (guint x = LETTER; x + 2 * LETTER < width; x += LETTER) {
            if (next(&state) % 6 == 0) /* between words */
                continue;
            ink(image, x + next(&state) % 6, y, 2, 10);
            ink(image, x, y + next(&state) % 8, 9, 2);
        }
    return image;
}

/* Bilinear; FALSE outside of the page. */
static gboolean
sample(const DvImage *page, double x, double y, double colour[3])
{
    if (!(x >= 0 && y >= 0 && x < page->width - 1 && y < page->height - 1))
        return FALSE;
    guint left = (guint)x, top = (guint)y;
    double right = x - left, down = y - top;
    for (guint channel = 0; channel < 3; channel++) {
        const guint8 *at = page->pixels + ((gsize)top * page->width + left) * 3 + channel;
        const guint8 *below = at + (gsize)page->width * 3;
        colour[channel] += (at[0] * (1 - right) + at[3] * right) * (1 - down) +
                           (below[0] * (1 - right) + below[3] * right) * down;
    }
    return TRUE;
}

/* The mean of four points of the page, or the desk. */
static void
paint(const DvImage *page, const DvDesk *desk, guint column, guint row, guint8 *pixel)
{
    double colour[3] = {0}, cosine = cos(desk->turn), sine = sin(desk->turn);
    for (guint i = 0; i < 4; i++) {
        double x = (column + i % 2 * 0.5 - desk->x) / desk->scale,
               y = (row + i / 2 * 0.5 - desk->y) / desk->scale;
        if (page == NULL || !sample(page, x * cosine + y * sine + page->width / 2.0,
                                    y * cosine - x * sine + page->height / 2.0, colour))
            for (guint channel = 0; channel < 3; channel++)
                colour[channel] += wood[channel];
    }
    for (guint channel = 0; channel < 3; channel++)
        pixel[channel] = (guint8)(colour[channel] / 4 + .5);
}

/* Each pixel the mean of so many beside it. */
static void
smear(DvImage *image, guint moved)
{
    g_autofree guint8 *row = g_malloc(WIDTH * 3);
    for (guint y = 0; y < HEIGHT; y++) {
        guint8 *to = image->pixels + (gsize)y * WIDTH * 3;
        memcpy(row, to, WIDTH * 3);
        for (guint x = 0; x + moved < WIDTH; x++)
            for (guint channel = 0; channel < 3; channel++) {
                guint sum = 0;
                for (guint i = 0; i < moved; i++)
                    sum += row[(x + i) * 3 + channel];
                to[x * 3 + channel] = (guint8)(sum / moved);
            }
    }
}

static void
expose(DvImage *image, const DvDesk *desk)
{
    guint32 state = 1;
    for (guint y = 0; y < HEIGHT; y++)
        for (guint x = 0; x < WIDTH; x++) {
            guint8 *pixel = image->pixels + ((gsize)y * WIDTH + x) * 3;
            double lamp = desk->lamp_wide > 0
                              ? CLAMP(2.5 * (1.4 - hypot((x - desk->lamp_x) / desk->lamp_wide,
                                                         (y - desk->lamp_y) / desk->lamp_high)),
                                      0, 1)
                              : 0;
            gint grain = (gint)(next(&state) % 9) - 4;
            for (guint channel = 0; channel < 3; channel++) {
                double level = pixel[channel] + (255 - pixel[channel]) * lamp;
                pixel[channel] = (guint8)CLAMP(level + (lamp < 1 ? grain : 0), 0, 255);
            }
        }
}

DvImage *
dv_drawn_desk(const DvImage *page, const DvDesk *desk)
{
    DvImage *image = sheet(WIDTH, HEIGHT, 0);
    for (guint y = 0; y < HEIGHT; y++)
        for (guint x = 0; x < WIDTH; x++)
            paint(page, desk, x, y, image->pixels + ((gsize)y * WIDTH + x) * 3);
    if (desk->moved > 1)
        smear(image, desk->moved);
    expose(image, desk);
    return image;
}
