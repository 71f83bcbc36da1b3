// SPDX-License-Identifier: Apache-2.0
/* Receipts, heartbeats, answers and signed objects; and the golden bytes of docs/formats. Started
 * with --make, writes the golden files anew instead. */
#include "record_example.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/pki.h>
#include <darvaza/receipt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define GOLDEN_PKI DV_GOLDEN "/pki"

static DvTestKeys *keys;

static int
setup(void **state)
{
    (void)state;
    keys = dv_test_keys_load(GOLDEN_PKI);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_test_keys_free(keys);
    return 0;
}

static const void *
data_of(GBytes *bytes, gsize *length)
{
    return g_bytes_get_data(bytes, length);
}

static GBytes *
golden(const char *name)
{
    g_autofree char *path = g_build_filename(DV_GOLDEN, name, NULL);
    g_autoptr(GError) error = NULL;
    GBytes *bytes = dv_file_read(path, 1 << 20, &error);
    if (!bytes)
        fail_msg("%s", error->message);
    return bytes;
}

static DvReceipt
example_receipt(void)
{
    DvReceipt receipt = {
        .kiosk = "KSK-1", .epoch = 1, .seq = 7, .received_us = G_GINT64_CONSTANT(1795460568123456)};
    for (guint8 i = 0; i < sizeof receipt.link; i++)
        receipt.link[i] = i;
    return receipt;
}

static GBytes *
make_receipt(void)
{
    const DvReceipt receipt = example_receipt();
    g_autoptr(GError) error = NULL;
    GBytes *bytes = dv_receipt_make(&receipt, keys->receipt_key, &error);
    assert_null(error);
    return bytes;
}

static void
receipt_has_its_golden_bytes(void **state)
{
    (void)state;
    g_autoptr(GBytes) made = make_receipt();
    g_autoptr(GBytes) expected = golden("receipt.json");
    assert_true(g_bytes_equal(made, expected));
    gsize length;
    const void *data = data_of(expected, &length);
    DvReceipt read = {0};
    const DvReceipt wanted = example_receipt();
    assert_true(dv_receipt_verify(data, length, keys->receipt, &read, NULL));
    assert_string_equal(read.kiosk, wanted.kiosk);
    assert_int_equal(read.epoch, wanted.epoch);
    assert_int_equal(read.seq, wanted.seq);
    assert_int_equal(read.received_us, wanted.received_us);
    assert_memory_equal(read.link, wanted.link, sizeof read.link);
}

/* Sealed with keys made for this test: what was sealed once must open for ever. */
static void
golden_crossing_still_opens(void **state)
{
    (void)state;
    g_autoptr(GBytes) bytes = golden("crossing.dvr");
    gsize length;
    const void *data = data_of(bytes, &length);
    g_autoptr(GError) error = NULL;
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, &error);
    assert_null(error);
    g_autoptr(json_t) body =
        dv_crossing_open(wire, keys->record_key, keys->record, keys->sign, &error);
    assert_null(error);
    json_object_del(body, "header");
    g_autoptr(json_t) expected = dv_record_example();
    json_object_del(expected, "crossing_id");
    json_object_del(body, "crossing_id");
    assert_true(json_equal(body, expected));
    g_autoptr(json_t) referral = NULL;
    assert_true(dv_crossing_open_protection(wire, keys->protection_key, keys->protection,
                                            keys->sign, &referral, &error));
    assert_string_equal(json_string_value(json_object_get(referral, "kind")), "asylum");
}

static void
every_altered_byte_of_a_receipt_is_refused(void **state)
{
    (void)state;
    g_autoptr(GBytes) made = make_receipt();
    gsize length;
    const guint8 *data = data_of(made, &length);
    DvReceipt read;
    for (gsize i = 0; i < length; i++) {
        g_autofree guint8 *bad = g_memdup2(data, length);
        bad[i] ^= (guint8)(1u << i % 8);
        if (dv_receipt_verify(bad, length, keys->receipt, &read, NULL))
            fail_msg("byte %zu can be altered", i);
        g_autofree guint8 *cut = g_memdup2(data, i);
        assert_false(dv_receipt_verify(cut, i, keys->receipt, &read, NULL));
    }
    g_autofree char *longer = g_strndup((const char *)data, length);
    g_autofree char *with_tail = g_strconcat(longer, "\n", NULL);
    assert_false(dv_receipt_verify(with_tail, length + 1, keys->receipt, &read, NULL));
}

