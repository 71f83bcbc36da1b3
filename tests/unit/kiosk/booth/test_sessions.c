// SPDX-License-Identifier: Apache-2.0
/* Sign-in state, CSRF, idle end; Host and Origin. */
#include "guard.h"
#include "sessions.h"

#include <darvaza/clock.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static gint64 now_us;

static gint64
fake_time(void *data)
{
    (void)data;
    return now_us;
}

static int
setup(void **state)
{
    (void)state;
    now_us = 1000 * G_USEC_PER_SEC;
    DvClock clock = {fake_time, fake_time, NULL};
    dv_clock_install(&clock);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    dv_clock_install(NULL);
    return 0;
}

static void
test_token_and_csrf(void **state)
{
    (void)state;
    g_autoptr(DvSessions) sessions = dv_sessions_new(900);
    assert_null(dv_sessions_current(sessions));
    const DvSession *session = dv_sessions_begin(sessions, "o1", "Officer One", "officer", 0);
    g_autofree char *token = g_strdup(session->token);
    g_autofree char *csrf = g_strdup(session->csrf);
    assert_int_equal(strlen(token), 64);
    assert_ptr_equal(dv_sessions_find(sessions, token, FALSE), session);
    assert_null(dv_sessions_find(sessions, NULL, FALSE));
    assert_null(dv_sessions_find(sessions, "", FALSE));
    assert_null(dv_sessions_find(sessions, csrf, FALSE));
    token[10] = token[10] == '0' ? '1' : '0';
    assert_null(dv_sessions_find(sessions, token, FALSE));
    assert_true(dv_session_csrf_ok(session, csrf));
    assert_false(dv_session_csrf_ok(session, NULL));
    assert_false(dv_session_csrf_ok(session, session->token));
    /* Another sign-in is another shift and ends the first. */
    g_autofree char *old = g_strdup(session->token);
    session = dv_sessions_begin(sessions, "o2", "Officer Two", "officer", 0);
    assert_null(dv_sessions_find(sessions, old, FALSE));
    dv_sessions_end(sessions);
    assert_null(dv_sessions_current(sessions));
}

static void
test_idle_and_account_end(void **state)
{
    (void)state;
    g_autoptr(DvSessions) sessions = dv_sessions_new(900);
    const DvSession *session = dv_sessions_begin(sessions, "o1", "Officer One", "officer", 0);
    g_autofree char *token = g_strdup(session->token);
    now_us += 899 * G_USEC_PER_SEC;
    assert_non_null(dv_sessions_find(sessions, token, TRUE));
    now_us += 899 * G_USEC_PER_SEC;
    assert_non_null(dv_sessions_find(sessions, token, FALSE)); /* looking is no activity */
    now_us += 2 * G_USEC_PER_SEC;
    assert_null(dv_sessions_find(sessions, token, TRUE));

    session =
        dv_sessions_begin(sessions, "o1", "Officer One", "officer", now_us + 10 * G_USEC_PER_SEC);
    g_autofree char *second = g_strdup(session->token);
    assert_non_null(dv_sessions_find(sessions, second, TRUE));
    now_us += 11 * G_USEC_PER_SEC;
    assert_null(dv_sessions_find(sessions, second, TRUE));
}

static void
test_host_and_origin(void **state)
{
    (void)state;
    static const struct {
        const char *host, *origin, *site;
        gboolean passes;
    } rows[] = {
        {"127.0.0.1:8080", NULL, NULL, TRUE},
        {"localhost:8080", "http://localhost:8080", "same-origin", TRUE},
        {"[::1]:8080", NULL, "none", TRUE},
        {"booth.example:8080", NULL, NULL, TRUE}, /* configured below */
        {NULL, NULL, NULL, FALSE},
        {"", NULL, NULL, FALSE},
        {"127.0.0.1", NULL, NULL, FALSE},
        {"127.0.0.1:8081", NULL, NULL, FALSE},
        {"evil.example:8080", NULL, NULL, FALSE}, /* DNS rebinding */
        {"127.0.0.1:8080.evil.example", NULL, NULL, FALSE},
        {"127.0.0.1:8080", "http://evil.example", NULL, FALSE},
        {"127.0.0.1:8080", "http://127.0.0.1:9999", NULL, FALSE},
        {"127.0.0.1:8080", "https://127.0.0.1:8080", NULL, FALSE},
        {"127.0.0.1:8080", "null", NULL, FALSE},
        {"127.0.0.1:8080", NULL, "cross-site", FALSE},
        {"127.0.0.1:8080", NULL, "same-site", FALSE},
    };
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        DvGuardRequest request = {"POST",       rows[i].host, rows[i].origin,
                                  rows[i].site, 8080,         "booth.example:8080"};
        if ((dv_guard_refusal(&request) == NULL) != rows[i].passes)
            fail_msg("row %u", i);
    }
    assert_true(dv_guard_is_unsafe("POST"));
    assert_true(dv_guard_is_unsafe("DELETE"));
    assert_false(dv_guard_is_unsafe("GET"));
    assert_false(dv_guard_is_unsafe("HEAD"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_token_and_csrf, setup, teardown),
        cmocka_unit_test_setup_teardown(test_idle_and_account_end, setup, teardown),
        cmocka_unit_test(test_host_and_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
