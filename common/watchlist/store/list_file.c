// SPDX-License-Identifier: Apache-2.0
#include "list_file_private.h"

#include "checksum.h"
#include "classes.h"
#include "filter.h"
#include "keys.h"
#include "shared_rows.h"

#include <darvaza/error.h>

#include <string.h>

/* Statements of an open file, prepared once. */
enum {
    ASK_FILTER,
    ASK_FIRST,
    ASK_BLOCK,
    ASK_CLASS,
    ASK_ATTRIBUTE,
    ASK_ALERT,
    ASK_ID,
    ASK_BURIED,
    ASK_PERSON,
    ASKS,
};
static const char *const asks[ASKS] = {
    [ASK_FILTER] = "SELECT data FROM filter WHERE id = ?",
    [ASK_FIRST] = "SELECT block FROM doc_first WHERE first_key < ? ORDER BY first_key DESC,"
                  " block DESC LIMIT 1",
    [ASK_BLOCK] = "SELECT data FROM doc_block WHERE id = ?",
    [ASK_CLASS] = "SELECT issuing_state, document_type, attribute, sum FROM doc_class WHERE id = ?",
    [ASK_ATTRIBUTE] = "SELECT action, legal_basis, owner, purpose, review_date, valid_from,"
                      " valid_until, reason, sum FROM attribute WHERE id = ?",
    [ASK_ALERT] = "SELECT " ALERT_COLUMNS " FROM alert WHERE id = ?",
    [ASK_ID] = "SELECT id FROM alert WHERE alert_id = ?",
    [ASK_BURIED] = "SELECT 1 FROM tombstone WHERE alert_id = ?",
    [ASK_PERSON] = "SELECT alert FROM person_exact WHERE key = ? LIMIT ?",
};
/* The columns of alert's texts, as above. */
static const int alert_columns[] = {
    COLUMN_ALERT_ID,      COLUMN_SUBJECT,       COLUMN_DOCUMENT_NUMBER,
    COLUMN_DOCUMENT_LAST, COLUMN_ISSUING_STATE, COLUMN_DOCUMENT_TYPE,
    COLUMN_SURNAME,       COLUMN_GIVEN_NAMES,   COLUMN_NAME,
    COLUMN_BIRTH_DATE,    COLUMN_SEX,           COLUMN_NATIONALITY,
    COLUMN_EXTRA,
};
#define ALERT_TEXTS G_N_ELEMENTS(alert_columns)

struct ListFile {
    sqlite3 *db;
    char *path;
    ListMeta meta;
    sqlite3_stmt *asks[ASKS];
    PersonIndex *index;
    SharedRows *shared;
};

gboolean
list_file_damaged(const ListFile *file, GError **error, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "list file %s: %s", file->path, what);
    return FALSE;
}

/* ---- opening */

static gboolean
read_number(sqlite3 *db, const char *sql, gint64 *number, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(db, sql, error);
    gboolean row = FALSE;

    if (stmt == NULL || !dv_sqlite_step(stmt, &row, error))
        return FALSE;
    *number = row ? sqlite3_column_int64(stmt, 0) : 0;
    return TRUE;
}

static gboolean
load(ListFile *file, GError **error)
{
    gint64 application = 0, format = 0;

    file->db = dv_sqlite_open(file->path, DV_SQLITE_IMMUTABLE, error);
    if (file->db == NULL || !read_number(file->db, "PRAGMA application_id", &application, error) ||
        !read_number(file->db, "PRAGMA user_version", &format, error))
        return FALSE;
    if (application != LIST_APPLICATION_ID)
        return list_file_damaged(file, error, "this is no watchlist");
    if (format != LIST_FORMAT)
        return list_file_damaged(file, error, "this program does not know its format version");
    dv_sqlite_expect_single_pages(file->db);
    for (int i = 0; i < ASKS; i++) {
        file->asks[i] = dv_sqlite_prepare(file->db, asks[i], error);
        if (file->asks[i] == NULL)
            return FALSE;
    }
    file->index = person_index_open(file->db, error);
    if (file->index == NULL) {
        g_prefix_error(error, "list file %s: ", file->path);
        return FALSE;
    }
    return list_meta_read(&file->meta, file->db, file->path, error);
}

