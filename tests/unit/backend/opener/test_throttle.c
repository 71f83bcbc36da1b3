// SPDX-License-Identifier: Apache-2.0
#include "expect.h"
#include "throttle.h"

#include <darvaza/clock.h>

static gint64 now_us;

static gint64
fake_now(void *data)
{
    (void)data;
    return now_us;
}

static int
setup(void **state)
{
    now_us = 1000 * G_USEC_PER_SEC;
    const DvClock clock = {fake_now, fake_now, NULL};
    dv_clock_install(&clock);
    *state = dv_throttle_new();
    return 0;
}

static int
teardown(void **state)
{
    dv_throttle_free(*state);
    dv_clock_install(NULL);
    return 0;
}

static void
delay_grows_and_ends_at_a_bound(void **state)
{
    gint64 last = 0;
    for (int i = 0; i < 40; i++) {
        g_autofree char *peer = g_strdup_printf("10.0.0.%d", i);
        gint64 wait = dv_throttle_wait_s(*state, "sup", peer);
        assert_true(wait >= MIN(last, 1) || i < DV_THROTTLE_USER_FREE);
        last = wait;
        now_us += wait * G_USEC_PER_SEC;
        assert_int_equal(dv_throttle_wait_s(*state, "sup", peer), 0);
        dv_throttle_failed(*state, "sup", peer);
        if (i + 1 < DV_THROTTLE_USER_FREE)
            assert_int_equal(dv_throttle_wait_s(*state, "sup", peer), 0);
        else
            assert_int_equal(
                dv_throttle_wait_s(*state, "sup", peer),
                MIN(1 << MIN(i + 1 - DV_THROTTLE_USER_FREE, 16), DV_THROTTLE_DELAY_MAX_S));
    }
    assert_int_equal(dv_throttle_wait_s(*state, "sup", "10.9.9.9"), DV_THROTTLE_DELAY_MAX_S);
    assert_int_equal(dv_throttle_wait_s(*state, "other", "10.9.9.9"), 0);
}

static void
one_address_cannot_go_through_the_accounts(void **state)
{
    for (int i = 0; i < DV_THROTTLE_PEER_FREE; i++) {
        g_autofree char *user = g_strdup_printf("user%d", i);
        assert_int_equal(dv_throttle_wait_s(*state, user, "10.0.0.1"), 0);
        dv_throttle_failed(*state, user, "10.0.0.1");
    }
    assert_true(dv_throttle_wait_s(*state, "fresh", "10.0.0.1") > 0);
    /* A right password at that address frees its own account alone. */
    dv_throttle_passed(*state, "user0");
    assert_true(dv_throttle_wait_s(*state, "fresh", "10.0.0.1") > 0);
}

static void
success_and_time_forget(void **state)
{
    for (int i = 0; i < DV_THROTTLE_USER_FREE; i++)
        dv_throttle_failed(*state, "sup", "10.0.0.1");
    assert_true(dv_throttle_wait_s(*state, "sup", "10.0.0.2") > 0);
    dv_throttle_passed(*state, "sup");
    assert_int_equal(dv_throttle_wait_s(*state, "sup", "10.0.0.2"), 0);

    for (int i = 0; i < DV_THROTTLE_USER_FREE; i++)
        dv_throttle_failed(*state, "sup2", "10.0.0.1");
    now_us += (DV_THROTTLE_FORGET_S + 1) * G_USEC_PER_SEC;
    dv_throttle_failed(*state, "sup2", "10.0.0.1");
    assert_int_equal(dv_throttle_wait_s(*state, "sup2", "10.0.0.1"), 0);
}

/* However many names are tried, the ones that are blocked most recently stay blocked. */
static void
memory_is_bounded(void **state)
{
    for (int i = 0; i < 3 * DV_THROTTLE_ENTRIES; i++) {
        g_autofree char *user = g_strdup_printf("user%d", i);
        g_autofree char *peer = g_strdup_printf("peer%d", i);
        now_us += 1000;
        dv_throttle_failed(*state, user, peer);
    }
    for (int i = 0; i < DV_THROTTLE_USER_FREE; i++)
        dv_throttle_failed(*state, "sup", "10.0.0.1");
    assert_true(dv_throttle_wait_s(*state, "sup", "10.0.0.2") > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(delay_grows_and_ends_at_a_bound, setup, teardown),
        cmocka_unit_test_setup_teardown(one_address_cannot_go_through_the_accounts, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(success_and_time_forget, setup, teardown),
        cmocka_unit_test_setup_teardown(memory_is_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
