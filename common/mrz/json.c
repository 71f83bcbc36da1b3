// SPDX-License-Identifier: Apache-2.0
/* docs/formats/mrz-json.md, key by key. */
#include "zone.h"
#include <darvaza/mrz_json.h>

typedef struct {
    const char *key;
    DvMrzField field; /* written only where the format has it */
    gsize offset;
} TextKey;

static const TextKey text_keys[] = {
    {"document_code", FIELD_CODE, offsetof(DvMrz, document_code)},
    {"issuing_state", FIELD_STATE, offsetof(DvMrz, issuing_state)},
    {"document_number", FIELD_NUMBER, offsetof(DvMrz, document_number)},
    {"document_number_check", FIELD_NUMBER, offsetof(DvMrz, document_number_check)},
    {"surname", FIELD_NAME, offsetof(DvMrz, surname)},
    {"given_names", FIELD_NAME, offsetof(DvMrz, given_names)},
    {"nationality", FIELD_NATIONALITY, offsetof(DvMrz, nationality)},
    {"birth_date", FIELD_BIRTH, offsetof(DvMrz, birth_date)},
    {"sex", FIELD_SEX, offsetof(DvMrz, sex)},
    {"expiry_date", FIELD_EXPIRY, offsetof(DvMrz, expiry_date)},
    {"optional", FIELD_OPTIONAL, offsetof(DvMrz, optional)},
    {"optional2", FIELD_OPTIONAL2, offsetof(DvMrz, optional2)},
    {"admin_code", FIELD_ADMIN, offsetof(DvMrz, admin_code)},
    {"issue_yymm", FIELD_ISSUED, offsetof(DvMrz, issue_yymm)},
};

static void
put_text(json_t *object, const char *key, const char *text)
{
    json_object_set_new(object, key, json_string(text));
}

/* What may be unknown is left out rather than written empty. */
static void
put_if_known(json_t *object, const char *key, const char *text)
{
    if (text[0] != '\0')
        put_text(object, key, text);
}

static json_t *
strings(const GPtrArray *list)
{
    json_t *array = json_array();
    for (guint i = 0; i < list->len; i++)
        json_array_append_new(array, json_string(g_ptr_array_index(list, i)));
    return array;
}

static json_t *
lines_array(const char lines[][DV_MRZ_FIELD_BYTES], guint count)
{
    json_t *array = json_array();
    for (guint i = 0; i < count; i++)
        json_array_append_new(array, json_string(lines[i]));
    return array;
}

static json_t *
checks_object(const DvMrz *mrz)
{
    json_t *object = json_object();
    for (DvMrzDigit digit = 0; digit < DV_MRZ_DIGITS; digit++)
        if (mrz->checks[digit] != DV_MRZ_CHECK_ABSENT)
            put_text(object, dv_mrz_digit_word(digit), dv_mrz_check_word(mrz->checks[digit]));
    return object;
}

static json_t *
position_object(DvMrzPosition at)
{
    return json_pack("{s:i, s:i}", "line", at.line, "column", at.column);
}

static json_t *
findings_array(const DvMrz *mrz)
{
    json_t *array = json_array();
    for (guint i = 0; i < mrz->findings->len; i++) {
        const DvMrzFinding *finding = &g_array_index(mrz->findings, DvMrzFinding, i);
        json_t *places = json_array();
        for (guint p = 0; p < finding->count; p++)
            json_array_append_new(places, position_object(finding->doubtful[p]));
        json_array_append_new(array,
                              json_pack("{s:s, s:o}", "check", dv_mrz_digit_word(finding->digit),
                                        "doubtful", places));
    }
    return array;
}

static json_t *
repairs_array(const DvMrz *mrz)
{
    json_t *array = json_array();
    for (guint i = 0; i < mrz->change_count; i++) {
        const DvMrzChange *change = &mrz->changes[i];
        json_t *object = position_object(change->at);
        json_object_set_new(object, "from", json_stringn(&change->from, 1));
        json_object_set_new(object, "to", json_stringn(&change->to, 1));
        json_array_append_new(array, object);
    }
    return array;
}

static void
put_fields(json_t *object, const DvMrz *mrz)
{
    const DvMrzLayout *layout = dv_mrz_layout(mrz->format);
    for (guint i = 0; i < G_N_ELEMENTS(text_keys); i++)
        if (layout->fields[text_keys[i].field].length)
            put_text(object, text_keys[i].key, (const char *)mrz + text_keys[i].offset);
    json_object_set_new(object, "name_possibly_truncated",
                        json_boolean(mrz->name_possibly_truncated));
    put_if_known(object, "birth_date_iso", mrz->birth_date_iso);
    put_if_known(object, "expiry_date_iso", mrz->expiry_date_iso);
    put_if_known(object, "bac_mrz_information", mrz->bac_mrz_information);
    json_object_set_new(object, "checks", checks_object(mrz));
}

static void
put_repair(json_t *object, const DvMrz *mrz)
{
    json_object_set_new(object, "repaired", json_boolean(mrz->repaired));
    if (!mrz->repaired)
        return;
    json_object_set_new(object, "repairs", repairs_array(mrz));
    json_object_set_new(object, "corrected_lines",
                        lines_array(mrz->corrected_lines, mrz->line_count));
    put_text(object, "corrected_verdict", dv_mrz_verdict_word(mrz->corrected_verdict));
}

json_t *
dv_mrz_to_json(const DvMrz *mrz)
{
    json_t *object = json_object();
    put_text(object, "format", dv_mrz_format_word(mrz->format));
    put_text(object, "verdict", dv_mrz_verdict_word(mrz->verdict));
    if (mrz->verdict == DV_MRZ_REJECT) {
        put_text(object, "reason", mrz->reason);
        return object;
    }
    json_object_set_new(object, "lines", lines_array(mrz->lines, mrz->line_count));
    put_fields(object, mrz);
    json_object_set_new(object, "deviations", strings(mrz->deviations));
    json_object_set_new(object, "errors", strings(mrz->errors));
    json_object_set_new(object, "findings", findings_array(mrz));
    put_repair(object, mrz);
    return object;
}
