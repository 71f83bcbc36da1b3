// SPDX-License-Identifier: Apache-2.0
/* What kiosks say of themselves, in SQLite. */
#include "sqlite_store.h"
#include <darvaza/error.h>

static const char sql_beat[] =
    "INSERT INTO kiosk (kiosk, beat_epoch, beat_seq, unsent, missing, chain, kiosk_time_us,"
    " software, lists, last_seen_us, list_update)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
    " ON CONFLICT (kiosk) DO UPDATE SET beat_epoch = ?2, beat_seq = ?3, unsent = ?4, missing = ?5,"
    " chain = ?6, kiosk_time_us = ?7, software = ?8, lists = ?9, list_update = ?11,"
    " last_seen_us = max(last_seen_us, ?10)";
static const char sql_kiosks[] =
    "SELECT kiosk, epoch, seq, beat_epoch, beat_seq, unsent, missing, unknown_heads, chain,"
    " last_seen_us, kiosk_time_us, software, lists, answers, answers_taken, list_update"
    " FROM kiosk ORDER BY kiosk";

typedef struct {
    const DvBeat *beat;
    DvChainState state;
    gint64 missing;
} Beating;

static gboolean
judge(SqliteStore *self, Beating *beating, GError **error)
{
    const DvBeat *beat = beating->beat;
    DvRecordKey key = {.epoch = beat->epoch, .seq = beat->seq};
    ChainHead head;
    ChainRecord existing = {.found = FALSE};
    g_strlcpy(key.kiosk, beat->kiosk, sizeof key.kiosk);
    if (!sqlite_read_head(self, beat->kiosk, &head, error) ||
        !sqlite_read_link(self, &key, &existing, error))
        return FALSE;
    beating->state = rules_judge_beat(beat, &head, &existing, &beating->missing);
    return TRUE;
}

static gboolean
keep_beat(SqliteStore *self, void *arg, GError **error)
{
    Beating *beating = arg;
    const DvBeat *beat = beating->beat;
    if (!judge(self, beating, error))
        return FALSE;
    sqlite3_stmt *stmt = sqlite_use(self, sql_beat, error);
    if (stmt == NULL)
        return FALSE;
    sqlite3_bind_text(stmt, 1, beat->kiosk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, beat->epoch);
    sqlite3_bind_int64(stmt, 3, beat->seq);
    sqlite3_bind_int64(stmt, 4, beat->unsent);
    sqlite3_bind_int64(stmt, 5, beating->missing);
    sqlite3_bind_int(stmt, 6, (int)beating->state);
    sqlite3_bind_int64(stmt, 7, beat->time_us);
    sqlite3_bind_text(stmt, 8, beat->software != NULL ? beat->software : "", -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 9, beat->lists != NULL ? beat->lists : "[]", -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 10, beat->received_us);
    sqlite3_bind_text(stmt, 11, beat->update != NULL ? beat->update : "", -1, SQLITE_TRANSIENT);
    return dv_sqlite_run(stmt, error);
}

gboolean
sqlite_heartbeat(DvStore *store, const DvBeat *beat, DvChainState *state, gint64 *missing,
                 GError **error)
{
    Beating beating = {.beat = beat};
    if (!sqlite_transaction((SqliteStore *)store, keep_beat, &beating, error)) {
        g_prefix_error(error, "store: heartbeat of %s: ", beat->kiosk);
        return FALSE;
    }
    *state = beating.state;
    *missing = beating.missing;
    return TRUE;
}

static DvKioskState *
read_kiosk(sqlite3_stmt *stmt)
{
    DvKioskState *state = g_new0(DvKioskState, 1);
    g_strlcpy(state->kiosk, (const char *)sqlite3_column_text(stmt, 0), sizeof state->kiosk);
    state->epoch = sqlite3_column_int64(stmt, 1);
    state->seq = sqlite3_column_int64(stmt, 2);
    state->beat_epoch = sqlite3_column_int64(stmt, 3);
    state->beat_seq = sqlite3_column_int64(stmt, 4);
    state->unsent = sqlite3_column_int64(stmt, 5);
    state->missing = sqlite3_column_int64(stmt, 6);
    state->unknown_heads = sqlite3_column_int64(stmt, 7);
    state->chain = (DvChainState)sqlite3_column_int(stmt, 8);
    state->last_seen_us = sqlite3_column_int64(stmt, 9);
    state->kiosk_time_us = sqlite3_column_int64(stmt, 10);
    state->software = g_strdup((const char *)sqlite3_column_text(stmt, 11));
    state->lists = g_strdup((const char *)sqlite3_column_text(stmt, 12));
    state->answers = sqlite3_column_int64(stmt, 13);
    state->answers_taken = sqlite3_column_int64(stmt, 14);
    state->update = g_strdup((const char *)sqlite3_column_text(stmt, 15));
    return state;
}

GPtrArray *
sqlite_kiosks(DvStore *store, GError **error)
{
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func((GDestroyNotify)dv_kiosk_state_free);
    gboolean row = FALSE;
    sqlite3_stmt *stmt = sqlite_use((SqliteStore *)store, sql_kiosks, error);
    if (stmt == NULL)
        return NULL;
    while (dv_sqlite_step(stmt, &row, error)) {
        if (!row)
            return g_steal_pointer(&list);
        g_ptr_array_add(list, read_kiosk(stmt));
    }
    return NULL;
}
