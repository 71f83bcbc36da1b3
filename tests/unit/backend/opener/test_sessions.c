// SPDX-License-Identifier: Apache-2.0
/* Sign-in, tokens, their ends, and what a guesser can learn. */
#include "expect.h"
#include "fixture.h"

#include <darvaza/clock.h>
#include <darvaza/password.h>

/* The linker sends the opener's password checks through here (meson.build), to be counted. */
gboolean __real_dv_password_verify(const char *encoded, const char *password);
gboolean __wrap_dv_password_verify(const char *encoded, const char *password);
void __real_dv_password_waste(void);
void __wrap_dv_password_waste(void);
static guint verified, wasted;

gboolean
__wrap_dv_password_verify(const char *encoded, const char *password)
{
    verified++;
    return __real_dv_password_verify(encoded, password);
}

void
__wrap_dv_password_waste(void)
{
    wasted++;
    __real_dv_password_waste();
}

static void
sign_in_tells_what_the_page_needs(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) session =
        dv_session_sign_in(centre, "sup", RIG_PASSWORD, "127.0.0.1", &error);
    assert_null(error);
    const char *token = json_string_value(json_object_get(session, "token"));
    assert_int_equal(strlen(token), DV_SESSION_TOKEN_SIZE);
    assert_string_equal(json_string_value(json_object_get(session, "role")), "supervisor");
    assert_string_equal(json_string_value(json_object_get(session, "unit")), "centre");
    const json_t *kiosks = json_object_get(session, "kiosks");
    assert_string_equal(json_string_value(json_object_get(kiosks, "KSK-1")), "UTO-BAHNHOF");
    assert_null(json_object_get(kiosks, "KSK-9"));
    const json_t *elsewhere = json_object_get(session, "elsewhere");
    assert_string_equal(json_string_value(json_array_get(elsewhere, 0)), "KSK-9");
    g_autoptr(json_t) again = dv_session_describe(centre, token, &error);
    assert_null(error);
    assert_true(json_equal(json_object_get(again, "csrf"), json_object_get(session, "csrf")));
    expect_entry(centre, "sup session.sign-in 127.0.0.1 ok ");
}

/* The database holds nothing with which a session could be taken over. */
static void
tokens_are_stored_hashed(void **state)
{
    (void)state;
    g_autofree char *token = sign_in(centre, "sup");
    g_autofree char *wal = g_build_filename(rig->centre_state, "opener.db-wal", NULL);
    g_autofree char *db = g_build_filename(rig->centre_state, "opener.db", NULL);
    const char *files[] = {wal, db};
    guint8 raw[DV_SESSION_TOKEN_SIZE / 2];
    assert_true(dv_hex_parse(token, raw, sizeof raw));
    for (gsize i = 0; i < G_N_ELEMENTS(files); i++) {
        g_autofree char *content = NULL;
        gsize length = 0;
        if (!g_file_get_contents(files[i], &content, &length, NULL))
            continue;
        assert_null(memmem(content, length, token, strlen(token)));
        assert_null(memmem(content, length, raw, sizeof raw));
        assert_null(memmem(content, length, RIG_PASSWORD, strlen(RIG_PASSWORD)));
    }
}

static void
one_message_for_whatever_was_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *user, *password, *entry;
    } cases[] = {
        {"second", "wrong password", "second session.sign-in 10.1.0.0 denied "},
        {"nobody", RIG_PASSWORD, "- session.sign-in 10.1.0.1 denied "},
        {"", "", "- session.sign-in 10.1.0.2 denied "},
        {"asylum", RIG_PASSWORD, "- session.sign-in 10.1.0.3 denied "}, /* the other unit's */
        {RIG_PASSWORD, "sup", "- session.sign-in 10.1.0.4 denied "},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *peer = g_strdup_printf("10.1.0.%zu", i);
        verified = wasted = 0;
        assert_null(dv_session_sign_in(centre, cases[i].user, cases[i].password, peer, &error));
        expect_error(&error, DV_ERROR_DENIED, "The account or the password is not right.");
        expect_entry(centre, cases[i].entry);
        /* One argon2id each, never none: the clock tells nobody whether the account exists. */
        assert_int_equal(verified + wasted, 1);
    }
}

