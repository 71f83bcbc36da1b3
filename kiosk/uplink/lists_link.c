// SPDX-License-Identifier: Apache-2.0
#include "lists_link.h"
#include "service_link.h"
#include <dv-lists1.h>

#define CALL SERVICE_LINK_CALL
#define PROXY(link) DV_BUS_LISTS1((link)->service.proxy)

struct ListsLink {
    ServiceLink service;
};

static GDBusProxy *
make_proxy(GDBusConnection *connection, GError **error)
{
    return G_DBUS_PROXY(dv_bus_lists1_proxy_new_sync(connection,
                                                     G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES,
                                                     NULL, "/org/darvaza/Lists1", NULL, error));
}

static const ServiceKind KIND = {"lists", "wanted", make_proxy};

ListsLink *
lists_link_new(const char *socket_path, void (*on_wanted)(void *data), void *data)
{
    ListsLink *link = g_new0(ListsLink, 1);
    service_link_init(&link->service, &KIND, socket_path, on_wanted, data);
    return link;
}

void
lists_link_free(ListsLink *link)
{
    if (link == NULL)
        return;
    service_link_clear(&link->service);
    g_free(link);
}

gboolean
lists_link_connect(ListsLink *link, GError **error)
{
    return service_link_connect(&link->service, error);
}

void
lists_want_clear(ListsWant *want)
{
    g_clear_pointer(&want->name, g_free);
}

gboolean
lists_link_want(ListsLink *link, ListsWant *want, GError **error)
{
    g_autoptr(GVariant) wants = NULL;
    if (!service_link_check(&link->service, error))
        return FALSE;
    gboolean ok = dv_bus_lists1_call_want_sync(PROXY(link), CALL, &wants, NULL, error);
    if (!service_link_finish(&link->service, ok, "asking what is wanted", error))
        return FALSE;
    if (g_variant_n_children(wants) > 0)
        g_variant_get_child(wants, 0, "(sstt)", NULL, &want->name, &want->offset, &want->max);
    return TRUE;
}

gboolean
lists_link_take(ListsLink *link, const ListsWant *want, GBytes *bytes, GError **error)
{
    if (!service_link_check(&link->service, error))
        return FALSE;
    GVariant *value = g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
    gboolean ok = dv_bus_lists1_call_take_sync(PROXY(link), want->name, want->offset, value, CALL,
                                               NULL, error);
    return service_link_finish(&link->service, ok, "a piece", error);
}

gboolean
lists_link_fail(ListsLink *link, const ListsWant *want, const char *why, const char *detail,
                GError **error)
{
    if (!service_link_check(&link->service, error))
        return FALSE;
    gboolean ok =
        dv_bus_lists1_call_fail_sync(PROXY(link), want->name, why, detail, CALL, NULL, error);
    return service_link_finish(&link->service, ok, "a piece that cannot be had", error);
}
