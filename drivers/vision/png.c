// SPDX-License-Identifier: Apache-2.0
/* PNG through libpng's simplified interface, which lets no error jump through our frames. */
#include "grey.h"
#include <png.h>
#include <string.h>

#define UNPACKED_MAX                                                                               \
    (48 * 1024 * 1024) /* bytes that inflating may give: time and memory follow it */
#define INTERLACED_PIXELS_MAX 8000000

static gboolean
refuse(GError **error, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the PNG %s", what);
    return FALSE;
}

static guint
big32(const guint8 *at)
{
    return (guint)at[0] << 24 | (guint)at[1] << 16 | (guint)at[2] << 8 | at[3];
}

/* IHDR is always the first chunk, of 13 bytes (PNG, 11.2.2). */
gboolean
png_outline_parse(const guint8 *bytes, gsize length, PngOutline *outline, GError **error)
{
    static const guint8 channels[] = {1, 0, 3, 1, 2, 0, 4}; /* by colour type; 0: there is none */
    if (length < 33 || big32(bytes + 8) != 13 || memcmp(bytes + 12, "IHDR", 4) != 0)
        return refuse(error, "does not begin with its header");
    guint type = bytes[25], depth = bytes[24];
    if (type >= G_N_ELEMENTS(channels) || channels[type] == 0 || depth == 0 || depth > 16)
        return refuse(error, "has a colour type or depth that does not exist");
    outline->width = big32(bytes + 16);
    outline->height = big32(bytes + 20);
    outline->bits = channels[type] * depth;
    outline->interlaced = bytes[28] != 0;
    return TRUE;
}

static gboolean
check_outline(const PngOutline *outline, GError **error)
{
    if (!image_check_size(outline->width, outline->height, error))
        return FALSE;
    guint64 pixels = (guint64)outline->width * outline->height;
    if (pixels * outline->bits / 8 > UNPACKED_MAX)
        return refuse(error, "unpacks to more than 48 MB");
    if (outline->interlaced && pixels > INTERLACED_PIXELS_MAX)
        return refuse(error, "is too large for an interlaced one");
    return TRUE;
}

/* The last chunk, so that a missing end is seen (libpng takes a picture without it). */
static gboolean
has_end(const guint8 *bytes, gsize length)
{
    gsize at = 8;
    while (length - at >= 12) {
        gsize size = big32(bytes + at);
        if (size > length - at - 12)
            return FALSE;
        if (memcmp(bytes + at + 4, "IEND", 4) == 0)
            return TRUE;
        at += 12 + size;
    }
    return FALSE;
}

DvImage *
png_decode(const guint8 *bytes, gsize length, guint channels, GError **error)
{
    static const png_color white = {255, 255, 255};
    PngOutline outline;
    if (!png_outline_parse(bytes, length, &outline, error) || !check_outline(&outline, error))
        return NULL;
    if (!has_end(bytes, length)) {
        refuse(error, "is cut off");
        return NULL;
    }
    png_image reader = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&reader, bytes, length)) {
        refuse(error, "has a header that its decoder refuses");
        return NULL;
    }
    reader.format = channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    g_autoptr(DvImage) image = image_new_as(outline.width, outline.height, channels);
    gboolean same = reader.width == outline.width && reader.height == outline.height;
    gboolean done = same && png_image_finish_read(&reader, &white, image->pixels,
                                                  (png_int_32)(outline.width * channels), NULL);
    png_image_free(&reader);
    if (!done) {
        refuse(error, "is damaged");
        return NULL;
    }
    return g_steal_pointer(&image);
}
