// SPDX-License-Identifier: Apache-2.0
#include "opener_client.h"

#include <darvaza/bus.h>
#include <darvaza/clock.h>
#include <darvaza/error.h>

#define CONNECT_MS 500
/* Sign-in spends an argon2id check, a refusal asks another opener; nothing takes longer. */
#define ANSWER_MS 15000
/* After a failed attempt others fail at once for this long, so that they do not queue up behind
 * the connection's own wait. */
#define RETRY_US (G_USEC_PER_SEC)

struct DvOpenerClient {
    char *socket; /* NULL: none */
    char *what;
    GDBusConnection *connection;
    GCancellable *ending;
    gint64 failed_us; /* monotonic; 0: not lately */
    guint under_way;
};

typedef struct {
    DvOpenerClient *client;
    DvOpenerAnswer func;
    void *data;
    GError *error; /* known before anything was sent */
} Call;

DvOpenerClient *
dv_opener_client_new(const char *socket, const char *what)
{
    DvOpenerClient *client = g_new0(DvOpenerClient, 1);
    client->socket = socket && *socket ? g_strdup(socket) : NULL;
    client->what = g_strdup(what);
    client->ending = g_cancellable_new();
    return client;
}

void
dv_opener_client_free(DvOpenerClient *client)
{
    if (!client)
        return;
    g_cancellable_cancel(client->ending);
    while (client->under_way > 0)
        g_main_context_iteration(NULL, TRUE);
    g_clear_object(&client->connection);
    g_object_unref(client->ending);
    g_free(client->socket);
    g_free(client->what);
    g_free(client);
}

static gboolean
connect_now(DvOpenerClient *client, GError **error)
{
    if (client->connection && !g_dbus_connection_is_closed(client->connection))
        return TRUE;
    g_clear_object(&client->connection);
    gint64 now = dv_clock_mono_us();
    gboolean lately = client->failed_us != 0 && now - client->failed_us < RETRY_US;
    g_autoptr(GError) why = NULL;
    if (client->socket && !lately)
        client->connection = dv_bus_connect(client->socket, CONNECT_MS, &why);
    if (client->connection) {
        client->failed_us = 0;
        return TRUE;
    }
    if (!lately)
        client->failed_us = now;
    g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                "%s is not reachable now; nothing was lost, try again.", client->what);
    return FALSE;
}

static void
end_call(Call *call, GVariant *reply, const GError *error)
{
    call->client->under_way--;
    call->func(reply, error, call->data);
    g_clear_error(&call->error);
    g_free(call);
}

static void
on_reply(GObject *connection, GAsyncResult *result, void *data)
{
    Call *call = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(connection), result, &error);
    if (error) {
        gboolean ours = g_dbus_error_is_remote_error(error);
        dv_bus_restore_error(&error);
        if (!ours && error->domain != DV_ERROR) {
            g_clear_error(&error);
            error =
                g_error_new(DV_ERROR, DV_ERROR_UNAVAILABLE,
                            "%s did not answer; nothing was lost, try again.", call->client->what);
        }
    }
    end_call(call, reply, error);
}

static gboolean
fail_later(void *data)
{
    Call *call = data;
    end_call(call, NULL, call->error);
    return G_SOURCE_REMOVE;
}

void
dv_opener_client_call(DvOpenerClient *client, const char *method, GVariant *params,
                      const char *reply_type, DvOpenerAnswer func, void *data)
{
    dv_opener_client_call_for(client, ANSWER_MS, method, params, reply_type, func, data);
}

void
dv_opener_client_call_for(DvOpenerClient *client, int timeout_ms, const char *method,
                          GVariant *params, const char *reply_type, DvOpenerAnswer func, void *data)
{
    g_autoptr(GVariant) owned = params ? g_variant_ref_sink(params) : NULL;
    Call *call = g_new0(Call, 1);
    *call = (Call){client, func, data, NULL};
    client->under_way++;
    if (!connect_now(client, &call->error)) {
        g_idle_add(fail_later, call);
        return;
    }
    g_dbus_connection_call(client->connection, NULL, "/org/darvaza/Opener1", "org.darvaza.Opener1",
                           method, owned, G_VARIANT_TYPE(reply_type), G_DBUS_CALL_FLAGS_NONE,
                           timeout_ms, client->ending, on_reply, call);
}
