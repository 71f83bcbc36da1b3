// SPDX-License-Identifier: Apache-2.0
/* The same documents in a plain indexed SQLite table and in PostgreSQL's b-tree. */
#include "documents.h"

#include <darvaza/sqlite.h>
#include <glib/gstdio.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef BENCH_LIBPQ
#include <libpq-fe.h>
#endif

static gint64
nanoseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

static gint64
which_document(GRand *rand, const DocumentsOptions *options, gboolean listed)
{
    gint64 which = (gint64)(g_rand_double(rand) * (double)options->peer_documents);

    return listed ? which : options->documents + which;
}

/* ---- SQLite */

static void
fill_sqlite(sqlite3 *db, const DocumentsOptions *options)
{
    g_autoptr(GError) error = NULL;

    /* Rows by key, as a careful person would load them. */
    dv_sqlite_exec(db,
                   "PRAGMA cache_size = -65536; PRAGMA temp_store = file;"
                   "CREATE TABLE document (issuer TEXT, number TEXT, type TEXT, owner TEXT,"
                   " review TEXT, reason TEXT, PRIMARY KEY (issuer, number, type)) WITHOUT ROWID;"
                   "CREATE TEMP TABLE loading (issuer, number, type, owner, review, reason);"
                   "BEGIN",
                   &error);
    g_assert_no_error(error);
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db, "INSERT INTO loading VALUES (?,?,?,?,?,?)", &error);
    g_assert_no_error(error);
    for (gint64 i = 0; i < options->peer_documents; i++) {
        BenchDocument document;
        bench_document(options->seed, i, &document);
        const char *const texts[] = {document.issuer, document.number,      document.type,
                                     document.owner,  document.review_date, document.reason};
        for (int k = 0; k < 6; k++)
            sqlite3_bind_text(stmt, k + 1, texts[k], -1, SQLITE_TRANSIENT);
        dv_sqlite_run(stmt, &error);
        g_assert_no_error(error);
    }
    dv_sqlite_exec(db,
                   "INSERT OR IGNORE INTO document SELECT * FROM loading ORDER BY 1,2,3;"
                   "DROP TABLE loading; COMMIT",
                   &error);
    g_assert_no_error(error);
}

static void
ask_sqlite(sqlite3 *db, const DocumentsOptions *options, gboolean listed)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GRand) rand = g_rand_new();
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        db, "SELECT owner, review, reason FROM document WHERE issuer = ? AND number = ?", &error);

    g_assert_no_error(error);
    for (int round = 0; round < 2; round++) {
        g_rand_set_seed(rand, options->seed + 20);
        for (gint64 i = 0; i < options->questions; i++) {
            BenchDocument document;
            gboolean row = FALSE;
            bench_document(options->seed, which_document(rand, options, listed), &document);
            gint64 start = nanoseconds();
            sqlite3_bind_text(stmt, 1, document.issuer, -1, SQLITE_STATIC);
            sqlite3_bind_text(stmt, 2, document.number, -1, SQLITE_STATIC);
            dv_sqlite_step(stmt, &row, &error);
            sqlite3_reset(stmt);
            gint64 took = nanoseconds() - start;
            g_assert_no_error(error);
            g_assert_true(row || !listed);
            if (round == 1)
                g_array_append_val(times, took);
        }
    }
    bench_print_times("peer_sqlite_warm", listed ? "listed" : "not listed", options->peer_documents,
                      times);
}

void
bench_peer_sqlite(const DocumentsOptions *options)
{
    g_autofree char *path = g_build_filename(options->folder, "peer.sqlite", NULL);
    g_autoptr(GError) error = NULL;
    GStatBuf info;

    gint64 start = nanoseconds();
    sqlite3 *db = dv_sqlite_open(path, DV_SQLITE_BUILD, &error);
    g_assert_no_error(error);
    fill_sqlite(db, options);
    sqlite3_close_v2(db);
    g_assert(g_stat(path, &info) == 0);
    printf("{\"bench\":\"peer_sqlite_build\",\"documents\":%" G_GINT64_FORMAT
           ",\"s\":%.1f,\"file_bytes\":%" G_GINT64_FORMAT ",\"bytes_per_row\":%.2f}\n",
           options->peer_documents, (double)(nanoseconds() - start) / 1e9, (gint64)info.st_size,
           (double)info.st_size / (double)options->peer_documents);
    db = dv_sqlite_open(path, DV_SQLITE_IMMUTABLE, &error);
    g_assert_no_error(error);
    ask_sqlite(db, options, TRUE);
    ask_sqlite(db, options, FALSE);
    sqlite3_close_v2(db);
    g_unlink(path);
}

