// SPDX-License-Identifier: Apache-2.0
/* The timestamp: the hourly word to booths which release is the newest and how far it may go. */
#include "lists.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>

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

gboolean
dv_stamp_renew(DvOpener *opener, GError **error)
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

gboolean
dv_lists_timestamp(DvOpener *opener, DvInForce *out, GError **error)
{
    g_auto(Stamp) stamp = {0};
    if (!dv_lists_are_here(opener, error) || !read_stamp(opener->db, &stamp, error))
        return FALSE;
    gint64 age = dv_clock_wall_us() - stamp.issued_us;
    if (stamp.file && (age < 0 || age >= opener->lists->renew_us)) {
        g_autoptr(GError) why = NULL;
        if (dv_opener_db_begin(opener->db, &why) &&
            (!dv_stamp_renew(opener, &why) || !dv_opener_db_commit(opener->db, &why)))
            dv_opener_db_rollback(opener->db);
        if (!dv_opener_log_end(opener, "opener", "list.timestamp", "", "", &why, error))
            return FALSE;
    }
    return dv_in_force_read(opener, out, error);
}
