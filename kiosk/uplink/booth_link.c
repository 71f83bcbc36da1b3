// SPDX-License-Identifier: Apache-2.0
#include "booth_link.h"
#include "service_link.h"
#include <dv-booth1.h>

#define CALL SERVICE_LINK_CALL
#define PROXY(link) DV_BUS_BOOTH1((link)->service.proxy)

struct BoothLink {
    ServiceLink service;
};

static GDBusProxy *
make_proxy(GDBusConnection *connection, GError **error)
{
    return G_DBUS_PROXY(dv_bus_booth1_proxy_new_sync(connection,
                                                     G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES,
                                                     NULL, "/org/darvaza/Booth1", NULL, error));
}

static const ServiceKind KIND = {"booth", "records-pending", make_proxy};

BoothLink *
booth_link_new(const char *socket_path, void (*on_pending)(void *data), void *data)
{
    BoothLink *link = g_new0(BoothLink, 1);
    service_link_init(&link->service, &KIND, socket_path, on_pending, data);
    return link;
}

void
booth_link_free(BoothLink *link)
{
    if (link == NULL)
        return;
    service_link_clear(&link->service);
    g_free(link);
}

gboolean
booth_link_connect(BoothLink *link, GError **error)
{
    return service_link_connect(&link->service, error);
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
    if (!service_link_check(&link->service, error))
        return NULL;
    gboolean ok =
        dv_bus_booth1_call_next_records_sync(PROXY(link), max, CALL, &records, NULL, error);
    return service_link_finish(&link->service, ok, "asking for records", error) ? records : NULL;
}

gboolean
booth_link_deliver_receipt(BoothLink *link, GBytes *receipt, GError **error)
{
    if (!service_link_check(&link->service, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_deliver_receipt_sync(PROXY(link), bytes_variant(receipt), CALL,
                                                          NULL, error);
    return service_link_finish(&link->service, ok, "a receipt", error);
}

GBytes *
booth_link_make_heartbeat(BoothLink *link, GError **error)
{
    g_autoptr(GVariant) heartbeat = NULL;
    if (!service_link_check(&link->service, error))
        return NULL;
    gboolean ok =
        dv_bus_booth1_call_make_heartbeat_sync(PROXY(link), CALL, &heartbeat, NULL, error);
    return service_link_finish(&link->service, ok, "the heartbeat", error)
               ? g_variant_get_data_as_bytes(heartbeat)
               : NULL;
}

gboolean
booth_link_deliver_heartbeat_answer(BoothLink *link, GBytes *answer, GError **error)
{
    if (!service_link_check(&link->service, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_deliver_heartbeat_answer_sync(
        PROXY(link), bytes_variant(answer), CALL, NULL, error);
    return service_link_finish(&link->service, ok, "the heartbeat's answer", error);
}

gboolean
booth_link_answer_cursor(BoothLink *link, guint64 *last, GError **error)
{
    if (!service_link_check(&link->service, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_answer_cursor_sync(PROXY(link), CALL, last, NULL, error);
    return service_link_finish(&link->service, ok, "asking for the last answer", error);
}

gboolean
booth_link_deliver_answer(BoothLink *link, guint64 number, GBytes *answer, GError **error)
{
    if (!service_link_check(&link->service, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_deliver_answer_sync(PROXY(link), number, bytes_variant(answer),
                                                         CALL, NULL, error);
    return service_link_finish(&link->service, ok, "an answer", error);
}

char *
booth_link_accounts_version(BoothLink *link, GError **error)
{
    char *version = NULL;
    if (!service_link_check(&link->service, error))
        return NULL;
    gboolean ok =
        dv_bus_booth1_call_accounts_version_sync(PROXY(link), CALL, &version, NULL, error);
    return service_link_finish(&link->service, ok, "asking for the accounts' version", error)
               ? version
               : NULL;
}

gboolean
booth_link_deliver_accounts(BoothLink *link, GBytes *bundle, GError **error)
{
    if (!service_link_check(&link->service, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_deliver_accounts_sync(PROXY(link), bytes_variant(bundle), CALL,
                                                           NULL, error);
    return service_link_finish(&link->service, ok, "the accounts", error);
}

gboolean
booth_link_set_link(BoothLink *link, gboolean online, const char *detail, GError **error)
{
    if (!service_link_check(&link->service, error))
        return FALSE;
    gboolean ok = dv_bus_booth1_call_set_link_sync(PROXY(link), online, detail, CALL, NULL, error);
    return service_link_finish(&link->service, ok, "the state of the network", error);
}
