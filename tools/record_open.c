// SPDX-License-Identifier: Apache-2.0
/* darvaza record open: a look at one record through the opener, which logs it. */
#include "commands.h"
#include "opener_session.h"
#include "record.h"
#include <darvaza/bus.h>
#include <stdio.h>
#include <string.h>

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
look(const Options *options, GBytes *record, GError **error)
{
    g_auto(DvOpenerSession) session = {0};
    if (!dv_opener_session_begin(&session, options->opener, options->user, options->password_file,
                                 "darvaza record", error))
        return NULL;
    GVariant *bytes = g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, record, TRUE);
    char *body = NULL;
    dv_bus_opener1_call_open_record_sync(session.opener, session.token, bytes, options->reason,
                                         G_DBUS_CALL_FLAGS_NONE, DV_OPENER_TIMEOUT_MS, &body, NULL,
                                         error);
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
