// SPDX-License-Identifier: Apache-2.0
#include "backoff.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_reach_doubles_up_to_the_bound(void **state)
{
    Backoff backoff = {.min_ms = 100, .max_ms = 1000};
    static const guint expected[] = {100, 200, 400, 800, 1000, 1000};
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(expected); i++)
        assert_int_equal(backoff_next(&backoff, G_MAXUINT32), expected[i]);
}

static void
test_the_smallest_draw_is_the_minimum(void **state)
{
    Backoff backoff = {.min_ms = 100, .max_ms = 1000};
    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(backoff_next(&backoff, 0), 100);
}

static void
test_success_starts_over(void **state)
{
    Backoff backoff = {.min_ms = 10, .max_ms = 60000};
    (void)state;
    for (int i = 0; i < 50; i++)
        backoff_next(&backoff, G_MAXUINT32);
    backoff_reset(&backoff);
    assert_int_equal(backoff_next(&backoff, G_MAXUINT32), 10);
}

static void
test_a_bound_below_the_minimum_wins(void **state)
{
    Backoff backoff = {.min_ms = 500, .max_ms = 200};
    (void)state;
    assert_int_equal(backoff_next(&backoff, G_MAXUINT32), 200);
    assert_int_equal(backoff_next(&backoff, 7), 200);
}

static void
test_counting_failures_for_years_does_not_wrap(void **state)
{
    Backoff backoff = {.min_ms = 500, .max_ms = 30000, .failures = G_MAXUINT};
    (void)state;
    assert_int_equal(backoff_next(&backoff, G_MAXUINT32), 30000);
    assert_int_equal(backoff.failures, G_MAXUINT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reach_doubles_up_to_the_bound),
        cmocka_unit_test(test_the_smallest_draw_is_the_minimum),
        cmocka_unit_test(test_success_starts_over),
        cmocka_unit_test(test_a_bound_below_the_minimum_wins),
        cmocka_unit_test(test_counting_failures_for_years_does_not_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
