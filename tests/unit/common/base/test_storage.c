// SPDX-License-Identifier: Apache-2.0
/* Files and databases: atomic replacement, full disks, damage, migrations. */
#include "expect.h"
#include <darvaza/file.h>
#include <darvaza/sqlite.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static char *folder;

static int
setup(void **state)
{
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    folder = g_dir_make_tmp("dv-storage-XXXXXX", NULL);
    return folder != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_remove(path);
    }
    g_rmdir(folder);
    g_free(folder);
    return 0;
}

static char *
in_folder(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

/* No file may grow beyond this: the next thing to a full disk that needs no mount. */
static void
limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static guint
count_files(void)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    guint count = 0;
    while (g_dir_read_name(dir) != NULL)
        count++;
    return count;
}

static void
expect_content(const char *path, const char *text)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = dv_file_read(path, 1000, &error);
    EXPECT_NO_ERROR(error);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(data, text, length);
}

static void
file_is_replaced_whole(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("file");
    struct stat info;

    guint before = count_files();
    assert_true(dv_file_write(path, "old", 3, 0640, &error));
    assert_true(dv_file_write(path, "newer", 5, 0600, &error));
    expect_content(path, "newer");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(count_files(), before + 1);
    assert_null(dv_file_read(path, 4, &error));
    expect_error(&error, DV_ERROR_INVALID, "larger than the 4 bytes");
    assert_null(dv_file_read("/nonexistent/x", 4, &error));
    expect_error(&error, DV_ERROR_IO, "No such file");
    assert_false(dv_file_write("/nonexistent/x", "x", 1, 0600, &error));
    expect_error(&error, DV_ERROR_IO, "/nonexistent/x");
}

static void
file_survives_a_full_disk(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("full");
    g_autofree char *large = g_strnfill(100000, 'x');

    assert_true(dv_file_write(path, "kept", 4, 0600, &error));
    guint before = count_files();
    limit_files(50000);
    gboolean written = dv_file_write(path, large, 100000, 0600, &error);
    limit_files(0);
    assert_false(written);
    expect_error(&error, DV_ERROR_FULL, path);
    expect_content(path, "kept");
    assert_int_equal(count_files(), before);
}

static void
folders_are_made(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *outer = in_folder("a"), *inner = in_folder("a/b"), *file = in_folder("plain");
    struct stat info;

    assert_true(dv_file_make_dir(inner, 0700, &error));
    assert_true(dv_file_make_dir(inner, 0700, &error));
    assert_int_equal(stat(outer, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0700);
    assert_true(dv_file_write(file, "", 0, 0600, &error));
    assert_false(dv_file_make_dir(file, 0700, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "no folder");
    g_rmdir(inner);
}

static void
database_settings(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("settings.db");
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_DURABLE, &error);
    EXPECT_NO_ERROR(error);
    static const struct {
        const char *pragma, *value;
    } cases[] = {{"journal_mode", "wal"}, {"synchronous", "2"}, {"foreign_keys", "1"}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *sql = g_strdup_printf("PRAGMA %s", cases[i].pragma);
        g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(db, sql, &error);
        gboolean row = FALSE;
        assert_true(dv_sqlite_step(stmt, &row, &error) && row);
        assert_string_equal((const char *)sqlite3_column_text(stmt, 0), cases[i].value);
    }
}

static void
database_errors(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("errors.db"), *junk = in_folder("junk.db");
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_DURABLE, &error);

    assert_true(dv_sqlite_exec(db,
                               "CREATE TABLE t (id INTEGER PRIMARY KEY) STRICT;"
                               "INSERT INTO t VALUES (1)",
                               &error));
    assert_false(dv_sqlite_exec(db, "INSERT INTO t VALUES (1)", &error));
    expect_error(&error, DV_ERROR_CONFLICT, path);
    assert_null(dv_sqlite_prepare(db, "SELECT nonsense FROM t", &error));
    expect_error(&error, DV_ERROR_IO, "nonsense");

    g_autoptr(sqlite3) reader = dv_sqlite_open(path, DV_SQLITE_READ_ONLY, &error);
    assert_non_null(reader);
    assert_false(dv_sqlite_exec(reader, "INSERT INTO t VALUES (2)", &error));
    expect_error(&error, DV_ERROR_IO, "readonly");
    assert_null(dv_sqlite_open("/nonexistent/x.db", DV_SQLITE_READ_ONLY, &error));
    expect_error(&error, DV_ERROR_IO, "/nonexistent/x.db");
    g_autofree char *noise = g_strnfill(5000, 'n');
    assert_true(dv_file_write(junk, noise, 5000, 0600, &error));
    assert_null(dv_sqlite_open(junk, DV_SQLITE_READ_ONLY, &error));
    expect_error(&error, DV_ERROR_CORRUPT, "junk.db");
}

