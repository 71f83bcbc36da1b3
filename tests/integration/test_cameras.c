// SPDX-License-Identifier: Apache-2.0
/*
 * Cameras from their wire to the client of darvaza-devices: the real daemon, driver and libusb on
 * simulated cameras, bulk and isochronous, whose frames are numbered. What comes out is whole and
 * in order; what is spoiled, cut or lost is counted and does not come.
 */
#include "camera_client.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TD3                                                                                        \
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<< L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define FRAMES 60

static const char *const models[] = {"uvc-bulk", "uvc-iso", "uvc-yuy2", "uvc-old", "uvc-15"};

typedef struct {
    SimRig *rig;
    SimClient *client;
} Fixture;

static void
begin(Fixture *fixture, const char *settings)
{
    static const char *const words[] = {"--unplugged", NULL};
    fixture->rig = sim_rig_new_with(words, settings);
    fixture->client = sim_client_new(fixture->rig);
    g_assert_true(sim_client_claim(fixture->client, NULL));
}

static void
end(Fixture *fixture)
{
    sim_client_free(fixture->client);
    sim_rig_free(fixture->rig);
}

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    begin(fixture, "");
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    end(fixture);
    g_free(fixture);
    return 0;
}

static void
plug(Fixture *fixture, const char *port, const char *model)
{
    for (;;) { /* a device that leaves silently keeps its place for a while */
        g_autofree char *answer = sim_rig_send(fixture->rig, "plug port=%s model=%s", port, model);
        if (strcmp(answer, "ok") == 0)
            break;
        assert_true(g_str_has_prefix(answer, "error conflict "));
        g_usleep(5000);
    }
    g_autofree char *ready = g_strconcat(port, " ready", NULL);
    sim_client_await_state(fixture->client, ready);
}

static void
unplug(Fixture *fixture, const char *port)
{
    g_autofree char *gone = g_strconcat(port, " gone", NULL);
    sim_rig_do(fixture->rig, "unplug port=%s", port);
    sim_client_await_state(fixture->client, gone);
}

static void
start(Fixture *fixture, const char *port, guint width, guint height, guint fps, const char *format)
{
    g_autoptr(GError) error = NULL;
    if (!camera_start(fixture->client, port, width, height, fps, format, &error))
        fail_msg("%s", error->message);
}

/* So many frames in order; how many numbers between the first and the last never became a frame of
 * the daemon's. Those that did, while this client was not at hand, are told by the serials. */
static guint
take_many(Fixture *fixture, const char *port, guint count, CameraFrame *last)
{
    CameraFrame first = {0};
    for (guint i = 0; i < count; i++) {
        guint before = i > 0 ? last->number : 0;
        guint64 serial = last->serial;
        camera_await(fixture->client, port, serial, last);
        assert_true(last->number > before);
        if (i == 0)
            first = *last;
    }
    return last->number - first.number - (guint)(last->serial - first.serial);
}

/* ---- every camera */

static void
numbered_frames(Fixture *fixture, const char *model, guint width, guint height, const char *format)
{
    CameraFrame frame = {0};
    guint64 untaken;
    guint fps = width > 640 && strcmp(format, "yuy2") == 0 ? 5 : 15;
    plug(fixture, "1-1", model);
    start(fixture, "1-1", width, height, fps, format);
    guint count = fps == 5 ? 10 : FRAMES;
    take_many(fixture, "1-1", 1, &frame);
    untaken = frame.serial;
    guint missing = take_many(fixture, "1-1", count - 1, &frame);
    untaken = frame.serial - untaken - (count - 1);
    printf("%s %ux%u %s: %u frames, %u missing, %" G_GUINT64_FORMAT
           " more that this busy machine's client came too late for\n",
           model, width, height, format, count, missing, untaken);
    assert_in_range(missing, 0, 1);
    assert_int_equal(frame.width, width);
    assert_int_equal(frame.height, height);
    assert_int_equal(frame.mjpeg, strcmp(format, "mjpeg") == 0);
    assert_int_equal(frame.dropped, 0);
    camera_stop(fixture->client, "1-1");
    unplug(fixture, "1-1");
}

