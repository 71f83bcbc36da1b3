// SPDX-License-Identifier: Apache-2.0
/*
 * The dry run: what a draft would have raised among the crossings of late. The crossings are opened
 * here and nowhere else, a few at each turn of the main loop, so that nobody waits for it; only
 * counts leave, and none that could point at one traveller.
 */
#include "lists.h"
#include "record.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/watchlist.h>
#include <string.h>

#define CROSSINGS_MAX 2000
#define PER_HOUR                                                                                   \
    12          /* runs that ended well, by anybody: differences of many runs say more than one */
#define SMALL 5 /* counts below it are not told (S13) */
#define TURN_US 10000
#define RUN_US (60 * G_USEC_PER_SEC)

struct DvDryRun {
    DvOpener *opener;
    char *user, *object, *reason;
    GPtrArray *wires; /* GBytes */
    guint next;
    GHashTable *links; /* hex: the same crossing counts once */
    DvWatchlist *draft, *in_force;
    gint64 now_us, deadline_us;
    guint64 crossings, unreadable, undetermined, extra, fewer, with_extra;
    DvDryRunDone func;
    void *data;
    guint source;
};

static void
run_free(DvDryRun *run)
{
    g_ptr_array_unref(run->wires);
    g_hash_table_unref(run->links);
    dv_watchlist_free(run->draft);
    dv_watchlist_free(run->in_force);
    g_free(run->user);
    g_free(run->object);
    g_free(run->reason);
    g_free(run);
}

/* ---- one crossing ---- */

static const char *
text_in(const json_t *body, const char *group, const char *member)
{
    return json_string_value(json_object_get(json_object_get(body, group), member));
}

static const char *
nationality(const json_t *body)
{
    const json_t *list = json_object_get(json_object_get(body, "person"), "nationalities");
    const char *first = json_string_value(json_array_get(list, 0));
    return first ? first : text_in(body, "person", "nationality");
}

static DvWatchlistAnswer *
check(const DvDryRun *run, DvWatchlist *lists, const json_t *body)
{
    const DvWatchlistSubject subject = {
        .surname = text_in(body, "person", "surname"),
        .given_names = text_in(body, "person", "given_names"),
        .birth_date = text_in(body, "person", "birth_date"),
        .sex = text_in(body, "person", "sex"),
        .nationality = nationality(body),
        .document_number = text_in(body, "document", "number"),
        .issuing_state = text_in(body, "document", "issuing_state"),
        .document_type = text_in(body, "document", "type"),
    };
    dv_watchlist_set_training(lists, json_is_true(json_object_get(body, "is_training")));
    return dv_watchlist_check(lists, &subject, run->now_us);
}

/* Hits of one answer whose alert the other has none of. */
static guint64
only_in(const DvWatchlistAnswer *one, const DvWatchlistAnswer *other)
{
    guint64 count = 0;
    for (guint i = 0; i < one->hits->len; i++) {
        const DvWatchlistHit *hit = one->hits->pdata[i];
        gboolean both = FALSE;
        for (guint j = 0; j < other->hits->len && !both; j++) {
            const DvWatchlistHit *there = other->hits->pdata[j];
            both = strcmp(hit->list_id, there->list_id) == 0 &&
                   strcmp(hit->alert_id, there->alert_id) == 0;
        }
        count += both ? 0 : 1;
    }
    return count;
}

static void
compare(DvDryRun *run, const json_t *body)
{
    g_autoptr(DvWatchlistAnswer) after = check(run, run->draft, body);
    g_autoptr(DvWatchlistAnswer) before = run->in_force ? check(run, run->in_force, body) : NULL;
    guint64 extra = before ? only_in(after, before) : after->hits->len;
    run->crossings++;
    run->undetermined += after->determined ? 0 : 1;
    run->extra += extra;
    run->with_extra += extra > 0 ? 1 : 0;
    run->fewer += before ? only_in(before, after) : 0;
}

static void
take_crossing(DvDryRun *run, GBytes *wire)
{
    g_autoptr(DvRecord) record = dv_record_read(run->opener, wire, NULL);
    if (!record || !dv_record_open_body(run->opener, record, NULL)) {
        run->unreadable++;
        return;
    }
    if (g_hash_table_add(run->links, dv_hex(record->link, sizeof record->link)))
        compare(run, record->body);
}

/* ---- the end ---- */

static json_t *
count_json(guint64 count)
{
    if (count > 0 && count < SMALL)
        return json_pack("{s:I}", "below", (json_int_t)SMALL);
    return json_pack("{s:I}", "n", (json_int_t)count);
}

static json_t *
result_json(const DvDryRun *run)
{
    gboolean enough = run->crossings >= run->opener->lists->dry_run_least;
    gboolean whole = run->next >= run->wires->len;
    if (!enough)
        return json_pack("{s:b, s:b, s:I}", "enough", 0, "whole", (int)whole, "least",
                         (json_int_t)run->opener->lists->dry_run_least);
    return json_pack("{s:b, s:b, s:I, s:b, s:o, s:o, s:o, s:o, s:o}", "enough", 1, "whole",
                     (int)whole, "crossings", (json_int_t)run->crossings, "compared",
                     run->in_force != NULL, "extra_hits", count_json(run->extra), "crossings_hit",
                     count_json(run->with_extra), "fewer_hits", count_json(run->fewer),
                     "undetermined", count_json(run->undetermined), "unreadable",
                     count_json(run->unreadable));
}

