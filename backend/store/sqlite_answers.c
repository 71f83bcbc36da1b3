// SPDX-License-Identifier: Apache-2.0
/* Sealed answers on their way to booths, in SQLite. */
#include "sqlite_store.h"
#include <darvaza/error.h>

static const char sql_next[] =
    "INSERT INTO kiosk (kiosk, answers) VALUES (?1, 1)"
    " ON CONFLICT (kiosk) DO UPDATE SET answers = answers + 1 RETURNING answers";
static const char sql_add[] = "INSERT INTO answer (kiosk, number, answer) VALUES (?1, ?2, ?3)";
static const char sql_answers[] =
    "SELECT number, answer FROM answer WHERE kiosk = ?1 AND number > ?2 ORDER BY number LIMIT ?3";
static const char sql_written[] = "SELECT answers, answers_taken FROM kiosk WHERE kiosk = ?1";
static const char sql_taken[] =
    "UPDATE kiosk SET answers_taken = ?2 WHERE kiosk = ?1 AND answers_taken < ?2";

gboolean
sqlite_add_answer(SqliteStore *self, const char *kiosk, GBytes *answer, gint64 *number,
                  GError **error)
{
    gboolean row = FALSE;
    sqlite3_stmt *stmt = sqlite_use(self, sql_next, error);
    if (stmt == NULL)
        return FALSE;
    sqlite3_bind_text(stmt, 1, kiosk, -1, SQLITE_TRANSIENT);
    if (!dv_sqlite_step(stmt, &row, error))
        return FALSE;
    *number = row ? sqlite3_column_int64(stmt, 0) : 0;
    sqlite3_reset(stmt);
    stmt = sqlite_use(self, sql_add, error);
    if (stmt == NULL)
        return FALSE;
    sqlite3_bind_text(stmt, 1, kiosk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, *number);
    sqlite_bind_blob(stmt, 3, answer);
    return dv_sqlite_run(stmt, error);
}

GPtrArray *
sqlite_answers(DvStore *store, const char *kiosk, gint64 after, guint limit, GError **error)
{
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify)dv_stored_answer_free);
    gboolean row = FALSE;
    sqlite3_stmt *stmt = sqlite_use((SqliteStore *)store, sql_answers, error);
    if (stmt == NULL)
        return NULL;
    sqlite3_bind_text(stmt, 1, kiosk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, after);
    sqlite3_bind_int64(stmt, 3, limit);
    while (dv_sqlite_step(stmt, &row, error)) {
        if (!row)
            return g_steal_pointer(&list);
        DvStoredAnswer *answer = g_new0(DvStoredAnswer, 1);
        answer->number = sqlite3_column_int64(stmt, 0);
        answer->answer = sqlite_column_bytes(stmt, 1);
        g_ptr_array_add(list, answer);
    }
    return NULL;
}

gboolean
sqlite_answers_taken(DvStore *store, const char *kiosk, gint64 number, GError **error)
{
    SqliteStore *self = (SqliteStore *)store;
    gboolean row = FALSE;
    sqlite3_stmt *stmt = sqlite_use(self, sql_written, error);
    if (stmt == NULL)
        return FALSE;
    sqlite3_bind_text(stmt, 1, kiosk, -1, SQLITE_TRANSIENT);
    if (!dv_sqlite_step(stmt, &row, error))
        return FALSE;
    gint64 written = row ? sqlite3_column_int64(stmt, 0) : 0;
    gint64 taken = row ? sqlite3_column_int64(stmt, 1) : 0;
    sqlite3_reset(stmt);
    if (number < 0 || number > written) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "store: kiosk %s says it holds answer %" G_GINT64_FORMAT
                    ", but only %" G_GINT64_FORMAT " were written",
                    kiosk, number, written);
        return FALSE;
    }
    if (number <= taken)
        return TRUE; /* nothing to write */
    stmt = sqlite_use(self, sql_taken, error);
    if (stmt == NULL)
        return FALSE;
    sqlite3_bind_text(stmt, 1, kiosk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, number);
    return dv_sqlite_run(stmt, error);
}