static void
test_sixty_numbered_frames(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(models); i++)
        if (strcmp(models[i], "uvc-yuy2") != 0)
            numbered_frames(fixture, models[i], 1280, 960, "mjpeg");
    numbered_frames(fixture, "uvc-bulk", 640, 480, "mjpeg");
    numbered_frames(fixture, "uvc-iso", 640, 480, "yuy2");
    numbered_frames(fixture, "uvc-bulk", 640, 480, "yuy2");
    numbered_frames(fixture, "uvc-15", 1280, 960, "yuy2");
    numbered_frames(fixture, "uvc-yuy2", 1280, 960, "yuy2");
}

static gboolean
streams(Fixture *fixture, const char *port)
{
    g_autofree char *wanted = g_strconcat(port, "=listening", NULL);
    g_autofree char *answer = sim_rig_send(fixture->rig, "status");
    return strstr(answer, wanted) != NULL;
}

static void
await_silence(Fixture *fixture, const char *port)
{
    for (gint64 end = g_get_monotonic_time() + RIG_PATIENCE_S * G_USEC_PER_SEC;
         streams(fixture, port); g_usleep(5000))
        assert_true(g_get_monotonic_time() < end);
}

/* A camera films while somebody wants it: not before, not after, not for one who has gone. */
static void
test_nobody_is_filmed_unasked(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(models); i++) {
        CameraFrame frame = {0};
        plug(fixture, "1-1", models[i]);
        assert_false(streams(fixture, "1-1"));
        start(fixture, "1-1", 0, 0, 0, NULL);
        camera_await(fixture->client, "1-1", 0, &frame);
        camera_stop(fixture->client, "1-1");
        await_silence(fixture, "1-1");
        start(fixture, "1-1", 640, 480, 10, NULL);
        camera_await(fixture->client, "1-1", frame.serial, &frame);
        assert_int_equal(frame.width, 640);
        start(fixture, "1-1", 1280, 960, 10, NULL); /* otherwise, without stopping first */
        while (frame.width != 1280)
            camera_await(fixture->client, "1-1", frame.serial, &frame);
        sim_client_free(fixture->client);
        await_silence(fixture, "1-1");
        fixture->client = sim_client_new(fixture->rig);
        assert_true(sim_client_claim(fixture->client, NULL));
        sim_rig_do(fixture->rig, "unplug port=1-1");
        sim_client_await_state(fixture->client, "1-1 gone");
    }
}

/* ---- what goes wrong */

static guint64
sent_by(Fixture *fixture, const char *port)
{
    g_autofree char *answer = sim_rig_send(fixture->rig, "frames port=%s", port);
    assert_true(g_str_has_prefix(answer, "ok "));
    return g_ascii_strtoull(answer + 3, NULL, 10);
}

/* Spoiled frames are numbered too: each that is missing has been dropped and counted, or no one
 * took it, which the serials tell. */
static void
test_spoiled_frames_are_counted(void **state)
{
    static const char *const kinds[] = {"error", "short", "fid", "eof"};
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(models); i++)
        for (guint k = 0; k < G_N_ELEMENTS(kinds); k++) {
            CameraFrame first = {0}, frame;
            plug(fixture, "1-1", models[i]);
            start(fixture, "1-1", 640, 480, 30, NULL);
            camera_await(fixture->client, "1-1", 0, &first);
            sim_rig_do(fixture->rig, "spoil port=1-1 count=5 kind=%s", kinds[k]);
            guint64 enough = sent_by(fixture, "1-1") + 8;
            for (frame = first; frame.number < enough;)
                take_many(fixture, "1-1", 1, &frame);
            guint missing = frame.number - first.number - (guint)(frame.serial - first.serial);
            printf("%s %s: %u numbers missing, %" G_GUINT64_FORMAT " dropped\n", models[i],
                   kinds[k], missing, frame.dropped);
            assert_int_equal(frame.mjpeg, strcmp(models[i], "uvc-yuy2") != 0);
            /* Without its end mark a frame that is otherwise whole is whole. */
            assert_int_equal(frame.dropped, strcmp(kinds[k], "eof") == 0 ? 0 : 5);
            assert_int_equal(missing, frame.dropped);
            camera_stop(fixture->client, "1-1");
            unplug(fixture, "1-1");
        }
}

