// SPDX-License-Identifier: Apache-2.0
#include "lane.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <darvaza/log.h>

#define BIT(state) (1u << (state))

/* One row a state: its word and where it may go. */
static const struct {
    const char *word;
    guint successors;
} states[DV_LANE_N_STATES] = {
    [DV_LANE_IDLE] = {"idle", BIT(DV_LANE_READING) | BIT(DV_LANE_CHECKING) | BIT(DV_LANE_FAULT)},
    [DV_LANE_READING] = {"reading", BIT(DV_LANE_IDLE) | BIT(DV_LANE_CHECKING) | BIT(DV_LANE_FAULT)},
    [DV_LANE_CHECKING] = {"checking", BIT(DV_LANE_DECIDING) | BIT(DV_LANE_FAULT)},
    [DV_LANE_DECIDING] = {"deciding",
                          BIT(DV_LANE_CHECKING) | BIT(DV_LANE_RECORDED) | BIT(DV_LANE_FAULT)},
    [DV_LANE_RECORDED] = {"recorded",
                          BIT(DV_LANE_IDLE) | BIT(DV_LANE_READING) | BIT(DV_LANE_CHECKING)},
    [DV_LANE_FAULT] = {"fault", BIT(DV_LANE_IDLE) | BIT(DV_LANE_DECIDING)},
};

const char *
dv_lane_state_word(DvLaneState state)
{
    return state < DV_LANE_N_STATES ? states[state].word : "?";
}

gboolean
dv_lane_allows(DvLaneState from, DvLaneState to)
{
    return from < DV_LANE_N_STATES && to < DV_LANE_N_STATES && (states[from].successors & BIT(to));
}

/* NULL when all is well, else what is wrong. */
static const char *
broken_invariant(const DvLane *lane, DvLaneState state)
{
    switch (state) {
    case DV_LANE_IDLE:
    case DV_LANE_READING:
        return lane->has_crossing ? "a crossing is on the lane" : NULL;
    case DV_LANE_CHECKING:
        if (!lane->has_crossing)
            return "no crossing is on the lane";
        return lane->has_verdict ? "a verdict stands before the checks ran" : NULL;
    case DV_LANE_DECIDING:
        if (!lane->has_crossing || !lane->has_verdict)
            return "there is no verdict to decide on";
        return lane->recorded_seq ? "the crossing is recorded already" : NULL;
    case DV_LANE_RECORDED:
        return lane->recorded_seq > 0 ? NULL : "the outbox gave no sequence number";
    case DV_LANE_FAULT:
        if (!lane->fault)
            return "no reason is given";
        return lane->recorded_seq ? "a recorded crossing cannot be in doubt" : NULL;
    case DV_LANE_N_STATES:
        break;
    }
    return "there is no such state";
}

gboolean
dv_lane_check(const DvLane *lane, DvLaneState state, GError **error)
{
    const char *broken = broken_invariant(lane, state);
    if (!broken)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "lane state %s: %s", dv_lane_state_word(state),
                broken);
    return FALSE;
}

static void
pass_fault_point(DvLaneState state)
{
    switch (state) {
    case DV_LANE_IDLE:
        DV_FAULT_POINT("lane.idle");
        break;
    case DV_LANE_READING:
        DV_FAULT_POINT("lane.reading");
        break;
    case DV_LANE_CHECKING:
        DV_FAULT_POINT("lane.checking");
        break;
    case DV_LANE_DECIDING:
        DV_FAULT_POINT("lane.deciding");
        break;
    case DV_LANE_RECORDED:
        DV_FAULT_POINT("lane.recorded");
        break;
    case DV_LANE_FAULT:
        DV_FAULT_POINT("lane.fault");
        break;
    case DV_LANE_N_STATES:
        break;
    }
}

gboolean
dv_lane_move(DvLane *lane, DvLaneState to, GError **error)
{
    if (!dv_lane_allows(lane->state, to)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "the lane is %s and cannot go to %s",
                    dv_lane_state_word(lane->state), dv_lane_state_word(to));
        return FALSE;
    }
    if (!dv_lane_check(lane, to, error))
        return FALSE;
    dv_log_debug("lane: %s -> %s", dv_lane_state_word(lane->state), dv_lane_state_word(to));
    lane->state = to;
    lane->since_us = dv_clock_mono_us();
    pass_fault_point(to);
    return TRUE;
}
