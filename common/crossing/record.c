// SPDX-License-Identifier: Apache-2.0
/* The record's members (docs/formats/record.md). */
#include "private.h"
#include "schema.h"
#include <darvaza/crossing.h>

#define TEXT(name, min, max, ...)                                                                  \
    {                                                                                              \
        name, DV_SCHEMA_TEXT, min, max, __VA_ARGS__                                                \
    }
#define MAYBE(name, max, ...)                                                                      \
    {                                                                                              \
        name, DV_SCHEMA_TEXT, 1, max, .nullable = TRUE, __VA_ARGS__                                \
    }
#define WORD(name, words)                                                                          \
    {                                                                                              \
        name, DV_SCHEMA_WORD, .vocabulary = words                                                  \
    }
#define MAYBE_WORD(name, words)                                                                    \
    {                                                                                              \
        name, DV_SCHEMA_WORD, .nullable = TRUE, .vocabulary = words                                \
    }
#define INT(name, min, max)                                                                        \
    {                                                                                              \
        name, DV_SCHEMA_INT, min, max                                                              \
    }
#define MAYBE_INT(name, min, max)                                                                  \
    {                                                                                              \
        name, DV_SCHEMA_INT, min, max, .nullable = TRUE                                            \
    }
#define BOOL(name)                                                                                 \
    {                                                                                              \
        name, DV_SCHEMA_BOOL                                                                       \
    }
#define OBJECT(name, table)                                                                        \
    {                                                                                              \
        name, DV_SCHEMA_OBJECT, .members = table                                                   \
    }
#define MAYBE_OBJECT(name, table)                                                                  \
    {                                                                                              \
        name, DV_SCHEMA_OBJECT, .nullable = TRUE, .members = table                                 \
    }
#define LIST(name, max, table)                                                                     \
    {                                                                                              \
        name, DV_SCHEMA_LIST, 0, max, .members = table                                             \
    }
#define TEXTS(name, max, ...)                                                                      \
    {                                                                                              \
        name, DV_SCHEMA_TEXTS, 0, max, __VA_ARGS__                                                 \
    }
#define DAY_MS (24 * 3600 * 1000)

static const DvSchemaMember watchlist[] = {
    TEXT("list_id", 1, 64, .form = dv_form_id),
    MAYBE_INT("version", 0, DV_INTEGER_MAX), /* null: no version of this list is here */
    MAYBE_INT("age_s", 0, DV_INTEGER_MAX),
    WORD("status", "list_status"),
    {NULL}};

static const DvSchemaMember person[] = {
    MAYBE("surname", 200), /* as in the machine readable zone */
    MAYBE("given_names", 200),
    MAYBE("native_surname", 200), /* in the person's own script */
    MAYBE("native_given_names", 200),
    MAYBE("birth_date", 10, .form = dv_form_partial_date),
    MAYBE_WORD("sex", "sex"),
    TEXTS("nationalities", 8, .form = dv_form_country),
    {NULL}};

static const DvSchemaMember change[] = {INT("line", 1, 3),       INT("column", 1, 44),
                                        TEXT("from", 1, 4),      TEXT("to", 1, 4),
                                        WORD("by", "change_by"), {NULL}};

static const DvSchemaMember mrz_check[] = {
    WORD("field", "mrz_field"), WORD("result", "mrz_check"), {NULL}};

static const DvSchemaMember image[] = {
    WORD("kind", "image"), TEXT("sha256", 64, 64, .form = dv_form_sha256), {NULL}};

static const DvSchemaMember document[] = {
    MAYBE("type", 2), /* "P", "ID", "V"; null without a document */
    MAYBE("number", 64),
    MAYBE("issuing_state", 3, .form = dv_form_country),
    MAYBE("expiry_date", 10, .form = dv_form_partial_date),
    MAYBE_WORD("mrz_format", "mrz_format"),
    MAYBE_WORD("mrz_verdict", "mrz_verdict"),
    TEXTS("mrz", 3),           /* as read or typed first, never changed */
    TEXTS("mrz_corrected", 3), /* as they count; empty when nothing was changed */
    LIST("mrz_changes", 132, change),
    LIST("mrz_checks", 5, mrz_check),
    LIST("images", 12, image),
    {NULL}};

