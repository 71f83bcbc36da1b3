// SPDX-License-Identifier: Apache-2.0
/* Records in SQLite. */
#include "sqlite_store.h"
#include <darvaza/error.h>

static const char sql_head[] = "SELECT epoch, seq, link FROM kiosk WHERE kiosk = ?1 AND epoch > 0";
static const char sql_link[] =
    "SELECT link, received_us FROM record WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3";
static const char sql_insert[] =
    "INSERT INTO record (kiosk, epoch, seq, priority, period, received_us, prev_hash, link,"
    " body_hash, protection_hash, header, signature, body, protection)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
static const char sql_move_head[] =
    "INSERT INTO kiosk (kiosk, epoch, seq, link, unknown_heads, last_seen_us)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
    " ON CONFLICT (kiosk) DO UPDATE SET epoch = ?2, seq = ?3, link = ?4,"
    " unknown_heads = unknown_heads + ?5, last_seen_us = max(last_seen_us, ?6)";
static const char sql_flag[] =
    "INSERT INTO queue (kiosk, epoch, seq, priority, received_us, changed_us)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
#define RECORD_COLUMNS                                                                             \
    "SELECT number, kiosk, epoch, seq, priority, received_us, link, header, signature, body,"      \
    " protection FROM record "
static const char sql_record[] = RECORD_COLUMNS "WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3";
static const char sql_since[] = RECORD_COLUMNS "WHERE number > ?1 ORDER BY number LIMIT ?2";

gboolean
sqlite_read_head(SqliteStore *self, const char *kiosk, ChainHead *head, GError **error)
{
    sqlite3_stmt *stmt = sqlite_use(self, sql_head, error);
    *head = (ChainHead){.found = FALSE};
    if (stmt == NULL)
        return FALSE;
    sqlite3_bind_text(stmt, 1, kiosk, -1, SQLITE_TRANSIENT);
    if (!dv_sqlite_step(stmt, &head->found, error))
        return FALSE;
    if (!head->found)
        return TRUE;
    head->epoch = sqlite3_column_int64(stmt, 0);
    head->seq = sqlite3_column_int64(stmt, 1);
    gboolean ok = sqlite_column_hash(stmt, 2, head->link, error);
    sqlite3_reset(stmt);
    return ok;
}

gboolean
sqlite_head(DvStore *store, const char *kiosk, gint64 *epoch, gint64 *seq, guint8 *link,
            gboolean *found, GError **error)
{
    ChainHead head;
    if (!sqlite_read_head((SqliteStore *)store, kiosk, &head, error))
        return FALSE;
    *found = head.found;
    *epoch = head.epoch;
    *seq = head.seq;
    for (gsize i = 0; link != NULL && i < DV_SHA256_SIZE; i++)
        link[i] = head.link[i];
    return TRUE;
}

gboolean
sqlite_read_link(SqliteStore *self, const DvRecordKey *key, ChainRecord *record, GError **error)
{
    sqlite3_stmt *stmt = sqlite_use(self, sql_link, error);
    *record = (ChainRecord){.found = FALSE};
    if (stmt == NULL)
        return FALSE;
    sqlite_bind_key(stmt, key);
    if (!dv_sqlite_step(stmt, &record->found, error))
        return FALSE;
    if (!record->found)
        return TRUE;
    record->received_us = sqlite3_column_int64(stmt, 1);
    gboolean ok = sqlite_column_hash(stmt, 0, record->link, error);
    sqlite3_reset(stmt);
    return ok;
}

static DvRecordKey
key_of(const DvCrossingHeader *header)
{
    DvRecordKey key = {.epoch = header->epoch, .seq = header->seq};
    g_strlcpy(key.kiosk, header->kiosk, sizeof key.kiosk);
    return key;
}