/* In the middle of a frame, as one of 2.4 MB is nearly always on its way. The wish stands: what is
 * plugged in again streams again, with serials that go on. */
static void
test_the_cable_is_pulled(void **state)
{
    static const char *const shapes[] = {"gone", "errors", "silent"};
    static const char *const pulled[] = {"uvc-bulk", "uvc-iso"};
    Fixture *fixture = *state;
    CameraFrame frame = {0};
    plug(fixture, "1-1", "uvc-bulk");
    start(fixture, "1-1", 1280, 960, 5, "yuy2");
    for (guint m = 0; m < G_N_ELEMENTS(pulled); m++)
        for (guint s = 0; s < G_N_ELEMENTS(shapes); s++) {
            camera_await(fixture->client, "1-1", frame.serial, &frame);
            sim_rig_do(fixture->rig, "unplug port=1-1 shape=%s", shapes[s]);
            sim_client_await_state(fixture->client, "1-1 gone");
            plug(fixture, "1-1", pulled[m]);
            take_many(fixture, "1-1", 2, &frame);
        }
    for (guint i = 0; i < fixture->client->states->len; i++)
        assert_string_not_equal(g_ptr_array_index(fixture->client->states, i), "1-1 fault");
}

static void
test_halts_and_errors(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(models); i++) {
        gboolean bulk = strcmp(models[i], "uvc-bulk") == 0 || strcmp(models[i], "uvc-15") == 0;
        CameraFrame frame = {0};
        plug(fixture, "1-1", models[i]);
        start(fixture, "1-1", 640, 480, 30, NULL);
        take_many(fixture, "1-1", 3, &frame);
        for (guint round = 0; round < 4; round++) {
            if (bulk)
                sim_rig_do(fixture->rig, "stall port=1-1");
            take_many(fixture, "1-1", 3, &frame);
            sim_rig_do(fixture->rig, "fail port=1-1 count=3");
            take_many(fixture, "1-1", 3, &frame);
        }
        camera_stop(fixture->client, "1-1");
        unplug(fixture, "1-1");
    }
    for (guint i = 0; i < fixture->client->states->len; i++)
        assert_string_not_equal(g_ptr_array_index(fixture->client->states, i), "1-1 fault");
}

/* ---- slow clients, several cameras */

/* Nobody takes for as long as it takes to send 120 frames: the daemon keeps two, not 120 of 614 KB
 * each, and the client finds the newest and a gap. */
static void
test_a_slow_client_costs_nothing(void **state)
{
    Fixture *fixture = *state;
    CameraFrame before = {0}, frame = {0};
    GPid daemon = sim_rig_daemon(fixture->rig);
    plug(fixture, "1-1", "uvc-iso");
    start(fixture, "1-1", 640, 480, 30, "yuy2");
    take_many(fixture, "1-1", 5, &before);
    gsize memory = camera_memory_of(daemon);
    guint64 enough = sent_by(fixture, "1-1") + 120;
    for (gint64 end = g_get_monotonic_time() + 3 * RIG_PATIENCE_S * G_USEC_PER_SEC;
         sent_by(fixture, "1-1") < enough; g_usleep(20000))
        assert_true(g_get_monotonic_time() < end);
    gsize now = camera_memory_of(daemon);
    printf("own memory of the daemon: %zu KiB, 120 frames later %zu KiB\n", memory / 1024,
           now / 1024);
    assert_true(now < memory + 4 * 614400);
    camera_await(fixture->client, "1-1", before.serial, &frame);
    assert_true(frame.serial >= before.serial + 100);
    assert_true(frame.number >= enough - 2);
    assert_int_equal(sim_rig_daemon(fixture->rig), daemon);
}

