// SPDX-License-Identifier: Apache-2.0
#include "booth_private.h"

#include <darvaza/error.h>
#include <darvaza/log.h>
#include <string.h>

#define RECENT_MAX 500

/* Takes what the officer set beside the decision; words outside the vocabularies are refused. */
static gboolean
take_word(char **place, const char *vocabulary, const char *word, GError **error)
{
    if (!word)
        return TRUE;
    const char *const *words = dv_crossing_words(vocabulary);
    for (; words && *words; words++)
        if (g_str_equal(*words, word)) {
            g_free(*place);
            *place = g_strdup(word);
            return TRUE;
        }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "decision: %s is none of the known words",
                vocabulary);
    return FALSE;
}

static gboolean
take_movement(DvMovement *movement, const DvDecisionRequest *request, GError **error)
{
    return take_word(&movement->direction, "direction", request->direction, error) &&
           take_word(&movement->mode, "mode", request->mode, error) &&
           take_word(&movement->purpose, "purpose", request->purpose, error) &&
           take_word(&movement->traveller_class, "traveller_class", request->traveller_class,
                     error);
}

static const DvDecisionRow *
judge(DvBooth *booth, const DvDecisionRequest *request, const char **word, GError **error)
{
    const DvInspection *inspection = booth->inspection;
    DvDecisionCase what = {
        .direction = dv_decide_direction(inspection->movement.direction),
        .total = dv_verdict_total(inspection->verdict),
        .stop_standing = dv_checks_stop_stands(inspection),
        .has_note = request->note && *request->note,
        .specimen = !booth->training && dv_checks_is_specimen(inspection),
    };
    const DvDecisionRow *row;
    DvDecisionAnswer answer = dv_decide(request->decision, &what, &row);
    if (answer == DV_DECISION_ALLOWED)
        return row;
    *word = dv_decide_answer_word(answer);
    g_set_error(error, DV_ERROR,
                answer == DV_DECISION_UNKNOWN ? DV_ERROR_DENIED : DV_ERROR_CONFLICT, "%s",
                dv_decide_answer_text(answer));
    return NULL;
}

static void
recent_free(void *data)
{
    DvRecent *recent = data;
    g_free(recent->crossing_id);
    g_free(recent->shift_id);
    g_free(recent->label);
    g_free(recent->decision);
    g_free(recent);
}

/* What the officer sees of it later: the sealed body's own word, so that a protection referral
 * does not stand on a screen that the next person reads. */
static void
remember(DvBooth *booth, const DvDecisionRow *row, const DvSession *officer,
         const DvOutboxPlace *place)
{
    const DvInspection *inspection = booth->inspection;
    const DvTraveller *traveller = &inspection->traveller;
    if (!booth->recent)
        booth->recent = g_ptr_array_new_with_free_func(recent_free);
    if (booth->recent->len >= RECENT_MAX)
        g_ptr_array_remove_index(booth->recent, 0);
    DvRecent *recent = g_new0(DvRecent, 1);
    recent->crossing_id = g_strdup(inspection->crossing_id);
    recent->shift_id = g_strdup(officer->shift_id);
    recent->label = g_strdup_printf("%s %s %s", traveller->surname, traveller->given_names,
                                    traveller->document_number);
    g_strstrip(recent->label);
    recent->decision = g_strdup(row->recorded);
    recent->epoch = place->epoch;
    recent->seq = place->seq;
    recent->event_us = inspection->event_us;
    g_ptr_array_add(booth->recent, recent);
}

static void
show_recorded(DvBooth *booth, const DvDecisionRow *row, const DvSession *officer,
              const DvOutboxPlace *place)
{
    DvInspection *inspection = booth->inspection;
    remember(booth, row, officer, place);
    g_free(booth->recorded.crossing_id);
    g_free(booth->recorded.decision);
    booth->recorded = (DvRecorded){
        .crossing_id = g_strdup(inspection->crossing_id),
        .decision = g_strdup(row->asked),
        .kept = row->recorded,
        .at_us = dv_clock_mono_us(),
        .epoch = place->epoch,
        .seq = place->seq,
        .duration_ms = (int)((dv_clock_mono_us() - inspection->arrived_us) / 1000),
    };
    booth->lane.recorded_seq = place->seq;
    g_autoptr(GError) error = NULL;
    if (!dv_lane_move(&booth->lane, DV_LANE_RECORDED, &error))
        dv_log_warning("lane: %s", error->message);
    booth->notice.code = NULL;
    /* The traveller leaves the memory with the screen. */
    g_clear_pointer(&booth->inspection, dv_inspection_free);
    dv_face_end(booth);
    booth->lane.has_crossing = booth->lane.has_verdict = FALSE;
    dv_log_info("crossing %s recorded as %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT,
                booth->recorded.crossing_id, place->epoch, place->seq);
    dv_uplink_service_pending(booth->uplink);
    dv_booth_announce(booth);
}