ListFile *
list_file_open(const char *path, GError **error)
{
    g_autoptr(ListFile) file = g_new0(ListFile, 1);

    file->path = g_strdup(path);
    file->shared = shared_rows_new();
    return load(file, error) ? g_steal_pointer(&file) : NULL;
}

void
list_file_free(ListFile *file)
{
    if (file == NULL)
        return;
    for (int i = 0; i < ASKS; i++)
        sqlite3_finalize(file->asks[i]);
    person_index_free(file->index);
    shared_rows_free(file->shared);
    sqlite3_close_v2(file->db);
    list_meta_clear(&file->meta);
    g_free(file->path);
    g_free(file);
}

const ListMeta *
list_file_meta(const ListFile *file)
{
    return &file->meta;
}

const char *
list_file_path(const ListFile *file)
{
    return file->path;
}

sqlite3 *
list_file_db(const ListFile *file)
{
    return file->db;
}

PersonIndex *
list_file_person_index(const ListFile *file)
{
    return file->index;
}

/* A statement that may still stand on its last row, ready for another question. */
static sqlite3_stmt *
again(ListFile *file, int which)
{
    sqlite3_reset(file->asks[which]);
    return file->asks[which];
}

/* Nothing of a traveller stays behind in a statement. */
static void
forget(sqlite3_stmt *stmt)
{
    sqlite3_reset(stmt);
    sqlite3_clear_bindings(stmt);
}

/* ---- numbers */

/* The blob of a row that must be there; it stays until the statement is used again. */
static gboolean
read_blob(ListFile *file, int which, gint64 id, const guint8 **data, gsize *length, GError **error)
{
    sqlite3_stmt *stmt = again(file, which);
    gboolean row = FALSE;

    sqlite3_bind_int64(stmt, 1, id);
    if (!dv_sqlite_step(stmt, &row, error))
        return FALSE;
    if (!row)
        return list_file_damaged(file, error, "a part of its numbers is missing");
    *data = sqlite3_column_blob(stmt, 0);
    *length = (gsize)sqlite3_column_bytes(stmt, 0);
    return *data != NULL || list_file_damaged(file, error, "a part of its numbers is missing");
}

static gboolean
ask_filter(ListFile *file, const DocKey *key, gboolean *maybe, GError **error)
{
    guint64 hash = checksum_hash(key->bytes, key->length);
    guint32 part = filter_part(hash, (guint32)file->meta.parts);
    const guint8 *data;
    gsize length;

    if (!read_blob(file, ASK_FILTER, (gint64)part + 1, &data, &length, error))
        return FALSE;
    FilterResult result = filter_ask(data, length, part, hash);
    forget(file->asks[ASK_FILTER]);
    *maybe = result == FILTER_MAYBE;
    return result != FILTER_DAMAGED || list_file_damaged(file, error, "its filter is damaged");
}

/* The block in which the key's first entry stands, if it stands anywhere. */
static gboolean
seek(ListFile *file, const DocKey *key, gint64 *id, GError **error)
{
    sqlite3_stmt *stmt = again(file, ASK_FIRST);
    gboolean row = FALSE;

    sqlite3_bind_blob(stmt, 1, key->bytes, (int)key->length, SQLITE_STATIC);
    gboolean ok = dv_sqlite_step(stmt, &row, error);
    *id = ok && row ? sqlite3_column_int64(stmt, 0) : 0;
    forget(stmt);
    if (ok && !row)
        return list_file_damaged(file, error, "the index of its numbers is damaged");
    return ok;
}

static gboolean
open_block(ListFile *file, gint64 id, DocBlockReader *reader, GError **error)
{
    const guint8 *data;
    gsize length;

    return read_blob(file, ASK_BLOCK, id, &data, &length, error) &&
           (doc_block_open(reader, data, length, (guint64)id) ||
            list_file_damaged(file, error, "a block of its numbers is damaged"));
}

/* A block says which keys it answers for, so that a damaged index is seen. */
static gboolean
answers_for(const DocBlockReader *reader, const DocKey *key)
{
    return (reader->low.length == 0 || doc_key_compare(&reader->low, key) < 0) &&
           (reader->high.length == 0 || doc_key_compare(key, &reader->high) <= 0);
}

