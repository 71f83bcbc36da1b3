// SPDX-License-Identifier: Apache-2.0
#include "zone.h"
#include <darvaza/mrz.h>
#include <string.h>

enum { STX = 0x02, ETX = 0x03 };

/* ---- rows */

static guint
rows_of_document(gsize row_length)
{
    return row_length == 30 ? 3 : row_length == 36 || row_length == 44 ? 2 : 0;
}

/* Only asked whether it agrees, to tell which row is which. */
static gboolean
digit_agrees(const char *row, guint from, guint length, guint at)
{
    return row[at] != '\0' && row[at] == dv_mrz_check_digit(row + from, length);
}

/* Does this look like the row that carries the dates? Two of the digits that it must carry agree:
 * by chance one row in a hundred. */
static gboolean
is_dates_row(const char *row, gsize length)
{
    if (length == 30)
        return digit_agrees(row, 0, 6, 6) && digit_agrees(row, 8, 6, 14);
    guint agreeing = (guint)digit_agrees(row, 0, 9, 9) + (guint)digit_agrees(row, 13, 6, 19) +
                     (guint)digit_agrees(row, 21, 6, 27);
    /* The French identity card of 1988 has other fields in its 2 x 36. */
    gboolean french = length == 36 && digit_agrees(row, 0, 12, 12) && digit_agrees(row, 27, 6, 33);
    return agreeing >= 2 || french;
}

/* Document code and issuing state, as every first row begins (9303-4 to -7). */
static gboolean
is_first_row(const char *row)
{
    static const char codes[] = "PVIAC";
    if (memchr(codes, row[0], sizeof codes - 1) == NULL)
        return FALSE;
    for (guint i = 1; i < 5; i++)
        if (!g_ascii_isupper(row[i]) && row[i] != '<' && row[i] != '0')
            return FALSE;
    return TRUE;
}

static gboolean
same_length(const DvZone *zone, guint from, guint count)
{
    for (guint i = 1; i < count; i++)
        if (strlen(zone->rows[from + i]) != strlen(zone->rows[from]))
            return FALSE;
    return TRUE;
}

/* Rows that certainly are one document, in order. */
static gboolean
is_proven(const DvZone *zone, guint from, guint count)
{
    const char *dates = zone->rows[from + 1];
    return same_length(zone, from, count) && is_first_row(zone->rows[from]) &&
           is_dates_row(dates, strlen(dates)) && !is_dates_row(zone->rows[from], strlen(dates));
}

static void
forget(DvZone *zone)
{
    zone->row_count = 0;
    zone->started = FALSE;
    zone->odd = FALSE;
    zone->line_length = 0;
    /* overlong stays: the rest of that line is still to come */
}

static void
pass_on(DvZone *zone, guint from, guint count, const DvReaderSink *sink)
{
    const char *rows[4] = {NULL};
    for (guint i = 0; i < count; i++)
        rows[i] = zone->rows[from + i];
    if (from > 0 || zone->odd)
        sink->dropped("rows of an incomplete document came before a complete one", sink->data);
    sink->document(rows, sink->data);
    forget(zone);
}

static void
add_row(DvZone *zone, const char *text, gsize length, const DvReaderSink *sink)
{
    if (zone->row_count == DV_ZONE_MAX_ROWS) {
        for (guint i = 1; i < DV_ZONE_MAX_ROWS; i++)
            g_strlcpy(zone->rows[i - 1], zone->rows[i], sizeof zone->rows[0]);
        zone->row_count--;
        zone->odd = TRUE;
    }
    g_assert(length <= DV_ZONE_MAX_ROW);
    char *row = zone->rows[zone->row_count++];
    g_snprintf(row, sizeof zone->rows[0], "%.*s", (int)length, text);
    guint count = rows_of_document(length);
    if (zone->row_count >= count && is_proven(zone, zone->row_count - count, count))
        pass_on(zone, zone->row_count - count, count, sink);
}

/* ---- lines */

/* Without what a reader fills a short row up with, but never cutting into a row. */
static gsize
without_filler(const char *text, gsize length)
{
    gsize bare = length;
    while (bare > 0 && text[bare - 1] == '_')
        bare--;
    return rows_of_document(bare) != 0 || bare == 0 ? bare : length;
}

/* Several rows that came without anything between them. */
static gsize
row_length_within(gsize length)
{
    static const gsize lengths[] = {30, 36, 44};
    for (guint i = 0; i < G_N_ELEMENTS(lengths); i++)
        if (length % lengths[i] == 0 && length / lengths[i] <= rows_of_document(lengths[i]))
            return lengths[i];
    return 0;
}

