// SPDX-License-Identifier: Apache-2.0
/* Records stay until the centre has them, in one chain, whatever happens to disk and process. */
#include "expect.h"
#include "record_example.h"
#include <darvaza/clock.h>
#include <darvaza/outbox.h>
#include <darvaza/sqlite.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define START (G_GINT64_CONSTANT(1795460568) * G_USEC_PER_SEC)

static DvTestKeys *keys;
static char *folder, *path, *anchor;
static gint64 wall;

static gint64
read_wall(void *data)
{
    (void)data;
    return wall;
}

static int
group_setup(void **state)
{
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    keys = dv_test_keys_new();
    return 0;
}

static int
group_teardown(void **state)
{
    (void)state;
    dv_test_keys_free(keys);
    return 0;
}

static int
setup(void **state)
{
    static const DvClock clock = {read_wall, read_wall, NULL};
    (void)state;
    wall = START;
    dv_clock_install(&clock);
    folder = g_dir_make_tmp("dv-outbox-XXXXXX", NULL);
    path = g_build_filename(folder, "outbox.db", NULL);
    anchor = g_strconcat(path, ".anchor", NULL);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_clock_install(NULL);
    dv_test_remove_tree(folder);
    g_free(folder);
    g_free(path);
    g_free(anchor);
    return 0;
}

static DvOutbox *
open_outbox(void)
{
    g_autoptr(GError) error = NULL;
    DvOutbox *outbox = dv_outbox_open(path, "KSK-1", &error);
    EXPECT_NO_ERROR(error);
    return outbox;
}

static gboolean
append_id(DvOutbox *outbox, const char *id, DvOutboxPlace *place, GError **error)
{
    const DvSealKeys seal = dv_test_seal_keys(keys);
    g_autoptr(json_t) record = dv_record_example();
    json_object_set_new(record, "crossing_id", json_string(id));
    return dv_outbox_append(outbox, &seal, id, DV_PRIORITY_ROUTINE, record, NULL, place, error);
}

static DvOutboxPlace
append(DvOutbox *outbox)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *id = dv_uuid_new();
    DvOutboxPlace place = {0};
    append_id(outbox, id, &place, &error);
    EXPECT_NO_ERROR(error);
    return place;
}

static DvOutboxHead
head_of(DvOutbox *outbox)
{
    g_autoptr(GError) error = NULL;
    DvOutboxHead head;
    dv_outbox_head(outbox, &head, &error);
    EXPECT_NO_ERROR(error);
    return head;
}

static DvCrossingWire *
parse(const DvOutboxRecord *record)
{
    g_autoptr(GError) error = NULL;
    gsize length;
    const void *data = g_bytes_get_data(record->wire, &length);
    DvCrossingWire *wire = dv_crossing_wire_parse(data, length, &error);
    EXPECT_NO_ERROR(error);
    return wire;
}

/* Walks what is pending; every record must name the link before it. Returns how many. */
static guint
check_chain(DvOutbox *outbox, guint8 link[DV_SHA256_SIZE])
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = dv_outbox_next(outbox, 1000, &error);
    EXPECT_NO_ERROR(error);
    for (guint i = 0; i < records->len; i++) {
        g_autoptr(DvCrossingWire) wire = parse(records->pdata[i]);
        const DvOutboxRecord *record = records->pdata[i];
        assert_int_equal(wire->header.epoch, record->epoch);
        assert_int_equal(wire->header.seq, record->seq);
        assert_string_equal(wire->header.kiosk, "KSK-1");
        assert_true(dv_crossing_wire_verify(wire, keys->sign, &error));
        assert_memory_equal(wire->header.prev_hash, link, DV_SHA256_SIZE);
        dv_crossing_link(wire, link);
    }
    return records->len;
}

static void
acknowledge(DvOutbox *outbox, guint i)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = dv_outbox_next(outbox, i + 1, &error);
    const DvOutboxRecord *record = g_ptr_array_index(records, i);
    g_autoptr(DvCrossingWire) wire = parse(record);
    guint8 link[DV_SHA256_SIZE];
    dv_crossing_link(wire, link);
    dv_outbox_acknowledge(outbox, record->epoch, record->seq, link, &error);
    EXPECT_NO_ERROR(error);
}