static gint64
count_rows(sqlite3 *db, const char *table)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *sql = g_strdup_printf("SELECT count(*) FROM %s", table);
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(db, sql, &error);
    gboolean row = FALSE;
    EXPECT_NO_ERROR(error);
    assert_true(dv_sqlite_step(stmt, &row, &error) && row);
    return sqlite3_column_int64(stmt, 0);
}

static void
database_on_a_full_disk(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("full.db");
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_DURABLE, &error);

    assert_true(dv_sqlite_exec(db, "CREATE TABLE t (b BLOB) STRICT", &error));
    limit_files(1000000);
    gboolean written = dv_sqlite_exec(db, "INSERT INTO t VALUES (zeroblob(2000000))", &error);
    limit_files(0);
    assert_false(written);
    expect_error(&error, DV_ERROR_FULL, path);
    if (!sqlite3_get_autocommit(db))
        dv_sqlite_exec(db, "ROLLBACK", NULL);
    assert_int_equal(count_rows(db, "t"), 0);
    assert_true(dv_sqlite_exec(db, "INSERT INTO t VALUES (zeroblob(20000))", &error));
    assert_int_equal(count_rows(db, "t"), 1);
}

static const DvMigration first[] = {{1, "CREATE TABLE a (x INTEGER) STRICT"}, {0, NULL}};
static const DvMigration second[] = {{1, "CREATE TABLE a (x INTEGER) STRICT"},
                                     {2, "CREATE TABLE b (x INTEGER) STRICT;"
                                         "INSERT INTO b VALUES (1)"},
                                     {0, NULL}};
static const DvMigration broken[] = {{1, "CREATE TABLE a (x INTEGER) STRICT"},
                                     {2, "CREATE TABLE c (x INTEGER) STRICT; nonsense"},
                                     {0, NULL}};

static void
migrations(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = in_folder("migrate.db");
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_DURABLE, &error);

    assert_true(dv_sqlite_migrate(db, first, &error));
    assert_true(dv_sqlite_migrate(db, first, &error));
    assert_false(dv_sqlite_migrate(db, broken, &error));
    assert_non_null(strstr(error->message, "version 2"));
    g_clear_error(&error);
    assert_null(dv_sqlite_prepare(db, "SELECT * FROM c", &error)); /* the step went as a whole */
    g_clear_error(&error);
    assert_true(dv_sqlite_migrate(db, second, &error));
    assert_true(dv_sqlite_migrate(db, second, &error));
    assert_int_equal(count_rows(db, "b"), 1);
    assert_false(dv_sqlite_migrate(db, first, &error));
    expect_error(&error, DV_ERROR_DENIED, "newer version");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(file_is_replaced_whole),
        cmocka_unit_test(file_survives_a_full_disk),
        cmocka_unit_test(folders_are_made),
        cmocka_unit_test(database_settings),
        cmocka_unit_test(database_errors),
        cmocka_unit_test(database_on_a_full_disk),
        cmocka_unit_test(migrations),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
