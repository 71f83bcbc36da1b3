// SPDX-License-Identifier: Apache-2.0
/* The lane's table: every pair of states, every invariant. */
#include "lane.h"

#include <darvaza/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* The whole table once more, written by hand, so that a changed row is seen. Rows: from. */
static const char allowed[DV_LANE_N_STATES][DV_LANE_N_STATES + 1] = {
    /* idle reading checking deciding recorded fault */
    [DV_LANE_IDLE] = ".xx..x",     [DV_LANE_READING] = "x.x..x",  [DV_LANE_CHECKING] = "...x.x",
    [DV_LANE_DECIDING] = "..x.xx", [DV_LANE_RECORDED] = "xxx...", [DV_LANE_FAULT] = "x..x..",
};

/* A lane in that state whose content would satisfy the next. */
static DvLane
lane_before(DvLaneState from, DvLaneState to)
{
    DvLane lane = {.state = from};
    lane.has_crossing = to != DV_LANE_IDLE && to != DV_LANE_READING;
    lane.has_verdict = to == DV_LANE_DECIDING || to == DV_LANE_RECORDED || to == DV_LANE_FAULT;
    lane.recorded_seq = to == DV_LANE_RECORDED ? 7 : 0;
    lane.fault = to == DV_LANE_FAULT ? "the outbox is damaged" : NULL;
    return lane;
}

static void
test_every_pair(void **state)
{
    (void)state;
    guint moves = 0;
    for (guint from = 0; from < DV_LANE_N_STATES; from++)
        for (guint to = 0; to < DV_LANE_N_STATES; to++) {
            gboolean expected = allowed[from][to] == 'x';
            assert_int_equal(dv_lane_allows(from, to), expected);
            DvLane lane = lane_before(from, to);
            g_autoptr(GError) error = NULL;
            assert_int_equal(dv_lane_move(&lane, to, &error), expected);
            assert_int_equal(lane.state, expected ? to : from);
            if (expected)
                moves++;
            else
                assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CONFLICT));
        }
    assert_int_equal(moves, 16);
}

static void
assert_broken(DvLane lane, DvLaneState to)
{
    g_autoptr(GError) error = NULL;
    DvLaneState from = lane.state;
    assert_false(dv_lane_move(&lane, to, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CORRUPT));
    assert_int_equal(lane.state, from);
}

static void
test_invariants(void **state)
{
    (void)state;
    /* Nothing may be called recorded that the outbox did not number. */
    assert_broken((DvLane){.state = DV_LANE_DECIDING, .has_crossing = TRUE, .has_verdict = TRUE},
                  DV_LANE_RECORDED);
    assert_broken((DvLane){.state = DV_LANE_CHECKING, .has_crossing = TRUE}, DV_LANE_DECIDING);
    assert_broken((DvLane){.state = DV_LANE_CHECKING, .has_verdict = TRUE}, DV_LANE_DECIDING);
    assert_broken(
        (DvLane){
            .state = DV_LANE_FAULT, .has_crossing = TRUE, .has_verdict = TRUE, .recorded_seq = 3},
        DV_LANE_DECIDING);
    /* A crossing under decision cannot vanish into idle through fault. */
    assert_broken((DvLane){.state = DV_LANE_FAULT, .has_crossing = TRUE, .has_verdict = TRUE},
                  DV_LANE_IDLE);
    assert_broken((DvLane){.state = DV_LANE_IDLE}, DV_LANE_CHECKING);
    assert_broken((DvLane){.state = DV_LANE_IDLE, .has_crossing = TRUE}, DV_LANE_READING);
    assert_broken((DvLane){.state = DV_LANE_IDLE}, DV_LANE_FAULT);
    assert_broken((DvLane){.state = DV_LANE_DECIDING, .recorded_seq = 3, .fault = "x"},
                  DV_LANE_FAULT);
    /* A check that runs again starts without the old verdict. */
    assert_broken((DvLane){.state = DV_LANE_DECIDING, .has_crossing = TRUE, .has_verdict = TRUE},
                  DV_LANE_CHECKING);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair),
        cmocka_unit_test(test_invariants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
