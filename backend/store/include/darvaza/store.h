// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The centre's store: records as they came (ciphertext and clear header), the queue of flagged
 * crossings, sealed answers and decision copies, and what each kiosk says of itself. It cannot open
 * anything. SQLite stands behind it; every operation is a domain verb, so that another engine can.
 *
 * A handle belongs to one thread; open one per thread. Times are microseconds since 1970 UTC.
 * Lists are GPtrArray, ordered as said, and own their elements.
 */
#include <darvaza/crossing.h>
#include <glib.h>

typedef struct DvStore DvStore;

/* location: a file path, made if missing ("sqlite:" may stand before it). Brings the schema up to
 * date. DV_ERROR_DENIED when a newer version made it; DV_ERROR_CONFIG for an unknown engine. */
DvStore *dv_store_open(const char *location, GError **error);
void dv_store_close(DvStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvStore, dv_store_close)

typedef struct {
    char kiosk[DV_CROSSING_KIOSK_MAX + 1];
    gint64 epoch, seq;
} DvRecordKey;

/* ---- records */

typedef enum {
    DV_APPEND_NEW,       /* stored */
    DV_APPEND_DUPLICATE, /* the very same record stands already */
    DV_APPEND_CONFLICT,  /* another record stands at this number, or the epoch is closed */
    DV_APPEND_GAP,       /* numbers before it are missing; expected_* say which comes next */
    DV_APPEND_CHAIN,     /* the next number, but its prev_hash is not the head that stands */
} DvAppendOutcome;

typedef struct {
    const DvCrossingWire *wire; /* parsed and verified by the caller */
    guint8 link[DV_SHA256_SIZE];
    gint64 received_us; /* in: now; out: when the record that stands was received */
    /* out */
    DvAppendOutcome outcome;
    gint64 expected_epoch, expected_seq;
    gboolean epoch_begun;  /* NEW and first of its epoch */
    gboolean head_unknown; /* ... whose prev_hash names a head that never came here */
} DvAppend;

/* Appends in one transaction, in order; durable when TRUE is returned. A refused item (CONFLICT,
 * GAP, CHAIN) refuses itself only. FALSE: nothing of the group stands (DV_ERROR_FULL, _IO,
 * _CORRUPT). */
gboolean dv_store_append(DvStore *store, DvAppend *items, gsize count, GError **error);

/* The last record of a kiosk's latest epoch. TRUE with *found FALSE: none. link may be NULL. */
gboolean dv_store_head(DvStore *store, const char *kiosk, gint64 *epoch, gint64 *seq, guint8 *link,
                       gboolean *found, GError **error);

typedef struct {
    gint64 number; /* ascending over all kiosks in order of arrival: a cursor */
    DvRecordKey key;
    DvPriority priority;
    gint64 received_us;
    guint8 link[DV_SHA256_SIZE];
    GBytes *wire; /* for dv_crossing_wire_parse; body and protection of length 0 when erased */
} DvStoredRecord;
void dv_stored_record_free(DvStoredRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvStoredRecord, dv_stored_record_free)

/* NULL without error: no such record. Caller owns. */
DvStoredRecord *dv_store_record(DvStore *store, const DvRecordKey *key, GError **error);
/* At most limit (1..256) records whose number is above after, ascending. */
GPtrArray *dv_store_records_since(DvStore *store, gint64 after, guint limit, GError **error);

/* The number of the newest record; 0: none yet. */
gboolean dv_store_last_number(DvStore *store, gint64 *number, GError **error);

/* ---- heartbeats */

typedef struct {
    char kiosk[DV_CROSSING_KIOSK_MAX + 1];
    gint64 epoch, seq; /* the kiosk's own head */
    guint8 link[DV_SHA256_SIZE];
    gint64 unsent;
    gint64 time_us; /* the kiosk's clock */
    const char *software;
    const char *lists;  /* JSON array as sent */
    const char *update; /* JSON object as sent; NULL: the kiosk says nothing */
    gint64 received_us;
} DvBeat;

typedef enum {
    DV_CHAIN_GOOD,
    DV_CHAIN_MISSING,   /* the kiosk made records that are neither here nor waiting there */
    DV_CHAIN_FORKED,    /* its head and our record of that number differ */
    DV_CHAIN_OLD_EPOCH, /* it speaks of an epoch that was closed by a later one */
} DvChainState;
const char *dv_chain_state_word(DvChainState state); /* "good", "missing", "forked", "old_epoch" */

