// SPDX-License-Identifier: Apache-2.0
/* The bundle from the opener to the booth's sign-in, and what neither takes. */
#include "expect.h"
#include "keys.h"
#include <darvaza/accounts.h>
#include <darvaza/clock.h>
#include <darvaza/file.h>
#include <darvaza/password.h>
#include <darvaza/receipt.h>
#include <glib/gstdio.h>

#define SECOND G_USEC_PER_SEC
#define DAY (86400 * (gint64)G_USEC_PER_SEC)
#define START (G_GINT64_CONSTANT(1795460568) * G_USEC_PER_SEC)

static DvTestKeys *keys;
static char *folder, *path;
static gint64 wall, mono;
static char *hash;

static gint64
read_wall(void *data)
{
    (void)data;
    return wall;
}

static gint64
read_mono(void *data)
{
    (void)data;
    return mono;
}

static int
group_setup(void **state)
{
    (void)state;
    keys = dv_test_keys_new();
    hash = dv_password_hash_cost("open sesame", 64, 1, NULL);
    return 0;
}

static int
group_teardown(void **state)
{
    (void)state;
    dv_test_keys_free(keys);
    g_free(hash);
    return 0;
}

static int
setup(void **state)
{
    static const DvClock clock = {read_wall, read_mono, NULL};
    (void)state;
    wall = START;
    mono = 1000 * SECOND;
    dv_clock_install(&clock);
    folder = g_dir_make_tmp("dv-accounts-XXXXXX", NULL);
    path = g_build_filename(folder, "accounts.json", NULL);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_clock_install(NULL);
    g_unlink(path);
    g_rmdir(folder);
    g_free(folder);
    g_free(path);
    return 0;
}

static GBytes *
make(const char *kiosk, gint64 issued, GError **error)
{
    DvAccount accounts[] = {
        {"ann", "Ann", "officer", hash, 0, 0},
        {"bob", "Bob", "second_line", hash, 0, START + DAY},
        {"eve", "Eve", "supervisor", hash, START + DAY, 0},
    };
    const DvAccountsIssue issue = {kiosk, "UTO-1", issued, issued + 14 * DAY, accounts, 3};
    return dv_accounts_make(&issue, keys->opener_key, error);
}

static DvAccounts *
open_store(void)
{
    g_autoptr(GError) error = NULL;
    DvAccounts *accounts = dv_accounts_open(path, "KSK-1", keys->opener, &error);
    EXPECT_NO_ERROR(error);
    return accounts;
}

static gboolean
deliver(DvAccounts *accounts, GBytes *bundle, GError **error)
{
    gsize length;
    const void *data = g_bytes_get_data(bundle, &length);
    return dv_accounts_deliver(accounts, data, length, error);
}

static DvAccounts *
open_with_bundle(void)
{
    g_autoptr(GError) error = NULL;
    DvAccounts *accounts = open_store();
    g_autoptr(GBytes) bundle = make("KSK-1", START, &error);
    deliver(accounts, bundle, &error);
    EXPECT_NO_ERROR(error);
    return accounts;
}

static gboolean
sign_in(DvAccounts *accounts, const char *user, const char *password, gint64 *wait, GError **error)
{
    const DvAccount *account = NULL;
    gboolean in = dv_accounts_sign_in(accounts, user, password, &account, wait, error);
    if (in)
        assert_string_equal(account->user, user);
    return in;
}

static void
signs_in_also_after_a_restart(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    gint64 wait = -1;
    DvAccounts *accounts = open_store();
    assert_string_equal(dv_accounts_version(accounts), "");
    assert_false(sign_in(accounts, "ann", "open sesame", &wait, &error));
    expect_error(&error, DV_ERROR_UNAVAILABLE, "no accounts yet");
    dv_accounts_free(accounts);

    accounts = open_with_bundle();
    g_autofree char *version = g_strdup(dv_accounts_version(accounts));
    assert_int_equal(strlen(version), 64);
    assert_true(sign_in(accounts, "ann", "open sesame", &wait, &error));
    assert_false(sign_in(accounts, "ann", "open sesam", &wait, &error));
    expect_error(&error, DV_ERROR_DENIED, "the user or the password is wrong");
    assert_false(sign_in(accounts, "zoe", "open sesame", &wait, &error));
    expect_error(&error, DV_ERROR_DENIED, "the user or the password is wrong");
    dv_accounts_free(accounts);

    accounts = open_store();
    assert_string_equal(dv_accounts_version(accounts), version);
    assert_string_equal(dv_accounts_checkpoint(accounts), "UTO-1");
    assert_true(sign_in(accounts, "ann", "open sesame", &wait, &error));
    dv_accounts_free(accounts);
}