/* Whether an account exists is not to be heard from the delays either. */
static void
throttle_is_the_same_for_unknown_accounts(void **state)
{
    (void)state;
    static const char *const users[] = {"away", "nobody2"};
    for (gsize u = 0; u < G_N_ELEMENTS(users); u++) {
        for (int i = 0; i < DV_THROTTLE_USER_FREE; i++) {
            g_autofree char *peer = g_strdup_printf("10.2.%zu.%d", u, i);
            assert_null(dv_session_sign_in(centre, users[u], "wrong", peer, NULL));
        }
        g_autoptr(GError) error = NULL;
        verified = wasted = 0;
        assert_null(dv_session_sign_in(centre, users[u], RIG_PASSWORD, "10.2.9.9", &error));
        assert_int_equal(verified + wasted, 0);
        expect_error(&error, DV_ERROR_UNAVAILABLE, "try again in 1 seconds");
    }
    shift_us += 10 * G_USEC_PER_SEC;
    g_autofree char *token = sign_in(centre, "away");
    assert_non_null(token);
}

static void
sessions_end(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *idle = sign_in(centre, "sup");
    shift_us += 899 * (gint64)G_USEC_PER_SEC;
    g_autoptr(DvSession) alive = dv_session_find(centre, idle, &error);
    if (!alive)
        fail_msg("%s", error->message);
    shift_us += 899 * (gint64)G_USEC_PER_SEC;
    g_autoptr(DvSession) renewed = dv_session_find(centre, idle, &error);
    assert_non_null(renewed);
    shift_us += 901 * (gint64)G_USEC_PER_SEC;
    assert_null(dv_session_find(centre, idle, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");

    /* However busy, twelve hours are the end. */
    g_autofree char *busy = sign_in(centre, "sup");
    for (int i = 0; i < 12 * 6 - 1; i++) {
        shift_us += 600 * (gint64)G_USEC_PER_SEC;
        g_autoptr(DvSession) session = dv_session_find(centre, busy, &error);
        assert_non_null(session);
    }
    shift_us += 600 * (gint64)G_USEC_PER_SEC;
    assert_null(dv_session_find(centre, busy, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");

    g_autofree char *out = sign_in(centre, "sup");
    assert_true(dv_session_sign_out(centre, out, &error));
    assert_null(dv_session_find(centre, out, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");
    assert_true(dv_session_sign_out(centre, out, &error));
}

static void
forged_tokens_name_no_session(void **state)
{
    (void)state;
    g_autofree char *token = sign_in(centre, "sup");
    g_autofree char *flipped = g_strdup(token);
    flipped[5] = flipped[5] == '0' ? '1' : '0';
    g_autofree char *upper = g_ascii_strup(token, -1);
    g_autofree char *shorter = g_strndup(token, DV_SESSION_TOKEN_SIZE - 1);
    const char *forged[] = {"", "x", flipped, shorter, "' OR 1=1 --"};
    for (gsize i = 0; i < G_N_ELEMENTS(forged); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(dv_session_find(centre, forged[i], &error));
        expect_error(&error, DV_ERROR_EXPIRED, "sign in again");
    }
    g_autoptr(GError) error = NULL;
    assert_null(dv_session_find(protection, token, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");
}

static void
disabled_account_is_out_at_once(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *token = sign_in(centre, "sup2");
    assert_true(dv_users_set_disabled(centre->db, "test", "sup2", TRUE, &error));
    assert_null(dv_session_find(centre, token, &error));
    expect_error(&error, DV_ERROR_EXPIRED, "sign in again");
    assert_null(dv_session_sign_in(centre, "sup2", RIG_PASSWORD, "127.0.0.1", &error));
    expect_error(&error, DV_ERROR_DENIED, "not right");
    assert_true(dv_users_set_disabled(centre->db, "test", "sup2", FALSE, &error));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sign_in_tells_what_the_page_needs),
        cmocka_unit_test(tokens_are_stored_hashed),
        cmocka_unit_test(one_message_for_whatever_was_wrong),
        cmocka_unit_test(throttle_is_the_same_for_unknown_accounts),
        cmocka_unit_test(sessions_end),
        cmocka_unit_test(forged_tokens_name_no_session),
        cmocka_unit_test(disabled_account_is_out_at_once),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