/* Two windows, two keys: the second must not believe that its own word was recorded. */
static gboolean
is_decided_otherwise(const DvBooth *booth, const DvDecisionRequest *request)
{
    return g_strcmp0(booth->recorded.crossing_id, request->crossing_id) == 0 &&
           !g_str_equal(booth->recorded.decision, request->decision);
}

/* A page that lost the answer (a killed booth, a closed lid) asks again under the same id. */
static gboolean
is_recorded_already(DvBooth *booth, const char *crossing_id, DvOutboxPlace *place, GError **error)
{
    gboolean found = FALSE;
    if (!dv_outbox_find(booth->outbox, crossing_id, &found, place, error))
        return FALSE;
    return found;
}

static gboolean
append(DvBooth *booth, const DvDecisionRow *row, const DvDecisionRequest *request,
       const DvSession *officer, DvOutboxPlace *place, GError **error)
{
    DvInspection *inspection = booth->inspection;
    g_autoptr(json_t) body = dv_record_build(booth, row, request, officer);
    g_autoptr(json_t) protection =
        row->protection ? dv_record_build_protection(booth, row, request) : NULL;
    /* The mark stands before the record: a mark for a crossing that then fails to be recorded does
     * no harm, a referral without its mark would (S2). */
    if (row->protection &&
        !dv_answers_mark_no_refuse(booth->answers, inspection->crossing_id, error))
        return FALSE;
    /* Anything that is not a plain passage is a referral for the queue: S and P look the same. */
    gboolean referred = g_str_equal(row->recorded, "SECOND_LINE");
    return dv_outbox_append(booth->outbox, &booth->seal_keys, inspection->crossing_id,
                            dv_checks_priority(inspection, referred), body, protection, place,
                            error);
}

/* The kind alone goes to the log and to the page (whose server logs it too): which of its files the
 * booth could not write tells a protection referral from a plain second line. */
static void
report_not_recorded(DvBooth *booth, const GError *why, GError **error)
{
    const char *kind = why->domain == DV_ERROR ? dv_error_word(why->code) : "?";
    dv_log_warning("crossing %s was not recorded (%s)", booth->inspection->crossing_id, kind);
    if (g_error_matches(why, DV_ERROR, DV_ERROR_CORRUPT))
        dv_flow_fault(booth, why->message);
    else
        dv_booth_notice(booth, g_error_matches(why, DV_ERROR, DV_ERROR_FULL) ? "disk_full"
                                                                             : "not_recorded");
    g_set_error(error, why->domain, why->code, "the crossing is not recorded (%s)", kind);
}

gboolean
dv_flow_decide(DvBooth *booth, const DvDecisionRequest *request, const DvSession *officer,
               DvOutboxPlace *place, const char **word, GError **error)
{
    *word = NULL;
    DvInspection *inspection = booth->inspection;
    gboolean current = booth->lane.state == DV_LANE_DECIDING && inspection &&
                       g_str_equal(inspection->crossing_id, request->crossing_id);
    if (!current && is_decided_otherwise(booth, request)) {
        *word = "decided_otherwise";
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "this crossing is recorded already, with another decision");
        return FALSE;
    }
    if (!current) {
        g_autoptr(GError) why = NULL;
        if (is_recorded_already(booth, request->crossing_id, place, &why))
            return TRUE;
        if (why) {
            g_propagate_error(error, g_steal_pointer(&why));
            return FALSE;
        }
        *word = "not_on_lane";
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "this crossing is not being decided on this lane; nothing was recorded");
        return FALSE;
    }
    if (!take_movement(&inspection->movement, request, error))
        return FALSE;
    const DvDecisionRow *row = judge(booth, request, word, error);
    if (!row)
        return FALSE;
    g_autoptr(GError) why = NULL;
    if (append(booth, row, request, officer, place, &why)) {
        show_recorded(booth, row, officer, place);
        return TRUE;
    }
    report_not_recorded(booth, why, error);
    return FALSE;
}
