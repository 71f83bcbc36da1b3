// SPDX-License-Identifier: Apache-2.0
/* Which way up a band is, where its cells are, and which of them are the zone. */
#include "zone_reader.h"
#include <math.h>
#include <string.h>

#define PROBES 8         /* cells a line, each way up */
#define PROBE_LEAST 0.30 /* mean probability of any character at the better way up */
#define LINE_LEAST 0.42  /* the same of all cells of a line, before it is moved onto them */
#define NONE_RUN 4       /* empty cells that end a line */
#define DOUBT 0.97       /* below, a cell is read again */
#define REFINE_LEAST 8   /* readable cells that bend a line */
#define PALE 0.45        /* share of a line's usual contrast below which a cell is paper */
#define LENGTH_GAP 8.0   /* nats between the best windows of two lengths */
#define UNSEEN_NONE 0.85 /* a cell that was not read is probably empty */

typedef struct {
    const Pyramid *pyramid;
    Band band;
    Track track[BAND_LINES];
} Reader;

static void
turn_curve(Curve *curve)
{
    double from = curve->from;
    curve->from = -curve->to;
    curve->to = -from;
    curve->middle = -curve->middle;
    curve->spread = -curve->spread;
}

static void
turn_band(Band *band)
{
    for (guint i = 0; i < band->lines; i++)
        turn_curve(&band->curve[i]);
    Curve swap = band->curve[0];
    band->curve[0] = band->curve[band->lines - 1];
    band->curve[band->lines - 1] = swap;
}

/* The way to the next line gives shear and height; where it is implausible, the perpendicular. */
static Cell
cell_of(const Band *band, guint line, double index)
{
    const Curve *top = &band->curve[0], *bottom = &band->curve[band->lines - 1];
    Cell cell = {.middle = curve_at(&band->curve[line], index),
                 .right = curve_step(&band->curve[line], index)};
    DvPoint a = curve_at(top, index), b = curve_at(bottom, index);
    double pitches = band->spacing * (band->lines - 1);
    cell.down = (DvPoint){(b.x - a.x) / pitches, (b.y - a.y) / pitches};
    double square = cell.right.x * cell.right.x + cell.right.y * cell.right.y;
    double across = (cell.right.x * cell.down.y - cell.right.y * cell.down.x) / square;
    double along = (cell.right.x * cell.down.x + cell.right.y * cell.down.y) / square;
    if (across < 0.78 || across > 1.25 || fabs(along) > 0.35)
        cell.down = (DvPoint){-cell.right.y, cell.right.x};
    return cell;
}

static double
character_of(const CellReading *reading)
{
    double best = 0;
    for (guint s = 0; s < CELL_SYMBOLS; s++)
        best = MAX(best, (double)reading->p[s]);
    return best;
}

/* Mean probability that characters stand upright in cells spread over the band. */
static double
probe(const Pyramid *pyramid, const Band *band)
{
    double sum = 0;
    for (guint line = 0; line < band->lines; line++) {
        const Curve *curve = &band->curve[line];
        for (guint i = 0; i < PROBES; i++) {
            CellReading reading;
            double share = (i + 0.5) / PROBES;
            Cell cell = cell_of(band, line, round(curve->from + share * (curve->to - curve->from)));
            cell_read(pyramid, &cell, &reading);
            sum += character_of(&reading);
        }
    }
    return sum / (band->lines * PROBES);
}

static void
read_cell(Reader *reader, guint line, guint slot)
{
    Track *track = &reader->track[line];
    track->cell[slot] = cell_of(&reader->band, line, track->first + (gint)slot);
    cell_read(reader->pyramid, &track->cell[slot], &track->reading[slot]);
}

/* Goes on at the end until the cells stay empty. */
static void
extend_end(Reader *reader, guint line)
{
    Track *track = &reader->track[line];
    guint empty = 0;
    while (empty < NONE_RUN && track->count < TRACK_MAX) {
        read_cell(reader, line, track->count);
        empty = character_of(&track->reading[track->count]) < 0.5 ? empty + 1 : 0;
        track->count++;
    }
}

static void
extend_start(Reader *reader, guint line)
{
    Track *track = &reader->track[line];
    guint empty = 0;
    while (empty < NONE_RUN && track->count < TRACK_MAX) {
        memmove(track->cell + 1, track->cell, track->count * sizeof *track->cell);
        memmove(track->reading + 1, track->reading, track->count * sizeof *track->reading);
        track->first--;
        track->count++;
        read_cell(reader, line, 0);
        empty = character_of(&track->reading[0]) < 0.5 ? empty + 1 : 0;
    }
}

/* Moves the line onto the characters that it found. */
static gboolean
refine(Reader *reader, guint line)
{
    Track *track = &reader->track[line];
    CurvePoint points[TRACK_MAX];
    guint count = 0;
    double moved = 0;
    for (guint i = 0; i < track->count; i++) {
        const CellReading *reading = &track->reading[i];
        const Cell *cell = &track->cell[i];
        double weight = character_of(reading);
        if (weight < 0.5)
            continue;
        double dx = reading->dx, dy = reading->dy;
        points[count++] = (CurvePoint){
            track->first + (gint)i, cell->middle.x + dx * cell->right.x + dy * cell->down.x,
            cell->middle.y + dx * cell->right.y + dy * cell->down.y, weight * weight};
        moved += fabs(dx) + fabs(dy);
    }
    if (count < REFINE_LEAST)
        return FALSE;
    curve_fit(&reader->band.curve[line], points, count, count >= 24 ? 4 : count >= 14 ? 3 : 2);
    return moved / count > 0.03;
}

