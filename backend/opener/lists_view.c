// SPDX-License-Identifier: Apache-2.0
/* Looking at releases: what waits, what stands, what a draft changes. Counts for everybody who
 * works with lists; rows for those who edit or approve them, each look with its reason. */
#include "lists.h"
#include "record.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

#define DIFF_MAX (16u << 20)
#define DIFF_WHAT "diff.json"
#define ROWS_AT_ONCE 50u
#define HISTORY 12

/* ---- what a draft changes ---- */

/* The maker writes one object a list, or one with a member "lists". */
static json_t *
read_diff(const DvDraft *draft, GError **error)
{
    g_autoptr(GBytes) file = dv_draft_file(draft, "diff.json", DIFF_MAX, error);
    if (!file)
        return NULL;
    gsize length = 0;
    const void *data = g_bytes_get_data(file, &length);
    g_autoptr(json_t) diff = dv_json_parse(data, length, DIFF_MAX, error);
    if (!diff)
        return NULL;
    json_t *lists = json_object_get(diff, "lists");
    if (json_is_array(lists))
        return json_incref(lists);
    return json_pack("[O]", diff);
}

static const json_t *
diff_of(const json_t *diffs, const char *list_id)
{
    for (gsize i = 0; i < json_array_size(diffs); i++) {
        const json_t *diff = json_array_get(diffs, i);
        if (g_strcmp0(dv_json_string_or_null(diff, "list_id"), list_id) == 0)
            return diff;
    }
    return NULL;
}

/* Whether the diff, which nobody signed, is one of what is signed: it must lead to the owner's
 * version and state hash, and from those in force where it says that it starts there. */
static gboolean
is_of(const json_t *diff, const DvTrustStatement *statement, const DvTrustStatement *in_force)
{
    const json_t *from = json_object_get(diff, "from");
    const json_t *to = json_object_get(diff, "to");
    if (!json_is_integer(to) || json_integer_value(to) != statement->version ||
        g_strcmp0(dv_json_string_or_null(diff, "to_state_hash"), statement->state_hash) != 0)
        return FALSE;
    if (!in_force || !json_is_integer(from) || json_integer_value(from) != in_force->version)
        return TRUE;
    return g_strcmp0(dv_json_string_or_null(diff, "from_state_hash"), in_force->state_hash) == 0;
}

/* "OK"; "NONE": the draft says nothing of this list; "DIFFERS": what it says is of something else,
 * and not shown; "OTHER_BASE": it does not start at what is in force. */
static const char *
judge_diff(const json_t *diff, const DvTrustStatement *statement, const DvTrustStatement *in_force)
{
    if (!diff)
        return "NONE";
    if (!is_of(diff, statement, in_force))
        return "DIFFERS";
    const json_t *from = json_object_get(diff, "from");
    gint64 start = json_is_integer(from) ? json_integer_value(from) : 0;
    return start == (in_force ? in_force->version : 0) ? "OK" : "OTHER_BASE";
}

/* The owners' statements of what is in force, by list; what cannot be read is not there. */
static GHashTable *
statements_in_force(DvOpener *opener, GError **error)
{
    g_autoptr(GHashTable) table = g_hash_table_new_full(g_str_hash, g_str_equal, NULL,
                                                        (GDestroyNotify)dv_trust_statement_free);
    g_auto(DvRollout) stands = {0};
    if (!dv_rollout_read(opener->db, &stands, error))
        return NULL;
    if (stands.release == 0)
        return g_steal_pointer(&table);
    g_autoptr(GBytes) file = dv_release_file(opener->db, stands.release, error);
    g_autoptr(DvTrustRelease) release = file ? dv_trust_release_read(file, NULL, error) : NULL;
    for (guint i = 0; release && i < release->lists->len; i++) {
        DvTrustStatement *statement =
            dv_lists_served_statement(opener->lists, release->lists->pdata[i]);
        if (statement)
            g_hash_table_insert(table, statement->list_id, statement);
    }
    return release ? g_steal_pointer(&table) : NULL;
}

/* Numbers alone, whatever else stands there. */
static json_t *
counts_json(const json_t *diff)
{
    static const char *const names[] = {"added",   "removed",    "changed",
                                        "expired", "review_due", "no_review_date"};
    const json_t *counts = json_object_get(diff, "counts");
    json_t *out = json_object();
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const json_t *count = json_object_get(counts, names[i]);
        if (json_is_integer(count))
            json_object_set_new(out, names[i], json_integer(json_integer_value(count)));
    }
    const json_t *from = json_object_get(diff, "from");
    json_object_set_new(
        out, "from", json_is_integer(from) ? json_integer(json_integer_value(from)) : json_null());
    return out;
}