/* The same, each filled up to one width; the missing third row of two may be all filler. */
static gsize
filled_width_within(const char *text, gsize length)
{
    static const gsize widths[] = {44, 36};
    for (guint i = 0; i < G_N_ELEMENTS(widths); i++) {
        gsize width = widths[i];
        gboolean fits = length % width == 0 && length / width >= 2 && length / width <= 3;
        for (gsize at = 0; fits && at < length; at += width) {
            gsize bare = without_filler(text + at, width);
            fits = bare == 0 || rows_of_document(bare) != 0;
        }
        if (fits)
            return width;
    }
    return 0;
}

void
dv_zone_end_line(DvZone *zone, const DvReaderSink *sink)
{
    const char *text = zone->line;
    gsize length = zone->line_length;
    zone->overlong = FALSE;
    zone->line_length = 0;
    while (length > 0 && *text == ' ') {
        text++;
        length--;
    }
    while (length > 0 && text[length - 1] == ' ')
        length--;
    gsize bare = without_filler(text, length);
    gsize width = filled_width_within(text, length);
    if (width == 0) {
        length = bare;
        width = row_length_within(length);
    }
    if (bare == 0)
        return;
    if (width == 0)
        zone->odd = TRUE;
    for (gsize at = 0; width != 0 && at < length; at += width) {
        gsize row = without_filler(text + at, width);
        if (row == 0)
            continue;
        dv_zone_begin(zone, sink); /* a second document in this line is one of its own */
        add_row(zone, text + at, row, sink);
    }
}

void
dv_zone_begin(DvZone *zone, const DvReaderSink *sink)
{
    if (!zone->started)
        sink->started(sink->data);
    zone->started = TRUE;
}

void
dv_zone_end(DvZone *zone, const DvReaderSink *sink)
{
    dv_zone_end_line(zone, sink);
    if (!zone->started)
        return;
    guint rows = zone->row_count;
    gsize length = rows > 0 ? strlen(zone->rows[rows - 1]) : 0;
    guint count = rows_of_document(length);
    gboolean one = count > 0 && rows == count && !zone->odd && same_length(zone, 0, count);
    /* Two halves of two documents: the row with the dates before a first row. */
    if (one && is_dates_row(zone->rows[0], length) && is_first_row(zone->rows[1]))
        one = FALSE;
    if (one) {
        pass_on(zone, 0, count, sink);
        return;
    }
    dv_zone_drop(zone,
                 rows > 0 ? "the rows make no complete document"
                          : "what came has no row of 30, 36 or 44 characters",
                 sink);
}

void
dv_zone_add(DvZone *zone, guint8 byte, const DvReaderSink *sink)
{
    if (byte != ' ' && byte != '_') /* fillers alone are nothing */
        dv_zone_begin(zone, sink);
    if (zone->overlong)
        return;
    if (zone->line_length == DV_ZONE_MAX_LINE) {
        zone->overlong = TRUE;
        zone->odd = TRUE;
        zone->line_length = 0;
        return;
    }
    /* A byte that no MRZ has keeps its place, so that the row keeps its length. */
    zone->line[zone->line_length++] = byte >= 0x20 && byte < 0x7f ? (char)byte : '?';
}

void
dv_zone_push(DvZone *zone, const guint8 *bytes, gsize length, const DvReaderSink *sink)
{
    for (gsize i = 0; i < length; i++) {
        if (bytes[i] == STX || bytes[i] == ETX)
            dv_zone_end(zone, sink);
        else if (bytes[i] == 0)
            continue; /* padding of fixed-size packets */
        else if (bytes[i] < 0x20)
            dv_zone_end_line(zone, sink);
        else
            dv_zone_add(zone, bytes[i], sink);
    }
}

void
dv_zone_drop(DvZone *zone, const char *why, const DvReaderSink *sink)
{
    gboolean started = zone->started;
    forget(zone);
    if (started)
        sink->dropped(why, sink->data);
}

void
dv_zone_lost(DvZone *zone, const DvReaderSink *sink)
{
    dv_zone_drop(zone, "the connection was disturbed in the middle of a document", sink);
    dv_zone_reset(zone);
}

void
dv_zone_reset(DvZone *zone)
{
    forget(zone);
    zone->overlong = FALSE;
}
