// SPDX-License-Identifier: Apache-2.0
/* Two lines at 2.5 pitches or three at 1.665 (Doc 9303-3, 4: 6.35 mm and 4.23 mm by 2.54 mm). */
#include "locate.h"
#include <math.h>
#include <string.h>

#define WIDE 2.5
#define NARROW 1.665
#define LINE_POINTS_LEAST 6 /* below, a line is put where the format would have it */
#define LONE_LEAST 16       /* blobs of a chain that may stand for a zone alone */
#define OFFSETS 7

/* Distances from the base line at which other lines may run. */
static const double offsets[OFFSETS] = {-2 * NARROW, -WIDE, -NARROW, 0, NARROW, WIDE, 2 * NARROW};

static const struct {
    guint lines, offset[BAND_LINES];
    double spacing;
} shapes[] = {
    {2, {3, 5}, WIDE},      {2, {1, 3}, WIDE},   {3, {3, 4, 6}, NARROW}, {3, {2, 3, 4}, NARROW},
    {3, {0, 2, 3}, NARROW}, {2, {3, 4}, NARROW}, {2, {2, 3}, NARROW}, /* visas and cards that crowd
                                                                         their two lines */
};

#define POINTS_MAX 256
typedef struct {
    CurvePoint points[OFFSETS][POINTS_MAX];
    guint count[OFFSETS];
} Gathered;

/* The index on the base at whose foot a point lies, and how many pitches beside it. */
static double
project(const Curve *base, double x, double y, double *beside)
{
    double index = base->middle;
    for (guint i = 0; i < 4; i++) {
        DvPoint at = curve_at(base, index), step = curve_step(base, index);
        double square = MAX(step.x * step.x + step.y * step.y, 1e-6);
        index += ((x - at.x) * step.x + (y - at.y) * step.y) / square;
        *beside = ((y - at.y) * step.x - (x - at.x) * step.y) / square;
    }
    return index;
}

/* Puts a chain's points into the index system of the base, where it may be a line of its zone. */
static gboolean
gather(const Curve *base, const Chain *chain, Gathered *all)
{
    const Link *first = &chain->links[0], *last = &chain->links[chain->count - 1];
    const Link *middle = &chain->links[chain->count / 2];
    double beside, ignored;
    double at = project(base, middle->x, middle->y, &beside);
    double span =
        project(base, last->x, last->y, &ignored) - project(base, first->x, first->y, &ignored);
    double ratio = span / (last->index - first->index), sign = ratio < 0 ? -1 : 1;
    gboolean taken = FALSE;
    if (fabs(ratio) < 0.93 || fabs(ratio) > 1.07 || at < base->from - 30 || at > base->to + 30)
        return FALSE;
    double offset = round(at - sign * middle->index);
    for (guint o = 0; o < OFFSETS; o++) {
        double low = fabs(offsets[o]) * 0.8, high = fabs(offsets[o]) * 1.18;
        gboolean near = offsets[o] == 0
                            ? fabs(beside) < 0.4
                            : offsets[o] * beside > 0 && fabs(beside) > low && fabs(beside) < high;
        if (!near)
            continue;
        for (guint i = 0; i < chain->count && all->count[o] < POINTS_MAX; i++)
            all->points[o][all->count[o]++] = (CurvePoint){offset + sign * chain->links[i].index,
                                                           chain->links[i].x, chain->links[i].y, 1};
        taken = TRUE;
    }
    return taken;
}

/* A line that no chain shows: beside the base. */
static void
put_beside(Curve *curve, const Curve *base, double offset)
{
    CurvePoint points[16];
    for (guint i = 0; i < G_N_ELEMENTS(points); i++) {
        double index = base->from + (base->to - base->from) * i / (G_N_ELEMENTS(points) - 1);
        DvPoint at = curve_at(base, index), step = curve_step(base, index);
        points[i] = (CurvePoint){index, at.x - offset * step.y, at.y + offset * step.x, 1};
    }
    curve_fit(curve, points, G_N_ELEMENTS(points), 3);
}

static void
fit_line(Curve *curve, const CurvePoint *points, guint count)
{
    curve_fit(curve, points, count, count >= 16 ? 3 : 2);
}

static void
add_band(GArray *bands, const Curve *base, const Gathered *all, guint shape)
{
    Band band = {.lines = shapes[shape].lines, .spacing = shapes[shape].spacing};
    guint shown = 0;
    for (guint i = 0; i < band.lines; i++) {
        guint o = shapes[shape].offset[i];
        if (all->count[o] >= LINE_POINTS_LEAST) {
            fit_line(&band.curve[i], all->points[o], all->count[o]);
            band.support += all->count[o];
            shown++;
        } else {
            put_beside(&band.curve[i], base, offsets[o]);
        }
    }
    gboolean crowded = band.lines == 2 && band.spacing < WIDE;
    if (shown == 1 && (band.support < LONE_LEAST || crowded))
        return;
    g_array_append_val(bands, band);
}

static gint
supported_first(gconstpointer a, gconstpointer b)
{
    const Band *x = a, *y = b;
    if (x->support != y->support)
        return x->support > y->support ? -1 : 1;
    return (gint)x->lines - (gint)y->lines;
}

GArray *
bands_find(const GArray *chains)
{
    GArray *bands = g_array_new(FALSE, FALSE, sizeof(Band));
    g_autofree Gathered *all = g_new(Gathered, 1);
    g_autofree gboolean *covered = g_new0(gboolean, chains->len + 1);
    for (guint i = 0; i < chains->len && bands->len < 40; i++) {
        const Chain *chain = &g_array_index(chains, Chain, i);
        CurvePoint points[CHAIN_MAX];
        Curve base = {0};
        if (covered[i])
            continue;
        for (guint k = 0; k < chain->count; k++)
            points[k] =
                (CurvePoint){chain->links[k].index, chain->links[k].x, chain->links[k].y, 1};
        fit_line(&base, points, chain->count);
        memset(all->count, 0, sizeof all->count);
        for (guint k = 0; k < chains->len; k++)
            if (gather(&base, &g_array_index(chains, Chain, k), all))
                covered[k] = TRUE;
        for (guint shape = 0; shape < G_N_ELEMENTS(shapes); shape++)
            add_band(bands, &base, all, shape);
    }
    g_array_sort(bands, supported_first);
    return bands;
}
