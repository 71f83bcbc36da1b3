// SPDX-License-Identifier: Apache-2.0
#include "service_link.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>

#define CONNECT_TIMEOUT_MS 2000

static void
handle_signal(GDBusProxy *proxy, void *data)
{
    ServiceLink *link = data;
    (void)proxy;
    link->on_signal(link->data);
}

void
service_link_init(ServiceLink *link, const ServiceKind *kind, const char *socket_path,
                  void (*on_signal)(void *data), void *data)
{
    *link = (ServiceLink){
        .kind = kind, .socket_path = g_strdup(socket_path), .on_signal = on_signal, .data = data};
}

static void
disconnect(ServiceLink *link)
{
    if (link->proxy == NULL)
        return;
    g_signal_handlers_disconnect_by_data(link->proxy, link);
    g_dbus_connection_close(g_dbus_proxy_get_connection(link->proxy), NULL, NULL, NULL);
    g_clear_object(&link->proxy);
}

void
service_link_clear(ServiceLink *link)
{
    disconnect(link);
    g_clear_pointer(&link->socket_path, g_free);
}

static gboolean
is_alive(const ServiceLink *link)
{
    return link->proxy != NULL &&
           !g_dbus_connection_is_closed(g_dbus_proxy_get_connection(link->proxy));
}

gboolean
service_link_connect(ServiceLink *link, GError **error)
{
    if (is_alive(link))
        return TRUE;
    disconnect(link);
    g_autoptr(GDBusConnection) connection =
        dv_bus_connect(link->socket_path, CONNECT_TIMEOUT_MS, error);
    if (connection == NULL)
        return FALSE;
    link->proxy = link->kind->proxy(connection, error);
    if (link->proxy == NULL) {
        g_prefix_error(error, "%s at %s: ", link->kind->name, link->socket_path);
        return FALSE;
    }
    g_signal_connect(link->proxy, link->kind->signal, G_CALLBACK(handle_signal), link);
    return TRUE;
}

gboolean
service_link_check(const ServiceLink *link, GError **error)
{
    if (link->proxy != NULL)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "%s: no connection", link->kind->name);
    return FALSE;
}

gboolean
service_link_finish(ServiceLink *link, gboolean ok, const char *verb, GError **error)
{
    if (ok)
        return TRUE;
    dv_bus_restore_error(error);
    g_prefix_error(error, "%s: %s: ", link->kind->name, verb);
    if (!is_alive(link))
        disconnect(link);
    return FALSE;
}
