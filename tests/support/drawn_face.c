// SPDX-License-Identifier: Apache-2.0
#include "drawn_face.h"
#include <math.h>
#include <string.h>

typedef struct {
    double x, y, rx, ry; /* of an ellipse, in eye distances from between the eyes */
    double edge;         /* how soft: 0 hard, 1 from the middle on */
    double opacity;
    guint8 colour[3];
    gboolean twice; /* also mirrored */
} Stroke;

/* From the back to the front. */
static const Stroke strokes[] = {
    {0, 3.35, 2.1, 1.25, .06, 1, {60, 70, 100}, FALSE},  /* shoulders */
    {0, 1.75, .55, .9, .1, 1, {150, 105, 85}, FALSE},    /* neck */
    {0, -.2, 1.13, 1.4, .05, 1, {45, 30, 25}, FALSE},    /* hair */
    {0, .35, 1, 1.4, .04, 1, {214, 170, 145}, FALSE},    /* face */
    {0, -1.05, .95, .42, .2, 1, {45, 30, 25}, FALSE},    /* fringe */
    {.92, .5, .2, .8, .6, .4, {150, 105, 85}, TRUE},     /* cheeks' shadow */
    {0, -.45, .45, .25, .8, .6, {240, 205, 185}, FALSE}, /* forehead */
    {.5, 0, .34, .2, .6, .65, {150, 105, 85}, TRUE},     /* eye sockets */
    {.5, -.27, .3, .055, .5, .9, {45, 30, 25}, TRUE},    /* brows */
    {.5, .02, .2, .085, .25, .9, {235, 230, 225}, TRUE}, /* whites */
    {.5, .01, .09, .095, .25, 1, {45, 30, 25}, TRUE},    /* irises */
    {.5, -.07, .21, .03, .5, .8, {45, 30, 25}, TRUE},    /* lids */
    {.12, .68, .07, .04, .5, .6, {45, 30, 25}, TRUE},    /* nostrils */
    {.55, .5, .22, .2, .8, .5, {240, 205, 185}, TRUE},   /* cheeks */
    {0, .3, .08, .3, .7, .6, {240, 205, 185}, FALSE},    /* ridge of the nose */
    {0, .72, .22, .09, .6, .5, {150, 105, 85}, FALSE},   /* under the nose */
    {0, 1.08, .36, .11, .25, .85, {150, 70, 70}, FALSE}, /* lips */
    {0, 1.08, .34, .02, .6, .8, {45, 30, 25}, FALSE},    /* between them */
    {0, 1.3, .25, .06, .7, .4, {150, 105, 85}, FALSE},   /* chin */
};

static double
coverage(const Stroke *stroke, double x, double y)
{
    double away = hypot((x - stroke->x) / stroke->rx, (y - stroke->y) / stroke->ry);
    double t = CLAMP((1 + stroke->edge - away) / (2 * stroke->edge), 0, 1);
    return t * t * (3 - 2 * t) * stroke->opacity;
}

DvImage *
dv_drawn_wall(guint width, guint height)
{
    DvImage *image = g_new0(DvImage, 1);
    *image = (DvImage){.width = width, .height = height, .channels = 3, .scale = 1};
    image->pixels = g_malloc((gsize)width * height * 3);
    for (gsize i = 0; i < (gsize)width * height; i++) {
        image->pixels[3 * i] = 200;
        image->pixels[3 * i + 1] = 195;
        image->pixels[3 * i + 2] = 190;
    }
    return image;
}

static void
paint(guint8 *pixel, double x, double y)
{
    double colour[3] = {pixel[0], pixel[1], pixel[2]};
    for (guint i = 0; i < G_N_ELEMENTS(strokes); i++) {
        double share = coverage(&strokes[i], strokes[i].twice ? fabs(x) : x, y);
        for (guint channel = 0; channel < 3; channel++)
            colour[channel] += (strokes[i].colour[channel] - colour[channel]) * share;
    }
    for (guint channel = 0; channel < 3; channel++)
        pixel[channel] = (guint8)CLAMP(colour[channel] + .5, 0, 255);
}

/* Pores: without them skin is as smooth as a blurred picture. The same for the same place. */
static void
roughen(DvImage *image)
{
    guint32 state = 1;
    for (gsize i = 0; i < (gsize)image->width * image->height; i++) {
        state = state * 1664525u + 1013904223u;
        gint grain = (gint)(state >> 28) - 7;
        for (guint channel = 0; channel < 3; channel++)
            image->pixels[3 * i + channel] =
                (guint8)CLAMP(image->pixels[3 * i + channel] + grain, 0, 255);
    }
}

void
dv_drawn_face(DvImage *image, const DvDrawnFace *face)
{
    double cosine = cos(face->turn), sine = sin(face->turn);
    for (guint row = 0; row < image->height; row++)
        for (guint column = 0; column < image->width; column++) {
            double x = (column - face->x) / face->distance, y = (row - face->y) / face->distance;
            if (hypot(x, y) < 5)
                paint(image->pixels + ((gsize)row * image->width + column) * 3,
                      x * cosine + y * sine, y * cosine - x * sine);
        }
    roughen(image);
}

DvImage *
dv_drawn_page(const char *path, gboolean face)
{
    g_autofree char *bytes = NULL;
    gsize length = 0;
    DvReading reading;
    if (!g_file_get_contents(path, &bytes, &length, NULL))
        return NULL;
    g_autoptr(DvImage) grey = dv_image_decode((const guint8 *)bytes, length, NULL);
    g_autoptr(DvImage) text = dv_image_decode_colour((const guint8 *)bytes, length, NULL);
    if (grey == NULL || text == NULL)
        return NULL;
    dv_vision_read(grey, &reading);
    if (reading.line_count != 2)
        return NULL;
    double dx = reading.quad[1].x - reading.quad[0].x, dy = reading.quad[1].y - reading.quad[0].y;
    double mm = hypot(dx, dy) / ((double)strlen(reading.lines[0]) + 0.2) / 2.54;
    double turn = atan2(dy, dx), right = 18 * mm, up = 35 * mm;
    guint above = (guint)(70 * mm);
    DvImage *image = dv_drawn_wall(text->width, text->height + above);
    if (face)
        dv_drawn_face(image,
                      &(DvDrawnFace){reading.quad[0].x + right * cos(turn) + up * sin(turn),
                                     reading.quad[0].y + right * sin(turn) - up * cos(turn) + above,
                                     9 * mm, turn});
    guint from = (guint)(MIN(reading.quad[0].y, reading.quad[1].y) - 3 * mm);
    for (guint y = from; y < text->height; y++) /* the zone and what lies below it */
        memcpy(image->pixels + (gsize)(y + above) * text->width * 3,
               text->pixels + (gsize)y * text->width * 3, (gsize)text->width * 3);
    return image;
}
