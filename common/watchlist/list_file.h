// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The list file: one SQLite database (docs/formats/watchlist-file.md). */
#include "source.h"

#include <darvaza/crypto.h>
#include <darvaza/sqlite.h>

#define LIST_APPLICATION_ID 0x4456574c /* "DVWL" */
#define LIST_FORMAT 1

/* ---- writing */
typedef struct {
    sqlite3 *db;
    sqlite3_stmt *insert;
    guint8 state[DV_SHA256_SIZE];
    gint64 rows;
} ListWriter;
gboolean list_writer_open(ListWriter *writer, const char *path, GError **error);
/* DV_ERROR_CONFLICT: the alert id stands already. */
gboolean list_writer_add(ListWriter *writer, const WatchlistRow *row, GError **error);
gboolean list_writer_finish(ListWriter *writer, const WatchlistProfile *profile, GError **error);
void list_writer_close(ListWriter *writer);

/* ---- reading */
typedef struct {
    sqlite3 *db;
    sqlite3_stmt *ask;
    char *list_id, *title, *owner;
    DvWatchlistKind kind;
    gboolean is_training;
    gint64 version, generated_us, stale_us, expires_us;
    gint64 rows, documents, persons;
    guint8 state[DV_SHA256_SIZE];
} ListFile;
ListFile *list_file_open(const char *path, GError **error);
void list_file_free(ListFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListFile, list_file_free)

/* Places of the columns in the result of ask: the row's own first, then these. */
enum { ASK_DOCUMENT_KEY = COLUMNS, ASK_DOCUMENT_FOLD, ASK_PERSON_KEY, ASK_COLUMNS };
/* Candidates of one question; more than this set the answer's "capped". */
#define LIST_CANDIDATES 1000

/* The state hash is the sum modulo 2^256 of the rows' hashes, so that it does not depend on order
 * and a later change set can be proven against a full list. */
void list_state_add(guint8 state[DV_SHA256_SIZE], const char *const columns[COLUMNS]);
