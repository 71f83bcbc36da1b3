// SPDX-License-Identifier: Apache-2.0
#include "sim_rig.h"
#include <darvaza/bus.h>
#include <darvaza/clock.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define OBJECT_PATH "/org/darvaza/Devices1"

static gint64
deadline(void)
{
    return g_get_monotonic_time() + RIG_PATIENCE_S * G_USEC_PER_SEC;
}

static void
write_config(const SimRig *rig, const char *path, const char *devices)
{
    g_autofree char *text = g_strdup_printf("[ipc]\nsocket = %s\n[lane]\nname = " RIG_LANE
                                            "\n[reader]\naccept_test_identity = true\n"
                                            "devices = %s\n",
                                            rig->socket_path, devices);
    g_assert_true(g_file_set_contents(path, text, -1, NULL));
}

static void
connect_control(SimRig *rig)
{
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(rig->control_path);
    for (gint64 end = deadline(); rig->control == NULL && g_get_monotonic_time() < end;) {
        rig->control = g_socket_client_connect(client, G_SOCKET_CONNECTABLE(address), NULL, NULL);
        if (rig->control == NULL)
            g_usleep(10000);
    }
    g_assert_nonnull(rig->control);
    rig->answers = g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(rig->control)));
}

/* A test that fails hard must not leave the desk behind. */
static void
in_child(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
}

SimRig *
sim_rig_new(const char *const *extra)
{
    return sim_rig_new_with(extra, "");
}

SimRig *
sim_rig_new_with(const char *const *extra, const char *settings)
{
    const char *simulator = g_getenv("DARVAZA_SIMULATOR"), *devices = g_getenv("DARVAZA_DEVICES");
    g_assert_nonnull(simulator);
    g_assert_nonnull(devices);
    SimRig *rig = g_new0(SimRig, 1);
    rig->directory = g_dir_make_tmp("darvaza-rig-XXXXXX", NULL);
    rig->control_path = g_build_filename(rig->directory, "control", NULL);
    rig->socket_path = g_build_filename(rig->directory, "devices", NULL);
    g_autofree char *config = g_build_filename(rig->directory, "devices.ini", NULL);
    write_config(rig, config, settings);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    const char *const head[] = {simulator, "--control", rig->control_path};
    /* Leaks are looked for in the daemon alone; without a sanitizer this says nothing. */
    gboolean leaks = g_getenv("DARVAZA_LEAKS") != NULL;
    const char *const tail[] = {"--",   "env", "ASAN_OPTIONS=detect_leaks=1", devices, "--config",
                                config, NULL};
    for (guint i = 0; i < G_N_ELEMENTS(head); i++)
        g_ptr_array_add(words, (gpointer)head[i]);
    for (guint i = 0; extra != NULL && extra[i] != NULL; i++)
        g_ptr_array_add(words, (gpointer)extra[i]);
    for (guint i = 0; i < G_N_ELEMENTS(tail); i++)
        if (leaks || (i != 1 && i != 2))
            g_ptr_array_add(words, (gpointer)tail[i]);
    g_assert_true(g_spawn_async(NULL, (char **)words->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD,
                                in_child, NULL, &rig->simulator, NULL));
    connect_control(rig);
    return rig;
}

void
sim_rig_free(SimRig *rig)
{
    g_autofree char *config = g_build_filename(rig->directory, "devices.ini", NULL);
    kill(rig->simulator, SIGTERM);
    waitpid(rig->simulator, NULL, 0);
    g_object_unref(rig->answers);
    g_object_unref(rig->control);
    g_unlink(config);
    g_unlink(rig->control_path);
    g_unlink(rig->socket_path);
    g_rmdir(rig->directory);
    g_free(rig->directory);
    g_free(rig->control_path);
    g_free(rig->socket_path);
    g_free(rig);
}

static char *
send_command(SimRig *rig, const char *command)
{
    g_autofree char *line = g_strconcat(command, "\n", NULL);
    GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(rig->control));
    g_assert_true(g_output_stream_write_all(out, line, strlen(line), NULL, NULL, NULL));
    char *answer = g_data_input_stream_read_line(rig->answers, NULL, NULL, NULL);
    g_assert_nonnull(answer);
    return answer;
}

char *
sim_rig_send(SimRig *rig, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    return send_command(rig, command);
}

void
sim_rig_do(SimRig *rig, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *command = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *answer = send_command(rig, command);
    if (!g_str_has_prefix(answer, "ok"))
        g_error("%s: %s", command, answer);
}

GPid
sim_rig_daemon(SimRig *rig)
{
    g_autofree char *answer = send_command(rig, "pid");
    gint64 pid = 0;
    g_assert_true(g_str_has_prefix(answer, "ok "));
    g_assert_true(g_ascii_string_to_signed(answer + 3, 10, 0, G_MAXINT32, &pid, NULL));
    return (GPid)pid;
}

void
sim_rig_await_listening(SimRig *rig, const char *port)
{
    g_autofree char *wanted = g_strconcat(port, "=listening", NULL);
    for (gint64 end = deadline(); g_get_monotonic_time() < end; g_usleep(5000)) {
        g_autofree char *answer = send_command(rig, "status");
        if (strstr(answer, wanted) != NULL)
            return;
    }
    g_error("nobody listens to %s", port);
}

/* ---- clients */

