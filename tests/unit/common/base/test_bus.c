// SPDX-License-Identifier: Apache-2.0
/* D-Bus peer to peer: errors keep their code, peers come and go, who says nothing is left. */
#include "expect.h"
#include <darvaza/bus.h>
#include <glib/gstdio.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const char interface_xml[] =
    "<node><interface name='org.darvaza.Test1'>"
    "<method name='Fail'><arg name='code' type='i' direction='in'/></method>"
    "<method name='Echo'><arg name='a' type='s' direction='in'/>"
    "<arg name='b' type='s' direction='out'/></method>"
    "</interface></node>";

static char *folder, *path;
static GDBusNodeInfo *node;
static int peers;

static int
setup(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("dv-bus-XXXXXX", NULL);
    path = g_build_filename(folder, "bus", NULL);
    node = g_dbus_node_info_new_for_xml(interface_xml, NULL);
    return node != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    g_dbus_node_info_unref(node);
    g_rmdir(folder);
    g_free(path);
    g_free(folder);
    return 0;
}

static void
on_call(GDBusConnection *peer, const char *sender, const char *object, const char *interface,
        const char *method, GVariant *arguments, GDBusMethodInvocation *invocation, void *data)
{
    (void)peer, (void)sender, (void)object, (void)interface, (void)data;
    if (g_str_equal(method, "Echo")) {
        g_dbus_method_invocation_return_value(invocation, arguments);
        return;
    }
    gint32 code;
    g_variant_get(arguments, "(i)", &code);
    g_autoptr(GError) error =
        code < 100 ? g_error_new(DV_ERROR, code, "refused with code %d", code)
                   : g_error_new(G_FILE_ERROR, G_FILE_ERROR_IO, "refused with code %d", code);
    dv_bus_return_error(invocation, error);
}

static void
on_peer(GDBusConnection *peer, void *data)
{
    static const GDBusInterfaceVTable table = {on_call, NULL, NULL, {NULL}};
    (void)data;
    peers++;
    assert_true(g_dbus_connection_register_object(peer, "/t", node->interfaces[0], &table, NULL,
                                                  NULL, NULL) > 0);
}

/* The client blocks, so it has a thread of its own while the server runs the main loop. */
typedef struct {
    void (*work)(void);
    atomic_bool done;
} Client;

static void *
run_client(void *data)
{
    Client *client = data;
    client->work();
    atomic_store(&client->done, TRUE);
    g_main_context_wakeup(NULL);
    return NULL;
}

static void
serve_while(void (*work)(void))
{
    Client client = {.work = work};
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, run_client, &client), 0);
    while (!atomic_load(&client.done))
        g_main_context_iteration(NULL, TRUE);
    pthread_join(thread, NULL);
    while (g_main_context_iteration(NULL, FALSE))
        ;
}

static GVariant *
call(GDBusConnection *bus, const char *method, GVariant *arguments, GError **error)
{
    return g_dbus_connection_call_sync(bus, NULL, "/t", "org.darvaza.Test1", method, arguments,
                                       NULL, G_DBUS_CALL_FLAGS_NONE, 5000, NULL, error);
}

/* Failures inside a thread are kept for the test's own thread, which alone may report them. */
static GString *problems;

static void
problem(const char *what, const char *why)
{
    g_string_append_printf(problems, "%s: %s; ", what, why);
}

static void
try_every_code(void)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GDBusConnection) bus = dv_bus_connect(path, 5000, &error);
    if (bus == NULL) {
        problem("connect", error->message);
        return;
    }
    for (int code = 0; code <= DV_ERROR_CONFIG; code++) {
        g_autoptr(GError) refused = NULL;
        g_autofree char *message = g_strdup_printf("refused with code %d", code);
        g_autoptr(GVariant) answer = call(bus, "Fail", g_variant_new("(i)", code), &refused);
        dv_bus_restore_error(&refused);
        if (answer != NULL || !g_error_matches(refused, DV_ERROR, code) ||
            !g_str_equal(refused->message, message))
            problem(message, refused != NULL ? refused->message : "no error");
    }
    g_autoptr(GError) foreign = NULL, unknown = NULL;
    g_autoptr(GVariant) none = call(bus, "Fail", g_variant_new("(i)", 100), &foreign);
    dv_bus_restore_error(&foreign);
    if (none != NULL || !g_error_matches(foreign, DV_ERROR, DV_ERROR_IO))
        problem("foreign error", "not io");
    g_autoptr(GVariant) nothing = call(bus, "Missing", NULL, &unknown);
    dv_bus_restore_error(&unknown);
    if (nothing != NULL || !g_error_matches(unknown, DV_ERROR, DV_ERROR_INVALID))
        problem("unknown method", "not invalid");
    g_dbus_connection_close_sync(bus, NULL, NULL);
    g_autoptr(GError) closed = NULL;
    g_autoptr(GVariant) late = call(bus, "Echo", g_variant_new("(s)", "x"), &closed);
    dv_bus_restore_error(&closed);
    if (late != NULL || !g_error_matches(closed, DV_ERROR, DV_ERROR_UNAVAILABLE))
        problem("closed connection", "not unavailable");
}

static void
errors_keep_their_code(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvBusServer) server = dv_bus_server_new(path, -1, on_peer, NULL, &error);
    struct stat info;
    EXPECT_NO_ERROR(error);
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0660);
    problems = g_string_new(NULL);
    peers = 0;
    serve_while(try_every_code);
    assert_string_equal(problems->str, "");
    assert_int_equal(peers, 1);
    g_string_free(problems, TRUE);
}

static void
sockets_and_files(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    DvBusServer *server = dv_bus_server_new(path, -1, on_peer, NULL, &error);
    EXPECT_NO_ERROR(error);
    dv_bus_server_free(server);
    assert_int_not_equal(access(path, F_OK), 0);
    assert_null(dv_bus_connect(path, 1000, &error));
    expect_error(&error, DV_ERROR_UNAVAILABLE, path);
    assert_true(g_file_set_contents(path, "mine", -1, NULL));
    assert_null(dv_bus_server_new(path, -1, on_peer, NULL, &error));
    expect_error(&error, DV_ERROR_CONFLICT, "no socket");
    assert_int_equal(g_unlink(path), 0);
}

static void
silent_listener_is_left(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_null(dv_bus_connect(path, 100, &error));
    expect_error(&error, DV_ERROR_UNAVAILABLE, "nobody answered in time");
    close(fd);
    g_unlink(path);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_keep_their_code),
        cmocka_unit_test(sockets_and_files),
        cmocka_unit_test(silent_listener_is_left),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
