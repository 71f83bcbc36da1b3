// SPDX-License-Identifier: Apache-2.0
/*
 * Records that stand durable at the centre, per second: many kiosks at once over mutual TLS, each
 * with one kept connection, its next record sent when it holds the receipt for the last. Server and
 * kiosks share the machine. Beside it, in the same run and folder, what the disk does with nothing
 * else to do: 16 KB written and synced, one after the other.
 *
 * usage: ingest [KIOSKS [RECORDS_EACH]]
 */
#include "ingest_rig.h"
#include <darvaza/pki.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DISK_US 1000000

typedef struct {
    char name[16];
    GBytes **wires;
    guint records;
    DvHttpClient *client;
    gint64 *took; /* µs, one a record */
} Kiosk;

static void
seal_all(const IngestRig *rig, Kiosk *kiosk)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *key_name = g_strdup_printf("kiosk/%s/sign-key.pem", kiosk->name);
    g_autofree char *cert_name = g_strdup_printf("kiosk/%s/sign.pem", kiosk->name);
    g_autofree char *key_path = dv_test_keys_path(rig->keys, key_name);
    g_autofree char *cert_path = dv_test_keys_path(rig->keys, cert_name);
    g_autoptr(DvKey) key = dv_key_load(key_path, &error);
    g_autoptr(DvCert) cert = dv_cert_load(cert_path, &error);
    g_assert_no_error(error);
    DvSealKeys seal = dv_test_seal_keys(rig->keys);
    seal.kiosk_key = key;
    seal.kiosk_cert = cert;
    guint8 link[DV_SHA256_SIZE] = {0};
    g_autoptr(json_t) record = dv_record_example();
    json_object_set_new(record, "kiosk_id", json_string(kiosk->name));
    for (guint i = 0; i < kiosk->records; i++) {
        DvCrossingHeader header = {.epoch = 1, .seq = i + 1, .priority = DV_PRIORITY_ROUTINE};
        g_strlcpy(header.kiosk, kiosk->name, sizeof header.kiosk);
        memcpy(header.prev_hash, link, sizeof link);
        kiosk->wires[i] = dv_crossing_seal(&seal, &header, record, NULL, link, &error);
        g_assert_no_error(error);
    }
}

static void *
send_all(void *data)
{
    Kiosk *kiosk = data;
    for (guint i = 0; i < kiosk->records; i++) {
        gint64 start = g_get_monotonic_time();
        g_auto(IngestAnswer) answer = ingest_rig_put(kiosk->client, kiosk->wires[i]);
        if (answer.status != 201)
            g_error("%s: %u %s", kiosk->name, answer.status, answer.text);
        kiosk->took[i] = g_get_monotonic_time() - start;
    }
    return NULL;
}

static double
syncs_per_second(const char *dir)
{
    g_autofree char *path = g_build_filename(dir, "syncs", NULL);
    g_autofree char *page = g_strnfill(16384, 'x');
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    gint64 start = g_get_monotonic_time(), now = start;
    guint count = 0;
    g_assert(fd >= 0);
    while (now - start < DISK_US) {
        g_assert(write(fd, page, 16384) == 16384 && fdatasync(fd) == 0);
        count++;
        now = g_get_monotonic_time();
    }
    close(fd);
    unlink(path);
    return (double)count * 1e6 / (double)(now - start);
}

static int
compare(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

static double
run(Kiosk *kiosks, guint count)
{
    g_autofree pthread_t *threads = g_new0(pthread_t, count);
    gint64 start = g_get_monotonic_time();
    for (guint i = 0; i < count; i++)
        g_assert(pthread_create(&threads[i], NULL, send_all, &kiosks[i]) == 0);
    for (guint i = 0; i < count; i++)
        pthread_join(threads[i], NULL);
    return (double)(g_get_monotonic_time() - start) / 1e6;
}

static void
prepare(IngestRig *rig, Kiosk *kiosk, guint number, guint records, gint64 *took)
{
    g_autoptr(GError) error = NULL;
    g_snprintf(kiosk->name, sizeof kiosk->name, "BENCH-%u", number);
    dv_pki_add_kiosk(rig->keys->dir, kiosk->name, &error);
    g_assert_no_error(error);
    kiosk->records = records;
    kiosk->wires = g_new0(GBytes *, records);
    kiosk->took = took;
    seal_all(rig, kiosk);
    kiosk->client = ingest_rig_client(rig, kiosk->name, "tls");
    /* The handshake is not what is measured. */
    g_auto(IngestAnswer) hello =
        ingest_rig_send(kiosk->client, "GET", "/v1/answers?after=0", NULL, 0);
    g_assert(hello.status == 200);
}

int
main(int argc, char **argv)
{
    guint count = argc > 1 ? (guint)strtoul(argv[1], NULL, 10) : 48;
    guint records = argc > 2 ? (guint)strtoul(argv[2], NULL, 10) : 40;
    IngestRig *rig = ingest_rig_new(NULL);
    g_autofree Kiosk *kiosks = g_new0(Kiosk, count);
    g_autofree gint64 *took = g_new0(gint64, (gsize)count * records);
    for (guint i = 0; i < count; i++)
        prepare(rig, &kiosks[i], i, records, took + (gsize)i * records);
    gsize bytes = g_bytes_get_size(kiosks[0].wires[0]);
    double before = syncs_per_second(rig->dir);
    double seconds = run(kiosks, count);
    double after = syncs_per_second(rig->dir);
    gsize total = (gsize)count * records;
    qsort(took, total, sizeof *took, compare);
    printf("{\"bench\":\"ingest\",\"kiosks\":%u,\"records\":%zu,\"record_bytes\":%zu,"
           "\"records_per_s\":%.0f,\"fdatasync_16k_per_s\":%.0f,\"p50_us\":%" G_GINT64_FORMAT
           ",\"p99_us\":%" G_GINT64_FORMAT "}\n",
           count, total, bytes, (double)total / seconds, (before + after) / 2, took[total / 2],
           took[total * 99 / 100]);
    for (guint i = 0; i < count; i++) {
        for (guint n = 0; n < records; n++)
            g_bytes_unref(kiosks[i].wires[n]);
        g_free(kiosks[i].wires);
        dv_http_client_free(kiosks[i].client);
    }
    ingest_rig_free(rig);
    return 0;
}
