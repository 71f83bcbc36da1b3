// SPDX-License-Identifier: Apache-2.0
#include "backoff.h"

#define DOUBLINGS_MAX 20u

guint
backoff_next(Backoff *backoff, guint32 random32)
{
    guint doublings = MIN(backoff->failures, DOUBLINGS_MAX);
    guint64 reach = MIN((guint64)backoff->min_ms << doublings, (guint64)backoff->max_ms);
    guint64 spread = reach > backoff->min_ms ? reach - backoff->min_ms : 0;
    if (backoff->failures < G_MAXUINT)
        backoff->failures++;
    return (guint)MIN(backoff->min_ms + spread * random32 / G_MAXUINT32, (guint64)backoff->max_ms);
}

void
backoff_reset(Backoff *backoff)
{
    backoff->failures = 0;
}
