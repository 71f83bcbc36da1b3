// SPDX-License-Identifier: Apache-2.0
#include "uvc_picture.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <stdio.h>
#include <string.h>
#include <turbojpeg.h>

#define CARD_WIDTH 1280
#define CARD_HEIGHT 960
#define MAX_FILE (16 * 1024 * 1024)
#define MAX_SIDE 8192
#define MAX_PIXELS (40 * 1024 * 1024)
#define QUALITY 88
#define LEAST_QUALITY 40
#define NUMBER_BITS 32
enum { WHITE = 235, BLACK = 16, COLOURLESS = 128 };

struct DvSimPicture {
    guint8 *pixels; /* RGB, owned */
    guint width, height;
    GBytes *file; /* the JPEG that they come from; NULL: the card */
    /* The last frame made, without its number. */
    GByteArray *made; /* NULL: none */
    gboolean made_mjpeg;
    guint made_width, made_height;
};

static void
forget_made(DvSimPicture *picture)
{
    g_clear_pointer(&picture->made, g_byte_array_unref);
}

/* ---- the test card: colour bars, a ramp of greys, a chequered field */

static void
paint_row(guint8 *row, guint y)
{
    static const guint8 bars[8] = {7, 6, 3, 2, 5, 4, 1, 0}; /* bits: red 4, green 2, blue 1 */
    for (guint x = 0; x < CARD_WIDTH; x++, row += 3) {
        guint8 grey = (guint8)(y < CARD_HEIGHT * 3 / 4 ? x * 255 / (CARD_WIDTH - 1)
                                                       : ((x / 16 + y / 16) & 1) * 255);
        guint8 bar = bars[x * 8 / CARD_WIDTH];
        gboolean coloured = y < CARD_HEIGHT / 2;
        for (guint c = 0; c < 3; c++)
            row[c] = (guint8)(coloured ? (bar >> (2 - c) & 1) * 191 : grey);
    }
}

static void
paint_card(DvSimPicture *picture)
{
    g_free(picture->pixels);
    g_clear_pointer(&picture->file, g_bytes_unref);
    picture->width = CARD_WIDTH;
    picture->height = CARD_HEIGHT;
    picture->pixels = g_malloc(3 * CARD_WIDTH * CARD_HEIGHT);
    for (guint y = 0; y < CARD_HEIGHT; y++)
        paint_row(picture->pixels + (gsize)3 * CARD_WIDTH * y, y);
    forget_made(picture);
}

DvSimPicture *
dv_sim_picture_new(void)
{
    DvSimPicture *picture = g_new0(DvSimPicture, 1);
    paint_card(picture);
    return picture;
}

void
dv_sim_picture_free(DvSimPicture *picture)
{
    if (picture == NULL)
        return;
    forget_made(picture);
    g_clear_pointer(&picture->file, g_bytes_unref);
    g_free(picture->pixels);
    g_free(picture);
}

/* ---- a file */

/* RGB pixels; NULL when it is no JPEG that can be shown. */
static guint8 *
decode(GBytes *file, int *width, int *height)
{
    gsize length = 0;
    const guint8 *bytes = g_bytes_get_data(file, &length);
    int sampling, space;
    guint8 *pixels = NULL;
    tjhandle handle = tjInitDecompress();
    if (tjDecompressHeader3(handle, bytes, length, width, height, &sampling, &space) == 0 &&
        *width > 0 && *height > 0 && *width <= MAX_SIDE && *height <= MAX_SIDE &&
        *width * *height <= MAX_PIXELS) {
        pixels = g_malloc((gsize)*width * (gsize)*height * 3);
        if (tjDecompress2(handle, bytes, length, pixels, *width, 0, *height, TJPF_RGB, 0) != 0)
            g_clear_pointer(&pixels, g_free);
    }
    tjDestroy(handle);
    return pixels;
}

gboolean
dv_sim_picture_show(DvSimPicture *picture, const char *path, GError **error)
{
    int width = 0, height = 0;
    if (path == NULL) {
        paint_card(picture);
        return TRUE;
    }
    GBytes *file = dv_file_read(path, MAX_FILE, error);
    if (file == NULL)
        return FALSE;
    guint8 *pixels = decode(file, &width, &height);
    if (pixels == NULL) {
        g_bytes_unref(file);
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "simulator: showing %s: it is no JPEG file that can be read", path);
        return FALSE;
    }
    g_free(picture->pixels);
    g_clear_pointer(&picture->file, g_bytes_unref);
    picture->pixels = pixels;
    picture->width = (guint)width;
    picture->height = (guint)height;
    picture->file = file;
    forget_made(picture);
    return TRUE;
}

/* ---- into another size */

/* The mean of the part of a picture that one pixel of another size stands for. */
static void
mean_of(const DvSimPicture *picture, const guint box[4], guint8 out[3])
{
    guint32 sums[3] = {0, 0, 0}, count = (box[2] - box[0]) * (box[3] - box[1]);
    for (guint y = box[1]; y < box[3]; y++)
        for (guint x = box[0]; x < box[2]; x++) {
            const guint8 *pixel = picture->pixels + 3 * ((gsize)y * picture->width + x);
            for (guint c = 0; c < 3; c++)
                sums[c] += pixel[c];
        }
    for (guint c = 0; c < 3; c++)
        out[c] = (guint8)(sums[c] / count);
}

