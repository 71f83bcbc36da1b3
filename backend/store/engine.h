// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What an engine owes to the store: one function per verb of <darvaza/store.h>, with arguments that
 * store.c has checked. The rules of chains and claims that do not depend on the engine are in
 * rules.c, so that two engines cannot differ in them.
 */
#include <darvaza/store.h>

typedef struct {
    void (*close)(DvStore *store);
    gboolean (*append)(DvStore *store, DvAppend *items, gsize count, GError **error);
    gboolean (*head)(DvStore *store, const char *kiosk, gint64 *epoch, gint64 *seq, guint8 *link,
                     gboolean *found, GError **error);
    DvStoredRecord *(*record)(DvStore *store, const DvRecordKey *key, GError **error);
    GPtrArray *(*records_since)(DvStore *store, gint64 after, guint limit, GError **error);
    gboolean (*last_number)(DvStore *store, gint64 *number, GError **error);
    gboolean (*heartbeat)(DvStore *store, const DvBeat *beat, DvChainState *state, gint64 *missing,
                          GError **error);
    GPtrArray *(*kiosks)(DvStore *store, GError **error);
    GPtrArray *(*queue)(DvStore *store, gboolean reviewed, guint limit, GError **error);
    DvQueueItem *(*queue_item)(DvStore *store, const DvRecordKey *key, GError **error);
    gboolean (*claim)(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                      gint64 stale_us, GError **error);
    gboolean (*release)(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                        GError **error);
    gboolean (*decide)(DvStore *store, const DvRecordKey *key, const char *user, GBytes *answer,
                       GBytes *copy, gint64 now_us, gint64 *answer_number, GError **error);
    gboolean (*reopen)(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                       GError **error);
    GPtrArray *(*decisions)(DvStore *store, const DvRecordKey *key, GError **error);
    GPtrArray *(*answers)(DvStore *store, const char *kiosk, gint64 after, guint limit,
                          GError **error);
    gboolean (*answers_taken)(DvStore *store, const char *kiosk, gint64 number, GError **error);
} DvStoreEngine;

/* An engine's own struct begins with this. */
struct DvStore {
    const DvStoreEngine *engine;
};

DvStore *store_sqlite_open(const char *path, GError **error);

/* ---- rules.c */

typedef struct {
    gboolean found;
    gint64 epoch, seq;
    guint8 link[DV_SHA256_SIZE];
} ChainHead;

typedef struct {
    gboolean found;
    guint8 link[DV_SHA256_SIZE];
    gint64 received_us;
} ChainRecord;

/* Whether an existing record of that number has to be looked up before judging. */
gboolean rules_is_past(const ChainHead *head, const DvCrossingHeader *header);
/* Sets outcome, expected_* and the two flags of item. */
void rules_judge(DvAppend *item, const ChainHead *head, const ChainRecord *existing);
/* existing: our record of the number that the heartbeat names as head. */
DvChainState rules_judge_beat(const DvBeat *beat, const ChainHead *head,
                              const ChainRecord *existing, gint64 *missing);
/* FALSE: somebody else's claim, or a state in which nothing can be claimed; error is set. */
gboolean rules_may_claim(const DvQueueItem *item, const char *user, gint64 now_us, gint64 stale_us,
                         GError **error);
gboolean rules_holds_claim(const DvQueueItem *item, const char *user, GError **error);
/* "DVR1" and the four parts, as docs/formats/crossing.md says. */
GBytes *rules_join_wire(const void *const parts[4], const gsize lengths[4]);
