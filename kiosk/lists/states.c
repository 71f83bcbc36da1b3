// SPDX-License-Identifier: Apache-2.0
#include "states.h"

#define TO(state) (1u << (state))

static const struct {
    const char *word;
    guint next; /* a bit for each state that may follow */
} rows[LISTS_STATES] = {
    [LISTS_IDLE] = {"IDLE", TO(LISTS_TIMESTAMP)},
    [LISTS_TIMESTAMP] = {"TIMESTAMP", TO(LISTS_ROOT) | TO(LISTS_MANIFEST) | TO(LISTS_IDLE)},
    [LISTS_ROOT] = {"ROOT", TO(LISTS_ROOT) | TO(LISTS_TIMESTAMP) | TO(LISTS_IDLE)},
    [LISTS_MANIFEST] = {"MANIFEST", TO(LISTS_ROOT) | TO(LISTS_PLAN) | TO(LISTS_IDLE)},
    [LISTS_PLAN] = {"PLAN", TO(LISTS_DOWNLOAD) | TO(LISTS_IDLE)},
    [LISTS_DOWNLOAD] = {"DOWNLOAD", TO(LISTS_VERIFY) | TO(LISTS_IDLE)},
    [LISTS_VERIFY] = {"VERIFY", TO(LISTS_STAGE) | TO(LISTS_IDLE)},
    [LISTS_STAGE] = {"STAGE", TO(LISTS_SELFTEST) | TO(LISTS_IDLE)},
    [LISTS_SELFTEST] = {"SELFTEST", TO(LISTS_SWAP) | TO(LISTS_IDLE)},
    [LISTS_SWAP] = {"SWAP", TO(LISTS_CONFIRM) | TO(LISTS_IDLE)},
    [LISTS_CONFIRM] = {"CONFIRM", TO(LISTS_IDLE)},
};

const char *
lists_state_word(ListsState state)
{
    return rows[state].word;
}

gboolean
lists_state_may_follow(ListsState state, ListsState next)
{
    return (rows[state].next & TO(next)) != 0;
}
