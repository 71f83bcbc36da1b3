// SPDX-License-Identifier: Apache-2.0
/* The record's body and the protection compartment, as docs/formats/record.md says. */
#include "booth_private.h"

#include <darvaza/clock.h>
#include <string.h>

#define RECORD_HITS_MAX 16
#define RECORD_LISTS_MAX 32
#define RECORD_EXPLANATIONS_MAX 8

/* A member that is null where nothing is known: "nobody asked" and "forgotten" differ. */
static json_t *
maybe(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static json_t *
maybe_count(gint64 value)
{
    return value >= 0 ? json_integer(value) : json_null();
}

/* A state's code; null for what a garbled zone has in its place (the raw lines keep it). */
static json_t *
country(const char *code)
{
    gsize length = strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    return length >= 1 && length <= 3 && code[length] == 0 ? json_string(code) : json_null();
}

/* Vocabularies of the record are upper case; the libraries' own words are lower. */
static json_t *
upper(const char *word)
{
    g_autofree char *text = g_ascii_strup(word, -1);
    return json_string(text);
}

json_t *
dv_record_watchlists(const DvWatchlistAnswer *answer)
{
    json_t *list = json_array();
    for (guint i = 0; i < answer->lists->len && i < RECORD_LISTS_MAX; i++) {
        const DvWatchlistList *one = g_ptr_array_index(answer->lists, i);
        const char *status =
            one->status == DV_WATCHLIST_FAILED ? "BROKEN" : dv_watchlist_status_word(one->status);
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:o, s:s}", "list_id", one->list_id, "version",
                                        one->version > 0 ? json_integer(one->version) : json_null(),
                                        "age_s", maybe_count(one->age_s), "status", status));
    }
    return list;
}

static json_t *
person_of(const DvTraveller *traveller)
{
    json_t *nationalities = json_array();
    json_t *nationality = country(traveller->nationality);
    if (json_is_string(nationality))
        json_array_append(nationalities, nationality);
    json_decref(nationality);
    return json_pack("{s:o, s:o, s:n, s:n, s:o, s:o, s:o}", "surname", maybe(traveller->surname),
                     "given_names", maybe(traveller->given_names), "native_surname",
                     "native_given_names", "birth_date", maybe(traveller->birth_date), "sex",
                     maybe(traveller->sex), "nationalities", nationalities);
}

static json_t *
changes_of(const GArray *changes)
{
    json_t *list = json_array();
    for (guint i = 0; i < changes->len; i++) {
        const DvLineChange *change = &g_array_index(changes, DvLineChange, i);
        const char from[2] = {change->from, 0}, to[2] = {change->to, 0};
        json_array_append_new(list,
                              json_pack("{s:i, s:i, s:s, s:s, s:s}", "line", change->line, "column",
                                        change->column, "from", from, "to", to, "by",
                                        change->by_officer ? "OFFICER" : "CHECK_DIGITS"));
    }
    return list;
}

/* Lines as they are, with what no text may hold replaced: they may come from a broken reader. */
static json_t *
lines_of(char **lines)
{
    json_t *list = json_array();
    for (guint i = 0; lines && lines[i] && i < DV_MRZ_LINES_MAX; i++)
        if (*lines[i])
            json_array_append_new(list, json_string(lines[i]));
    return list;
}

static json_t *
check_word(DvMrzCheck check)
{
    static const char *const words[] = {
        [DV_MRZ_CHECK_ABSENT] = "ABSENT", [DV_MRZ_CHECK_NA] = "NA",     [DV_MRZ_CHECK_OK] = "OK",
        [DV_MRZ_CHECK_OK_ALT] = "OK_ALT", [DV_MRZ_CHECK_FAIL] = "FAIL",
    };
    return json_string(words[check]);
}

static json_t *
mrz_checks_of(const DvMrz *mrz)
{
    json_t *list = json_array();
    for (int i = 0; mrz && mrz->format != DV_MRZ_NONE && i < DV_MRZ_DIGITS; i++)
        json_array_append_new(list, json_pack("{s:o, s:o}", "field",
                                              upper(dv_mrz_digit_word((DvMrzDigit)i)), "result",
                                              check_word(mrz->checks[i])));
    return list;
}

