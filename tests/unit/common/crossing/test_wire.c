// SPDX-License-Identifier: Apache-2.0
/* Seal, wire form, chain and opening, against every alteration that a thief of bytes can make. */
#include "record_example.h"
#include <darvaza/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static DvTestKeys *keys;

static int
setup(void **state)
{
    (void)state;
    keys = dv_test_keys_new();
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_test_keys_free(keys);
    return 0;
}

static DvCrossingWire *
parse(GBytes *bytes, GError **error)
{
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    return dv_crossing_wire_parse(data, length, error);
}

static json_t *
open_body(const DvCrossingWire *wire, GError **error)
{
    return dv_crossing_open(wire, keys->record_key, keys->record, keys->sign, error);
}

static void
expect_error(GError *error, int code, const char *part)
{
    assert_non_null(error);
    if (!g_error_matches(error, DV_ERROR, code) || !strstr(error->message, part))
        fail_msg("\"%s\" (%d) instead of \"%s\" (%d)", error->message, error->code, part, code);
}

static void
sealed_record_opens_as_it_was(void **state)
{
    (void)state;
    const DvSealKeys seal = dv_test_seal_keys(keys);
    g_autoptr(json_t) record = dv_record_example();
    DvCrossingHeader header = {.kiosk = "KSK-1", .epoch = 1, .seq = 7, .priority = DV_PRIORITY_HIT};
    guint8 link[DV_SHA256_SIZE], again[DV_SHA256_SIZE];
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) bytes = dv_crossing_seal(&seal, &header, record, NULL, link, &error);
    assert_null(error);
    g_autoptr(DvCrossingWire) wire = parse(bytes, &error);
    assert_null(error);
    assert_true(dv_crossing_wire_verify(wire, keys->sign, &error));
    assert_string_equal(wire->header.kiosk, "KSK-1");
    assert_int_equal(wire->header.seq, 7);
    assert_int_equal(wire->header.priority, DV_PRIORITY_HIT);
    assert_string_equal(wire->header.period, "P1");
    dv_crossing_link(wire, again);
    assert_memory_equal(link, again, sizeof link);
    g_autoptr(json_t) opened = open_body(wire, &error);
    assert_null(error);
    assert_non_null(json_object_get(opened, "header"));
    json_object_del(opened, "header");
    assert_true(json_equal(opened, record));
}

/* What the centre stores shows no traveller. */
static void
wire_shows_nothing_of_the_traveller(void **state)
{
    (void)state;
    static const char *const secrets[] = {"ERIKSSON", "L898902C3", "1974-08-12", "SLTD", "officer"};
    g_autoptr(json_t) referral = dv_referral_example();
    g_autoptr(GBytes) bytes =
        dv_record_example_sealed(keys, 1, 1, NULL, DV_PRIORITY_REVIEW, referral, NULL);
    gsize length;
    const char *data = g_bytes_get_data(bytes, &length);
    for (gsize i = 0; i < G_N_ELEMENTS(secrets); i++)
        assert_null(memmem(data, length, secrets[i], strlen(secrets[i])));
}

static void
chain_links_follow_each_other(void **state)
{
    (void)state;
    guint8 first[DV_SHA256_SIZE], second[DV_SHA256_SIZE], computed[DV_SHA256_SIZE];
    g_autoptr(GBytes) a =
        dv_record_example_sealed(keys, 1, 1, NULL, DV_PRIORITY_ROUTINE, NULL, first);
    g_autoptr(GBytes) b =
        dv_record_example_sealed(keys, 1, 2, first, DV_PRIORITY_ROUTINE, NULL, second);
    g_autoptr(DvCrossingWire) wire_a = parse(a, NULL);
    g_autoptr(DvCrossingWire) wire_b = parse(b, NULL);
    dv_crossing_link(wire_a, computed);
    assert_memory_equal(wire_b->header.prev_hash, computed, sizeof computed);
    assert_memory_not_equal(first, second, sizeof first);
}