static void
ends_and_beginnings(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvAccounts) accounts = open_with_bundle();
    gint64 wait;

    assert_true(sign_in(accounts, "bob", "open sesame", &wait, &error));
    assert_false(sign_in(accounts, "eve", "open sesame", &wait, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "not begun");
    wall = START + DAY;
    assert_true(sign_in(accounts, "eve", "open sesame", &wait, &error));
    assert_false(sign_in(accounts, "bob", "open sesame", &wait, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "this account has ended");
    wall = START + 14 * DAY;
    assert_false(sign_in(accounts, "ann", "open sesame", &wait, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "new ones from the centre");
    /* A wrong password must not tell that the account has ended. */
    assert_false(sign_in(accounts, "bob", "wrong", &wait, &error));
    expect_error(&error, DV_ERROR_DENIED, "user or the password");
    /* Back before the signature: counts as the moment of signing. */
    wall = START - 900 * DAY;
    assert_true(sign_in(accounts, "ann", "open sesame", &wait, &error));
    assert_false(sign_in(accounts, "eve", "open sesame", &wait, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "not begun");
}

static void
guessing_waits(void **state)
{
    (void)state;
    static const gint64 waits[] = {0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900};
    g_autoptr(DvAccounts) accounts = open_with_bundle();
    const char *users[] = {"ann", "nobody"};

    for (gsize u = 0; u < 2; u++) {
        for (gsize i = 0; i < G_N_ELEMENTS(waits); i++) {
            g_autoptr(GError) error = NULL;
            gint64 wait = -1;
            /* An unknown name costs a real verification each time: a few show enough. */
            if (u == 1 && i == 6)
                break;
            assert_false(sign_in(accounts, users[u], "wrong", &wait, &error));
            if (wait != waits[i])
                fail_msg("%s, failure %d: wait %d", users[u], (int)i + 1, (int)wait);
            g_clear_error(&error);
            if (waits[i] == 0)
                continue;
            mono += waits[i] * SECOND - 1;
            assert_false(sign_in(accounts, users[u], "open sesame", &wait, &error));
            assert_int_equal(wait, 1);
            expect_error(&error, DV_ERROR_DENIED, "too many failed attempts");
            mono += 1;
        }
    }
    gint64 wait;
    g_autoptr(GError) error = NULL;
    assert_true(sign_in(accounts, "ann", "open sesame", &wait, &error));
    assert_false(sign_in(accounts, "ann", "wrong", &wait, &error));
    assert_int_equal(wait, 0); /* success began the count anew */
    g_clear_error(&error);
    assert_true(sign_in(accounts, "bob", "open sesame", &wait, &error)); /* others never waited */
}

static void
waiting_outlives_a_new_bundle(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvAccounts) accounts = open_with_bundle();
    gint64 wait;
    for (int i = 0; i < 5; i++) {
        sign_in(accounts, "ann", "wrong", &wait, &error);
        g_clear_error(&error);
    }
    g_autoptr(GBytes) bundle = make("KSK-1", START + SECOND, &error);
    assert_true(deliver(accounts, bundle, &error));
    assert_false(sign_in(accounts, "ann", "open sesame", &wait, &error));
    assert_int_equal(wait, 30);
}

static void
bad_bundles_change_nothing(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvAccounts) accounts = open_with_bundle();
    g_autofree char *version = g_strdup(dv_accounts_version(accounts));
    g_autoptr(GBytes) other = make("KSK-2", START + SECOND, &error);
    g_autoptr(GBytes) older = make("KSK-1", START - 1, &error);
    g_autoptr(GBytes) good = make("KSK-1", START + SECOND, &error);

    assert_false(deliver(accounts, other, &error));
    expect_error(&error, DV_ERROR_DENIED, "for kiosk KSK-2");
    assert_false(deliver(accounts, older, &error));
    expect_error(&error, DV_ERROR_DENIED, "older than the one in force");

    gsize length;
    const guint8 *data = g_bytes_get_data(good, &length);
    for (gsize cut = 0; cut < length; cut += 37) {
        assert_false(dv_accounts_deliver(accounts, data, cut, &error));
        g_clear_error(&error);
    }
    for (gsize i = 0; i < length; i += 11) {
        g_autofree guint8 *bent = g_memdup2(data, length);
        bent[i] ^= 1;
        if (dv_accounts_deliver(accounts, bent, length, &error))
            fail_msg("a bundle with byte %d bent was taken", (int)i);
        g_clear_error(&error);
    }
    /* Signed, but by another than the opener. */
    g_autoptr(json_t) payload =
        dv_signed_json_verify("accounts", data, length, length, keys->opener, &error);
    g_autoptr(GBytes) forged = dv_signed_json_make("accounts", payload, keys->record_key, &error);
    assert_false(deliver(accounts, forged, &error));
    expect_error(&error, DV_ERROR_CRYPTO, "");
    /* Signed by the opener, under another name. */
    g_autoptr(GBytes) renamed = dv_signed_json_make("answers", payload, keys->opener_key, &error);
    assert_false(deliver(accounts, renamed, &error));
    expect_error(&error, DV_ERROR_CRYPTO, "");
    assert_string_equal(dv_accounts_version(accounts), version);

    DvAccounts *reopened = open_store();
    assert_string_equal(dv_accounts_version(reopened), version);
    dv_accounts_free(reopened);
    assert_true(g_file_set_contents(path, "{}", -1, NULL));
    assert_null(dv_accounts_open(path, "KSK-1", keys->opener, &error));
    assert_non_null(strstr(error->message, path));
}

/* Even what the opener signed is held to the format. */
static void
signed_nonsense_is_refused(void **state)
{
    (void)state;
    g_autoptr(DvAccounts) accounts = open_store();
    static const struct {
        const char *name, *value, *words;
    } cases[] = {
        {"kiosk", "7", "\"kiosk\" is missing"},
        {"issued_at", "\"today\"", "of the form"},
        {"accounts", "{}", "no list"},
        {"accounts", "[7]", "no object"},
        {"accounts",
         "[{\"user\":\"A\",\"display\":\"A\",\"role\":\"officer\",\"password\":"
         "\"$argon2id$x\",\"valid_from\":null,\"valid_until\":null}]",
         "account 1: the user"},
        {"accounts",
         "[{\"user\":\"a\",\"display\":\"A\",\"role\":\"king\",\"password\":"
         "\"$argon2id$x\",\"valid_from\":null,\"valid_until\":null}]",
         "account 1: the role"},
        {"accounts",
         "[{\"user\":\"a\",\"display\":\"A\",\"role\":\"officer\",\"password\":"
         "\"secret\",\"valid_from\":null,\"valid_until\":null}]",
         "account 1: the password hash"},
        {"accounts",
         "[{\"user\":\"a\",\"display\":\"A\",\"role\":\"officer\",\"password\":"
         "\"$argon2id$x\",\"valid_from\":null,\"valid_until\":null},"
         "{\"user\":\"a\",\"display\":\"A\",\"role\":\"officer\",\"password\":"
         "\"$argon2id$x\",\"valid_from\":null,\"valid_until\":null}]",
         "account 2: the user stands twice"},
        {"accounts",
         "[{\"user\":\"a\",\"display\":\"A\",\"role\":\"officer\",\"password\":"
         "\"$argon2id$x\",\"valid_from\":null}]",
         "\"valid_until\" is missing"},
        {"extra", "1", "unknown member"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(json_t) payload = json_pack(
            "{s:s, s:s, s:s, s:s, s:[]}", "kiosk", "KSK-1", "checkpoint", "UTO-1", "issued_at",
            "2026-11-23T00:00:00Z", "expires_at", "2026-12-23T00:00:00Z", "accounts");
        json_object_set_new(payload, cases[i].name,
                            json_loads(cases[i].value, JSON_DECODE_ANY, NULL));
        g_autoptr(GBytes) bundle =
            dv_signed_json_make("accounts", payload, keys->opener_key, &error);
        EXPECT_NO_ERROR(error);
        assert_false(deliver(accounts, bundle, &error));
        expect_error(&error, DV_ERROR_INVALID, cases[i].words);
    }
}

static void
issuing_is_checked(void **state)
{
    (void)state;
    static const struct {
        DvAccount accounts[2];
        const char *words;
    } cases[] = {
        {{{"Ann", "A", "officer", "$argon2id$x", 0, 0}}, "account 1: the user"},
        {{{"", "A", "officer", "$argon2id$x", 0, 0}}, "account 1: the user"},
        {{{"a", "", "officer", "$argon2id$x", 0, 0}}, "account 1: the display"},
        {{{"a", "A", "auditor", "$argon2id$x", 0, 0}}, "account 1: the role"},
        {{{"a", "A", "officer", "plain", 0, 0}}, "account 1: the password"},
        {{{"a", "A", "officer", "$argon2id$x", 0, 0}, {"a", "A", "officer", "$argon2id$x", 0, 0}},
         "account 2: the user stands twice"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        const DvAccountsIssue issue = {
            "KSK-1",     "UTO-1",           START,
            START + DAY, cases[i].accounts, cases[i].accounts[1].user != NULL ? 2 : 1};
        assert_null(dv_accounts_make(&issue, keys->opener_key, &error));
        expect_error(&error, DV_ERROR_INVALID, cases[i].words);
    }
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(signs_in_also_after_a_restart),
        TEST(ends_and_beginnings),
        TEST(guessing_waits),
        TEST(waiting_outlives_a_new_bundle),
        TEST(bad_bundles_change_nothing),
        TEST(signed_nonsense_is_refused),
        TEST(issuing_is_checked),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