/* ---- PostgreSQL */

static void
skip_postgres(const char *why)
{
    printf("{\"bench\":\"peer_postgres\",\"peer skipped\":\"%s\"}\n", why);
    fflush(stdout);
}

#ifdef BENCH_LIBPQ

/* The newest server that Debian put there. Caller frees; NULL: none. */
static char *
find_server(void)
{
    g_autoptr(GDir) dir = g_dir_open("/usr/lib/postgresql", 0, NULL);
    char *best = NULL;

    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename("/usr/lib/postgresql", name, "bin", NULL);
        g_autofree char *initdb = g_build_filename(path, "initdb", NULL);
        if (g_access(initdb, X_OK) != 0 || (best != NULL && strcmp(best, path) > 0))
            continue;
        g_free(best);
        best = g_steal_pointer(&path);
    }
    return best;
}

/* PostgreSQL does not run as root. */
static void
become_nobody(gpointer data)
{
    const struct passwd *nobody = data;

    if (nobody != NULL && (setgid(nobody->pw_gid) != 0 || setuid(nobody->pw_uid) != 0))
        _exit(126);
}

static gboolean
run(char **argv, struct passwd *user)
{
    int status = 0;

    return g_spawn_sync("/", argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                        become_nobody, user, NULL, NULL, &status, NULL) &&
           g_spawn_check_wait_status(status, NULL);
}

static gboolean
execute(PGconn *db, const char *sql)
{
    PGresult *result = PQexec(db, sql);
    gboolean ok = PQresultStatus(result) == PGRES_COMMAND_OK ||
                  PQresultStatus(result) == PGRES_TUPLES_OK ||
                  PQresultStatus(result) == PGRES_COPY_IN;

    if (!ok)
        fprintf(stderr, "%s\n", PQerrorMessage(db));
    PQclear(result);
    return ok;
}

static void
fill_postgres(PGconn *db, const DocumentsOptions *options)
{
    g_assert(execute(db, "SET synchronous_commit = off; CREATE UNLOGGED TABLE loading (issuer text,"
                         " number text, type text, owner text, review text, reason text)"));
    g_assert(execute(db, "COPY loading FROM STDIN"));
    for (gint64 i = 0; i < options->peer_documents; i++) {
        BenchDocument document;
        char line[192];
        bench_document(options->seed, i, &document);
        int n = g_snprintf(line, sizeof line, "%s\t%s\t%s\t%s\t%s\t%s\n", document.issuer,
                           document.number, document.type, document.owner, document.review_date,
                           document.reason);
        g_assert(PQputCopyData(db, line, n) == 1);
    }
    g_assert(PQputCopyEnd(db, NULL) == 1);
    PQclear(PQgetResult(db));
    while (PQgetResult(db) != NULL)
        ;
    g_assert(execute(db, "CREATE TABLE document AS SELECT DISTINCT ON (issuer, number, type) * FROM"
                         " loading ORDER BY issuer, number, type; DROP TABLE loading;"
                         "ALTER TABLE document ADD PRIMARY KEY (issuer, number, type);"
                         "ANALYZE document"));
}

