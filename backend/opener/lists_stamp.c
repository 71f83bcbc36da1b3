// SPDX-License-Identifier: Apache-2.0
/* The timestamp: the hourly word to booths which release is the newest and how far it may go. */
#include "lists.h"
#include "record.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

#define DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)
/* An opener may have stood still for this long after its last timestamp has ended. More looks like
 * a clock that is ahead: what is signed by such a clock cannot be taken back, as numbers only rise
 * and booths refuse what comes from their future. */
#define STOOD_STILL_US (3 * DAY_US)

void
dv_in_force_clear(DvInForce *in_force)
{
    g_clear_pointer(&in_force->file, g_bytes_unref);
    g_clear_pointer(&in_force->timestamp, g_bytes_unref);
}

GBytes *
dv_release_file(sqlite3 *db, gint64 release, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db, "SELECT file FROM list_releases WHERE release = ?1", error);
    gboolean row = FALSE;
    if (!stmt)
        return NULL;
    sqlite3_bind_int64(stmt, 1, release);
    if (!dv_sqlite_step(stmt, &row, error))
        return NULL;
    if (row)
        return g_bytes_new(sqlite3_column_blob(stmt, 0), (gsize)sqlite3_column_bytes(stmt, 0));
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "opener.db lacks release %" G_GINT64_FORMAT,
                release);
    return NULL;
}

typedef struct {
    gint64 version, issued_us, rollout;
    GBytes *file;
} Stamp;

static void
stamp_clear(Stamp *stamp)
{
    g_clear_pointer(&stamp->file, g_bytes_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Stamp, stamp_clear)

static gboolean
read_stamp(sqlite3 *db, Stamp *stamp, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        db, "SELECT version, issued_us, rollout, file FROM list_timestamp", error);
    gboolean row = FALSE;
    if (!stmt || !dv_sqlite_step(stmt, &row, error))
        return FALSE;
    if (!row)
        return TRUE;
    stamp->version = sqlite3_column_int64(stmt, 0);
    stamp->issued_us = sqlite3_column_int64(stmt, 1);
    stamp->rollout = sqlite3_column_int64(stmt, 2);
    stamp->file = g_bytes_new(sqlite3_column_blob(stmt, 3), (gsize)sqlite3_column_bytes(stmt, 3));
    return TRUE;
}

static gboolean
write_stamp(sqlite3 *db, const Stamp *stamp, GError **error)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(stamp->file, &length);
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db,
                          "INSERT OR REPLACE INTO list_timestamp (id, version, issued_us, rollout,"
                          " file) VALUES (1, ?1, ?2, (SELECT max(number) FROM list_rollout), ?3)",
                          error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_int64(stmt, 1, stamp->version);
    sqlite3_bind_int64(stmt, 2, stamp->issued_us);
    sqlite3_bind_blob(stmt, 3, data, (int)length, SQLITE_TRANSIENT);
    return dv_sqlite_run(stmt, error);
}

static GBytes *
make_stamp(DvOpener *opener, const DvRollout *rollout, const Stamp *stamp, GError **error)
{
    const DvOpenerLists *lists = opener->lists;
    DvTrustTimestamp content = {.version = stamp->version,
                                .epoch = lists->root->version,
                                .issued_us = stamp->issued_us,
                                .expires_us = stamp->issued_us + lists->validity_us,
                                .current = {.release = rollout->release, .size = rollout->size},
                                .percent = rollout->percent,
                                .has_previous = rollout->previous.release > 0,
                                .previous = rollout->previous};
    g_strlcpy(content.current.sha256, rollout->sha256, sizeof content.current.sha256);
    g_autoptr(GBytes) file = dv_trust_timestamp_make(&content, error);
    g_autoptr(GBytes) signature =
        file ? dv_trust_sign(file, DV_TRUST_ROLE_TIMESTAMP, lists->timestamp_key, error) : NULL;
    return signature ? dv_trust_add_signature(file, signature, lists->root, DV_TRUST_ROLE_TIMESTAMP,
                                              NULL, error)
                     : NULL;
}

/* ---- a clock that ran away */

static gboolean
ran_away(const DvOpener *opener, const Stamp *last)
{
    return last->issued_us > 0 &&
           dv_clock_wall_us() - last->issued_us > opener->lists->validity_us + STOOD_STILL_US;
}

static gboolean
clock_is_good(const DvOpener *opener, const Stamp *last, GError **error)
{
    if (!ran_away(opener, last))
        return TRUE;
    g_autofree char *now = dv_time_format(dv_clock_wall_us());
    g_autofree char *before = dv_time_format(last->issued_us);
    g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                "The centre's clock says %.10s, and the last timestamp is of %.10s. Set the clock "
                "right if it is ahead. If it is right, confirm the date: until then nothing is "
                "signed.",
                now, before);
    return FALSE;
}

json_t *
dv_stamp_clock_json(DvOpener *opener, GError **error)
{
    g_auto(Stamp) last = {0};
    if (!read_stamp(opener->db, &last, error))
        return NULL;
    if (!ran_away(opener, &last))
        return json_null();
    g_autofree char *now = dv_time_format(dv_clock_wall_us());
    g_autofree char *before = dv_time_format(last.issued_us);
    return json_pack("{s:s, s:s}", "now", now, "last", before);
}