/* Entries not before the key, from the block on, until *done. */
static gboolean
walk_blocks(ListFile *file, gint64 id, const DocKey *from, ListWalk visit, gpointer data,
            GError **error)
{
    gboolean done = FALSE, first = TRUE;
    DocBlockReader reader;

    for (;; id++, first = FALSE) {
        if (!open_block(file, id, &reader, error))
            return FALSE;
        if (first && from != NULL && !answers_for(&reader, from))
            return list_file_damaged(file, error, "the index of its numbers is damaged");
        if (first && from != NULL && !doc_block_seek(&reader, from))
            return list_file_damaged(file, error, "a block of its numbers is damaged");
        for (;;) {
            DocBlockResult result = doc_block_next(&reader);
            if (result == DOC_BLOCK_DAMAGED)
                return list_file_damaged(file, error, "a block of its numbers is damaged");
            if (result == DOC_BLOCK_END)
                break;
            if (from != NULL && doc_key_compare(&reader.entry.key, from) < 0)
                continue;
            if (!visit(data, &reader.entry, &done, error))
                return FALSE;
            if (done)
                return TRUE;
        }
        if (reader.high.length == 0)
            return TRUE;
    }
}

gboolean
list_file_walk(ListFile *file, const DocKey *from, ListWalk visit, gpointer data, GError **error)
{
    gint64 id = 1;

    if (file->meta.entries == 0)
        return TRUE;
    return (from == NULL || seek(file, from, &id, error)) &&
           walk_blocks(file, id, from, visit, data, error);
}

typedef struct {
    const DocKey *key;
    ListVisit visit;
    gpointer data;
} Find;

static gboolean
visit_equal(gpointer data, const DocEntry *entry, gboolean *done, GError **error)
{
    const Find *find = data;

    *done = doc_key_compare(&entry->key, find->key) != 0;
    return *done || find->visit(find->data, entry, error);
}

gboolean
list_file_find(ListFile *file, const DocKey *key, ListVisit visit, gpointer data, GError **error)
{
    Find find = {key, visit, data};
    gboolean maybe = FALSE;

    if (file->meta.entries == 0)
        return TRUE;
    if (!ask_filter(file, key, &maybe, error))
        return FALSE;
    return !maybe || list_file_walk(file, key, visit_equal, &find, error);
}

/* ---- rows */

static gboolean
take_texts(ListFile *file, sqlite3_stmt *stmt, int count, const char **texts, GError **error)
{
    for (int i = 0; i < count; i++) {
        texts[i] = (const char *)sqlite3_column_text(stmt, i);
        if (texts[i] == NULL)
            return list_file_damaged(file, error, "a row lacks a column");
    }
    return TRUE;
}

static gboolean
step_to(ListFile *file, int which, gint64 id, GError **error)
{
    sqlite3_stmt *stmt = again(file, which);
    gboolean row = FALSE;

    sqlite3_bind_int64(stmt, 1, id);
    return dv_sqlite_step(stmt, &row, error) &&
           (row || list_file_damaged(file, error, "a row that another names is missing"));
}

static gboolean
take_attributes(ListFile *file, gint64 id, ListRow *row, GError **error)
{
    sqlite3_stmt *stmt = file->asks[ASK_ATTRIBUTE];
    const char **texts = row->columns + ATTRIBUTE_FIRST;
    const SharedAttributes *kept = shared_attributes(file->shared, id);

    if (kept != NULL) {
        for (int i = 0; i < ATTRIBUTES; i++)
            texts[i] = kept->texts[i];
        row->from_us = kept->from_us;
        row->until_us = kept->until_us;
        return TRUE;
    }
    if (!step_to(file, ASK_ATTRIBUTE, id, error) ||
        !take_texts(file, stmt, ATTRIBUTES, texts, error))
        return FALSE;
    if (checksum_texts((guint64)id, texts, ATTRIBUTES) != sqlite3_column_int64(stmt, ATTRIBUTES))
        return list_file_damaged(file, error, "a set of attributes is damaged");
    watchlist_validity(row->columns[COLUMN_REVIEW_DATE], row->columns[COLUMN_VALID_FROM],
                       row->columns[COLUMN_VALID_UNTIL], &row->from_us, &row->until_us);
    shared_attributes_keep(file->shared, id, texts, row->from_us, row->until_us);
    return TRUE;
}

