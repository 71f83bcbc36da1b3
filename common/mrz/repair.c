// SPDX-License-Identifier: Apache-2.0
/*
 * Reading errors. A candidate is one substitution after which the whole zone holds: every check
 * digit and every field's syntax. It is a proof only if it is the only one and if two digits stood
 * against the text as read: the field's own and the composite one. Anything less is a finding.
 */
#include "zone.h"
#include <darvaza/mrz_repair.h>
#include <string.h>

/* Pairs that OCR takes for each other in OCR-B, each written once: look-alikes, and what a filler
 * is misread as. More pairs make repairs rarer, since every further candidate can break a proof. */
static const char *const confused[] = {
    "0O", "0D", "0Q", "0U", "1I", "1L", "2Z", "4A", "5S", "6G",
    "8B", "8S", "9G", "K<", "L<", "C<", "S<", "3<", "Z<",
};

const char *
dv_mrz_confusions(char c)
{
    static char table[128][12];
    static gsize ready;
    if (g_once_init_enter(&ready)) {
        for (guint i = 0; i < G_N_ELEMENTS(confused); i++) {
            guchar a = (guchar)confused[i][0], b = (guchar)confused[i][1];
            table[a][strlen(table[a])] = (char)b;
            table[b][strlen(table[b])] = (char)a;
        }
        g_once_init_leave(&ready, 1);
    }
    return (guchar)c < 128 ? table[(guchar)c] : "";
}

gboolean
dv_mrz_is_blind_pair(char a, char b)
{
    return a != b && dv_mrz_is_legal((guchar)a) && dv_mrz_is_legal((guchar)b) &&
           dv_mrz_check_digit(&a, 1) == dv_mrz_check_digit(&b, 1);
}

static gboolean
digits_hold(const DvMrzZone *zone)
{
    DvMrzDigitCheck checks[DV_MRZ_DIGITS];
    dv_zone_check(zone, checks);
    for (DvMrzDigit digit = 0; digit < DV_MRZ_DIGITS; digit++)
        if (checks[digit].state == DV_MRZ_CHECK_FAIL)
            return FALSE;
    return TRUE;
}

static gboolean
zone_holds(const DvMrzZone *zone, const GDate *today)
{
    if (!digits_hold(zone))
        return FALSE;
    g_autoptr(DvMrz) mrz = dv_mrz_from_zone(zone, today);
    return mrz->verdict != DV_MRZ_INVALID;
}

static gboolean
digit_holds(const DvMrzZone *zone, DvMrzDigit digit)
{
    DvMrzDigitCheck checks[DV_MRZ_DIGITS];
    dv_zone_check(zone, checks);
    return checks[digit].state != DV_MRZ_CHECK_FAIL;
}

/* Marks a range that a digit's sum runs over. */
static void
cover(gboolean covered[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX], DvMrzRange range, gboolean value)
{
    for (guint i = 0; i < range.length; i++)
        covered[range.line - 1][range.column - 1 + i] = value;
}

static void
cover_field(const DvMrzZone *zone, DvMrzDigit digit,
            gboolean covered[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX], gboolean value)
{
    const DvMrzLayout *layout = zone->layout;
    cover(covered, layout->fields[dv_mrz_digit_field(digit)], value);
    cover(covered, layout->digits[digit], value);
    guint continuation = dv_zone_continuation(zone);
    if (digit == DV_MRZ_DIGIT_DOCUMENT_NUMBER && continuation) {
        DvMrzRange rest = layout->fields[FIELD_OPTIONAL];
        rest.length = (guint8)continuation;
        cover(covered, rest, value);
    }
}

/* Where a single misread character can stand that only this digit (and the composite) sees. For the
 * composite: what no other digit vouches for. */
static void
cover_digit(const DvMrzZone *zone, DvMrzDigit digit,
            gboolean covered[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX])
{
    if (digit != DV_MRZ_DIGIT_COMPOSITE) {
        cover_field(zone, digit, covered, TRUE);
        return;
    }
    for (guint i = 0; i < DV_MRZ_COMPOSITE_PARTS; i++)
        cover(covered, zone->layout->composite[i], TRUE);
    cover(covered, zone->layout->digits[DV_MRZ_DIGIT_COMPOSITE], TRUE);
    for (DvMrzDigit other = 0; other < DV_MRZ_DIGIT_COMPOSITE; other++)
        if (zone->layout->digits[other].length)
            cover_field(zone, other, covered, FALSE);
}

