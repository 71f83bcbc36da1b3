// SPDX-License-Identifier: Apache-2.0
#include "lists_link.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <dv-lists1.h>

#define CONNECT_TIMEOUT_MS 2000
#define CALL_TIMEOUT_MS 20000
#define CALL G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS

struct ListsLink {
    char *socket_path;
    DvBusLists1 *proxy; /* NULL: not connected */
    void (*on_wanted)(void *data);
    void *data;
};

static void
handle_wanted(DvBusLists1 *proxy, void *data)
{
    ListsLink *link = data;
    (void)proxy;
    link->on_wanted(link->data);
}

ListsLink *
lists_link_new(const char *socket_path, void (*on_wanted)(void *data), void *data)
{
    ListsLink *link = g_new0(ListsLink, 1);
    link->socket_path = g_strdup(socket_path);
    link->on_wanted = on_wanted;
    link->data = data;
    return link;
}

static void
disconnect(ListsLink *link)
{
    if (link->proxy == NULL)
        return;
    g_signal_handlers_disconnect_by_data(link->proxy, link);
    GDBusConnection *connection = g_dbus_proxy_get_connection(G_DBUS_PROXY(link->proxy));
    g_dbus_connection_close(connection, NULL, NULL, NULL);
    g_clear_object(&link->proxy);
}

void
lists_link_free(ListsLink *link)
{
    if (link == NULL)
        return;
    disconnect(link);
    g_free(link->socket_path);
    g_free(link);
}

static gboolean
is_alive(const ListsLink *link)
{
    return link->proxy != NULL &&
           !g_dbus_connection_is_closed(g_dbus_proxy_get_connection(G_DBUS_PROXY(link->proxy)));
}

gboolean
lists_link_connect(ListsLink *link, GError **error)
{
    if (is_alive(link))
        return TRUE;
    disconnect(link);
    g_autoptr(GDBusConnection) connection =
        dv_bus_connect(link->socket_path, CONNECT_TIMEOUT_MS, error);
    if (connection == NULL)
        return FALSE;
    link->proxy =
        dv_bus_lists1_proxy_new_sync(connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL,
                                     "/org/darvaza/Lists1", NULL, error);
    if (link->proxy == NULL) {
        g_prefix_error(error, "lists at %s: ", link->socket_path);
        return FALSE;
    }
    g_signal_connect(link->proxy, "wanted", G_CALLBACK(handle_wanted), link);
    return TRUE;
}

void
lists_want_clear(ListsWant *want)
{
    g_clear_pointer(&want->name, g_free);
}

static gboolean
finish(ListsLink *link, gboolean ok, const char *verb, GError **error)
{
    if (ok)
        return TRUE;
    dv_bus_restore_error(error);
    g_prefix_error(error, "lists: %s: ", verb);
    if (!is_alive(link))
        disconnect(link);
    return FALSE;
}

gboolean
lists_link_want(ListsLink *link, ListsWant *want, GError **error)
{
    g_autoptr(GVariant) wants = NULL;
    gboolean ok = dv_bus_lists1_call_want_sync(link->proxy, CALL, &wants, NULL, error);
    if (!finish(link, ok, "asking what is wanted", error))
        return FALSE;
    if (g_variant_n_children(wants) > 0)
        g_variant_get_child(wants, 0, "(sstt)", NULL, &want->name, &want->offset, &want->max);
    return TRUE;
}

gboolean
lists_link_take(ListsLink *link, const ListsWant *want, GBytes *bytes, GError **error)
{
    GVariant *value = g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
    gboolean ok = dv_bus_lists1_call_take_sync(link->proxy, want->name, want->offset, value, CALL,
                                               NULL, error);
    return finish(link, ok, "a piece", error);
}

gboolean
lists_link_fail(ListsLink *link, const ListsWant *want, const char *why, const char *detail,
                GError **error)
{
    gboolean ok =
        dv_bus_lists1_call_fail_sync(link->proxy, want->name, why, detail, CALL, NULL, error);
    return finish(link, ok, "a piece that cannot be had", error);
}
