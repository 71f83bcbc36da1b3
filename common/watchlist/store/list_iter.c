// SPDX-License-Identifier: Apache-2.0
/* All rows of one layer, one after the other. */
#include "classes.h"
#include "list_file_private.h"

#include <string.h>

/* What rows of one class share, kept over a walk through all of them. */
typedef struct {
    char *texts[2 + ATTRIBUTES]; /* issuer, type, attributes */
    gint64 from_us, until_us;
} KeptClass;
#define KEPT_CLASSES_MAX 50000u

struct ListIter {
    ListFile *file;
    sqlite3_stmt *alerts;
    GHashTable *classes; /* KeptClass by its id */
    gboolean in_blocks, at_end;
    gint64 block;
    guint8 data[DOC_BLOCK_MAX]; /* of the block: other questions may come in between */
    DocBlockReader reader;
    ListRow row;
};

static void
kept_class_free(gpointer data)
{
    KeptClass *kept = data;

    for (int i = 0; i < 2 + ATTRIBUTES; i++)
        g_free(kept->texts[i]);
    g_free(kept);
}

static KeptClass *
keep_class(ListIter *iter, gint64 id, const ListRow *row)
{
    KeptClass *kept = g_new0(KeptClass, 1);
    gint64 *key = g_memdup2(&id, sizeof id);

    if (g_hash_table_size(iter->classes) == KEPT_CLASSES_MAX)
        g_hash_table_remove_all(iter->classes);
    kept->texts[0] = g_strdup(row->columns[COLUMN_ISSUING_STATE]);
    kept->texts[1] = g_strdup(row->columns[COLUMN_DOCUMENT_TYPE]);
    for (int i = 0; i < ATTRIBUTES; i++)
        kept->texts[2 + i] = g_strdup(row->columns[ATTRIBUTE_FIRST + i]);
    kept->from_us = row->from_us;
    kept->until_us = row->until_us;
    g_hash_table_insert(iter->classes, key, kept);
    return kept;
}

/* As take_plain, with what the class said before. */
static gboolean
take_kept(ListIter *iter, const DocEntry *entry, GError **error)
{
    ListRow *row = &iter->row;
    gint64 id = (gint64)entry->target;
    const KeptClass *kept = g_hash_table_lookup(iter->classes, &id);

    if (kept == NULL) {
        if (!list_file_take_plain(iter->file, entry, row, error))
            return FALSE;
        kept = keep_class(iter, id, row);
    }
    list_row_init(row);
    doc_entry_number(entry, row->number);
    row->columns[COLUMN_DOCUMENT_NUMBER] = row->number;
    row->columns[COLUMN_SUBJECT] = "document";
    row->columns[COLUMN_ISSUING_STATE] = kept->texts[0];
    row->columns[COLUMN_DOCUMENT_TYPE] = kept->texts[1];
    for (int i = 0; i < ATTRIBUTES; i++)
        row->columns[ATTRIBUTE_FIRST + i] = kept->texts[2 + i];
    row->from_us = kept->from_us;
    row->until_us = kept->until_us;
    watchlist_derive_id(row->columns, row->id);
    row->columns[COLUMN_ALERT_ID] = row->id;
    return TRUE;
}

ListIter *
list_iter_new(ListFile *file, GError **error)
{
    sqlite3_stmt *alerts = dv_sqlite_prepare(
        list_file_db(file), "SELECT " ALERT_COLUMNS " FROM alert ORDER BY alert_id", error);

    if (alerts == NULL)
        return NULL;
    ListIter *iter = g_new0(ListIter, 1);
    iter->file = file;
    iter->alerts = alerts;
    iter->classes = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, kept_class_free);
    iter->at_end = list_file_meta(file)->entries == 0;
    return iter;
}

void
list_iter_free(ListIter *iter)
{
    if (iter == NULL)
        return;
    sqlite3_finalize(iter->alerts);
    g_hash_table_unref(iter->classes);
    g_free(iter);
}

/* The next entry that is a plain document; *entry NULL: the end. */
static gboolean
next_plain(ListIter *iter, const DocEntry **entry, GError **error)
{
    *entry = NULL;
    while (!iter->at_end) {
        DocBlockResult result = iter->block == 0 ? DOC_BLOCK_END : doc_block_next(&iter->reader);
        if (result == DOC_BLOCK_DAMAGED)
            return list_file_damaged(iter->file, error, "a block of its numbers is damaged");
        if (result == DOC_BLOCK_ENTRY && !iter->reader.entry.is_alert) {
            *entry = &iter->reader.entry;
            return TRUE;
        }
        if (result == DOC_BLOCK_ENTRY)
            continue;
        iter->at_end = iter->block > 0 && iter->reader.high.length == 0;
        if (!iter->at_end &&
            !list_file_copy_block(iter->file, ++iter->block, iter->data, &iter->reader, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
list_iter_next(ListIter *iter, const ListRow **row, GError **error)
{
    const DocEntry *entry;
    gboolean stands = FALSE;

    *row = NULL;
    if (!iter->in_blocks) {
        if (!dv_sqlite_step(iter->alerts, &stands, error))
            return FALSE;
        iter->in_blocks = !stands;
    }
    if (stands) {
        if (!list_file_take_alert(iter->file, iter->alerts, &iter->row, error))
            return FALSE;
    } else {
        if (!next_plain(iter, &entry, error))
            return FALSE;
        if (entry == NULL)
            return TRUE;
        if (!take_kept(iter, entry, error))
            return FALSE;
    }
    *row = &iter->row;
    return TRUE;
}