static void
receipt_by_another_key_or_kind_is_refused(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    DvReceipt read, wanted = example_receipt();
    g_autoptr(GBytes) foreign = dv_receipt_make(&wanted, keys->sign_key, &error);
    gsize length;
    const void *data = data_of(foreign, &length);
    assert_false(dv_receipt_verify(data, length, keys->receipt, &read, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CRYPTO));
    g_clear_error(&error);
    g_autoptr(json_t) payload = json_pack("{s:s}", "kiosk", "KSK-1");
    g_autoptr(GBytes) other = dv_signed_json_make("audit head", payload, keys->receipt_key, NULL);
    data = data_of(other, &length);
    g_autoptr(json_t) taken =
        dv_signed_json_verify("audit head", data, length, 4096, keys->receipt, &error);
    assert_non_null(taken);
    assert_null(dv_signed_json_verify("receipt", data, length, 4096, keys->receipt, &error));
    assert_non_null(strstr(error->message, "receipt"));
    g_clear_error(&error);
    assert_null(dv_signed_json_verify("audit head", data, length, 10, keys->receipt, &error));
    g_clear_error(&error);
    /* a payload of another shape under the right kind and key */
    g_autoptr(GBytes) bare = dv_signed_json_make("receipt", payload, keys->receipt_key, NULL);
    data = data_of(bare, &length);
    assert_false(dv_receipt_verify(data, length, keys->receipt, &read, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_INVALID));
    DvReceipt zero = {.kiosk = "KSK-1", .epoch = 1};
    assert_null(dv_receipt_make(&zero, keys->receipt_key, NULL));
}

static void
odd_envelopes_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "{}",
                                        "[]",
                                        "null",
                                        "{\"payload\":{}}",
                                        "{\"payload\":{},\"signature\":\"\"}",
                                        "{\"payload\":[],\"signature\":\"AAAA\"}",
                                        "{\"payload\":{},\"signature\":\"A\"}",
                                        "{\"payload\":{},\"signature\":7}",
                                        "{\"payload\":{},\"signature\":\"A A=\"}",
                                        "{\"payload\":{},\"signature\":\"AAAA\",\"x\":1}",
                                        "{\"signature\":\"AAAA\",\"payload\":{}}"};
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(dv_signed_json_verify("receipt", texts[i], strlen(texts[i]), 4096,
                                          keys->receipt, &error));
        assert_non_null(error);
    }
}

static void
heartbeat_is_by_its_kiosk(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    DvHeartbeat beat = {
        .kiosk = "KSK-1", .epoch = 2, .seq = 0, .unsent = 3, .time_us = 9, .software = "0.1.0"};
    beat.lists = json_pack("[{s:s, s:i, s:i, s:s, s:n}]", "list_id", "SLTD", "version", 4, "age_s",
                           60, "status", "FRESH", "state_hash");
    g_autoptr(GBytes) made = dv_heartbeat_make(&beat, keys->sign_key, &error);
    assert_null(error);
    gsize length;
    const void *data = data_of(made, &length);
    DvHeartbeat read = {0};
    assert_true(dv_heartbeat_verify(data, length, keys->sign, &read, &error));
    assert_string_equal(read.kiosk, "KSK-1");
    assert_int_equal(read.epoch, 2);
    assert_int_equal(read.unsent, 3);
    assert_string_equal(read.software, "0.1.0");
    assert_true(json_equal(read.lists, beat.lists));
    dv_heartbeat_clear(&read);
    assert_false(dv_heartbeat_verify(data, length, keys->other, &read, NULL));
    /* KSK-2 speaks in the name of KSK-1, with its own key */
    g_autoptr(GBytes) forged = dv_heartbeat_make(&beat, keys->other_key, &error);
    data = data_of(forged, &length);
    assert_false(dv_heartbeat_verify(data, length, keys->other, &read, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_DENIED));
    json_array_append_new(beat.lists, json_string("odd"));
    assert_null(dv_heartbeat_make(&beat, keys->sign_key, NULL));
    dv_heartbeat_clear(&beat);
}

/* How the update stands is said when somebody knows, and in words of the vocabulary only. */
static void
heartbeat_says_how_the_update_stands(void **state)
{
    (void)state;
    static const struct {
        const char *state, *reason;
        gboolean good;
    } cases[] = {{"IDLE", "", TRUE},
                 {"DOWNLOAD", "ROLLED_BACK", TRUE},
                 {"ASLEEP", "", FALSE},
                 {"IDLE", "rolled back", FALSE}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        DvHeartbeat beat = {.kiosk = "KSK-1", .epoch = 1, .software = "0.1.0"};
        beat.update = json_pack("{s:i, s:i, s:s, s:s, s:s, s:s, s:s}", "epoch", 1, "release", 7,
                                "state", cases[i].state, "reason", cases[i].reason, "detail", "",
                                "at", "2026-11-24T20:00:00.000Z", "volume", "ENCRYPTED");
        g_autoptr(GBytes) made = dv_heartbeat_make(&beat, keys->sign_key, NULL);
        assert_int_equal(made != NULL, cases[i].good);
        if (made) {
            DvHeartbeat read = {0};
            gsize length;
            const void *data = data_of(made, &length);
            assert_true(dv_heartbeat_verify(data, length, keys->sign, &read, NULL));
            assert_true(json_equal(read.update, beat.update));
            dv_heartbeat_clear(&read);
        }
        dv_heartbeat_clear(&beat);
    }
}

