// SPDX-License-Identifier: Apache-2.0
/* Whose turn it is, and what counts once a set is in force. */
#include "accept.h"
#include <darvaza/error.h>
#include <string.h>

/* The release's own steps are what two persons signed: the timestamp chooses among them. */
static guint
effective_percent(const DvTrustRelease *release, guint percent)
{
    guint effective = 0;
    for (guint i = 0; i < release->steps->len; i++)
        if (g_array_index(release->steps, guint, i) <= percent)
            effective = g_array_index(release->steps, guint, i);
    return effective;
}

/* Every list is in force already, and add-only deltas lead from there to the released version. */
static gboolean
only_adds(const DvTrust *trust, const DvTrustRelease *release)
{
    for (guint i = 0; i < release->lists->len; i++) {
        const DvTrustList *list = g_ptr_array_index(release->lists, i);
        gint64 have = dv_trust_list_version(trust, list->list_id);
        g_autoptr(GPtrArray) path = have > 0 ? dv_trust_path_adding(list, have) : NULL;
        if (!path)
            return FALSE;
    }
    return TRUE;
}

DvTrustReason
dv_trust_turn(const DvTrust *trust, const char *kiosk)
{
    const DvTrustRelease *release = trust->taken_release;
    g_return_val_if_fail(release != NULL, DV_TRUST_WAITING);
    guint percent = effective_percent(release, trust->taken_timestamp->percent);
    gboolean ours = trust->release_is_previous || release->release == trust->release ||
                    dv_trust_is_canary(release, kiosk) ||
                    dv_trust_cohort(kiosk, release->release) < percent ||
                    (release->urgent && only_adds(trust, release));
    return ours ? DV_TRUST_OK : DV_TRUST_WAITING;
}

gboolean
dv_trust_is_complete(const DvTrust *trust)
{
    return trust->taken_release &&
           g_hash_table_size(trust->statements) == trust->taken_release->lists->len;
}

static void
keep_list(DvTrust *trust, const DvTrustStatement *statement)
{
    TrustListState *state = g_new0(TrustListState, 1);
    state->version = statement->version;
    g_strlcpy(state->state_hash, statement->state_hash, DV_TRUST_HEX);
    g_hash_table_replace(trust->lists, g_strdup(statement->list_id), state);
}

gboolean
dv_trust_confirm(DvTrust *trust, gint64 clock_us, GError **error)
{
    GHashTableIter iter;
    gpointer statement;
    if (!dv_trust_is_complete(trust)) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_DENIED,
                            "a set of lists cannot count as in force: not every list's statement "
                            "was accepted");
        return FALSE;
    }
    g_hash_table_iter_init(&iter, trust->statements);
    while (g_hash_table_iter_next(&iter, NULL, &statement))
        keep_list(trust, statement);
    trust->release = trust->taken_release->release;
    const DvTrustTimestamp *timestamp = trust->taken_timestamp;
    const DvTrustReleaseRef *ref =
        trust->release_is_previous ? &timestamp->previous : &timestamp->current;
    g_strlcpy(trust->release_sha256, ref->sha256, DV_TRUST_HEX);
    trust->last_good_us = dv_trust_now(trust, clock_us);
    trust_forget_from(trust, PHASE_START);
    trust->phase = PHASE_START;
    return TRUE;
}

gint64
dv_trust_now(const DvTrust *trust, gint64 clock_us)
{
    return MAX(clock_us, trust->clock_floor_us);
}

gint64
dv_trust_list_version(const DvTrust *trust, const char *list_id)
{
    const TrustListState *state = g_hash_table_lookup(trust->lists, list_id);
    return state ? state->version : 0;
}

const DvTrustRoot *
dv_trust_root(const DvTrust *trust)
{
    return trust->root;
}

const DvTrustTimestamp *
dv_trust_timestamp(const DvTrust *trust)
{
    return trust->taken_timestamp;
}

const DvTrustRelease *
dv_trust_release(const DvTrust *trust)
{
    return trust->taken_release;
}

const DvTrustStatement *
dv_trust_statement(const DvTrust *trust, const char *list_id)
{
    return g_hash_table_lookup(trust->statements, list_id);
}

GBytes *
dv_trust_root_file(const DvTrust *trust)
{
    return trust->root_file;
}

DvTrustNumbers
dv_trust_numbers(const DvTrust *trust)
{
    return (DvTrustNumbers){.epoch = trust->root->version,
                            .release = trust->release,
                            .release_seen = trust->release_seen,
                            .timestamp_version = trust->timestamp_version,
                            .clock_floor_us = trust->clock_floor_us,
                            .last_good_us = trust->last_good_us};
}