static void
ask_postgres(PGconn *db, const DocumentsOptions *options, gboolean listed)
{
    g_autoptr(GArray) times = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_autoptr(GRand) rand = g_rand_new();

    for (int round = 0; round < 2; round++) {
        g_rand_set_seed(rand, options->seed + 20);
        for (gint64 i = 0; i < options->questions; i++) {
            BenchDocument document;
            bench_document(options->seed, which_document(rand, options, listed), &document);
            const char *const values[] = {document.issuer, document.number};
            gint64 start = nanoseconds();
            PGresult *result = PQexecPrepared(db, "ask", 2, values, NULL, NULL, 0);
            gint64 took = nanoseconds() - start;
            g_assert(PQresultStatus(result) == PGRES_TUPLES_OK);
            g_assert(PQntuples(result) > 0 || !listed);
            PQclear(result);
            if (round == 1)
                g_array_append_val(times, took);
        }
    }
    bench_print_times("peer_postgres_warm", listed ? "listed" : "not listed",
                      options->peer_documents, times);
}

static void
measure_postgres(const char *socket_folder, gconstpointer data)
{
    const DocumentsOptions *options = data;
    g_autofree char *where =
        g_strdup_printf("host=%s dbname=postgres user=bench connect_timeout=10", socket_folder);
    PGconn *db = PQconnectdb(where);
    gint64 start = nanoseconds();

    if (PQstatus(db) != CONNECTION_OK) {
        skip_postgres("no connection");
        PQfinish(db);
        return;
    }
    fill_postgres(db, options);
    double took = (double)(nanoseconds() - start) / 1e9;
    PGresult *size = PQexec(db, "SELECT pg_total_relation_size('document')");
    gint64 bytes = g_ascii_strtoll(PQgetvalue(size, 0, 0), NULL, 10);
    PQclear(size);
    printf("{\"bench\":\"peer_postgres_build\",\"documents\":%" G_GINT64_FORMAT
           ",\"s\":%.1f,\"file_bytes\":%" G_GINT64_FORMAT ",\"bytes_per_row\":%.2f}\n",
           options->peer_documents, took, bytes, (double)bytes / (double)options->peer_documents);
    PQclear(PQprepare(
        db, "ask", "SELECT owner, review, reason FROM document WHERE issuer = $1 AND number = $2",
        2, NULL));
    ask_postgres(db, options, TRUE);
    ask_postgres(db, options, FALSE);
    PQfinish(db);
}

void
bench_postgres(PostgresMeasure measure, gconstpointer subject)
{
    g_autofree char *bin = find_server();
    g_autofree char *folder = g_dir_make_tmp("dv-pg-XXXXXX", NULL);
    struct passwd *user = geteuid() == 0 ? getpwnam("nobody") : NULL;

    g_assert(folder != NULL);
    if (bin == NULL) {
        skip_postgres("no server of Debian's postgresql is installed");
        g_rmdir(folder);
        return;
    }
    g_assert(user == NULL || chown(folder, user->pw_uid, user->pw_gid) == 0);
    g_autofree char *initdb = g_build_filename(bin, "initdb", NULL);
    g_autofree char *pg_ctl = g_build_filename(bin, "pg_ctl", NULL);
    g_autofree char *data = g_build_filename(folder, "data", NULL);
    g_autofree char *log = g_build_filename(folder, "log", NULL);
    g_autofree char *settings =
        g_strdup_printf("-c listen_addresses= -c unix_socket_directories=%s -c shared_buffers=256MB"
                        " -c maintenance_work_mem=256MB -c max_wal_size=4GB",
                        folder);
    char *make[] = {initdb, "-D", data, "-U", "bench", "-A", "trust", "--no-sync", NULL};
    char *start[] = {pg_ctl, "-D", data, "-l", log, "-w", "-o", settings, "start", NULL};
    char *stop[] = {pg_ctl, "-D", data, "-m", "fast", "-w", "stop", NULL};
    char *wipe[] = {"/bin/rm", "-rf", folder, NULL};
    if (!run(make, user) || !run(start, user)) {
        skip_postgres("the server does not start here");
    } else {
        measure(folder, subject);
        run(stop, user);
    }
    run(wipe, NULL);
}

void
bench_peer_postgres(const DocumentsOptions *options)
{
    bench_postgres(measure_postgres, options);
}

#else

void
bench_peer_postgres(const DocumentsOptions *options)
{
    (void)options;
    skip_postgres("built without libpq");
}

#endif
