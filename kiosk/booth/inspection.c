// SPDX-License-Identifier: Apache-2.0
#include "inspection.h"

#include <darvaza/clock.h>
#include <darvaza/crypto.h>
#include <darvaza/error.h>
#include <string.h>

static DvInspection *
inspection_new(DvEntryMethod entry, gint64 arrived_us)
{
    DvInspection *inspection = g_new0(DvInspection, 1);
    inspection->crossing_id = dv_uuid_new();
    inspection->event_us = dv_clock_wall_us();
    inspection->arrived_us = arrived_us;
    inspection->entry = entry;
    inspection->changes = g_array_new(FALSE, TRUE, sizeof(DvLineChange));
    return inspection;
}

static void
traveller_clear(DvTraveller *traveller)
{
    g_free(traveller->document_code);
    g_free(traveller->document_number);
    g_free(traveller->issuing_state);
    g_free(traveller->nationality);
    g_free(traveller->surname);
    g_free(traveller->given_names);
    g_free(traveller->birth_date);
    g_free(traveller->expiry_date);
    g_free(traveller->sex);
    *traveller = (DvTraveller){0};
}

void
dv_inspection_free(DvInspection *inspection)
{
    if (!inspection)
        return;
    g_free(inspection->crossing_id);
    g_strfreev(inspection->raw_lines);
    g_strfreev(inspection->lines);
    g_array_unref(inspection->changes);
    dv_mrz_free(inspection->mrz);
    traveller_clear(&inspection->traveller);
    dv_verdict_free(inspection->verdict);
    dv_watchlist_answer_free(inspection->watch);
    g_free(inspection->movement.direction);
    g_free(inspection->movement.mode);
    g_free(inspection->movement.purpose);
    g_free(inspection->movement.traveller_class);
    dv_face_clear(&inspection->face);
    dv_scan_clear(&inspection->scan);
    g_free(inspection);
}

GDate
dv_inspection_today(const DvInspection *inspection)
{
    GDate today;
    g_date_clear(&today, 1);
    g_autoptr(GDateTime) time =
        g_date_time_new_from_unix_utc(inspection->event_us / G_USEC_PER_SEC);
    g_date_set_dmy(&today, (GDateDay)g_date_time_get_day_of_month(time),
                   (GDateMonth)g_date_time_get_month(time), (GDateYear)g_date_time_get_year(time));
    return today;
}

/* ---- from lines ---- */

/* "M" and "F" as they are; an unspecified sex is "<" in the zone and X everywhere else. */
static const char *
sex_word(const char *zone)
{
    if (g_str_equal(zone, "M") || g_str_equal(zone, "F"))
        return zone;
    return "X";
}

static void
take_zone(DvInspection *inspection)
{
    const DvMrz *mrz = inspection->mrz;
    DvTraveller *traveller = &inspection->traveller;
    traveller_clear(traveller);
    gboolean read = mrz->verdict != DV_MRZ_REJECT;
    traveller->document_code = g_strdup(read ? mrz->document_code : "");
    traveller->document_number = g_strdup(read ? mrz->document_number : "");
    traveller->issuing_state = g_strdup(read ? mrz->issuing_state : "");
    traveller->nationality = g_strdup(read ? mrz->nationality : "");
    traveller->surname = g_strdup(read ? mrz->surname : "");
    traveller->given_names = g_strdup(read ? mrz->given_names : "");
    traveller->birth_date = g_strdup(read ? mrz->birth_date_iso : "");
    traveller->expiry_date = g_strdup(read ? mrz->expiry_date_iso : "");
    traveller->sex = g_strdup(read ? sex_word(mrz->sex) : "X");
}

static char **
corrected_lines_of(const DvMrz *mrz)
{
    char **lines = g_new0(char *, mrz->line_count + 1);
    for (guint i = 0; i < mrz->line_count; i++)
        lines[i] = g_strdup(mrz->corrected_lines[i]);
    return lines;
}

