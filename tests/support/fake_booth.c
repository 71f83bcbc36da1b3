// SPDX-License-Identifier: Apache-2.0
#include "fake_booth.h"
#include "dv-booth1.h"
#include <darvaza/bus.h>
#include <darvaza/crypto.h>
#include <darvaza/error.h>
#include <string.h>

struct FakeBoothBus {
    DvBusServer *server;
    DvBusBooth1 *skeleton;
};

static gboolean
next_records(DvBusBooth1 *bus, GDBusMethodInvocation *call, guint max, FakeBooth *booth)
{
    g_auto(GVariantBuilder) list = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(ttay)"));
    for (guint seq = booth->acknowledged + 1; seq <= booth->records && max > 0; seq++, max--) {
        g_autofree char *text = g_strdup_printf("record 7/%u", seq);
        GVariant *wire = g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, text, strlen(text), 1);
        g_variant_builder_add(&list, "(tt@ay)", (guint64)7, (guint64)seq, wire);
    }
    dv_bus_booth1_complete_next_records(bus, call, g_variant_builder_end(&list));
    return TRUE;
}

static char *
text_of(GVariant *bytes)
{
    gsize length = 0;
    const char *data = g_variant_get_fixed_array(bytes, &length, 1);
    return g_strndup(data, length);
}

static gboolean
deliver_receipt(DvBusBooth1 *bus, GDBusMethodInvocation *call, GVariant *receipt, FakeBooth *booth)
{
    g_autofree char *text = text_of(receipt);
    g_autofree char *wanted = g_strdup_printf("receipt 7/%u", booth->acknowledged + 1);
    if (!g_str_equal(text, wanted)) {
        g_autoptr(GError) error =
            g_error_new(DV_ERROR, DV_ERROR_CRYPTO, "the receipt does not verify");
        booth->refused++;
        dv_bus_return_error(call, error);
        return TRUE;
    }
    booth->acknowledged++;
    dv_bus_booth1_complete_deliver_receipt(bus, call);
    return TRUE;
}

static gboolean
make_heartbeat(DvBusBooth1 *bus, GDBusMethodInvocation *call, FakeBooth *booth)
{
    booth->heartbeats++;
    dv_bus_booth1_complete_make_heartbeat(
        bus, call, g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, "beat", 4, 1));
    return TRUE;
}

static gboolean
heartbeat_answer(DvBusBooth1 *bus, GDBusMethodInvocation *call, GVariant *answer, FakeBooth *booth)
{
    (void)answer;
    booth->heartbeat_answers++;
    dv_bus_booth1_complete_deliver_heartbeat_answer(bus, call);
    return TRUE;
}

static gboolean
answer_cursor(DvBusBooth1 *bus, GDBusMethodInvocation *call, FakeBooth *booth)
{
    dv_bus_booth1_complete_answer_cursor(bus, call, booth->cursor);
    return TRUE;
}

static gboolean
deliver_answer(DvBusBooth1 *bus, GDBusMethodInvocation *call, guint64 number, GVariant *answer,
               FakeBooth *booth)
{
    booth->cursor = number;
    g_ptr_array_add(booth->answers, text_of(answer));
    dv_bus_booth1_complete_deliver_answer(bus, call);
    return TRUE;
}

static gboolean
accounts_version(DvBusBooth1 *bus, GDBusMethodInvocation *call, FakeBooth *booth)
{
    g_autofree char *version = NULL;
    if (booth->accounts != NULL) {
        guint8 digest[DV_SHA256_SIZE];
        dv_sha256(booth->accounts, strlen(booth->accounts), digest);
        version = dv_hex(digest, sizeof digest);
    }
    dv_bus_booth1_complete_accounts_version(bus, call, version != NULL ? version : "");
    return TRUE;
}

static gboolean
deliver_accounts(DvBusBooth1 *bus, GDBusMethodInvocation *call, GVariant *bundle, FakeBooth *booth)
{
    g_free(booth->accounts);
    booth->accounts = text_of(bundle);
    booth->accounts_deliveries++;
    dv_bus_booth1_complete_deliver_accounts(bus, call);
    return TRUE;
}

static gboolean
set_link(DvBusBooth1 *bus, GDBusMethodInvocation *call, gboolean online, const char *detail,
         FakeBooth *booth)
{
    booth->online = online;
    g_free(booth->detail);
    booth->detail = g_strdup(detail);
    dv_bus_booth1_complete_set_link(bus, call);
    return TRUE;
}

static void
on_peer(GDBusConnection *peer, void *data)
{
    FakeBooth *booth = data;
    g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(booth->bus->skeleton), peer,
                                     "/org/darvaza/Booth1", NULL);
}

FakeBooth *
fake_booth_new(const char *directory)
{
    FakeBooth *booth = g_new0(FakeBooth, 1);
    booth->socket_path = g_build_filename(directory, "booth.sock", NULL);
    booth->answers = g_ptr_array_new_with_free_func(g_free);
    booth->online = -1;
    return booth;
}

void
fake_booth_come(FakeBooth *booth)
{
    static const struct {
        const char *signal;
        GCallback handler;
    } methods[] = {
        {"handle-next-records", G_CALLBACK(next_records)},
        {"handle-deliver-receipt", G_CALLBACK(deliver_receipt)},
        {"handle-make-heartbeat", G_CALLBACK(make_heartbeat)},
        {"handle-deliver-heartbeat-answer", G_CALLBACK(heartbeat_answer)},
        {"handle-answer-cursor", G_CALLBACK(answer_cursor)},
        {"handle-deliver-answer", G_CALLBACK(deliver_answer)},
        {"handle-accounts-version", G_CALLBACK(accounts_version)},
        {"handle-deliver-accounts", G_CALLBACK(deliver_accounts)},
        {"handle-set-link", G_CALLBACK(set_link)},
    };
    g_autoptr(GError) error = NULL;
    booth->bus = g_new0(struct FakeBoothBus, 1);
    booth->bus->skeleton = dv_bus_booth1_skeleton_new();
    for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
        g_signal_connect(booth->bus->skeleton, methods[i].signal, methods[i].handler, booth);
    booth->bus->server = dv_bus_server_new(booth->socket_path, -1, on_peer, booth, &error);
    g_assert_no_error(error);
}

void
fake_booth_go(FakeBooth *booth)
{
    if (booth->bus == NULL)
        return;
    GDBusInterfaceSkeleton *skeleton = G_DBUS_INTERFACE_SKELETON(booth->bus->skeleton);
    GList *peers = g_dbus_interface_skeleton_get_connections(skeleton);
    for (GList *peer = peers; peer != NULL; peer = peer->next)
        g_dbus_connection_close_sync(peer->data, NULL, NULL);
    g_list_free_full(peers, g_object_unref);
    g_dbus_interface_skeleton_unexport(skeleton);
    dv_bus_server_free(booth->bus->server);
    g_object_unref(booth->bus->skeleton);
    g_clear_pointer(&booth->bus, g_free);
}

void
fake_booth_add(FakeBooth *booth, guint count)
{
    booth->records += count;
    if (booth->bus != NULL)
        dv_bus_booth1_emit_records_pending(booth->bus->skeleton);
}

void
fake_booth_free(FakeBooth *booth)
{
    fake_booth_go(booth);
    g_ptr_array_unref(booth->answers);
    g_free(booth->accounts);
    g_free(booth->detail);
    g_free(booth->socket_path);
    g_free(booth);
}
