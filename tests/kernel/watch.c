// SPDX-License-Identifier: Apache-2.0
/*
 * A client of darvaza-devices in the guest: claims the lane and writes what it is told, one JSON
 * object a line, and does with cameras what is written to a pipe. watch SOCKET LANE OUTPUT PIPE
 */
#include "watch_camera.h"
#include <darvaza/bus.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OBJECT_PATH "/org/darvaza/Devices1"
#define PATIENCE_MS 20000

typedef struct {
    int output;
    GMainLoop *loop;
    GDataInputStream *commands;
    WatchCamera camera;
} Watch;

/* Takes the row. One write a line: the other end is a port, not a file. */
static void
tell(void *data, json_t *row)
{
    Watch *watch = data;
    g_autofree char *text = json_dumps(row, JSON_COMPACT | JSON_SORT_KEYS);
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    json_decref(row);
    for (gsize at = 0; line[at] != '\0';) {
        ssize_t written = write(watch->output, line + at, strlen(line + at));
        if (written <= 0)
            g_main_loop_quit(watch->loop);
        if (written <= 0)
            return;
        at += (gsize)written;
    }
}

static void
on_document(DvBusDevices1 *proxy, const char *device, guint64 serial, const char *const *lines,
            GVariant *meta, Watch *watch)
{
    json_t *rows = json_array();
    (void)proxy;
    (void)meta;
    for (gsize i = 0; lines[i] != NULL; i++)
        json_array_append_new(rows, json_string(lines[i]));
    tell(watch, json_pack("{s:s, s:s, s:I, s:o}", "event", "document", "device", device, "serial",
                          (json_int_t)serial, "rows", rows));
}

static void
on_started(DvBusDevices1 *proxy, const char *device, Watch *watch)
{
    (void)proxy;
    tell(watch, json_pack("{s:s, s:s}", "event", "started", "device", device));
}

static void
on_failed(DvBusDevices1 *proxy, const char *device, const char *detail, Watch *watch)
{
    (void)proxy;
    tell(watch,
         json_pack("{s:s, s:s, s:s}", "event", "failed", "device", device, "detail", detail));
}

static void
on_changed(DvBusDevices1 *proxy, GVariant *device, Watch *watch)
{
    const char *id = "", *state = "", *family = "", *detail = "";
    (void)proxy;
    g_variant_lookup(device, "id", "&s", &id);
    g_variant_lookup(device, "state", "&s", &state);
    g_variant_lookup(device, "family", "&s", &family);
    g_variant_lookup(device, "detail", "&s", &detail);
    tell(watch, json_pack("{s:s, s:s, s:s, s:s, s:s}", "event", "state", "device", id, "state",
                          state, "family", family, "detail", detail));
}

static void
on_closed(GDBusConnection *connection, gboolean vanished, GError *error, Watch *watch)
{
    (void)connection;
    (void)vanished;
    (void)error;
    g_main_loop_quit(watch->loop);
}

static void read_command(Watch *watch);

static void
on_command(GObject *source, GAsyncResult *result, gpointer data)
{
    Watch *watch = data;
    g_autofree char *line =
        g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(source), result, NULL, NULL);
    if (line == NULL)
        return;
    watch_camera_command(&watch->camera, line);
    read_command(watch);
}

static void
read_command(Watch *watch)
{
    g_data_input_stream_read_line_async(watch->commands, G_PRIORITY_DEFAULT, NULL, on_command,
                                        watch);
}

static gboolean
start(Watch *watch, const char *socket_path, const char *lane, DvBusDevices1 **proxy,
      GError **error)
{
    g_autoptr(GDBusConnection) connection = dv_bus_connect(socket_path, PATIENCE_MS, error);
    if (connection == NULL)
        return FALSE;
    *proxy = dv_bus_devices1_proxy_new_sync(connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES,
                                            NULL, OBJECT_PATH, NULL, error);
    if (*proxy == NULL)
        return FALSE;
    g_signal_connect(connection, "closed", G_CALLBACK(on_closed), watch);
    g_signal_connect(*proxy, "document-read", G_CALLBACK(on_document), watch);
    g_signal_connect(*proxy, "reading-started", G_CALLBACK(on_started), watch);
    g_signal_connect(*proxy, "reading-failed", G_CALLBACK(on_failed), watch);
    g_signal_connect(*proxy, "device-changed", G_CALLBACK(on_changed), watch);
    return dv_bus_devices1_call_claim_lane_sync(*proxy, lane, G_DBUS_CALL_FLAGS_NONE, PATIENCE_MS,
                                                NULL, error);
}

int
main(int argc, char **argv)
{
    Watch watch = {.output = -1, .loop = g_main_loop_new(NULL, FALSE)};
    g_autoptr(DvBusDevices1) proxy = NULL;
    g_autoptr(GError) error = NULL;
    int commands = -1; /* written too, so that it does not end with its first writer */
    if (argc != 5 || (watch.output = open(argv[3], O_WRONLY | O_CLOEXEC)) < 0 ||
        (commands = open(argv[4], O_RDWR | O_CLOEXEC)) < 0) {
        fputs("usage: watch SOCKET LANE OUTPUT PIPE\n", stderr);
        return 2;
    }
    if (!start(&watch, argv[1], argv[2], &proxy, &error)) {
        fprintf(stderr, "watch: %s\n", error->message);
        return 1;
    }
    tell(&watch, json_pack("{s:s}", "event", "claimed"));
    watch.camera = (WatchCamera){.proxy = proxy, .tell = tell, .watch = &watch};
    g_autoptr(GInputStream) input = g_unix_input_stream_new(commands, TRUE);
    watch.commands = g_data_input_stream_new(input);
    read_command(&watch);
    g_main_loop_run(watch.loop);
    tell(&watch, json_pack("{s:s}", "event", "closed"));
    g_main_loop_unref(watch.loop);
    close(watch.output);
    return 0;
}
