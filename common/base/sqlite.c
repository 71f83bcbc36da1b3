// SPDX-License-Identifier: Apache-2.0
#include <darvaza/error.h>
#include <darvaza/sqlite.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* SQLite maps no more of a file (its compiled-in bound). */
#define MAP_MAX 2147418112

static gboolean
means_full(int number)
{
    return number == ENOSPC || number == EDQUOT || number == EFBIG;
}

/* Why a file cannot be made or opened. SQLite tries again for reading only and so forgets it; the
 * same attempt tells. 0: it can. */
static int
try_open(const char *path, int how)
{
    int fd = open(path, how | O_CLOEXEC, 0640);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

/* A log beside the database could not be made. */
static int
why_no_log(sqlite3 *db)
{
    g_autofree char *probe = g_strconcat(sqlite3_db_filename(db, "main"), "-probe", NULL);
    int number = try_open(probe, O_RDWR | O_CREAT | O_EXCL);

    if (number == 0)
        unlink(probe);
    return number;
}

static gboolean
file_keeps_number(int result)
{
    return result == SQLITE_IOERR_WRITE || result == SQLITE_IOERR_FSYNC ||
           result == SQLITE_IOERR_DIR_FSYNC || result == SQLITE_IOERR_TRUNCATE;
}

/* The system's number behind an I/O error. A commit does not always leave it with the connection;
 * the file that could not be written keeps its own. */
static int
last_errno(sqlite3 *db, int result)
{
    const int which[] = {SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER};
    int number = sqlite3_system_errno(db);

    if ((result & 0xff) == SQLITE_CANTOPEN && !means_full(number))
        return why_no_log(db);
    if (!file_keeps_number(result))
        return number;
    for (gsize i = 0; i < G_N_ELEMENTS(which) && !means_full(number); i++) {
        sqlite3_file *file = NULL;
        int kept = 0;
        if (sqlite3_file_control(db, "main", which[i], (void *)&file) == SQLITE_OK &&
            file != NULL && file->pMethods != NULL &&
            file->pMethods->xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &kept) == SQLITE_OK &&
            means_full(kept))
            number = kept;
    }
    return number;
}

static DvErrorCode
error_code(sqlite3 *db, int result)
{
    switch (result & 0xff) {
    case SQLITE_FULL:
        return DV_ERROR_FULL;
    case SQLITE_CONSTRAINT:
        return DV_ERROR_CONFLICT;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return DV_ERROR_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return DV_ERROR_UNAVAILABLE;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        /* SQLite says "full" only for ENOSPC of a write; quota, size limit, a shared-memory file
         * that cannot grow and a log that cannot be made come as other errors. */
        return means_full(last_errno(db, result)) ? DV_ERROR_FULL : DV_ERROR_IO;
    default:
        return DV_ERROR_IO;
    }
}

static void
set_error(GError **error, sqlite3 *db, int result)
{
    const char *path = sqlite3_db_filename(db, "main");

    g_set_error(error, DV_ERROR, (gint)error_code(db, result), "database %s: %s",
                path != NULL && *path != '\0' ? path : "in memory", sqlite3_errmsg(db));
}

static void
set_open_error(GError **error, const char *path, sqlite3 *db, int result, int flags)
{
    const int how = (flags & SQLITE_OPEN_CREATE) != 0 ? O_RDWR | O_CREAT : O_RDONLY;
    int number = (result & 0xff) == SQLITE_CANTOPEN ? try_open(path, how) : 0;

    if (number != 0)
        dv_error_set_errno(error, number, "cannot open the database %s", path);
    else
        g_set_error(error, DV_ERROR, db != NULL ? (gint)error_code(db, result) : (gint)DV_ERROR_IO,
                    "cannot open the database %s: %s", path,
                    db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(result));
}

