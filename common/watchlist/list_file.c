// SPDX-License-Identifier: Apache-2.0
#include "list_file.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>

#include <string.h>

static const char schema[] =
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE alert (id INTEGER PRIMARY KEY, alert_id TEXT NOT NULL UNIQUE,"
    " subject TEXT NOT NULL CHECK (subject IN ('document', 'person')),"
    " document_number TEXT NOT NULL, document_last TEXT NOT NULL,"
    " issuing_state TEXT NOT NULL, document_type TEXT NOT NULL,"
    " surname TEXT NOT NULL, given_names TEXT NOT NULL, name TEXT NOT NULL,"
    " birth_date TEXT NOT NULL,"
    " sex TEXT NOT NULL, nationality TEXT NOT NULL, action TEXT NOT NULL,"
    " legal_basis TEXT NOT NULL CHECK (legal_basis <> ''), owner TEXT NOT NULL CHECK (owner <> ''),"
    " purpose TEXT NOT NULL CHECK (purpose <> ''), review_date TEXT NOT NULL,"
    " valid_from TEXT NOT NULL, valid_until TEXT NOT NULL, reason TEXT NOT NULL,"
    " extra TEXT NOT NULL,"
    " action_rank INTEGER NOT NULL, from_us INTEGER NOT NULL, until_us INTEGER NOT NULL,"
    " document_key TEXT, document_fold TEXT, person_key TEXT) STRICT;";
/* After the rows: an index built at once is smaller and faster to make. */
static const char indices[] =
    "CREATE INDEX alert_document ON alert (document_key) WHERE document_key IS NOT NULL;"
    "CREATE INDEX alert_fold ON alert (document_fold) WHERE document_fold IS NOT NULL;"
    "CREATE INDEX alert_person ON alert (person_key) WHERE person_key IS NOT NULL;";

void
list_state_add(guint8 state[DV_SHA256_SIZE], const char *const columns[COLUMNS])
{
    g_autoptr(json_t) array = json_array();
    guint8 hash[DV_SHA256_SIZE];
    guint carry = 0;
    gsize length = 0;

    for (int i = 0; i < COLUMNS; i++)
        json_array_append_new(array, json_string(columns[i]));
    g_autofree char *text = dv_json_canonical(array, &length, NULL);
    g_assert(text != NULL);
    dv_sha256(text, length, hash);
    for (int i = DV_SHA256_SIZE - 1; i >= 0; i--) {
        carry += (guint)state[i] + hash[i];
        state[i] = (guint8)carry;
        carry >>= 8;
    }
}

/* ---- writing */

gboolean
list_writer_open(ListWriter *writer, const char *path, GError **error)
{
    g_autoptr(GString) sql = g_string_new("INSERT INTO alert (");
    g_autofree char *stamp =
        g_strdup_printf("PRAGMA application_id = %d; PRAGMA user_version = %d; BEGIN;",
                        LIST_APPLICATION_ID, LIST_FORMAT);

    memset(writer, 0, sizeof *writer);
    for (int i = 0; i < COLUMNS; i++)
        g_string_append_printf(sql, "%s, ", watchlist_column_names[i]);
    g_string_append(sql, "action_rank, from_us, until_us, document_key, document_fold, person_key) "
                         "VALUES (?");
    for (int i = 1; i < COLUMNS + 6; i++)
        g_string_append(sql, ",?");
    g_string_append(sql, ")");

    writer->db = dv_sqlite_open(path, DV_SQLITE_BUILD, error);
    if (writer->db == NULL || !dv_sqlite_exec(writer->db, stamp, error) ||
        !dv_sqlite_exec(writer->db, schema, error))
        return FALSE;
    writer->insert = dv_sqlite_prepare(writer->db, sql->str, error);
    return writer->insert != NULL;
}

gboolean
list_writer_add(ListWriter *writer, const WatchlistRow *row, GError **error)
{
    sqlite3_stmt *stmt = writer->insert;

    for (int i = 0; i < COLUMNS; i++)
        sqlite3_bind_text(stmt, i + 1, row->columns[i], -1, SQLITE_STATIC);
    sqlite3_bind_int(stmt, COLUMNS + 1, (int)row->action);
    sqlite3_bind_int64(stmt, COLUMNS + 2, row->from_us);
    sqlite3_bind_int64(stmt, COLUMNS + 3, row->until_us);
    sqlite3_bind_text(stmt, COLUMNS + 4, *row->document_key ? row->document_key : NULL, -1,
                      SQLITE_STATIC);
    sqlite3_bind_text(stmt, COLUMNS + 5, *row->document_fold ? row->document_fold : NULL, -1,
                      SQLITE_STATIC);
    sqlite3_bind_text(stmt, COLUMNS + 6, row->person_key, -1, SQLITE_STATIC);
    if (!dv_sqlite_run(stmt, error))
        return FALSE;
    list_state_add(writer->state, row->columns);
    writer->rows++;
    return TRUE;
}

static gboolean
write_meta(ListWriter *writer, const WatchlistProfile *profile, GError **error)
{
    g_autofree char *version = g_strdup_printf("%" G_GINT64_FORMAT, profile->version);
    g_autofree char *rows = g_strdup_printf("%" G_GINT64_FORMAT, writer->rows);
    g_autofree char *state = dv_hex(writer->state, DV_SHA256_SIZE);
    g_autofree char *generated = dv_time_format(profile->generated_us);
    g_autofree char *stale = dv_time_format(profile->stale_us);
    g_autofree char *expires = dv_time_format(profile->expires_us);
    const char *const pairs[][2] = {
        {"list_id", profile->list_id},
        {"title", profile->title},
        {"owner", profile->owner},
        {"kind", dv_watchlist_kind_word(profile->kind)},
        {"is_training", profile->is_training ? "true" : "false"},
        {"version", version},
        {"generated_at", generated},
        {"stale_after", stale},
        {"expires_at", expires},
        {"rows", rows},
        {"state_hash", state},
    };
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(writer->db, "INSERT INTO meta (key, value) VALUES (?,?)", error);

    if (stmt == NULL)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        sqlite3_bind_text(stmt, 1, pairs[i][0], -1, SQLITE_STATIC);
        sqlite3_bind_text(stmt, 2, pairs[i][1], -1, SQLITE_STATIC);
        if (!dv_sqlite_run(stmt, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
list_writer_finish(ListWriter *writer, const WatchlistProfile *profile, GError **error)
{
    g_clear_pointer(&writer->insert, sqlite3_finalize);
    return write_meta(writer, profile, error) && dv_sqlite_exec(writer->db, indices, error) &&
           dv_sqlite_exec(writer->db, "COMMIT", error) &&
           dv_sqlite_exec(writer->db, "ANALYZE", error);
}

void
list_writer_close(ListWriter *writer)
{
    sqlite3_finalize(writer->insert);
    sqlite3_close_v2(writer->db);
    memset(writer, 0, sizeof *writer);
}

/* ---- reading */

static gboolean
corrupt(GError **error, const char *path, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "list file %s: %s", path, what);
    return FALSE;
}

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

static GHashTable *
read_meta(sqlite3 *db, GError **error)
{
    g_autoptr(GHashTable) meta = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(db, "SELECT key, value FROM meta", error);
    gboolean row = FALSE;

    if (stmt == NULL)
        return NULL;
    for (;;) {
        if (!dv_sqlite_step(stmt, &row, error))
            return NULL;
        if (!row)
            return g_steal_pointer(&meta);
        g_hash_table_insert(meta, g_strdup((const char *)sqlite3_column_text(stmt, 0)),
                            g_strdup((const char *)sqlite3_column_text(stmt, 1)));
    }
}

static gboolean
take_meta(ListFile *file, GHashTable *meta, const char *path, gint64 *rows, GError **error)
{
    const char *kind = g_hash_table_lookup(meta, "kind");
    const char *training = g_hash_table_lookup(meta, "is_training");
    const char *version = g_hash_table_lookup(meta, "version");
    const char *count = g_hash_table_lookup(meta, "rows");
    const char *state = g_hash_table_lookup(meta, "state_hash");

    file->list_id = g_strdup(g_hash_table_lookup(meta, "list_id"));
    file->title = g_strdup(g_hash_table_lookup(meta, "title"));
    file->owner = g_strdup(g_hash_table_lookup(meta, "owner"));
    file->is_training = g_strcmp0(training, "true") == 0;
    file->kind = g_strcmp0(kind, "LOST_STOLEN") == 0 ? DV_WATCHLIST_KIND_LOST_STOLEN
                                                     : DV_WATCHLIST_KIND_ALERTS;
    if (file->list_id == NULL || file->title == NULL || file->owner == NULL || kind == NULL ||
        training == NULL || version == NULL || count == NULL || state == NULL ||
        !g_ascii_string_to_signed(version, 10, 1, G_MAXINT64, &file->version, NULL) ||
        !g_ascii_string_to_signed(count, 10, 0, G_MAXINT64, rows, NULL) ||
        !dv_hex_parse(state, file->state, DV_SHA256_SIZE) ||
        !dv_time_parse(g_hash_table_lookup(meta, "generated_at"), &file->generated_us, NULL) ||
        !dv_time_parse(g_hash_table_lookup(meta, "stale_after"), &file->stale_us, NULL) ||
        !dv_time_parse(g_hash_table_lookup(meta, "expires_at"), &file->expires_us, NULL))
        return corrupt(error, path, "its profile is damaged");
    return TRUE;
}

static gboolean
prepare_question(ListFile *file, GError **error)
{
    g_autoptr(GString) sql = g_string_new("SELECT ");

    for (int i = 0; i < COLUMNS; i++)
        g_string_append_printf(sql, "%s, ", watchlist_column_names[i]);
    g_string_append_printf(sql,
                           "document_key, document_fold, person_key FROM alert WHERE "
                           "(document_key = ?1 OR document_fold = ?2 OR person_key = ?3) "
                           "AND from_us <= ?4 AND ?4 < until_us LIMIT %d",
                           LIST_CANDIDATES + 1);
    file->ask = dv_sqlite_prepare(file->db, sql->str, error);
    return file->ask != NULL;
}

static gboolean
load(ListFile *file, const char *path, GError **error)
{
    gint64 application = 0, format = 0, promised = 0;

    file->db = dv_sqlite_open(path, DV_SQLITE_READ_ONLY, error);
    if (file->db == NULL || !read_number(file->db, "PRAGMA application_id", &application, error) ||
        !read_number(file->db, "PRAGMA user_version", &format, error))
        return FALSE;
    if (application != LIST_APPLICATION_ID)
        return corrupt(error, path, "this is no watchlist");
    if (format != LIST_FORMAT)
        return corrupt(error, path, "this program does not know its format version");
    g_autoptr(GHashTable) meta = read_meta(file->db, error);
    if (meta == NULL || !take_meta(file, meta, path, &promised, error) ||
        !read_number(file->db, "SELECT count(*) FROM alert", &file->rows, error) ||
        !read_number(file->db, "SELECT count(*) FROM alert WHERE document_key IS NOT NULL",
                     &file->documents, error) ||
        !read_number(file->db, "SELECT count(*) FROM alert WHERE person_key IS NOT NULL",
                     &file->persons, error))
        return FALSE;
    if (file->rows != promised)
        return corrupt(error, path, "it does not hold the rows that its profile promises");
    return prepare_question(file, error);
}

ListFile *
list_file_open(const char *path, GError **error)
{
    g_autoptr(ListFile) file = g_new0(ListFile, 1);

    return load(file, path, error) ? g_steal_pointer(&file) : NULL;
}

void
list_file_free(ListFile *file)
{
    if (file == NULL)
        return;
    sqlite3_finalize(file->ask);
    sqlite3_close_v2(file->db);
    g_free(file->list_id);
    g_free(file->title);
    g_free(file->owner);
    g_free(file);
}

gboolean
dv_watchlist_verify_file(const char *path, GError **error)
{
    g_autoptr(ListFile) file = list_file_open(path, error);
    g_autoptr(GString) sql = g_string_new("SELECT ");
    guint8 state[DV_SHA256_SIZE] = {0};
    gboolean row = FALSE;

    if (file == NULL)
        return FALSE;
    for (int i = 0; i < COLUMNS; i++)
        g_string_append_printf(sql, "%s%s", i > 0 ? ", " : "", watchlist_column_names[i]);
    g_string_append(sql, " FROM alert");
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(file->db, sql->str, error);
    if (stmt == NULL)
        return FALSE;
    for (;;) {
        const char *columns[COLUMNS];
        if (!dv_sqlite_step(stmt, &row, error))
            return FALSE;
        if (!row)
            break;
        for (int i = 0; i < COLUMNS; i++) {
            columns[i] = (const char *)sqlite3_column_text(stmt, i);
            if (columns[i] == NULL)
                return corrupt(error, path, "a row lacks a column");
        }
        list_state_add(state, columns);
    }
    if (!dv_equal_secret(state, file->state, DV_SHA256_SIZE))
        return corrupt(error, path, "its rows are not the ones that its state hash was made over");
    return TRUE;
}
