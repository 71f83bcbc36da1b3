// SPDX-License-Identifier: Apache-2.0
#include "control.h"
#include <darvaza/error.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_COMMAND 8192
#define MAX_DOCUMENT 4096
#define DEFAULT_WAIT_MS 5000

struct DvSimControl {
    char *path;
    GSocketService *service;
    const DvSimDesk *desk;
};

typedef struct {
    DvSimControl *control;
    GSocketConnection *connection;
    GDataInputStream *input;
} Client;

/* One command taken apart: NAME KEY=VALUE ... WORD ... */
typedef struct {
    const char *name;
    char **words;        /* what is no KEY=VALUE; borrowed from the split line */
    GHashTable *options; /* borrowed strings */
} Command;

static void read_next(Client *client);

static void
client_free(Client *client)
{
    g_object_unref(client->input);
    g_object_unref(client->connection);
    g_free(client);
}

/* Answers are short; a peer that does not read them loses its connection by the write failing. */
static gboolean say(Client *client, const char *format, ...) G_GNUC_PRINTF(2, 3);

static gboolean
say(Client *client, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    g_autofree char *line = g_strconcat(text, "\n", NULL);
    GOutputStream *output = g_io_stream_get_output_stream(G_IO_STREAM(client->connection));
    return g_output_stream_write_all(output, line, strlen(line), NULL, NULL, NULL);
}

static void
say_result(Client *client, const GError *error)
{
    if (error == NULL)
        say(client, "ok");
    else
        say(client, "error %s %s", dv_error_word(error->code), error->message);
}

static const char *
option(const Command *command, const char *key, const char *fallback)
{
    const char *value = g_hash_table_lookup(command->options, key);
    return value != NULL ? value : fallback;
}

static guint
number_option(const Command *command, const char *key, guint fallback, guint max)
{
    guint64 value = 0;
    const char *text = option(command, key, NULL);
    if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 0, max, &value, NULL))
        return fallback;
    return (guint)value;
}

static const char *
port_of(const Command *command)
{
    return option(command, "port", "1-1");
}

/* ---- commands: each answers now (TRUE) or later (FALSE) */

/* What is neither port, model nor identity is an option of the model. */
static gboolean
set_options(DvSimModel *model, const Command *command, GError **error)
{
    GHashTableIter iter;
    gpointer key, value;
    g_hash_table_iter_init(&iter, command->options);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        gboolean ours =
            strcmp(key, "port") == 0 || strcmp(key, "model") == 0 || strcmp(key, "identity") == 0;
        if (ours || (model->set != NULL && model->set(model, key, value)))
            continue;
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "simulator: this model has no option %s=%s",
                    (char *)key, (char *)value);
        return FALSE;
    }
    return TRUE;
}

static gboolean
plug(const DvSimDesk *desk, const Command *command, GError **error)
{
    const char *name = option(command, "model", NULL);
    const char *identity = option(command, "identity", NULL);
    /* Without a model: what the simulator was started with. */
    guint16 vid = name == NULL ? desk->vid : 0, pid = name == NULL ? desk->pid : 0;
    if (identity != NULL && !dv_sim_parse_identity(identity, &vid, &pid, error))
        return FALSE;
    DvSimModel *model = dv_sim_model_new(name != NULL ? name : desk->model, vid, pid);
    if (model == NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "simulator: model is none of %s",
                    dv_sim_model_names());
        return FALSE;
    }
    if (!set_options(model, command, error)) {
        dv_sim_model_free(model);
        return FALSE;
    }
    return dv_sim_bus_plug(desk->bus, port_of(command), model, error);
}

static gboolean
do_plug(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    plug(client->control->desk, command, &error);
    say_result(client, error);
    return TRUE;
}

static gboolean
shape_of(const Command *command, DvSimUnplug *shape)
{
    static const char *const names[] = {"gone", "errors", "silent"};
    const char *name = option(command, "shape", names[0]);
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(name, names[i]) == 0) {
            *shape = (DvSimUnplug)i;
            return TRUE;
        }
    return FALSE;
}

static gboolean
do_unplug(Client *client, const Command *command)
{
    const DvSimDesk *desk = client->control->desk;
    g_autoptr(GError) error = NULL;
    DvSimMishap mishap = {.percent = number_option(command, "percent", 50, 99)};
    if (!shape_of(command, &mishap.shape))
        g_set_error(&error, DV_ERROR, DV_ERROR_INVALID,
                    "simulator: shape is none of gone, errors, silent");
    else if (g_strcmp0(command->words[0], "mid-line") == 0)
        dv_sim_feeder_cut(desk->feeder, port_of(command), &mishap);
    else
        dv_sim_bus_unplug(desk->bus, port_of(command), mishap.shape, &error);
    say_result(client, error);
    return TRUE;
}

