// SPDX-License-Identifier: Apache-2.0
#include "throttle.h"

#include <darvaza/clock.h>

typedef struct {
    guint failures;
    gint64 last_us;    /* of a failure, monotonic */
    gint64 blocked_us; /* until then */
} Entry;

struct DvThrottle {
    GHashTable *entries; /* "u:<account>", "p:<peer>" -> Entry */
};

DvThrottle *
dv_throttle_new(void)
{
    DvThrottle *throttle = g_new0(DvThrottle, 1);
    throttle->entries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return throttle;
}

void
dv_throttle_free(DvThrottle *throttle)
{
    if (!throttle)
        return;
    g_hash_table_unref(throttle->entries);
    g_free(throttle);
}

static char *
key_of(char kind, const char *name)
{
    /* Names come from outside: a prefix is enough to tell apart, and bounds the table's memory. */
    return g_strdup_printf("%c:%.64s", kind, name);
}

static gboolean
is_forgotten(const Entry *entry, gint64 now)
{
    return now - entry->last_us > DV_THROTTLE_FORGET_S * G_USEC_PER_SEC && now >= entry->blocked_us;
}

static gint64
wait_us(DvThrottle *throttle, char kind, const char *name, gint64 now)
{
    g_autofree char *key = key_of(kind, name);
    const Entry *entry = g_hash_table_lookup(throttle->entries, key);
    return entry && entry->blocked_us > now ? entry->blocked_us - now : 0;
}

gint64
dv_throttle_wait_s(DvThrottle *throttle, const char *user, const char *peer)
{
    gint64 now = dv_clock_mono_us();
    gint64 longest = MAX(wait_us(throttle, 'u', user, now), wait_us(throttle, 'p', peer, now));
    return (longest + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC;
}

static gboolean
drop_forgotten(gpointer key, gpointer value, gpointer now)
{
    (void)key;
    return is_forgotten(value, *(gint64 *)now);
}

/* Keeps the table bounded: first what is stale, then the entry that failed longest ago. */
static void
make_room(DvThrottle *throttle, gint64 now)
{
    if (g_hash_table_size(throttle->entries) < DV_THROTTLE_ENTRIES)
        return;
    g_hash_table_foreach_remove(throttle->entries, drop_forgotten, &now);
    if (g_hash_table_size(throttle->entries) < DV_THROTTLE_ENTRIES)
        return;
    GHashTableIter iter;
    gpointer key, value;
    const char *oldest = NULL;
    gint64 oldest_us = G_MAXINT64;
    g_hash_table_iter_init(&iter, throttle->entries);
    while (g_hash_table_iter_next(&iter, &key, &value)) {
        if (((Entry *)value)->last_us < oldest_us) {
            oldest_us = ((Entry *)value)->last_us;
            oldest = key;
        }
    }
    if (oldest)
        g_hash_table_remove(throttle->entries, oldest);
}

static void
count_failure(DvThrottle *throttle, char kind, const char *name, guint free_failures)
{
    gint64 now = dv_clock_mono_us();
    g_autofree char *key = key_of(kind, name);
    Entry *entry = g_hash_table_lookup(throttle->entries, key);
    if (!entry) {
        make_room(throttle, now);
        entry = g_new0(Entry, 1);
        g_hash_table_insert(throttle->entries, g_steal_pointer(&key), entry);
    } else if (is_forgotten(entry, now)) {
        entry->failures = 0;
    }
    entry->failures++;
    entry->last_us = now;
    if (entry->failures < free_failures)
        return;
    guint doublings = MIN(entry->failures - free_failures, 16u);
    gint64 delay_s = MIN((gint64)1 << doublings, (gint64)DV_THROTTLE_DELAY_MAX_S);
    entry->blocked_us = now + delay_s * G_USEC_PER_SEC;
}

void
dv_throttle_failed(DvThrottle *throttle, const char *user, const char *peer)
{
    count_failure(throttle, 'u', user, DV_THROTTLE_USER_FREE);
    count_failure(throttle, 'p', peer, DV_THROTTLE_PEER_FREE);
}

void
dv_throttle_passed(DvThrottle *throttle, const char *user)
{
    g_autofree char *key = key_of('u', user);
    g_hash_table_remove(throttle->entries, key);
}