static json_t *
document_of(const DvInspection *inspection)
{
    const DvTraveller *traveller = &inspection->traveller;
    const DvMrz *mrz = inspection->mrz;
    gboolean shaped = mrz && mrz->format != DV_MRZ_NONE;
    json_t *document =
        json_pack("{s:o, s:o, s:o, s:o}", "type", maybe(traveller->document_code), "number",
                  maybe(traveller->document_number), "issuing_state",
                  country(traveller->issuing_state), "expiry_date", maybe(traveller->expiry_date));
    json_object_set_new(document, "mrz_format",
                        shaped ? upper(dv_mrz_format_word(mrz->format)) : json_null());
    json_object_set_new(document, "mrz_verdict",
                        mrz ? upper(dv_mrz_verdict_word(mrz->verdict)) : json_null());
    json_object_set_new(document, "mrz", lines_of(inspection->raw_lines));
    json_object_set_new(document, "mrz_corrected",
                        inspection->changes->len ? lines_of(inspection->lines) : json_array());
    json_object_set_new(document, "mrz_changes", changes_of(inspection->changes));
    json_object_set_new(document, "mrz_checks", mrz_checks_of(mrz));
    json_object_set_new(document, "images", json_array());
    return document;
}

static json_t *
checks_of(const DvVerdict *verdict)
{
    json_t *list = json_array();
    for (guint i = 0; i < verdict->checks->len; i++) {
        const DvCheck *check = &g_array_index(verdict->checks, DvCheck, i);
        json_array_append_new(list, json_pack("{s:s, s:i, s:s, s:o, s:i, s:i}", "id", check->id,
                                              "result", check->result, "obligation",
                                              dv_check_obligation_word(check->obligation), "code",
                                              maybe(check->code), "start_ms", check->start_ms,
                                              "end_ms", check->end_ms));
    }
    return list;
}

static json_t *
explanation_of(const DvWatchlistHit *hit)
{
    json_t *list = json_array();
    for (guint i = 0; i < hit->reasons->len && i < RECORD_EXPLANATIONS_MAX; i++) {
        const DvWatchlistReason *reason = g_ptr_array_index(hit->reasons, i);
        json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:s}", "field", reason->field,
                                              "document", maybe(reason->document_value), "listed",
                                              maybe(reason->listed_value), "agreement",
                                              dv_watchlist_agreement_word(reason->agreement)));
    }
    return list;
}

