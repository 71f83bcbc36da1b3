// SPDX-License-Identifier: Apache-2.0
/* The outbox and the store on a disk that is full at the first, second, third ... write of an
 * operation: it must fail as "full", leave nothing behind, and work once there is room. */
#include "full_disk.h"
#include "record_example.h"

#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/outbox.h>
#include <darvaza/sqlite.h>
#include <darvaza/store.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WRITES_MAX 400 /* far more than any operation here makes */

#define FIRST "00000000-0000-4000-8000-000000000001"
#define SECOND "00000000-0000-4000-8000-000000000002"
#define THIRD "00000000-0000-4000-8000-000000000003"
#define FOURTH "00000000-0000-4000-8000-000000000004"

static DvTestKeys *keys;

/* Takes the place of SQLite's own (linked with --wrap), to say how often it writes back. */
static int write_back_pages = 1000;
int __real_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs);
int
__wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs)
{
    int result = __real_sqlite3_open_v2(path, db, flags, vfs);

    return result == SQLITE_OK ? sqlite3_wal_autocheckpoint(*db, write_back_pages) : result;
}

typedef struct {
    char *dir, *path;
    DvOutbox *outbox;
    DvStore *store;
    guint8 link[DV_SHA256_SIZE]; /* of the last record sealed for the store */
    gint64 seq;
} Bench;

static Bench
bench_new(const char *name)
{
    gboolean memory = g_file_test("/dev/shm", G_FILE_TEST_IS_DIR);
    g_autofree char *template =
        g_build_filename(memory ? "/dev/shm" : g_get_tmp_dir(), "dv-full-XXXXXX", NULL);
    char *real = realpath(g_mkdtemp(template), NULL);
    Bench bench = {.dir = g_strdup(real)};

    free(real);
    bench.path = g_build_filename(bench.dir, name, NULL);
    full_disk_watch(bench.dir);
    *full_disk() = (FullDisk){-1, 0, 0, 0};
    return bench;
}

static void
bench_free(Bench *bench)
{
    full_disk_watch("");
    dv_outbox_free(bench->outbox);
    dv_store_close(bench->store);
    dv_test_remove_tree(bench->dir);
    g_free(bench->dir);
    g_free(bench->path);
}

static void
fill_after(gint64 writes, gboolean sync_fails)
{
    *full_disk() = (FullDisk){writes, 0, sync_fails ? 0 : 1, sync_fails ? 1 : 0};
}

static gint64
free_room(void)
{
    gint64 refused = full_disk()->refused;
    *full_disk() = (FullDisk){-1, 0, 0, 0};
    return refused;
}

static void
assert_full(const GError *error)
{
    assert_non_null(error);
    if (!g_error_matches(error, DV_ERROR, DV_ERROR_FULL))
        fail_msg("wanted \"full\", got: %s", error->message);
}

static void
assert_sound(const char *path)
{
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_READ_ONLY, NULL);
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(db, "PRAGMA integrity_check", NULL);
    gboolean row = FALSE;

    assert_true(dv_sqlite_step(stmt, &row, NULL) && row);
    assert_string_equal(sqlite3_column_text(stmt, 0), "ok");
}

/* ---- the outbox */

static void
open_outbox(Bench *bench)
{
    g_autoptr(GError) error = NULL;

    bench->outbox = dv_outbox_open(bench->path, "KSK-1", &error);
    if (bench->outbox == NULL)
        fail_msg("%s", error->message);
}

static gboolean
append(Bench *bench, const char *id, DvOutboxPlace *place, GError **error)
{
    const DvSealKeys seal = dv_test_seal_keys(keys);
    g_autoptr(json_t) body = dv_record_example();

    json_object_set_new(body, "crossing_id", json_string(id));
    return dv_outbox_append(bench->outbox, &seal, id, DV_PRIORITY_REVIEW, body, NULL, place, error);
}

static void
append_good(Bench *bench, const char *id, gint64 seq)
{
    g_autoptr(GError) error = NULL;
    DvOutboxPlace place;

    if (!append(bench, id, &place, &error))
        fail_msg("%s", error->message);
    assert_int_equal(place.seq, seq);
}

/* The outbox holds these many records, in one chain. */
static void
assert_records(Bench *bench, guint count)
{
    g_autoptr(GPtrArray) records = dv_outbox_next(bench->outbox, 100, NULL);
    guint8 link[DV_SHA256_SIZE] = {0};
    DvOutboxHead head;

    assert_non_null(records);
    assert_int_equal(records->len, count);
    for (guint i = 0; i < count; i++) {
        const DvOutboxRecord *record = g_ptr_array_index(records, i);
        gsize length = 0;
        const void *data = g_bytes_get_data(record->wire, &length);
        g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, NULL);
        assert_non_null(wire);
        assert_int_equal(wire->header.seq, i + 1);
        assert_memory_equal(wire->header.prev_hash, link, sizeof link);
        dv_crossing_link(wire, link);
    }
    assert_true(dv_outbox_head(bench->outbox, &head, NULL));
    assert_int_equal(head.seq, count);
    assert_int_equal(head.unsent, count);
    assert_memory_equal(head.link, link, sizeof link);
}