static void
add_changes(json_t *lists, const DvDraft *draft, const json_t *diffs, GHashTable *in_force)
{
    for (gsize i = 0; i < json_array_size(lists); i++) {
        json_t *list = json_array_get(lists, i);
        const DvTrustStatement *statement = draft->statements->pdata[i];
        const json_t *diff = diff_of(diffs, statement->list_id);
        const char *word =
            judge_diff(diff, statement, g_hash_table_lookup(in_force, statement->list_id));
        gboolean shown = diff && strcmp(word, "DIFFERS") != 0;
        json_object_set_new(list, "changes", shown ? counts_json(diff) : json_null());
        json_object_set_new(list, "diff", json_string(word));
    }
}

/* ---- drafts ---- */

static json_t *
describe(DvOpener *opener, const DvDraft *draft, GError **error)
{
    g_autoptr(json_t) signatures = dv_signatures_json(opener, draft, error);
    if (!signatures)
        return NULL;
    json_t *json = dv_draft_json(draft);
    json_object_update(json, signatures);
    return json;
}

/* A draft that cannot be used is shown with the reason, not left out. */
static json_t *
describe_number(DvOpener *opener, gint64 number)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvDraft) draft = dv_draft_read(opener, number, &error);
    json_t *json = draft ? describe(opener, draft, &error) : NULL;
    if (json)
        return json;
    return json_pack("{s:I, s:s}", "release", (json_int_t)number, "broken",
                     error ? error->message : "");
}

static json_t *
history_json(sqlite3 *db, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db,
                          "SELECT release, percent, halted, by, at_us FROM list_rollout"
                          " ORDER BY number DESC LIMIT ?1",
                          error);
    gboolean row = FALSE;
    if (!stmt)
        return NULL;
    sqlite3_bind_int(stmt, 1, HISTORY);
    g_autoptr(json_t) list = json_array();
    while (dv_sqlite_step(stmt, &row, error)) {
        if (!row)
            return g_steal_pointer(&list);
        g_autofree char *at = dv_time_format(sqlite3_column_int64(stmt, 4));
        json_array_append_new(
            list, json_pack("{s:I, s:i, s:b, s:s, s:s}", "release",
                            (json_int_t)sqlite3_column_int64(stmt, 0), "percent",
                            sqlite3_column_int(stmt, 1), "halted", sqlite3_column_int(stmt, 2),
                            "by", (const char *)sqlite3_column_text(stmt, 3), "at", at));
    }
    return NULL;
}

/* Releases that were in force before: what older content can come back from. */
static json_t *
older_json(sqlite3 *db, gint64 in_force, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        db,
        "SELECT release, min(at_us), max(percent) FROM list_rollout WHERE release < ?1"
        " GROUP BY release ORDER BY release DESC LIMIT ?2",
        error);
    gboolean row = FALSE;
    if (!stmt)
        return NULL;
    sqlite3_bind_int64(stmt, 1, in_force);
    sqlite3_bind_int(stmt, 2, HISTORY);
    g_autoptr(json_t) list = json_array();
    while (dv_sqlite_step(stmt, &row, error)) {
        if (!row)
            return g_steal_pointer(&list);
        gint64 number = sqlite3_column_int64(stmt, 0);
        g_autofree char *at = dv_time_format(sqlite3_column_int64(stmt, 1));
        g_autoptr(GBytes) file = dv_release_file(db, number, error);
        g_autoptr(DvTrustRelease) release = file ? dv_trust_release_read(file, NULL, error) : NULL;
        if (!release)
            return NULL;
        json_array_append_new(list, json_pack("{s:I, s:s, s:i, s:o}", "release", (json_int_t)number,
                                              "at", at, "percent", sqlite3_column_int(stmt, 2),
                                              "lists", dv_release_lists_json(release)));
    }
    return NULL;
}

json_t *
dv_lists_releases(DvOpener *opener, const char *token, GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_session_may(session, DV_VERB_LISTS, error) || !dv_lists_root(opener, error))
        return NULL;
    g_autoptr(json_t) stands = dv_rollout_json(opener, error);
    g_autoptr(json_t) history = stands ? history_json(opener->db, error) : NULL;
    gint64 release = json_integer_value(json_object_get(stands, "release"));
    g_autoptr(json_t) older = history ? older_json(opener->db, release, error) : NULL;
    g_autoptr(json_t) clock = older ? dv_stamp_clock_json(opener, error) : NULL;
    if (!clock)
        return NULL;
    g_autoptr(GArray) numbers = dv_draft_numbers(opener->lists);
    json_t *drafts = json_array();
    for (guint i = 0; i < numbers->len; i++)
        if (g_array_index(numbers, gint64, i) > release)
            json_array_append_new(drafts,
                                  describe_number(opener, g_array_index(numbers, gint64, i)));
    return json_pack("{s:O, s:o, s:O, s:O, s:O, s:b}", "in_force", stands, "drafts", drafts,
                     "history", history, "older", older, "clock", clock, "can_release",
                     opener->lists->timestamp_key != NULL);
}