static void
chain_over_restarts(void **state)
{
    (void)state;
    guint8 link[DV_SHA256_SIZE] = {0};
    for (gint64 i = 1; i <= 6; i++) {
        g_autoptr(DvOutbox) outbox = open_outbox();
        DvOutboxPlace place = append(outbox);
        assert_int_equal(place.epoch, START / G_USEC_PER_SEC);
        assert_int_equal(place.seq, i);
        assert_int_equal(head_of(outbox).unsent, i);
    }
    g_autoptr(DvOutbox) outbox = open_outbox();
    assert_int_equal(check_chain(outbox, link), 6);
    assert_memory_equal(head_of(outbox).link, link, DV_SHA256_SIZE);
    g_autoptr(GPtrArray) two = dv_outbox_next(outbox, 2, NULL);
    assert_int_equal(two->len, 2);
}

static void
a_crossing_is_recorded_once(void **state)
{
    (void)state;
    static const char id[] = "9b2f4c61-5e0d-4a7b-8c3e-1d2f3a4b5c6d";
    g_autoptr(GError) error = NULL;
    g_autoptr(DvOutbox) outbox = open_outbox();
    DvOutboxPlace place = {0}, found_place = {0};
    gboolean found = TRUE;

    assert_true(dv_outbox_find(outbox, id, &found, &found_place, &error));
    assert_false(found);
    assert_true(append_id(outbox, id, &place, &error));
    assert_false(append_id(outbox, id, &place, &error));
    expect_error(&error, DV_ERROR_CONFLICT, id);
    assert_true(dv_outbox_find(outbox, id, &found, &found_place, &error));
    assert_true(found && found_place.seq == 1 && !found_place.acknowledged);
    acknowledge(outbox, 0);
    assert_false(append_id(outbox, id, &place, &error));
    expect_error(&error, DV_ERROR_CONFLICT, id);
    assert_true(dv_outbox_find(outbox, id, &found, &found_place, &error));
    assert_true(found && found_place.acknowledged);
    assert_int_equal(head_of(outbox).seq, 1);
}

static void
only_the_right_receipt_erases(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvOutbox) outbox = open_outbox();
    DvOutboxPlace first = append(outbox);
    append(outbox);
    g_autoptr(GPtrArray) records = dv_outbox_next(outbox, 9, &error);
    g_autoptr(DvCrossingWire) one = parse(records->pdata[0]);
    g_autoptr(DvCrossingWire) two = parse(records->pdata[1]);
    guint8 link[DV_SHA256_SIZE], other[DV_SHA256_SIZE];
    dv_crossing_link(one, link);
    dv_crossing_link(two, other);

    assert_false(dv_outbox_acknowledge(outbox, first.epoch, 1, other, &error));
    expect_error(&error, DV_ERROR_DENIED, "another record");
    assert_false(dv_outbox_acknowledge(outbox, first.epoch, 3, link, &error));
    expect_error(&error, DV_ERROR_DENIED, "no record");
    assert_false(dv_outbox_acknowledge(outbox, first.epoch + 1, 1, link, &error));
    expect_error(&error, DV_ERROR_DENIED, "no record");
    assert_int_equal(head_of(outbox).unsent, 2);
    assert_true(dv_outbox_acknowledge(outbox, first.epoch, 1, link, &error));
    assert_true(dv_outbox_acknowledge(outbox, first.epoch, 1, link, &error));
    assert_int_equal(head_of(outbox).unsent, 1);
    g_autoptr(GPtrArray) left = dv_outbox_next(outbox, 9, &error);
    assert_int_equal(left->len, 1);
    assert_int_equal(((DvOutboxRecord *)left->pdata[0])->seq, 2);
}

static void
headers_are_pruned_but_the_head(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvOutbox) outbox = open_outbox();
    append(outbox);
    append(outbox);
    append(outbox);
    for (int i = 0; i < 3; i++)
        acknowledge(outbox, 0);
    wall += 100 * G_USEC_PER_SEC;
    assert_true(dv_outbox_prune(outbox, wall, &error));
    g_clear_pointer(&outbox, dv_outbox_free);
    outbox = open_outbox(); /* the head is still its last record */
    assert_int_equal(head_of(outbox).seq, 3);
    sqlite3 *db = dv_sqlite_open(path, DV_SQLITE_READ_ONLY, &error);
    sqlite3_stmt *stmt = dv_sqlite_prepare(db, "SELECT count(*) FROM record", &error);
    gboolean row = FALSE;
    assert_true(dv_sqlite_step(stmt, &row, &error));
    assert_int_equal(sqlite3_column_int(stmt, 0), 1);
    sqlite3_finalize(stmt);
    sqlite3_close_v2(db);
}

