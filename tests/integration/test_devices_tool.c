// SPDX-License-Identifier: Apache-2.0
/* darvaza devices and darvaza simulate against a desk. DARVAZA_TOOL names the command. */
#include "camera_client.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#define DOCUMENTS                                                                                  \
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"                                               \
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10\n\n\n"                                           \
    "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\n"                             \
    "ERIKSSON<<ANNA<MARIA<<<<<<<<<<\n"

typedef struct {
    int status;
    char *out, *err;
} Run;

static Run
run(const char *first, ...)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    Run result = {0};
    int wait_status = 0;
    va_list arguments;
    g_ptr_array_add(words, (gpointer)g_getenv("DARVAZA_TOOL"));
    va_start(arguments, first);
    for (const char *word = first; word != NULL; word = va_arg(arguments, const char *))
        g_ptr_array_add(words, (gpointer)word);
    va_end(arguments);
    g_ptr_array_add(words, NULL);
    assert_true(g_spawn_sync(NULL, (char **)words->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL,
                             &result.out, &result.err, &wait_status, NULL));
    assert_true(WIFEXITED(wait_status));
    result.status = WEXITSTATUS(wait_status);
    return result;
}

/* Runs to its end, compares the exit status and looks for a text in what was printed. */
static void
expect(Run got, int status, const char *text)
{
    assert_int_equal(got.status, status);
    if (strstr(got.out, text) == NULL)
        assert_non_null(strstr(got.err, text));
    g_free(got.out);
    g_free(got.err);
}

static void
test_lists_and_lays(void **state)
{
    SimRig *rig = sim_rig_new(NULL);
    SimClient *client = sim_client_new(rig);
    g_autofree char *file = g_build_filename(rig->directory, "documents", NULL);
    (void)state;
    assert_true(g_file_set_contents(file, DOCUMENTS, -1, NULL));
    assert_true(sim_client_claim(client, NULL));
    sim_rig_await_listening(rig, "1-1");
    expect(run("devices", "--socket", rig->socket_path, NULL), 0, "1-1      1209:0001  cdc-acm");
    expect(run("devices", "--socket", rig->socket_path, "--json", NULL), 0, "\"state\":\"ready\"");
    expect(run("simulate", "--control", rig->control_path, "lay", file, NULL), 0, "ok ");
    sim_client_await_documents(client, 2);
    expect(run("simulate", "--control", rig->control_path, "hold", "no", NULL), 0, "ok");
    expect(run("simulate", "--control", rig->control_path, "permit", "yes", NULL), 0, "ok");
    expect(run("simulate", "--control", rig->control_path, "unplug", NULL), 0, "ok");
    sim_client_await_state(client, "1-1 gone");
    expect(run("devices", "--socket", rig->socket_path, NULL), 1, "no reader and no camera");
    expect(run("simulate", "--control", rig->control_path, "unplug", NULL), 1,
           "nothing is plugged");
    expect(run("simulate", "--control", rig->control_path, "dance", NULL), 1, "no such command");
    /* Another family in its place. */
    expect(run("simulate", "--control", rig->control_path, "plug", "model=hid-keyboard",
               "layout=us", NULL),
           0, "ok");
    sim_client_await_state(client, "1-1 ready");
    expect(run("devices", "--socket", rig->socket_path, NULL), 0, "hid-keyboard");
    expect(run("simulate", "--control", rig->control_path, "lay", file, NULL), 0, "ok ");
    sim_client_await_documents(client, 4);
    expect(run("simulate", "--control", rig->control_path, "desktop", NULL), 0, "ok 0");
    expect(
        run("simulate", "--control", rig->control_path, "plug", "port=1-2", "model=abacus", NULL),
        1, "model is none of");
    expect(run("simulate", "--control", rig->control_path, "plug", "port=1-2", "model=hid-keyboard",
               "layout=xx", NULL),
           1, "no option layout=xx");
    assert_int_equal(remove(file), 0);
    sim_client_free(client);
    sim_rig_free(rig);
}