typedef struct {
    const GDate *today;
    guint candidates;
    DvMrzChange change; /* the last candidate */
} Search;

static gboolean
is_numeric_place(const DvMrzZone *zone, DvMrzPosition at)
{
    const DvMrzLayout *layout = zone->layout;
    const DvMrzRange ranges[] = {
        layout->fields[FIELD_BIRTH],
        layout->fields[FIELD_EXPIRY],
        layout->digits[DV_MRZ_DIGIT_BIRTH_DATE],
        layout->digits[DV_MRZ_DIGIT_EXPIRY_DATE],
        layout->digits[DV_MRZ_DIGIT_COMPOSITE],
    };
    for (guint i = 0; i < G_N_ELEMENTS(ranges); i++)
        if (ranges[i].length && at.line == ranges[i].line && at.column >= ranges[i].column &&
            at.column < ranges[i].column + ranges[i].length)
            return TRUE;
    return FALSE;
}

/* Tries every confusion at one place: TRUE if one satisfies the digit. Candidates for which the
 * whole zone holds are counted. */
static gboolean
try_place(const DvMrzZone *zone, DvMrzDigit digit, DvMrzPosition at, Search *search)
{
    DvMrzZone changed = *zone;
    gunichar *cell = &changed.cells[at.line - 1][at.column - 1];
    char from = (char)*cell;
    gboolean explains = FALSE;
    for (const char *to = dv_mrz_confusions(from); *to; to++) {
        if (is_numeric_place(zone, at) && !g_ascii_isdigit(*to) && *to != '<')
            continue;
        *cell = (guchar)*to;
        if (!digit_holds(&changed, digit))
            continue;
        explains = TRUE;
        if (zone_holds(&changed, search->today)) {
            search->candidates++;
            search->change = (DvMrzChange){at, from, *to};
        }
    }
    return explains;
}

static void
find_doubts(const DvMrzZone *zone, DvMrzDigit digit, DvMrz *mrz, Search *search)
{
    gboolean covered[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX] = {{FALSE}};
    DvMrzFinding finding = {.digit = digit};
    cover_digit(zone, digit, covered);
    for (guint8 line = 1; line <= zone->layout->lines; line++)
        for (guint8 column = 1; column <= zone->layout->length; column++) {
            DvMrzPosition at = {line, column};
            if (covered[line - 1][column - 1] && try_place(zone, digit, at, search) &&
                finding.count < DV_MRZ_DOUBTFUL_MAX)
                finding.doubtful[finding.count++] = at;
        }
    g_array_append_val(mrz->findings, finding);
}

static void
accept(const DvMrzZone *zone, DvMrz *mrz, const Search *search)
{
    DvMrzZone changed = *zone;
    DvMrzChange change = search->change;
    changed.cells[change.at.line - 1][change.at.column - 1] = (guchar)change.to;
    g_autoptr(DvMrz) corrected = dv_mrz_from_zone(&changed, search->today);
    /* A digit that may be right by two rules proves half as much. */
    if (corrected->checks[DV_MRZ_DIGIT_DOCUMENT_NUMBER] == DV_MRZ_CHECK_OK_ALT)
        return;
    mrz->repaired = TRUE;
    mrz->change_count = 1;
    mrz->changes[0] = change;
    mrz->corrected_verdict = corrected->verdict;
    for (guint i = 0; i < mrz->line_count; i++)
        g_strlcpy(mrz->corrected_lines[i], corrected->lines[i], sizeof mrz->corrected_lines[i]);
}

void
dv_zone_repair(const DvMrzZone *zone, DvMrz *mrz, const GDate *today)
{
    guint failed_fields = 0;
    Search search = {.today = today};
    for (DvMrzDigit digit = 0; digit < DV_MRZ_DIGIT_COMPOSITE; digit++)
        if (mrz->checks[digit] == DV_MRZ_CHECK_FAIL) {
            find_doubts(zone, digit, mrz, &search);
            failed_fields++;
        }
    gboolean composite_fails = mrz->checks[DV_MRZ_DIGIT_COMPOSITE] == DV_MRZ_CHECK_FAIL;
    if (composite_fails && failed_fields == 0) {
        find_doubts(zone, DV_MRZ_DIGIT_COMPOSITE, mrz, &search);
        return; /* one digit alone proves nothing */
    }
    if (composite_fails && failed_fields == 1 && search.candidates == 1)
        accept(zone, mrz, &search);
}