/* docs/formats/crossing.md: SHA-256 over the domain, a zero byte, the canonical header. */
static void
link_is_the_documented_hash(void **state)
{
    (void)state;
    static const char header[] =
        "{\"body_hash\":\"1111111111111111111111111111111111111111111111111111111111111111\","
        "\"epoch\":1,\"kiosk\":\"KSK-1\",\"period\":\"P1\","
        "\"prev_hash\":\"0000000000000000000000000000000000000000000000000000000000000000\","
        "\"priority\":1,"
        "\"protection_hash\":\"2222222222222222222222222222222222222222222222222222222222222222\","
        "\"seq\":1,\"v\":1}";
    g_autoptr(GByteArray) wire = g_byte_array_new();
    const guint32 size = (guint32)strlen(header);
    const guint8 prefix[] = {'D', 'V', 'R', '1', 0, 0, (guint8)(size >> 8), (guint8)size};
    const guint8 rest[] = {0, 0, 0, 1, 'x', 0, 0, 0, 0, 0, 0, 0, 0}; /* both parts erased */
    g_byte_array_append(wire, prefix, sizeof prefix);
    g_byte_array_append(wire, (const guint8 *)header, size);
    g_byte_array_append(wire, rest, sizeof rest);
    g_autoptr(GError) error = NULL;
    g_autoptr(DvCrossingWire) parsed = dv_crossing_wire_parse(wire->data, wire->len, &error);
    assert_null(error);
    assert_null(parsed->body);
    guint8 link[DV_SHA256_SIZE];
    dv_crossing_link(parsed, link);
    g_autofree char *hex = dv_hex(link, sizeof link);
    assert_string_equal(hex, "62863ec715abf70ad94975e49cb2425c7827aeb3a75d5a3269a6b74788e1c53f");
    assert_null(open_body(parsed, &error));
}

static void
compartment_opens_for_the_unit_alone(void **state)
{
    (void)state;
    g_autoptr(json_t) referral = dv_referral_example();
    g_autoptr(GBytes) bytes =
        dv_record_example_sealed(keys, 1, 1, NULL, DV_PRIORITY_REVIEW, referral, NULL);
    g_autoptr(DvCrossingWire) wire = parse(bytes, NULL);
    g_autoptr(json_t) opened = NULL;
    g_autoptr(GError) error = NULL;
    assert_true(dv_crossing_open_protection(wire, keys->protection_key, keys->protection,
                                            keys->sign, &opened, &error));
    assert_string_equal(json_string_value(json_object_get(opened, "referral")), "REFER_ASYLUM");
    json_t *none = NULL;
    assert_false(dv_crossing_open_protection(wire, keys->record_key, keys->record, keys->sign,
                                             &none, &error));
    assert_null(none);
    expect_error(error, DV_ERROR_CRYPTO, "another key");
}

static void
empty_compartment_looks_like_a_full_one(void **state)
{
    (void)state;
    g_autoptr(json_t) referral = dv_referral_example();
    g_autoptr(GBytes) full_bytes =
        dv_record_example_sealed(keys, 1, 1, NULL, DV_PRIORITY_REVIEW, referral, NULL);
    g_autoptr(GBytes) empty_bytes =
        dv_record_example_sealed(keys, 1, 1, NULL, DV_PRIORITY_REVIEW, NULL, NULL);
    g_autoptr(DvCrossingWire) full = parse(full_bytes, NULL);
    g_autoptr(DvCrossingWire) empty = parse(empty_bytes, NULL);
    assert_int_equal(g_bytes_get_size(full->protection), g_bytes_get_size(empty->protection));
    assert_int_equal(g_bytes_get_size(full->body), g_bytes_get_size(empty->body));
    assert_int_equal(g_bytes_get_size(full->header_bytes), g_bytes_get_size(empty->header_bytes));
    assert_int_equal(full->header.priority, empty->header.priority);
    json_t *opened = (json_t *)1;
    assert_true(dv_crossing_open_protection(empty, keys->protection_key, keys->protection,
                                            keys->sign, &opened, NULL));
    assert_null(opened);
}

/* Two seals of the same empty compartment share no ciphertext. */
static void
compartments_never_repeat(void **state)
{
    (void)state;
    g_autoptr(GBytes) a = dv_record_example_sealed(keys, 1, 1, NULL, 0, NULL, NULL);
    g_autoptr(GBytes) b = dv_record_example_sealed(keys, 1, 1, NULL, 0, NULL, NULL);
    g_autoptr(DvCrossingWire) one = parse(a, NULL);
    g_autoptr(DvCrossingWire) two = parse(b, NULL);
    assert_false(g_bytes_equal(one->protection, two->protection));
    assert_memory_not_equal(one->header.protection_hash, two->header.protection_hash, 32);
}