static void
on_document(DvBusDevices1 *proxy, const char *device, guint64 serial, const char *const *lines,
            GVariant *meta, SimClient *client)
{
    gint64 now = dv_clock_mono_us();
    g_autofree char *rows = g_strjoinv("|", (char **)lines);
    (void)proxy;
    (void)meta;
    g_ptr_array_add(client->documents, g_strconcat(device, "|", rows, NULL));
    g_array_append_val(client->serials, serial);
    g_array_append_val(client->told_us, now);
}

static void
on_started(DvBusDevices1 *proxy, const char *device, SimClient *client)
{
    (void)proxy;
    (void)device;
    client->started++;
}

static void
on_failed(DvBusDevices1 *proxy, const char *device, const char *detail, SimClient *client)
{
    (void)proxy;
    (void)device;
    (void)detail;
    client->failed++;
}

static void
on_changed(DvBusDevices1 *proxy, GVariant *device, SimClient *client)
{
    const char *id = NULL, *state = NULL;
    (void)proxy;
    g_assert_true(g_variant_lookup(device, "id", "&s", &id));
    g_assert_true(g_variant_lookup(device, "state", "&s", &state));
    g_ptr_array_add(client->states, g_strconcat(id, " ", state, NULL));
}

SimClient *
sim_client_new(SimRig *rig)
{
    SimClient *client = g_new0(SimClient, 1);
    for (gint64 end = deadline(); client->connection == NULL && g_get_monotonic_time() < end;) {
        client->connection = dv_bus_connect(rig->socket_path, 1000, NULL);
        if (client->connection == NULL)
            g_usleep(10000);
    }
    g_assert_nonnull(client->connection);
    client->proxy = dv_bus_devices1_proxy_new_sync(client->connection,
                                                   G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
                                                   OBJECT_PATH, NULL, NULL);
    g_assert_nonnull(client->proxy);
    client->documents = g_ptr_array_new_with_free_func(g_free);
    client->states = g_ptr_array_new_with_free_func(g_free);
    client->serials = g_array_new(FALSE, FALSE, sizeof(guint64));
    client->told_us = g_array_new(FALSE, FALSE, sizeof(gint64));
    g_signal_connect(client->proxy, "document-read", G_CALLBACK(on_document), client);
    g_signal_connect(client->proxy, "reading-started", G_CALLBACK(on_started), client);
    g_signal_connect(client->proxy, "reading-failed", G_CALLBACK(on_failed), client);
    g_signal_connect(client->proxy, "device-changed", G_CALLBACK(on_changed), client);
    return client;
}

void
sim_client_free(SimClient *client)
{
    g_signal_handlers_disconnect_by_data(client->proxy, client);
    g_object_unref(client->proxy);
    g_dbus_connection_close_sync(client->connection, NULL, NULL);
    g_object_unref(client->connection);
    g_ptr_array_unref(client->documents);
    g_ptr_array_unref(client->states);
    g_array_unref(client->serials);
    g_array_unref(client->told_us);
    g_free(client);
}

gboolean
sim_client_claim(SimClient *client, GError **error)
{
    return dv_bus_devices1_call_claim_lane_sync(client->proxy, RIG_LANE, G_DBUS_CALL_FLAGS_NONE, -1,
                                                NULL, error);
}

static gboolean
wake(gpointer data)
{
    (void)data;
    return G_SOURCE_CONTINUE;
}

typedef gboolean (*Condition)(SimClient *client, gconstpointer wanted);

static void
await(SimClient *client, Condition condition, gconstpointer wanted, const char *what)
{
    guint timer = g_timeout_add(50, wake, NULL);
    for (gint64 end = deadline(); !condition(client, wanted);) {
        if (g_get_monotonic_time() > end)
            g_error("waited in vain for %s (%u documents, %u failures, last state %s)", what,
                    client->documents->len, client->failed,
                    client->states->len == 0
                        ? "none"
                        : (char *)g_ptr_array_index(client->states, client->states->len - 1));
        g_main_context_iteration(NULL, TRUE);
    }
    g_source_remove(timer);
}

static gboolean
has_documents(SimClient *client, gconstpointer wanted)
{
    return client->documents->len >= *(const guint *)wanted;
}

static gboolean
has_failures(SimClient *client, gconstpointer wanted)
{
    return client->failed >= *(const guint *)wanted;
}

/* "PLACE STATE": the last state of what is in that place. */
static gboolean
has_state(SimClient *client, gconstpointer wanted)
{
    gsize place = strcspn(wanted, " ") + 1;
    for (guint i = client->states->len; i > 0; i--) {
        const char *state = g_ptr_array_index(client->states, i - 1);
        if (strncmp(state, wanted, place) == 0)
            return strcmp(state, wanted) == 0;
    }
    return FALSE;
}

void
sim_client_await_documents(SimClient *client, guint count)
{
    await(client, has_documents, &count, "documents");
}

void
sim_client_await_failures(SimClient *client, guint count)
{
    await(client, has_failures, &count, "failures");
}

void
sim_client_await_state(SimClient *client, const char *state)
{
    await(client, has_state, state, state);
}

void
sim_client_sync(SimClient *client)
{
    g_autoptr(GVariant) devices = NULL;
    g_assert_true(dv_bus_devices1_call_list_devices_sync(client->proxy, G_DBUS_CALL_FLAGS_NONE, -1,
                                                         &devices, NULL, NULL));
    while (g_main_context_iteration(NULL, FALSE))
        continue;
}
