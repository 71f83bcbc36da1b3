// SPDX-License-Identifier: Apache-2.0
/* The total of a verdict: every pair of results, obligations, and the empty one. */
#include "checks.h"
#include "verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum {
    S = DV_CHECK_SUCCESSFUL,
    F = DV_CHECK_FAILED,
    U = DV_CHECK_UNDETERMINED,
    N = DV_CHECK_NOT_SUPPORTED,
    A = DV_CHECK_ABORTED
};
enum { MAN = DV_CHECK_MANDATORY, OPT = DV_CHECK_OPTIONAL, INF = DV_CHECK_INFORMATIONAL };

typedef struct {
    int obligation, result;
} Given;

static const struct {
    Given checks[4];
    int count;
    int total;
} rows[] = {
    {{{0}}, 0, U}, /* nothing was checked: not clear */
    {{{MAN, S}}, 1, S},
    {{{MAN, F}}, 1, F},
    {{{MAN, U}}, 1, U},
    {{{MAN, A}}, 1, A},
    {{{MAN, N}}, 1, U}, /* a duty that was not done */
    {{{OPT, N}}, 1, U}, /* no success among them */
    {{{INF, S}}, 1, U}, /* informational success is none */
    {{{MAN, S}, {OPT, N}}, 2, S},
    {{{MAN, S}, {MAN, N}}, 2, U},
    {{{MAN, S}, {INF, F}}, 2, S},
    {{{MAN, S}, {INF, A}, {INF, U}}, 3, S},
    {{{MAN, S}, {OPT, F}}, 2, F},
    {{{MAN, S}, {OPT, U}}, 2, U},
    {{{MAN, S}, {OPT, A}}, 2, A},
    {{{MAN, F}, {MAN, A}}, 2, F},
    {{{MAN, A}, {MAN, F}}, 2, F},
    {{{MAN, U}, {MAN, A}}, 2, A},
    {{{MAN, A}, {MAN, U}, {MAN, S}}, 3, A},
    {{{MAN, U}, {MAN, S}}, 2, U},
    {{{MAN, S}, {MAN, U}, {MAN, A}, {MAN, F}}, 4, F},
};

static void
test_total(void **state)
{
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(DvVerdict) verdict = dv_verdict_new();
        for (int k = 0; k < rows[i].count; k++)
            dv_verdict_add(verdict, "any", (DvCheckObligation)rows[i].checks[k].obligation,
                           (DvCheckResult)rows[i].checks[k].result, "", NULL);
        if ((int)dv_verdict_total(verdict) != rows[i].total)
            fail_msg("row %u: total %s", i, dv_check_result_word(dv_verdict_total(verdict)));
    }
}

static void
test_stamp_marks_each_check_once(void **state)
{
    (void)state;
    g_autoptr(DvVerdict) verdict = dv_verdict_new();
    dv_verdict_add(verdict, "first", DV_CHECK_MANDATORY, DV_CHECK_SUCCESSFUL, "", NULL);
    dv_verdict_stamp(verdict, 3, 5);
    dv_verdict_add(verdict, "second", DV_CHECK_MANDATORY, DV_CHECK_FAILED, "", NULL);
    dv_verdict_stamp(verdict, 9, 8);
    assert_int_equal(dv_verdict_find(verdict, "first")->end_ms, 5);
    assert_int_equal(dv_verdict_find(verdict, "second")->start_ms, 9);
    assert_int_equal(dv_verdict_find(verdict, "second")->end_ms, 9);
    assert_null(dv_verdict_find(verdict, "third"));
}

/* An equal name and date that many share is marked probable by the lists; then nothing stops. */
static void
test_probable_never_stops(void **state)
{
    (void)state;
    DvWatchlistHit hit = {.match = DV_WATCHLIST_EXACT_PERSON, .action = DV_WATCHLIST_STOP_REFER};

    assert_true(dv_checks_hit_stops(&hit));
    hit.probable = TRUE;
    assert_false(dv_checks_hit_stops(&hit));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_total),
        cmocka_unit_test(test_probable_never_stops),
        cmocka_unit_test(test_stamp_marks_each_check_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