static void
parse_lines(DvInspection *inspection)
{
    GDate today = dv_inspection_today(inspection);
    dv_mrz_free(inspection->mrz);
    inspection->mrz = dv_mrz_parse_lines((const char *const *)inspection->lines,
                                         g_strv_length(inspection->lines), &today);
}

/* Compares byte by byte: lines that differ in length or beyond ASCII are no corrections. */
static void
count_changes(DvInspection *inspection, gboolean by_officer)
{
    g_autoptr(GArray) before = g_array_copy(inspection->changes);
    g_array_set_size(inspection->changes, 0);
    for (guint8 i = 0; inspection->raw_lines[i] && inspection->lines[i]; i++) {
        const char *raw = inspection->raw_lines[i], *now = inspection->lines[i];
        for (guint8 at = 0; raw[at] && now[at]; at++) {
            if (raw[at] == now[at])
                continue;
            DvLineChange change = {(guint8)(i + 1), (guint8)(at + 1), raw[at], now[at], by_officer};
            for (guint k = 0; k < before->len; k++) {
                const DvLineChange *old = &g_array_index(before, DvLineChange, k);
                if (old->line == change.line && old->column == change.column &&
                    old->to == change.to)
                    change.by_officer = old->by_officer;
            }
            g_array_append_val(inspection->changes, change);
        }
    }
}

DvInspection *
dv_inspection_new_lines(DvEntryMethod entry, const char *const *lines, gint64 arrived_us)
{
    DvInspection *inspection = inspection_new(entry, arrived_us);
    inspection->raw_lines = g_strdupv((char **)lines);
    inspection->lines = g_strdupv((char **)lines);
    parse_lines(inspection);
    if (inspection->mrz->repaired) {
        g_strfreev(inspection->lines);
        inspection->lines = corrected_lines_of(inspection->mrz);
        count_changes(inspection, FALSE);
        parse_lines(inspection);
    }
    take_zone(inspection);
    return inspection;
}

gboolean
dv_inspection_correct(DvInspection *inspection, const char *const *lines, GError **error)
{
    guint n = inspection->raw_lines ? g_strv_length(inspection->raw_lines) : 0;
    gboolean fits = n > 0 && g_strv_length((char **)lines) == n;
    for (guint i = 0; fits && i < n; i++) {
        fits = strlen(lines[i]) == strlen(inspection->raw_lines[i]);
        for (const char *c = lines[i]; fits && *c; c++)
            fits = g_ascii_isupper(*c) || g_ascii_isdigit(*c) || *c == '<';
    }
    if (!fits) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "corrected lines must be as many and as long as the lines that were read, of "
                    "A-Z, 0-9 and <");
        return FALSE;
    }
    g_strfreev(inspection->lines);
    inspection->lines = g_strdupv((char **)lines);
    count_changes(inspection, TRUE);
    inspection->confirmed = TRUE;
    parse_lines(inspection);
    take_zone(inspection);
    g_clear_pointer(&inspection->verdict, dv_verdict_free);
    g_clear_pointer(&inspection->watch, dv_watchlist_answer_free);
    return TRUE;
}

/* ---- from fields ---- */

typedef enum { SET_NAME, SET_ALNUM, SET_CODE, SET_DATE, SET_SEX } FieldSet;