sqlite3 *
dv_sqlite_open(const char *path, DvSqliteMode mode, GError **error)
{
    static const char durable[] = "PRAGMA page_size = 16384;"
                                  "PRAGMA journal_mode = WAL;"
                                  "PRAGMA synchronous = FULL;"
                                  "PRAGMA foreign_keys = ON;"
                                  "PRAGMA trusted_schema = OFF;"
                                  "PRAGMA cell_size_check = ON;";
    /* Reading the schema here makes a file that is no database fail now and not at a query. */
    static const char reading[] = "PRAGMA query_only = ON;"
                                  "PRAGMA trusted_schema = OFF;"
                                  "PRAGMA cell_size_check = ON;"
                                  "SELECT count(*) FROM sqlite_schema;";
    static const char mapping[] =
        "PRAGMA query_only = ON;"
        "PRAGMA trusted_schema = OFF;"
        "PRAGMA cell_size_check = ON;"
        "PRAGMA mmap_size = " G_STRINGIFY(MAP_MAX) ";"
                                                   "BEGIN; SELECT count(*) FROM sqlite_schema;";
    static const char building[] = "PRAGMA page_size = 4096;"
                                   "PRAGMA journal_mode = OFF;"
                                   "PRAGMA synchronous = OFF;"
                                   "PRAGMA locking_mode = EXCLUSIVE;"
                                   "PRAGMA trusted_schema = OFF;";
    static const char *const settings[] = {
        [DV_SQLITE_DURABLE] = durable,
        [DV_SQLITE_READ_ONLY] = reading,
        [DV_SQLITE_IMMUTABLE] = mapping,
        [DV_SQLITE_BUILD] = building,
    };
    gboolean writes = mode == DV_SQLITE_DURABLE || mode == DV_SQLITE_BUILD;
    int flags = writes ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    g_autofree char *escaped = g_uri_escape_string(path, "/", FALSE);
    g_autofree char *uri = g_strdup_printf("file:%s?immutable=1", escaped);
    gboolean immutable = mode == DV_SQLITE_IMMUTABLE;
    g_autoptr(sqlite3) db = NULL;

    int result =
        sqlite3_open_v2(immutable ? uri : path, &db,
                        flags | SQLITE_OPEN_FULLMUTEX | (immutable ? SQLITE_OPEN_URI : 0), NULL);
    if (result != SQLITE_OK) {
        set_open_error(error, path, db, result, flags);
        return NULL;
    }
    sqlite3_extended_result_codes(db, 1);
    sqlite3_busy_timeout(db, 5000);
    /* The defensive flag forbids doing without a journal, which only a build may. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, mode != DV_SQLITE_BUILD, NULL);
    if (!dv_sqlite_exec(db, settings[mode], error))
        return NULL;
    return g_steal_pointer(&db);
}

void
dv_sqlite_expect_single_pages(sqlite3 *db)
{
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;
    void *first = NULL;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, (void *)&file) != SQLITE_OK ||
        file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 3 ||
        file->pMethods->xFileSize(file, &size) != SQLITE_OK ||
        file->pMethods->xFetch(file, 0, 4096, &first) != SQLITE_OK || first == NULL)
        return;
    madvise(first, (gsize)MIN(size, MAP_MAX), MADV_RANDOM);
    file->pMethods->xUnfetch(file, 0, first);
}

gboolean
dv_sqlite_exec(sqlite3 *db, const char *sql, GError **error)
{
    int result = sqlite3_exec(db, sql, NULL, NULL, NULL);

    if (result != SQLITE_OK) {
        set_error(error, db, result);
        return FALSE;
    }
    return TRUE;
}

sqlite3_stmt *
dv_sqlite_prepare(sqlite3 *db, const char *sql, GError **error)
{
    sqlite3_stmt *stmt = NULL;
    int result = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL);

    if (result != SQLITE_OK) {
        set_error(error, db, result);
        return NULL;
    }
    return stmt;
}

gboolean
dv_sqlite_step(sqlite3_stmt *stmt, gboolean *row, GError **error)
{
    int result = sqlite3_step(stmt);

    *row = result == SQLITE_ROW;
    if (result == SQLITE_ROW)
        return TRUE;
    if (result != SQLITE_DONE)
        set_error(error, sqlite3_db_handle(stmt), result);
    sqlite3_reset(stmt);
    return result == SQLITE_DONE;
}

gboolean
dv_sqlite_run(sqlite3_stmt *stmt, GError **error)
{
    gboolean row = FALSE;
    gboolean ok = dv_sqlite_step(stmt, &row, error);

    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
    return ok;
}

static gboolean
read_user_version(sqlite3 *db, int *version, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(db, "PRAGMA user_version", error);
    gboolean row = FALSE;

    if (stmt == NULL || !dv_sqlite_step(stmt, &row, error))
        return FALSE;
    *version = row ? sqlite3_column_int(stmt, 0) : 0;
    return TRUE;
}

/* Runs inside a transaction; the version is read again there, because another process may have
 * done the step meanwhile. */
static gboolean
apply_step(sqlite3 *db, const DvMigration *step, GError **error)
{
    g_autofree char *stamp = g_strdup_printf("PRAGMA user_version = %d", step->version);
    int version = 0;

    if (!read_user_version(db, &version, error))
        return FALSE;
    if (version >= step->version)
        return TRUE;
    if (!dv_sqlite_exec(db, step->sql, error) || !dv_sqlite_exec(db, stamp, error)) {
        g_prefix_error(error, "migration to version %d: ", step->version);
        return FALSE;
    }
    return TRUE;
}

gboolean
dv_sqlite_migrate(sqlite3 *db, const DvMigration *steps, GError **error)
{
    int version = 0, newest = 0;

    for (const DvMigration *step = steps; step->version != 0; step++) {
        g_assert(step->version == newest + 1);
        newest = step->version;
    }
    if (!read_user_version(db, &version, error))
        return FALSE;
    if (version > newest || version < 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "database %s has version %d and was made by a newer version of this program, "
                    "which knows versions up to %d",
                    sqlite3_db_filename(db, "main"), version, newest);
        return FALSE;
    }
    for (const DvMigration *step = steps; step->version != 0; step++) {
        if (step->version <= version)
            continue;
        if (!dv_sqlite_exec(db, "BEGIN IMMEDIATE", error))
            return FALSE;
        if (!apply_step(db, step, error) || !dv_sqlite_exec(db, "COMMIT", error)) {
            dv_sqlite_exec(db, "ROLLBACK", NULL);
            return FALSE;
        }
    }
    return TRUE;
}
