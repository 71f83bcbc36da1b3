// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The state hash: the sum modulo 2^256 of the rows' hashes, so that it does not depend on order and
 * a delta can be proven against a full list. */
#include "source.h"

#include <darvaza/crypto.h>

typedef struct {
    guint8 sum[DV_SHA256_SIZE]; /* most significant first */
} ListState;
void list_state_add(ListState *state, const guint8 hash[DV_SHA256_SIZE]);
void list_state_subtract(ListState *state, const guint8 hash[DV_SHA256_SIZE]);