static void
on_laid(const DvSimLaid *laid, const GError *error, void *data)
{
    Client *client = data;
    if (error != NULL)
        say_result(client, error);
    else
        say(client, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %zu", laid->cut ? "cut" : "ok",
            laid->first_us, laid->last_us, laid->length);
    read_next(client);
}

static gboolean
lay_bytes(Client *client, const Command *command, GBytes *bytes)
{
    if (g_bytes_get_size(bytes) == 0 || g_bytes_get_size(bytes) > MAX_DOCUMENT) {
        say(client, "error invalid simulator: nothing to lay, or more than %d bytes", MAX_DOCUMENT);
        return TRUE;
    }
    dv_sim_feeder_lay(client->control->desk->feeder, port_of(command), bytes,
                      number_option(command, "packet", 24, 64),
                      number_option(command, "wait", DEFAULT_WAIT_MS, 60000), on_laid, client);
    return FALSE;
}

static gboolean
do_lay(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes =
        dv_sim_bus_frame(client->control->desk->bus, port_of(command),
                         option(command, "frame", NULL), command->words, &error);
    if (bytes != NULL)
        return lay_bytes(client, command, bytes);
    say_result(client, error);
    return TRUE;
}

static gboolean
do_raw(Client *client, const Command *command)
{
    const char *hex = command->words[0] != NULL ? command->words[0] : "";
    g_autoptr(GByteArray) out = g_byte_array_new();
    for (gsize i = 0; g_ascii_isxdigit(hex[i]) && g_ascii_isxdigit(hex[i + 1]); i += 2) {
        guint8 byte =
            (guint8)(g_ascii_xdigit_value(hex[i]) * 16 + g_ascii_xdigit_value(hex[i + 1]));
        g_byte_array_append(out, &byte, 1);
    }
    g_autoptr(GBytes) bytes = g_bytes_new(out->data, out->len);
    return lay_bytes(client, command, bytes);
}

static gboolean
do_lift(Client *client, const Command *command)
{
    const DvSimMishap mishap = {.lift = TRUE, .percent = number_option(command, "percent", 50, 99)};
    DvSimFeeder *feeder = client->control->desk->feeder;
    if (g_strcmp0(command->words[0], "mid-line") == 0)
        dv_sim_feeder_cut(feeder, port_of(command), &mishap);
    else
        dv_sim_feeder_lift(feeder, port_of(command));
    say_result(client, NULL);
    return TRUE;
}

static gboolean
do_stall(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    dv_sim_bus_stall(client->control->desk->bus, port_of(command), &error);
    say_result(client, error);
    return TRUE;
}

static gboolean
do_sleep(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    dv_sim_bus_sleep(client->control->desk->bus, port_of(command), &error);
    say_result(client, error);
    return TRUE;
}

static gboolean
do_fail(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    dv_sim_bus_fail_reads(client->control->desk->bus, port_of(command),
                          number_option(command, "count", 1, 1000), &error);
    say_result(client, error);
    return TRUE;
}

static gboolean
do_permit(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    dv_sim_bus_permit(client->control->desk->bus, port_of(command),
                      g_strcmp0(command->words[0], "no") != 0, &error);
    say_result(client, error);
    return TRUE;
}

static gboolean
do_hold(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    dv_sim_bus_hold(client->control->desk->bus, port_of(command),
                    g_strcmp0(command->words[0], "no") != 0, &error);
    say_result(client, error);
    return TRUE;
}

static gboolean
do_desktop(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    guint typed = dv_sim_bus_typed(client->control->desk->bus, port_of(command), &error);
    if (error != NULL)
        say_result(client, error);
    else
        say(client, "ok %u", typed);
    return TRUE;
}

/* The camera's port may be left out when there is one. */
static char *
camera_port(Client *client, const Command *command)
{
    char *port = option(command, "port", NULL) == NULL
                     ? dv_sim_bus_camera(client->control->desk->bus)
                     : NULL;
    return port != NULL ? port : g_strdup(port_of(command));
}