/* Who asks and never names what came may have eight frames lying in its socket, not any number. */
static void
test_a_client_that_does_not_listen(void **state)
{
    Fixture *fixture = *state;
    CameraFrame frame = {0};
    g_autoptr(GError) error = NULL;
    plug(fixture, "1-1", "uvc-bulk");
    start(fixture, "1-1", 640, 480, 30, "mjpeg");
    for (guint i = 0; i < 8; i++)
        camera_await(fixture->client, "1-1", 0, &frame);
    guint64 last = frame.serial;
    assert_false(camera_take(fixture->client, "1-1", 0, &frame, &error));
    assert_non_null(strstr(error->message, "the frames before were not taken"));
    camera_await(fixture->client, "1-1", last, &frame);
    for (guint i = 0; i < 7; i++)
        camera_await(fixture->client, "1-1", 0, &frame);
}

static void
test_two_cameras_and_a_reader(void **state)
{
    Fixture *fixture = *state;
    CameraFrame left = {0}, right = {0};
    plug(fixture, "1-4", "uvc-iso");
    plug(fixture, "1-2", "uvc-bulk");
    plug(fixture, "1-3", "cdc-acm");
    start(fixture, "1-2", 1280, 960, 15, "mjpeg");
    start(fixture, "1-4", 640, 480, 15, "mjpeg");
    for (guint i = 0; i < 20; i++) {
        take_many(fixture, "1-2", 1, &left);
        take_many(fixture, "1-4", 1, &right);
        assert_int_equal(left.width, 1280);
        assert_int_equal(right.width, 640);
        if (i % 5 == 0) {
            sim_rig_do(fixture->rig, "lay port=1-3 " TD3);
            sim_client_await_documents(fixture->client, i / 5 + 1);
        }
    }
    /* They change places with the other still streaming: a place is what a client names. */
    unplug(fixture, "1-2");
    take_many(fixture, "1-4", 3, &right);
    unplug(fixture, "1-4");
    plug(fixture, "1-2", "uvc-iso");
    plug(fixture, "1-4", "uvc-bulk");
    left.number = right.number = 0;
    camera_await(fixture->client, "1-2", left.serial, &left);
    camera_await(fixture->client, "1-4", right.serial, &right);
    assert_int_equal(left.width, 1280);
    assert_int_equal(right.width, 640);
    assert_int_equal(fixture->client->documents->len, 4);
}

/* ---- who may, and which */

static void
expect_error(gboolean done, GError *error, int code)
{
    assert_false(done);
    dv_bus_restore_error(&error);
    assert_true(g_error_matches(error, DV_ERROR, code));
    g_error_free(error);
}

static void
test_refusals(void **state)
{
    Fixture *fixture = *state;
    SimClient *other = sim_client_new(fixture->rig);
    CameraFrame frame;
    GError *error = NULL;
    plug(fixture, "1-1", "uvc-bulk");
    plug(fixture, "1-2", "cdc-acm");
    gboolean done = camera_start(other, "1-1", 0, 0, 0, NULL, &error);
    expect_error(done, g_steal_pointer(&error), DV_ERROR_DENIED);
    done = camera_take(other, "1-1", 0, &frame, &error);
    expect_error(done, g_steal_pointer(&error), DV_ERROR_DENIED);
    done = camera_start(fixture->client, "1-2", 0, 0, 0, NULL, &error); /* a reader */
    expect_error(done, g_steal_pointer(&error), DV_ERROR_UNAVAILABLE);
    done = camera_start(fixture->client, "1-9", 0, 0, 0, NULL, &error);
    expect_error(done, g_steal_pointer(&error), DV_ERROR_UNAVAILABLE);
    done = camera_start(fixture->client, "1-1", 0, 0, 0, "h264", &error);
    expect_error(done, g_steal_pointer(&error), DV_ERROR_INVALID);
    done = camera_start(fixture->client, "1-1", 70000, 1, 1, NULL, &error);
    expect_error(done, g_steal_pointer(&error), DV_ERROR_INVALID);
    done = camera_take(fixture->client, "1-1", 0, &frame, &error); /* not started */
    expect_error(done, g_steal_pointer(&error), DV_ERROR_INVALID);
    start(fixture, "1-1", 0, 0, 0, NULL);
    done = camera_take(fixture->client, "1-1", G_MAXUINT64 - 1, &frame, &error); /* never comes */
    expect_error(done, g_steal_pointer(&error), DV_ERROR_UNAVAILABLE);
    sim_client_free(other);
}

