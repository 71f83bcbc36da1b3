// SPDX-License-Identifier: Apache-2.0
/* The ingest service over real mutual TLS: what it takes, what it refuses, and what stands after.
 */
#include "ingest_rig.h"
#include <darvaza/error.h>
#include <darvaza/receipt.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

typedef struct {
    IngestRig *rig;
    DvHttpClient *kiosk;
} Fixture;

static int
setup(void **state)
{
    Fixture *f = g_new0(Fixture, 1);
    f->rig = ingest_rig_new(NULL);
    f->kiosk = ingest_rig_client(f->rig, "KSK-1", "tls");
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *f = *state;
    dv_http_client_free(f->kiosk);
    ingest_rig_free(f->rig);
    g_free(f);
    return 0;
}

static GBytes *
seal(Fixture *f, gint64 epoch, gint64 seq, guint8 *link)
{
    guint8 prev[DV_SHA256_SIZE];
    memcpy(prev, link, sizeof prev);
    return dv_record_example_sealed(f->rig->keys, epoch, seq, prev, DV_PRIORITY_HIT, NULL, link);
}

static guint
count_records(Fixture *f)
{
    g_autoptr(DvStore) store = dv_store_open(f->rig->store, NULL);
    g_autoptr(GPtrArray) list = dv_store_records_since(store, 0, 256, NULL);
    return list->len;
}

static void
expect(const IngestAnswer *answer, guint status, const char *text)
{
    if (answer->status != status || strstr(answer->text, text) == NULL)
        fail_msg("wanted %u with \"%s\", got %u: %s", status, text, answer->status, answer->text);
}

static void
expect_receipt(Fixture *f, const IngestAnswer *answer, gint64 epoch, gint64 seq, const guint8 *link)
{
    g_autoptr(GError) error = NULL;
    DvReceipt receipt;
    assert_true(
        dv_receipt_verify(answer->text, answer->length, f->rig->keys->receipt, &receipt, &error));
    assert_null(error);
    assert_string_equal(receipt.kiosk, "KSK-1");
    assert_int_equal(receipt.epoch, epoch);
    assert_int_equal(receipt.seq, seq);
    assert_memory_equal(receipt.link, link, DV_SHA256_SIZE);
    assert_true(receipt.received_us > 0);
}

static void
test_record_and_receipt(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    g_autoptr(GBytes) first = seal(f, 5, 1, link);
    g_auto(IngestAnswer) taken = ingest_rig_put(f->kiosk, first);
    expect(&taken, 201, "");
    expect_receipt(f, &taken, 5, 1, link);

    /* The same again, also after a restart: the same receipt, byte for byte, and nothing doubled.
     */
    g_auto(IngestAnswer) again = ingest_rig_put(f->kiosk, first);
    expect(&again, 200, "");
    assert_string_equal(again.text, taken.text);
    ingest_rig_restart(f->rig);
    g_autoptr(DvHttpClient) later = ingest_rig_client(f->rig, "KSK-1", "tls");
    g_auto(IngestAnswer) thrice = ingest_rig_put(later, first);
    expect(&thrice, 200, "");
    assert_string_equal(thrice.text, taken.text);
    assert_int_equal(count_records(f), 1);

    g_autoptr(GBytes) second = seal(f, 5, 2, link);
    g_auto(IngestAnswer) next = ingest_rig_put(later, second);
    expect(&next, 201, "");
    expect_receipt(f, &next, 5, 2, link);

    /* What stands is what was sent, and it is in the queue. */
    g_autoptr(DvStore) store = dv_store_open(f->rig->store, NULL);
    DvRecordKey key = {"KSK-1", 5, 2};
    g_autoptr(DvStoredRecord) stored = dv_store_record(store, &key, NULL);
    assert_non_null(stored);
    assert_true(g_bytes_equal(stored->wire, second));
    g_autoptr(GPtrArray) queue = dv_store_queue(store, FALSE, 10, NULL);
    assert_int_equal(queue->len, 2);
}

static void
test_chain_refusals(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0}, other[DV_SHA256_SIZE] = {0}, lost[DV_SHA256_SIZE];
    g_autoptr(GBytes) first = seal(f, 5, 1, link);
    g_auto(IngestAnswer) a = ingest_rig_put(f->kiosk, first);
    expect(&a, 201, "");
    g_autoptr(GBytes) replaced = seal(f, 5, 1, other); /* another crossing under the same number */
    g_auto(IngestAnswer) b = ingest_rig_put(f->kiosk, replaced);
    expect(&b, 409, "\"error\":\"conflict\"");
    memcpy(lost, link, sizeof lost);
    g_autoptr(GBytes) third = seal(f, 5, 3, lost);
    g_auto(IngestAnswer) c = ingest_rig_put(f->kiosk, third);
    expect(&c, 409, "\"error\":\"gap\"");
    expect(&c, 409, "\"expected_seq\":2");
    g_autoptr(GBytes) beside = seal(f, 5, 2, other); /* follows the record that was refused */
    g_auto(IngestAnswer) d = ingest_rig_put(f->kiosk, beside);
    expect(&d, 409, "\"error\":\"chain\"");
    assert_int_equal(count_records(f), 1);
}