static void
remove_database(void)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    for (gsize i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_autofree char *name = g_strconcat(path, ends[i], NULL);
        g_unlink(name);
    }
}

static void
starting_over_names_the_known_head(void **state)
{
    (void)state;
    DvOutbox *outbox = open_outbox();
    append(outbox);
    append(outbox);
    acknowledge(outbox, 0); /* leaves an anchor at 2 */
    const DvOutboxHead before = head_of(outbox);
    append(outbox);
    dv_outbox_free(outbox);

    remove_database();
    outbox = open_outbox(); /* the clock stood still: the epoch must still be above */
    DvOutboxHead after = head_of(outbox);
    assert_int_equal(after.epoch, before.epoch + 1);
    assert_int_equal(after.seq, 0);
    assert_int_equal(after.unsent, 0);
    DvOutboxPlace place = append(outbox);
    assert_int_equal(place.seq, 1);
    guint8 link[DV_SHA256_SIZE];
    for (gsize i = 0; i < sizeof link; i++)
        link[i] = before.link[i];
    assert_int_equal(check_chain(outbox, link), 1);
    dv_outbox_free(outbox);

    remove_database();
    g_unlink(anchor);
    wall += 50 * G_USEC_PER_SEC;
    outbox = open_outbox();
    after = head_of(outbox);
    assert_int_equal(after.epoch, wall / G_USEC_PER_SEC);
    static const guint8 zeros[DV_SHA256_SIZE];
    assert_memory_equal(after.link, zeros, DV_SHA256_SIZE);
    dv_outbox_free(outbox);
}

/* An old backup must not continue a chain that went on without it: two records would carry one
 * number. */
static void
older_copy_begins_an_epoch(void **state)
{
    (void)state;
    g_autofree char *data = NULL;
    gsize length;
    DvOutbox *outbox = open_outbox();
    append(outbox);
    dv_outbox_free(outbox); /* closing folds the log into the file */
    assert_true(g_file_get_contents(path, &data, &length, NULL));
    outbox = open_outbox();
    append(outbox);
    acknowledge(outbox, 0);
    const DvOutboxHead before = head_of(outbox);
    dv_outbox_free(outbox);

    remove_database();
    assert_true(g_file_set_contents(path, data, (gssize)length, NULL));
    outbox = open_outbox();
    const DvOutboxHead after = head_of(outbox);
    assert_true(after.epoch > before.epoch);
    assert_memory_equal(after.link, before.link, DV_SHA256_SIZE);
    assert_int_equal(after.unsent, 1); /* what the copy held is still offered to the centre */
    dv_outbox_free(outbox);
}

static void
foreign_and_damaged(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    DvOutbox *outbox = open_outbox();
    append(outbox);
    acknowledge(outbox, 0);
    append(outbox);
    dv_outbox_free(outbox);
    assert_null(dv_outbox_open(path, "KSK-2", &error));
    expect_error(&error, DV_ERROR_DENIED, "KSK-1");
    g_autofree char *kept = NULL;
    assert_true(g_file_get_contents(anchor, &kept, NULL, NULL));
    assert_true(g_file_set_contents(anchor, "{", -1, NULL));
    assert_null(dv_outbox_open(path, "KSK-1", &error));
    expect_error(&error, DV_ERROR_INVALID, "anchor");
    assert_true(g_file_set_contents(anchor, kept, -1, NULL));

    sqlite3 *db = dv_sqlite_open(path, DV_SQLITE_DURABLE, &error);
    assert_true(dv_sqlite_exec(db, "DELETE FROM record WHERE seq = 2", &error));
    sqlite3_close_v2(db);
    assert_null(dv_outbox_open(path, "KSK-1", &error));
    expect_error(&error, DV_ERROR_CORRUPT, "head is not the last record");
    db = dv_sqlite_open(path, DV_SQLITE_DURABLE, &error);
    assert_true(dv_sqlite_exec(db, "PRAGMA user_version = 99", &error));
    sqlite3_close_v2(db);
    assert_null(dv_outbox_open(path, "KSK-1", &error));
    expect_error(&error, DV_ERROR_DENIED, "newer version");
    assert_true(
        g_file_set_contents(path, "this is no database at all, not even nearly one", -1, NULL));
    assert_null(dv_outbox_open(path, "KSK-1", &error));
    expect_error(&error, DV_ERROR_CORRUPT, "outbox");
}