static const DvSchemaMember check[] = {TEXT("id", 1, 64, .form = dv_form_id),
                                       INT("result", 1, 5),
                                       WORD("obligation", "obligation"),
                                       MAYBE("code", 64, .form = dv_form_id),
                                       INT("start_ms", 0, DAY_MS), /* since the document arrived */
                                       INT("end_ms", 0, DAY_MS),
                                       {NULL}};

static const DvSchemaMember face[] = {
    MAYBE_INT("score", -1000, 1000), /* in thousandths: a record has no fractions */
    MAYBE_INT("threshold", -1000, 1000),
    INT("result", 1, 5),
    MAYBE_WORD("missing", "face_missing"),
    {NULL}};

/* From version 2 on. The score is a finding of an operator's model and never a decision. */
static const DvSchemaMember face_model[] = {
    TEXT("name", 1, 63),
    TEXT("licence", 1, 63),
    TEXT("measured_on", 1, 199), /* the set on which its operator found the rates */
    INT("false_match_per_million", 0, 1000000),
    INT("false_non_match_per_million", 0, 1000000),
    {NULL}};

static const DvSchemaMember face_2[] = {
    MAYBE_INT("score", -1000, 1000),
    MAYBE_INT("threshold", -1000, 1000),
    INT("result", 1, 5),
    MAYBE_WORD("missing", "face_missing_2"),
    TEXTS("findings", 16, .form = dv_form_id), /* what spoke against the live portrait */
    BOOL("pose_judged"),
    MAYBE_OBJECT("model", face_model),
    {NULL}};

static const DvSchemaMember portrait[] = {
    WORD("kind", "portrait"),
    TEXT("jpeg", 8, DV_RECORD_PORTRAIT_TEXT_MAX, .form = dv_form_jpeg),
    {NULL}};

/* From version 3 on: what a camera's lines were read from. */
static const DvSchemaMember scan[] = {
    INT("corrections", 0, 132), /* characters that check digits decided */
    MAYBE("zone", DV_RECORD_ZONE_TEXT_MAX, .form = dv_form_jpeg),
    MAYBE("page", DV_RECORD_PAGE_TEXT_MAX, .form = dv_form_jpeg),
    MAYBE_WORD("missing", "scan_missing"), /* why one of the two is */
    {NULL}};

static const DvSchemaMember visa[] = {TEXT("number", 1, 64),
                                      MAYBE("issuer", 3, .form = dv_form_country),
                                      MAYBE("type", 8, .form = dv_form_code),
                                      MAYBE_WORD("entries", "visa_entries"),
                                      MAYBE("valid_until", 10, .form = dv_form_date),
                                      MAYBE_INT("days", 0, 3660),
                                      {NULL}};

static const DvSchemaMember stay_input[] = {
    TEXT("entry", 10, 10, .form = dv_form_date), MAYBE("exit", 10, .form = dv_form_date), {NULL}};

static const DvSchemaMember stay_calc[] = {INT("used_days", 0, 3660),
                                           INT("remaining_days", -3660, 3660),
                                           LIST("inputs", 64, stay_input),
                                           WORD("completeness", "completeness"),
                                           {NULL}};

static const DvSchemaMember movement[] = {WORD("direction", "direction"),
                                          WORD("mode", "mode"),
                                          MAYBE("carrier", 64),
                                          MAYBE("voyage", 32),
                                          MAYBE("plate", 32),
                                          MAYBE_WORD("purpose", "purpose"),
                                          MAYBE("origin", 100),
                                          MAYBE("destination", 100),
                                          MAYBE_OBJECT("visa", visa),
                                          MAYBE("authorised_until", 10, .form = dv_form_date),
                                          MAYBE_OBJECT("stay_calc", stay_calc),
                                          {NULL}};

static const DvSchemaMember explanation[] = {TEXT("field", 1, 64, .form = dv_form_id),
                                             MAYBE("document", 200),
                                             MAYBE("listed", 200),
                                             WORD("agreement", "agreement"),
                                             {NULL}};