static void
append_part(GByteArray *wire, GBytes *part)
{
    guint32 size = GUINT32_TO_BE((guint32)g_bytes_get_size(part));
    g_byte_array_append(wire, (const guint8 *)&size, sizeof size);
    g_byte_array_append(wire, g_bytes_get_data(part, NULL), (guint)g_bytes_get_size(part));
}

static GBytes *
splice_signature(GBytes *into, GBytes *from)
{
    g_autoptr(DvCrossingWire) a =
        dv_crossing_wire_parse(g_bytes_get_data(into, NULL), g_bytes_get_size(into), NULL);
    g_autoptr(DvCrossingWire) b =
        dv_crossing_wire_parse(g_bytes_get_data(from, NULL), g_bytes_get_size(from), NULL);
    assert_non_null(a);
    assert_non_null(b);
    GByteArray *wire = g_byte_array_new();
    g_byte_array_append(wire, (const guint8 *)"DVR1", 4);
    append_part(wire, a->header_bytes);
    append_part(wire, b->signature);
    append_part(wire, a->body);
    append_part(wire, a->protection);
    return g_byte_array_free_to_bytes(wire);
}

static void
test_foreign_and_forged(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    g_autoptr(GBytes) own = seal(f, 5, 1, link);
    g_autoptr(DvHttpClient) other = ingest_rig_client(f->rig, "KSK-2", "tls");
    g_auto(IngestAnswer) foreign = ingest_rig_put(other, own);
    expect(&foreign, 403, "kiosk KSK-2 may not send a record of kiosk KSK-1");

    /* The signing certificate opens no connection, although our authority issued it. */
    g_autoptr(DvHttpClient) wrong_unit = ingest_rig_client(f->rig, "KSK-1", "sign");
    g_auto(IngestAnswer) unit = ingest_rig_put(wrong_unit, own);
    expect(&unit, 403, "\"error\":\"denied\"");

    /* KSK-1's own signature, but of another header. */
    guint8 second[DV_SHA256_SIZE] = {0};
    g_autoptr(GBytes) another = seal(f, 6, 1, second);
    g_autoptr(GBytes) forgery = splice_signature(own, another);
    g_auto(IngestAnswer) signature = ingest_rig_put(f->kiosk, forgery);
    expect(&signature, 403, "\"error\":");
    assert_int_equal(count_records(f), 0);
}

static void
test_malformed(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    g_autoptr(GBytes) good = seal(f, 5, 1, link);
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(good, &length);
    const gsize cuts[] = {0, 1, 4, 7, 8, 100, length / 2, length - 1};
    for (gsize i = 0; i < G_N_ELEMENTS(cuts); i++) {
        g_auto(IngestAnswer) answer =
            ingest_rig_send(f->kiosk, "PUT", "/v1/records", data, cuts[i]);
        expect(&answer, 400, "\"error\":\"invalid\"");
    }
    g_autofree guint8 *more = g_malloc0(length + 1);
    memcpy(more, data, length);
    g_auto(IngestAnswer) trailing =
        ingest_rig_send(f->kiosk, "PUT", "/v1/records", more, length + 1);
    expect(&trailing, 400, "\"error\":\"invalid\"");
    /* A bit flipped anywhere is refused: by form, by hash or by signature. */
    for (gsize at = 0; at < length; at += 97) {
        memcpy(more, data, length);
        more[at] ^= 0x10;
        g_auto(IngestAnswer) answer = ingest_rig_send(f->kiosk, "PUT", "/v1/records", more, length);
        if (answer.status != 400 && answer.status != 403)
            fail_msg("a bit flipped at %zu gave %u: %s", at, answer.status, answer.text);
    }
    g_autofree char *large = g_strnfill(DV_CROSSING_WIRE_MAX + 1, 'x');
    g_auto(IngestAnswer) oversized =
        ingest_rig_send(f->kiosk, "PUT", "/v1/records", large, DV_CROSSING_WIRE_MAX + 1);
    expect(&oversized, 413, "too_large");
    assert_int_equal(count_records(f), 0);
    /* And a good one is still taken. */
    g_auto(IngestAnswer) taken = ingest_rig_put(f->kiosk, good);
    expect(&taken, 201, "");
}

