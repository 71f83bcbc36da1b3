// SPDX-License-Identifier: Apache-2.0
#pragma once
/* SQLite with the settings that this project needs, and errors as sentences. */
#include <glib.h>
#include <sqlite3.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3, sqlite3_close_v2)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3_stmt, sqlite3_finalize)

typedef enum {
    DV_SQLITE_DURABLE,   /* read-write, created if missing: WAL, synchronous=FULL, foreign keys on,
                            16 KB pages, busy timeout 5 s */
    DV_SQLITE_READ_ONLY, /* the file must exist and be a database; no writes */
    DV_SQLITE_IMMUTABLE, /* the same for a file that nobody changes while it is open: mapped instead
                            of read, no locks, one read transaction until it is closed */
    DV_SQLITE_BUILD, /* a new file that counts only once dv_file_put put it in place: no journal,
                        no sync, nothing left beside it when closed */
} DvSqliteMode;

sqlite3 *dv_sqlite_open(const char *path, DvSqliteMode mode, GError **error);
/* For a mapped file (DV_SQLITE_IMMUTABLE) that is asked here and there: the kernel then reads the
 * page that is wanted and not what lies around it, which on a disk set to read far ahead costs a
 * hundred times the page. Walks from end to end become slower for it where nothing is cached. */
void dv_sqlite_expect_single_pages(sqlite3 *db);
/* Runs one or several statements without results. */
gboolean dv_sqlite_exec(sqlite3 *db, const char *sql, GError **error);
sqlite3_stmt *dv_sqlite_prepare(sqlite3 *db, const char *sql, GError **error);
/* TRUE: a row stands (*row TRUE) or the statement is done (*row FALSE). FALSE: error set;
 * SQLITE_FULL gives DV_ERROR_FULL, a constraint DV_ERROR_CONFLICT, a damaged file
 * DV_ERROR_CORRUPT, a lock held for 5 s DV_ERROR_UNAVAILABLE, the rest DV_ERROR_IO. The statement
 * is reset when done or failed. */
gboolean dv_sqlite_step(sqlite3_stmt *stmt, gboolean *row, GError **error);
/* For statements without rows: step, then reset and clear bindings. */
gboolean dv_sqlite_run(sqlite3_stmt *stmt, GError **error);

typedef struct {
    int version; /* 1, 2, 3 ... without gaps */
    const char *sql;
} DvMigration;
/* Brings PRAGMA user_version up to the last row's version, each step in its own transaction. A
 * database newer than the table is DV_ERROR_DENIED ("made by a newer version"). The table ends with
 * version 0. */
gboolean dv_sqlite_migrate(sqlite3 *db, const DvMigration *steps, GError **error);
