// SPDX-License-Identifier: Apache-2.0
/* The queue of flagged crossings and their decisions, in SQLite. */
#include "sqlite_store.h"
#include <darvaza/error.h>

#define QUEUE_COLUMNS                                                                              \
    "SELECT kiosk, epoch, seq, priority, received_us, state, claimed_by, changed_us FROM queue "
static const char sql_waiting[] = QUEUE_COLUMNS
    "WHERE state <> 2 ORDER BY priority DESC, received_us, kiosk, epoch, seq LIMIT ?1";
static const char sql_reviewed[] =
    QUEUE_COLUMNS "WHERE state = 2 ORDER BY changed_us DESC LIMIT ?1";
static const char sql_item[] = QUEUE_COLUMNS "WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3";
static const char sql_set_state[] = "UPDATE queue SET state = ?4, claimed_by = ?5, changed_us = ?6"
                                    " WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3";
static const char sql_decided[] =
    "SELECT 1 FROM decision WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3 LIMIT 1";
static const char sql_add_decision[] =
    "INSERT INTO decision (kiosk, epoch, seq, answer_number, decided_by, decided_us, copy)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
static const char sql_decisions[] =
    "SELECT answer_number, decided_by, decided_us, copy FROM decision"
    " WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3 ORDER BY number";

static DvQueueItem *
read_item(sqlite3_stmt *stmt)
{
    DvQueueItem *item = g_new0(DvQueueItem, 1);
    sqlite_column_key(stmt, 0, &item->key);
    item->priority = (DvPriority)sqlite3_column_int(stmt, 3);
    item->received_us = sqlite3_column_int64(stmt, 4);
    item->state = (DvQueueState)sqlite3_column_int(stmt, 5);
    item->claimed_by = g_strdup((const char *)sqlite3_column_text(stmt, 6));
    item->changed_us = sqlite3_column_int64(stmt, 7);
    return item;
}

GPtrArray *
sqlite_queue(DvStore *store, gboolean reviewed, guint limit, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)dv_queue_item_free);
    gboolean row = FALSE;
    sqlite3_stmt *stmt =
        sqlite_use((SqliteStore *)store, reviewed ? sql_reviewed : sql_waiting, error);
    if (stmt == NULL)
        return NULL;
    sqlite3_bind_int64(stmt, 1, limit);
    while (dv_sqlite_step(stmt, &row, error)) {
        if (!row)
            return g_steal_pointer(&list);
        g_ptr_array_add(list, read_item(stmt));
    }
    return NULL;
}

DvQueueItem *
sqlite_queue_item(DvStore *store, const DvRecordKey *key, GError **error)
{
    gboolean row = FALSE;
    sqlite3_stmt *stmt = sqlite_use((SqliteStore *)store, sql_item, error);
    if (stmt == NULL)
        return NULL;
    sqlite_bind_key(stmt, key);
    if (!dv_sqlite_step(stmt, &row, error) || !row)
        return NULL;
    DvQueueItem *item = read_item(stmt);
    sqlite3_reset(stmt);
    return item;
}

/* ---- changes of state: each reads, judges and writes in one transaction */

typedef struct {
    const DvRecordKey *key;
    const char *user;
    gint64 now_us, stale_us;
    GBytes *answer, *copy;
    gint64 answer_number;
} Review;

static DvQueueItem *
need_item(SqliteStore *self, const DvRecordKey *key, GError **error)
{
    GError *inner = NULL;
    DvQueueItem *item = sqlite_queue_item(&self->store, key, &inner);
    if (inner != NULL)
        g_propagate_error(error, inner);
    else if (item == NULL)
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "record %s/%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT " is not in the queue",
                    key->kiosk, key->epoch, key->seq);
    return item;
}

static gboolean
set_state(SqliteStore *self, const Review *review, DvQueueState state, const char *user,
          GError **error)
{
    sqlite3_stmt *stmt = sqlite_use(self, sql_set_state, error);
    if (stmt == NULL)
        return FALSE;
    sqlite_bind_key(stmt, review->key);
    sqlite3_bind_int(stmt, 4, (int)state);
    sqlite3_bind_text(stmt, 5, user, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 6, review->now_us);
    return dv_sqlite_run(stmt, error);
}

static gboolean
do_claim(SqliteStore *self, void *arg, GError **error)
{
    Review *review = arg;
    g_autoptr(DvQueueItem) item = need_item(self, review->key, error);
    return item != NULL &&
           rules_may_claim(item, review->user, review->now_us, review->stale_us, error) &&
           set_state(self, review, DV_QUEUE_IN_PROGRESS, review->user, error);
}

