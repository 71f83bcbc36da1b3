// SPDX-License-Identifier: Apache-2.0
/*
 * What goes wrong around a booth: an officer who walks away, an outbox that breaks, two windows, a
 * clock that jumps, a stranger on the uplink's socket, no camera.
 */
#include "booth_steps.h"

#include <darvaza/bus.h>
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/receipt.h>
#include <darvaza/sqlite.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "http_peer.h"

#define YEAR_S ((gint64)365 * DAY_S)
#define NOBODY 65534

/* ---- a clock that jumps */

static gint64 wall_shift_us, mono_shift_us;

static gint64
shifted_wall(void *data)
{
    (void)data;
    return g_get_real_time() + wall_shift_us;
}

static gint64
shifted_mono(void *data)
{
    (void)data;
    return g_get_monotonic_time() + mono_shift_us;
}

static int
clock_setup(void **state)
{
    const DvClock clock = {shifted_wall, shifted_mono, NULL};
    wall_shift_us = mono_shift_us = 0;
    dv_clock_install(&clock);
    return booth_setup(state);
}

static int
clock_teardown(void **state)
{
    int result = booth_teardown(state);
    dv_clock_install(NULL);
    return result;
}

#define CLOCK_TEST(name) cmocka_unit_test_setup_teardown(name, clock_setup, clock_teardown)

static void
deliver_receipt(BoothRig *rig)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) receipt = booth_make_receipt(rig, "KSK-1", rig->keys->receipt_key, 0);
    g_autoptr(GVariant) answer = booth_rig_call(
        rig, "DeliverReceipt", g_variant_new("(@ay)", booth_bytes_variant(receipt)), &error);
    g_assert_no_error(error);
}

static void
assert_recorded_clock(BoothRig *rig, const char *quality)
{
    DvCrossingHeader header;
    g_autoptr(json_t) record = booth_open_oldest(rig, &header, NULL);
    const char *word = json_string_value(json_object_get(record, "clock_quality"));
    if (quality)
        assert_string_equal(word, quality);
    else
        assert_string_not_equal(word, "SUSPECT");
}

/* The centre's receipt vouched for a moment; a clock ten years before it is not believed. */
static void
test_clock_back_ten_years(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    g_autofree char *first = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, first, "ADMIT", NULL), 200);
    assert_recorded_clock(rig, NULL);
    deliver_receipt(rig);

    wall_shift_us = -10 * YEAR_S * G_USEC_PER_SEC;
    booth_lay(rig, ADMIT_ME);
    const char *code = NULL;
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 3);
    assert_int_equal(booth_result_of(rig, "clock", &code), 3);
    assert_string_equal(code, "clock_suspect");
    assert_int_equal(booth_result_of(rig, "document_expiry", &code), 3);
    assert_string_equal(code, "clock_suspect");
    assert_string_equal(booth_rig_text(rig, "banner.clock"), "SUSPECT");
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 409);
    assert_string_equal(booth_rig_text(rig, "error"), "needs_note");
    assert_int_equal(booth_decide(rig, id, "ADMIT", "document compared by eye"), 200);
    assert_recorded_clock(rig, "SUSPECT");

    /* The moment is remembered by a booth that starts again, and its chain goes on. */
    gint64 epoch = booth_rig_int(rig, "epoch"), seq = booth_rig_int(rig, "seq");
    booth_rig_restart(rig);
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
    booth_lay(rig, LISTED_PERSON);
    assert_int_equal(booth_result_of(rig, "clock", NULL), 3);
    assert_int_equal(booth_result_of(rig, "watchlist_person", NULL), 2); /* a hit stays a hit */
    g_autofree char *last = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, last, "SECOND_LINE", NULL), 200);
    assert_int_equal(booth_rig_int(rig, "epoch"), epoch);
    assert_int_equal(booth_rig_int(rig, "seq"), seq + 1);
}

/* Ahead, everything signed for a while has ended: nobody signs in, no list says "no hit". */
static void
test_clock_ahead_ten_years(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    wall_shift_us = 10 * YEAR_S * G_USEC_PER_SEC;
    assert_int_equal(booth_rig_get(rig, "/api/state"), 401);
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 403);
    assert_string_equal(booth_rig_text(rig, "error"), "account_expired");
    /* Nothing was lost by it: with the clock right again the same accounts and lists serve. */
    wall_shift_us = 0;
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
    booth_lay(rig, ADMIT_ME);
    assert_int_equal(booth_rig_int(rig, "crossing.total"), 1);
    /* Ahead by less than the account lasts, by more than the list does. */
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    booth_rig_add_demo_list(rig, "TEST", "STOP_REFER", 3600);
    wall_shift_us = (gint64)7200 * G_USEC_PER_SEC;
    booth_lay(rig, ADMIT_ME);
    const char *code = NULL;
    assert_int_equal(booth_result_of(rig, "watchlist_person", &code), 3);
    assert_string_equal(code, "list_expired");
}

