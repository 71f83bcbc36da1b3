// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What a machine trusts, and what it has accepted since the last timestamp. */
#include "private.h"

#define RELEASE_JUMP_MAX 10000
#define LONG_AFTER_US (366 * DAY_US)

typedef struct {
    gint64 version;
    char state_hash[DV_TRUST_HEX];
} TrustListState;

/* What was accepted, in the order of the steps; the next step needs the one before. */
typedef enum {
    PHASE_START,
    PHASE_TIMESTAMP, /* a timestamp was accepted */
    PHASE_RELEASE,   /* and a release that it names */
    PHASES,
} TrustPhase;

struct DvTrust {
    GBytes *root_file;
    DvTrustRoot *root;
    /* numbers that only rise; "" beside a number 0 */
    gint64 release, release_seen, timestamp_version;
    char release_sha256[DV_TRUST_HEX], seen_sha256[DV_TRUST_HEX], timestamp_sha256[DV_TRUST_HEX];
    gint64 clock_floor_us, last_good_us;
    GHashTable *lists; /* list id -> TrustListState, in force */
    /* since the last timestamp */
    TrustPhase phase;
    DvTrustTimestamp *taken_timestamp;
    DvTrustRelease *taken_release;
    gboolean release_is_previous;
    GHashTable *statements; /* list id -> DvTrustStatement */
};

void trust_forget_from(DvTrust *trust, TrustPhase phase);
