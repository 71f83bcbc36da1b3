// SPDX-License-Identifier: Apache-2.0
#include "list_writer.h"

#include "checksum.h"
#include "classes.h"
#include "doc_writer.h"
#include "keys.h"
#include "person/entry.h"
#include "person_keys.h"
#include "ranges.h"

#include <darvaza/error.h>

#include <string.h>

static const char schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE attribute (id INTEGER PRIMARY KEY, action TEXT NOT NULL,"
    " legal_basis TEXT NOT NULL CHECK (legal_basis <> ''), owner TEXT NOT NULL CHECK (owner <> ''),"
    " purpose TEXT NOT NULL CHECK (purpose <> ''), review_date TEXT NOT NULL,"
    " valid_from TEXT NOT NULL, valid_until TEXT NOT NULL, reason TEXT NOT NULL,"
    " sum INTEGER NOT NULL) STRICT;"
    "CREATE TABLE alert (id INTEGER PRIMARY KEY, alert_id TEXT NOT NULL UNIQUE,"
    " subject TEXT NOT NULL, document_number TEXT NOT NULL, document_last TEXT NOT NULL,"
    " issuing_state TEXT NOT NULL, document_type TEXT NOT NULL, surname TEXT NOT NULL,"
    " given_names TEXT NOT NULL, name TEXT NOT NULL, birth_date TEXT NOT NULL, sex TEXT NOT NULL,"
    " nationality TEXT NOT NULL, extra TEXT NOT NULL, attribute INTEGER NOT NULL,"
    " sum INTEGER NOT NULL) STRICT;"
    "CREATE TABLE person_exact (key INTEGER, alert INTEGER, PRIMARY KEY (key, alert))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE tombstone (alert_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
    "CREATE TABLE doc_class (id INTEGER PRIMARY KEY, issuing_state TEXT NOT NULL,"
    " document_type TEXT NOT NULL, attribute INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;"
    "CREATE TABLE doc_block (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;"
    "CREATE TABLE doc_first (first_key BLOB, block INTEGER, PRIMARY KEY (first_key, block))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE filter (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT;";

struct ListWriter {
    sqlite3 *db;
    ListMeta meta;
    const ListStack *below;
    Attributes *attributes;
    DocWriter *documents;
    PersonWriter *persons;
    sqlite3_stmt *insert_alert, *insert_person, *bury, *find_attribute;
};

static gboolean
prepare(ListWriter *writer, const char *folder, GError **error)
{
    static const char alert[] =
        "INSERT INTO alert (alert_id, subject, document_number, document_last, issuing_state,"
        " document_type, surname, given_names, name, birth_date, sex, nationality, extra,"
        " attribute, sum, id) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

    return (writer->insert_alert = dv_sqlite_prepare(writer->db, alert, error)) != NULL &&
           (writer->insert_person = dv_sqlite_prepare(
                writer->db, "INSERT OR IGNORE INTO person_exact (key, alert) VALUES (?,?)",
                error)) != NULL &&
           (writer->bury = dv_sqlite_prepare(
                writer->db, "INSERT OR IGNORE INTO tombstone (alert_id) VALUES (?)", error)) !=
               NULL &&
           (writer->find_attribute = dv_sqlite_prepare(
                writer->db,
                "SELECT action, legal_basis, owner, purpose, review_date, valid_from, valid_until,"
                " reason FROM attribute WHERE id = ?",
                error)) != NULL &&
           (writer->attributes = attributes_new(writer->db, error)) != NULL &&
           (writer->documents = doc_writer_new(writer->db, folder, error)) != NULL &&
           (writer->persons = person_writer_new(writer->db, folder, error)) != NULL;
}

/* What the list is without this layer. */
static gboolean
start_on(ListWriter *writer, const ListStack *below, GError **error)
{
    const ListMeta *under = list_stack_meta(below);
    const char *why = NULL;

    if (!g_str_equal(writer->meta.list_id, under->list_id))
        why = "a delta is of the same list as the layers below";
    else if (writer->meta.version <= under->version)
        why = "a delta has a higher version than the layers below";
    else if (writer->meta.kind != under->kind || writer->meta.is_training != under->is_training)
        why = "a delta is of the same kind as the layers below";
    if (why != NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "list %s: %s", writer->meta.list_id, why);
        return FALSE;
    }
    writer->below = below;
    writer->meta.is_delta = TRUE;
    writer->meta.base_version = under->version;
    writer->meta.rows = under->rows;
    writer->meta.documents = under->documents;
    writer->meta.persons = under->persons;
    writer->meta.state = under->state;
    return TRUE;
}