/* ---- an officer who walks away */

static void
test_idle_officer_is_signed_out(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    mono_shift_us = (gint64)899 * G_USEC_PER_SEC;
    assert_int_equal(booth_rig_get(rig, "/api/state"), 200);
    mono_shift_us = (gint64)902 * G_USEC_PER_SEC;
    assert_int_equal(booth_rig_get(rig, "/api/state"), 401);
    assert_null(strstr(rig->raw->str, "ERIKSSON"));
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 401);
    /* Documents of nobody's are not kept; the traveller on the lane waits for an officer. */
    g_auto(GStrv) other = booth_rig_zone(LISTED_PERSON);
    fake_devices_lay(rig->devices, 0, (const char *const *)other);
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
    booth_rig_wait_lane(rig, "deciding");
    assert_string_equal(booth_rig_text(rig, "crossing.crossing_id"), id);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
}

/* What one officer asked for last, perhaps a protection referral, does not greet the next. */
static void
test_last_decision_leaves_with_its_officer(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    for (guint leaves = 0; leaves < 2; leaves++) {
        booth_lay(rig, ADMIT_ME);
        g_autofree char *id = booth_current_id(rig);
        assert_int_equal(booth_decide(rig, id, "REFER_ASYLUM", NULL), 200);
        booth_rig_wait_lane(rig, "recorded");
        assert_string_equal(booth_rig_text(rig, "recorded.decision"), "REFER_ASYLUM");
        if (leaves)
            assert_int_equal(booth_rig_post(rig, "/api/sign-out", json_object()), 200);
        assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
        assert_int_equal(booth_rig_get(rig, "/api/state"), 200);
        assert_string_equal(booth_rig_text(rig, "lane"), "idle");
        assert_null(strstr(rig->raw->str, "REFER_ASYLUM"));
    }
}

/* Nor does it stand there until the next traveller can read it. */
static void
test_referral_leaves_the_screen(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "REFER_ASYLUM", NULL), 200);
    booth_rig_wait_lane(rig, "recorded");
    assert_string_equal(booth_rig_text(rig, "recorded.decision"), "REFER_ASYLUM");
    mono_shift_us = (gint64)9 * G_USEC_PER_SEC;
    assert_int_equal(booth_rig_get(rig, "/api/state"), 200);
    assert_string_equal(booth_rig_text(rig, "recorded.decision"), "SECOND_LINE");
    assert_null(strstr(rig->raw->str, "REFER_"));
}

/* ---- two windows, two keys */

static void
test_two_windows(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, "SECOND_LINE", NULL), 200);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 409);
    assert_string_equal(booth_rig_text(rig, "error"), "decided_otherwise");
    assert_int_equal(booth_decide(rig, id, "SECOND_LINE", NULL), 200);
    booth_rig_wait_lane(rig, "recorded");
    assert_int_equal(booth_rig_int(rig, "banner.unsent"), 1);
    /* Withdrawn is recorded as well, once, with the officer's note. */
    booth_lay(rig, ADMIT_ME);
    g_autofree char *next = booth_current_id(rig);
    for (guint i = 0; i < 2; i++)
        assert_int_equal(
            booth_rig_post(rig, "/api/clear",
                           json_pack("{s:s, s:s}", "crossing_id", next, "note", "went back")),
            200);
    assert_int_equal(booth_decide(rig, next, "ADMIT", NULL), 409);
    booth_rig_wait_lane(rig, "recorded");
    assert_int_equal(booth_rig_int(rig, "banner.unsent"), 2);
}

/* ---- the outbox breaks and is mended */

static void
change_outbox(BoothRig *rig, const char *sql)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(rig->dir, "state", "outbox.db", NULL);
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_DURABLE, &error);
    g_assert_no_error(error);
    assert_true(dv_sqlite_exec(db, sql, &error));
}

