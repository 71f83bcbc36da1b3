// SPDX-License-Identifier: Apache-2.0
#pragma once
/* How long to wait after a failure: exponential, with full jitter, so that a hundred kiosks that
 * lost the centre together do not come back together. */
#include <glib.h>

typedef struct {
    guint min_ms, max_ms;
    guint failures; /* in a row; saturates */
} Backoff;

/* Notes one more failure and gives the wait: min_ms plus a random share of what the doubling has
 * reached, never above max_ms. random32 is any 32 random bits. */
guint backoff_next(Backoff *backoff, guint32 random32);
void backoff_reset(Backoff *backoff);