static void
answer_is_for_its_kiosk_alone(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) payload =
        json_pack("{s:s, s:s, s:s}", "kiosk", "KSK-1", "kind", "decision", "disposition", "ADMIT");
    g_autoptr(GBytes) sealed =
        dv_answer_seal(payload, keys->opener_key, keys->opener, keys->answers, &error);
    assert_null(error);
    gsize length;
    const guint8 *data = data_of(sealed, &length);
    g_autoptr(json_t) opened =
        dv_answer_open(data, length, keys->answers_key, keys->answers, keys->opener, &error);
    assert_true(json_equal(opened, payload));
    /* the kiosk's signing key does not open it, another signer is refused */
    assert_null(dv_answer_open(data, length, keys->sign_key, keys->sign, keys->opener, NULL));
    assert_null(dv_answer_open(data, length, keys->answers_key, keys->answers, keys->sign, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CRYPTO));
    g_clear_error(&error);
    for (gsize i = 0; i < length; i += 7) {
        g_autofree guint8 *bad = g_memdup2(data, length);
        bad[i] ^= 0x10;
        assert_null(
            dv_answer_open(bad, length, keys->answers_key, keys->answers, keys->opener, NULL));
    }
    json_object_set_new(payload, "kiosk", json_string("KSK-2"));
    assert_null(dv_answer_seal(payload, keys->opener_key, keys->opener, keys->answers, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_DENIED));
}

/* Rightly signed and sealed, but not the one way to write it: something might hide in the rest. */
static void
other_plaintexts_are_refused(void **state)
{
    (void)state;
    g_autofree char *padding = g_strnfill(4096, ' ');
    static const struct {
        const char *text;
        guint size;
    } plaintexts[] = {{"{\"kiosk\":\"KSK-1\"}\n", 4096}, /* as it should be */
                      {"{\"kiosk\": \"KSK-1\"}\n", 4096},
                      {"{\"kiosk\":\"KSK-1\"} ", 4096},
                      {"{\"kiosk\":\"KSK-1\"}\n", 4000},
                      {"{\"kiosk\":\"KSK-1\"}\n", 18},
                      {"[]\n", 4096}};
    for (gsize i = 0; i < G_N_ELEMENTS(plaintexts); i++) {
        g_autofree char *plain = g_strconcat(plaintexts[i].text, padding, NULL);
        g_autoptr(GBytes) sealed = dv_cms_seal(plain, plaintexts[i].size, keys->opener_key,
                                               keys->opener, keys->answers, NULL);
        gsize length;
        const void *data = data_of(sealed, &length);
        g_autoptr(GError) error = NULL;
        g_autoptr(json_t) opened =
            dv_answer_open(data, length, keys->answers_key, keys->answers, keys->opener, &error);
        if ((opened != NULL) != (i == 0))
            fail_msg("plaintext %zu", i);
    }
}

/* Yes or no, few words or many: one size. */
static void
answers_have_one_size(void **state)
{
    (void)state;
    g_autoptr(json_t) brief = json_pack("{s:s, s:s}", "kiosk", "KSK-1", "disposition", "ADMIT");
    g_autofree char *words = g_strnfill(1500, 'w');
    g_autoptr(json_t) wordy =
        json_pack("{s:s, s:s, s:s}", "kiosk", "KSK-1", "disposition", "REFUSE", "reason", words);
    g_autoptr(GBytes) a =
        dv_answer_seal(brief, keys->opener_key, keys->opener, keys->answers, NULL);
    g_autoptr(GBytes) b =
        dv_answer_seal(wordy, keys->opener_key, keys->opener, keys->answers, NULL);
    assert_int_equal(g_bytes_get_size(a), g_bytes_get_size(b));
}

static void
make_golden(void)
{
    static const char *const kiosks[] = {"KSK-1", "KSK-2", NULL};
    g_autoptr(GError) error = NULL;
    dv_test_remove_tree(GOLDEN_PKI);
    if (!dv_pki_init(GOLDEN_PKI, kiosks, &error))
        g_error("%s", error->message);
    keys = dv_test_keys_load(GOLDEN_PKI);
    g_autoptr(json_t) referral = dv_referral_example();
    g_autoptr(GBytes) crossing =
        dv_record_example_sealed(keys, 1, 1, NULL, DV_PRIORITY_HIT, referral, NULL);
    g_autoptr(GBytes) receipt = make_receipt();
    const struct {
        const char *path;
        GBytes *bytes;
    } files[] = {{DV_GOLDEN "/crossing.dvr", crossing}, {DV_GOLDEN "/receipt.json", receipt}};
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++)
        if (!dv_file_write(files[i].path, g_bytes_get_data(files[i].bytes, NULL),
                           g_bytes_get_size(files[i].bytes), 0644, &error))
            g_error("%s", error->message);
    dv_test_keys_free(keys);
}

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--make") == 0) {
        make_golden();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receipt_has_its_golden_bytes),
        cmocka_unit_test(golden_crossing_still_opens),
        cmocka_unit_test(every_altered_byte_of_a_receipt_is_refused),
        cmocka_unit_test(receipt_by_another_key_or_kind_is_refused),
        cmocka_unit_test(odd_envelopes_are_refused),
        cmocka_unit_test(heartbeat_is_by_its_kiosk),
        cmocka_unit_test(heartbeat_says_how_the_update_stands),
        cmocka_unit_test(answer_is_for_its_kiosk_alone),
        cmocka_unit_test(other_plaintexts_are_refused),
        cmocka_unit_test(answers_have_one_size),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
