// SPDX-License-Identifier: Apache-2.0
#include "run.h"
#include "iolog.h"

#include <darvaza/fault.h>
#include <darvaza/http_client.h>
#include <darvaza/ingest.h>
#include <darvaza/outbox.h>
#include <darvaza/receipt.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

#define PHASES 4
#define RECEIPT_MAX 4096
/* Write-ahead logs are written back after so many pages instead of 1,000, so that many cuts fall
 * into that work. */
#define CHECKPOINT_PAGES 60

const char *const run_kiosks[RUN_KIOSKS + 1] = {"KSK-1", "KSK-2", NULL};
static _Thread_local const char *machine = RUN_CENTRE;

/* Takes the place of the fault points' own function (linked with --wrap). */
void __wrap_dv_fault_point(const char *name);
void
__wrap_dv_fault_point(const char *name)
{
    iolog_mark("point %s %s", machine, name);
}

/* Takes the place of SQLite's own (linked with --wrap). */
static gboolean recording;
int __real_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs);
int __wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs);
int
__wrap_sqlite3_open_v2(const char *path, sqlite3 **db, int flags, const char *vfs)
{
    int result = __real_sqlite3_open_v2(path, db, flags, vfs);

    return result == SQLITE_OK && recording ? sqlite3_wal_autocheckpoint(*db, CHECKPOINT_PAGES)
                                            : result;
}

/* ---- keys and records */

static char *
kiosk_file(const DvTestKeys *keys, const char *kiosk, const char *name)
{
    g_autofree char *relative = g_strdup_printf("kiosk/%s/%s", kiosk, name);
    return dv_test_keys_path(keys, relative);
}

RunSeal *
run_seal_new(const DvTestKeys *keys, const char *kiosk)
{
    RunSeal *run = g_new0(RunSeal, 1);
    g_autoptr(GError) error = NULL;
    g_autofree char *key = kiosk_file(keys, kiosk, "sign-key.pem");
    g_autofree char *cert = kiosk_file(keys, kiosk, "sign.pem");

    run->key = dv_key_load(key, &error);
    run->cert = run->key != NULL ? dv_cert_load(cert, &error) : NULL;
    if (run->cert == NULL)
        g_error("%s", error->message);
    run->seal = dv_test_seal_keys(keys);
    run->seal.kiosk_key = run->key;
    run->seal.kiosk_cert = run->cert;
    return run;
}

void
run_seal_free(RunSeal *run)
{
    dv_key_free(run->key);
    dv_cert_free(run->cert);
    g_free(run);
}

json_t *
run_record(const char *crossing_id, const char *kiosk)
{
    json_t *record = dv_record_example();

    json_object_set_new(record, "crossing_id", json_string(crossing_id));
    json_object_set_new(record, "kiosk_id", json_string(kiosk));
    return record;
}

/* ---- a booth */

typedef struct {
    const DvTestKeys *keys;
    const char *kiosk;
    char *path;
    RunSeal *seal;
    DvHttpClient *client;
    DvOutbox *outbox;
    GRand *chance;
    guint crossings; /* to make in this phase */
    gboolean drains; /* sends everything at the end of the phase */
    pthread_t thread;
} Booth;

static void
booth_open(Booth *booth)
{
    g_autoptr(GError) error = NULL;

    booth->outbox = dv_outbox_open(booth->path, booth->kiosk, &error);
    if (booth->outbox == NULL)
        g_error("%s", error->message);
}

static void
record_one(Booth *booth)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *id = dv_uuid_new();
    g_autoptr(json_t) body = run_record(id, booth->kiosk);
    DvOutboxPlace place;
    DvOutboxHead head;

    iolog_mark("start %s %s", booth->kiosk, id);
    if (!dv_outbox_append(booth->outbox, &booth->seal->seal, id,
                          (DvPriority)g_rand_int_range(booth->chance, 0, 5), body, NULL, &place,
                          &error) ||
        !dv_outbox_head(booth->outbox, &head, &error))
        g_error("%s", error->message);
    g_autofree char *link = dv_hex(head.link, sizeof head.link);
    iolog_mark("recorded %s %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s", booth->kiosk, id,
               place.epoch, place.seq, link);
}

static gboolean
accept_receipt(Booth *booth, GBytes *answer, GError **error)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(answer, &length);
    DvReceipt receipt;

    if (!dv_receipt_verify(data, length, booth->keys->receipt, &receipt, error))
        return FALSE;
    g_autofree char *link = dv_hex(receipt.link, sizeof receipt.link);
    iolog_mark("receipt %s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s", booth->kiosk,
               receipt.epoch, receipt.seq, link);
    return dv_outbox_acknowledge(booth->outbox, receipt.epoch, receipt.seq, receipt.link, error);
}

