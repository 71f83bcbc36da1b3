// SPDX-License-Identifier: Apache-2.0
/*
 * A document held before a camera, from the simulated camera's wire to the client of
 * darvaza-devices: real daemon, driver, libusb and darvaza-vision. It comes out once, exactly, with
 * its images, whatever becomes of the camera, the reader beside it or the process that reads.
 * usage: test_document_camera PAGE.jpg
 */
#include "sim_rig.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <gio/gunixfdlist.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define READ_BY_CAMERA "1-1|" TD3_1 "|" TD3_2
#define TD1_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define TD1_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define TD1_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
#define MANY_FRAMES 150 /* five seconds: of which far more than ten are read */
#define HAND_FRAMES 40  /* more than a second: as long as a hand takes a document away */
#define HAND_US (2500 * 1000)

static const char *page;

typedef struct {
    SimRig *rig;
    SimClient *client;
} Fixture;

static int
setup(void **state)
{
    const char *const extra[] = {"--model", "uvc-bulk", NULL};
    g_autofree char *settings = g_strdup_printf(
        "\n[camera]\ndocument = 1-1\n[vision]\nprogram = %s\n", g_getenv("DARVAZA_VISION"));
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->rig = sim_rig_new_with(extra, settings);
    fixture->client = sim_client_new(fixture->rig);
    g_assert_true(sim_client_claim(fixture->client, NULL));
    sim_rig_await_listening(fixture->rig, "1-1");
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    sim_client_free(fixture->client);
    sim_rig_free(fixture->rig);
    g_free(fixture);
    return 0;
}

static const char *
document(const Fixture *fixture, guint index)
{
    return g_ptr_array_index(fixture->client->documents, index);
}

static guint64
frames_sent(const Fixture *fixture)
{
    g_autofree char *answer = sim_rig_send(fixture->rig, "frames");
    assert_true(g_str_has_prefix(answer, "ok "));
    return g_ascii_strtoull(answer + 3, NULL, 10);
}

/* Until the camera has sent so many more, or a document more was told. */
static void
let_frames_pass(const Fixture *fixture, guint count, guint documents)
{
    guint64 until = frames_sent(fixture) + count;
    while (frames_sent(fixture) < until && fixture->client->documents->len < documents) {
        g_usleep(5000);
        sim_client_sync(fixture->client);
    }
}

/* Shows the page until it has been told; between tries the card, so that it counts as laid again.
 */
static void
lay_again(const Fixture *fixture, guint documents)
{
    for (guint tries = 0; tries < 20 && fixture->client->documents->len < documents; tries++) {
        sim_rig_do(fixture->rig, "show");
        let_frames_pass(fixture, MANY_FRAMES, documents);
        sim_rig_do(fixture->rig, "show %s", page);
        let_frames_pass(fixture, MANY_FRAMES, documents);
    }
    assert_int_equal(fixture->client->documents->len, documents);
    assert_string_equal(document(fixture, documents - 1), READ_BY_CAMERA);
}

