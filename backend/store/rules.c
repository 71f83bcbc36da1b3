// SPDX-License-Identifier: Apache-2.0
/* The rules of chains, heartbeats and claims, apart from any database. */
#include "engine.h"
#include <darvaza/error.h>
#include <string.h>

/* ---- the chain */

gboolean
rules_is_past(const ChainHead *head, const DvCrossingHeader *header)
{
    return head->found && (header->epoch < head->epoch ||
                           (header->epoch == head->epoch && header->seq <= head->seq));
}

static gboolean
is_zero(const guint8 *hash)
{
    static const guint8 zeros[DV_SHA256_SIZE];
    return memcmp(hash, zeros, sizeof zeros) == 0;
}

static void
judge_past(DvAppend *item, const ChainRecord *existing)
{
    if (existing->found && memcmp(existing->link, item->link, DV_SHA256_SIZE) == 0) {
        item->outcome = DV_APPEND_DUPLICATE;
        item->received_us = existing->received_us;
        return;
    }
    item->outcome = DV_APPEND_CONFLICT;
}

/* A kiosk that starts over names the last head it knew: ours, none at all, or one of records that
 * were lost with it. The last two are taken too, because refusing would lose the crossings that it
 * makes now, but the unknown head is kept as a finding. */
static void
judge_new_epoch(DvAppend *item, const ChainHead *head)
{
    const DvCrossingHeader *header = &item->wire->header;
    if (header->seq != 1) {
        item->outcome = DV_APPEND_GAP;
        item->expected_epoch = header->epoch;
        item->expected_seq = 1;
        return;
    }
    item->outcome = DV_APPEND_NEW;
    item->epoch_begun = TRUE;
    if (head->found)
        item->head_unknown = memcmp(header->prev_hash, head->link, DV_SHA256_SIZE) != 0;
    else
        item->head_unknown = !is_zero(header->prev_hash);
}

void
rules_judge(DvAppend *item, const ChainHead *head, const ChainRecord *existing)
{
    const DvCrossingHeader *header = &item->wire->header;
    item->epoch_begun = FALSE;
    item->head_unknown = FALSE;
    item->expected_epoch = head->found ? head->epoch : header->epoch;
    item->expected_seq = head->found ? head->seq + 1 : 1;
    if (rules_is_past(head, header))
        judge_past(item, existing);
    else if (!head->found || header->epoch > head->epoch)
        judge_new_epoch(item, head);
    else if (header->seq != head->seq + 1)
        item->outcome = DV_APPEND_GAP;
    else if (memcmp(header->prev_hash, head->link, DV_SHA256_SIZE) != 0)
        item->outcome = DV_APPEND_CHAIN;
    else
        item->outcome = DV_APPEND_NEW;
}

DvChainState
rules_judge_beat(const DvBeat *beat, const ChainHead *head, const ChainRecord *existing,
                 gint64 *missing)
{
    *missing = 0;
    if (head->found && beat->epoch < head->epoch)
        return DV_CHAIN_OLD_EPOCH;
    if (existing->found && memcmp(existing->link, beat->link, DV_SHA256_SIZE) != 0)
        return DV_CHAIN_FORKED;
    gint64 durable = head->found && head->epoch == beat->epoch ? head->seq : 0;
    if (beat->seq - durable > beat->unsent)
        *missing = beat->seq - durable - beat->unsent;
    return *missing > 0 ? DV_CHAIN_MISSING : DV_CHAIN_GOOD;
}

/* ---- claims */

gboolean
rules_may_claim(const DvQueueItem *item, const char *user, gint64 now_us, gint64 stale_us,
                GError **error)
{
    if (item->state == DV_QUEUE_REVIEWED) {
        g_set_error(
            error, DV_ERROR, DV_ERROR_CONFLICT,
            "the crossing has been reviewed; it must be re-opened before it can be claimed");
        return FALSE;
    }
    if (item->state != DV_QUEUE_IN_PROGRESS || strcmp(item->claimed_by, user) == 0 ||
        now_us - item->changed_us >= stale_us)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "the crossing is being reviewed by %s",
                item->claimed_by);
    return FALSE;
}

gboolean
rules_holds_claim(const DvQueueItem *item, const char *user, GError **error)
{
    if (item->state == DV_QUEUE_IN_PROGRESS && strcmp(item->claimed_by, user) == 0)
        return TRUE;
    if (item->state == DV_QUEUE_IN_PROGRESS)
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "the crossing is being reviewed by %s",
                    item->claimed_by);
    else
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "the crossing has not been claimed");
    return FALSE;
}

/* ---- wire form */

GBytes *
rules_join_wire(const void *const parts[4], const gsize lengths[4])
{
    GByteArray *wire = g_byte_array_new();
    g_byte_array_append(wire, (const guint8 *)"DVR1", 4);
    for (int i = 0; i < 4; i++) {
        guint32 size = GUINT32_TO_BE((guint32)lengths[i]);
        g_byte_array_append(wire, (const guint8 *)&size, sizeof size);
        if (lengths[i] > 0)
            g_byte_array_append(wire, parts[i], (guint)lengths[i]);
    }
    return g_byte_array_free_to_bytes(wire);
}
