// SPDX-License-Identifier: Apache-2.0
/* Which booth has which release, from what each says of itself, beside what the newest release and
 * its timestamp ask of it. */
#include "private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

#define SILENT_S 300
#define NOT_HEARD "silent"
#define CANARIES_SHOWN 120 /* bytes; the opener takes 200 for its log */

typedef struct {
    DvTrustTimestamp *timestamp; /* NULL: nothing is in force */
    DvTrustRelease *release;
    GPtrArray *statements; /* of the release: what each booth must have */
} Standing;

static void
standing_clear(Standing *standing)
{
    g_clear_pointer(&standing->timestamp, dv_trust_timestamp_free);
    g_clear_pointer(&standing->release, dv_trust_release_free);
    g_clear_pointer(&standing->statements, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Standing, standing_clear)

static gboolean
standing_read(const DvConsole *console, Standing *standing, GError **error)
{
    *standing = (Standing){0};
    if (!console->lists)
        return TRUE;
    if (!dv_lists_standing(console->lists, &standing->timestamp, &standing->release, error))
        return FALSE;
    if (standing->release)
        standing->statements = dv_lists_statements(console->lists, standing->release, error);
    return !standing->release || standing->statements;
}

static gint64
release_of(const json_t *update)
{
    return json_integer_value(json_object_get(update, "release"));
}

static const json_t *
list_of(const json_t *lists, const char *list_id)
{
    for (gsize i = 0; i < json_array_size(lists); i++) {
        const json_t *list = json_array_get(lists, i);
        if (g_strcmp0(dv_json_string_or_null(list, "list_id"), list_id) == 0)
            return list;
    }
    return NULL;
}

static gint64
version_of(const json_t *lists, const char *list_id)
{
    return json_integer_value(json_object_get(list_of(lists, list_id), "version"));
}

/* The release's number is what the booth believes; what it holds are versions and state hashes,
 * and those are the owners' or they are not. */
static gboolean
holds(const Standing *standing, const json_t *lists)
{
    for (guint i = 0; i < standing->statements->len; i++) {
        const DvTrustStatement *statement = standing->statements->pdata[i];
        const json_t *list = list_of(lists, statement->list_id);
        if (version_of(lists, statement->list_id) != statement->version ||
            g_strcmp0(dv_json_string_or_null(list, "state_hash"), statement->state_hash) != 0)
            return FALSE;
    }
    return json_array_size(lists) == standing->statements->len;
}

/* As a booth judges it (dv_trust_turn): an urgent release is taken out of turn only where it adds
 * to what is there. */
static gboolean
only_adds(const DvTrustRelease *release, const json_t *lists)
{
    for (guint i = 0; i < release->lists->len; i++) {
        const DvTrustList *list = release->lists->pdata[i];
        gint64 have = version_of(lists, list->list_id);
        g_autoptr(GPtrArray) path = have > 0 ? dv_trust_path_adding(list, have) : NULL;
        if (!path)
            return FALSE;
    }
    return TRUE;
}

static gboolean
has_turn(const Standing *standing, const char *kiosk, const json_t *lists)
{
    const DvTrustRelease *release = standing->release;
    return dv_trust_is_canary(release, kiosk) ||
           dv_trust_cohort(kiosk, release->release) < standing->timestamp->percent ||
           (release->urgent && only_adds(release, lists));
}

/* How a booth stands, as a word of the page. */
static const char *
standing_of(const Standing *standing, const char *kiosk, const json_t *update, const json_t *lists,
            gint64 silent_s)
{
    if (!standing->release)
        return silent_s > SILENT_S ? NOT_HEARD : "nothing";
    if (update && release_of(update) == standing->release->release)
        return holds(standing, lists) ? "has" : "differs";
    if (silent_s > SILENT_S)
        return NOT_HEARD;
    if (!update)
        return "unknown";
    const char *reason = dv_json_string_or_null(update, "reason");
    if (reason && *reason && strcmp(reason, "WAITING") != 0)
        return "failed";
    return has_turn(standing, kiosk, lists) ? "fetching" : "waits";
}

static gint64
silent_s(const DvKioskState *kiosk)
{
    return MAX((dv_clock_wall_us() - kiosk->last_seen_us) / G_USEC_PER_SEC, 0);
}

static json_t *
update_of(const DvKioskState *kiosk)
{
    return kiosk->update && *kiosk->update ? json_loads(kiosk->update, 0, NULL) : NULL;
}

static json_t *
lists_of(const DvKioskState *kiosk)
{
    json_t *lists = json_loads(kiosk->lists ? kiosk->lists : "[]", 0, NULL);
    return lists ? lists : json_array();
}

static json_t *
booth_json(const DvVisit *visit, const Standing *standing, const DvKioskState *kiosk)
{
    json_t *checkpoint = json_object_get(json_object_get(visit->session, "kiosks"), kiosk->kiosk);
    gint64 silent = silent_s(kiosk);
    g_autoptr(json_t) update = update_of(kiosk);
    g_autoptr(json_t) lists = lists_of(kiosk);
    gboolean canary = standing->release && dv_trust_is_canary(standing->release, kiosk->kiosk);
    return json_pack("{s:s, s:O?, s:s, s:b, s:O?, s:O, s:o, s:I}", "kiosk", kiosk->kiosk,
                     "checkpoint", checkpoint, "standing",
                     standing_of(standing, kiosk->kiosk, update, lists, silent), "canary",
                     (int)canary, "update", update, "lists", lists, "last_seen",
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
    g_auto(Standing) standing = {0};
    g_autoptr(GPtrArray) kiosks = dv_store_kiosks(visit->console->store, &error);
    if (kiosks && standing_read(visit->console, &standing, &error))
        reply(visit, &standing, kiosks);
    else
        dv_visit_fail(visit, error);
}

/* ---- what canary booths are for */

static const char *
canary_word(const Standing *standing, const char *canary, const GPtrArray *kiosks)
{
    for (guint i = 0; i < kiosks->len; i++) {
        const DvKioskState *kiosk = kiosks->pdata[i];
        if (strcmp(kiosk->kiosk, canary) != 0)
            continue;
        g_autoptr(json_t) update = update_of(kiosk);
        g_autoptr(json_t) lists = lists_of(kiosk);
        const char *word = standing_of(standing, canary, update, lists, silent_s(kiosk));
        return strcmp(word, "has") == 0 && silent_s(kiosk) > SILENT_S ? NOT_HEARD : word;
    }
    return NOT_HEARD;
}

char *
dv_list_canaries_missing(const DvConsole *console, GError **error)
{
    g_auto(Standing) standing = {0};
    g_autoptr(GPtrArray) kiosks = dv_store_kiosks(console->store, error);
    if (!kiosks || !standing_read(console, &standing, error))
        return NULL;
    GString *text = g_string_new(NULL);
    for (guint i = 0; standing.release && i < standing.release->canary->len; i++) {
        const char *canary = standing.release->canary->pdata[i];
        const char *word = canary_word(&standing, canary, kiosks);
        if (strcmp(word, "has") == 0)
            continue;
        if (text->len > CANARIES_SHOWN) {
            g_string_append(text, ", and more");
            break;
        }
        g_string_append_printf(text, "%s%s %s", text->len ? ", " : "", canary, word);
    }
    return g_string_free(text, FALSE);
}