static void
limit_files(rlim_t bytes)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* The disk fills while records are made: each is either refused as FULL or whole, and it goes on
 * once there is room. */
static void
full_disk_loses_nothing(void **state)
{
    (void)state;
    g_autoptr(DvOutbox) outbox = open_outbox();
    gint64 recorded = 0, refused = 0;

    append(outbox);
    recorded++;
    for (rlim_t room = 60000; room < 400000; room += 17000) {
        g_autoptr(GError) error = NULL;
        g_autofree char *id = dv_uuid_new();
        DvOutboxPlace place;
        limit_files(room);
        gboolean ok = append_id(outbox, id, &place, &error);
        limit_files(0);
        if (ok) {
            recorded++;
            assert_int_equal(place.seq, recorded);
        } else {
            refused++;
            expect_error(&error, DV_ERROR_FULL, "not recorded");
        }
        assert_int_equal(head_of(outbox).seq, recorded);
        assert_int_equal(head_of(outbox).unsent, recorded);
    }
    assert_true(refused > 0);
    append(outbox);
    guint8 link[DV_SHA256_SIZE] = {0};
    assert_int_equal(check_chain(outbox, link), recorded + 1);
}

static void
bad_records_leave_no_gap(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvOutbox) outbox = open_outbox();
    const DvSealKeys seal = dv_test_seal_keys(keys);
    g_autoptr(json_t) wrong = json_pack("{s:s}", "crossing_id", "x");
    DvOutboxPlace place;

    append(outbox);
    assert_false(
        dv_outbox_append(outbox, &seal, "x", DV_PRIORITY_ROUTINE, wrong, NULL, &place, &error));
    expect_error(&error, DV_ERROR_INVALID, "not recorded");
    assert_int_equal(append(outbox).seq, 2);
}

/* Killed at a random moment, again and again: what the child said was recorded is there, in one
 * unbroken chain. (A power cut is another test's matter: the page cache survives a kill.) */
static void
killed_again_and_again(void **state)
{
    (void)state;
    gint64 promised = 0;

    for (int round = 0; round < 12; round++) {
        int pipe_ends[2];
        assert_int_equal(pipe(pipe_ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(pipe_ends[0]);
            DvOutbox *outbox = open_outbox();
            for (;;) {
                gint64 seq = append(outbox).seq;
                if (write(pipe_ends[1], &seq, sizeof seq) != sizeof seq)
                    _exit(1);
            }
        }
        close(pipe_ends[1]);
        gint64 seq;
        for (int i = 0; i <= round % 4; i++) {
            assert_int_equal(read(pipe_ends[0], &seq, sizeof seq), sizeof seq);
            promised = seq;
        }
        g_usleep((gulong)(round * 1700 % 9000));
        kill(child, SIGKILL);
        while (read(pipe_ends[0], &seq, sizeof seq) == sizeof seq)
            promised = seq;
        close(pipe_ends[0]);
        waitpid(child, NULL, 0);
    }
    g_autoptr(DvOutbox) outbox = open_outbox();
    const DvOutboxHead head = head_of(outbox);
    assert_true(head.seq >= promised);
    guint8 link[DV_SHA256_SIZE] = {0};
    assert_int_equal(check_chain(outbox, link), head.seq);
    assert_memory_equal(link, head.link, DV_SHA256_SIZE);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(chain_over_restarts),
        TEST(a_crossing_is_recorded_once),
        TEST(only_the_right_receipt_erases),
        TEST(headers_are_pruned_but_the_head),
        TEST(starting_over_names_the_known_head),
        TEST(older_copy_begins_an_epoch),
        TEST(foreign_and_damaged),
        TEST(full_disk_loses_nothing),
        TEST(bad_records_leave_no_gap),
        TEST(killed_again_and_again),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
