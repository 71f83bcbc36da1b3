// SPDX-License-Identifier: Apache-2.0
/* The queue of flagged crossings, as far as it goes without opening any. */
#include "private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

#define SHOWN 500
/* A claim that nobody worked on for this long may be taken over: people go home. */
#define STALE_US (30 * 60 * G_USEC_PER_SEC)

/* Kiosks of other checkpoints are out of the session's scope; one that is registered nowhere is
 * shown to everybody, so that its crossings cannot fall between two chairs. */
static gboolean
in_scope(const DvVisit *visit, const char *kiosk)
{
    const json_t *elsewhere = json_object_get(visit->session, "elsewhere");
    for (gsize i = 0; i < json_array_size(elsewhere); i++)
        if (g_strcmp0(json_string_value(json_array_get(elsewhere, i)), kiosk) == 0)
            return FALSE;
    return TRUE;
}

json_t *
dv_queue_item_json(const DvVisit *visit, const DvQueueItem *item)
{
    json_t *checkpoint =
        json_object_get(json_object_get(visit->session, "kiosks"), item->key.kiosk);
    gint64 waited = MAX((dv_clock_wall_us() - item->received_us) / G_USEC_PER_SEC, 0);
    return json_pack("{s:s, s:I, s:I, s:s, s:i, s:s, s:s, s:o, s:I, s:o, s:O?}", "kiosk",
                     item->key.kiosk, "epoch", (json_int_t)item->key.epoch, "seq",
                     (json_int_t)item->key.seq, "priority", dv_priority_word(item->priority),
                     "severity", (int)item->priority, "state", dv_queue_state_word(item->state),
                     "claimed_by", item->claimed_by ? item->claimed_by : "", "received_at",
                     dv_time_json(item->received_us), "waiting_s", (json_int_t)waited, "changed_at",
                     dv_time_json(item->changed_us), "checkpoint", checkpoint);
}

void
dv_visit_queue(DvVisit *visit)
{
    const char *state = dv_request_query(visit->request, "state");
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) items =
        dv_store_queue(visit->console->store, g_strcmp0(state, "reviewed") == 0, SHOWN, &error);
    if (!items) {
        dv_visit_fail(visit, error);
        return;
    }
    json_t *shown = json_array();
    for (guint i = 0; i < items->len; i++) {
        const DvQueueItem *item = g_ptr_array_index(items, i);
        if (in_scope(visit, item->key.kiosk))
            json_array_append_new(shown, dv_queue_item_json(visit, item));
    }
    g_autoptr(json_t) body =
        json_pack("{s:o, s:o, s:b}", "items", shown, "now", dv_time_json(dv_clock_wall_us()),
                  "more", items->len == SHOWN);
    dv_request_reply_json(visit->request, 200, body);
}

DvQueueItem *
dv_visit_item(DvVisit *visit)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvQueueItem) item = dv_store_queue_item(visit->console->store, &visit->key, &error);
    if (error)
        dv_visit_fail(visit, error);
    else if (!item || !in_scope(visit, item->key.kiosk))
        dv_request_error(visit->request, 404, "invalid", "This crossing is not in your queue.");
    else
        return g_steal_pointer(&item);
    return NULL;
}

static gboolean
read_item(DvVisit *visit)
{
    if (!dv_visit_read_key(visit))
        return FALSE;
    g_autoptr(DvQueueItem) item = dv_visit_item(visit);
    return item != NULL;
}

static void
reply_item(DvVisit *visit)
{
    g_autoptr(DvQueueItem) item = dv_visit_item(visit);
    if (!item)
        return;
    g_autoptr(json_t) body = dv_queue_item_json(visit, item);
    dv_request_reply_json(visit->request, 200, body);
}

void
dv_visit_claim(DvVisit *visit)
{
    g_autoptr(GError) error = NULL;
    if (!read_item(visit))
        return;
    if (dv_store_claim(visit->console->store, &visit->key, dv_visit_user(visit), dv_clock_wall_us(),
                       STALE_US, &error))
        reply_item(visit);
    else
        dv_visit_fail(visit, error);
}

void
dv_visit_release(DvVisit *visit)
{
    g_autoptr(GError) error = NULL;
    if (!read_item(visit))
        return;
    if (dv_store_release(visit->console->store, &visit->key, dv_visit_user(visit),
                         dv_clock_wall_us(), &error))
        reply_item(visit);
    else
        dv_visit_fail(visit, error);
}

void
dv_visit_reopen(DvVisit *visit)
{
    g_autoptr(GError) error = NULL;
    if (!read_item(visit))
        return;
    if (dv_store_reopen(visit->console->store, &visit->key, dv_visit_user(visit),
                        dv_clock_wall_us(), &error))
        reply_item(visit);
    else
        dv_visit_fail(visit, error);
}
