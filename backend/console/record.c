// SPDX-License-Identifier: Apache-2.0
/* Looks and decisions: relayed to the centre's opener, which judges each. */
#include "private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>

/* ---- opening ---- */

/* What was decided on this record before, without the words (those are sealed). */
static json_t *
decisions_json(DvVisit *visit, GError **error)
{
    g_autoptr(GPtrArray) copies = dv_store_decisions(visit->console->store, &visit->key, error);
    if (!copies)
        return NULL;
    json_t *list = json_array();
    for (guint i = 0; i < copies->len; i++) {
        const DvDecisionCopy *copy = g_ptr_array_index(copies, i);
        json_array_append_new(list, json_pack("{s:i, s:I, s:s, s:o}", "number", (int)i + 1,
                                              "answer_number", (json_int_t)copy->answer_number,
                                              "decided_by", copy->decided_by, "decided_at",
                                              dv_time_json(copy->decided_us)));
    }
    return list;
}

static void
on_opened(GVariant *reply, const GError *error, void *data)
{
    DvVisit *visit = data;
    if (error) {
        dv_visit_fail(visit, error);
        return;
    }
    json_t *record = dv_visit_reply_json(visit, reply);
    if (!record)
        return;
    g_autoptr(DvQueueItem) item = dv_visit_item(visit);
    g_autoptr(GError) trouble = NULL;
    json_t *decisions = item ? decisions_json(visit, &trouble) : NULL;
    if (trouble)
        dv_visit_fail(visit, trouble);
    if (!decisions) {
        json_decref(record);
        return;
    }
    g_autoptr(json_t) body = json_pack("{s:o, s:o, s:o}", "item", dv_queue_item_json(visit, item),
                                       "record", record, "decisions", decisions);
    dv_request_reply_json(visit->request, 200, body);
}

void
dv_visit_open(DvVisit *visit)
{
    const char *reason = NULL;
    if (!dv_visit_read_record(visit) || !dv_visit_read_reason(visit, &reason))
        return;
    g_autoptr(DvQueueItem) item = dv_visit_item(visit);
    if (!item)
        return;
    dv_opener_client_call(
        visit->opener, "OpenRecord",
        g_variant_new("(s@ays)", visit->token, dv_bytes_variant(visit->record->wire), reason),
        "(s)", on_opened, visit);
}

/* ---- deciding ---- */

static void ask_decision(DvVisit *visit);

/* The opener made a decision here whose answer never reached the store: the backend or the opener
 * ended in between. No booth has it and no page showed it as recorded, so this one takes its place;
 * the opener's log keeps both. */
static gboolean
replaces_lost(DvVisit *visit, const GError *error)
{
    if (visit->repeats || !g_error_matches(error, DV_ERROR, DV_ERROR_CONFLICT) ||
        json_object_get(visit->input, "reopen"))
        return FALSE;
    json_object_set_new(visit->input, "reopen", json_true());
    ask_decision(visit);
    return TRUE;
}

static void
reply_decided(DvVisit *visit, gint64 answer_number)
{
    g_autoptr(DvQueueItem) item = dv_visit_item(visit);
    if (!item)
        return;
    g_autoptr(json_t) body =
        json_pack("{s:b, s:I, s:o}", "decided", 1, "answer_number", (json_int_t)answer_number,
                  "item", dv_queue_item_json(visit, item));
    dv_request_reply_json(visit->request, 200, body);
}

/* The opener knows it for the same decision; the store has its answer since the first time. */
static void
reply_repeated(DvVisit *visit)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) copies = dv_store_decisions(visit->console->store, &visit->key, &error);
    if (!copies) {
        dv_visit_fail(visit, error);
        return;
    }
    const DvDecisionCopy *first = copies->len ? g_ptr_array_index(copies, 0) : NULL;
    reply_decided(visit, first ? first->answer_number : 0);
}

static void
on_decided(GVariant *reply, const GError *error, void *data)
{
    DvVisit *visit = data;
    if (error && replaces_lost(visit, error))
        return;
    if (error) {
        dv_visit_fail(visit, error);
        return;
    }
    if (visit->repeats) {
        reply_repeated(visit);
        return;
    }
    g_autoptr(GVariant) answer = NULL;
    g_autoptr(GVariant) copy = NULL;
    g_variant_get(reply, "(@ay@ay)", &answer, &copy);
    g_autoptr(GBytes) answer_bytes = g_variant_get_data_as_bytes(answer);
    g_autoptr(GBytes) copy_bytes = g_variant_get_data_as_bytes(copy);
    g_autoptr(GError) trouble = NULL;
    gint64 number = 0;
    if (!dv_store_decide(visit->console->store, &visit->key, dv_visit_user(visit), answer_bytes,
                         copy_bytes, dv_clock_wall_us(), &number, &trouble)) {
        dv_visit_fail(visit, trouble);
        return;
    }
    reply_decided(visit, number);
}

