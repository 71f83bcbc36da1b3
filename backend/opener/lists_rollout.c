// SPDX-License-Identifier: Apache-2.0
/* Putting a release in force, step by step. */
#include "lists.h"
#include "record.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

#define DESPITE_MAX 200

void
dv_rollout_clear(DvRollout *rollout)
{
    g_clear_pointer(&rollout->by, g_free);
}

/* ---- what stands ---- */

static void
copy_text(char *out, gsize size, sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    g_strlcpy(out, text ? text : "", size);
}

gboolean
dv_rollout_read(sqlite3 *db, DvRollout *rollout, GError **error)
{
    *rollout = (DvRollout){0};
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        db,
        "SELECT r.release, c.sha256, c.size, r.percent, r.halted, r.previous, p.sha256, p.size,"
        " r.by, r.at_us FROM list_rollout r JOIN list_releases c ON c.release = r.release"
        " LEFT JOIN list_releases p ON p.release = r.previous ORDER BY r.number DESC LIMIT 1",
        error);
    gboolean row = FALSE;
    if (!stmt || !dv_sqlite_step(stmt, &row, error))
        return FALSE;
    if (!row)
        return TRUE;
    rollout->release = sqlite3_column_int64(stmt, 0);
    copy_text(rollout->sha256, sizeof rollout->sha256, stmt, 1);
    rollout->size = sqlite3_column_int64(stmt, 2);
    rollout->percent = (guint)sqlite3_column_int(stmt, 3);
    rollout->halted = sqlite3_column_int(stmt, 4) != 0;
    rollout->previous.release = sqlite3_column_int64(stmt, 5);
    copy_text(rollout->previous.sha256, sizeof rollout->previous.sha256, stmt, 6);
    rollout->previous.size = sqlite3_column_int64(stmt, 7);
    rollout->by = g_strdup((const char *)sqlite3_column_text(stmt, 8));
    rollout->at_us = sqlite3_column_int64(stmt, 9);
    return TRUE;
}

/* The step after this percentage; 0: there is none. */
static guint
next_step(const DvTrustRelease *release, guint percent)
{
    for (guint i = 0; i < release->steps->len; i++)
        if (g_array_index(release->steps, guint, i) > percent)
            return g_array_index(release->steps, guint, i);
    return 0;
}

json_t *
dv_release_lists_json(const DvTrustRelease *release)
{
    json_t *lists = json_array();
    for (guint i = 0; i < release->lists->len; i++) {
        const DvTrustList *list = release->lists->pdata[i];
        json_array_append_new(lists, json_pack("{s:s, s:I}", "list_id", list->list_id, "version",
                                               (json_int_t)list->version));
    }
    return lists;
}

static json_t *
release_members(const DvTrustRelease *release, const DvRollout *rollout)
{
    json_t *canary = json_array();
    for (guint i = 0; i < release->canary->len; i++)
        json_array_append_new(canary, json_string(release->canary->pdata[i]));
    guint next = next_step(release, rollout->percent);
    json_t *step = next > 0 ? json_integer((json_int_t)next) : json_null();
    return json_pack("{s:o, s:o, s:o, s:b}", "canary", canary, "lists",
                     dv_release_lists_json(release), "next", step, "urgent", (int)release->urgent);
}

json_t *
dv_rollout_json(DvOpener *opener, GError **error)
{
    g_auto(DvRollout) rollout = {0};
    if (!dv_rollout_read(opener->db, &rollout, error))
        return NULL;
    if (rollout.release == 0)
        return json_null();
    g_autoptr(GBytes) file = dv_release_file(opener->db, rollout.release, error);
    g_autoptr(DvTrustRelease) release = file ? dv_trust_release_read(file, NULL, error) : NULL;
    if (!release)
        return NULL;
    g_autofree char *at = dv_time_format(rollout.at_us);
    json_t *json = release_members(release, &rollout);
    json_t *more =
        json_pack("{s:I, s:I, s:b, s:I, s:s, s:s}", "release", (json_int_t)rollout.release,
                  "percent", (json_int_t)rollout.percent, "halted", (int)rollout.halted, "previous",
                  (json_int_t)rollout.previous.release, "by", rollout.by, "at", at);
    json_object_update(json, more);
    json_decref(more);
    return json;
}

/* ---- a person's act ---- */

static gboolean
insert_release(sqlite3 *db, gint64 release, GBytes *file, GError **error)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(file, &length);
    guint8 digest[DV_SHA256_SIZE];
    dv_sha256(data, length, digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        db, "INSERT INTO list_releases (release, sha256, size, file) VALUES (?1, ?2, ?3, ?4)",
        error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_int64(stmt, 1, release);
    sqlite3_bind_text(stmt, 2, hex, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 3, (sqlite3_int64)length);
    sqlite3_bind_blob(stmt, 4, data, (int)length, SQLITE_TRANSIENT);
    return dv_sqlite_run(stmt, error);
}

static gboolean
insert_rollout(sqlite3 *db, const DvRollout *rollout, const char *user, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db,
                          "INSERT INTO list_rollout (release, percent, halted, previous, by, at_us)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                          error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_int64(stmt, 1, rollout->release);
    sqlite3_bind_int(stmt, 2, (int)rollout->percent);
    sqlite3_bind_int(stmt, 3, rollout->halted);
    if (rollout->previous.release > 0)
        sqlite3_bind_int64(stmt, 4, rollout->previous.release);
    sqlite3_bind_text(stmt, 5, user, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 6, dv_clock_wall_us());
    return dv_sqlite_run(stmt, error);
}

/* Only a release that every booth may have is one to stay with: one that was halted half way may be
 * the very reason for the next. */