static gboolean
take_class(ListFile *file, gint64 id, ListRow *row, GError **error)
{
    sqlite3_stmt *stmt = file->asks[ASK_CLASS];
    const SharedClass *kept = shared_class(file->shared, id);
    const char *texts[2];

    if (kept != NULL) {
        row->columns[COLUMN_ISSUING_STATE] = kept->issuing_state;
        row->columns[COLUMN_DOCUMENT_TYPE] = kept->document_type;
        return take_attributes(file, kept->attribute, row, error);
    }
    if (!step_to(file, ASK_CLASS, id, error) || !take_texts(file, stmt, 2, texts, error))
        return FALSE;
    gint64 attribute = sqlite3_column_int64(stmt, 2);
    if (checksum_texts((guint64)(id ^ attribute << 32), texts, 2) != sqlite3_column_int64(stmt, 3))
        return list_file_damaged(file, error, "a class of documents is damaged");
    row->columns[COLUMN_ISSUING_STATE] = texts[0];
    row->columns[COLUMN_DOCUMENT_TYPE] = texts[1];
    shared_class_keep(file->shared, id, texts[0], texts[1], attribute);
    return take_attributes(file, attribute, row, error);
}

void
list_row_init(ListRow *row)
{
    for (int i = 0; i < COLUMNS; i++)
        row->columns[i] = "";
    row->alert = 0;
}

gboolean
list_file_take_plain(ListFile *file, const DocEntry *entry, ListRow *row, GError **error)
{
    list_row_init(row);
    doc_entry_number(entry, row->number);
    row->columns[COLUMN_DOCUMENT_NUMBER] = row->number;
    row->columns[COLUMN_SUBJECT] = "document";
    if (!take_class(file, (gint64)entry->target, row, error))
        return FALSE;
    watchlist_derive_id(row->columns, row->id);
    row->columns[COLUMN_ALERT_ID] = row->id;
    return TRUE;
}

/* From a statement of ALERT_COLUMNS that stands on a row. */
gboolean
list_file_take_alert(ListFile *file, sqlite3_stmt *stmt, ListRow *row, GError **error)
{
    const char *texts[ALERT_TEXTS];

    list_row_init(row);
    if (!take_texts(file, stmt, ALERT_TEXTS, texts, error))
        return FALSE;
    gint64 attribute = sqlite3_column_int64(stmt, ALERT_TEXTS);
    row->alert = sqlite3_column_int64(stmt, ALERT_TEXTS + 2);
    if (checksum_texts((guint64)(row->alert ^ attribute << 32), texts, ALERT_TEXTS) !=
        sqlite3_column_int64(stmt, ALERT_TEXTS + 1))
        return list_file_damaged(file, error, "an alert is damaged");
    for (gsize i = 0; i < ALERT_TEXTS; i++)
        row->columns[alert_columns[i]] = texts[i];
    return take_attributes(file, attribute, row, error);
}

gboolean
list_file_alert(ListFile *file, gint64 alert, ListRow *row, GError **error)
{
    return step_to(file, ASK_ALERT, alert, error) &&
           list_file_take_alert(file, file->asks[ASK_ALERT], row, error);
}

gboolean
list_file_entry_row(ListFile *file, const DocEntry *entry, ListRow *row, GError **error)
{
    return entry->is_alert ? list_file_alert(file, (gint64)entry->target, row, error)
                           : list_file_take_plain(file, entry, row, error);
}

/* ---- by id */