static gboolean
insert_record(SqliteStore *self, const DvAppend *item, GError **error)
{
    const DvCrossingHeader *header = &item->wire->header;
    DvRecordKey key = key_of(header);
    sqlite3_stmt *stmt = sqlite_use(self, sql_insert, error);
    if (stmt == NULL)
        return FALSE;
    sqlite_bind_key(stmt, &key);
    sqlite3_bind_int(stmt, 4, (int)header->priority);
    sqlite3_bind_text(stmt, 5, header->period, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 6, item->received_us);
    sqlite3_bind_blob(stmt, 7, header->prev_hash, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_blob(stmt, 8, item->link, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_blob(stmt, 9, header->body_hash, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_blob(stmt, 10, header->protection_hash, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite_bind_blob(stmt, 11, item->wire->header_bytes);
    sqlite_bind_blob(stmt, 12, item->wire->signature);
    sqlite_bind_blob(stmt, 13, item->wire->body);
    sqlite_bind_blob(stmt, 14, item->wire->protection);
    return dv_sqlite_run(stmt, error);
}

static gboolean
move_head(SqliteStore *self, const DvAppend *item, GError **error)
{
    DvRecordKey key = key_of(&item->wire->header);
    sqlite3_stmt *stmt = sqlite_use(self, sql_move_head, error);
    if (stmt == NULL)
        return FALSE;
    sqlite_bind_key(stmt, &key);
    sqlite3_bind_blob(stmt, 4, item->link, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_int(stmt, 5, item->head_unknown ? 1 : 0);
    sqlite3_bind_int64(stmt, 6, item->received_us);
    return dv_sqlite_run(stmt, error);
}

static gboolean
flag(SqliteStore *self, const DvAppend *item, GError **error)
{
    const DvCrossingHeader *header = &item->wire->header;
    DvRecordKey key = key_of(header);
    if (header->priority == DV_PRIORITY_ROUTINE)
        return TRUE;
    sqlite3_stmt *stmt = sqlite_use(self, sql_flag, error);
    if (stmt == NULL)
        return FALSE;
    sqlite_bind_key(stmt, &key);
    sqlite3_bind_int(stmt, 4, (int)header->priority);
    sqlite3_bind_int64(stmt, 5, item->received_us);
    return dv_sqlite_run(stmt, error);
}

static gboolean
append_one(SqliteStore *self, DvAppend *item, GError **error)
{
    DvRecordKey key = key_of(&item->wire->header);
    ChainHead head;
    ChainRecord existing = {.found = FALSE};
    if (!sqlite_read_head(self, key.kiosk, &head, error))
        return FALSE;
    if (rules_is_past(&head, &item->wire->header) &&
        !sqlite_read_link(self, &key, &existing, error))
        return FALSE;
    rules_judge(item, &head, &existing);
    if (item->outcome != DV_APPEND_NEW)
        return TRUE;
    return insert_record(self, item, error) && move_head(self, item, error) &&
           flag(self, item, error);
}

typedef struct {
    DvAppend *items;
    gsize count;
} Group;

static gboolean
append_group(SqliteStore *self, void *arg, GError **error)
{
    Group *group = arg;
    for (gsize i = 0; i < group->count; i++)
        if (!append_one(self, &group->items[i], error))
            return FALSE;
    return TRUE;
}

gboolean
sqlite_append(DvStore *store, DvAppend *items, gsize count, GError **error)
{
    Group group = {items, count};
    if (sqlite_transaction((SqliteStore *)store, append_group, &group, error))
        return TRUE;
    g_prefix_error(error, "store: appending %" G_GSIZE_FORMAT " records: ", count);
    return FALSE;
}

static DvStoredRecord *
read_record(sqlite3_stmt *stmt, GError **error)
{
    g_autoptr(DvStoredRecord) record = g_new0(DvStoredRecord, 1);
    const void *parts[4];
    gsize lengths[4];
    record->number = sqlite3_column_int64(stmt, 0);
    sqlite_column_key(stmt, 1, &record->key);
    record->priority = (DvPriority)sqlite3_column_int(stmt, 4);
    record->received_us = sqlite3_column_int64(stmt, 5);
    for (int i = 0; i < 4; i++) {
        parts[i] = sqlite3_column_blob(stmt, 7 + i);
        lengths[i] = (gsize)sqlite3_column_bytes(stmt, 7 + i);
    }
    record->wire = rules_join_wire(parts, lengths);
    if (!sqlite_column_hash(stmt, 6, record->link, error))
        return NULL;
    return g_steal_pointer(&record);
}

DvStoredRecord *
sqlite_record(DvStore *store, const DvRecordKey *key, GError **error)
{
    gboolean row = FALSE;
    sqlite3_stmt *stmt = sqlite_use((SqliteStore *)store, sql_record, error);
    if (stmt == NULL)
        return NULL;
    sqlite_bind_key(stmt, key);
    if (!dv_sqlite_step(stmt, &row, error) || !row)
        return NULL;
    DvStoredRecord *record = read_record(stmt, error);
    sqlite3_reset(stmt);
    return record;
}

gboolean
sqlite_last_number(DvStore *store, gint64 *number, GError **error)
{
    static const char sql[] = "SELECT coalesce(max(number), 0) FROM record";
    gboolean row = FALSE;
    sqlite3_stmt *stmt = sqlite_use((SqliteStore *)store, sql, error);
    if (stmt == NULL || !dv_sqlite_step(stmt, &row, error))
        return FALSE;
    *number = sqlite3_column_int64(stmt, 0);
    sqlite3_reset(stmt); /* an answer left open would hold this handle at what stands now */
    return TRUE;
}

GPtrArray *
sqlite_records_since(DvStore *store, gint64 after, guint limit, GError **error)
{
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify)dv_stored_record_free);
    gboolean row = FALSE;
    sqlite3_stmt *stmt = sqlite_use((SqliteStore *)store, sql_since, error);
    if (stmt == NULL)
        return NULL;
    sqlite3_bind_int64(stmt, 1, after);
    sqlite3_bind_int64(stmt, 2, limit);
    while (dv_sqlite_step(stmt, &row, error)) {
        if (!row)
            return g_steal_pointer(&list);
        DvStoredRecord *record = read_record(stmt, error);
        if (record == NULL)
            break;
        g_ptr_array_add(list, record);
    }
    sqlite3_reset(stmt);
    return NULL;
}
