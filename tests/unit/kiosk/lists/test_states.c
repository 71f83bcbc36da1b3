// SPDX-License-Identifier: Apache-2.0
/* The table of states: what may follow what, and that nothing leads past a proof. */
#include "states.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
the_whole_way_is_allowed(void **state)
{
    (void)state;
    static const ListsState way[] = {
        LISTS_IDLE,     LISTS_TIMESTAMP, LISTS_ROOT,     LISTS_ROOT,   LISTS_TIMESTAMP,
        LISTS_MANIFEST, LISTS_PLAN,      LISTS_DOWNLOAD, LISTS_VERIFY, LISTS_STAGE,
        LISTS_SELFTEST, LISTS_SWAP,      LISTS_CONFIRM,  LISTS_IDLE};
    for (gsize i = 1; i < G_N_ELEMENTS(way); i++)
        assert_true(lists_state_may_follow(way[i - 1], way[i]));
}

static void
every_state_may_end_the_run(void **state)
{
    (void)state;
    for (int from = LISTS_TIMESTAMP; from < LISTS_STATES; from++)
        assert_true(lists_state_may_follow((ListsState)from, LISTS_IDLE));
}

/* Download, verify, stage, selftest, swap, confirm: each has exactly one door, the one before. */
static void
no_proof_can_be_passed_by(void **state)
{
    (void)state;
    for (int to = LISTS_DOWNLOAD; to <= LISTS_CONFIRM; to++)
        for (int from = LISTS_IDLE; from < LISTS_STATES; from++)
            assert_int_equal(lists_state_may_follow((ListsState)from, (ListsState)to),
                             from == to - 1);
    assert_false(lists_state_may_follow(LISTS_IDLE, LISTS_MANIFEST));
    assert_false(lists_state_may_follow(LISTS_IDLE, LISTS_IDLE));
}

static void
every_state_has_its_word(void **state)
{
    (void)state;
    for (int one = LISTS_IDLE; one < LISTS_STATES; one++)
        assert_non_null(lists_state_word((ListsState)one));
    assert_string_equal(lists_state_word(LISTS_SELFTEST), "SELFTEST");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_way_is_allowed),
        cmocka_unit_test(every_state_may_end_the_run),
        cmocka_unit_test(no_proof_can_be_passed_by),
        cmocka_unit_test(every_state_has_its_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