/* TRUE when the bytes would be taken for this kiosk's by anybody. */
static gboolean
is_believed(const guint8 *data, gsize length)
{
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, NULL);
    return wire && dv_crossing_wire_verify(wire, keys->sign, NULL);
}

static void
every_altered_byte_is_refused(void **state)
{
    (void)state;
    g_autoptr(GBytes) bytes = dv_record_example_sealed(keys, 1, 1, NULL, 0, NULL, NULL);
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    g_autofree guint8 *bad = g_memdup2(data, length);
    assert_true(is_believed(bad, length));
    for (gsize i = 0; i < length; i++) {
        bad[i] ^= (guint8)(1u << i % 8);
        if (is_believed(bad, length))
            fail_msg("byte %zu can be altered", i);
        bad[i] = data[i];
    }
}

static void
every_truncation_is_refused(void **state)
{
    (void)state;
    g_autoptr(GBytes) bytes = dv_record_example_sealed(keys, 1, 1, NULL, 0, NULL, NULL);
    gsize length;
    const guint8 *data = g_bytes_get_data(bytes, &length);
    for (gsize i = 0; i < length; i++) {
        g_autofree guint8 *cut = g_memdup2(data, i);
        g_autoptr(GError) error = NULL;
        g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(cut, i, &error);
        assert_null(wire);
        assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_INVALID));
    }
    g_autofree guint8 *longer = g_malloc0(length + 1);
    for (gsize i = 0; i < length; i++)
        longer[i] = data[i];
    assert_null(dv_crossing_wire_parse(longer, length + 1, NULL));
    assert_null(dv_crossing_wire_parse(data, DV_CROSSING_WIRE_MAX + 1, NULL));
}

static GBytes *
join(GBytes *header, GBytes *signature, GBytes *body, GBytes *protection)
{
    GByteArray *out = g_byte_array_new();
    GBytes *const parts[] = {header, signature, body, protection};
    g_byte_array_append(out, (const guint8 *)"DVR1", 4);
    for (gsize i = 0; i < G_N_ELEMENTS(parts); i++) {
        gsize length;
        const guint8 *data = g_bytes_get_data(parts[i], &length);
        const guint8 prefix[] = {(guint8)(length >> 24), (guint8)(length >> 16),
                                 (guint8)(length >> 8), (guint8)length};
        g_byte_array_append(out, prefix, 4);
        g_byte_array_append(out, data, (guint)length);
    }
    return g_byte_array_free_to_bytes(out);
}

static GBytes *
header_with(const DvCrossingWire *wire, GBytes *body, GBytes *protection, const char *kiosk)
{
    g_autoptr(json_t) header = dv_json_parse(g_bytes_get_data(wire->header_bytes, NULL),
                                             g_bytes_get_size(wire->header_bytes), 1024, NULL);
    guint8 hash[DV_SHA256_SIZE];
    dv_sha256(g_bytes_get_data(body, NULL), g_bytes_get_size(body), hash);
    g_autofree char *body_hash = dv_hex(hash, sizeof hash);
    dv_sha256(g_bytes_get_data(protection, NULL), g_bytes_get_size(protection), hash);
    g_autofree char *protection_hash = dv_hex(hash, sizeof hash);
    json_object_set_new(header, "body_hash", json_string(body_hash));
    json_object_set_new(header, "protection_hash", json_string(protection_hash));
    json_object_set_new(header, "kiosk", json_string(kiosk));
    gsize length;
    char *text = dv_json_canonical(header, &length, NULL);
    return g_bytes_new_take(text, length);
}

static DvCrossingWire *
resign(GBytes *header, const DvKey *key, GBytes *body, GBytes *protection)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) signature =
        dv_sign(key, "darvaza crossing header v1", g_bytes_get_data(header, NULL),
                g_bytes_get_size(header), &error);
    g_autoptr(GBytes) bytes = join(header, signature, body, protection);
    DvCrossingWire *wire = parse(bytes, &error);
    assert_null(error);
    return wire;
}

