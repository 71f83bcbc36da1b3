// SPDX-License-Identifier: Apache-2.0
#include "booth_link.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <dv-booth1.h>

#define CONNECT_TIMEOUT_MS 2000
#define CALL_TIMEOUT_MS 20000
/* How every call is made. */
#define CALL G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS

struct BoothLink {
    char *socket_path;
    DvBusBooth1 *proxy; /* NULL: not connected */
    void (*on_pending)(void *data);
    void *data;
};

static void
handle_pending(DvBusBooth1 *proxy, void *data)
{
    BoothLink *link = data;
    (void)proxy;
    link->on_pending(link->data);
}

BoothLink *
booth_link_new(const char *socket_path, void (*on_pending)(void *data), void *data)
{
    BoothLink *link = g_new0(BoothLink, 1);
    link->socket_path = g_strdup(socket_path);
    link->on_pending = on_pending;
    link->data = data;
    return link;
}

static void
disconnect(BoothLink *link)
{
    if (link->proxy == NULL)
        return;
    g_signal_handlers_disconnect_by_data(link->proxy, link);
    GDBusConnection *connection = g_dbus_proxy_get_connection(G_DBUS_PROXY(link->proxy));
    g_dbus_connection_close(connection, NULL, NULL, NULL);
    g_clear_object(&link->proxy);
}

void
booth_link_free(BoothLink *link)
{
    if (link == NULL)
        return;
    disconnect(link);
    g_free(link->socket_path);
    g_free(link);
}

static gboolean
is_alive(const BoothLink *link)
{
    return link->proxy != NULL &&
           !g_dbus_connection_is_closed(g_dbus_proxy_get_connection(G_DBUS_PROXY(link->proxy)));
}

gboolean
booth_link_connect(BoothLink *link, GError **error)
{
    if (is_alive(link))
        return TRUE;
    disconnect(link);
    g_autoptr(GDBusConnection) connection =
        dv_bus_connect(link->socket_path, CONNECT_TIMEOUT_MS, error);
    if (connection == NULL)
        return FALSE;
    link->proxy =
        dv_bus_booth1_proxy_new_sync(connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
                                     "/org/darvaza/Booth1", NULL, error);
    if (link->proxy == NULL) {
        g_prefix_error(error, "booth at %s: ", link->socket_path);
        return FALSE;
    }
    g_signal_connect(link->proxy, "records-pending", G_CALLBACK(handle_pending), link);
    return TRUE;
}

/* Every call ends here: its error becomes one of ours, and a lost connection is forgotten, so that
 * the next pass makes a new one. */
static gboolean
finish(BoothLink *link, gboolean ok, const char *verb, GError **error)
{
    if (ok)
        return TRUE;
    dv_bus_restore_error(error);
    g_prefix_error(error, "booth: %s: ", verb);
    if (!is_alive(link))
        disconnect(link);
    return FALSE;
}

static gboolean
check_connected(const BoothLink *link, GError **error)
{
    if (link->proxy != NULL)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "booth: no connection");
    return FALSE;
}

static GVariant *
bytes_variant(GBytes *bytes)
{
    return g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

GVariant *
booth_link_next_records(BoothLink *link, guint max, GError **error)
{
    GVariant *records = NULL;
    if (!check_connected(link, error))
        return NULL;
    gboolean ok =
        dv_bus_booth1_call_next_records_sync(link->proxy, max, CALL, &records, NULL, error);
    return finish(link, ok, "asking for records", error) ? records : NULL;
}

gboolean
booth_link_deliver_receipt(BoothLink *link, GBytes *receipt, GError **error)
{
    if (!check_connected(link, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_deliver_receipt_sync(link->proxy, bytes_variant(receipt), CALL,
                                                          NULL, error);
    return finish(link, ok, "a receipt", error);
}

GBytes *
booth_link_make_heartbeat(BoothLink *link, GError **error)
{
    g_autoptr(GVariant) heartbeat = NULL;
    if (!check_connected(link, error))
        return NULL;
    gboolean ok =
        dv_bus_booth1_call_make_heartbeat_sync(link->proxy, CALL, &heartbeat, NULL, error);
    return finish(link, ok, "the heartbeat", error) ? g_variant_get_data_as_bytes(heartbeat) : NULL;
}

gboolean
booth_link_deliver_heartbeat_answer(BoothLink *link, GBytes *answer, GError **error)
{
    if (!check_connected(link, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_deliver_heartbeat_answer_sync(
        link->proxy, bytes_variant(answer), CALL, NULL, error);
    return finish(link, ok, "the heartbeat's answer", error);
}

gboolean
booth_link_answer_cursor(BoothLink *link, guint64 *last, GError **error)
{
    if (!check_connected(link, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_answer_cursor_sync(link->proxy, CALL, last, NULL, error);
    return finish(link, ok, "asking for the last answer", error);
}

gboolean
booth_link_deliver_answer(BoothLink *link, guint64 number, GBytes *answer, GError **error)
{
    if (!check_connected(link, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_deliver_answer_sync(link->proxy, number, bytes_variant(answer),
                                                         CALL, NULL, error);
    return finish(link, ok, "an answer", error);
}

char *
booth_link_accounts_version(BoothLink *link, GError **error)
{
    char *version = NULL;
    if (!check_connected(link, error))
        return NULL;
    gboolean ok =
        dv_bus_booth1_call_accounts_version_sync(link->proxy, CALL, &version, NULL, error);
    return finish(link, ok, "asking for the accounts' version", error) ? version : NULL;
}

gboolean
booth_link_deliver_accounts(BoothLink *link, GBytes *bundle, GError **error)
{
    if (!check_connected(link, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_deliver_accounts_sync(link->proxy, bytes_variant(bundle), CALL,
                                                           NULL, error);
    return finish(link, ok, "the accounts", error);
}

gboolean
booth_link_set_link(BoothLink *link, gboolean online, const char *detail, GError **error)
{
    if (!check_connected(link, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_set_link_sync(link->proxy, online, detail, CALL, NULL, error);
    return finish(link, ok, "the state of the network", error);
}
