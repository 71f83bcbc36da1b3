// SPDX-License-Identifier: Apache-2.0
/* What pages see: docs/formats/booth-api.md. Personal data only for a signed-in officer. */
#include "booth_private.h"
#include "lists_status.h"

#include <darvaza/clock.h>
#include <darvaza/log.h>
#include <string.h>

#define NOTICE_SHOWN_US (12 * G_USEC_PER_SEC)
#define REFERRAL_SHOWN_US (8 * G_USEC_PER_SEC)

/* ---- the crossing ---- */

static json_t *
lines_json(char **lines)
{
    json_t *list = json_array();
    for (guint i = 0; lines && lines[i]; i++)
        json_array_append_new(list, json_string(lines[i]));
    return list;
}

static json_t *
changes_json(const GArray *changes)
{
    json_t *list = json_array();
    for (guint i = 0; i < changes->len; i++) {
        const DvLineChange *change = &g_array_index(changes, DvLineChange, i);
        const char from[2] = {change->from, 0}, to[2] = {change->to, 0};
        json_array_append_new(list, json_pack("{s:i, s:i, s:s, s:s, s:b}", "line", change->line,
                                              "column", change->column, "from", from, "to", to,
                                              "by_officer", change->by_officer));
    }
    return list;
}

/* Every position that a failing check digit cannot vouch for, once. */
static json_t *
doubtful_json(const DvMrz *mrz)
{
    json_t *list = json_array();
    gboolean seen[DV_MRZ_LINES_MAX + 1][DV_MRZ_LINE_MAX + 1] = {{FALSE}};
    for (guint i = 0; i < mrz->findings->len; i++) {
        const DvMrzFinding *finding = &g_array_index(mrz->findings, DvMrzFinding, i);
        for (guint k = 0; k < finding->count && k < DV_MRZ_LINE_MAX; k++) {
            DvMrzPosition at = finding->doubtful[k];
            if (at.line > DV_MRZ_LINES_MAX || at.column > DV_MRZ_LINE_MAX ||
                seen[at.line][at.column])
                continue;
            seen[at.line][at.column] = TRUE;
            json_array_append_new(list, json_pack("[i, i]", at.line, at.column));
        }
    }
    return list;
}

static json_t *
mrz_json(const DvInspection *inspection)
{
    const DvMrz *mrz = inspection->mrz;
    if (!mrz)
        return json_null();
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "format", dv_mrz_format_word(mrz->format),
                     "verdict", dv_mrz_verdict_word(mrz->verdict), "raw_lines",
                     lines_json(inspection->raw_lines), "lines", lines_json(inspection->lines),
                     "changes", changes_json(inspection->changes), "doubtful", doubtful_json(mrz));
}

static json_t *
traveller_json(const DvInspection *inspection)
{
    const DvTraveller *traveller = &inspection->traveller;
    const char *issuer = dv_mrz_country_name(traveller->issuing_state);
    const char *nation = dv_mrz_country_name(traveller->nationality);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i}", "document_code",
                  traveller->document_code, "document_number", traveller->document_number,
                  "issuing_state", traveller->issuing_state, "nationality", traveller->nationality,
                  "surname", traveller->surname, "given_names", traveller->given_names,
                  "birth_date", traveller->birth_date, "expiry_date", traveller->expiry_date, "sex",
                  traveller->sex, "age", dv_inspection_age(inspection));
    json_object_set_new(object, "issuing_state_name", json_string(issuer ? issuer : ""));
    json_object_set_new(object, "nationality_name", json_string(nation ? nation : ""));
    json_object_set_new(object, "name_truncated",
                        json_boolean(inspection->mrz && inspection->mrz->name_possibly_truncated));
    return object;
}

static json_t *
checks_json(const DvVerdict *verdict)
{
    json_t *list = json_array();
    for (guint i = 0; i < verdict->checks->len; i++) {
        const DvCheck *check = &g_array_index(verdict->checks, DvCheck, i);
        json_array_append_new(
            list, json_pack("{s:s, s:i, s:s, s:s, s:o}", "id", check->id, "result", check->result,
                            "obligation", dv_check_obligation_word(check->obligation), "code",
                            check->code, "params",
                            check->params ? json_incref(check->params) : json_object()));
    }
    return list;
}

