// SPDX-License-Identifier: Apache-2.0
/* The whole way from an image to a reading: cheap parameters first, others only where they fail. */
#include "guide.h"
#include "zone_reader.h"
#include <string.h>
#include <time.h>

#define WORK_SIDE 960  /* strokes are looked for on the level that is no larger */
#define SMALL_SIDE 560 /* smaller images are doubled first */
#define BANDS_MOST 4   /* bands read an attempt */
#define CHAIN_LEAST 9  /* blobs */

/* Where strokes are looked for: levels from the working one (negative: finer), depth of a stroke
 * against the local mean in percent, least depth in grey levels. */
static const struct {
    gint level;
    guint factor, floor;
} attempts[DV_VISION_SETS] = {{0, 150, 12}, {-1, 150, 12}, {0, 220, 8}, {1, 150, 12}, {-1, 230, 8}};

static void
scale_curve(Curve *curve, double scale)
{
    for (guint i = 0; i < CURVE_TERMS; i++) {
        curve->x[i] *= scale;
        curve->y[i] *= scale;
    }
}

static DvPoint
corner(const Cell *cell, double right, double down, double scale)
{
    return (DvPoint){(cell->middle.x + right * cell->right.x + down * cell->down.x) * scale,
                     (cell->middle.y + right * cell->right.y + down * cell->down.y) * scale};
}

static void
set_quad(const Sheet *sheet, double scale, DvReading *reading)
{
    guint last = sheet->length - 1, bottom = sheet->lines - 1;
    reading->has_quad = TRUE;
    reading->quad[0] = corner(&sheet->cell[0][0], -0.6, -0.7, scale);
    reading->quad[1] = corner(&sheet->cell[0][last], 0.6, -0.7, scale);
    reading->quad[2] = corner(&sheet->cell[bottom][last], 0.6, 0.7, scale);
    reading->quad[3] = corner(&sheet->cell[bottom][0], -0.6, 0.7, scale);
}

static gboolean
try_band(const Pyramid *pyramid, Band *band, double scale, DvReading *reading)
{
    g_autofree Sheet *sheet = g_new0(Sheet, 1);
    for (guint i = 0; i < band->lines; i++)
        scale_curve(&band->curve[i], scale);
    BandResult result = band_read(pyramid, band, sheet);
    if (result == BAND_NOTHING || (result == BAND_PARTLY && reading->has_quad))
        return FALSE;
    if (result == BAND_PARTLY) {
        g_strlcpy(reading->reason, "no zone is complete", sizeof reading->reason);
        return FALSE;
    }
    set_quad(sheet, pyramid->level[0]->scale, reading);
    return sheet_decide(sheet, reading);
}

static gboolean
attempt(const Pyramid *pyramid, guint level, guint factor, guint floor, DvReading *reading)
{
    const DvImage *work = pyramid->level[level];
    g_autofree guint8 *ink = ink_find(work, factor, floor);
    g_autoptr(GArray) blobs = blobs_find(ink, work->width, work->height);
    g_autoptr(GArray) chains = chains_find(blobs, work->width, work->height, CHAIN_LEAST);
    g_autoptr(GArray) bands = bands_find(chains);
    for (guint i = 0; i < MIN(bands->len, BANDS_MOST); i++)
        if (try_band(pyramid, &g_array_index(bands, Band, i), (double)(1u << level), reading))
            return TRUE;
    return FALSE;
}

static void
read_pyramid(const Pyramid *pyramid, guint set, DvReading *reading)
{
    guint work = 0;
    while (work + 1 < pyramid->count &&
           MAX(pyramid->level[work]->width, pyramid->level[work]->height) > WORK_SIDE)
        work++;
    for (guint i = 0; i < G_N_ELEMENTS(attempts); i++) {
        gint level = (gint)work + attempts[i].level;
        if (set == i + 1)
            level = CLAMP(level, 0, (gint)pyramid->count - 1);
        if ((set == 0 || set == i + 1) && level >= 0 && level < (gint)pyramid->count &&
            attempt(pyramid, (guint)level, attempts[i].factor, attempts[i].floor, reading))
            return;
    }
}

double
vision_cpu_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void
dv_vision_read(const DvImage *image, DvReading *reading)
{
    dv_vision_read_with(image, 0, reading);
}

void
dv_vision_read_with(const DvImage *image, guint set, DvReading *reading)
{
    double began = vision_cpu_ms();
    Pyramid pyramid;
    *reading = (DvReading){.width = (guint)(image->width * image->scale),
                           .height = (guint)(image->height * image->scale)};
    g_strlcpy(reading->reason, "no zone was found", sizeof reading->reason);
    if (MIN(image->width, image->height) >= 16) {
        gboolean small = MAX(image->width, image->height) < SMALL_SIDE;
        g_autoptr(DvImage) finest = small ? image_double(image) : NULL;
        DvImage borrowed = *image; /* the pyramid frees only what it made */
        pyramid_build(&pyramid, small ? finest : &borrowed);
        read_pyramid(&pyramid, set, reading);
        pyramid_clear(&pyramid);
    }
    guide_settle(image, reading);
    reading->ms = vision_cpu_ms() - began;
}
