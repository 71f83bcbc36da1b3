// SPDX-License-Identifier: Apache-2.0
/*
 * The dry run: what a draft would have raised among the crossings of late. First the draft's layers
 * are proven to be what its release names and its owners signed. Then the crossings are opened,
 * here and nowhere else, a few at each turn of the main loop, so that nobody waits for it. Only
 * numbers of crossings leave: from 0 to 4 all the same, so that a draft with one person in it does
 * not tell whether that person crossed.
 */
#include "lists_proof.h"
#include "record.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/watchlist.h>
#include <string.h>

#define CROSSINGS_MAX 2000
#define PER_HOUR 12 /* runs that began, by anybody: differences of many runs say more than one */
#define SMALL 5     /* counts below it are not told, and 0 is one of them (S13) */
#define PROOF_MS 20
#define TURN_US 10000
#define RUN_US (60 * G_USEC_PER_SEC)

struct DvDryRun {
    DvOpener *opener;
    char *user, *object, *reason;
    DvListsProof *proof;
    GPtrArray *wires; /* GBytes */
    guint next;
    GHashTable *links; /* hex: the same crossing counts once */
    DvWatchlist *draft, *in_force;
    gint64 now_us, deadline_us;
    guint64 crossings, unreadable, undetermined, with_extra, with_fewer;
    DvDryRunDone func;
    void *data;
    guint source;
};

static void
run_free(DvDryRun *run)
{
    dv_lists_proof_free(run->proof);
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

/* One answer has a hit whose alert the other has none of. */
static gboolean
has_more(const DvWatchlistAnswer *one, const DvWatchlistAnswer *other)
{
    for (guint i = 0; i < one->hits->len; i++) {
        const DvWatchlistHit *hit = one->hits->pdata[i];
        gboolean both = FALSE;
        for (guint j = 0; j < other->hits->len && !both; j++) {
            const DvWatchlistHit *there = other->hits->pdata[j];
            both = strcmp(hit->list_id, there->list_id) == 0 &&
                   strcmp(hit->alert_id, there->alert_id) == 0;
        }
        if (!both)
            return TRUE;
    }
    return FALSE;
}

/* Crossings are counted, not hits: one traveller of whom a draft has six alerts is one. */
static void
compare(DvDryRun *run, const json_t *body)
{
    g_autoptr(DvWatchlistAnswer) after = check(run, run->draft, body);
    g_autoptr(DvWatchlistAnswer) before = run->in_force ? check(run, run->in_force, body) : NULL;
    gboolean extra = before ? has_more(after, before) : after->hits->len > 0;
    run->crossings++;
    run->undetermined += after->determined ? 0 : 1;
    run->with_extra += extra ? 1 : 0;
    run->with_fewer += before && has_more(before, after) ? 1 : 0;
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
    if (count < SMALL)
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
    return json_pack("{s:b, s:b, s:I, s:b, s:o, s:o, s:o, s:o}", "enough", 1, "whole", (int)whole,
                     "crossings", (json_int_t)run->crossings, "compared", run->in_force != NULL,
                     "crossings_hit", count_json(run->with_extra), "crossings_gone",
                     count_json(run->with_fewer), "undetermined", count_json(run->undetermined),
                     "unreadable", count_json(run->unreadable));
}

/* why: what kept it from its end, or NULL; taken. */
static void
finish(DvDryRun *run, GError *why)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) result = why ? NULL : result_json(run);
    run->opener->lists->dry_run = NULL;
    gboolean good = dv_opener_log_end(run->opener, run->user, "list.dry-run-end", run->object,
                                      run->reason, &why, &error);
    run->func(good ? result : NULL, good ? NULL : error, run->data);
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
    finish(run, NULL);
    return G_SOURCE_REMOVE;
}

static gboolean
on_proof(void *data)
{
    DvDryRun *run = data;
    GError *why = NULL;
    if (!dv_lists_proof_is_done(run->proof))
        return G_SOURCE_CONTINUE;
    if (dv_lists_proof_end(run->proof, &why) && dv_clock_mono_us() > run->deadline_us)
        why = g_error_new(DV_ERROR, DV_ERROR_UNAVAILABLE,
                          "The lists were read through for the first time, which took longer than "
                          "anybody waits. Run it again: it is quicker now.");
    if (why) {
        finish(run, why);
        return G_SOURCE_REMOVE;
    }
    run->deadline_us = dv_clock_mono_us() + RUN_US;
    run->source = g_idle_add(on_turn, run);
    return G_SOURCE_REMOVE;
}

void
dv_dry_run_cancel(DvDryRun *run)
{
    if (!run)
        return;
    g_source_remove(run->source);
    finish(run, g_error_new(DV_ERROR, DV_ERROR_UNAVAILABLE, "The opener is stopping."));
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

/* The draft of the release in force, where it still lies there and is what was signed; without:
 * everything is new. */
static gboolean
open_in_force(DvOpener *opener, DvDryRun *run, GError **error)
{
    g_auto(DvRollout) stands = {0};
    if (!dv_rollout_read(opener->db, &stands, error))
        return FALSE;
    g_autofree char *folder =
        g_strdup_printf("%s/%" G_GINT64_FORMAT, opener->lists->drafts, stands.release);
    if (stands.release == 0 || !g_file_test(folder, G_FILE_TEST_IS_DIR))
        return TRUE;
    g_autoptr(DvDraft) draft = dv_draft_read(opener, stands.release, error);
    g_autoptr(GBytes) file = draft ? dv_release_file(opener->db, stands.release, error) : NULL;
    char signed_content[DV_TRUST_HEX];
    if (!file || !dv_trust_content_digest(file, DV_TRUST_ROLE_RELEASE, signed_content, error))
        return FALSE;
    if (strcmp(signed_content, draft->content) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_CRYPTO,
                    "The folder of %s, which is in force, does not hold what was signed.",
                    draft->object);
        return FALSE;
    }
    run->in_force = dv_watchlist_open(folder, FALSE, error);
    return run->in_force && dv_lists_proof_add(run->proof, draft, error);
}

static gboolean
open_lists(DvOpener *opener, DvDryRun *run, const DvDraft *draft, GError **error)
{
    run->proof = dv_lists_proof_new(opener->lists->read_before);
    run->draft = dv_watchlist_open(draft->folder, FALSE, error);
    return run->draft && dv_lists_proof_add(run->proof, draft, error) &&
           open_in_force(opener, run, error);
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
    if (!draft)
        return FALSE;
    g_free(run->object);
    run->object = dv_draft_object(draft);
    /* In the log before any crossing is opened: what ends badly, or is broken off, was asked too.
     */
    return open_lists(opener, run, draft, error) && dv_lists_proof_start(run->proof, error) &&
           dv_opener_log(opener, run->user, "list.dry-run", run->object, "ok", run->reason, error);
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
        run->source = g_timeout_add(PROOF_MS, on_proof, run);
        return TRUE;
    }
    dv_opener_log_end(opener, run->user, "list.dry-run", run->object, reason, &why, error);
    run_free(run);
    return FALSE;
}