ListWriter *
list_writer_new(const char *path, const WatchlistProfile *profile, const ListStack *below,
                GError **error)
{
    g_autoptr(ListWriter) writer = g_new0(ListWriter, 1);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *stamp = g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d;"
                                             "PRAGMA cache_size = -65536; BEGIN;",
                                             LIST_APPLICATION_ID, LIST_FORMAT);

    list_meta_from_profile(&writer->meta, profile);
    if (below != NULL && !start_on(writer, below, error))
        return NULL;
    writer->db = dv_sqlite_open(path, DV_SQLITE_BUILD, error);
    if (writer->db == NULL || !dv_sqlite_exec(writer->db, stamp, error) ||
        !dv_sqlite_exec(writer->db, schema, error) || !prepare(writer, folder, error))
        return NULL;
    return g_steal_pointer(&writer);
}

void
list_writer_free(ListWriter *writer)
{
    if (writer == NULL)
        return;
    attributes_free(writer->attributes);
    doc_writer_free(writer->documents);
    person_writer_free(writer->persons);
    sqlite3_finalize(writer->insert_alert);
    sqlite3_finalize(writer->insert_person);
    sqlite3_finalize(writer->bury);
    sqlite3_finalize(writer->find_attribute);
    sqlite3_close_v2(writer->db);
    list_meta_clear(&writer->meta);
    g_free(writer);
}

const ListMeta *
list_writer_meta(const ListWriter *writer)
{
    return &writer->meta;
}

/* ---- what a row counts for */

static void
count_row(ListMeta *meta, const char *const *columns, int by)
{
    guint8 hash[DV_SHA256_SIZE];

    dv_watchlist_row_hash(columns, hash);
    if (by > 0)
        list_state_add(&meta->state, hash);
    else
        list_state_subtract(&meta->state, hash);
    meta->rows += by;
    if (*columns[COLUMN_DOCUMENT_NUMBER] != '\0' ||
        strstr(columns[COLUMN_EXTRA], "\"other_documents\"") != NULL)
        meta->documents += by;
    if (g_str_equal(columns[COLUMN_SUBJECT], "person"))
        meta->persons += by;
}

/* ---- rows of the layers below */

/* Takes the row away once; *again: that was done before. */
static gboolean
bury(ListWriter *writer, const ListRow *row, gboolean *again, GError **error)
{
    sqlite3_bind_text(writer->bury, 1, row->columns[COLUMN_ALERT_ID], -1, SQLITE_STATIC);
    if (!dv_sqlite_run(writer->bury, error))
        return FALSE;
    *again = sqlite3_changes(writer->db) == 0;
    if (!*again) {
        count_row(&writer->meta, row->columns, -1);
        writer->meta.removed++;
    }
    return TRUE;
}

static gboolean
same_columns(const char *const *a, const char *const *b)
{
    for (int i = 0; i < COLUMNS; i++) {
        if (!g_str_equal(a[i], b[i]))
            return FALSE;
    }
    return TRUE;
}

/* In a delta: what stands below under the row's id goes. */
static gboolean
replace(ListWriter *writer, const WatchlistRow *row, gboolean *unchanged, GError **error)
{
    gboolean found = FALSE, again = FALSE;
    ListRow old;

    *unchanged = FALSE;
    if (writer->below == NULL)
        return TRUE;
    if (!list_stack_by_id(writer->below, row->columns[COLUMN_ALERT_ID], &old, &found, error))
        return FALSE;
    *unchanged = found && same_columns(old.columns, row->columns);
    return !found || *unchanged || bury(writer, &old, &again, error);
}

gboolean
list_writer_remove(ListWriter *writer, const char *alert_id, GError **error)
{
    gboolean found = FALSE, again = FALSE;
    ListRow old;

    if (writer->below == NULL) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "only a delta takes alerts away from a list");
        return FALSE;
    }
    if (!list_stack_by_id(writer->below, alert_id, &old, &found, error) ||
        (found && !bury(writer, &old, &again, error)))
        return FALSE;
    if (found && !again)
        return TRUE;
    g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                        found ? "the alert was taken away already"
                              : "there is no such alert in the layers below");
    return FALSE;
}