/* Keeps what the kiosk says and compares it with what stands. *missing: how many records. */
gboolean dv_store_heartbeat(DvStore *store, const DvBeat *beat, DvChainState *state,
                            gint64 *missing, GError **error);

typedef struct {
    char kiosk[DV_CROSSING_KIOSK_MAX + 1];
    gint64 epoch, seq;           /* last durable record; 0: none */
    gint64 beat_epoch, beat_seq; /* its own head as of the last heartbeat; 0: none yet */
    gint64 unsent;
    gint64 missing;       /* records it made that are neither here nor waiting there */
    gint64 unknown_heads; /* epochs that began at a head that never came here */
    DvChainState chain;
    gint64 last_seen_us;           /* last heartbeat or record */
    gint64 kiosk_time_us;          /* its clock at the last heartbeat; 0: none yet */
    char *software;                /* "" before the first heartbeat */
    char *lists;                   /* JSON array */
    char *update;                  /* JSON object; "": the kiosk says nothing of it */
    gint64 answers, answers_taken; /* last number written, last number that the booth has */
} DvKioskState;
void dv_kiosk_state_free(DvKioskState *state);
/* DvKioskState by kiosk id. */
GPtrArray *dv_store_kiosks(DvStore *store, GError **error);

/* ---- the queue of flagged crossings (priority above ROUTINE) */

typedef enum {
    DV_QUEUE_NEW,
    DV_QUEUE_IN_PROGRESS, /* claimed by one person */
    DV_QUEUE_REVIEWED,
    DV_QUEUE_RE_OPENED,
} DvQueueState;
const char *dv_queue_state_word(DvQueueState state); /* "NEW", "IN_PROGRESS", ... */

typedef struct {
    DvRecordKey key;
    DvPriority priority;
    gint64 received_us;
    DvQueueState state;
    char *claimed_by; /* IN_PROGRESS: the claimer; REVIEWED: the decider; "" else */
    gint64 changed_us;
} DvQueueItem;
void dv_queue_item_free(DvQueueItem *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvQueueItem, dv_queue_item_free)

/* DvQueueItem: most severe first, then longest waiting. reviewed FALSE: those still to do; TRUE:
 * the reviewed ones, latest first. At most limit (1..1000). */
GPtrArray *dv_store_queue(DvStore *store, gboolean reviewed, guint limit, GError **error);
/* NULL without error: the record is not there or was never flagged. Caller owns. */
DvQueueItem *dv_store_queue_item(DvStore *store, const DvRecordKey *key, GError **error);

/* Claims are atomic. DV_ERROR_CONFLICT when somebody else holds it for less than stale_us, or when
 * it is reviewed; DV_ERROR_INVALID when it is not in the queue. Claiming again renews. */
gboolean dv_store_claim(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                        gint64 stale_us, GError **error);
/* Back to NEW, or to RE_OPENED where it had been decided before. DV_ERROR_CONFLICT unless user
 * holds it. */
gboolean dv_store_release(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                          GError **error);
/* In one transaction: the kiosk's next answer, the sealed copy, state REVIEWED. DV_ERROR_CONFLICT
 * unless user holds the claim. answer_number: 1, 2, 3 ... of this kiosk; may be NULL. */
gboolean dv_store_decide(DvStore *store, const DvRecordKey *key, const char *user, GBytes *answer,
                         GBytes *copy, gint64 now_us, gint64 *answer_number, GError **error);
/* REVIEWED to RE_OPENED; DV_ERROR_CONFLICT otherwise. */
gboolean dv_store_reopen(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                         GError **error);

typedef struct {
    gint64 answer_number;
    char *decided_by;
    gint64 decided_us;
    GBytes *copy; /* for Opener1.OpenDecision */
} DvDecisionCopy;
void dv_decision_copy_free(DvDecisionCopy *copy);
/* DvDecisionCopy of one record, oldest first. */
GPtrArray *dv_store_decisions(DvStore *store, const DvRecordKey *key, GError **error);

/* ---- answers on their way to booths */

typedef struct {
    gint64 number;
    GBytes *answer;
} DvStoredAnswer;
void dv_stored_answer_free(DvStoredAnswer *answer);
/* DvStoredAnswer of the kiosk with numbers above after, ascending, at most limit (1..256). */
GPtrArray *dv_store_answers(DvStore *store, const char *kiosk, gint64 after, guint limit,
                            GError **error);
/* The booth holds every answer up to this number; never goes backwards nor beyond what was written
 * (DV_ERROR_INVALID). */
gboolean dv_store_answers_taken(DvStore *store, const char *kiosk, gint64 number, GError **error);
