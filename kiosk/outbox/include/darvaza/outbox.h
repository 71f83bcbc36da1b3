// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The kiosk's sealed records until the centre has them, and the chain that makes a missing one
 * seen. One process opens it, one thread uses it. What append returned TRUE for survives a power
 * cut. Bodies leave only by acknowledge; headers stay for a while as the proof of the chain.
 *
 * A kiosk that starts over (database lost, or an older copy put back) begins a new epoch. Beside
 * the database stands "<path>.anchor" with a head that was once the last one; the new epoch's first
 * record names it. Without an anchor the epoch is the time in seconds, so that it is above any
 * former one, and names zeros: the centre then sees the gap from its own memory of the head.
 */
#include <darvaza/crossing.h>
#include <glib.h>

typedef struct DvOutbox DvOutbox;

typedef struct {
    gint64 epoch, seq;           /* of the last record; seq 0: none in this epoch yet */
    guint8 link[DV_SHA256_SIZE]; /* what the next record will name as prev_hash */
    gint64 unsent;               /* records that the centre has not acknowledged, all epochs */
} DvOutboxHead;

typedef struct {
    gint64 epoch, seq;
    GBytes *wire;
} DvOutboxRecord;

typedef struct {
    gint64 epoch, seq;
    gboolean acknowledged;
} DvOutboxPlace;

/* Creates what is missing. DV_ERROR_DENIED: it belongs to another kiosk or a newer program;
 * DV_ERROR_CORRUPT: damaged, or its head is not its last record. */
DvOutbox *dv_outbox_open(const char *path, const char *kiosk, GError **error);
void dv_outbox_free(DvOutbox *outbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvOutbox, dv_outbox_free)

gboolean dv_outbox_head(DvOutbox *outbox, DvOutboxHead *head, GError **error);

/* Numbers, links, seals and stores a record in one transaction; TRUE: it is durable. On error
 * nothing is kept: DV_ERROR_FULL (disk), DV_ERROR_CONFLICT (the crossing id is there already),
 * DV_ERROR_INVALID or DV_ERROR_CRYPTO from sealing. protection may be NULL. */
gboolean dv_outbox_append(DvOutbox *outbox, const DvSealKeys *keys, const char *crossing_id,
                          DvPriority priority, const json_t *body, const json_t *protection,
                          DvOutboxPlace *place, GError **error);
/* Is this crossing recorded? *found FALSE: no (or pruned). */
gboolean dv_outbox_find(DvOutbox *outbox, const char *crossing_id, gboolean *found,
                        DvOutboxPlace *place, GError **error);

/* The oldest unacknowledged records in chain order, at most max: elements DvOutboxRecord, freed
 * with the array. NULL: error. */
GPtrArray *dv_outbox_next(DvOutbox *outbox, guint max, GError **error);

/* The caller has verified the centre's receipt. Erases the body and keeps header and link. Done
 * already: TRUE. DV_ERROR_DENIED when there is no such record or its link is another. */
gboolean dv_outbox_acknowledge(DvOutbox *outbox, gint64 epoch, gint64 seq,
                               const guint8 link[DV_SHA256_SIZE], GError **error);

/* Drops the headers of records acknowledged before that time, never the head's. */
gboolean dv_outbox_prune(DvOutbox *outbox, gint64 before_us, GError **error);
