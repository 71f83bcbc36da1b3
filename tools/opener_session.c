// SPDX-License-Identifier: Apache-2.0
#include "opener_session.h"
#include "password_input.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <darvaza/json.h>
#include <string.h>

#define OBJECT_PATH "/org/darvaza/Opener1"

static char *
sign_in(DvBusOpener1 *opener, const char *user, const char *password_file, const char *peer,
        GError **error)
{
    char *password = dv_password_input(password_file);
    g_autofree char *session = NULL;
    if (!password) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "no password in %s",
                    password_file ? password_file : "standard input");
        return NULL;
    }
    gboolean signed_in =
        dv_bus_opener1_call_sign_in_sync(opener, user, password, peer, G_DBUS_CALL_FLAGS_NONE,
                                         DV_OPENER_TIMEOUT_MS, &session, NULL, error);
    dv_password_forget(password);
    if (!signed_in)
        return NULL;
    g_autoptr(json_t) object = dv_json_parse(session, strlen(session), 65536, error);
    const char *token =
        object ? dv_json_string(object, "token", 256, "the opener's session", error) : NULL;
    return g_strdup(token);
}

gboolean
dv_opener_session_begin(DvOpenerSession *session, const char *socket, const char *user,
                        const char *password_file, const char *peer, GError **error)
{
    g_autoptr(GDBusConnection) connection = dv_bus_connect(socket, DV_OPENER_TIMEOUT_MS, error);
    if (!connection)
        return FALSE;
    session->opener = dv_bus_opener1_proxy_new_sync(connection,
                                                    G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES |
                                                        G_DBUS_PROXY_FLAGS_DO_NOT_CONNECT_SIGNALS,
                                                    NULL, OBJECT_PATH, NULL, error);
    session->token =
        session->opener ? sign_in(session->opener, user, password_file, peer, error) : NULL;
    return session->token != NULL;
}

void
dv_opener_session_clear(DvOpenerSession *session)
{
    if (session->token)
        dv_bus_opener1_call_sign_out_sync(session->opener, session->token, G_DBUS_CALL_FLAGS_NONE,
                                          DV_OPENER_TIMEOUT_MS, NULL, NULL);
    g_clear_pointer(&session->token, g_free);
    g_clear_object(&session->opener);
}