/* Whether this decides again is the store's knowledge, not the page's. */
static gboolean
mark_reopened(DvVisit *visit)
{
    if (visit->repeats) {
        json_object_del(visit->input, "reopen");
        return TRUE;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) before = decisions_json(visit, &error);
    if (!before) {
        dv_visit_fail(visit, error);
        return FALSE;
    }
    if (json_array_size(before) > 0)
        json_object_set_new(visit->input, "reopen", json_true());
    else
        json_object_del(visit->input, "reopen");
    return TRUE;
}

/* The answer of a decision may have been lost between here and the browser; the page then sends the
 * same once more. Only a first decision: without "reopen" the opener takes nothing but a
 * repetition, so that no decision can stand there and not here. */
static gboolean
may_repeat(DvVisit *visit, const DvQueueItem *item)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) copies = dv_store_decisions(visit->console->store, &visit->key, &error);
    visit->repeats = copies && copies->len == 1 && item->state == DV_QUEUE_REVIEWED &&
                     g_strcmp0(item->claimed_by, dv_visit_user(visit)) == 0;
    return visit->repeats;
}

/* The claim is checked before the opener is asked: a decision that stood there and could not be
 * kept here would have to be sent again. */
static gboolean
may_decide_now(DvVisit *visit)
{
    g_autoptr(DvQueueItem) item = dv_visit_item(visit);
    if (!item)
        return FALSE;
    if ((item->state == DV_QUEUE_IN_PROGRESS &&
         g_strcmp0(item->claimed_by, dv_visit_user(visit)) == 0) ||
        may_repeat(visit, item))
        return TRUE;
    dv_request_error(visit->request, 409, "conflict",
                     item->state == DV_QUEUE_REVIEWED
                         ? "This crossing has been decided already; look it up among the reviewed "
                           "ones before deciding again."
                         : "Claim this crossing before deciding on it.");
    return FALSE;
}

static void
ask_decision(DvVisit *visit)
{
    g_autofree char *decision = json_dumps(visit->input, JSON_COMPACT);
    dv_opener_client_call(
        visit->opener, "Decide",
        g_variant_new("(s@ays)", visit->token, dv_bytes_variant(visit->record->wire), decision),
        "(ayay)", on_decided, visit);
}

void
dv_visit_decide(DvVisit *visit)
{
    if (!dv_visit_read_record(visit) || !may_decide_now(visit))
        return;
    visit->input = dv_request_json(visit->request);
    if (visit->input && mark_reopened(visit))
        ask_decision(visit);
}

/* ---- decisions made before ---- */

static void
on_decision(GVariant *reply, const GError *error, void *data)
{
    DvVisit *visit = data;
    if (error) {
        dv_visit_fail(visit, error);
        return;
    }
    g_autoptr(json_t) decision = dv_visit_reply_json(visit, reply);
    if (decision)
        dv_request_reply_json(visit->request, 200, decision);
}

void
dv_visit_open_decision(DvVisit *visit)
{
    const char *reason = NULL;
    guint64 number = 0;
    if (!dv_visit_read_record(visit) || !dv_visit_read_reason(visit, &reason))
        return;
    g_autoptr(DvQueueItem) item = dv_visit_item(visit);
    if (!item)
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) copies = dv_store_decisions(visit->console->store, &visit->key, &error);
    if (!copies) {
        dv_visit_fail(visit, error);
        return;
    }
    const char *text = dv_request_param(visit->request, "number");
    if (!g_ascii_string_to_unsigned(text ? text : "", 10, 1, copies->len, &number, NULL)) {
        dv_request_error(visit->request, 404, "invalid", "There is no such decision here.");
        return;
    }
    const DvDecisionCopy *copy = g_ptr_array_index(copies, number - 1);
    dv_opener_client_call(
        visit->opener, "OpenDecision",
        g_variant_new("(s@ays)", visit->token, dv_bytes_variant(copy->copy), reason), "(s)",
        on_decision, visit);
}

/* ---- vocabulary ---- */

static void
on_vocabulary(GVariant *reply, const GError *error, void *data)
{
    DvVisit *visit = data;
    if (error) {
        dv_visit_fail(visit, error);
        return;
    }
    g_autoptr(json_t) vocabulary = dv_visit_reply_json(visit, reply);
    if (!vocabulary)
        return;
    dv_request_reply_json(visit->request, 200, vocabulary);
}

void
dv_visit_vocabulary(DvVisit *visit)
{
    dv_opener_client_call(visit->opener, "Vocabulary", NULL, "(s)", on_vocabulary, visit);
}