static json_t *
hits_of(const DvWatchlistAnswer *answer)
{
    json_t *list = json_array();
    for (guint i = 0; i < answer->hits->len && i < RECORD_HITS_MAX; i++) {
        const DvWatchlistHit *hit = g_ptr_array_index(answer->hits, i);
        json_t *one =
            json_pack("{s:s, s:s, s:I, s:s, s:s, s:i}", "alert_id", hit->alert_id, "list_id",
                      hit->list_id, "list_version", (json_int_t)hit->list_version, "subject",
                      hit->is_document ? "DOCUMENT" : "PERSON", "match_kind",
                      dv_watchlist_match_word(hit->match), "score", (int)hit->score);
        json_object_set_new(one, "explanation", explanation_of(hit));
        json_object_set_new(one, "action", json_string(dv_watchlist_action_word(hit->action)));
        json_object_set_new(one, "confirm_with_owner", json_boolean(hit->confirm_with_owner));
        json_object_set_new(one, "review_date", maybe(hit->review_date));
        json_object_set_new(one, "disposition", json_null());
        json_object_set_new(one, "decided_by", json_null());
        json_object_set_new(one, "reason", json_null());
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *
movement_of(const DvMovement *movement)
{
    return json_pack("{s:s, s:s, s:n, s:n, s:n, s:o, s:n, s:n, s:n, s:n, s:n}", "direction",
                     movement->direction, "mode", movement->mode, "carrier", "voyage", "plate",
                     "purpose", maybe(movement->purpose), "origin", "destination", "visa",
                     "authorised_until", "stay_calc");
}

/* The same members with the same care for every outcome: a protection referral adds nothing here,
 * so that only the compartment knows. Its note goes there too. */
static json_t *
decision_of(const DvDecisionRow *row, const DvDecisionRequest *request, const DvSession *officer)
{
    gboolean hidden = row->protection != NULL;
    return json_pack("{s:s, s:s, s:n, s:n, s:[], s:n, s:b, s:n, s:b, s:o}", "outcome",
                     row->recorded, "decided_by", officer->user, "approved_by", "legal_basis",
                     "grounds", "conditions", "remedy_notice", FALSE, "language", "interpreter",
                     FALSE, "note", hidden ? json_null() : maybe(request->note));
}

static void
set_envelope(const DvBooth *booth, const DvSession *officer, json_t *body)
{
    const DvInspection *inspection = booth->inspection;
    g_autofree char *time = dv_time_format(inspection->event_us);
    json_object_set_new(body, "schema_version", json_integer(DV_RECORD_SCHEMA_VERSION));
    json_object_set_new(body, "crossing_id", json_string(inspection->crossing_id));
    json_object_set_new(body, "group_id", json_null());
    json_object_set_new(body, "supersedes_id", json_null());
    json_object_set_new(body, "kiosk_id", json_string(booth->kiosk));
    json_object_set_new(body, "checkpoint",
                        json_string(dv_config_string(booth->config, "booth", "checkpoint")));
    json_object_set_new(body, "lane", json_string(dv_config_string(booth->config, "lane", "name")));
    json_object_set_new(body, "officer_id", json_string(officer->user));
    json_object_set_new(body, "shift_id", json_string(officer->shift_id));
    json_object_set_new(body, "event_time", json_string(time));
    json_object_set_new(body, "event_offset_min",
                        json_integer(dv_time_offset_minutes(inspection->event_us)));
    json_object_set_new(body, "clock_quality",
                        json_string(dv_clock_quality_word(dv_booth_clock_quality(booth))));
    json_object_set_new(body, "entry_method",
                        json_string(inspection->entry == DV_ENTRY_MRZ ? "MRZ" : "MANUAL"));
    json_object_set_new(body, "read_by",
                        json_string(inspection->entry != DV_ENTRY_MRZ ? "OFFICER"
                                    : inspection->scan.by_camera      ? "CAMERA"
                                                                      : "READER"));
    json_object_set_new(body, "capture_mode",
                        json_string(booth->online ? "ONLINE" : "LOCAL_STORE"));
    json_object_set_new(body, "software", json_string(DV_VERSION));
    json_object_set_new(body, "is_training", json_boolean(booth->training));
}

json_t *
dv_record_build(const DvBooth *booth, const DvDecisionRow *row, const DvDecisionRequest *request,
                const DvSession *officer)
{
    const DvInspection *inspection = booth->inspection;
    json_t *body = json_object();
    set_envelope(booth, officer, body);
    json_object_set_new(body, "watchlists", dv_record_watchlists(inspection->watch));
    json_object_set_new(body, "person", person_of(&inspection->traveller));
    json_object_set_new(body, "document", document_of(inspection));
    json_object_set_new(body, "checks", checks_of(inspection->verdict));
    /* S16: a missing face has its reason, and nothing waits for one. */
    json_object_set_new(body, "face", dv_face_record(booth));
    json_object_set_new(body, "portraits", dv_face_record_portraits(booth));
    json_object_set_new(body, "scan", dv_scan_record(&inspection->scan));
    json_object_set_new(body, "movement", movement_of(&inspection->movement));
    json_object_set_new(body, "traveller_class", json_string(inspection->movement.traveller_class));
    json_object_set_new(body, "hits", hits_of(inspection->watch));
    json_object_set_new(body, "decision", decision_of(row, request, officer));
    dv_scan_make_room(body);
    return body;
}

json_t *
dv_record_build_protection(const DvBooth *booth, const DvDecisionRow *row,
                           const DvDecisionRequest *request)
{
    const DvInspection *inspection = booth->inspection;
    const DvTraveller *traveller = &inspection->traveller;
    g_autofree char *time = dv_time_format(inspection->event_us);
    json_t *person =
        json_pack("{s:o, s:o, s:o, s:o}", "surname", maybe(traveller->surname), "given_names",
                  maybe(traveller->given_names), "birth_date", maybe(traveller->birth_date),
                  "nationality", country(traveller->nationality));
    json_t *document =
        json_pack("{s:o, s:o, s:o}", "number", maybe(traveller->document_number), "issuing_state",
                  country(traveller->issuing_state), "type", maybe(traveller->document_code));
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "referral",
                     row->protection, "kind", row->protection_kind, "crossing_id",
                     inspection->crossing_id, "checkpoint",
                     dv_config_string(booth->config, "booth", "checkpoint"), "kiosk", booth->kiosk,
                     "event_time", time, "language", maybe(request->language), "note",
                     maybe(request->note), "person", person, "document", document);
}