/* The body that was erased at the booth's end: a record that nobody could ever open. */
static void
test_empty_parts(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    g_autoptr(GBytes) good = seal(f, 5, 1, link);
    g_autoptr(DvCrossingWire) wire =
        dv_crossing_wire_parse(g_bytes_get_data(good, NULL), g_bytes_get_size(good), NULL);
    assert_non_null(wire);
    gsize head =
        4 + 4 + g_bytes_get_size(wire->header_bytes) + 4 + g_bytes_get_size(wire->signature);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, g_bytes_get_data(good, NULL), (guint)head);
    g_byte_array_append(bytes, (const guint8 *)"\0\0\0\0\0\0\0\0", 8);
    g_auto(IngestAnswer) answer =
        ingest_rig_send(f->kiosk, "PUT", "/v1/records", bytes->data, bytes->len);
    expect(&answer, 400, "carries body and protection");
    assert_int_equal(count_records(f), 0);
}

/* ---- heartbeats */

static IngestAnswer
beat_by(Fixture *f, DvHttpClient *client, const char *kiosk, const DvKey *key, gint64 seq,
        gint64 unsent, const guint8 *link)
{
    DvHeartbeat beat = {.epoch = 5, .seq = seq, .unsent = unsent, .time_us = 1, .software = "0.1"};
    g_autoptr(GError) error = NULL;
    (void)f;
    g_strlcpy(beat.kiosk, kiosk, sizeof beat.kiosk);
    if (link != NULL)
        memcpy(beat.link, link, sizeof beat.link);
    g_autoptr(GBytes) bytes = dv_heartbeat_make(&beat, key, &error);
    assert_null(error);
    return ingest_rig_send(client, "POST", "/v1/heartbeats", g_bytes_get_data(bytes, NULL),
                           g_bytes_get_size(bytes));
}

static void
expect_beat(Fixture *f, gint64 seq, gint64 unsent, const guint8 *link, const char *chain,
            gint64 missing, gint64 durable)
{
    g_autoptr(GError) error = NULL;
    g_auto(IngestAnswer) answer =
        beat_by(f, f->kiosk, "KSK-1", f->rig->keys->sign_key, seq, unsent, link);
    expect(&answer, 200, "");
    g_autoptr(json_t) payload = dv_signed_json_verify(
        "heartbeat answer", answer.text, answer.length, 65536, f->rig->keys->receipt, &error);
    assert_null(error);
    assert_string_equal(json_string_value(json_object_get(payload, "kiosk")), "KSK-1");
    assert_string_equal(json_string_value(json_object_get(payload, "chain")), chain);
    assert_int_equal(json_integer_value(json_object_get(payload, "missing")), missing);
    assert_int_equal(json_integer_value(json_object_get(payload, "seq")), durable);
    assert_true(json_is_null(json_object_get(payload, "audit_head"))); /* no opener here */
}

static void
test_heartbeats(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0}, other[DV_SHA256_SIZE];
    memset(other, 3, sizeof other);
    expect_beat(f, 0, 0, NULL, "good", 0, 0);
    g_autoptr(GBytes) first = seal(f, 5, 1, link);
    g_auto(IngestAnswer) taken = ingest_rig_put(f->kiosk, first);
    expect(&taken, 201, "");
    expect_beat(f, 1, 0, link, "good", 0, 1);
    expect_beat(f, 3, 2, other, "good", 0, 1);
    expect_beat(f, 3, 0, other, "missing", 2, 1); /* the last two are gone, and that is seen */
    expect_beat(f, 1, 0, other, "forked", 0, 1);

    const DvTestKeys *keys = f->rig->keys;
    g_auto(IngestAnswer) foreign = beat_by(f, f->kiosk, "KSK-2", keys->other_key, 1, 0, link);
    assert_int_equal(foreign.status, 403);
    g_auto(IngestAnswer) forged = beat_by(f, f->kiosk, "KSK-1", keys->other_key, 1, 0, link);
    assert_int_equal(forged.status, 403);
    g_auto(IngestAnswer) garbage =
        ingest_rig_send(f->kiosk, "POST", "/v1/heartbeats", "{\"a\":", 5);
    assert_int_equal(garbage.status, 400);
    g_auto(IngestAnswer) nothing = ingest_rig_send(f->kiosk, "POST", "/v1/heartbeats", "", 0);
    assert_int_equal(nothing.status, 400);

    g_autoptr(DvStore) store = dv_store_open(f->rig->store, NULL);
    g_autoptr(GPtrArray) kiosks = dv_store_kiosks(store, NULL);
    assert_int_equal(kiosks->len, 1);
    assert_int_equal(((DvKioskState *)kiosks->pdata[0])->chain, DV_CHAIN_FORKED);
}

/* ---- answers and accounts */