/* ---- rows of this layer */

typedef struct {
    ListWriter *writer;
    DocNumber number;
    gint64 alert;
} AddPiece;

static gboolean
add_piece(const char *piece, gpointer data, GError **error)
{
    AddPiece *add = data;

    add->number.number = piece;
    return doc_writer_add_alert(add->writer->documents, &add->number, add->alert, error);
}

static gboolean
add_range(ListWriter *writer, const WatchlistRow *row, gint64 alert, GError **error)
{
    char last[DOC_NUMBER_MAX + 1];
    AddPiece add = {writer,
                    {.issuing_state = row->columns[COLUMN_ISSUING_STATE],
                     .document_type = row->columns[COLUMN_DOCUMENT_TYPE]},
                    alert};

    watchlist_document_fold_key(row->document_last, last);
    writer->meta.ranges++;
    return range_pieces(row->document_fold, last, add_piece, &add, error);
}

static gboolean
add_other_documents(ListWriter *writer, const WatchlistRow *row, gint64 alert, GError **error)
{
    const char *text = row->columns[COLUMN_EXTRA];
    g_autoptr(json_t) extra =
        *text != '\0' ? dv_json_parse(text, strlen(text), DV_WATCHLIST_LINE_MAX, error) : NULL;
    const json_t *documents = json_object_get(extra, "other_documents");

    for (gsize i = 0; i < json_array_size(documents); i++) {
        const json_t *document = json_array_get(documents, i);
        const char *state = dv_json_string_or_null(document, "issuing_state");
        const char *type = dv_json_string_or_null(document, "document_type");
        const DocNumber number = {dv_json_string_or_null(document, "document_number"),
                                  state != NULL ? state : "", type != NULL ? type : "", 0};
        if (!doc_writer_add_alert(writer->documents, &number, alert, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_numbers(ListWriter *writer, const WatchlistRow *row, gint64 alert, GError **error)
{
    const DocNumber number = {row->document_key, row->columns[COLUMN_ISSUING_STATE],
                              row->columns[COLUMN_DOCUMENT_TYPE], 0};
    DerivedId id;

    if (list_derived_id(row->columns[COLUMN_ALERT_ID], &id)) {
        const DocNumber claimed = {id.number, id.issuing_state, id.document_type, 0};
        if (!doc_writer_claim(writer->documents, &claimed, error))
            return FALSE;
    }
    if (row->document_last[0] != '\0') {
        if (!add_range(writer, row, alert, error))
            return FALSE;
    } else if (row->document_key[0] != '\0' &&
               !doc_writer_add_alert(writer->documents, &number, alert, error)) {
        return FALSE;
    }
    return add_other_documents(writer, row, alert, error);
}

typedef struct {
    ListWriter *writer;
    gint64 alert;
} AddPerson;

static gboolean
add_person(gpointer data, const char *key, GError **error)
{
    const AddPerson *add = data;
    sqlite3_stmt *stmt = add->writer->insert_person;

    sqlite3_bind_int64(stmt, 1, (gint64)checksum_hash(key, strlen(key)));
    sqlite3_bind_int64(stmt, 2, add->alert);
    return dv_sqlite_run(stmt, error);
}

static gboolean
insert_alert(ListWriter *writer, const WatchlistRow *row, gint64 attribute, GError **error)
{
    static const int columns[] = {
        COLUMN_ALERT_ID,      COLUMN_SUBJECT,       COLUMN_DOCUMENT_NUMBER,
        COLUMN_DOCUMENT_LAST, COLUMN_ISSUING_STATE, COLUMN_DOCUMENT_TYPE,
        COLUMN_SURNAME,       COLUMN_GIVEN_NAMES,   COLUMN_NAME,
        COLUMN_BIRTH_DATE,    COLUMN_SEX,           COLUMN_NATIONALITY,
        COLUMN_EXTRA,
    };
    enum { TEXTS = G_N_ELEMENTS(columns) };
    const char *texts[TEXTS];
    gint64 id = writer->meta.alerts + 1;

    for (int i = 0; i < TEXTS; i++) {
        texts[i] = row->columns[columns[i]];
        sqlite3_bind_text(writer->insert_alert, 1 + i, texts[i], -1, SQLITE_STATIC);
    }
    sqlite3_bind_int64(writer->insert_alert, TEXTS + 1, attribute);
    sqlite3_bind_int64(writer->insert_alert, TEXTS + 2,
                       checksum_texts((guint64)(id ^ attribute << 32), texts, TEXTS));
    sqlite3_bind_int64(writer->insert_alert, TEXTS + 3, id);
    if (!dv_sqlite_run(writer->insert_alert, error))
        return FALSE;
    writer->meta.alerts = id;
    return TRUE;
}

static gboolean
add_alert(ListWriter *writer, const WatchlistRow *row, gint64 attribute, GError **error)
{
    if (!insert_alert(writer, row, attribute, error))
        return FALSE;
    AddPerson add = {writer, writer->meta.alerts};
    return add_numbers(writer, row, writer->meta.alerts, error) &&
           person_keys_each(row->columns, add_person, &add, error) &&
           person_entry_add(writer->persons, writer->meta.alerts, row->columns, error);
}

gboolean
list_writer_add(ListWriter *writer, const WatchlistRow *row, guint64 line, gboolean *unchanged,
                GError **error)
{
    const DocNumber number = {row->document_key, row->columns[COLUMN_ISSUING_STATE],
                              row->columns[COLUMN_DOCUMENT_TYPE], line};
    gint64 attribute;

    if (!replace(writer, row, unchanged, error))
        return FALSE;
    if (*unchanged)
        return TRUE;
    if (!attributes_take(writer->attributes, row->columns, &attribute, error))
        return FALSE;
    if (row->is_plain ? !doc_writer_add_plain(writer->documents, &number, attribute, error)
                      : !add_alert(writer, row, attribute, error))
        return FALSE;
    if (row->is_plain)
        writer->meta.plain++;
    writer->meta.layer_rows++;
    count_row(&writer->meta, row->columns, 1);
    return TRUE;
}

/* ---- the end */

typedef struct {
    ListWriter *writer;
    ListTwice twice;
    gpointer data;
} Finish;

/* A plain document was counted when it came, and does not count. */
static gboolean
uncount(gpointer data, const DocNumber *number, gint64 attribute, GError **error)
{
    const Finish *finish = data;
    sqlite3_stmt *stmt = finish->writer->find_attribute;
    const char *columns[COLUMNS];
    char id[ALERT_ID_MAX + 1];
    gboolean row = FALSE;

    sqlite3_reset(stmt);
    sqlite3_bind_int64(stmt, 1, attribute);
    if (!dv_sqlite_step(stmt, &row, error))
        return FALSE;
    g_assert(row);
    for (int i = 0; i < COLUMNS; i++)
        columns[i] = "";
    for (int i = 0; i < ATTRIBUTES; i++)
        columns[ATTRIBUTE_FIRST + i] = (const char *)sqlite3_column_text(stmt, i);
    columns[COLUMN_SUBJECT] = "document";
    columns[COLUMN_DOCUMENT_NUMBER] = number->number;
    columns[COLUMN_ISSUING_STATE] = number->issuing_state;
    columns[COLUMN_DOCUMENT_TYPE] = number->document_type;
    watchlist_derive_id(columns, id);
    columns[COLUMN_ALERT_ID] = id;
    count_row(&finish->writer->meta, columns, -1);
    sqlite3_reset(stmt);
    finish->writer->meta.plain--;
    finish->writer->meta.layer_rows--;
    finish->twice(finish->data, number->line);
    return TRUE;
}

gboolean
list_writer_finish(ListWriter *writer, ListTwice twice, gpointer data, GError **error)
{
    Finish finish = {writer, twice, data};
    DocCounts counts = {0};

    if (!doc_writer_finish(writer->documents, uncount, &finish, &counts, error))
        return FALSE;
    writer->meta.entries = counts.entries;
    writer->meta.parts = counts.parts;
    return person_writer_finish(writer->persons, error) &&
           list_meta_write(&writer->meta, writer->db, error) &&
           dv_sqlite_exec(writer->db, "COMMIT", error);
}
