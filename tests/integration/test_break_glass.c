// SPDX-License-Identifier: Apache-2.0
/* The lines of docs/formats/crossing.md, "Break-glass", run exactly as they are printed there. */
#include "record_example.h"
#include <darvaza/file.h>
#include <darvaza/store.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
    DvTestKeys *keys;
    char *dir;   /* where the lines run */
    char *store; /* a centre's store with one record, KSK-1 1/1 */
} Centre;

static void
fill_store(const Centre *centre)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvStore) store = dv_store_open(centre->store, &error);
    assert_null(error);
    DvAppend item = {.received_us = 1};
    g_autoptr(GBytes) bytes =
        dv_record_example_sealed(centre->keys, 1, 1, NULL, DV_PRIORITY_HIT, NULL, item.link);
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, &error);
    item.wire = wire;
    assert_true(dv_store_append(store, &item, 1, &error));
    assert_int_equal(item.outcome, DV_APPEND_NEW);
}

static int
setup(void **state)
{
    Centre *centre = g_new0(Centre, 1);
    centre->keys = dv_test_keys_new();
    centre->dir = g_dir_make_tmp("darvaza-break-glass-XXXXXX", NULL);
    centre->store = g_build_filename(centre->dir, "store.db", NULL);
    fill_store(centre);
    *state = centre;
    return 0;
}

static int
teardown(void **state)
{
    Centre *centre = *state;
    dv_test_remove_tree(centre->dir);
    dv_test_keys_free(centre->keys);
    g_free(centre->dir);
    g_free(centre->store);
    g_free(centre);
    return 0;
}

/* The first sh block below the heading. */
static char *
documented_lines(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) page = dv_file_read(DV_CROSSING_PAGE, 1 << 20, &error);
    assert_null(error);
    g_autofree char *text = g_strndup(g_bytes_get_data(page, NULL), g_bytes_get_size(page));
    const char *heading = strstr(text, "\n## Break-glass\n");
    assert_non_null(heading);
    const char *start = strstr(heading, "```sh\n");
    assert_non_null(start);
    start += strlen("```sh\n");
    const char *end = strstr(start, "```");
    assert_non_null(end);
    return g_strndup(start, (gsize)(end - start));
}

/* Exit status of the lines under sh -e. */
static int
run_lines(const Centre *centre, const char *key_folder)
{
    g_autofree char *lines = documented_lines();
    g_autofree char *keys = dv_test_keys_path(centre->keys, key_folder);
    g_autofree char *trust = dv_test_keys_path(centre->keys, "trust");
    g_auto(GStrv) env = g_get_environ();
    env = g_environ_setenv(env, "STORE", centre->store, TRUE);
    env = g_environ_setenv(env, "KEYS", keys, TRUE);
    env = g_environ_setenv(env, "TRUST", trust, TRUE);
    env = g_environ_setenv(env, "KIOSK", "KSK-1", TRUE);
    env = g_environ_setenv(env, "EPOCH", "1", TRUE);
    env = g_environ_setenv(env, "SEQ", "1", TRUE);
    const char *argv[] = {"/bin/sh", "-euc", lines, NULL};
    int status = -1;
    g_autofree char *out = NULL, *err = NULL;
    g_autoptr(GError) error = NULL;
    if (!g_spawn_sync(centre->dir, (char **)argv, env, G_SPAWN_DEFAULT, NULL, NULL, &out, &err,
                      &status, &error))
        fail_msg("%s", error->message);
    print_message("%s", err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char *
read_output(const Centre *centre)
{
    g_autofree char *path = g_build_filename(centre->dir, "record.json", NULL);
    char *text = NULL;
    g_file_get_contents(path, &text, NULL, NULL);
    return text;
}

static void
need_tools(void)
{
    g_autofree char *openssl = g_find_program_in_path("openssl");
    g_autofree char *sqlite = g_find_program_in_path("sqlite3");
    if (openssl && sqlite)
        return;
    print_message("SKIP: needs the command lines openssl and sqlite3\n");
    _exit(77);
}

static void
documented_lines_open_the_record(void **state)
{
    const Centre *centre = *state;
    assert_int_equal(run_lines(centre, "centre"), 0);
    g_autofree char *text = read_output(centre);
    assert_non_null(text);
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) record = dv_json_parse(text, strlen(text), 1 << 20, &error);
    assert_null(error);
    const json_t *document = json_object_get(record, "document");
    assert_string_equal(json_string_value(json_object_get(document, "number")), "L898902C3");
    assert_true(dv_crossing_validate(record, &error));
}

/* They do not open what was altered in the store: the doc's promise about -verify. */
static void
altered_store_yields_no_record(void **state)
{
    const Centre *centre = *state;
    sqlite3 *db = NULL;
    sqlite3_blob *body = NULL;
    guint8 byte = 0;
    assert_int_equal(sqlite3_open(centre->store, &db), SQLITE_OK);
    assert_int_equal(sqlite3_blob_open(db, "main", "record", "body", 1, 1, &body), SQLITE_OK);
    assert_int_equal(sqlite3_blob_read(body, &byte, 1, 2000), SQLITE_OK);
    byte ^= 1;
    assert_int_equal(sqlite3_blob_write(body, &byte, 1, 2000), SQLITE_OK);
    assert_int_equal(sqlite3_blob_close(body), SQLITE_OK);
    sqlite3_close(db);
    assert_int_not_equal(run_lines(centre, "centre"), 0);
    assert_null(read_output(centre));
}

int
main(void)
{
    need_tools();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(documented_lines_open_the_record, setup, teardown),
        cmocka_unit_test_setup_teardown(altered_store_yields_no_record, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
