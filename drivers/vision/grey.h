// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Images inside this room: decoding by format, and halving. */
#include <darvaza/vision.h>

/* DV_ERROR_INVALID where the caps of <darvaza/vision.h> are exceeded or a side is 0. */
gboolean image_check_size(guint64 width, guint64 height, GError **error);
DvImage *image_new(guint width, guint height); /* grey; pixels are not set */
DvImage *image_new_as(guint width, guint height, guint channels);
/* Luminance of an image of one or three channels, as a copy. */
DvImage *image_grey_of(const DvImage *image);
/* Each pixel the mean of four; an odd last row or column is dropped. Both sides are at least 2. */
DvImage *image_half(const DvImage *image);
/* Twice the size, bilinear. */
DvImage *image_double(const DvImage *image);

/* channels: 1 or 3. */
DvImage *jpeg_decode(const guint8 *bytes, gsize length, guint channels, GError **error);
/* At a half, a quarter or an eighth, as long as the larger side keeps enough pixels. */
DvImage *jpeg_decode_small(const guint8 *bytes, gsize length, guint channels, guint enough,
                           GError **error);
DvImage *png_decode(const guint8 *bytes, gsize length, guint channels, GError **error);

/* What a JPEG's markers say before anything is decoded. */
typedef struct {
    guint width, height, components, scans;
    gboolean progressive;
} JpegOutline;
/* FALSE with DV_ERROR_INVALID where the markers do not lead from SOI to EOI. */
gboolean jpeg_outline_parse(const guint8 *bytes, gsize length, JpegOutline *outline,
                            GError **error);
/* What a PNG's first chunk says. */
typedef struct {
    guint width, height, bits; /* bits of a pixel */
    gboolean interlaced;
} PngOutline;
gboolean png_outline_parse(const guint8 *bytes, gsize length, PngOutline *outline, GError **error);