/* Even the kiosk's own signature on a new header does not move a body to another place. */
static void
swapped_parts_are_refused(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) a = dv_record_example_sealed(keys, 1, 1, NULL, 0, NULL, NULL);
    g_autoptr(GBytes) b = dv_record_example_sealed(keys, 1, 2, NULL, 0, NULL, NULL);
    g_autoptr(DvCrossingWire) one = parse(a, NULL);
    g_autoptr(DvCrossingWire) two = parse(b, NULL);
    g_autoptr(GBytes) plain_swap =
        join(one->header_bytes, one->signature, two->body, one->protection);
    assert_null(parse(plain_swap, &error));
    expect_error(error, DV_ERROR_INVALID, "the body is not the one");
    g_clear_error(&error);
    g_autoptr(GBytes) header = header_with(one, two->body, two->protection, "KSK-1");
    g_autoptr(DvCrossingWire) moved = resign(header, keys->sign_key, two->body, two->protection);
    assert_true(dv_crossing_wire_verify(moved, keys->sign, NULL));
    assert_null(open_body(moved, &error));
    expect_error(error, DV_ERROR_CRYPTO, "sealed for another header");
    g_clear_error(&error);
    json_t *protection = NULL;
    assert_false(dv_crossing_open_protection(moved, keys->protection_key, keys->protection,
                                             keys->sign, &protection, &error));
    expect_error(error, DV_ERROR_CRYPTO, "sealed for another header");
}

static void
another_kiosk_cannot_forge(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) a = dv_record_example_sealed(keys, 1, 1, NULL, 0, NULL, NULL);
    g_autoptr(DvCrossingWire) real = parse(a, NULL);
    /* signed by KSK-2 under the name of KSK-1 */
    g_autoptr(DvCrossingWire) forged =
        resign(real->header_bytes, keys->other_key, real->body, real->protection);
    assert_false(dv_crossing_wire_verify(forged, keys->sign, &error));
    expect_error(error, DV_ERROR_CRYPTO, "not by the expected key");
    g_clear_error(&error);
    assert_null(open_body(forged, NULL));
    /* KSK-2's own certificate does not speak for KSK-1 */
    assert_false(dv_crossing_wire_verify(forged, keys->other, &error));
    expect_error(error, DV_ERROR_DENIED, "KSK-1");
    g_clear_error(&error);
    /* KSK-2 takes over a body of KSK-1 as its own */
    g_autoptr(GBytes) header = header_with(real, real->body, real->protection, "KSK-2");
    g_autoptr(DvCrossingWire) stolen =
        resign(header, keys->other_key, real->body, real->protection);
    assert_true(dv_crossing_wire_verify(stolen, keys->other, NULL));
    assert_null(dv_crossing_open(stolen, keys->record_key, keys->record, keys->other, &error));
    expect_error(error, DV_ERROR_CRYPTO, "the signer is somebody else");
}

static void
wrong_key_is_named(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) a = dv_record_example_sealed(keys, 1, 1, NULL, 0, NULL, NULL);
    g_autoptr(DvCrossingWire) wire = parse(a, NULL);
    assert_null(dv_crossing_open(wire, keys->protection_key, keys->protection, keys->sign, &error));
    expect_error(error, DV_ERROR_CRYPTO,
                 "KSK-1 1/1, body: opening: the envelope is sealed to another");
}

static void
erased_parts_keep_the_proof(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) a = dv_record_example_sealed(keys, 1, 1, NULL, 0, NULL, NULL);
    g_autoptr(DvCrossingWire) wire = parse(a, NULL);
    g_autoptr(GBytes) nothing = g_bytes_new_static("", 0);
    g_autoptr(GBytes) erased_bytes = join(wire->header_bytes, wire->signature, nothing, nothing);
    g_autoptr(DvCrossingWire) erased = parse(erased_bytes, &error);
    assert_null(error);
    assert_true(dv_crossing_wire_verify(erased, keys->sign, NULL));
    guint8 before[DV_SHA256_SIZE], after[DV_SHA256_SIZE];
    dv_crossing_link(wire, before);
    dv_crossing_link(erased, after);
    assert_memory_equal(before, after, sizeof before);
    assert_null(open_body(erased, &error));
    expect_error(error, DV_ERROR_EXPIRED, "has been erased");
}

static void
header_must_be_canonical(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) a = dv_record_example_sealed(keys, 1, 1, NULL, 0, NULL, NULL);
    g_autoptr(DvCrossingWire) wire = parse(a, NULL);
    g_autofree char *text =
        g_strndup(g_bytes_get_data(wire->header_bytes, NULL), g_bytes_get_size(wire->header_bytes));
    g_autofree char *spaced = g_strconcat(text, " ", NULL);
    g_autoptr(GBytes) header = g_bytes_new(spaced, strlen(spaced));
    g_autoptr(GBytes) bytes = join(header, wire->signature, wire->body, wire->protection);
    assert_null(parse(bytes, &error));
    expect_error(error, DV_ERROR_INVALID, "not canonical");
}

