// SPDX-License-Identifier: Apache-2.0
/* Opening records: with a reason, within the role and the checkpoint, logged first. */
#include "expect.h"
#include "fixture.h"
#include "open.h"

static void
look_is_shown_and_logged(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GBytes) wire = record(17);
    g_autofree char *body = dv_open_record(centre, token, wire, REASON, &error);
    assert_null(error);
    g_autoptr(json_t) json = json_loads(body, 0, NULL);
    const json_t *document = json_object_get(json, "document");
    assert_string_equal(json_string_value(json_object_get(document, "number")), "L898902C3");
    expect_entry(centre, "sup record.open KSK-1/1/17 ok " REASON);
    DvAuditHead head;
    assert_true(dv_audit_verify(centre->db, NULL, &head, &error));
}

static void
look_needs_a_reason_in_words(void **state)
{
    (void)state;
    static const char *const reasons[] = {"", "    ", "12345", "x", "two\nlines", "\xff\xfe..."};
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GBytes) wire = record(17);
    for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(dv_open_record(centre, token, wire, reasons[i], &error));
        expect_error(&error, DV_ERROR_INVALID, "A reason");
    }
}

/* The log outlives the record: it must not carry the traveller. */
static void
reason_does_not_name_the_traveller(void **state)
{
    (void)state;
    static const char *const reasons[] = {"looking for Eriksson", "passport L898902C3",
                                          "is l 898902-c3 the one?", "ask Anna-Maria"};
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GBytes) wire = record(17);
    for (gsize i = 0; i < G_N_ELEMENTS(reasons); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(dv_open_record(centre, token, wire, reasons[i], &error));
        expect_error(&error, DV_ERROR_INVALID, "write no name");
        expect_entry(centre, "sup record.open KSK-1/1/17 invalid ");
    }
}

static void
look_is_denied_by_role_and_checkpoint_and_logged(void **state)
{
    (void)state;
    static const struct {
        const char *user, *says, *entry;
    } cases[] = {
        {"it", "The role it may not", "it record.open KSK-1/1/17 denied " REASON},
        {"auditor", "The role auditor may not", "auditor record.open KSK-1/1/17 denied " REASON},
        {"away", "outside this account's scope", "away record.open KSK-1/1/17 denied " REASON},
    };
    g_autoptr(GBytes) wire = record(17);
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *token = sign_in(centre, cases[i].user);
        g_autoptr(GError) error = NULL;
        assert_null(dv_open_record(centre, token, wire, REASON, &error));
        expect_error(&error, DV_ERROR_DENIED, cases[i].says);
        expect_entry(centre, cases[i].entry);
    }
}

/* Being denied is no way to get a name into the log. */
static void
denied_look_leaves_no_name_behind(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(centre, "away");
    g_autoptr(GBytes) wire = record(17);
    assert_null(dv_open_record(centre, token, wire, "looking for Eriksson", &error));
    expect_error(&error, DV_ERROR_DENIED, "outside this account's scope");
    expect_entry(centre, "away record.open KSK-1/1/17 denied ");
}

static void
forged_and_foreign_records_do_not_open(void **state)
{
    (void)state;
    g_autofree char *token = sign_in(centre, "sup");
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) garbage = g_bytes_new_static("DVR1garbage", 11);
    assert_null(dv_open_record(centre, token, garbage, REASON, &error));
    expect_error(&error, DV_ERROR_INVALID, "");
    expect_entry(centre, "sup record.open (unreadable) invalid ");
    g_autoptr(GBytes) nothing = g_bytes_new(NULL, 0);
    assert_null(dv_open_record(centre, token, nothing, REASON, &error));
    expect_error(&error, DV_ERROR_INVALID, "");

    /* Every byte of a record counts. */
    g_autoptr(GBytes) wire = record(17);
    gsize length = 0;
    const guint8 *data = g_bytes_get_data(wire, &length);
    for (gsize at = 0; at < length; at += length / 37) {
        guint8 *copy = g_memdup2(data, length);
        copy[at] ^= 1;
        g_autoptr(GBytes) bent = g_bytes_new_take(copy, length);
        assert_null(dv_open_record(centre, token, bent, REASON, &error));
        assert_non_null(error);
        g_clear_error(&error);
    }

    /* KSK-2's signature under a header of KSK-1, and a kiosk that nobody registered here. */
    DvSealKeys seal = dv_test_seal_keys(rig->keys);
    seal.kiosk_key = rig->keys->other_key;
    seal.kiosk_cert = rig->keys->other;
    g_autoptr(json_t) body = dv_record_example();
    DvCrossingHeader header = {.kiosk = "KSK-1", .epoch = 1, .seq = 1};
    guint8 link[DV_SHA256_SIZE];
    g_autoptr(GBytes) foreign = dv_crossing_seal(&seal, &header, body, NULL, link, &error);
    assert_null(error);
    assert_null(dv_open_record(centre, token, foreign, REASON, &error));
    expect_error(&error, DV_ERROR_CRYPTO, "");
    json_object_set_new(body, "kiosk_id", json_string("KSK-7"));
    DvCrossingHeader unknown = {.kiosk = "KSK-7", .epoch = 1, .seq = 1};
    g_autoptr(GBytes) stranger = dv_crossing_seal(&seal, &unknown, body, NULL, link, &error);
    assert_null(error);
    assert_null(dv_open_record(centre, token, stranger, REASON, &error));
    expect_error(&error, DV_ERROR_DENIED, "not one that this centre trusts");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(look_is_shown_and_logged),
        cmocka_unit_test(look_needs_a_reason_in_words),
        cmocka_unit_test(reason_does_not_name_the_traveller),
        cmocka_unit_test(look_is_denied_by_role_and_checkpoint_and_logged),
        cmocka_unit_test(denied_look_leaves_no_name_behind),
        cmocka_unit_test(forged_and_foreign_records_do_not_open),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