/* One draft with its numbers. A draft without a readable diff is shown all the same, and says so.
 */
static json_t *
open_draft(DvOpener *opener, const DvSession *session, gint64 number, GError **error)
{
    if (!dv_session_may(session, DV_VERB_LISTS, error))
        return NULL;
    g_autoptr(DvDraft) draft = dv_draft_read(opener, number, error);
    g_autoptr(json_t) json = draft ? describe(opener, draft, error) : NULL;
    g_autoptr(GHashTable) in_force = json ? statements_in_force(opener, error) : NULL;
    if (!in_force)
        return NULL;
    g_autoptr(GError) why = NULL;
    g_autoptr(json_t) diffs = read_diff(draft, &why);
    add_changes(json_object_get(json, "lists"), draft, diffs, in_force);
    return g_steal_pointer(&json);
}

json_t *
dv_lists_open(DvOpener *opener, const char *token, gint64 number, GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_lists_are_here(opener, error))
        return NULL;
    g_autoptr(GError) why = NULL;
    g_autofree char *object = g_strdup_printf("release %" G_GINT64_FORMAT, number);
    g_autoptr(json_t) json = open_draft(opener, session, number, &why);
    if (!dv_opener_log_end(opener, session->user->user, "list.open", object, "", &why, error))
        return NULL;
    return g_steal_pointer(&json);
}

/* ---- rows ---- */

static const DvTrustStatement *
statement_of(const DvDraft *draft, const char *list_id)
{
    for (guint i = 0; i < draft->statements->len; i++) {
        const DvTrustStatement *statement = draft->statements->pdata[i];
        if (strcmp(statement->list_id, list_id) == 0)
            return statement;
    }
    return NULL;
}

static json_t *
read_rows(DvOpener *opener, const DvSession *session, gint64 number, const char *list_id,
          gint64 after, GError **error)
{
    if (!dv_session_may(session, DV_VERB_LIST_ROWS, error))
        return NULL;
    g_autoptr(DvDraft) draft = dv_draft_read(opener, number, error);
    g_autoptr(json_t) diffs = draft ? read_diff(draft, error) : NULL;
    if (!diffs)
        return NULL;
    g_autoptr(GHashTable) in_force = statements_in_force(opener, error);
    if (!in_force)
        return NULL;
    const json_t *diff = diff_of(diffs, list_id);
    const DvTrustStatement *statement = statement_of(draft, list_id);
    if (diff && statement && !is_of(diff, statement, g_hash_table_lookup(in_force, list_id))) {
        g_set_error(error, DV_ERROR, DV_ERROR_CRYPTO,
                    "What the draft says of the changes is not of the list that its owner signed; "
                    "it is not shown.");
        return NULL;
    }
    const json_t *rows = statement ? json_object_get(diff, "rows") : NULL;
    if (!json_is_array(rows)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "The draft does not say what changes in that list.");
        return NULL;
    }
    gsize first = (gsize)CLAMP(after, 0, (gint64)json_array_size(rows));
    json_t *part = json_array();
    for (gsize i = first; i < json_array_size(rows) && i < first + ROWS_AT_ONCE; i++)
        json_array_append(part, json_array_get(rows, i));
    return json_pack("{s:s, s:o, s:I, s:I, s:b}", "list_id", list_id, "rows", part, "after",
                     (json_int_t)first, "held", (json_int_t)json_array_size(rows), "capped",
                     json_is_true(json_object_get(diff, "capped")));
}

json_t *
dv_lists_rows(DvOpener *opener, const char *token, gint64 number, const char *list_id, gint64 after,
              const char *reason, GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_lists_are_here(opener, error) || !dv_reason_check(reason, error))
        return NULL;
    g_autoptr(GError) why = NULL;
    g_autoptr(json_t) rows = read_rows(opener, session, number, list_id, after, &why);
    /* What was asked for stands in the log only where it is a list's id. */
    gboolean plain = list_id[0] && strlen(list_id) <= 32 &&
                     strspn(list_id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-_.") == strlen(list_id);
    g_autofree char *object =
        g_strdup_printf("release %" G_GINT64_FORMAT " %s", number, plain ? list_id : "(no list)");
    if (!dv_opener_log_end(opener, session->user->user, "list.rows", object, reason, &why, error))
        return NULL;
    return g_steal_pointer(&rows);
}
