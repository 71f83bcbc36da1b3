// SPDX-License-Identifier: Apache-2.0
/* Passwords: argon2id as RFC 9106 recommends, and no hash that buys unbounded work. */
#include "expect.h"
#include <darvaza/password.h>

static void
right_and_wrong(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *hash = dv_password_hash_cost("correct horse", 64, 1, &error);
    g_autofree char *again = dv_password_hash_cost("correct horse", 64, 1, &error);
    EXPECT_NO_ERROR(error);
    assert_true(g_str_has_prefix(hash, "$argon2id$v=19$m=64,t=1,p=1$"));
    assert_string_not_equal(hash, again);
    assert_true(dv_password_verify(hash, "correct horse"));
    assert_true(dv_password_verify(again, "correct horse"));
    assert_false(dv_password_verify(hash, "correct horsf"));
    assert_false(dv_password_verify(hash, ""));
    assert_false(dv_password_verify(hash, NULL));
}

static void
production_cost(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *hash = dv_password_hash("x", &error);
    assert_true(g_str_has_prefix(hash, "$argon2id$v=19$m=65536,t=3,p=1$"));
    assert_true(dv_password_verify(hash, "x"));
}

static void
bad_passwords(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *long_one = g_strnfill(1025, 'x');
    assert_null(dv_password_hash("", &error));
    expect_error(&error, DV_ERROR_INVALID, "1 to 1024 bytes");
    assert_null(dv_password_hash(long_one, &error));
    expect_error(&error, DV_ERROR_INVALID, "1 to 1024 bytes");
}

/* Any of these would cost hours or gigabytes if it were believed: that the program ends in seconds
 * is the proof, the memory limit of the test makes sure. */
static void
costly_hashes_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=1024,t=4000000,p=1$c29tZXNhbHRzb21lc2FsdA$"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=1024,t=99999999999999999999,p=1$c29tZXNhbHQ$AAAA",
        "$argon2id$v=19$m=1048577,t=1,p=1$c29tZXNhbHQ$AAAA",
        "$argon2id$v=19$m=1024,t=1,p=17$c29tZXNhbHQ$AAAA",
        "$argon2i$v=19$m=64,t=1,p=1$c29tZXNhbHQ$AAAA",
        "$argon2id$m=64,t=1,p=1$c29tZXNhbHQ$AAAA",
        "$argon2id$v=19$m=64,t=1,p=1$",
        "$argon2id$v=19$m=64,t=1,p=1",
        "x",
        "",
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++)
        assert_false(dv_password_verify(cases[i], "x"));
    assert_false(dv_password_verify(NULL, "x"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_and_wrong),
        cmocka_unit_test(production_cost),
        cmocka_unit_test(bad_passwords),
        cmocka_unit_test(costly_hashes_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