gboolean
list_derived_id(const char *alert_id, DerivedId *parts)
{
    static const char capitals[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    gsize state = strspn(alert_id, capitals);
    const char *type = alert_id + state + 1;

    if (state == 0 || state > 3 || alert_id[state] != '.')
        return FALSE;
    gsize length = *type == '_' ? 1 : strspn(type, capitals);
    if (length == 0 || length > 2 || type[length] != '.')
        return FALSE;
    const char *number = type + length + 1;
    if (!watchlist_document_normalise(number, parts->number) || !g_str_equal(number, parts->number))
        return FALSE;
    g_strlcpy(parts->issuing_state, alert_id, state + 1);
    g_strlcpy(parts->document_type, *type == '_' ? "" : type, length + (*type == '_' ? 0 : 1));
    return TRUE;
}

typedef struct {
    ListFile *file;
    const DerivedId *id;
    ListRow *row;
    gboolean *found;
} FindPlain;

static gboolean
visit_plain(gpointer data, const DocEntry *entry, GError **error)
{
    const FindPlain *find = data;
    char number[DOC_NUMBER_MAX + 1];

    doc_entry_number(entry, number);
    if (*find->found || entry->is_alert || !g_str_equal(number, find->id->number))
        return TRUE;
    if (!list_file_take_plain(find->file, entry, find->row, error))
        return FALSE;
    *find->found = g_str_equal(find->row->columns[COLUMN_ISSUING_STATE], find->id->issuing_state) &&
                   g_str_equal(find->row->columns[COLUMN_DOCUMENT_TYPE], find->id->document_type);
    return TRUE;
}

gboolean
list_file_by_id(ListFile *file, const char *alert_id, ListRow *row, gboolean *found, GError **error)
{
    sqlite3_stmt *stmt = again(file, ASK_ID);
    char folded[DOC_NUMBER_MAX + 1];
    DerivedId id;
    DocKey key;

    sqlite3_bind_text(stmt, 1, alert_id, -1, SQLITE_STATIC);
    gboolean ok = dv_sqlite_step(stmt, found, error);
    gint64 alert = ok && *found ? sqlite3_column_int64(stmt, 0) : 0;
    forget(stmt);
    if (!ok || *found)
        return ok && list_file_alert(file, alert, row, error);
    if (!list_derived_id(alert_id, &id))
        return TRUE;
    FindPlain find = {file, &id, row, found};
    watchlist_document_fold_key(id.number, folded);
    doc_key_init(&key, folded);
    return list_file_find(file, &key, visit_plain, &find, error);
}

gboolean
list_file_buries(ListFile *file, const char *alert_id, gboolean *buries, GError **error)
{
    sqlite3_stmt *stmt = again(file, ASK_BURIED);

    *buries = FALSE;
    if (file->meta.removed == 0)
        return TRUE;
    sqlite3_bind_text(stmt, 1, alert_id, -1, SQLITE_STATIC);
    gboolean ok = dv_sqlite_step(stmt, buries, error);
    forget(stmt);
    return ok;
}

gboolean
list_file_each_buried(ListFile *file, ListBuried visit, gpointer data, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(file->db, "SELECT alert_id FROM tombstone ORDER BY alert_id", error);
    gboolean row = FALSE;

    if (stmt == NULL)
        return FALSE;
    for (;;) {
        const char *id;
        if (!dv_sqlite_step(stmt, &row, error))
            return FALSE;
        if (!row)
            return TRUE;
        if (!take_texts(file, stmt, 1, &id, error) || !visit(data, id, error))
            return FALSE;
    }
}

gboolean
list_file_persons(ListFile *file, const char *person_key, guint max, GArray *alerts, GError **error)
{
    sqlite3_stmt *stmt = again(file, ASK_PERSON);
    gboolean row = FALSE;

    sqlite3_bind_int64(stmt, 1, (gint64)checksum_hash(person_key, strlen(person_key)));
    sqlite3_bind_int64(stmt, 2, max);
    for (;;) {
        gboolean ok = dv_sqlite_step(stmt, &row, error);
        if (!ok || !row) {
            forget(stmt);
            return ok;
        }
        gint64 alert = sqlite3_column_int64(stmt, 0);
        g_array_append_val(alerts, alert);
    }
}

gboolean
list_file_copy_block(ListFile *file, gint64 id, guint8 out[DOC_BLOCK_MAX], DocBlockReader *reader,
                     GError **error)
{
    const guint8 *data;
    gsize length;

    if (!read_blob(file, ASK_BLOCK, id, &data, &length, error))
        return FALSE;
    memcpy(out, data, MIN(length, DOC_BLOCK_MAX));
    return (length <= DOC_BLOCK_MAX && doc_block_open(reader, out, length, (guint64)id)) ||
           list_file_damaged(file, error, "a block of its numbers is damaged");
}
