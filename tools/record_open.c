// SPDX-License-Identifier: Apache-2.0
/* darvaza record open: a look at one record through the opener, which logs it. */
#include "commands.h"
#include "dv-opener1.h"
#include "password_input.h"
#include "record.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <stdio.h>
#include <string.h>

#define OBJECT_PATH "/org/darvaza/Opener1"
#define TIMEOUT_MS 10000

typedef struct {
    const char *opener, *user, *reason, *password_file, *file;
} Options;

static gboolean
parse_options(int argc, char **argv, Options *options)
{
    const struct {
        const char *name;
        const char **value;
    } names[] = {{"--opener", &options->opener},
                 {"--user", &options->user},
                 {"--reason", &options->reason},
                 {"--password-file", &options->password_file}};
    for (int i = 1; i < argc; i++) {
        const char **value = NULL;
        for (gsize n = 0; n < G_N_ELEMENTS(names); n++)
            if (strcmp(argv[i], names[n].name) == 0 && i + 1 < argc)
                value = names[n].value;
        if (value)
            *value = argv[++i];
        else if (argv[i][0] != '-' && !options->file)
            options->file = argv[i];
        else
            return FALSE;
    }
    return options->opener && options->user && options->reason && options->file;
}

static char *
sign_in(DvBusOpener1 *opener, const Options *options, GError **error)
{
    char *password = dv_password_input(options->password_file);
    g_autofree char *session = NULL;
    if (!password) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "no password in %s",
                    options->password_file ? options->password_file : "standard input");
        return NULL;
    }
    gboolean signed_in =
        dv_bus_opener1_call_sign_in_sync(opener, options->user, password, "darvaza record",
                                         G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, &session, NULL, error);
    dv_password_forget(password);
    if (!signed_in)
        return NULL;
    g_autoptr(json_t) object = dv_json_parse(session, strlen(session), 65536, error);
    const char *token =
        object ? dv_json_string(object, "token", 256, "the opener's session", error) : NULL;
    return g_strdup(token);
}

static char *
look(const Options *options, GBytes *record, GError **error)
{
    g_autoptr(GDBusConnection) connection = dv_bus_connect(options->opener, TIMEOUT_MS, error);
    if (!connection)
        return NULL;
    g_autoptr(DvBusOpener1) opener = dv_bus_opener1_proxy_new_sync(
        connection,
        G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES | G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS, NULL,
        OBJECT_PATH, NULL, error);
    g_autofree char *token = opener ? sign_in(opener, options, error) : NULL;
    if (!token)
        return NULL;
    GVariant *bytes = g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, record, TRUE);
    char *body = NULL;
    dv_bus_opener1_call_open_record_sync(opener, token, bytes, options->reason,
                                         G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, &body, NULL, error);
    dv_bus_opener1_call_sign_out_sync(opener, token, G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, NULL,
                                      NULL);
    return body;
}

int
dv_record_tool_open(int argc, char **argv)
{
    Options options = {0};
    if (!parse_options(argc, argv, &options))
        return dv_record_tool_bad_use();
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;
    g_autoptr(DvCrossingWire) wire = dv_record_tool_read(options.file, &bytes, &error);
    g_autofree char *body = wire ? look(&options, bytes, &error) : NULL;
    if (!body) {
        dv_bus_restore_error(&error);
        fprintf(stderr, "darvaza record open: %s\n", error->message);
        return DV_EXIT_FAILED;
    }
    puts(body);
    return DV_EXIT_OK;
}
