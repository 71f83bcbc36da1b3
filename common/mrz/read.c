// SPDX-License-Identifier: Apache-2.0
/* What the fields say: Doc 9303-3, 4; names as 9303-3, 4.6, dates as 4.8. */
#include "zone.h"
#include <string.h>

static void
strip_end(char *text)
{
    gsize length = strlen(text);
    while (length > 0 && text[length - 1] == '<')
        text[--length] = '\0';
}

/* A field without its trailing fillers. */
static void
read_plain(const DvMrzZone *zone, DvMrzField field, char *out)
{
    dv_zone_text(zone, zone->layout->fields[field], out);
    strip_end(out);
}

/* Copies a name part: runs of fillers become one space, outer ones nothing. */
static void
copy_words(const char *from, gsize length, char *to)
{
    char *out = to;
    for (gsize i = 0; i < length; i++) {
        if (from[i] != '<')
            *out++ = from[i];
        else if (out > to && out[-1] != ' ')
            *out++ = ' ';
    }
    if (out > to && out[-1] == ' ')
        out--;
    *out = '\0';
}

static void
append_number_part(const DvMrzZone *zone, DvMrzRange range, char *number)
{
    dv_zone_text(zone, range, number + strlen(number));
}

/* Outer fillers go, each inner one is a space. */
static void
clean_number(char *number)
{
    strip_end(number);
    const char *from = number;
    while (*from == '<')
        from++;
    for (; *from; from++)
        *number++ = *from == '<' ? ' ' : *from;
    *number = '\0';
}

/* The number, its digit and what is left of the optional data. */
static void
read_number(const DvMrzZone *zone, DvMrz *mrz)
{
    const DvMrzLayout *layout = zone->layout;
    guint continuation = dv_zone_continuation(zone);
    DvMrzRange digit = layout->digits[DV_MRZ_DIGIT_DOCUMENT_NUMBER];
    DvMrzRange rest = layout->fields[FIELD_OPTIONAL];
    append_number_part(zone, layout->fields[FIELD_NUMBER], mrz->document_number);
    if (continuation) {
        DvMrzRange part = {rest.line, rest.column, (guint8)(continuation - 1)};
        append_number_part(zone, part, mrz->document_number);
        digit = (DvMrzRange){rest.line, (guint8)(rest.column + continuation - 1), 1};
        guint8 used = (guint8)MIN(continuation + 1, rest.length); /* the filler behind it too */
        rest.column = (guint8)(rest.column + used);
        rest.length = (guint8)(rest.length - used);
    }
    clean_number(mrz->document_number);
    dv_zone_text(zone, digit, mrz->document_number_check);
    dv_zone_text(zone, rest, mrz->optional);
    strip_end(mrz->optional);
}

static gboolean
ends_in_letter(const DvMrzZone *zone, DvMrzRange range)
{
    return range.length > 0 && g_unichar_isalpha(dv_zone_at(zone, range, range.length - 1u));
}

/* Two fillers divide the primary identifier from the secondary; without them everything is the
 * primary one. A letter in the last place means that the name may go on (Doc 9303-4, 4.2.3). */
static void
read_names(const DvMrzZone *zone, DvMrz *mrz)
{
    const DvMrzLayout *layout = zone->layout;
    DvMrzRange given = layout->fields[FIELD_GIVEN];
    char text[DV_MRZ_FIELD_BYTES];
    dv_zone_text(zone, layout->fields[FIELD_NAME], text);
    const char *divider = given.length ? NULL : strstr(text, "<<");
    gsize primary = divider ? (gsize)(divider - text) : strlen(text);
    copy_words(text, primary, mrz->surname);
    copy_words(text + primary, strlen(text + primary), mrz->given_names);
    mrz->name_possibly_truncated = ends_in_letter(zone, layout->fields[FIELD_NAME]);
    if (given.length) {
        dv_zone_text(zone, given, text);
        copy_words(text, strlen(text), mrz->given_names);
        mrz->name_possibly_truncated |= ends_in_letter(zone, given);
    }
}

void
dv_zone_read(const DvMrzZone *zone, DvMrz *mrz, const GDate *today)
{
    const DvMrzLayout *layout = zone->layout;
    for (guint i = 0; i < layout->lines; i++)
        dv_zone_text(zone, (DvMrzRange){(guint8)(i + 1), 1, layout->length}, mrz->lines[i]);
    mrz->line_count = layout->lines;
    read_plain(zone, FIELD_CODE, mrz->document_code);
    read_plain(zone, FIELD_STATE, mrz->issuing_state);
    read_plain(zone, FIELD_NATIONALITY, mrz->nationality);
    read_plain(zone, FIELD_OPTIONAL2, mrz->optional2);
    read_plain(zone, FIELD_ADMIN, mrz->admin_code);
    dv_zone_text(zone, layout->fields[FIELD_ISSUED], mrz->issue_yymm);
    dv_zone_text(zone, layout->fields[FIELD_BIRTH], mrz->birth_date);
    dv_zone_text(zone, layout->fields[FIELD_EXPIRY], mrz->expiry_date);
    dv_zone_text(zone, layout->fields[FIELD_SEX], mrz->sex);
    read_number(zone, mrz);
    read_names(zone, mrz);
    dv_mrz_birth_iso(mrz->birth_date, today, mrz->birth_date_iso);
    dv_mrz_expiry_iso(mrz->expiry_date, today, mrz->expiry_date_iso);
}
