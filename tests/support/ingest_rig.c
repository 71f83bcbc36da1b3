// SPDX-License-Identifier: Apache-2.0
#include "ingest_rig.h"

static void
start(IngestRig *rig, const char *opener_socket)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cert = dv_test_keys_path(rig->keys, "centre/server.pem");
    g_autofree char *key = dv_test_keys_path(rig->keys, "centre/server-key.pem");
    g_autofree char *ca = dv_test_keys_path(rig->keys, "ca/ca.pem");
    g_autofree char *trust = dv_test_keys_path(rig->keys, "trust");
    g_autofree char *receipt = dv_test_keys_path(rig->keys, "centre/receipt-key.pem");
    DvIngestOptions options = {.address = "127.0.0.1",
                               .tls_cert = cert,
                               .tls_key = key,
                               .tls_client_ca = ca,
                               .store = rig->store,
                               .trust_dir = trust,
                               .receipt_key = receipt,
                               .lists_repository = rig->dir,
                               .opener_socket = opener_socket};
    rig->ingest = dv_ingest_new(&options, &error);
    if (rig->ingest == NULL)
        g_error("ingest rig: %s", error->message);
}

IngestRig *
ingest_rig_new(const char *opener_socket)
{
    IngestRig *rig = g_new0(IngestRig, 1);
    rig->keys = dv_test_keys_new();
    rig->dir = g_dir_make_tmp("dv-ingest-XXXXXX", NULL);
    rig->store = g_build_filename(rig->dir, "store.db", NULL);
    start(rig, opener_socket);
    return rig;
}

void
ingest_rig_restart(IngestRig *rig)
{
    dv_ingest_free(rig->ingest);
    start(rig, NULL);
}

void
ingest_rig_free(IngestRig *rig)
{
    dv_ingest_free(rig->ingest);
    dv_test_keys_free(rig->keys);
    dv_test_remove_tree(rig->dir);
    g_free(rig->dir);
    g_free(rig->store);
    g_free(rig);
}

DvHttpClient *
ingest_rig_client(const IngestRig *rig, const char *kiosk, const char *unit)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cert_name = g_strdup_printf("kiosk/%s/%s.pem", kiosk, unit);
    g_autofree char *key_name = g_strdup_printf("kiosk/%s/%s-key.pem", kiosk, unit);
    g_autofree char *cert = dv_test_keys_path(rig->keys, cert_name);
    g_autofree char *key = dv_test_keys_path(rig->keys, key_name);
    g_autofree char *ca = dv_test_keys_path(rig->keys, "ca/ca.pem");
    g_autofree char *url = g_strdup_printf("https://localhost:%u", dv_ingest_port(rig->ingest));
    DvHttpClientOptions options = {
        .base_url = url, .ca_file = ca, .cert_file = cert, .key_file = key};
    DvHttpClient *client = dv_http_client_new(&options, &error);
    if (client == NULL)
        g_error("ingest rig: %s", error->message);
    return client;
}

IngestAnswer
ingest_rig_send(DvHttpClient *client, const char *method, const char *path, const void *body,
                gsize length)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = NULL;
    IngestAnswer answer = {.status = 0};
    if (!dv_http_client_send(client, method, path, body != NULL ? "application/octet-stream" : NULL,
                             body, length, 1 << 20, &answer.status, &bytes, &error)) {
        answer.status = 0;
        answer.error = error->code;
        answer.text = g_strdup(error->message);
        return answer;
    }
    const char *data = g_bytes_get_data(bytes, &answer.length);
    answer.text = g_strndup(data != NULL ? data : "", answer.length);
    return answer;
}

IngestAnswer
ingest_rig_put(DvHttpClient *client, GBytes *wire)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(wire, &length);
    return ingest_rig_send(client, "PUT", "/v1/records", data, length);
}

void
ingest_answer_clear(IngestAnswer *answer)
{
    g_clear_pointer(&answer->text, g_free);
}
