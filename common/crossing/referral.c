// SPDX-License-Identifier: Apache-2.0
/* What the protection unit reads: enough to find and help the person, and nothing else. */
#include "private.h"

static const DvSchemaMember person[] = {
    {"surname", DV_SCHEMA_TEXT, 1, 200, .nullable = TRUE},
    {"given_names", DV_SCHEMA_TEXT, 1, 200, .nullable = TRUE},
    {"birth_date", DV_SCHEMA_TEXT, 1, 10, .nullable = TRUE, .form = dv_form_partial_date},
    {"nationality", DV_SCHEMA_TEXT, 1, 3, .nullable = TRUE, .form = dv_form_country},
    {NULL}};

static const DvSchemaMember document[] = {
    {"number", DV_SCHEMA_TEXT, 1, 64, .nullable = TRUE},
    {"issuing_state", DV_SCHEMA_TEXT, 1, 3, .nullable = TRUE, .form = dv_form_country},
    {"type", DV_SCHEMA_TEXT, 1, 2, .nullable = TRUE},
    {NULL}};

static const DvSchemaMember referral[] = {
    {"referral", DV_SCHEMA_WORD, .vocabulary = "referral"},
    {"kind", DV_SCHEMA_WORD, .vocabulary = "referral_kind"},
    {"crossing_id", DV_SCHEMA_TEXT, 36, 36, .form = dv_form_uuid},
    {"checkpoint", DV_SCHEMA_TEXT, 1, 32, .form = dv_form_id},
    {"kiosk", DV_SCHEMA_TEXT, 1, DV_CROSSING_KIOSK_MAX, .form = dv_form_kiosk},
    {"event_time", DV_SCHEMA_TEXT, 24, 24, .form = dv_form_time},
    {"language", DV_SCHEMA_TEXT, 1, 35, .nullable = TRUE, .form = dv_form_id},
    {"note", DV_SCHEMA_TEXT, 1, 1000, .nullable = TRUE, .form = dv_form_note},
    {"person", DV_SCHEMA_OBJECT, .members = person},
    {"document", DV_SCHEMA_OBJECT, .members = document},
    {"header", DV_SCHEMA_OBJECT, .members = dv_header_repeated},
    {NULL}};

gboolean
dv_referral_validate(const json_t *object, GError **error)
{
    return dv_schema_check(object, referral, "protection referral", error);
}