/* What is outside the schema is not sealed, and says which member. */
static void
bad_records_are_not_sealed(void **state)
{
    (void)state;
    const DvSealKeys seal = dv_test_seal_keys(keys);
    g_autoptr(GError) error = NULL;
    guint8 link[DV_SHA256_SIZE];
    DvCrossingHeader header = {.kiosk = "KSK-1", .epoch = 1, .seq = 1};
    g_autoptr(json_t) record = dv_record_example();
    json_object_set_new(record, "kiosk_id", json_string("KSK-2"));
    assert_null(dv_crossing_seal(&seal, &header, record, NULL, link, &error));
    expect_error(error, DV_ERROR_INVALID, "kiosk_id");
    g_clear_error(&error);
    json_object_set_new(record, "kiosk_id", json_string("KSK-1"));
    DvCrossingHeader zero = {.kiosk = "KSK-1", .epoch = 0, .seq = 1};
    assert_null(dv_crossing_seal(&seal, &zero, record, NULL, link, &error));
    expect_error(error, DV_ERROR_INVALID, "epoch");
    g_clear_error(&error);
    g_autoptr(json_t) referral = dv_referral_example();
    json_object_set_new(referral, "kind", json_string("unheard-of"));
    assert_null(dv_crossing_seal(&seal, &header, record, referral, link, &error));
    expect_error(error, DV_ERROR_INVALID, "protection referral: kind");
    g_clear_error(&error);
    json_object_set_new(referral, "kind", json_string("other"));
    g_autofree char *long_note = g_strnfill(1001, 'x');
    json_object_set_new(referral, "note", json_string(long_note));
    assert_null(dv_crossing_seal(&seal, &header, record, referral, link, &error));
    expect_error(error, DV_ERROR_INVALID, "note");
}

/* The largest referral that the schema allows fits the compartment. */
static void
longest_referral_fits(void **state)
{
    (void)state;
    g_autoptr(json_t) referral = dv_referral_example();
    g_autofree char *note = g_strnfill(1000, '"'); /* escaped: twice as long */
    g_autofree char *name = g_strnfill(200, '"');
    json_object_set_new(referral, "note", json_string(note));
    json_t *person = json_object_get(referral, "person");
    json_object_set_new(person, "surname", json_string(name));
    json_object_set_new(person, "given_names", json_string(name));
    g_autoptr(GBytes) bytes = dv_record_example_sealed(keys, 1, 1, NULL, 0, referral, NULL);
    assert_non_null(bytes);
}

/* Bodies grow in steps, never byte by byte. */
static void
bodies_come_in_size_classes(void **state)
{
    (void)state;
    const DvSealKeys seal = dv_test_seal_keys(keys);
    g_autoptr(GHashTable) sizes = g_hash_table_new(NULL, NULL);
    for (guint length = 1; length <= 2000; length += 333) {
        g_autoptr(json_t) record = dv_record_example();
        g_autofree char *note = g_strnfill(length, 'n');
        json_object_set_new(json_object_get(record, "decision"), "note", json_string(note));
        DvCrossingHeader header = {.kiosk = "KSK-1", .epoch = 1, .seq = 1};
        guint8 link[DV_SHA256_SIZE];
        g_autoptr(GBytes) bytes = dv_crossing_seal(&seal, &header, record, NULL, link, NULL);
        g_autoptr(DvCrossingWire) wire = parse(bytes, NULL);
        g_hash_table_add(sizes, GSIZE_TO_POINTER(g_bytes_get_size(wire->body)));
    }
    assert_int_equal(g_hash_table_size(sizes), 2); /* of 4 and 8 KiB */
}

/* As many and as long hits as a record may have. */
static void
fill_hits(json_t *record)
{
    g_autofree char *value = g_strnfill(190, 'V'), *note = g_strnfill(2000, 'n');
    json_t *hits = json_object_get(record, "hits");
    json_t *reasons = json_object_get(json_array_get(hits, 0), "explanation");
    json_array_clear(reasons);
    for (guint i = 0; i < 8; i++)
        json_array_append_new(reasons,
                              json_pack("{s:s, s:s, s:s, s:s}", "field", "surname", "document",
                                        value, "listed", value, "agreement", "SIMILAR"));
    while (json_array_size(hits) < 16)
        json_array_append(hits, json_array_get(hits, 0));
    json_object_set_new(json_object_get(record, "decision"), "note", json_string(note));
}