gboolean
dv_stamp_renew(DvOpener *opener, gboolean date_confirmed, GError **error)
{
    g_auto(Stamp) last = {0};
    g_auto(Stamp) fresh = {0};
    g_auto(DvRollout) rollout = {0};
    if (!dv_lists_root(opener, error) || !read_stamp(opener->db, &last, error) ||
        !dv_rollout_read(opener->db, &rollout, error))
        return FALSE;
    if (!opener->lists->timestamp_key) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                    "This opener holds no timestamp key: it can put nothing in force.");
        return FALSE;
    }
    if (!date_confirmed && !clock_is_good(opener, &last, error))
        return FALSE;
    fresh.issued_us = dv_clock_wall_us() / 1000 * 1000; /* the format counts milliseconds */
    fresh.version = dv_trust_timestamp_next_version(last.version, fresh.issued_us);
    /* A version may not run ahead of its own time: of several within a second, the later ones are
     * a second ahead each, which booths allow for. */
    fresh.issued_us = MAX(fresh.issued_us, fresh.version * G_USEC_PER_SEC);
    fresh.file = make_stamp(opener, &rollout, &fresh, error);
    return fresh.file && write_stamp(opener->db, &fresh, error);
}

gboolean
dv_in_force_read(DvOpener *opener, DvInForce *out, GError **error)
{
    g_auto(DvRollout) rollout = {0};
    g_auto(Stamp) stamp = {0};
    *out = (DvInForce){0};
    if (!dv_rollout_read(opener->db, &rollout, error) || !read_stamp(opener->db, &stamp, error))
        return FALSE;
    if (rollout.release == 0)
        return TRUE;
    out->release = rollout.release;
    out->file = dv_release_file(opener->db, rollout.release, error);
    out->timestamp = stamp.file ? g_bytes_ref(stamp.file) : NULL;
    if (out->file && out->timestamp)
        return TRUE;
    dv_in_force_clear(out);
    return FALSE;
}

static gboolean
renew_alone(DvOpener *opener, gboolean date_confirmed, GError **error)
{
    if (!dv_opener_db_begin(opener->db, error))
        return FALSE;
    if (dv_stamp_renew(opener, date_confirmed, error) && dv_opener_db_commit(opener->db, error))
        return TRUE;
    dv_opener_db_rollback(opener->db);
    return FALSE;
}

/* The backend asks every minute: the same failure stands in the log once. */
static gboolean
log_renewal(DvOpener *opener, GError **why, GError **error)
{
    DvOpenerLists *lists = opener->lists;
    if (*why && g_strcmp0(lists->renew_refused, (*why)->message) == 0) {
        g_propagate_error(error, g_steal_pointer(why));
        return FALSE;
    }
    g_free(lists->renew_refused);
    lists->renew_refused = *why ? g_strdup((*why)->message) : NULL;
    return dv_opener_log_end(opener, "opener", "list.timestamp", "", "", why, error);
}

gboolean
dv_lists_timestamp(DvOpener *opener, DvInForce *out, GError **error)
{
    g_auto(Stamp) stamp = {0};
    if (!dv_lists_are_here(opener, error) || !read_stamp(opener->db, &stamp, error))
        return FALSE;
    gint64 age = dv_clock_wall_us() - stamp.issued_us;
    if (stamp.file && (age < 0 || age >= opener->lists->renew_us)) {
        g_autoptr(GError) why = NULL;
        renew_alone(opener, FALSE, &why);
        if (!log_renewal(opener, &why, error))
            return FALSE;
    }
    return dv_in_force_read(opener, out, error);
}

/* ---- a person's word on the date */

/* Of today, or of a day beside it: the person's day may have begun earlier or later. */
static gboolean
is_today(const char *date)
{
    for (int day = -1; day <= 1; day++) {
        g_autofree char *text = dv_time_format(dv_clock_wall_us() + day * DAY_US);
        if (strlen(date) == 10 && strncmp(date, text, 10) == 0)
            return TRUE;
    }
    return FALSE;
}

static gboolean
confirm(DvOpener *opener, const DvSession *session, const char *date, GError **error)
{
    g_auto(Stamp) last = {0};
    if (!dv_session_may(session, DV_VERB_LIST_ROLL_OUT, error) ||
        !read_stamp(opener->db, &last, error))
        return FALSE;
    if (!ran_away(opener, &last)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "No date waits to be confirmed.");
        return FALSE;
    }
    if (!is_today(date)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "That is not the day that the centre's clock shows: its clock is wrong. "
                    "Nothing was signed.");
        return FALSE;
    }
    return renew_alone(opener, TRUE, error);
}

gboolean
dv_lists_confirm_clock(DvOpener *opener, const char *token, const char *date, const char *reason,
                       DvInForce *out, GError **error)
{
    *out = (DvInForce){0};
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_lists_are_here(opener, error) || !dv_reason_check(reason, error))
        return FALSE;
    g_autoptr(GError) why = NULL;
    gboolean plain = strlen(date) == 10 && strspn(date, "0123456789-") == 10;
    g_autofree char *object = g_strdup_printf("date %s", plain ? date : "(no date)");
    confirm(opener, session, date, &why);
    return dv_opener_log_end(opener, session->user->user, "list.clock", object, reason, &why,
                             error) &&
           dv_in_force_read(opener, out, error);
}