/* Sends at most max records; returns how many there were. */
static guint
send_some(Booth *booth, guint max)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = dv_outbox_next(booth->outbox, max, &error);

    for (guint i = 0; records != NULL && i < records->len; i++) {
        const DvOutboxRecord *record = g_ptr_array_index(records, i);
        g_autoptr(GBytes) answer = NULL;
        guint status = 0;
        gsize length = 0;
        const void *wire = g_bytes_get_data(record->wire, &length);
        if (!dv_http_client_send(booth->client, "PUT", "/v1/records", "application/octet-stream",
                                 wire, length, RECEIPT_MAX, &status, &answer, &error))
            break;
        if (status / 100 != 2)
            g_error("the centre answered %u", status);
        if (!accept_receipt(booth, answer, &error))
            break;
    }
    if (error != NULL)
        g_error("%s", error->message);
    return records->len;
}

static void *
booth_main(void *data)
{
    Booth *booth = data;

    machine = booth->kiosk;
    booth_open(booth);
    while (booth->crossings > 0) {
        int what = g_rand_int_range(booth->chance, 0, 20);
        if (what < 11) {
            record_one(booth);
            booth->crossings--;
        } else if (what < 19) {
            send_some(booth, (guint)g_rand_int_range(booth->chance, 1, 5));
        } else { /* the booth is started again */
            dv_outbox_free(booth->outbox);
            booth_open(booth);
        }
    }
    while (booth->drains && send_some(booth, 8) > 0)
        ;
    dv_outbox_free(booth->outbox);
    return NULL;
}

/* ---- the centre */

static DvIngest *
start_centre(const DvTestKeys *keys, const char *store)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cert = dv_test_keys_path(keys, "centre/server.pem");
    g_autofree char *key = dv_test_keys_path(keys, "centre/server-key.pem");
    g_autofree char *ca = dv_test_keys_path(keys, "ca/ca.pem");
    g_autofree char *trust = dv_test_keys_path(keys, "trust");
    g_autofree char *receipt = dv_test_keys_path(keys, "centre/receipt-key.pem");
    const DvIngestOptions options = {.address = "127.0.0.1",
                                     .tls_cert = cert,
                                     .tls_key = key,
                                     .tls_client_ca = ca,
                                     .store = store,
                                     .trust_dir = trust,
                                     .receipt_key = receipt};
    DvIngest *ingest = dv_ingest_new(&options, &error);

    if (ingest == NULL)
        g_error("%s", error->message);
    return ingest;
}

static DvHttpClient *
connect_to(const DvTestKeys *keys, const char *kiosk, guint port)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *cert = kiosk_file(keys, kiosk, "tls.pem");
    g_autofree char *key = kiosk_file(keys, kiosk, "tls-key.pem");
    g_autofree char *ca = dv_test_keys_path(keys, "ca/ca.pem");
    g_autofree char *url = g_strdup_printf("https://localhost:%u", port);
    const DvHttpClientOptions options = {
        .base_url = url, .ca_file = ca, .cert_file = cert, .key_file = key};
    DvHttpClient *client = dv_http_client_new(&options, &error);

    if (client == NULL)
        g_error("%s", error->message);
    return client;
}

/* ---- the run */

static void
run_phase(const DvTestKeys *keys, const char *store, Booth *booths)
{
    DvIngest *ingest = start_centre(keys, store);

    for (guint i = 0; i < RUN_KIOSKS; i++) {
        booths[i].client = connect_to(keys, booths[i].kiosk, dv_ingest_port(ingest));
        if (pthread_create(&booths[i].thread, NULL, booth_main, &booths[i]) != 0)
            g_error("cannot start a thread");
    }
    for (guint i = 0; i < RUN_KIOSKS; i++) {
        pthread_join(booths[i].thread, NULL);
        dv_http_client_free(booths[i].client);
    }
    dv_ingest_free(ingest);
}

void
run_recorded(const DvTestKeys *keys, const char *root, guint crossings, guint32 seed)
{
    g_autofree char *store = g_build_filename(root, RUN_CENTRE, "store.db", NULL);
    Booth booths[RUN_KIOSKS];

    recording = TRUE;
    memset(booths, 0, sizeof booths);
    for (guint i = 0; i < RUN_KIOSKS; i++) {
        booths[i].keys = keys;
        booths[i].kiosk = run_kiosks[i];
        booths[i].path = g_build_filename(root, run_kiosks[i], "outbox.db", NULL);
        booths[i].seal = run_seal_new(keys, run_kiosks[i]);
        booths[i].chance = g_rand_new_with_seed(seed + i);
    }
    for (guint phase = 0; phase < PHASES; phase++) {
        for (guint i = 0; i < RUN_KIOSKS; i++) {
            booths[i].crossings = MAX(1, crossings / RUN_KIOSKS / PHASES);
            booths[i].drains = phase % 2 == i;
        }
        run_phase(keys, store, booths);
    }
    for (guint i = 0; i < RUN_KIOSKS; i++) {
        g_rand_free(booths[i].chance);
        run_seal_free(booths[i].seal);
        g_free(booths[i].path);
    }
    recording = FALSE;
}