/* With images of the largest size. */
static json_t *
record_with_images(void)
{
    json_t *record = dv_record_example();
    g_autofree char *jpeg = g_strnfill(DV_RECORD_PORTRAIT_TEXT_MAX / 4 * 4, 'A');
    g_autofree char *zone = g_strnfill(DV_RECORD_ZONE_TEXT_MAX / 4 * 4, 'A');
    g_autofree char *page = g_strnfill(DV_RECORD_PAGE_TEXT_MAX / 4 * 4, 'A');
    memcpy(jpeg, "/9j/", 4);
    memcpy(zone, "/9j/", 4);
    memcpy(page, "/9j/", 4);
    json_object_set_new(record, "schema_version", json_integer(3));
    json_object_set_new(record, "read_by", json_string("CAMERA"));
    json_object_set_new(record, "face",
                        json_pack("{s:n, s:n, s:i, s:n, s:[], s:b, s:n}", "score", "threshold",
                                  "result", 4, "missing", "findings", "pose_judged", 0, "model"));
    json_object_set_new(record, "portraits",
                        json_pack("[{s:s, s:s}, {s:s, s:s}]", "kind", "LIVE", "jpeg", jpeg, "kind",
                                  "DOCUMENT", "jpeg", jpeg));
    json_object_set_new(record, "scan",
                        json_pack("{s:i, s:s, s:s, s:n}", "corrections", 132, "zone", zone, "page",
                                  page, "missing"));
    return record;
}

static void
seal_and_open(const json_t *record)
{
    const DvSealKeys seal = dv_test_seal_keys(keys);
    DvCrossingHeader header = {.kiosk = "KSK-1", .epoch = 1, .seq = 1};
    guint8 link[DV_SHA256_SIZE];
    g_autoptr(GError) error = NULL;
    assert_true(dv_crossing_fits(record));
    g_autoptr(GBytes) bytes = dv_crossing_seal(&seal, &header, record, NULL, link, &error);
    if (!bytes)
        fail_msg("%s", error->message);
    g_autoptr(DvCrossingWire) wire = parse(bytes, NULL);
    g_autoptr(json_t) opened =
        dv_crossing_open(wire, keys->record_key, keys->record, keys->sign, &error);
    if (!opened)
        fail_msg("%s", error->message);
    json_object_del(opened, "header");
    assert_true(json_equal(opened, record));
}

/* All images of the largest size fit beside what a record usually holds. Beside the fullest of
 * records two portraits fit; that the rest does not is known before it is sealed. */
static void
largest_images_fit(void **state)
{
    (void)state;
    const DvSealKeys seal = dv_test_seal_keys(keys);
    g_autoptr(json_t) record = record_with_images();
    seal_and_open(record);
    fill_hits(record);
    assert_false(dv_crossing_fits(record));
    DvCrossingHeader header = {.kiosk = "KSK-1", .epoch = 1, .seq = 1};
    guint8 link[DV_SHA256_SIZE];
    g_autoptr(GError) error = NULL;
    assert_null(dv_crossing_seal(&seal, &header, record, NULL, link, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_FULL));
    json_object_set_new(record, "scan",
                        json_pack("{s:i, s:n, s:n, s:s}", "corrections", 132, "zone", "page",
                                  "missing", "NO_ROOM"));
    seal_and_open(record);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sealed_record_opens_as_it_was),
        cmocka_unit_test(wire_shows_nothing_of_the_traveller),
        cmocka_unit_test(chain_links_follow_each_other),
        cmocka_unit_test(link_is_the_documented_hash),
        cmocka_unit_test(compartment_opens_for_the_unit_alone),
        cmocka_unit_test(empty_compartment_looks_like_a_full_one),
        cmocka_unit_test(compartments_never_repeat),
        cmocka_unit_test(every_altered_byte_is_refused),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(swapped_parts_are_refused),
        cmocka_unit_test(another_kiosk_cannot_forge),
        cmocka_unit_test(wrong_key_is_named),
        cmocka_unit_test(erased_parts_keep_the_proof),
        cmocka_unit_test(header_must_be_canonical),
        cmocka_unit_test(bad_records_are_not_sealed),
        cmocka_unit_test(longest_referral_fits),
        cmocka_unit_test(bodies_come_in_size_classes),
        cmocka_unit_test(largest_images_fit),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