static void
finish(DvDryRun *run)
{
    g_autoptr(GError) why = NULL;
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) result = result_json(run);
    run->opener->lists->dry_run = NULL;
    gboolean logged = dv_opener_log_end(run->opener, run->user, "list.dry-run", run->object,
                                        run->reason, &why, &error);
    run->func(logged ? result : NULL, logged ? NULL : error, run->data);
    run_free(run);
}

static gboolean
on_turn(void *data)
{
    DvDryRun *run = data;
    gint64 end = dv_clock_mono_us() + TURN_US;
    while (run->next < run->wires->len && dv_clock_mono_us() < end)
        take_crossing(run, run->wires->pdata[run->next++]);
    if (run->next < run->wires->len && end < run->deadline_us)
        return G_SOURCE_CONTINUE;
    finish(run);
    return G_SOURCE_REMOVE;
}

void
dv_dry_run_cancel(DvDryRun *run)
{
    if (!run)
        return;
    g_source_remove(run->source);
    g_autoptr(GError) error =
        g_error_new(DV_ERROR, DV_ERROR_UNAVAILABLE, "The opener is stopping.");
    run->func(NULL, error, run->data);
    run_free(run);
}

/* ---- the beginning ---- */

static gboolean
may_run_again(DvOpener *opener, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        opener->db,
        "SELECT count(*) FROM audit WHERE verb = 'list.dry-run' AND outcome = 'ok'"
        " AND time_us > ?1 AND seq > (SELECT max(seq) FROM audit) - 100000",
        error);
    gboolean row = FALSE;
    if (!stmt)
        return FALSE;
    sqlite3_bind_int64(stmt, 1, dv_clock_wall_us() - G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC);
    if (!dv_sqlite_step(stmt, &row, error))
        return FALSE;
    if (opener->lists->dry_run) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                    "A dry run is under way; try again when it has ended.");
        return FALSE;
    }
    if (sqlite3_column_int(stmt, 0) < PER_HOUR)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                "There were %d dry runs within an hour; many of them together would tell more than "
                "counts. Try again later.",
                PER_HOUR);
    return FALSE;
}

/* The lists of the release in force as they lay in its own draft; without: everything is new. */
static gboolean
open_lists(DvOpener *opener, DvDryRun *run, const DvDraft *draft, GError **error)
{
    g_auto(DvRollout) stands = {0};
    if (!dv_rollout_read(opener->db, &stands, error))
        return FALSE;
    run->draft = dv_watchlist_open(draft->folder, FALSE, error);
    if (!run->draft || stands.release == 0)
        return run->draft != NULL;
    g_autofree char *folder =
        g_strdup_printf("%s/%" G_GINT64_FORMAT, opener->lists->drafts, stands.release);
    if (g_file_test(folder, G_FILE_TEST_IS_DIR))
        run->in_force = dv_watchlist_open(folder, FALSE, error);
    return !g_file_test(folder, G_FILE_TEST_IS_DIR) || run->in_force;
}

static gboolean
start(DvOpener *opener, const DvSession *session, DvDryRun *run, gint64 number, GError **error)
{
    if (!dv_session_may(session, DV_VERB_LIST_DRY_RUN, error) || !may_run_again(opener, error))
        return FALSE;
    if (run->wires->len > CROSSINGS_MAX) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "A dry run takes at most %d crossings.",
                    CROSSINGS_MAX);
        return FALSE;
    }
    g_autoptr(DvDraft) draft = dv_draft_read(opener, number, error);
    return draft && open_lists(opener, run, draft, error);
}

gboolean
dv_lists_dry_run(DvOpener *opener, const char *token, gint64 number, GPtrArray *wires,
                 const char *reason, DvDryRunDone func, void *data, GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_lists_are_here(opener, error) || !dv_reason_check(reason, error))
        return FALSE;
    DvDryRun *run = g_new0(DvDryRun, 1);
    *run = (DvDryRun){.opener = opener,
                      .user = g_strdup(session->user->user),
                      .object = g_strdup_printf("release %" G_GINT64_FORMAT, number),
                      .reason = g_strdup(reason),
                      .wires = g_ptr_array_ref(wires),
                      .links = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                      .now_us = dv_clock_wall_us(),
                      .deadline_us = dv_clock_mono_us() + RUN_US,
                      .func = func,
                      .data = data};
    g_autoptr(GError) why = NULL;
    if (start(opener, session, run, number, &why)) {
        opener->lists->dry_run = run;
        run->source = g_idle_add(on_turn, run);
        return TRUE;
    }
    dv_opener_log_end(opener, run->user, "list.dry-run", run->object, reason, &why, error);
    run_free(run);
    return FALSE;
}