/* Without a daemon: the command itself looks at the bus, so it is what the desk runs. */
static void
test_looks_at_the_bus_itself(void **state)
{
    g_autofree char *directory = g_dir_make_tmp("darvaza-list-XXXXXX", NULL);
    g_autofree char *control = g_build_filename(directory, "control", NULL);
    g_autofree char *printed = g_build_filename(directory, "printed", NULL);
    g_autofree char *script =
        g_strdup_printf("'%s' devices >'%s.new' && mv '%s.new' '%s'; exec sleep 60",
                        g_getenv("DARVAZA_TOOL"), printed, printed, printed);
    const char *words[] = {
        g_getenv("DARVAZA_SIMULATOR"), "--control", control, "--", "sh", "-c", script, NULL};
    g_autofree char *text = NULL;
    GPid simulator = 0;
    (void)state;
    assert_true(g_spawn_async(NULL, (char **)words, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL,
                              &simulator, NULL));
    for (guint i = 0; i < RIG_PATIENCE_S * 100 && text == NULL; i++) {
        g_usleep(10000);
        g_file_get_contents(printed, &text, NULL, NULL);
    }
    kill(simulator, SIGTERM);
    waitpid(simulator, NULL, 0);
    assert_non_null(text);
    assert_string_equal(text, "1-1      1209:0001  cdc-acm  attached Simulated serial reader"
                              "  [never tried on hardware]\n");
    g_unlink(printed);
    g_rmdir(directory);
}

static void
test_bad_use(void **state)
{
    (void)state;
    expect(run("devices", "--colour", NULL), 2, "Unknown option");
    expect(run("devices", "here", NULL), 2, "no further words");
    expect(run("devices", "--socket", "/nonexistent", NULL), 1, "/nonexistent");
    expect(run("simulate", NULL), 2, "Usage");
    expect(run("simulate", "--control", "/nonexistent", "pid", NULL), 1, "no simulator at");
    expect(run("devices", "--print-udev", NULL), 0, "GROUP=\"darvaza\"");
    expect(run("devices", "--print-hwdb", NULL), 0, "DARVAZA_READER=");
}

static void
test_shows_what_a_camera_sees(void **state)
{
    SimRig *rig = sim_rig_new_with((const char *const[]){"--model", "uvc-bulk", NULL}, "");
    SimClient *client = sim_client_new(rig);
    g_autofree char *folder = g_build_filename(rig->directory, "frames", NULL);
    g_autofree char *bytes = NULL;
    gsize length = 0;
    (void)state;
    assert_int_equal(g_mkdir(folder, 0700), 0);
    assert_true(
        sim_client_claim(client, NULL)); /* until it is ready, then it gives the lane back */
    while (!camera_start(client, "1-1", 0, 0, 0, NULL, NULL))
        g_usleep(10000);
    expect(run("devices", "--socket", rig->socket_path, "--camera", "1-1", "--frames", "1", NULL),
           1, "held by another client");
    sim_client_free(client);
    for (Run got;;) { /* the daemon hears of the end of a connection a little later */
        got = run("devices", "--socket", rig->socket_path, "--camera", "1-1", "--frames", "3",
                  "--size", "640x480@15", "--out", folder, NULL);
        if (got.status == 1 && strstr(got.err, "held by") != NULL) {
            g_free(got.out);
            g_free(got.err);
            continue;
        }
        expect(got, 0, "\"format\":\"mjpeg\",\"height\":480,\"serial\":");
        break;
    }

    g_autoptr(GDir) kept = g_dir_open(folder, 0, NULL);
    guint count = 0;
    for (const char *name; (name = g_dir_read_name(kept)) != NULL; count++) {
        g_autofree char *path = g_build_filename(folder, name, NULL);
        g_clear_pointer(&bytes, g_free);
        assert_true(g_file_get_contents(path, &bytes, &length, NULL));
        assert_memory_equal(bytes, "\xff\xd8", 2);
        assert_memory_equal(bytes + length - 2, "\xff\xd9", 2);
        g_unlink(path);
    }
    assert_int_equal(count, 3);
    g_rmdir(folder);
    expect(run("devices", "--camera", "1-1", NULL), 2, "--frames");
    expect(run("devices", "--frames", "2", "--socket", "x", NULL), 2, "--camera");
    static const char *const sizes[] = {"big", "1280x960garbage", "1280x960@", "1280x960@30s"};
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        expect(run("devices", "--frames", "2", "--socket", "x", "--camera", "1-1", "--size",
                   sizes[i], NULL),
               2, "no size");
    expect(run("devices", "--socket", rig->socket_path, "--camera", "1-1", "--frames", "1",
               "--lane", "lane-2", NULL),
           1, "lane-2 is not served");
    sim_rig_free(rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shows_what_a_camera_sees),
        cmocka_unit_test(test_lists_and_lays),
        cmocka_unit_test(test_looks_at_the_bus_itself),
        cmocka_unit_test(test_bad_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
