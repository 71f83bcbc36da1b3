// SPDX-License-Identifier: Apache-2.0
/* Envelopes: who can open a package, and that a wrong key is never taken. */
#include "expect.h"
#include "keys.h"
#include <darvaza/packages.h>

static DvTestKeys *keys;
static guint8 content_key[DV_PACKAGE_KEY_SIZE];
static char key_id[DV_TRUST_HEX];
static const char package[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static DvPackageEnvelopes *
sealed_to(const DvCert *recipient)
{
    g_autoptr(GError) error = NULL;
    DvPackageEnvelopes *envelopes = dv_package_envelopes_new(package, key_id);
    assert_true(dv_package_envelopes_add(envelopes, content_key, recipient, &error));
    return envelopes;
}

static DvTrustReason
open_with(const DvPackageEnvelopes *envelopes, const char *id, const DvKey *key, const DvCert *cert)
{
    guint8 opened[DV_PACKAGE_KEY_SIZE] = {0};
    g_autoptr(GError) error = NULL;
    DvTrustReason reason = dv_package_envelopes_open(envelopes, id, key, cert, opened, &error);
    if (reason == DV_TRUST_OK)
        assert_memory_equal(opened, content_key, sizeof opened);
    else
        assert_non_null(error);
    return reason;
}

static void
each_recipient_opens_its_own(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvPackageEnvelopes) envelopes = sealed_to(keys->answers);
    assert_true(dv_package_envelopes_add(envelopes, content_key, keys->record, &error) == FALSE);
    expect_error(&error, DV_ERROR_INVALID, "names no kiosk"); /* its name has spaces */
    g_autoptr(GBytes) file = dv_package_envelopes_make(envelopes, &error);
    g_autoptr(DvPackageEnvelopes) read = dv_package_envelopes_read(file, &error);
    EXPECT_NO_ERROR(error);
    assert_true(dv_package_envelopes_has(read, "KSK-1"));
    assert_false(dv_package_envelopes_has(read, "KSK-2"));
    g_autofree const char **names = dv_package_envelopes_names(read);
    assert_string_equal(names[0], "KSK-1");
    assert_null(names[1]);
    assert_int_equal(open_with(read, key_id, keys->answers_key, keys->answers), DV_TRUST_OK);
    /* the name is right, the key is another */
    assert_int_equal(open_with(read, key_id, keys->sign_key, keys->sign), DV_TRUST_NOT_FOR_US);
    assert_int_equal(open_with(read, key_id, keys->other_key, keys->other), DV_TRUST_NOT_FOR_US);
}

static void
a_key_that_was_not_signed_is_not_taken(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    char other_id[DV_TRUST_HEX];
    guint8 other[DV_PACKAGE_KEY_SIZE] = {1};
    dv_package_key_id(other, other_id);
    g_autoptr(DvPackageEnvelopes) envelopes = sealed_to(keys->answers);
    assert_int_equal(open_with(envelopes, other_id, keys->answers_key, keys->answers),
                     DV_TRUST_WRONG_KEY);
    assert_false(dv_package_envelopes_add(envelopes, other, keys->answers, &error));
    expect_error(&error, DV_ERROR_INVALID, "not the one of this package");
}

static void
only_keys_for_agreement_receive(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvPackageEnvelopes) envelopes = dv_package_envelopes_new(package, key_id);
    assert_false(dv_package_envelopes_add(envelopes, content_key, keys->sign, &error));
    expect_error(&error, DV_ERROR_CRYPTO, "key agreement");
}

static void
odd_files_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"kiosks\":[]}",
        "{\"kiosks\":{},\"format\":1}",
        "{\"kiosks\":{},\"format\":1,\"package\":\"aa\",\"content_key_id\":\"bb\"}",
        "{\"kiosks\":{},\"format\":1,\"package\":\"A\",\"content_key_id\":\"bb\",\"more\":1}",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GBytes) file = g_bytes_new_static(texts[i], strlen(texts[i]));
        assert_null(dv_package_envelopes_read(file, &error));
        assert_non_null(error);
    }
    static const char *const members[] = {"{\"K 1\":\"AAAA\"}", "{\"K1\":7}", "{\"\":\"AAAA\"}"};
    for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text =
            g_strdup_printf("{\"content_key_id\":\"%s\",\"format\":1,\"kiosks\":%s,"
                            "\"package\":\"%s\"}",
                            key_id, members[i], package);
        g_autoptr(GBytes) file = g_bytes_new(text, strlen(text));
        assert_null(dv_package_envelopes_read(file, &error));
        assert_non_null(error);
    }
}

static int
group_setup(void **state)
{
    (void)state;
    keys = dv_test_keys_new();
    dv_random(content_key, sizeof content_key);
    dv_package_key_id(content_key, key_id);
    return 0;
}

static int
group_teardown(void **state)
{
    (void)state;
    dv_test_keys_free(keys);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_recipient_opens_its_own),
        cmocka_unit_test(a_key_that_was_not_signed_is_not_taken),
        cmocka_unit_test(only_keys_for_agreement_receive),
        cmocka_unit_test(odd_files_are_refused),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