static json_t *
hits_json(const DvWatchlistAnswer *answer)
{
    json_t *list = json_array();
    for (guint i = 0; i < answer->hits->len; i++) {
        const DvWatchlistHit *hit = g_ptr_array_index(answer->hits, i);
        json_t *one = dv_watchlist_hit_json(hit);
        json_object_set_new(one, "quiet", json_boolean(dv_checks_hit_is_quiet(hit)));
        json_object_set_new(one, "stops", json_boolean(dv_checks_hit_stops(hit)));
        json_array_append_new(list, one);
    }
    return list;
}

/* The decision bar: each row of the table, and whether it may be taken as things stand. */
static json_t *
actions_json(const DvBooth *booth)
{
    const DvInspection *inspection = booth->inspection;
    json_t *list = json_array();
    for (const DvDecisionRow *each = dv_decide_rows(); each->asked; each++) {
        DvDecisionCase what = {
            .direction = dv_decide_direction(inspection->movement.direction),
            .total = dv_verdict_total(inspection->verdict),
            .stop_standing = dv_checks_stop_stands(inspection),
            .specimen = !booth->training && dv_checks_is_specimen(inspection),
        };
        const DvDecisionRow *row;
        DvDecisionAnswer answer = dv_decide(each->asked, &what, &row);
        if (answer == DV_DECISION_WRONG_DIRECTION)
            continue;
        gboolean barred = answer == DV_DECISION_STOP_STANDS || answer == DV_DECISION_SPECIMEN;
        json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:b, s:s}", "decision", each->asked,
                                              "key", each->key, "allowed", !barred, "needs_note",
                                              answer == DV_DECISION_NEEDS_NOTE, "why",
                                              barred ? dv_decide_answer_word(answer) : ""));
    }
    return list;
}

static json_t *
movement_json(const DvMovement *movement)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "direction", movement->direction, "mode",
                     movement->mode, "purpose", movement->purpose, "traveller_class",
                     movement->traveller_class);
}

static json_t *
crossing_json(const DvBooth *booth)
{
    static const char *const entries[] = {"MRZ", "MANUAL_MRZ", "MANUAL"};
    const DvInspection *inspection = booth->inspection;
    if (!inspection || !inspection->verdict)
        return json_null();
    g_autofree char *time = dv_time_format(inspection->event_us);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:o, s:o}", "crossing_id",
                  inspection->crossing_id, "event_time", time, "entry", entries[inspection->entry],
                  "total", dv_verdict_total(inspection->verdict), "mrz", mrz_json(inspection),
                  "traveller", traveller_json(inspection), "checks",
                  checks_json(inspection->verdict), "hits", hits_json(inspection->watch), "actions",
                  actions_json(booth), "movement", movement_json(&inspection->movement));
    json_object_set_new(object, "face", dv_face_view(booth));
    json_object_set_new(object, "scan", dv_scan_view(&inspection->scan));
    json_object_set_new(object, "hits_capped", json_boolean(inspection->watch->capped));
    json_object_set_new(object, "verdict_ms",
                        json_integer((booth->lane.since_us - inspection->arrived_us) / 1000));
    /* Answered by the centre only; until it can be asked the page says so. */
    json_object_set_new(object, "prior_crossings",
                        json_string(booth->online ? "not_asked" : "unknown_offline"));
    return object;
}

/* ---- the banner ---- */

static json_t *
lists_json(DvBooth *booth)
{
    json_t *list = json_array();
    g_autoptr(DvWatchlistAnswer) answer = dv_watchlist_status(booth->lists, dv_clock_wall_us());
    for (guint i = 0; i < answer->lists->len; i++)
        json_array_append_new(list, dv_watchlist_list_json(g_ptr_array_index(answer->lists, i)));
    return list;
}

static json_t *
unsent_json(DvBooth *booth)
{
    DvOutboxHead head;
    g_autoptr(GError) error = NULL;
    if (dv_outbox_head(booth->outbox, &head, &error))
        return json_integer(head.unsent);
    dv_log_warning("outbox: %s", error->message);
    return json_null();
}

