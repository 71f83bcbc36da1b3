// SPDX-License-Identifier: Apache-2.0
/* JPEG through libjpeg-turbo's TurboJPEG interface, which lets no error jump through our frames. */
#include "grey.h"
#include <turbojpeg.h>

#define SIDE_ENOUGH 1600         /* larger pictures are decoded at a half, a quarter, an eighth */
#define SCANS_MAX 24             /* progressive files of cameras and editors have about ten */
#define SCAN_PIXELS_MAX 64000000 /* each scan of a progressive file passes over all pixels */
#define PROGRESSIVE_PIXELS_MAX 8000000 /* its coefficients stay in memory, 2 bytes each */

static gboolean
refuse(GError **error, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the JPEG %s", what);
    return FALSE;
}

static gboolean
check_outline(const JpegOutline *outline, GError **error)
{
    guint64 pixels = (guint64)outline->width * outline->height;
    if (!image_check_size(outline->width, outline->height, error))
        return FALSE;
    if (outline->scans > SCANS_MAX)
        return refuse(error, "has more scans than an honest one");
    if (outline->scans > 1 &&
        (pixels > PROGRESSIVE_PIXELS_MAX || pixels * outline->scans > SCAN_PIXELS_MAX))
        return refuse(error, "is too large for one of several scans");
    return TRUE;
}

/* The larger side is to keep enough pixels. */
static guint
denominator_for(guint side, guint enough)
{
    guint denominator = 1;
    while (denominator < 8 && side / (denominator * 2) >= enough)
        denominator *= 2;
    return denominator;
}

static DvImage *
decompress(tjhandle handle, const guint8 *bytes, gsize length, guint channels, guint enough,
           GError **error)
{
    int width, height, sampling, space;
    JpegOutline outline;
    if (!jpeg_outline_parse(bytes, length, &outline, error) || !check_outline(&outline, error))
        return NULL;
    if (tjDecompressHeader3(handle, bytes, length, &width, &height, &sampling, &space) != 0 ||
        (guint)width != outline.width || (guint)height != outline.height) {
        refuse(error, "has a header that its decoder refuses");
        return NULL;
    }
    tjscalingfactor factor = {1, (int)denominator_for(MAX(outline.width, outline.height), enough)};
    guint scaled_width = (guint)TJSCALED(width, factor),
          scaled_height = (guint)TJSCALED(height, factor);
    g_autoptr(DvImage) image = image_new_as(scaled_width, scaled_height, channels);
    image->scale = factor.denom;
    if (tjDecompress2(handle, bytes, length, image->pixels, (int)scaled_width, 0,
                      (int)scaled_height, channels == 3 ? TJPF_RGB : TJPF_GRAY,
                      TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0) {
        refuse(error, "is damaged");
        return NULL;
    }
    return g_steal_pointer(&image);
}

DvImage *
jpeg_decode(const guint8 *bytes, gsize length, guint channels, GError **error)
{
    return jpeg_decode_small(bytes, length, channels, SIDE_ENOUGH, error);
}

DvImage *
jpeg_decode_small(const guint8 *bytes, gsize length, guint channels, guint enough, GError **error)
{
    tjhandle handle = tjInitDecompress();
    if (handle == NULL) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "no JPEG decoder could be made");
        return NULL;
    }
    DvImage *image = decompress(handle, bytes, length, channels, enough, error);
    tjDestroy(handle);
    return image;
}