/* Started again while the disk is still full: it may say so, and nothing else. */
static void
restart_outbox(Bench *bench)
{
    g_autoptr(GError) error = NULL;

    dv_outbox_free(bench->outbox);
    bench->outbox = dv_outbox_open(bench->path, "KSK-1", &error);
    if (bench->outbox == NULL)
        assert_full(error);
    free_room();
    if (bench->outbox == NULL)
        open_outbox(bench);
}

/* Room for so many writes. Returns FALSE once the operation needs no more than that. */
static gboolean
append_with_room(gint64 writes, gboolean restarts, gboolean sync_fails)
{
    Bench bench = bench_new("outbox.db");
    g_autoptr(GError) error = NULL;
    DvOutboxPlace place;
    gboolean found = FALSE;

    open_outbox(&bench);
    append_good(&bench, FIRST, 1);
    append_good(&bench, SECOND, 2);
    fill_after(writes, sync_fails);
    gboolean recorded = append(&bench, THIRD, &place, &error);
    gboolean refused = full_disk()->refused > 0;
    assert_true(recorded || refused);
    if (!recorded) {
        assert_full(error);
        assert_true(dv_outbox_find(bench.outbox, THIRD, &found, &place, NULL) && !found);
        assert_records(&bench, 2);
    }
    if (restarts)
        restart_outbox(&bench);
    free_room();
    /* A sync that failed may have worked all the same, and a restart then finds the record; it is
     * recorded once in any case, and deciding again says so. */
    assert_true(dv_outbox_find(bench.outbox, THIRD, &found, &place, NULL));
    assert_true(found == recorded || (sync_fails && restarts));
    if (!found)
        append_good(&bench, THIRD, 3);
    append_good(&bench, FOURTH, 4);
    assert_records(&bench, 4);
    assert_sound(bench.path);
    bench_free(&bench);
    return refused;
}

static void
sweep(gboolean (*once)(gint64, gboolean, gboolean), gint64 least)
{
    for (guint how = 0; how < 4; how++) {
        gint64 writes = 0;
        while (once(writes, (how & 1) != 0, (how & 2) != 0) && writes < WRITES_MAX)
            writes++;
        assert_true(writes < WRITES_MAX);
        assert_true(writes >= least); /* the disk was full at least at so many places */
        print_message("full at each of %d writes%s%s\n", (int)writes,
                      (how & 1) != 0 ? ", started again" : "",
                      (how & 2) != 0 ? ", syncs fail too" : "");
    }
}

static void
test_append(void **state)
{
    (void)state;
    sweep(append_with_room, 8);
}

/* As above with every commit written back to the database at once: that may fail, and what was
 * committed is recorded all the same. */
static void
test_append_and_write_back(void **state)
{
    (void)state;
    write_back_pages = 1;
    sweep(append_with_room, 20);
    write_back_pages = 1000;
}

static gboolean
acknowledge_with_room(gint64 writes, gboolean restarts, gboolean sync_fails)
{
    Bench bench = bench_new("outbox.db");
    g_autoptr(GError) error = NULL;
    DvOutboxHead head;

    open_outbox(&bench);
    append_good(&bench, FIRST, 1);
    assert_true(dv_outbox_head(bench.outbox, &head, NULL));
    fill_after(writes, sync_fails);
    gboolean done = dv_outbox_acknowledge(bench.outbox, head.epoch, 1, head.link, &error);
    gboolean refused = full_disk()->refused > 0;
    assert_true(done || refused);
    if (!done) {
        assert_full(error);
        assert_records(&bench, 1);
    }
    if (restarts)
        restart_outbox(&bench);
    free_room();
    assert_true(dv_outbox_acknowledge(bench.outbox, head.epoch, 1, head.link, NULL));
    assert_true(dv_outbox_head(bench.outbox, &head, NULL));
    assert_int_equal(head.unsent, 0);
    append_good(&bench, SECOND, 2);
    assert_sound(bench.path);
    bench_free(&bench);
    return refused;
}

static void
test_acknowledge(void **state)
{
    (void)state;
    sweep(acknowledge_with_room, 4);
}

