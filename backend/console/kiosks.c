// SPDX-License-Identifier: Apache-2.0
/* What each kiosk says of itself, and what is missing of it. */
#include "private.h"

#include <darvaza/clock.h>

static json_t *
kiosk_json(const DvVisit *visit, const DvKioskState *kiosk)
{
    json_t *checkpoint = json_object_get(json_object_get(visit->session, "kiosks"), kiosk->kiosk);
    json_t *lists = json_loads(kiosk->lists ? kiosk->lists : "[]", 0, NULL);
    gint64 silent = MAX((dv_clock_wall_us() - kiosk->last_seen_us) / G_USEC_PER_SEC, 0);
    return json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s, s:o, s:I, s:o, s:s, s:o, s:I, s:I, s:O?}",
        "kiosk", kiosk->kiosk, "epoch", (json_int_t)kiosk->epoch, "seq", (json_int_t)kiosk->seq,
        "beat_epoch", (json_int_t)kiosk->beat_epoch, "beat_seq", (json_int_t)kiosk->beat_seq,
        "unsent", (json_int_t)kiosk->unsent, "missing", (json_int_t)kiosk->missing, "unknown_heads",
        (json_int_t)kiosk->unknown_heads, "chain", dv_chain_state_word(kiosk->chain), "last_seen",
        dv_time_json(kiosk->last_seen_us), "silent_s", (json_int_t)silent, "kiosk_time",
        dv_time_json(kiosk->kiosk_time_us), "software", kiosk->software ? kiosk->software : "",
        "lists", lists ? lists : json_array(), "answers", (json_int_t)kiosk->answers,
        "answers_taken", (json_int_t)kiosk->answers_taken, "checkpoint", checkpoint);
}

void
dv_visit_kiosks(DvVisit *visit)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) kiosks = dv_store_kiosks(visit->console->store, &error);
    if (!kiosks) {
        dv_visit_fail(visit, error);
        return;
    }
    json_t *list = json_array();
    for (guint i = 0; i < kiosks->len; i++)
        json_array_append_new(list, kiosk_json(visit, g_ptr_array_index(kiosks, i)));
    g_autoptr(json_t) body = json_pack("{s:o}", "kiosks", list);
    dv_request_reply_json(visit->request, 200, body);
}
