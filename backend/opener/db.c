// SPDX-License-Identifier: Apache-2.0
#include <darvaza/file.h>
#include <darvaza/opener_db.h>
#include <sys/stat.h>

static const DvMigration steps[] = {
    {1, "CREATE TABLE users ("
        "  user TEXT PRIMARY KEY,"
        "  display TEXT NOT NULL,"
        "  role TEXT NOT NULL,"
        "  checkpoints TEXT NOT NULL," /* codes parted by one space, or '*' */
        "  password TEXT NOT NULL,"    /* argon2id, encoded */
        "  valid_from_us INTEGER NOT NULL,"
        "  valid_until_us INTEGER NOT NULL," /* 0: no end */
        "  disabled INTEGER NOT NULL DEFAULT 0,"
        "  changed_us INTEGER NOT NULL"
        ") STRICT, WITHOUT ROWID;"
        "CREATE TABLE kiosks ("
        "  kiosk TEXT PRIMARY KEY,"
        "  checkpoint TEXT NOT NULL"
        ") STRICT, WITHOUT ROWID;"
        "CREATE TABLE sessions ("
        "  token_hash BLOB PRIMARY KEY," /* SHA-256; the token itself is never stored */
        "  user TEXT NOT NULL REFERENCES users(user) ON DELETE CASCADE,"
        "  peer TEXT NOT NULL,"
        "  created_us INTEGER NOT NULL,"
        "  seen_us INTEGER NOT NULL"
        ") STRICT, WITHOUT ROWID;"
        "CREATE INDEX sessions_user ON sessions(user, created_us);"
        "CREATE TABLE decisions (" /* what was decided, without its words */
        "  kiosk TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,"
        "  number INTEGER NOT NULL,"
        "  link BLOB NOT NULL,"
        "  disposition TEXT NOT NULL,"
        "  decided_by TEXT NOT NULL,"
        "  decided_us INTEGER NOT NULL,"
        "  decision_id TEXT NOT NULL,"
        "  request_hash BLOB NOT NULL,"
        "  PRIMARY KEY (kiosk, epoch, seq, number)"
        ") STRICT, WITHOUT ROWID;"
        "CREATE TABLE closed_referrals ("
        "  kiosk TEXT NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL,"
        "  link BLOB NOT NULL,"
        "  closed_by TEXT NOT NULL,"
        "  closed_us INTEGER NOT NULL,"
        "  PRIMARY KEY (kiosk, epoch, seq)"
        ") STRICT, WITHOUT ROWID;"
        "CREATE TABLE audit ("
        "  seq INTEGER PRIMARY KEY,"
        "  time_us INTEGER NOT NULL,"
        "  actor TEXT NOT NULL,"
        "  verb TEXT NOT NULL,"
        "  object TEXT NOT NULL,"
        "  outcome TEXT NOT NULL,"
        "  reason TEXT NOT NULL,"
        "  prev BLOB NOT NULL,"
        "  hash BLOB NOT NULL"
        ") STRICT;"
        /* Not a wall against who can write the file (the chain and its heads elsewhere are), but
         * against a mistake of ours. */
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit"
        "  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"
        "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit"
        "  BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;"},
    {2, /* List releases. content: SHA-256 of what is signed, so that a draft that was made anew has
           no signature. */
     "CREATE TABLE list_signatures ("
     "  release INTEGER NOT NULL,"
     "  content TEXT NOT NULL,"
     "  key_id TEXT NOT NULL,"
     "  holder TEXT NOT NULL,"
     "  user TEXT NOT NULL,"
     "  role TEXT NOT NULL,"
     "  at_us INTEGER NOT NULL,"
     "  signature BLOB NOT NULL,"
     "  PRIMARY KEY (release, content, key_id),"
     "  UNIQUE (release, content, user)"
     ") STRICT, WITHOUT ROWID;"
     "CREATE TABLE list_releases (" /* put in force at some time, with their signatures */
     "  release INTEGER PRIMARY KEY,"
     "  sha256 TEXT NOT NULL,"
     "  size INTEGER NOT NULL,"
     "  file BLOB NOT NULL"
     ") STRICT;"
     "CREATE TABLE list_rollout (" /* each act of a person; the last row stands */
     "  number INTEGER PRIMARY KEY,"
     "  release INTEGER NOT NULL REFERENCES list_releases(release),"
     "  percent INTEGER NOT NULL CHECK (percent BETWEEN 0 AND 100),"
     "  halted INTEGER NOT NULL,"
     "  previous INTEGER REFERENCES list_releases(release)," /* NULL: none */
     "  by TEXT NOT NULL,"
     "  at_us INTEGER NOT NULL"
     ") STRICT;"
     "CREATE TABLE list_timestamp (" /* the last one signed */
     "  id INTEGER PRIMARY KEY CHECK (id = 1),"
     "  version INTEGER NOT NULL,"
     "  issued_us INTEGER NOT NULL,"
     "  rollout INTEGER NOT NULL,"
     "  file BLOB NOT NULL"
     ") STRICT;"},
    {0, NULL},
};

sqlite3 *
dv_opener_db_open(const char *state_dir, GError **error)
{
    if (!dv_file_make_dir(state_dir, 0700, error))
        return NULL;
    g_autofree char *path = g_build_filename(state_dir, "opener.db", NULL);
    mode_t before = umask(0077);
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_DURABLE, error);
    gboolean ok = db && dv_sqlite_migrate(db, steps, error);
    umask(before);
    return ok ? g_steal_pointer(&db) : NULL;
}

gboolean
dv_opener_db_begin(sqlite3 *db, GError **error)
{
    return dv_sqlite_exec(db, "BEGIN IMMEDIATE", error);
}

gboolean
dv_opener_db_commit(sqlite3 *db, GError **error)
{
    return dv_sqlite_exec(db, "COMMIT", error);
}

void
dv_opener_db_rollback(sqlite3 *db)
{
    /* Some failures end the transaction themselves; a second ROLLBACK would only be noise. */
    if (!sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}