/* Caller owns the pixels. What the picture does not fill is black. */
static guint8 *
fit(const DvSimPicture *picture, guint width, guint height)
{
    guint8 *out = g_malloc0((gsize)width * height * 3);
    gboolean wide = (guint64)picture->width * height > (guint64)picture->height * width;
    guint w = wide ? width : MAX(picture->width * height / picture->height, 1);
    guint h = wide ? MAX(picture->height * width / picture->width, 1) : height;
    guint left = (width - w) / 2, top = (height - h) / 2;
    for (guint y = 0; y < h; y++)
        for (guint x = 0; x < w; x++) {
            guint box[4] = {x * picture->width / w, y * picture->height / h,
                            (x + 1) * picture->width / w, (y + 1) * picture->height / h};
            box[2] = MAX(box[2], box[0] + 1);
            box[3] = MAX(box[3], box[1] + 1);
            mean_of(picture, box, out + 3 * ((gsize)(top + y) * width + left + x));
        }
    return out;
}

/* ---- frames without their number */

/* As good as fits: a camera has a bound for its frames. */
static GByteArray *
make_jpeg(const guint8 *pixels, guint width, guint height)
{
    GByteArray *out = g_byte_array_new();
    unsigned long length = 0;
    guint8 *bytes = NULL;
    tjhandle handle = tjInitCompress();
    for (int quality = QUALITY; quality >= LEAST_QUALITY; quality -= 12) {
        if (tjCompress2(handle, pixels, (int)width, 0, (int)height, TJPF_RGB, &bytes, &length,
                        TJSAMP_422, quality, 0) != 0 ||
            length + 64 <= (gsize)width * height)
            break;
    }
    g_byte_array_append(out, bytes, (guint)length);
    tjFree(bytes);
    tjDestroy(handle);
    return out;
}

static guint8
limited(gint value)
{
    return (guint8)CLAMP(value, BLACK, 240);
}

/* ITU-R BT.601, two pixels share their colour. */
static GByteArray *
make_yuy2(const guint8 *pixels, guint width, guint height)
{
    GByteArray *out = g_byte_array_sized_new(width * height * 2);
    for (gsize i = 0; i + 1 < (gsize)width * height; i += 2, pixels += 6) {
        gint r = (pixels[0] + pixels[3]) / 2, g = (pixels[1] + pixels[4]) / 2;
        gint b = (pixels[2] + pixels[5]) / 2;
        const guint8 group[4] = {
            limited((66 * pixels[0] + 129 * pixels[1] + 25 * pixels[2]) / 256 + 16),
            limited((-38 * r - 74 * g + 112 * b) / 256 + 128),
            limited((66 * pixels[3] + 129 * pixels[4] + 25 * pixels[5]) / 256 + 16),
            limited((112 * r - 94 * g - 18 * b) / 256 + 128),
        };
        g_byte_array_append(out, group, sizeof group);
    }
    return out;
}

static GByteArray *
make(const DvSimPicture *picture, gboolean mjpeg, guint width, guint height)
{
    gboolean same = picture->width == width && picture->height == height;
    if (mjpeg && same && picture->file != NULL &&
        g_bytes_get_size(picture->file) + 64 <= (gsize)width * height)
        return g_bytes_unref_to_array(g_bytes_ref(picture->file));
    g_autofree guint8 *fitted = same ? NULL : fit(picture, width, height);
    const guint8 *pixels = same ? picture->pixels : fitted;
    return mjpeg ? make_jpeg(pixels, width, height) : make_yuy2(pixels, width, height);
}

/* ---- and with it */

static void
number_jpeg(const GByteArray *made, guint64 number, GByteArray *out)
{
    char text[48];
    int length = snprintf(text, sizeof text, "darvaza-frame %" G_GUINT64_FORMAT, number);
    const guint8 head[6] = {0xff, 0xd8, 0xff, 0xfe, 0, (guint8)(length + 2)};
    g_byte_array_append(out, head, sizeof head);
    g_byte_array_append(out, (const guint8 *)text, (guint)length);
    g_byte_array_append(out, made->data + 2, made->len - 2);
}

static void
number_yuy2(const GByteArray *made, guint64 number, GByteArray *out)
{
    g_byte_array_append(out, made->data, made->len);
    for (guint i = 0; i < NUMBER_BITS && 4 * i + 4 <= out->len; i++) {
        guint8 luma = number >> (NUMBER_BITS - 1 - i) & 1 ? WHITE : BLACK;
        out->data[4 * i] = out->data[4 * i + 2] = luma;
        out->data[4 * i + 1] = out->data[4 * i + 3] = COLOURLESS;
    }
}

void
dv_sim_picture_frame(DvSimPicture *picture, gboolean mjpeg, guint width, guint height,
                     guint64 number, GByteArray *out)
{
    if (picture->made == NULL || picture->made_mjpeg != mjpeg || picture->made_width != width ||
        picture->made_height != height) {
        forget_made(picture);
        picture->made = make(picture, mjpeg, width, height);
        picture->made_mjpeg = mjpeg;
        picture->made_width = width;
        picture->made_height = height;
    }
    g_byte_array_set_size(out, 0);
    if (mjpeg)
        number_jpeg(picture->made, number, out);
    else
        number_yuy2(picture->made, number, out);
}