static gboolean
do_show(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *port = camera_port(client, command);
    g_autofree char *path = g_strjoinv(" ", command->words); /* it may have spaces in it */
    dv_sim_bus_show(client->control->desk->bus, port, *path != '\0' ? path : NULL, &error);
    say_result(client, error);
    return TRUE;
}

static gboolean
do_frames(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *port = camera_port(client, command);
    guint64 sent = 0, dropped = 0;
    if (dv_sim_bus_frames(client->control->desk->bus, port, &sent, &dropped, &error))
        say(client, "ok %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT, sent, dropped);
    else
        say_result(client, error);
    return TRUE;
}

static gboolean
do_spoil(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *port = camera_port(client, command);
    dv_sim_bus_spoil(client->control->desk->bus, port, option(command, "kind", "error"),
                     number_option(command, "count", 1, 1000), &error);
    say_result(client, error);
    return TRUE;
}

static gboolean
do_fps(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *port = camera_port(client, command);
    const char *rate = command->words[0] != NULL ? command->words[0] : "";
    dv_sim_bus_set_rate(client->control->desk->bus, port, rate, &error);
    say_result(client, error);
    return TRUE;
}

static gboolean
do_announce(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    dv_sim_bus_announce(client->control->desk->bus, port_of(command), &error);
    say_result(client, error);
    return TRUE;
}

static gboolean
do_pid(Client *client, const Command *command)
{
    const DvSimSupervisor *supervisor = client->control->desk->supervisor;
    (void)command;
    say(client, "ok %d", supervisor != NULL ? dv_sim_supervisor_pid(supervisor) : 0);
    return TRUE;
}

static gboolean
do_ended(Client *client, const Command *command)
{
    const DvSimSupervisor *supervisor = client->control->desk->supervisor;
    int status = 0;
    (void)command;
    guint ends = supervisor != NULL ? dv_sim_supervisor_ends(supervisor, &status) : 0;
    say(client, "ok %u %d", ends, status);
    return TRUE;
}

static gboolean
do_restart(Client *client, const Command *command)
{
    g_autoptr(GError) error = NULL;
    (void)command;
    if (client->control->desk->supervisor != NULL)
        dv_sim_supervisor_restart(client->control->desk->supervisor);
    else
        g_set_error(&error, DV_ERROR, DV_ERROR_UNAVAILABLE, "simulator: it runs no program");
    say_result(client, error);
    return TRUE;
}

static const char *
status_of(const DvSimDesk *desk, const char *port)
{
    gboolean halted = FALSE;
    gboolean listening = dv_sim_bus_is_listening(desk->bus, port, &halted);
    return halted ? "halted" : listening ? "listening" : "plugged";
}

static gboolean
do_status(Client *client, const Command *command)
{
    const DvSimDesk *desk = client->control->desk;
    g_auto(GStrv) ports = dv_sim_bus_ports(desk->bus);
    GString *text = g_string_new("ok");
    (void)command;
    for (guint i = 0; ports[i] != NULL; i++) {
        guint64 sent = 0, dropped = 0;
        g_string_append_printf(text, " %s=%s %s/model=%s", ports[i], status_of(desk, ports[i]),
                               ports[i], dv_sim_bus_model(desk->bus, ports[i]));
        if (dv_sim_bus_frames(desk->bus, ports[i], &sent, &dropped, NULL))
            g_string_append_printf(text, " %s/frames=%" G_GUINT64_FORMAT, ports[i], sent);
    }
    g_autofree char *line = g_string_free(text, FALSE);
    say(client, "%s", line);
    return TRUE;
}

/* What can be plugged in. A model that documents do not come out of is a camera. */
static gboolean
do_models(Client *client, const Command *command)
{
    g_auto(GStrv) names = g_strsplit(dv_sim_model_names(), ", ", -1);
    g_autoptr(GString) text = g_string_new("ok");
    (void)command;
    for (guint i = 0; names[i] != NULL; i++) {
        DvSimModel *model = dv_sim_model_new(names[i], 0, 0);
        const char *kind = model == NULL || model->frame != NULL ? "reader" : "camera";
        g_string_append_printf(text, " %s=%s", names[i], kind);
        dv_sim_model_free(model);
    }
    say(client, "%s", text->str);
    return TRUE;
}

static gboolean
do_quit(Client *client, const Command *command)
{
    (void)command;
    say_result(client, NULL);
    client->control->desk->quit(client->control->desk->data);
    return TRUE;
}

static const struct {
    const char *name;
    gboolean (*run)(Client *client, const Command *command);
} commands[] = {
    {"plug", do_plug},     {"unplug", do_unplug},   {"lay", do_lay},
    {"raw", do_raw},       {"lift", do_lift},       {"stall", do_stall},
    {"fail", do_fail},     {"status", do_status},   {"announce", do_announce},
    {"pid", do_pid},       {"restart", do_restart}, {"quit", do_quit},
    {"show", do_show},     {"frames", do_frames},   {"spoil", do_spoil},
    {"fps", do_fps},       {"hold", do_hold},       {"sleep", do_sleep},
    {"ended", do_ended},   {"permit", do_permit},   {"desktop", do_desktop},
    {"models", do_models},
};

/* TRUE when the next command may be read. */
static gboolean
run_line(Client *client, const char *line)
{
    g_auto(GStrv) parts = g_strsplit(line, " ", 64);
    g_autoptr(GHashTable) options = g_hash_table_new(g_str_hash, g_str_equal);
    g_autoptr(GPtrArray) words = g_ptr_array_new();
    if (parts[0] == NULL)
        return TRUE;
    for (guint i = 1; parts[i] != NULL; i++) {
        char *equals = strchr(parts[i], '=');
        if (equals != NULL) {
            *equals = '\0';
            g_hash_table_insert(options, parts[i], equals + 1);
        } else if (*parts[i] != '\0')
            g_ptr_array_add(words, parts[i]);
    }
    g_ptr_array_add(words, NULL);
    Command command = {parts[0], (char **)words->pdata, options};
    for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(command.name, commands[i].name) == 0)
            return commands[i].run(client, &command);
    say(client, "error invalid simulator: no such command");
    return TRUE;
}

