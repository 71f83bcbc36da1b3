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
add_changes(json_t *lists, const json_t *diffs)
{
    for (gsize i = 0; i < json_array_size(lists); i++) {
        json_t *list = json_array_get(lists, i);
        const json_t *diff = diff_of(diffs, dv_json_string_or_null(list, "list_id"));
        json_object_set_new(list, "changes", diff ? counts_json(diff) : json_null());
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

json_t *
dv_lists_releases(DvOpener *opener, const char *token, GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_session_may(session, DV_VERB_LISTS, error) || !dv_lists_root(opener, error))
        return NULL;
    g_autoptr(json_t) stands = dv_rollout_json(opener, error);
    g_autoptr(json_t) history = stands ? history_json(opener->db, error) : NULL;
    if (!history)
        return NULL;
    gint64 release = json_integer_value(json_object_get(stands, "release"));
    g_autoptr(GArray) numbers = dv_draft_numbers(opener->lists);
    json_t *drafts = json_array();
    for (guint i = 0; i < numbers->len; i++)
        if (g_array_index(numbers, gint64, i) > release)
            json_array_append_new(drafts,
                                  describe_number(opener, g_array_index(numbers, gint64, i)));
    return json_pack("{s:O, s:o, s:O, s:b}", "in_force", stands, "drafts", drafts, "history",
                     history, "can_release", opener->lists->timestamp_key != NULL);
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
    if (!json)
        return NULL;
    g_autoptr(GError) why = NULL;
    g_autoptr(json_t) diffs = read_diff(draft, &why);
    add_changes(json_object_get(json, "lists"), diffs);
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
    const json_t *diff = diff_of(diffs, list_id);
    const json_t *rows = json_object_get(diff, "rows");
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
