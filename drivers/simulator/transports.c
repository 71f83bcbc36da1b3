// SPDX-License-Identifier: Apache-2.0
#include "transports.h"
#include <darvaza/error.h>
#include <string.h>

static DvSimTransport *
new_umockdev(const char *where, GError **error)
{
    (void)where;
    (void)error;
    return dv_sim_umockdev_new();
}

static DvSimTransport *
new_usbip(const char *where, GError **error)
{
    guint64 port = 0;
    if (g_ascii_string_to_unsigned(where, 10, 1, G_MAXUINT16, &port, NULL))
        return dv_sim_usbip_new((guint16)port, error);
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "--transport usbip:%s: no port of TCP", where);
    return NULL;
}

#ifdef DV_SIM_REDIR
#define REDIR_ROW {"redir", FALSE, "FOLDER", dv_sim_redir_new},
#else
#define REDIR_ROW
#endif

static const struct {
    const char *kind;
    gboolean needs_program;
    const char *where; /* what follows the colon; NULL: nothing does */
    DvSimTransport *(*make)(const char *where, GError **error);
} transports[] = {
    {"umockdev", TRUE, NULL, new_umockdev}, {"usbip", FALSE, "PORT", new_usbip}, REDIR_ROW};

DvSimTransport *
dv_sim_transport_new(const char *name, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(name, ":", 2);
    const char *where = parts[0] != NULL && parts[1] != NULL && *parts[1] != '\0' ? parts[1] : NULL;
    for (guint i = 0; i < G_N_ELEMENTS(transports); i++)
        if (g_strcmp0(parts[0], transports[i].kind) == 0 &&
            (where != NULL) == (transports[i].where != NULL))
            return transports[i].make(where, error);
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "--transport %s: see --help", name);
    return NULL;
}

gboolean
dv_sim_transport_needs_program(const char *name)
{
    for (guint i = 0; i < G_N_ELEMENTS(transports); i++)
        if (strcmp(name, transports[i].kind) == 0)
            return transports[i].needs_program;
    return FALSE;
}
