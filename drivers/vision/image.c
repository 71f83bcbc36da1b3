// SPDX-License-Identifier: Apache-2.0
/* Images: caps, raw input, and which decoder takes a file. */
#include "grey.h"
#include <string.h>

gboolean
image_check_size(guint64 width, guint64 height, GError **error)
{
    if (width == 0 || height == 0 || width > DV_IMAGE_SIDE_MAX || height > DV_IMAGE_SIDE_MAX ||
        width * height > DV_IMAGE_PIXELS_MAX) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "%" G_GUINT64_FORMAT " x %" G_GUINT64_FORMAT
                    " pixels are outside 1 to %d a side and %d in all",
                    width, height, DV_IMAGE_SIDE_MAX, DV_IMAGE_PIXELS_MAX);
        return FALSE;
    }
    return TRUE;
}

DvImage *
image_new_as(guint width, guint height, guint channels)
{
    DvImage *image = g_new0(DvImage, 1);
    image->width = width;
    image->height = height;
    image->channels = channels;
    image->scale = 1.0;
    image->pixels = g_malloc((gsize)width * height * channels);
    return image;
}

DvImage *
image_new(guint width, guint height)
{
    return image_new_as(width, height, 1);
}

/* BT.601, in 1/256. */
DvImage *
image_grey_of(const DvImage *image)
{
    DvImage *grey = image_new(image->width, image->height);
    gsize count = (gsize)image->width * image->height;
    grey->scale = image->scale;
    if (image->channels == 1)
        memcpy(grey->pixels, image->pixels, count);
    for (gsize i = 0; image->channels == 3 && i < count; i++) {
        const guint8 *at = image->pixels + 3 * i;
        grey->pixels[i] = (guint8)((77 * at[0] + 150 * at[1] + 29 * at[2] + 128) >> 8);
    }
    return grey;
}

void
dv_image_free(DvImage *image)
{
    if (image == NULL)
        return;
    g_free(image->pixels);
    g_free(image);
}

static gboolean
check_rows(gsize length, guint width, guint height, gsize row, gsize stride, GError **error)
{
    if (!image_check_size(width, height, error))
        return FALSE;
    if (stride < row || stride > G_MAXSIZE / height || length < stride * (height - 1) + row) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "%" G_GSIZE_FORMAT " bytes do not hold %u rows of %" G_GSIZE_FORMAT " bytes",
                    length, height, MAX(row, stride));
        return FALSE;
    }
    return TRUE;
}

DvImage *
dv_image_from_grey(const guint8 *pixels, gsize length, guint width, guint height, gsize stride,
                   GError **error)
{
    if (!check_rows(length, width, height, width, stride, error))
        return NULL;
    DvImage *image = image_new(width, height);
    for (guint y = 0; y < height; y++)
        memcpy(image->pixels + (gsize)y * width, pixels + y * stride, width);
    return image;
}

static gboolean
check_yuy2(gsize length, guint width, guint height, gsize stride, GError **error)
{
    if (width % 2 != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "YUY2 of odd width %u", width);
        return FALSE;
    }
    return check_rows(length, width, height, (gsize)width * 2, stride, error);
}

/* BT.601 with 16 to 235 for luminance, in 1/256. */
static void
yuv_to_rgb(gint y, gint u, gint v, guint8 *out)
{
    gint luminance = 298 * (y - 16) + 128;
    out[0] = (guint8)CLAMP((luminance + 409 * (v - 128)) >> 8, 0, 255);
    out[1] = (guint8)CLAMP((luminance - 100 * (u - 128) - 208 * (v - 128)) >> 8, 0, 255);
    out[2] = (guint8)CLAMP((luminance + 516 * (u - 128)) >> 8, 0, 255);
}

DvImage *
dv_image_from_yuy2_colour(const guint8 *pixels, gsize length, guint width, guint height,
                          gsize stride, GError **error)
{
    if (!check_yuy2(length, width, height, stride, error))
        return NULL;
    DvImage *image = image_new_as(width, height, 3);
    for (guint y = 0; y < height; y++)
        for (guint x = 0; x < width; x += 2) {
            const guint8 *pair = pixels + y * stride + (gsize)x * 2;
            guint8 *out = image->pixels + ((gsize)y * width + x) * 3;
            yuv_to_rgb(pair[0], pair[1], pair[3], out);
            yuv_to_rgb(pair[2], pair[1], pair[3], out + 3);
        }
    return image;
}

DvImage *
dv_image_from_yuy2(const guint8 *pixels, gsize length, guint width, guint height, gsize stride,
                   GError **error)
{
    if (!check_yuy2(length, width, height, stride, error))
        return NULL;
    DvImage *image = image_new(width, height);
    for (guint y = 0; y < height; y++)
        for (guint x = 0; x < width; x++)
            image->pixels[(gsize)y * width + x] = pixels[y * stride + (gsize)x * 2];
    return image;
}

static DvImage *
decode(const guint8 *bytes, gsize length, guint channels, GError **error)
{
    static const guint8 png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (length > DV_IMAGE_BYTES_MAX) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "the image has %" G_GSIZE_FORMAT " bytes; %d are the most", length,
                    DV_IMAGE_BYTES_MAX);
        return NULL;
    }
    if (length >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff)
        return jpeg_decode(bytes, length, channels, error);
    if (length >= sizeof png && memcmp(bytes, png, sizeof png) == 0)
        return png_decode(bytes, length, channels, error);
    g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "the image is neither JPEG nor PNG");
    return NULL;
}

DvImage *
dv_image_decode(const guint8 *bytes, gsize length, GError **error)
{
    return decode(bytes, length, 1, error);
}

DvImage *
dv_image_decode_colour(const guint8 *bytes, gsize length, GError **error)
{
    return decode(bytes, length, 3, error);
}