static json_t *
banner_json(DvBooth *booth)
{
    return json_pack(
        "{s:s, s:s, s:s, s:b, s:s, s:o, s:o, s:o*, s:s, s:b, s:s, s:s}", "kiosk", booth->kiosk,
        "checkpoint", dv_config_string(booth->config, "booth", "checkpoint"), "lane",
        dv_config_string(booth->config, "lane", "name"), "online", booth->online, "link_detail",
        booth->link_detail, "unsent", unsent_json(booth), "lists", lists_json(booth), "update",
        dv_lists_status(dv_config_string(booth->config, "booth", "lists")), "clock",
        dv_clock_quality_word(dv_booth_clock_quality(booth)), "training", booth->training,
        "authenticity", "MRZ_ONLY", "software", DV_VERSION);
}

static json_t *
officer_json(DvBooth *booth)
{
    const DvSession *session = dv_sessions_current(booth->sessions);
    if (!session)
        return json_null();
    return json_pack("{s:s, s:s, s:s, s:s}", "user", session->user, "display", session->display,
                     "role", session->role, "shift_id", session->shift_id);
}

static json_t *
recorded_json(const DvBooth *booth)
{
    if (booth->lane.state != DV_LANE_RECORDED)
        return json_null();
    /* The next traveller, or who came with this one, must not read that protection was asked for.
     */
    gboolean fresh = dv_clock_mono_us() - booth->recorded.at_us <= REFERRAL_SHOWN_US;
    return json_pack("{s:s, s:s, s:I, s:I, s:i}", "crossing_id", booth->recorded.crossing_id,
                     "decision", fresh ? booth->recorded.decision : booth->recorded.kept, "epoch",
                     (json_int_t)booth->recorded.epoch, "seq", (json_int_t)booth->recorded.seq,
                     "duration_ms", booth->recorded.duration_ms);
}

static json_t *
notice_json(const DvBooth *booth)
{
    if (!booth->notice.code || dv_clock_mono_us() - booth->notice.at_us > NOTICE_SHOWN_US)
        return json_null();
    return json_string(booth->notice.code);
}

json_t *
dv_state_view(DvBooth *booth)
{
    json_t *state =
        json_pack("{s:I, s:s, s:o, s:o, s:o, s:o, s:o, s:o}", "version", (json_int_t)booth->version,
                  "lane", dv_lane_state_word(booth->lane.state), "notice", notice_json(booth),
                  "banner", banner_json(booth), "officer", officer_json(booth), "crossing",
                  crossing_json(booth), "recorded", recorded_json(booth), "fault",
                  booth->lane.state == DV_LANE_FAULT ? json_string(booth->fault) : json_null());
    json_object_set_new(state, "reader",
                        json_pack("{s:s, s:o}", "state", dv_devices_client_state(booth->devices),
                                  "devices", dv_devices_client_list(booth->devices)));
    json_object_set_new(state, "cameras",
                        json_pack("{s:s, s:s}", "traveller",
                                  dv_face_camera_state(booth, "traveller"), "document",
                                  dv_face_camera_state(booth, "document")));
    if (booth->inspection && booth->inspection->verdict && !booth->shown_us)
        booth->shown_us = dv_clock_mono_us();
    return state;
}

/* ---- crossings of this shift and what the centre answered ---- */

static json_t *
recent_json(DvBooth *booth, const DvRecent *recent)
{
    DvOutboxPlace place = {0};
    gboolean found = FALSE;
    g_autoptr(GError) error = NULL;
    if (!dv_outbox_find(booth->outbox, recent->crossing_id, &found, &place, &error))
        dv_log_warning("outbox: %s", error->message);
    g_autofree char *time = dv_time_format(recent->event_us);
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:b}", "crossing_id", recent->crossing_id,
                     "label", recent->label, "decision", recent->decision, "event_time", time,
                     "epoch", (json_int_t)recent->epoch, "seq", (json_int_t)recent->seq,
                     "at_centre", found && place.acknowledged);
}

json_t *
dv_state_recent(DvBooth *booth, const char *shift_id)
{
    json_t *crossings = json_array();
    for (guint i = booth->recent ? booth->recent->len : 0; i > 0; i--) {
        const DvRecent *recent = g_ptr_array_index(booth->recent, i - 1);
        if (g_str_equal(recent->shift_id, shift_id) && json_array_size(crossings) < 50)
            json_array_append_new(crossings, recent_json(booth, recent));
    }
    g_autoptr(GError) error = NULL;
    json_t *answers = dv_answers_list(booth->answers, 20, &error);
    if (!answers) {
        dv_log_warning("answers: %s", error->message);
        answers = json_array();
    }
    return json_pack("{s:o, s:o}", "crossings", crossings, "answers", answers);
}