static const DvSchemaMember hit[] = {
    TEXT("alert_id", 1, 64, .form = dv_form_id),
    TEXT("list_id", 1, 64, .form = dv_form_id),
    INT("list_version", 0, DV_INTEGER_MAX),
    WORD("subject", "subject"),
    WORD("match_kind", "match_kind"),
    INT("score", 0, 1000), /* thousandths */
    LIST("explanation", 8, explanation),
    WORD("action", "action"),
    BOOL("confirm_with_owner"), /* a list of lost and stolen documents */
    MAYBE("review_date", 10, .form = dv_form_date),
    MAYBE_WORD("disposition", "hit_disposition"),
    MAYBE("decided_by", 32, .form = dv_form_account),
    MAYBE("reason", 500, .form = dv_form_note),
    {NULL}};

static const DvSchemaMember decision[] = {
    WORD("outcome", "decision"),
    TEXT("decided_by", 1, 32, .form = dv_form_account),
    MAYBE("approved_by", 32, .form = dv_form_account),
    MAYBE("legal_basis", 200),
    TEXTS("grounds", 9, .form = dv_form_code),
    MAYBE("conditions", 1000, .form = dv_form_note),
    BOOL("remedy_notice"), /* the person was told, in writing, how to contest it */
    MAYBE("language", 35, .form = dv_form_id),
    BOOL("interpreter"),
    MAYBE("note", 2000, .form = dv_form_note), /* the officer's own words */
    {NULL}};

/* What all versions have, around what differs. */
#define HEAD_MEMBERS                                                                               \
    TEXT("crossing_id", 36, 36, .form = dv_form_uuid),                                             \
        MAYBE("group_id", 36, .form = dv_form_uuid),                                               \
        MAYBE("supersedes_id", 36, .form = dv_form_uuid),                                          \
        TEXT("kiosk_id", 1, DV_CROSSING_KIOSK_MAX, .form = dv_form_kiosk),                         \
        TEXT("checkpoint", 1, 32, .form = dv_form_id), TEXT("lane", 1, 32, .form = dv_form_id),    \
        TEXT("officer_id", 1, 32, .form = dv_form_account),                                        \
        TEXT("shift_id", 36, 36, .form = dv_form_uuid),                                            \
        TEXT("event_time", 24, 24, .form = dv_form_time), INT("event_offset_min", -840, 840),      \
        WORD("clock_quality", "clock_quality"), WORD("entry_method", "entry_method"),              \
        WORD("capture_mode", "capture_mode"), LIST("watchlists", 32, watchlist),                   \
        TEXT("software", 1, 64), BOOL("is_training"), OBJECT("person", person),                    \
        OBJECT("document", document), LIST("checks", 32, check)
#define TAIL_MEMBERS                                                                               \
    OBJECT("movement", movement), WORD("traveller_class", "traveller_class"),                      \
        LIST("hits", 16, hit), OBJECT("decision", decision),                                       \
    {                                                                                              \
        "header", DV_SCHEMA_OBJECT, .members = dv_header_repeated, .optional = TRUE                \
    }

/* Written before booths had cameras; read for as long as such records are kept. */
static const DvSchemaMember record_1[] = {
    INT("schema_version", 1, 1), HEAD_MEMBERS, MAYBE_OBJECT("face", face), TAIL_MEMBERS, {NULL}};

/* Written before the image that a zone was read from was kept. */
static const DvSchemaMember record_2[] = {
    INT("schema_version", 2, 2),    HEAD_MEMBERS, OBJECT("face", face_2),
    LIST("portraits", 2, portrait), TAIL_MEMBERS, {NULL}};

static const DvSchemaMember record_3[] = {
    INT("schema_version", DV_RECORD_SCHEMA_VERSION, DV_RECORD_SCHEMA_VERSION),
    HEAD_MEMBERS,
    WORD("read_by", "read_by"),
    OBJECT("face", face_2),
    LIST("portraits", 2, portrait),
    MAYBE_OBJECT("scan", scan),
    TAIL_MEMBERS,
    {NULL}};

/* A version that is none is refused by the newest table, which names the member. */
static const DvSchemaMember *
table_of(const json_t *body)
{
    switch (json_integer_value(json_object_get(body, "schema_version"))) {
    case 1:
        return record_1;
    case 2:
        return record_2;
    default:
        return record_3;
    }
}

gboolean
dv_crossing_validate(const json_t *body, GError **error)
{
    return dv_schema_check(body, table_of(body), "record", error) && dv_record_rules(body, error);
}