static void
read_track(Reader *reader, guint line, gint from, gint to)
{
    Track *track = &reader->track[line];
    track->first = from;
    track->count = 0;
    while (track->count < TRACK_MAX && track->first + (gint)track->count <= to)
        read_cell(reader, line, track->count++);
}

static double
mean_character(const Track *track)
{
    double sum = 0;
    for (guint i = 0; i < track->count; i++)
        sum += character_of(&track->reading[i]);
    return sum / MAX(track->count, 1);
}

/* FALSE where the line is no line of characters, as soon as that is seen. */
static gboolean
follow_line(Reader *reader, guint line)
{
    const Curve *curve = &reader->band.curve[line];
    Track *track = &reader->track[line];
    read_track(reader, line, (gint)round(curve->from), (gint)round(curve->to));
    if (mean_character(track) < LINE_LEAST)
        return FALSE;
    refine(reader, line);
    extend_end(reader, line);
    extend_start(reader, line);
    for (guint round = 0; round < 2; round++) {
        gint from = track->first, to = track->first + (gint)track->count - 1;
        if (!refine(reader, line) && round > 0)
            break;
        read_track(reader, line, from, to);
    }
    return TRUE;
}

/* Paper has less contrast than the characters of its own line, whatever the network makes of it. */
static double
usual_spread(const Track *track)
{
    double sum = 0, weight = 0.01;
    for (guint i = 0; i < track->count; i++) {
        double sure = character_of(&track->reading[i]) > 0.9 ? 1 : 0.01;
        sum += sure * (double)track->reading[i].spread;
        weight += sure;
    }
    return sum / weight;
}

static double
none_at(const Track *track, gint index)
{
    gint slot = index - track->first;
    if (slot < 0 || slot >= (gint)track->count)
        return UNSEEN_NONE;
    const CellReading *reading = &track->reading[slot];
    double none = (double)reading->p[CELL_NONE];
    if ((double)reading->spread < PALE * track->usual_spread && character_of(reading) < 0.9)
        none = MAX(none, 0.95);
    return CLAMP(none, 0.002, 0.998);
}

/* How well a window explains which cells are empty. */
static double
window_score(const Reader *reader, gint start, gint length)
{
    double score = 0;
    for (guint line = 0; line < reader->band.lines; line++) {
        const Track *track = &reader->track[line];
        gint end = track->first + (gint)track->count;
        for (gint i = MIN(track->first, start); i < MAX(end, start + length); i++) {
            double none = none_at(track, i);
            score += log(i >= start && i < start + length ? 1 - none : none);
        }
    }
    return score;
}

static gboolean
choose_window(Reader *reader, gint *start, gint *length)
{
    static const gint wide[] = {44, 36}, narrow[] = {30};
    const gint *lengths = reader->band.lines == 3 ? narrow : wide;
    guint kinds = reader->band.lines == 3 ? 1 : 2;
    gint first = G_MAXINT, last = G_MININT;
    double best = -G_MAXDOUBLE, other = -G_MAXDOUBLE;
    for (guint line = 0; line < reader->band.lines; line++) {
        reader->track[line].usual_spread = usual_spread(&reader->track[line]);
        first = MIN(first, reader->track[line].first);
        last = MAX(last, reader->track[line].first + (gint)reader->track[line].count);
    }
    for (guint kind = 0; kind < kinds; kind++)
        for (gint at = first - 4; at <= last - 20; at++) {
            double score = window_score(reader, at, lengths[kind]);
            if (score <= best) {
                other = lengths[kind] == *length ? other : MAX(other, score);
            } else {
                other = lengths[kind] == *length ? other : best;
                best = score;
                *start = at;
                *length = lengths[kind];
            }
        }
    /* A mean of more than one nat a cell: this is no zone, or half of it is missing. */
    return best > -1.0 * reader->band.lines * *length && best - other > LENGTH_GAP;
}

static void
fill_sheet(Reader *reader, gint start, gint length, Sheet *sheet)
{
    sheet->lines = reader->band.lines;
    sheet->length = (guint)length;
    for (guint line = 0; line < sheet->lines; line++)
        for (gint i = 0; i < length; i++) {
            const Track *track = &reader->track[line];
            gint slot = start + i - track->first;
            Cell *cell = &sheet->cell[line][i];
            CellReading *reading = &sheet->reading[line][i];
            *cell = cell_of(&reader->band, line, start + i);
            if (slot >= 0 && slot < (gint)track->count)
                *reading = track->reading[slot];
            else
                cell_read(reader->pyramid, cell, reading);
            if (character_of(reading) < DOUBT)
                cell_read_again(reader->pyramid, cell, reading);
        }
}

BandResult
band_read(const Pyramid *pyramid, const Band *band, Sheet *sheet)
{
    g_autofree Reader *reader = g_new0(Reader, 1);
    Band turned = *band;
    gint start = 0, length = 0;
    turn_band(&turned);
    double upright = probe(pyramid, band), upside_down = probe(pyramid, &turned);
    if (MAX(upright, upside_down) < PROBE_LEAST)
        return BAND_NOTHING;
    reader->pyramid = pyramid;
    reader->band = upright >= upside_down ? *band : turned;
    for (guint line = 0; line < reader->band.lines; line++)
        if (!follow_line(reader, line))
            return BAND_NOTHING;
    gboolean complete = choose_window(reader, &start, &length);
    fill_sheet(reader, start, length, sheet);
    return complete ? BAND_READ : BAND_PARTLY;
}