static void
test_answers(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    g_autoptr(GBytes) first = seal(f, 5, 1, link);
    g_auto(IngestAnswer) taken = ingest_rig_put(f->kiosk, first);
    expect(&taken, 201, "");
    g_auto(IngestAnswer) none = ingest_rig_send(f->kiosk, "GET", "/v1/answers?after=0", NULL, 0);
    expect(&none, 200, "{\"answers\":[]}");

    DvRecordKey key = {"KSK-1", 5, 1};
    g_autoptr(DvStore) store = dv_store_open(f->rig->store, NULL);
    g_autoptr(GBytes) sealed = g_bytes_new("sealed", 6);
    assert_true(dv_store_claim(store, &key, "vera", 1, 1000, NULL));
    assert_true(dv_store_decide(store, &key, "vera", sealed, sealed, 2, NULL, NULL));
    g_auto(IngestAnswer) one = ingest_rig_send(f->kiosk, "GET", "/v1/answers?after=0", NULL, 0);
    expect(&one, 200, "{\"answers\":[{\"number\":1,\"answer\":\"c2VhbGVk\"}]}");
    g_auto(IngestAnswer) held = ingest_rig_send(f->kiosk, "GET", "/v1/answers?after=1", NULL, 0);
    expect(&held, 200, "{\"answers\":[]}");
    g_autoptr(DvHttpClient) other = ingest_rig_client(f->rig, "KSK-2", "tls");
    g_auto(IngestAnswer) others = ingest_rig_send(other, "GET", "/v1/answers?after=0", NULL, 0);
    expect(&others, 200, "{\"answers\":[]}");
    const char *bad[] = {"/v1/answers", "/v1/answers?after=", "/v1/answers?after=-1",
                         "/v1/answers?after=1x", "/v1/answers?after=99999999999999999999"};
    for (gsize i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_auto(IngestAnswer) answer = ingest_rig_send(f->kiosk, "GET", bad[i], NULL, 0);
        expect(&answer, 400, "invalid");
    }
    /* Freed so, the writer has done what stood before it. */
    g_clear_pointer(&f->rig->ingest, dv_ingest_free);
    g_autoptr(GPtrArray) kiosks = dv_store_kiosks(store, NULL);
    assert_int_equal(((DvKioskState *)kiosks->pdata[0])->answers_taken, 1);
}

static void
test_no_opener(void **state)
{
    Fixture *f = *state;
    g_auto(IngestAnswer) answer = ingest_rig_send(f->kiosk, "GET", "/v1/accounts", NULL, 0);
    expect(&answer, 503, "no opener");
}

/* ---- a full disk: files may not grow for a while */

static void
test_full_disk(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    g_autoptr(GBytes) first = seal(f, 5, 1, link);
    g_autoptr(GBytes) second = seal(f, 5, 2, link);
    g_auto(IngestAnswer) taken = ingest_rig_put(f->kiosk, first);
    expect(&taken, 201, "");

    struct rlimit before, small;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 4096;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &small);
    g_auto(IngestAnswer) full = ingest_rig_put(f->kiosk, second);
    setrlimit(RLIMIT_FSIZE, &before);
    expect(&full, 507, "\"error\":\"full\"");
    assert_int_equal(count_records(f), 1);

    g_auto(IngestAnswer) again = ingest_rig_put(f->kiosk, second);
    expect(&again, 201, "");
    assert_int_equal(count_records(f), 2);
}

static void
test_trust_grows_and_shrinks(void **state)
{
    Fixture *f = *state;
    guint8 link[DV_SHA256_SIZE] = {0};
    g_autoptr(GBytes) first = seal(f, 5, 1, link);
    g_autofree char *sign = dv_test_keys_path(f->rig->keys, "trust/kiosks/KSK-1/sign.pem");
    g_autofree char *away = g_strconcat(sign, ".away", NULL);
    assert_int_equal(rename(sign, away), 0);
    g_auto(IngestAnswer) refused = ingest_rig_put(f->kiosk, first);
    expect(&refused, 403, "kiosk KSK-1 is not trusted here");
    static const char *const readings[] = {"/v1/answers?after=0", "/v1/accounts"};
    for (gsize i = 0; i < G_N_ELEMENTS(readings); i++) {
        g_auto(IngestAnswer) reading = ingest_rig_send(f->kiosk, "GET", readings[i], NULL, 0);
        expect(&reading, 403, "kiosk KSK-1 is not trusted here");
    }
    assert_int_equal(rename(away, sign), 0);
    g_auto(IngestAnswer) taken = ingest_rig_put(f->kiosk, first);
    expect(&taken, 201, "");
}

int
main(void)
{
#define WITH_RIG(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH_RIG(test_record_and_receipt),
        WITH_RIG(test_chain_refusals),
        WITH_RIG(test_foreign_and_forged),
        WITH_RIG(test_malformed),
        WITH_RIG(test_empty_parts),
        WITH_RIG(test_heartbeats),
        WITH_RIG(test_answers),
        WITH_RIG(test_no_opener),
        WITH_RIG(test_full_disk),
        WITH_RIG(test_trust_grows_and_shrinks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
