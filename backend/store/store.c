// SPDX-License-Identifier: Apache-2.0
/* The store's face: chooses the engine, checks arguments, owns what is the same for all engines. */
#include "engine.h"
#include <darvaza/error.h>
#include <string.h>

DvStore *
dv_store_open(const char *location, GError **error)
{
    if (g_str_has_prefix(location, "sqlite:"))
        return store_sqlite_open(location + strlen("sqlite:"), error);
    if (strstr(location, "://") != NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                    "store \"%s\": this build knows sqlite:PATH only", location);
        return NULL;
    }
    return store_sqlite_open(location, error);
}

void
dv_store_close(DvStore *store)
{
    if (store != NULL)
        store->engine->close(store);
}

/* ---- argument checks */

static gboolean
key_is_good(const DvRecordKey *key, GError **error)
{
    if (key->kiosk[0] != '\0' && key->epoch >= 1 && key->seq >= 1)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "store: a record is named by kiosk, epoch >= 1 "
                "and sequence number >= 1");
    return FALSE;
}

static gboolean
review_is_good(const DvRecordKey *key, const char *user, GError **error)
{
    if (!key_is_good(key, error))
        return FALSE;
    if (user != NULL && user[0] != '\0' && strlen(user) <= 128)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "store: a review needs a person's user id");
    return FALSE;
}

static gboolean
bytes_are_good(GBytes *bytes, const char *what, GError **error)
{
    gsize size = g_bytes_get_size(bytes);
    if (size > 0 && size <= DV_CROSSING_WIRE_MAX)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "store: %s of %" G_GSIZE_FORMAT " bytes; 1 to %u are taken", what, size,
                DV_CROSSING_WIRE_MAX);
    return FALSE;
}

/* ---- verbs */

gboolean
dv_store_append(DvStore *store, DvAppend *items, gsize count, GError **error)
{
    return store->engine->append(store, items, count, error);
}

gboolean
dv_store_head(DvStore *store, const char *kiosk, gint64 *epoch, gint64 *seq, guint8 *link,
              gboolean *found, GError **error)
{
    return store->engine->head(store, kiosk, epoch, seq, link, found, error);
}

DvStoredRecord *
dv_store_record(DvStore *store, const DvRecordKey *key, GError **error)
{
    return key_is_good(key, error) ? store->engine->record(store, key, error) : NULL;
}

GPtrArray *
dv_store_records_since(DvStore *store, gint64 after, guint limit, GError **error)
{
    return store->engine->records_since(store, after, CLAMP(limit, 1, 256), error);
}

gboolean
dv_store_last_number(DvStore *store, gint64 *number, GError **error)
{
    return store->engine->last_number(store, number, error);
}

gboolean
dv_store_heartbeat(DvStore *store, const DvBeat *beat, DvChainState *state, gint64 *missing,
                   GError **error)
{
    if (beat->kiosk[0] == '\0' || beat->epoch < 0 || beat->seq < 0 || beat->unsent < 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "store: a heartbeat needs a kiosk and numbers that are not negative");
        return FALSE;
    }
    return store->engine->heartbeat(store, beat, state, missing, error);
}

GPtrArray *
dv_store_kiosks(DvStore *store, GError **error)
{
    return store->engine->kiosks(store, error);
}

GPtrArray *
dv_store_queue(DvStore *store, gboolean reviewed, guint limit, GError **error)
{
    return store->engine->queue(store, reviewed, CLAMP(limit, 1, 1000), error);
}

DvQueueItem *
dv_store_queue_item(DvStore *store, const DvRecordKey *key, GError **error)
{
    return key_is_good(key, error) ? store->engine->queue_item(store, key, error) : NULL;
}

gboolean
dv_store_claim(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
               gint64 stale_us, GError **error)
{
    return review_is_good(key, user, error) &&
           store->engine->claim(store, key, user, now_us, stale_us, error);
}

gboolean
dv_store_release(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                 GError **error)
{
    return review_is_good(key, user, error) &&
           store->engine->release(store, key, user, now_us, error);
}

gboolean
dv_store_decide(DvStore *store, const DvRecordKey *key, const char *user, GBytes *answer,
                GBytes *copy, gint64 now_us, gint64 *answer_number, GError **error)
{
    gint64 number = 0;
    if (!review_is_good(key, user, error) || !bytes_are_good(answer, "an answer", error) ||
        !bytes_are_good(copy, "a decision's copy", error) ||
        !store->engine->decide(store, key, user, answer, copy, now_us, &number, error))
        return FALSE;
    if (answer_number != NULL)
        *answer_number = number;
    return TRUE;
}

gboolean
dv_store_reopen(DvStore *store, const DvRecordKey *key, const char *user, gint64 now_us,
                GError **error)
{
    return review_is_good(key, user, error) &&
           store->engine->reopen(store, key, user, now_us, error);
}

GPtrArray *
dv_store_decisions(DvStore *store, const DvRecordKey *key, GError **error)
{
    return key_is_good(key, error) ? store->engine->decisions(store, key, error) : NULL;
}

GPtrArray *
dv_store_answers(DvStore *store, const char *kiosk, gint64 after, guint limit, GError **error)
{
    return store->engine->answers(store, kiosk, after, CLAMP(limit, 1, 256), error);
}

gboolean
dv_store_answers_taken(DvStore *store, const char *kiosk, gint64 number, GError **error)
{
    return store->engine->answers_taken(store, kiosk, number, error);
}

/* ---- words and structs */

const char *
dv_chain_state_word(DvChainState state)
{
    static const char *const words[] = {"good", "missing", "forked", "old_epoch"};
    return (guint)state < G_N_ELEMENTS(words) ? words[state] : "unknown";
}

const char *
dv_queue_state_word(DvQueueState state)
{
    static const char *const words[] = {"NEW", "IN_PROGRESS", "REVIEWED", "RE_OPENED"};
    return (guint)state < G_N_ELEMENTS(words) ? words[state] : "UNKNOWN";
}

void
dv_stored_record_free(DvStoredRecord *record)
{
    if (record == NULL)
        return;
    g_bytes_unref(record->wire);
    g_free(record);
}

void
dv_kiosk_state_free(DvKioskState *state)
{
    if (state == NULL)
        return;
    g_free(state->software);
    g_free(state->lists);
    g_free(state->update);
    g_free(state);
}

void
dv_queue_item_free(DvQueueItem *item)
{
    if (item == NULL)
        return;
    g_free(item->claimed_by);
    g_free(item);
}

void
dv_decision_copy_free(DvDecisionCopy *copy)
{
    if (copy == NULL)
        return;
    g_free(copy->decided_by);
    g_bytes_unref(copy->copy);
    g_free(copy);
}

void
dv_stored_answer_free(DvStoredAnswer *answer)
{
    if (answer == NULL)
        return;
    g_bytes_unref(answer->answer);
    g_free(answer);
}