/* The image's first and last two bytes and its length; -1 and *code where there is none. */
static gssize
take_page(const Fixture *fixture, guint64 serial, const char *part, int *code)
{
    g_autoptr(GVariant) meta = NULL, handle = NULL;
    g_autoptr(GUnixFDList) list = NULL;
    g_autoptr(GError) error = NULL;
    struct stat status;
    if (!dv_bus_devices1_call_take_page_sync(fixture->client->proxy, serial, part,
                                             G_DBUS_CALL_FLAGS_NONE, -1, NULL, &meta, &handle,
                                             &list, NULL, &error)) {
        dv_bus_restore_error(&error);
        *code = error->code;
        return -1;
    }
    int file = g_unix_fd_list_get(list, 0, NULL);
    assert_int_equal(fstat(file, &status), 0);
    const guint8 *bytes = mmap(NULL, (gsize)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    assert_true(bytes != MAP_FAILED);
    assert_true(bytes[0] == 0xff && bytes[1] == 0xd8);
    assert_true(bytes[status.st_size - 2] == 0xff && bytes[status.st_size - 1] == 0xd9);
    munmap((void *)bytes, (gsize)status.st_size);
    close(file);
    return status.st_size;
}

static void
held_before_the_camera(void **state)
{
    Fixture *fixture = *state;
    int code = 0;
    sim_rig_do(fixture->rig, "show %s", page);
    sim_client_await_documents(fixture->client, 1);
    assert_string_equal(document(fixture, 0), READ_BY_CAMERA);
    assert_int_equal(fixture->client->started, 1);
    guint64 serial = g_array_index(fixture->client->serials, guint64, 0);
    assert_int_equal(serial, 1);
    assert_true(take_page(fixture, serial, "page", &code) > 20000);
    assert_true(take_page(fixture, serial, "zone", &code) > 1000);
    assert_int_equal(take_page(fixture, serial + 1, "page", &code), -1);
    assert_int_equal(code, DV_ERROR_UNAVAILABLE);
    assert_int_equal(take_page(fixture, serial, "portrait of nobody", &code), -1);
    assert_int_equal(code, DV_ERROR_INVALID);
    let_frames_pass(fixture, 2 * MANY_FRAMES, 2);
    assert_int_equal(fixture->client->documents->len, 1); /* it still lies there */
    assert_int_equal(fixture->client->failed, 0);
    lay_again(fixture, 2);
}

/* A hand over the zone, and the zone once more as the document is lifted: it is not told again. */
static void
taken_away_by_a_hand(void **state)
{
    Fixture *fixture = *state;
    sim_rig_do(fixture->rig, "show %s", page);
    sim_client_await_documents(fixture->client, 1);
    for (guint tries = 0; tries < 10; tries++) {
        guint documents = fixture->client->documents->len;
        gint64 began = g_get_monotonic_time();
        sim_rig_do(fixture->rig, "show");
        let_frames_pass(fixture, HAND_FRAMES, documents + 1);
        sim_rig_do(fixture->rig, "show %s", page);
        let_frames_pass(fixture, 10, documents + 1);
        gint64 took = g_get_monotonic_time() - began;
        let_frames_pass(fixture, MANY_FRAMES, documents + 1);
        if (took < HAND_US) { /* a machine that was held up made the hand stay for longer */
            assert_int_equal(fixture->client->documents->len, documents);
            return;
        }
    }
    print_message("this machine is too slow for a hand\n");
    skip();
}

/* The reader breaks down, the traveller's document is held before the camera; nothing restarts. */
static void
reader_then_camera(void **state)
{
    Fixture *fixture = *state;
    GPid before = sim_rig_daemon(fixture->rig);
    sim_rig_do(fixture->rig, "plug port=1-2 model=cdc-acm");
    sim_rig_await_listening(fixture->rig, "1-2");
    sim_rig_do(fixture->rig, "lay port=1-2 " TD1_1 " " TD1_2 " " TD1_3);
    sim_client_await_documents(fixture->client, 1);
    assert_string_equal(document(fixture, 0), "1-2|" TD1_1 "|" TD1_2 "|" TD1_3);
    sim_rig_do(fixture->rig, "unplug port=1-2");
    sim_client_await_state(fixture->client, "1-2 gone");
    sim_rig_do(fixture->rig, "show %s", page);
    sim_client_await_documents(fixture->client, 2);
    assert_string_equal(document(fixture, 1), READ_BY_CAMERA);
    assert_int_equal(sim_rig_daemon(fixture->rig), before);
}

/* The one child of the daemon that is called so. */
static GPid
vision_pid(const Fixture *fixture)
{
    GPid daemon = sim_rig_daemon(fixture->rig);
    g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/children", daemon, daemon);
    g_autofree char *children = NULL;
    assert_true(g_file_get_contents(path, &children, NULL, NULL));
    g_auto(GStrv) pids = g_strsplit(g_strstrip(children), " ", -1);
    for (guint i = 0; pids[i] != NULL; i++) {
        g_autofree char *name_path = g_strdup_printf("/proc/%s/comm", pids[i]);
        g_autofree char *name = NULL;
        if (g_file_get_contents(name_path, &name, NULL, NULL) &&
            g_str_has_prefix(name, "darvaza-vision"))
            return (GPid)g_ascii_strtoll(pids[i], NULL, 10);
    }
    return 0;
}

static void
process_is_killed(void **state)
{
    Fixture *fixture = *state;
    sim_rig_do(fixture->rig, "show %s", page);
    sim_client_await_documents(fixture->client, 1);
    for (guint round = 0; round < 3; round++) {
        GPid pid = vision_pid(fixture);
        if (pid > 0) /* between two of them there is none */
            kill(pid, SIGKILL);
        lay_again(fixture, 2 + round);
    }
}

static void
camera_is_pulled(void **state)
{
    Fixture *fixture = *state;
    sim_rig_do(fixture->rig, "show %s", page);
    sim_client_await_documents(fixture->client, 1);
    sim_rig_do(fixture->rig, "unplug");
    sim_client_await_state(fixture->client, "1-1 gone");
    sim_rig_do(fixture->rig, "plug model=uvc-bulk");
    sim_rig_await_listening(fixture->rig, "1-1");
    lay_again(fixture, 2);
}

/* Nobody is filmed for nobody, and nothing of a traveller stays. */
static void
lane_is_given_back(void **state)
{
    Fixture *fixture = *state;
    int code = 0;
    sim_rig_do(fixture->rig, "show %s", page);
    sim_client_await_documents(fixture->client, 1);
    guint64 serial = g_array_index(fixture->client->serials, guint64, 0);
    assert_true(dv_bus_devices1_call_release_lane_sync(fixture->client->proxy, RIG_LANE,
                                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL));
    assert_int_equal(take_page(fixture, serial, "page", &code), -1);
    assert_int_equal(code, DV_ERROR_DENIED);
    for (guint64 last = 0, now; (now = frames_sent(fixture)) != last; last = now)
        g_usleep(200000); /* until two looks find the same number */
    assert_true(sim_client_claim(fixture->client, NULL));
    assert_int_equal(take_page(fixture, serial, "page", &code), -1);
    assert_int_equal(code, DV_ERROR_UNAVAILABLE);
    sim_client_await_documents(fixture->client, 2); /* a new holder is told what lies there */
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(held_before_the_camera, setup, teardown),
        cmocka_unit_test_setup_teardown(taken_away_by_a_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(reader_then_camera, setup, teardown),
        cmocka_unit_test_setup_teardown(process_is_killed, setup, teardown),
        cmocka_unit_test_setup_teardown(camera_is_pulled, setup, teardown),
        cmocka_unit_test_setup_teardown(lane_is_given_back, setup, teardown),
    };
    g_assert_true(argc == 2);
    page = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