static gboolean
is_date(const char *text)
{
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return FALSE;
    for (guint i = 0; i < 10; i++)
        if (i != 4 && i != 7 && !g_ascii_isdigit(text[i]) && text[i] != 'X')
            return FALSE;
    if (strchr(text, 'X'))
        return TRUE;
    guint year = (guint)g_ascii_strtoull(text, NULL, 10);
    guint month = (guint)g_ascii_strtoull(text + 5, NULL, 10);
    guint day = (guint)g_ascii_strtoull(text + 8, NULL, 10);
    return year > 0 && month >= 1 && month <= 12 &&
           g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

static gboolean
is_in_set(const char *text, FieldSet set)
{
    if (!*text)
        return TRUE;
    if (set == SET_DATE)
        return is_date(text);
    if (set == SET_SEX)
        return g_str_equal(text, "F") || g_str_equal(text, "M") || g_str_equal(text, "X");
    for (const char *c = text; *c; c++) {
        gboolean fits = g_ascii_isupper(*c) || (set == SET_NAME && *c == ' ') ||
                        (set == SET_ALNUM && g_ascii_isdigit(*c));
        if (!fits)
            return FALSE;
    }
    return TRUE;
}

/* The member in upper case without outer spaces; NULL with error when it is outside its set. */
static char *
take_field(const json_t *fields, const char *key, gsize max, FieldSet set, GError **error)
{
    const json_t *value = json_object_get(fields, key);
    if (!value || json_is_null(value))
        return g_strdup("");
    const char *text = json_string_value(value);
    g_autofree char *upper = text ? g_ascii_strup(text, -1) : NULL;
    if (upper)
        g_strstrip(upper);
    if (upper && strlen(upper) <= max && is_in_set(upper, set))
        return g_steal_pointer(&upper);
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "manual entry: %s is too long, or holds what cannot stand in it (names: A-Z and "
                "spaces as in the machine readable zone; dates: YYYY-MM-DD, unknown parts XX)",
                key);
    return NULL;
}

DvInspection *
dv_inspection_new_fields(const json_t *fields, GError **error)
{
    g_autoptr(DvInspection) inspection = inspection_new(DV_ENTRY_MANUAL, dv_clock_mono_us());
    DvTraveller *traveller = &inspection->traveller;
    const struct {
        const char *key;
        char **to;
        gsize max;
        FieldSet set;
    } table[] = {
        {"document_code", &traveller->document_code, 2, SET_CODE},
        {"document_number", &traveller->document_number, 22, SET_ALNUM},
        {"issuing_state", &traveller->issuing_state, 3, SET_CODE},
        {"nationality", &traveller->nationality, 3, SET_CODE},
        {"surname", &traveller->surname, 64, SET_NAME},
        {"given_names", &traveller->given_names, 64, SET_NAME},
        {"birth_date", &traveller->birth_date, 10, SET_DATE},
        {"expiry_date", &traveller->expiry_date, 10, SET_DATE},
        {"sex", &traveller->sex, 1, SET_SEX},
    };
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)fields, key, value)
    {
        gboolean known = FALSE;
        for (guint i = 0; i < G_N_ELEMENTS(table); i++)
            known = known || g_str_equal(key, table[i].key);
        if (!known) {
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "manual entry: there is no such field");
            return NULL;
        }
    }
    for (guint i = 0; i < G_N_ELEMENTS(table); i++) {
        *table[i].to = take_field(fields, table[i].key, table[i].max, table[i].set, error);
        if (!*table[i].to)
            return NULL;
    }
    if (!*traveller->sex) {
        g_free(traveller->sex);
        traveller->sex = g_strdup("X");
    }
    return g_steal_pointer(&inspection);
}

/* ---- age ---- */

int
dv_inspection_age(const DvInspection *inspection)
{
    const char *birth = inspection->traveller.birth_date;
    if (strlen(birth) != 10 || strchr(birth, 'X'))
        return -1;
    GDate today = dv_inspection_today(inspection);
    int age = g_date_get_year(&today) - (int)g_ascii_strtoll(birth, NULL, 10);
    int month = (int)g_ascii_strtoll(birth + 5, NULL, 10);
    int day = (int)g_ascii_strtoll(birth + 8, NULL, 10);
    int now_month = (int)g_date_get_month(&today), now_day = g_date_get_day(&today);
    if (now_month < month || (now_month == month && now_day < day))
        age--;
    return age;
}
