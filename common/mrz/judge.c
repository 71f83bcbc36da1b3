// SPDX-License-Identifier: Apache-2.0
/* What a zone breaks beyond its check digits. Errors make it invalid, deviations do not. */
#include "zone.h"
#include <string.h>

static void G_GNUC_PRINTF(2, 3) add(GPtrArray *list, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_ptr_array_add(list, g_strdup_vprintf(format, arguments));
    va_end(arguments);
}

static gboolean
is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* Doc 9303-4, 4.4: from 2026 a second letter; P alone may live until 2038. */
static void
judge_passport_code(const char *code, DvMrz *mrz)
{
    if (code[0] != 'P')
        add(mrz->errors, "document_code");
    else if (!dv_mrz_passport_code_is_known(code))
        add(mrz->deviations, "secondary document code %s not in Doc 9303-4 4.4", code + 1);
}

/* Doc 9303-5, 4.2.2.2 note k and 9303-6, 4.2.2.2: A, C or I; the second is the state's choice but
 * never V (AC is a crew member certificate). */
static gboolean
is_card_code(const char *code)
{
    return code[0] != '\0' && strchr("ACI", code[0]) != NULL && code[1] != 'V';
}

static void
judge_document_code(const DvMrzZone *zone, DvMrz *mrz)
{
    const char *code = mrz->document_code;
    switch (zone->layout->format) {
    case DV_MRZ_TD3:
        judge_passport_code(code, mrz);
        break;
    case DV_MRZ_TD2:
        if (code[0] == 'P' && strcmp(code, "PU") != 0)
            add(mrz->deviations, "document_code %s on TD2 (only PU, Doc 9303-8, is defined)", code);
        else if (code[0] != 'P' && !is_card_code(code))
            add(mrz->errors, "document_code");
        break;
    case DV_MRZ_TD1:
        if (!is_card_code(code))
            add(mrz->errors, "document_code");
        break;
    default: /* visas and the French card are recognised by their code */
        break;
    }
}

static void
judge_names(const DvMrzZone *zone, DvMrz *mrz)
{
    const DvMrzField fields[] = {FIELD_NAME, FIELD_GIVEN};
    for (guint f = 0; f < G_N_ELEMENTS(fields); f++) {
        DvMrzRange range = zone->layout->fields[fields[f]];
        for (guint i = 0; i < range.length; i++)
            if (g_unichar_isdigit(dv_zone_at(zone, range, i))) {
                add(mrz->errors, "digit in name field");
                return;
            }
    }
    if (mrz->surname[0] == '\0' && mrz->given_names[0] == '\0')
        add(mrz->errors, "name is void");
}

static void
judge_dates(const DvMrzZone *zone, DvMrz *mrz)
{
    if (dv_mrz_date_kind(mrz->birth_date, TRUE) == DATE_BAD)
        add(mrz->errors, "birth_date not a date");
    if (zone->layout->fields[FIELD_EXPIRY].length == 0)
        return;
    DvMrzDateKind kind = dv_mrz_date_kind(mrz->expiry_date, FALSE);
    if (kind == DATE_BAD)
        add(mrz->errors, "expiry_date not a date");
    else if (kind == DATE_UNKNOWN)
        add(mrz->deviations, "no expiry date (not foreseen by Doc 9303-3 4.8)");
}

static void
judge_sex(DvMrz *mrz)
{
    if (strcmp(mrz->sex, "X") == 0)
        add(mrz->deviations, "sex X"); /* X is for the visual zone: Doc 9303-3, 4.1.1.1 */
    else if (strcmp(mrz->sex, "M") != 0 && strcmp(mrz->sex, "F") != 0 && strcmp(mrz->sex, "<") != 0)
        add(mrz->errors, "sex %s", mrz->sex);
}

/* One to three letters, then fillers. raw is as it stands, code without fillers. */
static gboolean
is_state_syntax(const char *raw, const char *code)
{
    gsize letters = 0;
    while (is_upper(code[letters]))
        letters++;
    return letters > 0 && code[letters] == '\0' && strlen(raw) == 3;
}

static void
judge_state(const DvMrzZone *zone, DvMrzField field, const char *code, const char *what, DvMrz *mrz)
{
    char raw[DV_MRZ_FIELD_BYTES];
    DvMrzRange range = zone->layout->fields[field];
    dv_zone_text(zone, range, raw);
    if (range.length == 0 || dv_mrz_country_is_known(code))
        return;
    if (code[0] == '\0')
        add(mrz->deviations, "%s absent", what);
    else if (is_state_syntax(raw, code))
        add(mrz->deviations, "%s unknown code %s", what, raw);
    else
        add(mrz->errors, "%s syntax %s", what, raw);
}

void
dv_zone_judge(const DvMrzZone *zone, DvMrz *mrz)
{
    if (zone->layout->format == DV_MRZ_FRA_ID2)
        add(mrz->deviations, "national format (French CNI 1988-2021)");
    judge_document_code(zone, mrz);
    judge_names(zone, mrz);
    judge_dates(zone, mrz);
    judge_sex(mrz);
    judge_state(zone, FIELD_STATE, mrz->issuing_state, "issuing_state", mrz);
    judge_state(zone, FIELD_NATIONALITY, mrz->nationality, "nationality", mrz);
}