/* What the daemon lists, without its waiting states: "1-1 uvc ready". */
static char *
listed(Fixture *fixture)
{
    g_autoptr(GVariant) rows = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    assert_true(dv_bus_devices1_call_list_devices_sync(
        fixture->client->proxy, G_DBUS_CALL_FLAGS_NONE, -1, &rows, NULL, NULL));
    for (gsize i = 0; i < g_variant_n_children(rows); i++) {
        g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);
        const char *id = "", *family = "", *detail = "";
        g_variant_lookup(row, "id", "&s", &id);
        g_variant_lookup(row, "family", "&s", &family);
        g_variant_lookup(row, "detail", "&s", &detail);
        g_string_append_printf(text, "%s%s %s%s%s", i > 0 ? "; " : "", id, family,
                               *detail != '\0' ? ": " : "", detail);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

/* Cameras with identities that no table has, and the configuration's word on each. The reader is
 * plugged in last: when it is ready, the daemon has looked at the cameras. */
static void
test_only_listed_cameras_are_opened(void **state)
{
    static const char *const rows[][2] = {
        {"", "1-3 cdc-acm"},
        {"[camera]\nuse = none\ndevices = 1-1; 1bcf:0002", "1-3 cdc-acm"},
        {"[camera]\ndevices = 1-1", "1-1 uvc; 1-3 cdc-acm"},
        {"[camera]\nuse = listed\ndevices = 1bcf:0002 exposure=auto", "1-2 uvc; 1-3 cdc-acm"},
        {"[camera]\nuse = all", "1-1 uvc; 1-2 uvc; 1-3 cdc-acm"},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *settings = g_strconcat("\n", rows[i][0], NULL);
        Fixture fixture;
        begin(&fixture, settings);
        sim_rig_do(fixture.rig, "plug port=1-1 model=uvc-bulk identity=1bcf:0001");
        sim_rig_do(fixture.rig, "plug port=1-2 model=uvc-iso identity=1bcf:0002");
        sim_rig_do(fixture.rig, "plug port=1-3 model=cdc-acm");
        sim_client_await_state(fixture.client, "1-3 ready");
        g_autofree char *text = listed(&fixture);
        assert_string_equal(text, rows[i][1]);
        end(&fixture);
    }
}

/* What the camera takes is silent; what it refuses or does not have is said beside its state. */
static void
test_exposure_and_focus(void **state)
{
    static const char *const rows[][2] = {
        {"exposure=auto focus=auto", "1-1 uvc"},
        {"exposure=156 focus=20", "1-1 uvc"},
        {"focus=60000", "1-1 uvc: this camera refuses the exposure or focus it was told"},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *settings = g_strconcat("\n[camera]\ndevices = 1-1 ", rows[i][0], NULL);
        Fixture fixture;
        CameraFrame frame = {0};
        begin(&fixture, settings);
        plug(&fixture, "1-1", "uvc-bulk");
        start(&fixture, "1-1", 640, 480, 30, NULL);
        take_many(&fixture, "1-1", 2, &frame);
        g_autofree char *text = listed(&fixture);
        assert_string_equal(text, rows[i][1]);
        end(&fixture);
    }
}

/* ---- soak */

static guint
descriptors_of(GPid pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/fd", pid);
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    guint count = 0;
    assert_non_null(directory);
    while (g_dir_read_name(directory) != NULL)
        count++;
    return count;
}

/* One turn of a camera's life: perhaps it is started, perhaps in two ways, perhaps it halts or
 * spoils frames, perhaps it is stopped, and the cable goes sometime. */
static void
turn(Fixture *fixture, GRand *random, guint64 *serial)
{
    static const char *const shapes[] = {"gone", "errors", "silent"};
    const char *model = models[g_rand_int_range(random, 0, G_N_ELEMENTS(models))];
    CameraFrame frame;
    plug(fixture, "1-1", model);
    for (gint part = g_rand_int_range(random, 0, 4); part > 0; part--) {
        gboolean large = g_rand_boolean(random);
        start(fixture, "1-1", large ? 1280 : 640, large ? 960 : 480, 30, NULL);
        if (g_rand_int_range(random, 0, 3) > 0) {
            camera_await(fixture->client, "1-1", *serial, &frame);
            *serial = frame.serial;
        }
        if (g_rand_boolean(random)) /* refused for an isochronous one */
            g_free(sim_rig_send(fixture->rig, "stall port=1-1"));
        if (g_rand_int_range(random, 0, 3) == 0)
            sim_rig_do(fixture->rig, "fail port=1-1 count=2");
        if (g_rand_int_range(random, 0, 3) == 0)
            sim_rig_do(fixture->rig, "spoil port=1-1 count=1 kind=short");
        if (g_rand_int_range(random, 0, 3) == 0)
            camera_stop(fixture->client, "1-1");
    }
    sim_rig_do(fixture->rig, "unplug port=1-1 shape=%s", shapes[g_rand_int_range(random, 0, 3)]);
    sim_client_await_state(fixture->client, "1-1 gone");
    if (g_rand_boolean(random))
        camera_stop(fixture->client, "1-1");
}

/* With a camera plugged in and nobody looking, so that nothing is still being closed. */
static guint
descriptors_at_rest(Fixture *fixture)
{
    camera_stop(fixture->client, "1-1");
    plug(fixture, "1-1", models[0]);
    guint count = descriptors_of(sim_rig_daemon(fixture->rig));
    unplug(fixture, "1-1");
    return count;
}

static void
test_soak(void **state)
{
    Fixture *fixture = *state;
    const char *given = g_getenv("DARVAZA_SEED");
    guint32 seed = given != NULL ? (guint32)g_ascii_strtoull(given, NULL, 10) : g_random_int();
    guint cycles = g_strcmp0(g_getenv("DARVAZA_FULL"), "1") == 0 ? 500 : 30;
    GRand *random = g_rand_new_with_seed(seed);
    guint64 serial = 0;
    printf("seed %u, %u cycles\n", seed, cycles);
    fflush(stdout);
    for (guint i = 0; i < 3; i++)
        turn(fixture, random, &serial);
    GPid daemon = sim_rig_daemon(fixture->rig);
    guint before = descriptors_at_rest(fixture);
    gsize memory = camera_memory_of(daemon);
    for (guint i = 0; i < cycles; i++)
        turn(fixture, random, &serial);
    assert_int_equal(sim_rig_daemon(fixture->rig), daemon); /* it was never started again */
    assert_int_equal(descriptors_at_rest(fixture), before);
    printf("seed %u: %u cycles, %" G_GUINT64_FORMAT
           " frames, %u descriptors, own memory %zu KiB, before %zu KiB\n",
           seed, cycles, serial, before, camera_memory_of(daemon) / 1024, memory / 1024);
#ifndef __SANITIZE_ADDRESS__ /* which keeps what was freed */
    assert_true(camera_memory_of(daemon) < memory + 2 * (gsize)(8u << 20));
#endif
    plug(fixture, "1-1", "uvc-iso"); /* no state is stuck */
    start(fixture, "1-1", 640, 480, 30, NULL);
    CameraFrame frame;
    camera_await(fixture->client, "1-1", serial, &frame);
    g_rand_free(random);
}

int
main(int argc, char **argv)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH(test_sixty_numbered_frames),
        WITH(test_nobody_is_filmed_unasked),
        WITH(test_spoiled_frames_are_counted),
        WITH(test_the_cable_is_pulled),
        WITH(test_halts_and_errors),
        WITH(test_a_slow_client_costs_nothing),
        WITH(test_a_client_that_does_not_listen),
        WITH(test_two_cameras_and_a_reader),
        WITH(test_refusals),
        cmocka_unit_test(test_only_listed_cameras_are_opened),
        cmocka_unit_test(test_exposure_and_focus),
    };
    const struct CMUnitTest soak[] = {WITH(test_soak)};
    if (argc > 1 && strcmp(argv[1], "--soak") == 0)
        return cmocka_run_group_tests(soak, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
