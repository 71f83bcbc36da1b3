// SPDX-License-Identifier: Apache-2.0
/* The markers of a JPEG (ITU-T T.81, B.1.1), walked before a decoder sees the file. */
#include "grey.h"

enum { SOF0 = 0xc0, SOF1 = 0xc1, SOF2 = 0xc2, SOF15 = 0xcf, DHT = 0xc4, JPG = 0xc8, DAC = 0xcc };
enum { RST0 = 0xd0, RST7 = 0xd7, EOI = 0xd9, SOS = 0xda, TEM = 0x01 };

static gboolean
refuse(GError **error, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the JPEG %s", what);
    return FALSE;
}

static guint
big16(const guint8 *at)
{
    return (guint)at[0] << 8 | at[1];
}

static gboolean
is_frame(guint8 marker)
{
    return marker >= SOF0 && marker <= SOF15 && marker != DHT && marker != JPG && marker != DAC;
}

/* SOF: precision, height, width, components (T.81, B.2.2). */
static gboolean
take_frame(const guint8 *body, gsize length, guint8 marker, JpegOutline *outline, GError **error)
{
    if (marker > SOF2)
        return refuse(error,
                      "is of a kind that no camera makes (lossless, hierarchical, arithmetic)");
    if (length < 6)
        return refuse(error, "has a short frame header");
    if (outline->components != 0)
        return refuse(error, "has two frame headers");
    outline->height = big16(body + 1);
    outline->width = big16(body + 3);
    outline->components = body[5];
    outline->progressive = marker == SOF2;
    if (outline->components == 0 || outline->components > 4)
        return refuse(error, "has neither 1 nor 3 nor 4 components");
    return TRUE;
}

/* Entropy-coded data ends at a marker other than RST; returns where, or length. */
static gsize
skip_scan(const guint8 *bytes, gsize length, gsize at)
{
    while (at + 1 < length) {
        if (bytes[at] == 0xff && bytes[at + 1] != 0 && bytes[at + 1] != 0xff &&
            (bytes[at + 1] < RST0 || bytes[at + 1] > RST7))
            return at;
        at++;
    }
    return length;
}

gboolean
jpeg_outline_parse(const guint8 *bytes, gsize length, JpegOutline *outline, GError **error)
{
    *outline = (JpegOutline){0};
    gsize at = 2;
    while (at + 4 <= length || (at + 2 <= length && bytes[at + 1] == EOI)) {
        guint8 marker = bytes[at + 1];
        if (bytes[at] != 0xff)
            return refuse(error, "has bytes between its segments");
        if (marker == 0xff) {
            at++; /* fill byte */
            continue;
        }
        if (marker == EOI)
            return outline->scans > 0 || refuse(error, "holds no picture");
        if (marker == TEM || (marker >= RST0 && marker <= RST7)) {
            at += 2;
            continue;
        }
        gsize size = big16(bytes + at + 2);
        if (size < 2 || size > length - at - 2)
            return refuse(error, "has a segment that runs past its end");
        if (is_frame(marker) && !take_frame(bytes + at + 4, size - 2, marker, outline, error))
            return FALSE;
        at += 2 + size;
        if (marker == SOS) {
            outline->scans++;
            at = skip_scan(bytes, length, at);
        }
    }
    return refuse(error, "is cut off");
}
