// SPDX-License-Identifier: Apache-2.0
/*
 * What a camera's lines were read from: shown while the crossing is on the lane, in the sealed
 * record with the lines, and nowhere else. The device service is a fake that also says what no real
 * one would; no image is decoded here, as the booth decodes none.
 */
#include "booth_steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A JPEG of n bytes, as far as anybody here looks. */
static GBytes *
jpeg(gsize n, guint8 filling)
{
    guint8 *bytes = g_malloc(n);
    memset(bytes, filling, n);
    bytes[0] = bytes[2] = bytes[n - 2] = 0xff;
    bytes[1] = 0xd8;
    bytes[n - 1] = 0xd9;
    return g_bytes_new_take(bytes, n);
}

typedef struct {
    const char *family; /* NULL: the document camera */
    gsize zone, page, portrait;
    guint corrections;
} Seen;

static void
add(GVariantDict *meta, const char *name, gsize size, guint8 filling)
{
    g_autoptr(GBytes) bytes = size ? jpeg(size, filling) : NULL;
    if (bytes)
        g_variant_dict_insert_value(meta, name, booth_bytes_variant(bytes));
}

static void
lay_seen(BoothRig *rig, const Seen *seen)
{
    GVariantDict meta;
    g_variant_dict_init(&meta, NULL);
    g_variant_dict_insert(&meta, "family", "s", seen->family ? seen->family : "document-camera");
    if (seen->corrections)
        g_variant_dict_insert(&meta, "corrections", "u", seen->corrections);
    add(&meta, "zone", seen->zone, 'z');
    add(&meta, "page", seen->page, 'p');
    add(&meta, "portrait", seen->portrait, 'f');
    fake_devices_set_meta(rig->devices, g_variant_dict_end(&meta));
    booth_lay(rig, ADMIT_ME);
}

static json_t *
decide_and_open(BoothRig *rig, const char *decision)
{
    assert_int_equal(booth_rig_get(rig, "/api/state"), 200);
    g_autofree char *id = booth_current_id(rig);
    assert_int_equal(booth_decide(rig, id, decision, NULL), 200);
    DvCrossingHeader header;
    return booth_open_oldest(rig, &header, NULL);
}

static const char *
word(const json_t *record, const char *member)
{
    return json_string_value(json_object_get(record, member));
}

/* The record's image is the one that came. */
static void
expect_image(const json_t *scan, const char *part, gsize size, guint8 filling)
{
    gsize length = 0;
    const char *text = json_string_value(json_object_get(scan, part));
    assert_non_null(text);
    g_autofree guchar *kept = g_base64_decode(text, &length);
    g_autoptr(GBytes) wanted = jpeg(size, filling);
    assert_int_equal(length, size);
    assert_memory_equal(kept, g_bytes_get_data(wanted, NULL), size);
}

static BoothRig *
rig_new(void)
{
    BoothRig *rig = booth_rig_new(&(BoothRigOptions){.training = TRUE});
    booth_rig_deliver_accounts(rig, DAY_S);
    booth_ready(rig, "INFO");
    return rig;
}

static void
goes_with_the_crossing(void **state)
{
    (void)state;
    BoothRig *rig = rig_new();
    lay_seen(rig, &(Seen){NULL, DV_RECORD_ZONE_MAX, DV_RECORD_PAGE_MAX, DV_RECORD_PORTRAIT_MAX, 2});
    assert_int_equal(booth_rig_int(rig, "crossing.scan.corrections"), 2);
    g_autofree char *id = booth_current_id(rig);
    g_autofree char *zone = g_strdup_printf("/api/scans/%s/zone", id),
                    *page = g_strdup_printf("/api/scans/%s/page", id),
                    *none = g_strdup_printf("/api/scans/%s/portrait", id);
    assert_int_equal(booth_rig_get(rig, zone), 200);
    assert_int_equal(rig->raw->str[rig->raw->len - 3], 'z');
    assert_int_equal(booth_rig_get(rig, page), 200);
    assert_int_equal(rig->raw->str[rig->raw->len - 3], 'p');
    assert_int_equal(booth_rig_get(rig, none), 404);
    assert_int_equal(booth_rig_get(rig, "/api/scans/another/zone"), 409);
    g_autofree char *cookie = g_steal_pointer(&rig->cookie);
    assert_int_equal(booth_rig_get(rig, zone), 401);
    rig->cookie = g_steal_pointer(&cookie);
    g_autoptr(json_t) record = decide_and_open(rig, "ADMIT");
    const json_t *scan = json_object_get(record, "scan");
    assert_string_equal(word(record, "read_by"), "CAMERA");
    assert_string_equal(word(record, "entry_method"), "MRZ");
    expect_image(scan, "zone", DV_RECORD_ZONE_MAX, 'z');
    expect_image(scan, "page", DV_RECORD_PAGE_MAX, 'p');
    assert_true(json_is_null(json_object_get(scan, "missing")));
    assert_int_equal(json_integer_value(json_object_get(scan, "corrections")), 2);
    assert_int_equal(booth_rig_get(rig, zone), 409); /* it left the booth's memory */
    booth_rig_free(rig);
}

