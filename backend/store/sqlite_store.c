// SPDX-License-Identifier: Apache-2.0
/* The SQLite engine: opening, statements, transactions. */
#include "sqlite_store.h"
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <string.h>

static void
sqlite_close(DvStore *store)
{
    SqliteStore *self = (SqliteStore *)store;
    for (gsize i = 0; i < SQLITE_STATEMENTS; i++)
        sqlite3_finalize(self->statements[i].stmt);
    if (self->db != NULL)
        sqlite3_close(self->db);
    g_free(self);
}

static const DvStoreEngine engine = {
    .close = sqlite_close,
    .append = sqlite_append,
    .head = sqlite_head,
    .record = sqlite_record,
    .records_since = sqlite_records_since,
    .last_number = sqlite_last_number,
    .heartbeat = sqlite_heartbeat,
    .kiosks = sqlite_kiosks,
    .queue = sqlite_queue,
    .queue_item = sqlite_queue_item,
    .claim = sqlite_claim,
    .release = sqlite_release,
    .decide = sqlite_decide,
    .reopen = sqlite_reopen,
    .decisions = sqlite_decisions,
    .answers = sqlite_answers,
    .answers_taken = sqlite_answers_taken,
};

DvStore *
store_sqlite_open(const char *path, GError **error)
{
    SqliteStore *self = g_new0(SqliteStore, 1);
    self->store.engine = &engine;
    self->db = dv_sqlite_open(path, DV_SQLITE_DURABLE, error);
    gboolean ok = self->db != NULL && dv_sqlite_migrate(self->db, store_sqlite_migrations, error);
#ifdef DV_SABOTAGE_ACK_BEFORE_FSYNC
    ok = ok && dv_sqlite_exec(self->db, "PRAGMA synchronous = OFF", error);
#endif
    if (!ok) {
        g_prefix_error(error, "store: ");
        sqlite_close(&self->store);
        return NULL;
    }
    return &self->store;
}

sqlite3_stmt *
sqlite_use(SqliteStore *self, const char *sql, GError **error)
{
    for (gsize i = 0; i < SQLITE_STATEMENTS; i++) {
        if (self->statements[i].sql == NULL) {
            self->statements[i].stmt = dv_sqlite_prepare(self->db, sql, error);
            if (self->statements[i].stmt != NULL)
                self->statements[i].sql = sql;
            return self->statements[i].stmt;
        }
        if (self->statements[i].sql == sql) {
            sqlite3_reset(self->statements[i].stmt);
            sqlite3_clear_bindings(self->statements[i].stmt);
            return self->statements[i].stmt;
        }
    }
    g_assert_not_reached(); /* SQLITE_STATEMENTS is too small */
}

gboolean
sqlite_transaction(SqliteStore *self, SqliteBody body, void *arg, GError **error)
{
    if (!dv_sqlite_exec(self->db, "BEGIN IMMEDIATE", error))
        return FALSE;
    if (body(self, arg, error) && dv_sqlite_exec(self->db, "COMMIT", error))
        return TRUE;
    /* After some failures SQLite has rolled back by itself. */
    if (sqlite3_get_autocommit(self->db) == 0 && !dv_sqlite_exec(self->db, "ROLLBACK", NULL))
        dv_log_warning("store: a transaction could not be rolled back");
    return FALSE;
}

void
sqlite_bind_key(sqlite3_stmt *stmt, const DvRecordKey *key)
{
    sqlite3_bind_text(stmt, 1, key->kiosk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, key->epoch);
    sqlite3_bind_int64(stmt, 3, key->seq);
}

void
sqlite_bind_blob(sqlite3_stmt *stmt, int index, GBytes *bytes)
{
    gsize length = 0;
    const void *data = bytes != NULL ? g_bytes_get_data(bytes, &length) : NULL;
    if (data != NULL)
        sqlite3_bind_blob64(stmt, index, data, length, SQLITE_TRANSIENT);
}

GBytes *
sqlite_column_bytes(sqlite3_stmt *stmt, int column)
{
    const void *data = sqlite3_column_blob(stmt, column);
    return g_bytes_new(data, (gsize)sqlite3_column_bytes(stmt, column));
}

void
sqlite_column_key(sqlite3_stmt *stmt, int column, DvRecordKey *key)
{
    const char *kiosk = (const char *)sqlite3_column_text(stmt, column);
    g_strlcpy(key->kiosk, kiosk != NULL ? kiosk : "", sizeof key->kiosk);
    key->epoch = sqlite3_column_int64(stmt, column + 1);
    key->seq = sqlite3_column_int64(stmt, column + 2);
}

gboolean
sqlite_column_hash(sqlite3_stmt *stmt, int column, guint8 *out, GError **error)
{
    const void *data = sqlite3_column_blob(stmt, column);
    if (data == NULL || sqlite3_column_bytes(stmt, column) != DV_SHA256_SIZE) {
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "store: a stored hash is not 32 bytes long");
        return FALSE;
    }
    memcpy(out, data, DV_SHA256_SIZE);
    return TRUE;
}
