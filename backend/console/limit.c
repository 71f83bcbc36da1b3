// SPDX-License-Identifier: Apache-2.0
#include "limit.h"

#include <darvaza/clock.h>

typedef struct {
    gint64 tokens_us; /* tokens, in microseconds of waiting for one second's worth */
    gint64 last_us;
} Bucket;

#define TOKEN_US (G_USEC_PER_SEC / DV_LIMIT_PER_SECOND)
#define FULL_US ((gint64)DV_LIMIT_BURST * TOKEN_US)

struct DvLimit {
    GHashTable *peers; /* address -> Bucket */
};

DvLimit *
dv_limit_new(void)
{
    DvLimit *limit = g_new0(DvLimit, 1);
    limit->peers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return limit;
}

void
dv_limit_free(DvLimit *limit)
{
    if (!limit)
        return;
    g_hash_table_unref(limit->peers);
    g_free(limit);
}

static void
refill(Bucket *bucket, gint64 now)
{
    bucket->tokens_us = MIN(bucket->tokens_us + (now - bucket->last_us), FULL_US);
    bucket->last_us = now;
}

static gboolean
is_full(gpointer peer, gpointer value, gpointer now)
{
    (void)peer;
    refill(value, *(gint64 *)now);
    return ((Bucket *)value)->tokens_us >= FULL_US;
}

gboolean
dv_limit_take(DvLimit *limit, const char *peer)
{
    gint64 now = dv_clock_mono_us();
    Bucket *bucket = g_hash_table_lookup(limit->peers, peer);
    if (!bucket) {
        /* A full bucket says nothing that a new one would not. */
        if (g_hash_table_size(limit->peers) >= DV_LIMIT_PEERS)
            g_hash_table_foreach_remove(limit->peers, is_full, &now);
        if (g_hash_table_size(limit->peers) >= DV_LIMIT_PEERS)
            return FALSE;
        bucket = g_new0(Bucket, 1);
        *bucket = (Bucket){FULL_US, now};
        g_hash_table_insert(limit->peers, g_strdup(peer), bucket);
    }
    refill(bucket, now);
    if (bucket->tokens_us < TOKEN_US)
        return FALSE;
    bucket->tokens_us -= TOKEN_US;
    return TRUE;
}
