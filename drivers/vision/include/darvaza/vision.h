// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Images of documents to machine readable zones, on the CPU, in plain C. Nothing here opens a
 * device, a socket or a file, starts a thread or keeps state between calls. The same image gives
 * the same answer.
 */
#include <darvaza/error.h>
#include <darvaza/mrz.h>

#define DV_IMAGE_SIDE_MAX 8192               /* pixels */
#define DV_IMAGE_PIXELS_MAX 20000000         /* width times height */
#define DV_IMAGE_BYTES_MAX (4 * 1024 * 1024) /* of a compressed image */

/* Pixels row by row without gaps: grey levels, or R, G, B where a function says so. */
typedef struct {
    guint width, height;
    guint channels; /* 1 or 3 */
    guint8 *pixels; /* owned */
    double scale;   /* pixels of the source per pixel here; > 1 when decoding shrank it */
} DvImage;

void dv_image_free(DvImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvImage, dv_image_free)

/* Decodes a JPEG or PNG, told by its first bytes; colour becomes luminance, what is transparent
 * white. A JPEG much larger than a reader needs is decoded at a half, a quarter or an eighth.
 * Refused with DV_ERROR_INVALID: other formats, sizes over the caps above, more work than an honest
 * image of that size needs (scans of a JPEG, unpacked bytes of a PNG), and any damage, also a
 * missing end. Free with dv_image_free. */
DvImage *dv_image_decode(const guint8 *bytes, gsize length, GError **error);
/* The same in colour, three channels. */
DvImage *dv_image_decode_colour(const guint8 *bytes, gsize length, GError **error);

/* Copies raw pixels of a camera: stride is the bytes from one row to the next. DV_ERROR_INVALID
 * where the caps are exceeded or length bytes do not hold the rows. YUY2: width is even, luminance
 * is every other byte. */
DvImage *dv_image_from_grey(const guint8 *pixels, gsize length, guint width, guint height,
                            gsize stride, GError **error);
DvImage *dv_image_from_yuy2(const guint8 *pixels, gsize length, guint width, guint height,
                            gsize stride, GError **error);
/* The same pixels in colour, three channels (BT.601, 16 to 235). */
DvImage *dv_image_from_yuy2_colour(const guint8 *pixels, gsize length, guint width, guint height,
                                   gsize stride, GError **error);

/* What would help where a document is held before a camera; flags. */
typedef enum {
    DV_GUIDE_CLOSER = 1, /* the characters are too small */
    DV_GUIDE_GLARE = 2,  /* light is reflected where the zone is */
    DV_GUIDE_STILL = 4,  /* the zone is there and not sharp or not whole */
    DV_GUIDE_TURN = 8,   /* there is print, and no zone in it */
    DV_GUIDES_ALL = 15,
} DvGuide;

typedef struct {
    double x, y; /* pixels of the source image, from its upper left corner */
} DvPoint;

/* A reading, or a refusal with its reason. Plain values only: it can cross a pipe as it is. */
typedef struct {
    guint line_count; /* 0: refused */
    char lines[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX + 1];
    float confidence[DV_MRZ_LINES_MAX]
                    [DV_MRZ_LINE_MAX]; /* 0..1, of the character that stands there */
    guint corrections;                 /* characters that check digits decided */
    gboolean has_quad;                 /* also where a zone was found but not read */
    DvPoint
        quad[4]; /* of the zone as one reads it: upper left, upper right, lower right, lower left */
    guint guides;        /* DvGuide, where refused */
    guint width, height; /* of the source */
    double ms;           /* CPU time of decoding and reading */
    char reason[128];    /* of a refusal: a sentence's part, without anything read */
} DvReading;

/* Reads the one zone of a grey image. Never a guess: a reading is given only where check digits and
 * the confidence of what they cannot prove allow it; otherwise line_count is 0 and reason says why.
 */
void dv_vision_read(const DvImage *image, DvReading *reading);
/* The same with one of the ways of finding ink, 1 to DV_VISION_SETS; for a camera's frames, of
 * which the next one can be read in another way. 0: one way after the other. */
#define DV_VISION_SETS 5
void dv_vision_read_with(const DvImage *image, guint set, DvReading *reading);

/* What the quad of a reading encloses, straightened, as a grey JPEG of at most most bytes, as good
 * as fits. Returns its length; 0 where there is no quad or no room. */
#define DV_ZONE_BYTES_MAX (8 * 1024) /* a sealed record holds it beside page and portraits */
gsize dv_vision_cut_zone(const DvImage *image, const DvReading *reading, guint8 *to, gsize most);

/* Decodes and reads in a child process that has no more than memory_mb beyond what the caller maps,
 * cannot write files, and is ended after two seconds of CPU time or four of the clock. A hostile
 * image is thus a refusal: dying is one as well. FALSE with DV_ERROR_IO only where no child could
 * be started. */
gboolean dv_vision_read_apart(const guint8 *bytes, gsize length, guint memory_mb,
                              DvReading *reading, GError **error);