static gint64
previous_of_next(const DvRollout *stands)
{
    return stands->percent == 100 ? stands->release : stands->previous.release;
}

/* object: for the log, with the content that was put in force; replaced. */
static gboolean
put(DvOpener *opener, const char *user, gint64 number, char **object, GError **error)
{
    g_auto(DvRollout) stands = {0};
    g_autoptr(DvDraft) draft = dv_draft_read(opener, number, error);
    if (!draft || !dv_rollout_read(opener->db, &stands, error))
        return FALSE;
    g_free(*object);
    *object = dv_draft_object(draft);
    if (number <= stands.release) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "Release %" G_GINT64_FORMAT " is in force; only a higher one can follow. Older "
                    "content comes back under a new number.",
                    stands.release);
        return FALSE;
    }
    if (draft->release->expires_us <= dv_clock_wall_us()) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "The signed time of this release is over; it must be made and signed anew.");
        return FALSE;
    }
    g_autoptr(GBytes) file = dv_signatures_assemble(opener, draft, error);
    const DvRollout next = {.release = number, .previous = {.release = previous_of_next(&stands)}};
    return file && insert_release(opener->db, number, file, error) &&
           insert_rollout(opener->db, &next, user, error);
}

static gboolean
step(DvOpener *opener, const char *user, gint64 number, guint percent, char **object,
     GError **error)
{
    g_auto(DvRollout) stands = {0};
    if (!dv_rollout_read(opener->db, &stands, error))
        return FALSE;
    g_autoptr(GBytes) file =
        stands.release > 0 ? dv_release_file(opener->db, stands.release, error) : NULL;
    if (stands.release > 0 && !file)
        return FALSE;
    if (!file || number != stands.release) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "Release %" G_GINT64_FORMAT " is not the one in force; load the page again.",
                    number);
        return FALSE;
    }
    g_autoptr(DvTrustRelease) release = dv_trust_release_read(file, NULL, error);
    char content[DV_TRUST_HEX];
    if (!release || !dv_trust_content_digest(file, DV_TRUST_ROLE_RELEASE, content, error))
        return FALSE;
    g_free(*object);
    *object = g_strdup_printf("release %" G_GINT64_FORMAT " %s", number, content);
    guint next = next_step(release, stands.percent);
    if (percent != 0 && percent != next) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "The signed release knows no step from %u %% to %u %%; load the page again.",
                    stands.percent, percent);
        return FALSE;
    }
    if (percent == 0 && (stands.halted || stands.percent == 100)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    stands.halted ? "This release is halted already."
                                  : "Every booth may have this release; halting changes nothing. "
                                    "Prepare the older content as a new release.");
        return FALSE;
    }
    const DvRollout after = {
        .release = number, .percent = percent, .halted = percent == 0, .previous = stands.previous};
    return insert_rollout(opener->db, &after, user, error);
}

typedef struct {
    gint64 number;
    int percent; /* -1: put in force */
    const char *despite, *reason;
} Act;

static gboolean
act(DvOpener *opener, const DvSession *session, const Act *wish, char **object, GError **error)
{
    if (!dv_session_may(session, DV_VERB_LIST_ROLL_OUT, error) ||
        !dv_opener_db_begin(opener->db, error))
        return FALSE;
    const char *user = session->user->user;
    gboolean ok = wish->percent < 0
                      ? put(opener, user, wish->number, object, error)
                      : step(opener, user, wish->number, (guint)wish->percent, object, error);
    ok = ok && dv_stamp_renew(opener, FALSE, error) && dv_opener_db_commit(opener->db, error);
    if (!ok)
        dv_opener_db_rollback(opener->db);
    return ok;
}

static const char *
verb_of(const Act *wish)
{
    if (wish->percent < 0)
        return "list.put-in-force";
    return wish->percent == 0 ? "list.halt" : "list.step";
}

/* What the centre heard of its canary booths: kiosk ids and words, nothing else. */
static gboolean
check_despite(const char *despite, GError **error)
{
    gsize length = strlen(despite);
    if (length <= DESPITE_MAX &&
        strspn(despite, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_., ") ==
            length)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "What stands against the step is not readable.");
    return FALSE;
}

static gboolean
act_logged(DvOpener *opener, const char *token, const Act *wish, DvInForce *out, GError **error)
{
    *out = (DvInForce){0};
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_lists_are_here(opener, error) || !dv_reason_check(wish->reason, error) ||
        !check_despite(wish->despite, error))
        return FALSE;
    g_autoptr(GError) why = NULL;
    g_autofree char *release = g_strdup_printf("release %" G_GINT64_FORMAT, wish->number);
    act(opener, session, wish, &release, &why);
    g_autofree char *object =
        wish->percent > 0 ? g_strdup_printf("%s to %d %%%s%s", release, wish->percent,
                                            wish->despite[0] ? " despite " : "", wish->despite)
                          : g_steal_pointer(&release);
    return dv_opener_log_end(opener, session->user->user, verb_of(wish), object, wish->reason, &why,
                             error) &&
           dv_in_force_read(opener, out, error);
}

gboolean
dv_lists_put_in_force(DvOpener *opener, const char *token, gint64 number, const char *reason,
                      DvInForce *out, GError **error)
{
    const Act wish = {number, -1, "", reason};
    return act_logged(opener, token, &wish, out, error);
}

gboolean
dv_lists_step(DvOpener *opener, const char *token, gint64 number, guint percent,
              const char *despite, const char *reason, DvInForce *out, GError **error)
{
    const Act wish = {number, (int)MIN(percent, 101u), despite, reason};
    return act_logged(opener, token, &wish, out, error);
}