static void
on_line(GObject *source, GAsyncResult *result, gpointer data)
{
    Client *client = data;
    gsize length = 0;
    g_autofree char *line =
        g_data_input_stream_read_line_finish(G_DATA_INPUT_STREAM(source), result, &length, NULL);
    if (line == NULL || length > MAX_COMMAND) {
        client_free(client);
        return;
    }
    if (run_line(client, line))
        read_next(client);
}

static void
read_next(Client *client)
{
    g_data_input_stream_read_line_async(client->input, G_PRIORITY_DEFAULT, NULL, on_line, client);
}

static gboolean
on_incoming(GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
    Client *client = g_new0(Client, 1);
    (void)service;
    (void)source;
    client->control = data;
    client->connection = g_object_ref(connection);
    client->input = g_data_input_stream_new(g_io_stream_get_input_stream(G_IO_STREAM(connection)));
    read_next(client);
    return TRUE;
}

gboolean
dv_sim_parse_identity(const char *text, guint16 *vid, guint16 *pid, GError **error)
{
    guint64 v = 0, p = 0;
    g_auto(GStrv) parts = g_strsplit(text, ":", 3);
    if (g_strv_length(parts) == 2 &&
        g_ascii_string_to_unsigned(parts[0], 16, 1, G_MAXUINT16, &v, NULL) &&
        g_ascii_string_to_unsigned(parts[1], 16, 0, G_MAXUINT16, &p, NULL)) {
        *vid = (guint16)v;
        *pid = (guint16)p;
        return TRUE;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "identity %s is not of the form VVVV:PPPP (hexadecimal)", text);
    return FALSE;
}

DvSimControl *
dv_sim_control_new(const char *socket_path, const DvSimDesk *desk, GError **error)
{
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(socket_path);
    g_autoptr(GError) trouble = NULL;
    DvSimControl *control = g_new0(DvSimControl, 1);
    control->path = g_strdup(socket_path);
    control->desk = desk;
    control->service = g_socket_service_new();
    g_unlink(socket_path);
    mode_t before = umask(0177);
    gboolean bound = g_socket_listener_add_address(G_SOCKET_LISTENER(control->service), address,
                                                   G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                                   NULL, NULL, &trouble);
    umask(before);
    if (!bound) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "simulator: control socket %s: %s", socket_path,
                    trouble->message);
        dv_sim_control_free(control);
        return NULL;
    }
    g_signal_connect(control->service, "incoming", G_CALLBACK(on_incoming), control);
    return control;
}

void
dv_sim_control_free(DvSimControl *control)
{
    if (control == NULL)
        return;
    g_socket_service_stop(control->service);
    g_socket_listener_close(G_SOCKET_LISTENER(control->service));
    g_object_unref(control->service);
    g_unlink(control->path);
    g_free(control->path);
    g_free(control);
}
