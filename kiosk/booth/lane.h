// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The lane: one traveller at a time, from document to decision. Its states and the moves between
 * them are a table in lane.c; nothing else sets a state.
 */
#include <glib.h>

typedef enum {
    DV_LANE_IDLE,     /* waiting for a document */
    DV_LANE_READING,  /* a reader has begun to send */
    DV_LANE_CHECKING, /* lines are there; checks run */
    DV_LANE_DECIDING, /* the verdict stands on the screen; the officer decides */
    DV_LANE_RECORDED, /* the crossing is durable in the outbox */
    DV_LANE_FAULT,    /* nothing can be recorded; a crossing under decision is kept */
    DV_LANE_N_STATES
} DvLaneState;

/* What the invariants of the states speak of. The caller brings it up to date before a move. */
typedef struct {
    DvLaneState state;
    gint64 since_us;       /* monotonic clock at the last move */
    gboolean has_crossing; /* a document is on the lane */
    gboolean has_verdict;  /* its checks have answered */
    gint64 recorded_seq;   /* > 0: the outbox holds it under this number */
    const char *fault;     /* why nothing can be recorded; belongs to the caller */
} DvLane;

/* "idle", "reading" ...; static. */
const char *dv_lane_state_word(DvLaneState state);

/* Whether the table allows the move. A state is never its own successor. */
gboolean dv_lane_allows(DvLaneState from, DvLaneState to);

/* Whether the invariant of that state holds for what the lane carries now; DV_ERROR_CORRUPT names
 * the state and what is wrong. */
gboolean dv_lane_check(const DvLane *lane, DvLaneState state, GError **error);

/* Moves when the table allows it (else DV_ERROR_CONFLICT) and the next state's invariant holds
 * (else DV_ERROR_CORRUPT); on error the lane stands where it stood. */
gboolean dv_lane_move(DvLane *lane, DvLaneState to, GError **error);
