// SPDX-License-Identifier: Apache-2.0
/*
 * The simulator with a program under umockdev that is no daemon of ours: frames over a real libusb,
 * and a program that is stopped, which must not stop the control socket with it.
 */
#include "usb_camera.h"
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <cmocka.h>

#define PATIENCE_S 20

typedef struct {
    char *directory, *control_path, *seen_path;
    GPid simulator;
    GSocketConnection *control;
    GDataInputStream *answers;
} Desk;

static void
in_child(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

static void
desk_init(Desk *desk, const char *model, const char *product)
{
    gint64 end = g_get_monotonic_time() + PATIENCE_S * G_USEC_PER_SEC;
    g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
    g_autoptr(GSocketClient) client = g_socket_client_new();
    desk->directory = g_dir_make_tmp("darvaza-desk-XXXXXX", NULL);
    desk->control_path = g_build_filename(desk->directory, "control", NULL);
    desk->seen_path = g_build_filename(desk->directory, "seen", NULL);
    const char *const words[] = {g_getenv("DARVAZA_SIMULATOR"),
                                 "--control",
                                 desk->control_path,
                                 "--model",
                                 model,
                                 "--",
                                 self,
                                 "--camera",
                                 product,
                                 desk->seen_path,
                                 NULL};
    assert_true(g_spawn_async(NULL, (char **)words, NULL, G_SPAWN_DO_NOT_REAP_CHILD, in_child, NULL,
                              &desk->simulator, NULL));
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(desk->control_path);
    for (; desk->control == NULL && g_get_monotonic_time() < end; g_usleep(10000))
        desk->control = g_socket_client_connect(client, G_SOCKET_CONNECTABLE(address), NULL, NULL);
    assert_non_null(desk->control);
    g_socket_set_timeout(g_socket_connection_get_socket(desk->control), PATIENCE_S);
    desk->answers =
        g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(desk->control)));
}

/* NULL when it did not answer in time. */
static char *
tell(Desk *desk, const char *command)
{
    g_autofree char *line = g_strconcat(command, "\n", NULL);
    GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(desk->control));
    assert_true(g_output_stream_write_all(out, line, strlen(line), NULL, NULL, NULL));
    return g_data_input_stream_read_line(desk->answers, NULL, NULL, NULL);
}

static void
expect_answer(Desk *desk, const char *command, const char *start)
{
    g_autofree char *answer = tell(desk, command);
    if (answer == NULL || !g_str_has_prefix(answer, start))
        fail_msg("%s: %s", command, answer != NULL ? answer : "no answer");
}

static GPid
program_of(Desk *desk)
{
    g_autofree char *answer = tell(desk, "pid");
    int pid = 0;
    assert_non_null(answer);
    assert_int_equal(sscanf(answer, "ok %d", &pid), 1);
    return pid;
}

static void
desk_clear(Desk *desk)
{
    kill(desk->simulator, SIGTERM);
    waitpid(desk->simulator, NULL, 0);
    g_object_unref(desk->answers);
    g_object_unref(desk->control);
    g_unlink(desk->seen_path);
    g_rmdir(desk->directory);
    g_free(desk->directory);
    g_free(desk->control_path);
    g_free(desk->seen_path);
}

/* Until the program has seen so many good frames. */
static void
await_frames(const Desk *desk, guint count, guint *bad, guint *missing)
{
    gint64 end = g_get_monotonic_time() + PATIENCE_S * G_USEC_PER_SEC;
    guint good = 0;
    for (; good < count; g_usleep(5000)) {
        g_autofree char *seen = NULL;
        if (g_get_monotonic_time() > end)
            fail_msg("only %u frames", good);
        if (g_file_get_contents(desk->seen_path, &seen, NULL, NULL))
            sscanf(seen, "%u %u %u", &good, bad, missing);
    }
}

static void
frames_come_through(const char *model, const char *product)
{
    Desk desk = {0};
    guint bad = 0, missing = 0;
    desk_init(&desk, model, product);
    await_frames(&desk, 60, &bad, &missing);
    assert_int_equal(bad, 0);
    assert_int_equal(missing, 0);
    desk_clear(&desk);
}

static void
bulk_frames_come_through(void **state)
{
    (void)state;
    frames_come_through("uvc-bulk", "000a");
}

static void
isochronous_frames_come_through(void **state)
{
    (void)state;
    frames_come_through("uvc-iso", "000b");
}

/* The program is stopped wherever it happens to be, as a rule within a request of its own: its
 * memory cannot be reached then. */
static void
program_stops_anywhere(void **state)
{
    Desk desk = {0};
    guint bad = 0, missing = 0;
    (void)state;
    desk_init(&desk, "uvc-iso", "000b");
    await_frames(&desk, 3, &bad, &missing);
    GPid program = program_of(&desk);
    for (guint i = 0; i < 60; i++) {
        assert_int_equal(kill(program, SIGSTOP), 0);
        g_usleep(2000); /* it takes effect meanwhile */
        expect_answer(&desk, "status", "ok 1-1=");
        expect_answer(&desk, "frames", "ok ");
        expect_answer(&desk, "fail count=0", "ok");
        assert_int_equal(kill(program, SIGCONT), 0);
        g_usleep((gulong)(i * 137 % 5000));
    }
    assert_int_equal(kill(program, SIGSTOP), 0);
    expect_answer(&desk, "unplug", "ok");
    assert_int_equal(kill(program, SIGCONT), 0);
    desk_clear(&desk);
}

/* A program that reads no events: more than it has room for are not forced upon it. */
static void
program_is_deaf(void **state)
{
    Desk desk = {0};
    guint bad = 0, missing = 0, turns = 0;
    gboolean refused = FALSE;
    (void)state;
    desk_init(&desk, "uvc-bulk", "000a");
    await_frames(&desk, 1, &bad, &missing);
    GPid program = program_of(&desk);
    assert_int_equal(kill(program, SIGSTOP), 0);
    for (; !refused && turns < 1000; turns++) {
        g_autofree char *plugged = tell(&desk, "plug port=1-2 model=cdc-acm");
        assert_non_null(plugged);
        refused = !g_str_equal(plugged, "ok");
        g_autofree char *unplugged = refused ? g_strdup("ok") : tell(&desk, "unplug port=1-2");
        assert_non_null(unplugged);
        assert_string_equal(unplugged, "ok");
    }
    assert_true(refused);
    assert_int_equal(kill(program, SIGCONT), 0);
    for (gint64 end = g_get_monotonic_time() + PATIENCE_S * G_USEC_PER_SEC; refused;) {
        g_autofree char *plugged = tell(&desk, "plug port=1-2 model=cdc-acm");
        assert_non_null(plugged);
        refused = !g_str_equal(plugged, "ok");
        assert_true(g_get_monotonic_time() < end);
    }
    desk_clear(&desk);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bulk_frames_come_through),
        cmocka_unit_test(isochronous_frames_come_through),
        cmocka_unit_test(program_stops_anywhere),
        cmocka_unit_test(program_is_deaf),
    };
    if (argc == 4 && strcmp(argv[1], "--camera") == 0)
        return usb_camera_run((guint)g_ascii_strtoull(argv[2], NULL, 16), argv[3]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
