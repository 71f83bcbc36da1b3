// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The states of an update and which may follow which: a table, so that it can be read, printed and
 * tested. Every state may fall back to IDLE: that is a failure, or nothing to do, and the set in
 * force is then the one that was in force before.
 */
#include <glib.h>

typedef enum {
    LISTS_IDLE,
    LISTS_TIMESTAMP, /* the centre's newest word */
    LISTS_ROOT,      /* the next root, again and again */
    LISTS_MANIFEST,  /* the release for this kiosk and its owners' statements */
    LISTS_PLAN,      /* which packages lead from what is here to there */
    LISTS_DOWNLOAD,  /* resumed where it ended, never beyond the signed size */
    LISTS_VERIFY,    /* every package whole, before a byte of it is decoded */
    LISTS_STAGE,     /* decoded beside the set in force, rows and state hash proven */
    LISTS_SELFTEST,  /* the signed canary rows asked of the staged set */
    LISTS_SWAP,      /* one rename */
    LISTS_CONFIRM,   /* the numbers count from here on */
    LISTS_STATES,
} ListsState;

/* "IDLE", "TIMESTAMP" ... as in status.json; static. */
const char *lists_state_word(ListsState state);
gboolean lists_state_may_follow(ListsState state, ListsState next);
