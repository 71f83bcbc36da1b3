// SPDX-License-Identifier: Apache-2.0
/* Which booth has which release, from what each says of itself, beside what the newest release and
 * its timestamp ask of it. */
#include "private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

#define SILENT_S 300
#define NOT_HEARD "silent"

typedef struct {
    DvTrustTimestamp *timestamp; /* NULL: nothing is in force */
    DvTrustRelease *release;
} Standing;

static gint64
release_of(const json_t *update)
{
    return json_integer_value(json_object_get(update, "release"));
}

static gboolean
has_turn(const Standing *standing, const char *kiosk)
{
    return standing->release->urgent || dv_trust_is_canary(standing->release, kiosk) ||
           dv_trust_cohort(kiosk, standing->release->release) < standing->timestamp->percent;
}

/* How a booth stands, as a word of the page. */
static const char *
standing_of(const Standing *standing, const char *kiosk, const json_t *update, gint64 silent_s)
{
    if (!standing->release)
        return silent_s > SILENT_S ? NOT_HEARD : "nothing";
    if (update && release_of(update) == standing->release->release)
        return "has";
    if (silent_s > SILENT_S)
        return NOT_HEARD;
    if (!update)
        return "unknown";
    const char *reason = dv_json_string_or_null(update, "reason");
    if (reason && *reason && strcmp(reason, "WAITING") != 0)
        return "failed";
    return has_turn(standing, kiosk) ? "fetching" : "waits";
}

static json_t *
booth_json(const DvVisit *visit, const Standing *standing, const DvKioskState *kiosk)
{
    json_t *checkpoint = json_object_get(json_object_get(visit->session, "kiosks"), kiosk->kiosk);
    gint64 silent = MAX((dv_clock_wall_us() - kiosk->last_seen_us) / G_USEC_PER_SEC, 0);
    g_autoptr(json_t) update =
        kiosk->update && *kiosk->update ? json_loads(kiosk->update, 0, NULL) : NULL;
    json_t *lists = json_loads(kiosk->lists ? kiosk->lists : "[]", 0, NULL);
    gboolean canary = standing->release && dv_trust_is_canary(standing->release, kiosk->kiosk);
    return json_pack("{s:s, s:O?, s:s, s:b, s:O?, s:o, s:o, s:I}", "kiosk", kiosk->kiosk,
                     "checkpoint", checkpoint, "standing",
                     standing_of(standing, kiosk->kiosk, update, silent), "canary", (int)canary,
                     "update", update, "lists", lists ? lists : json_array(), "last_seen",
                     dv_time_json(kiosk->last_seen_us), "silent_s", (json_int_t)silent);
}

static void
reply(DvVisit *visit, const Standing *standing, const GPtrArray *kiosks)
{
    json_t *booths = json_array();
    gint64 has = 0;
    for (guint i = 0; i < kiosks->len; i++) {
        json_t *booth = booth_json(visit, standing, kiosks->pdata[i]);
        has += strcmp(json_string_value(json_object_get(booth, "standing")), "has") == 0;
        json_array_append_new(booths, booth);
    }
    json_t *release =
        standing->release ? json_integer((json_int_t)standing->release->release) : json_null();
    json_t *until =
        standing->timestamp ? dv_time_json(standing->timestamp->expires_us) : json_null();
    g_autoptr(json_t) body =
        json_pack("{s:o, s:o, s:I, s:o}", "release", release, "timestamp_until", until, "has",
                  (json_int_t)has, "booths", booths);
    dv_request_reply_json(visit->request, 200, body);
}

void
dv_visit_list_booths(DvVisit *visit)
{
    g_autoptr(GError) error = NULL;
    Standing standing = {NULL, NULL};
    g_autoptr(GPtrArray) kiosks = dv_store_kiosks(visit->console->store, &error);
    gboolean ok = kiosks != NULL;
    if (ok && visit->console->lists)
        ok = dv_lists_standing(visit->console->lists, &standing.timestamp, &standing.release,
                               &error);
    if (ok)
        reply(visit, &standing, kiosks);
    else
        dv_visit_fail(visit, error);
    dv_trust_timestamp_free(standing.timestamp);
    dv_trust_release_free(standing.release);
}
