// SPDX-License-Identifier: Apache-2.0
#include <darvaza/crossing.h>
#include <darvaza/error.h>
#include <darvaza/opener_audit.h>
#include <darvaza/opener_db.h>
#include <darvaza/opener_users.h>
#include <string.h>

static gboolean
kiosk_is_valid(const char *kiosk)
{
    gsize length = kiosk ? strlen(kiosk) : 0;
    return length > 0 && length <= DV_CROSSING_KIOSK_MAX &&
           strspn(kiosk, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") ==
               length;
}

static gboolean
set_row(sqlite3 *db, const char *kiosk, const char *checkpoint, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db,
                          "INSERT INTO kiosks (kiosk, checkpoint) VALUES (?1, ?2)"
                          " ON CONFLICT (kiosk) DO UPDATE SET checkpoint = excluded.checkpoint",
                          error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_text(stmt, 1, kiosk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 2, checkpoint, -1, SQLITE_TRANSIENT);
    return dv_sqlite_run(stmt, error);
}

gboolean
dv_kiosks_set(sqlite3 *db, const char *actor, const char *kiosk, const char *checkpoint,
              GError **error)
{
    if (!kiosk_is_valid(kiosk) || !dv_checkpoint_is_valid(checkpoint)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "kiosk: its id must be 1 to 32 of A-Z a-z 0-9 -, its checkpoint 1 to %d of "
                    "A-Z a-z 0-9 . _ -",
                    DV_CHECKPOINT_MAX);
        return FALSE;
    }
    if (!dv_opener_db_begin(db, error))
        return FALSE;
    g_autofree char *object = g_strdup_printf("%s at %s", kiosk, checkpoint);
    DvAuditEntry entry = {actor, "kiosk.register", object, "ok", ""};
    gboolean ok = set_row(db, kiosk, checkpoint, error) && dv_audit_append(db, &entry, error) &&
                  dv_opener_db_commit(db, error);
    if (!ok)
        dv_opener_db_rollback(db);
    return ok;
}

char *
dv_kiosks_checkpoint(sqlite3 *db, const char *kiosk, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db, "SELECT checkpoint FROM kiosks WHERE kiosk = ?1", error);
    if (!stmt)
        return NULL;
    sqlite3_bind_text(stmt, 1, kiosk, -1, SQLITE_TRANSIENT);
    gboolean row = FALSE;
    if (!dv_sqlite_step(stmt, &row, error) || !row)
        return NULL;
    return g_strdup((const char *)sqlite3_column_text(stmt, 0));
}

gboolean
dv_kiosks_each(sqlite3 *db, DvKioskFunc func, void *data, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db, "SELECT kiosk, checkpoint FROM kiosks ORDER BY kiosk", error);
    if (!stmt)
        return FALSE;
    gboolean row = FALSE;
    while (TRUE) {
        if (!dv_sqlite_step(stmt, &row, error))
            return FALSE;
        if (!row)
            return TRUE;
        func((const char *)sqlite3_column_text(stmt, 0), (const char *)sqlite3_column_text(stmt, 1),
             data);
    }
}
