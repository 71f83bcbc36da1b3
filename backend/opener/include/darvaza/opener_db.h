// SPDX-License-Identifier: Apache-2.0
#pragma once
/* opener.db: accounts, kiosks, sessions (hashed), decisions made, the audit log. The command line
 * may work on it while the daemon runs: SQLite's WAL and short transactions keep them apart. */
#include <darvaza/sqlite.h>

/* Opens <state_dir>/opener.db and brings its schema up. state_dir is made 0700, the file 0600. */
sqlite3 *dv_opener_db_open(const char *state_dir, GError **error);

/* BEGIN IMMEDIATE / COMMIT / ROLLBACK; the last keeps quiet, for use after a failure. */
gboolean dv_opener_db_begin(sqlite3 *db, GError **error);
gboolean dv_opener_db_commit(sqlite3 *db, GError **error);
void dv_opener_db_rollback(sqlite3 *db);