/* Bytes that cannot be such an image go nowhere; the document does all the same. */
static void
what_cannot_be_is_missing(void **state)
{
    (void)state;
    static const struct {
        Seen seen;
        gboolean zone, page;
    } rows[] = {
        {{NULL, 100, 0, 0, 0}, TRUE, FALSE},
        {{NULL, 0, 100, 0, 0}, FALSE, TRUE},
        {{NULL, DV_RECORD_ZONE_MAX + 1, DV_RECORD_PAGE_MAX + 1, 0, 4000000000u}, FALSE, FALSE},
        {{NULL, 4, 4, 0, 133}, FALSE, FALSE}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        BoothRig *rig = rig_new();
        lay_seen(rig, &rows[i].seen);
        g_autoptr(json_t) record = decide_and_open(rig, "ADMIT");
        const json_t *scan = json_object_get(record, "scan");
        assert_int_equal(json_is_string(json_object_get(scan, "zone")), rows[i].zone);
        assert_int_equal(json_is_string(json_object_get(scan, "page")), rows[i].page);
        assert_string_equal(word(scan, "missing"), "NOT_TAKEN");
        assert_true(json_integer_value(json_object_get(scan, "corrections")) <= 132);
        booth_rig_free(rig);
    }
}

/* Who reads the lines is in the record; a reader and an officer leave no images. */
static void
others_have_none(void **state)
{
    (void)state;
    BoothRig *rig = rig_new();
    lay_seen(rig, &(Seen){"cdc-acm", 100, 100, 100, 3});
    assert_true(json_is_null(json_object_get(json_object_get(rig->answer, "crossing"), "scan")));
    g_autoptr(json_t) read = decide_and_open(rig, "ADMIT");
    assert_string_equal(word(read, "read_by"), "READER");
    assert_true(json_is_null(json_object_get(read, "scan")));
    assert_int_equal(json_array_size(json_object_get(read, "portraits")), 0);
    booth_rig_free(rig);
    rig = rig_new();
    assert_int_equal(booth_rig_post(rig, "/api/manual",
                                    json_pack("{s:{s:s, s:s}}", "fields", "surname", "ERIKSSON",
                                              "document_number", "L898902C3")),
                     200);
    g_autoptr(json_t) typed = decide_and_open(rig, "SECOND_LINE");
    assert_string_equal(word(typed, "read_by"), "OFFICER");
    assert_string_equal(word(typed, "entry_method"), "MANUAL");
    assert_true(json_is_null(json_object_get(typed, "scan")));
    booth_rig_free(rig);
}

/* A protection referral and a plain one look alike: the images stand in the body as in any other.
 */
static void
referrals_look_alike(void **state)
{
    (void)state;
    static const char *const decisions[] = {"SECOND_LINE", "REFER_ASYLUM"};
    for (guint i = 0; i < G_N_ELEMENTS(decisions); i++) {
        BoothRig *rig = rig_new();
        lay_seen(rig, &(Seen){NULL, 3000, 20000, 9000, 0});
        assert_int_equal(booth_rig_get(rig, "/api/state"), 200);
        g_autofree char *id = booth_current_id(rig);
        assert_int_equal(booth_decide(rig, id, decisions[i], NULL), 200);
        DvCrossingHeader header;
        g_autoptr(json_t) protection = NULL;
        g_autoptr(json_t) record = booth_open_oldest(rig, &header, &protection);
        const json_t *scan = json_object_get(record, "scan");
        expect_image(scan, "zone", 3000, 'z');
        expect_image(scan, "page", 20000, 'p');
        g_autofree char *compartment = json_dumps(protection ? protection : record, JSON_COMPACT);
        assert_true((strstr(compartment, "/9j/") == NULL) == (protection != NULL));
        assert_true((protection != NULL) == (i == 1));
        booth_rig_free(rig);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_with_the_crossing),
        cmocka_unit_test(what_cannot_be_is_missing),
        cmocka_unit_test(others_have_none),
        cmocka_unit_test(referrals_look_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
