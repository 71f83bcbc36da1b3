// SPDX-License-Identifier: Apache-2.0
/* Many connections at once: nothing lost, nothing doubled, and a clean stop in the middle. */
#include "ingest_rig.h"
#include <darvaza/error.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define RECORDS 40
#define PEERS 6

typedef struct {
    const IngestRig *rig;
    DvHttpClient *client;
    GBytes **wires;
    guint created, duplicates, other, silent; /* answers by kind */
    guint acknowledged;                       /* records in order until the first trouble */
} Peer;

/* Sends every record in order until one is not acknowledged. */
static void *
send_all(void *data)
{
    Peer *peer = data;
    for (guint i = 0; i < RECORDS; i++) {
        g_auto(IngestAnswer) answer = ingest_rig_put(peer->client, peer->wires[i]);
        if (answer.status == 201)
            peer->created++;
        else if (answer.status == 200)
            peer->duplicates++;
        else if (answer.status == 0)
            peer->silent++;
        else
            peer->other++;
        if (answer.status != 200 && answer.status != 201)
            break;
        peer->acknowledged = i + 1;
        g_auto(IngestAnswer) poll =
            ingest_rig_send(peer->client, "GET", "/v1/answers?after=0", NULL, 0);
        if (poll.status != 200)
            break;
    }
    return NULL;
}

static void
seal_all(const IngestRig *rig, GBytes **wires)
{
    guint8 link[DV_SHA256_SIZE] = {0}, prev[DV_SHA256_SIZE];
    for (guint i = 0; i < RECORDS; i++) {
        memcpy(prev, link, sizeof prev);
        wires[i] =
            dv_record_example_sealed(rig->keys, 9, i + 1, prev, DV_PRIORITY_REVIEW, NULL, link);
    }
}

static void
unseal_all(GBytes **wires)
{
    for (guint i = 0; i < RECORDS; i++)
        g_bytes_unref(wires[i]);
}

static void
start_peers(const IngestRig *rig, GBytes **wires, Peer *peers, pthread_t *threads)
{
    for (guint i = 0; i < PEERS; i++) {
        peers[i] = (Peer){.rig = rig, .wires = wires};
        peers[i].client = ingest_rig_client(rig, "KSK-1", "tls");
        assert_int_equal(pthread_create(&threads[i], NULL, send_all, &peers[i]), 0);
    }
}

static guint
count_records(const IngestRig *rig)
{
    g_autoptr(DvStore) store = dv_store_open(rig->store, NULL);
    g_autoptr(GPtrArray) list = dv_store_records_since(store, 0, 256, NULL);
    return list->len;
}

static void
test_same_records_from_all_sides(void **state)
{
    (void)state;
    IngestRig *rig = ingest_rig_new(NULL);
    GBytes *wires[RECORDS];
    Peer peers[PEERS];
    pthread_t threads[PEERS];
    guint created = 0, duplicates = 0;
    seal_all(rig, wires);
    start_peers(rig, wires, peers, threads);
    for (guint i = 0; i < PEERS; i++) {
        pthread_join(threads[i], NULL);
        dv_http_client_free(peers[i].client);
        assert_int_equal(peers[i].other, 0);
        assert_int_equal(peers[i].silent, 0);
        created += peers[i].created;
        duplicates += peers[i].duplicates;
    }
    assert_int_equal(created, RECORDS);
    assert_int_equal(duplicates, RECORDS * (PEERS - 1));
    assert_int_equal(count_records(rig), RECORDS);
    unseal_all(wires);
    ingest_rig_free(rig);
}

static void
test_stop_in_the_middle(void **state)
{
    (void)state;
    IngestRig *rig = ingest_rig_new(NULL);
    GBytes *wires[RECORDS];
    Peer peers[PEERS];
    pthread_t threads[PEERS];
    seal_all(rig, wires);
    start_peers(rig, wires, peers, threads);
    while (count_records(rig) == 0)
        g_usleep(1000);
    g_clear_pointer(&rig->ingest, dv_ingest_free);
    guint acknowledged = 0;
    for (guint i = 0; i < PEERS; i++) {
        pthread_join(threads[i], NULL);
        dv_http_client_free(peers[i].client);
        acknowledged = MAX(acknowledged, peers[i].acknowledged);
    }
    assert_true(count_records(rig) >= acknowledged);
    unseal_all(wires);
    ingest_rig_free(rig);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_records_from_all_sides),
        cmocka_unit_test(test_stop_in_the_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