static void
test_broken_outbox_is_a_fault(void **state)
{
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    booth_lay(rig, ADMIT_ME);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_rig_post(rig, "/api/recover", json_object()), 409);
    change_outbox(rig, "CREATE TABLE kept AS SELECT * FROM head; DELETE FROM head");
    assert_true(booth_decide(rig, id, "ADMIT", NULL) >= 500);
    booth_rig_wait_lane(rig, "fault");
    assert_string_not_equal(booth_rig_text(rig, "fault"), "");
    /* Nothing moves while it lasts: no decision, no other traveller, no pretended recovery. */
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 409);
    assert_int_equal(booth_rig_post(rig, "/api/manual", json_pack("{s:s}", "mrz", "P<UTO")), 409);
    assert_true(booth_rig_post(rig, "/api/recover", json_object()) >= 500);
    /* The officer may leave; the crossing waits. */
    assert_int_equal(booth_rig_post(rig, "/api/sign-out", json_object()), 200);
    assert_int_equal(booth_rig_sign_in(rig, BOOTH_RIG_PASSWORD), 200);
    booth_rig_wait_lane(rig, "fault");
    change_outbox(rig, "INSERT INTO head SELECT * FROM kept");
    assert_int_equal(booth_rig_post(rig, "/api/recover", json_object()), 200);
    assert_string_equal(booth_rig_text(rig, "lane"), "deciding");
    assert_string_equal(booth_rig_text(rig, "crossing.crossing_id"), id);
    assert_int_equal(booth_decide(rig, id, "ADMIT", NULL), 200);
    assert_int_equal(booth_rig_int(rig, "seq"), 1);
}

/* ---- S16 */

static void
test_s16_no_portrait_blocks_nothing(void **state)
{
    static const char *const decisions[] = {"ADMIT", "REFER_ASYLUM", "REFER_VULNERABLE"};
    BoothRig *rig = *state;
    booth_ready(rig, "STOP_REFER");
    for (guint i = 0; i < G_N_ELEMENTS(decisions); i++) {
        booth_lay(rig, ADMIT_ME);
        assert_int_equal(booth_result_of(rig, "face", NULL), 4);
        assert_int_equal(booth_rig_int(rig, "crossing.total"), 1);
        g_autofree char *id = booth_current_id(rig);
        assert_int_equal(booth_decide(rig, id, decisions[i], NULL), 200);
        DvCrossingHeader header;
        g_autoptr(json_t) record = booth_open_oldest(rig, &header, NULL);
        json_t *face = json_object_get(record, "face");
        assert_int_equal(json_integer_value(json_object_get(face, "result")), 4);
        assert_string_equal(json_string_value(json_object_get(face, "missing")), "NO_CAMERA");
        deliver_receipt(rig);
    }
}

/* ---- a stranger on the uplink's socket */

typedef struct {
    const char *socket;
    uid_t uid;
    gboolean connected;
} Stranger;

/* The system call itself changes this thread alone, which ends with it. */
static void
connect_as(void *data)
{
    Stranger *stranger = data;
    if (syscall(SYS_setresuid, stranger->uid, stranger->uid, stranger->uid) != 0)
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(GDBusConnection) bus = dv_bus_connect(stranger->socket, 5000, &error);
    stranger->connected = bus != NULL;
    if (bus)
        g_dbus_connection_close_sync(bus, NULL, NULL);
}

static gboolean
lets_in(BoothRig *rig, uid_t uid)
{
    g_autofree char *socket = g_build_filename(rig->dir, "booth.sock", NULL);
    /* The folder's and the socket's modes would keep it out already: it is the peer's user that
     * must not do. */
    assert_int_equal(chmod(rig->dir, 0711), 0);
    assert_int_equal(chmod(socket, 0666), 0);
    Stranger stranger = {.socket = socket, .uid = uid};
    http_peer_with_loop(connect_as, &stranger);
    return stranger.connected;
}

static void
test_only_the_uplinks_user(void **state)
{
    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can be somebody else */
    BoothRigOptions closed = {.training = TRUE};
    BoothRig *rig = booth_rig_new(&closed);
    assert_true(lets_in(rig, 0));
    assert_false(lets_in(rig, NOBODY));
    booth_rig_free(rig);
    BoothRigOptions open = {.training = TRUE, .extra = "uid = 65534\n"};
    rig = booth_rig_new(&open);
    assert_true(lets_in(rig, NOBODY));
    assert_false(lets_in(rig, NOBODY - 1));
    booth_rig_free(rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CLOCK_TEST(test_clock_back_ten_years),
        CLOCK_TEST(test_clock_ahead_ten_years),
        CLOCK_TEST(test_idle_officer_is_signed_out),
        BOOTH_TEST(test_last_decision_leaves_with_its_officer),
        CLOCK_TEST(test_referral_leaves_the_screen),
        BOOTH_TEST(test_two_windows),
        BOOTH_TEST(test_broken_outbox_is_a_fault),
        BOOTH_TEST(test_s16_no_portrait_blocks_nothing),
        cmocka_unit_test(test_only_the_uplinks_user),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