static gboolean
create_with_room(gint64 writes, gboolean restarts, gboolean sync_fails)
{
    Bench bench = bench_new("outbox.db");
    g_autoptr(GError) error = NULL;

    fill_after(writes, sync_fails);
    bench.outbox = dv_outbox_open(bench.path, "KSK-1", &error);
    gboolean refused = full_disk()->refused > 0;
    assert_true(bench.outbox != NULL || refused);
    /* A journal whose sync failed is closed before its reason can be asked for. */
    if (bench.outbox == NULL && !(sync_fails && g_error_matches(error, DV_ERROR, DV_ERROR_IO)))
        assert_full(error);
    if (restarts)
        restart_outbox(&bench);
    free_room();
    if (bench.outbox == NULL)
        open_outbox(&bench);
    append_good(&bench, FIRST, 1);
    assert_sound(bench.path);
    bench_free(&bench);
    return refused;
}

static void
test_create(void **state)
{
    (void)state;
    sweep(create_with_room, 8);
}

/* ---- the store */

#define GROUP 3

static void
open_store(Bench *bench)
{
    g_autoptr(GError) error = NULL;

    bench->store = dv_store_open(bench->path, &error);
    if (bench->store == NULL)
        fail_msg("%s", error->message);
}

static void
seal_group(Bench *bench, DvAppend *items)
{
    for (guint i = 0; i < GROUP; i++) {
        guint8 prev[DV_SHA256_SIZE];
        memcpy(prev, bench->link, sizeof prev);
        g_autoptr(GBytes) bytes = dv_record_example_sealed(keys, 7, ++bench->seq, prev,
                                                           DV_PRIORITY_HIT, NULL, bench->link);
        gsize length = 0;
        const void *data = g_bytes_get_data(bytes, &length);
        items[i] = (DvAppend){.wire = dv_crossing_wire_parse(data, length, NULL), .received_us = 1};
        assert_non_null(items[i].wire);
        memcpy(items[i].link, bench->link, sizeof items[i].link);
    }
}

static void
free_group(DvAppend *items)
{
    for (guint i = 0; i < GROUP; i++)
        dv_crossing_wire_free((DvCrossingWire *)items[i].wire);
}

static void
assert_stored(Bench *bench, guint count)
{
    g_autoptr(GPtrArray) records = dv_store_records_since(bench->store, 0, 256, NULL);
    g_autoptr(GPtrArray) queue = dv_store_queue(bench->store, FALSE, 100, NULL);

    assert_int_equal(records->len, count);
    assert_int_equal(queue->len, count);
}

static void
restart_store(Bench *bench)
{
    g_autoptr(GError) error = NULL;

    dv_store_close(bench->store);
    bench->store = dv_store_open(bench->path, &error);
    if (bench->store == NULL)
        assert_full(error);
    free_room();
    if (bench->store == NULL)
        open_store(bench);
}

static gboolean
store_with_room(gint64 writes, gboolean restarts, gboolean sync_fails)
{
    Bench bench = bench_new("store.db");
    g_autoptr(GError) error = NULL;
    DvAppend items[GROUP], more[GROUP];

    open_store(&bench);
    seal_group(&bench, items);
    seal_group(&bench, more);
    assert_true(dv_store_append(bench.store, items, GROUP, NULL));
    fill_after(writes, sync_fails);
    gboolean stored = dv_store_append(bench.store, more, GROUP, &error);
    gboolean refused = full_disk()->refused > 0;
    assert_true(stored || refused);
    if (!stored) {
        assert_full(error);
        assert_stored(&bench, GROUP);
    }
    if (restarts)
        restart_store(&bench);
    free_room();
    /* The kiosk sends again what it has no receipt for. */
    assert_true(dv_store_append(bench.store, more, GROUP, NULL));
    for (guint i = 0; i < GROUP; i++)
        assert_true(more[i].outcome == (stored ? DV_APPEND_DUPLICATE : DV_APPEND_NEW) ||
                    (sync_fails && restarts && more[i].outcome == DV_APPEND_DUPLICATE));
    assert_stored(&bench, 2 * GROUP);
    assert_sound(bench.path);
    free_group(items);
    free_group(more);
    bench_free(&bench);
    return refused;
}

static void
test_store(void **state)
{
    (void)state;
    sweep(store_with_room, 12);
}

static int
make_keys(void **state)
{
    (void)state;
    keys = dv_test_keys_new();
    return 0;
}

static int
free_keys(void **state)
{
    (void)state;
    dv_test_keys_free(keys);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_append),      cmocka_unit_test(test_append_and_write_back),
        cmocka_unit_test(test_acknowledge), cmocka_unit_test(test_create),
        cmocka_unit_test(test_store),
    };
    return cmocka_run_group_tests_name("full disk", tests, make_keys, free_keys);
}
