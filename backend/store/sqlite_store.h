// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Shared by the sqlite_*.c files only. */
#include "engine.h"
#include <darvaza/sqlite.h>

extern const DvMigration store_sqlite_migrations[];

#define SQLITE_STATEMENTS 32

typedef struct {
    DvStore store;
    sqlite3 *db;
    struct {
        const char *sql; /* the constant itself; compared by address */
        sqlite3_stmt *stmt;
    } statements[SQLITE_STATEMENTS];
} SqliteStore;

/* The statement for a string constant, prepared once a handle, reset and without bindings. */
sqlite3_stmt *sqlite_use(SqliteStore *self, const char *sql, GError **error);
/* ?1 ?2 ?3 of statements that name a record. */
void sqlite_bind_key(sqlite3_stmt *stmt, const DvRecordKey *key);
void sqlite_bind_blob(sqlite3_stmt *stmt, int index, GBytes *bytes);
GBytes *sqlite_column_bytes(sqlite3_stmt *stmt, int column);
void sqlite_column_key(sqlite3_stmt *stmt, int column, DvRecordKey *key);
/* A hash column; FALSE with DV_ERROR_CORRUPT when it has another length. */
gboolean sqlite_column_hash(sqlite3_stmt *stmt, int column, guint8 *out, GError **error);

/* Runs func between BEGIN IMMEDIATE and COMMIT; rolls back when it or the commit fails. */
typedef gboolean (*SqliteBody)(SqliteStore *self, void *arg, GError **error);
gboolean sqlite_transaction(SqliteStore *self, SqliteBody body, void *arg, GError **error);

/* sqlite_records.c */
gboolean sqlite_append(DvStore *store, DvAppend *items, gsize count, GError **error);
gboolean sqlite_head(DvStore *store, const char *kiosk, gint64 *epoch, gint64 *seq, guint8 *link,
                     gboolean *found, GError **error);
gboolean sqlite_read_head(SqliteStore *self, const char *kiosk, ChainHead *head, GError **error);
gboolean sqlite_read_link(SqliteStore *self, const DvRecordKey *key, ChainRecord *record,
                          GError **error);
DvStoredRecord *sqlite_record(DvStore *store, const DvRecordKey *key, GError **error);
GPtrArray *sqlite_records_since(DvStore *store, gint64 after, guint limit, GError **error);
gboolean sqlite_last_number(DvStore *store, gint64 *number, GError **error);

/* sqlite_kiosks.c */
gboolean sqlite_heartbeat(DvStore *store, const DvBeat *beat, DvChainState *state, gint64 *missing,
                          GError **error);
GPtrArray *sqlite_kiosks(DvStore *store, GError **error);

/* sqlite_review.c */
GPtrArray *sqlite_queue(DvStore *store, gboolean reviewed, guint limit, GError **error);
DvQueueItem *sqlite_queue_item(DvStore *store, const DvRecordKey *key, GError **error);
gboolean sqlite_claim(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                      gint64 stale_us, GError **error);
gboolean sqlite_release(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                        GError **error);
gboolean sqlite_decide(DvStore *store, const DvRecordKey *key, const char *user, GBytes *answer,
                       GBytes *copy, gint64 now_us, gint64 *answer_number, GError **error);
gboolean sqlite_reopen(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                       GError **error);
GPtrArray *sqlite_decisions(DvStore *store, const DvRecordKey *key, GError **error);

/* sqlite_answers.c */
GPtrArray *sqlite_answers(DvStore *store, const char *kiosk, gint64 after, guint limit,
                          GError **error);
gboolean sqlite_answers_taken(DvStore *store, const char *kiosk, gint64 number, GError **error);
/* Inside a transaction: the kiosk's next answer. */
gboolean sqlite_add_answer(SqliteStore *self, const char *kiosk, GBytes *answer, gint64 *number,
                           GError **error);