gboolean
sqlite_claim(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
             gint64 stale_us, GError **error)
{
    Review review = {.key = key, .user = user, .now_us = now_us, .stale_us = stale_us};
    return sqlite_transaction((SqliteStore *)store, do_claim, &review, error);
}

static gboolean
do_release(SqliteStore *self, void *arg, GError **error)
{
    Review *review = arg;
    gboolean decided = FALSE;
    g_autoptr(DvQueueItem) item = need_item(self, review->key, error);
    if (item == NULL || !rules_holds_claim(item, review->user, error))
        return FALSE;
    sqlite3_stmt *stmt = sqlite_use(self, sql_decided, error);
    if (stmt == NULL)
        return FALSE;
    sqlite_bind_key(stmt, review->key);
    if (!dv_sqlite_step(stmt, &decided, error))
        return FALSE;
    sqlite3_reset(stmt);
    return set_state(self, review, decided ? DV_QUEUE_RE_OPENED : DV_QUEUE_NEW, "", error);
}

gboolean
sqlite_release(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
               GError **error)
{
    Review review = {.key = key, .user = user, .now_us = now_us};
    return sqlite_transaction((SqliteStore *)store, do_release, &review, error);
}

static gboolean
do_decide(SqliteStore *self, void *arg, GError **error)
{
    Review *review = arg;
    g_autoptr(DvQueueItem) item = need_item(self, review->key, error);
    if (item == NULL || !rules_holds_claim(item, review->user, error) ||
        !sqlite_add_answer(self, review->key->kiosk, review->answer, &review->answer_number, error))
        return FALSE;
    sqlite3_stmt *stmt = sqlite_use(self, sql_add_decision, error);
    if (stmt == NULL)
        return FALSE;
    sqlite_bind_key(stmt, review->key);
    sqlite3_bind_int64(stmt, 4, review->answer_number);
    sqlite3_bind_text(stmt, 5, review->user, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 6, review->now_us);
    sqlite_bind_blob(stmt, 7, review->copy);
    return dv_sqlite_run(stmt, error) &&
           set_state(self, review, DV_QUEUE_REVIEWED, review->user, error);
}

gboolean
sqlite_decide(DvStore *store, const DvRecordKey *key, const char *user, GBytes *answer,
              GBytes *copy, gint64 now_us, gint64 *answer_number, GError **error)
{
    Review review = {.key = key, .user = user, .now_us = now_us, .answer = answer, .copy = copy};
    gboolean ok = sqlite_transaction((SqliteStore *)store, do_decide, &review, error);
    *answer_number = ok ? review.answer_number : 0;
    return ok;
}

static gboolean
do_reopen(SqliteStore *self, void *arg, GError **error)
{
    Review *review = arg;
    g_autoptr(DvQueueItem) item = need_item(self, review->key, error);
    if (item == NULL)
        return FALSE;
    if (item->state != DV_QUEUE_REVIEWED) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "only a reviewed crossing can be re-opened; this one is %s",
                    dv_queue_state_word(item->state));
        return FALSE;
    }
    return set_state(self, review, DV_QUEUE_RE_OPENED, "", error);
}

gboolean
sqlite_reopen(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
              GError **error)
{
    Review review = {.key = key, .user = user, .now_us = now_us};
    return sqlite_transaction((SqliteStore *)store, do_reopen, &review, error);
}

GPtrArray *
sqlite_decisions(DvStore *store, const DvRecordKey *key, GError **error)
{
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify)dv_decision_copy_free);
    gboolean row = FALSE;
    sqlite3_stmt *stmt = sqlite_use((SqliteStore *)store, sql_decisions, error);
    if (stmt == NULL)
        return NULL;
    sqlite_bind_key(stmt, key);
    while (dv_sqlite_step(stmt, &row, error)) {
        if (!row)
            return g_steal_pointer(&list);
        DvDecisionCopy *copy = g_new0(DvDecisionCopy, 1);
        copy->answer_number = sqlite3_column_int64(stmt, 0);
        copy->decided_by = g_strdup((const char *)sqlite3_column_text(stmt, 1));
        copy->decided_us = sqlite3_column_int64(stmt, 2);
        copy->copy = sqlite_column_bytes(stmt, 3);
        g_ptr_array_add(list, copy);
    }
    return NULL;
}
