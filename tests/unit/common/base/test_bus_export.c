// SPDX-License-Identifier: Apache-2.0
/* One object on every peer's connection: it is told to all, and holds none that closed. */
#include "expect.h"
#include <darvaza/bus.h>
#include <dv-lists1.h>
#include <glib/gstdio.h>
#include <pthread.h>

#define OBJECT "/org/darvaza/Lists1"

static char *folder, *path;
static DvBusLists1 *object;
static DvBusServer *server;

/* Turns the main context until there are so many peers; fails the test after 10 s. */
static void
await_peers(guint count)
{
    gint64 end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    while (dv_bus_export_count(object) != count) {
        assert_true(g_get_monotonic_time() < end);
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
    }
}

static void
on_peer(GDBusConnection *peer, void *data)
{
    (void)data;
    dv_bus_export(object, peer, OBJECT);
}

static int
setup(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("dv-bus-XXXXXX", NULL);
    path = g_build_filename(folder, "bus", NULL);
    object = dv_bus_lists1_skeleton_new();
    server = dv_bus_server_new(path, -1, on_peer, NULL, NULL);
    return server != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    dv_bus_export_free(object);
    dv_bus_server_free(server);
    g_rmdir(folder);
    g_free(path);
    g_free(folder);
    return 0;
}

/* The server's side runs on this thread, so a client connects beside it. */
static void *
connect_beside(void *data)
{
    (void)data;
    return dv_bus_connect(path, 5000, NULL);
}

static GDBusConnection *
connect_one(guint count)
{
    pthread_t thread;
    void *connection = NULL;
    assert_int_equal(pthread_create(&thread, NULL, connect_beside, NULL), 0);
    await_peers(count);
    assert_int_equal(pthread_join(thread, &connection), 0);
    assert_non_null(connection);
    return connection;
}

static void
note(GDBusConnection *connection, const char *sender, const char *at, const char *interface,
     const char *signal, GVariant *arguments, void *told)
{
    (void)connection, (void)sender, (void)at, (void)interface, (void)arguments;
    assert_string_equal(signal, "Wanted");
    ++*(guint *)told;
}

static void
all_peers_are_told(void **state)
{
    (void)state;
    guint told[2] = {0};
    g_autoptr(GDBusConnection) one = connect_one(1);
    g_autoptr(GDBusConnection) other = connect_one(2);
    g_dbus_connection_signal_subscribe(one, NULL, NULL, NULL, NULL, NULL, 0, note, &told[0], NULL);
    g_dbus_connection_signal_subscribe(other, NULL, NULL, NULL, NULL, NULL, 0, note, &told[1],
                                       NULL);
    dv_bus_lists1_emit_wanted(object);
    gint64 end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC;
    while ((told[0] == 0 || told[1] == 0) && g_get_monotonic_time() < end)
        if (!g_main_context_iteration(NULL, FALSE))
            g_usleep(1000);
    assert_int_equal(told[0], 1);
    assert_int_equal(told[1], 1);
    g_dbus_connection_close_sync(one, NULL, NULL);
    g_dbus_connection_close_sync(other, NULL, NULL);
}

static void
a_closed_peer_is_let_go(void **state)
{
    (void)state;
    g_autoptr(GDBusConnection) one = connect_one(1);
    g_autoptr(GDBusConnection) other = connect_one(2);
    g_dbus_connection_close_sync(one, NULL, NULL);
    await_peers(1);
    g_dbus_connection_close_sync(other, NULL, NULL);
    await_peers(0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_peers_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(a_closed_peer_is_let_go, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
