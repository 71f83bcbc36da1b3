// SPDX-License-Identifier: Apache-2.0
/* What the ingest service fetches from the opener beside it: accounts, and the audit log's head. */
#include "dv-opener1.h"
#include "http_peer.h"
#include "ingest_rig.h"
#include <darvaza/bus.h>
#include <darvaza/receipt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char bundle[] = "{\"accounts\":\"of KSK-1\"}";

/* An opener that knows one kiosk. */
static gboolean
on_accounts(DvBusOpener1 *object, GDBusMethodInvocation *call, const char *kiosk, gpointer data)
{
    (void)data;
    if (strcmp(kiosk, "KSK-1") != 0) {
        g_dbus_method_invocation_return_dbus_error(call, "org.darvaza.Error.Denied",
                                                   "kiosk is not registered");
        return TRUE;
    }
    dv_bus_opener1_complete_accounts_for(
        object, call, g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, bundle, strlen(bundle), 1));
    return TRUE;
}

static gboolean
on_audit_head(DvBusOpener1 *object, GDBusMethodInvocation *call, gpointer data)
{
    static const char head[] = "{\"count\":3}";
    (void)data;
    dv_bus_opener1_complete_audit_head(
        object, call, g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, head, strlen(head), 1));
    return TRUE;
}

static void
on_peer(GDBusConnection *peer, void *data)
{
    assert_true(g_dbus_interface_skeleton_export(data, peer, "/org/darvaza/Opener1", NULL));
}

typedef struct {
    IngestRig *rig;
    void (*run)(IngestRig *rig);
} Case;

static void
run_case(void *data)
{
    Case *c = data;
    c->run(c->rig);
}

static void
want(const IngestAnswer *answer, guint status, const char *text)
{
    if (answer->status != status || strstr(answer->text, text) == NULL)
        g_error("wanted %u with \"%s\", got %u: %s", status, text, answer->status, answer->text);
}

static json_t *
beat(IngestRig *rig, DvHttpClient *client)
{
    DvHeartbeat beat = {.kiosk = "KSK-1", .epoch = 1, .software = "0.1"};
    g_autoptr(GBytes) bytes = dv_heartbeat_make(&beat, rig->keys->sign_key, NULL);
    g_auto(IngestAnswer) answer = ingest_rig_send(
        client, "POST", "/v1/heartbeats", g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
    json_t *payload = dv_signed_json_verify("heartbeat answer", answer.text, answer.length, 65536,
                                            rig->keys->receipt, NULL);
    if (payload == NULL)
        g_error("heartbeat: %u %s", answer.status, answer.text);
    return payload;
}

static void
with_opener(IngestRig *rig)
{
    g_autoptr(DvHttpClient) client = ingest_rig_client(rig, "KSK-1", "tls");
    g_auto(IngestAnswer) first = {.status = 503};
    for (int i = 0; i < 500 && first.status == 503; i++) { /* until the link stands */
        ingest_answer_clear(&first);
        first = ingest_rig_send(client, "GET", "/v1/accounts", NULL, 0);
        g_usleep(10000);
    }
    want(&first, 200, bundle);
    guint8 digest[DV_SHA256_SIZE];
    dv_sha256(bundle, strlen(bundle), digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_autofree char *etag = g_strdup_printf("\"%s\"", hex);
    dv_http_client_set_header(client, "If-None-Match", etag);
    g_auto(IngestAnswer) same = ingest_rig_send(client, "GET", "/v1/accounts", NULL, 0);
    want(&same, 304, "");
    dv_http_client_set_header(client, "If-None-Match", "\"other\"");
    g_auto(IngestAnswer) changed = ingest_rig_send(client, "GET", "/v1/accounts", NULL, 0);
    want(&changed, 200, bundle);
    g_autoptr(DvHttpClient) other = ingest_rig_client(rig, "KSK-2", "tls");
    g_auto(IngestAnswer) denied = ingest_rig_send(other, "GET", "/v1/accounts", NULL, 0);
    want(&denied, 403, "not registered");

    gboolean carried = FALSE;
    for (int i = 0; i < 500 && !carried; i++) {
        g_autoptr(json_t) payload = beat(rig, client);
        json_t *head = json_object_get(payload, "audit_head");
        carried = json_integer_value(json_object_get(head, "count")) == 3;
        g_usleep(10000);
    }
    if (!carried)
        g_error("the heartbeat's answer never carried the audit head");
}

static void
without_opener(IngestRig *rig)
{
    g_autoptr(DvHttpClient) client = ingest_rig_client(rig, "KSK-1", "tls");
    g_auto(IngestAnswer) accounts = ingest_rig_send(client, "GET", "/v1/accounts", NULL, 0);
    want(&accounts, 503, "unavailable");
    guint8 zeros[DV_SHA256_SIZE] = {0}, link[DV_SHA256_SIZE];
    g_autoptr(GBytes) wire =
        dv_record_example_sealed(rig->keys, 1, 1, zeros, DV_PRIORITY_ROUTINE, NULL, link);
    g_auto(IngestAnswer) record = ingest_rig_put(client, wire);
    want(&record, 201, "");
}

static void
test_opener(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *dir = g_dir_make_tmp("dv-opener-XXXXXX", NULL);
    g_autofree char *socket = g_build_filename(dir, "opener.sock", NULL);
    g_autoptr(DvBusOpener1) opener = dv_bus_opener1_skeleton_new();
    g_signal_connect(opener, "handle-accounts-for", G_CALLBACK(on_accounts), NULL);
    g_signal_connect(opener, "handle-audit-head", G_CALLBACK(on_audit_head), NULL);
    DvBusServer *server = dv_bus_server_new(socket, -1, on_peer, opener, &error);
    assert_null(error);
    Case with = {ingest_rig_new(socket), with_opener};
    http_peer_with_loop(run_case, &with);
    dv_bus_server_free(server);
    ingest_rig_free(with.rig);
    Case without = {ingest_rig_new(socket), without_opener};
    http_peer_with_loop(run_case, &without);
    ingest_rig_free(without.rig);
    dv_test_remove_tree(dir);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_opener)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
