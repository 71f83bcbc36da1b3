// SPDX-License-Identifier: Apache-2.0
#include "sdn_aliases.h"

#include <darvaza/error.h>
#include <darvaza/sqlite.h>

#include <string.h>

#define COLUMNS_OF_ALT 5

struct SdnAliases {
    sqlite3 *db; /* temporary: SQLite keeps it in a file that goes with it */
    sqlite3_stmt *insert, *find;
};

static gboolean
prepare(SdnAliases *aliases, GError **error)
{
    static const char schema[] = "CREATE TABLE alias (person TEXT NOT NULL, place INTEGER NOT NULL,"
                                 " name TEXT NOT NULL, low INTEGER NOT NULL,"
                                 " PRIMARY KEY (person, place)) STRICT, WITHOUT ROWID; BEGIN;";

    if (sqlite3_open("", &aliases->db) != SQLITE_OK) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_IO, "cannot open a temporary database");
        return FALSE;
    }
    if (!dv_sqlite_exec(aliases->db, schema, error))
        return FALSE;
    aliases->insert =
        dv_sqlite_prepare(aliases->db, "INSERT INTO alias VALUES (?, ?, ?, ?)", error);
    if (aliases->insert == NULL)
        return FALSE;
    aliases->find = dv_sqlite_prepare(
        aliases->db, "SELECT name, low FROM alias WHERE person = ? ORDER BY place", error);
    return aliases->find != NULL;
}

SdnAliases *
sdn_aliases_new(GError **error)
{
    SdnAliases *aliases = g_new0(SdnAliases, 1);

    if (prepare(aliases, error))
        return aliases;
    sdn_aliases_free(aliases);
    return NULL;
}

void
sdn_aliases_free(SdnAliases *aliases)
{
    if (aliases == NULL)
        return;
    sqlite3_finalize(aliases->insert);
    sqlite3_finalize(aliases->find);
    sqlite3_close_v2(aliases->db);
    g_free(aliases);
}

gboolean
sdn_aliases_add(SdnAliases *aliases, const WatchlistCsv *record, GError **error)
{
    if (record->count != COLUMNS_OF_ALT) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "a row of alt.csv has 5 fields");
        return FALSE;
    }
    g_autofree char *remarks = g_ascii_strdown(record->fields[4], -1);
    sqlite3_bind_text(aliases->insert, 1, record->fields[0], -1, SQLITE_STATIC);
    sqlite3_bind_int64(aliases->insert, 2, (sqlite3_int64)record->line);
    sqlite3_bind_text(aliases->insert, 3, record->fields[3], -1, SQLITE_STATIC);
    sqlite3_bind_int(aliases->insert, 4, strstr(remarks, "weak") != NULL);
    return dv_sqlite_run(aliases->insert, error);
}

gboolean
sdn_aliases_find(SdnAliases *aliases, const char *number, SdnAliasTaker take, void *data,
                 GError **error)
{
    gboolean row, ok;

    sqlite3_bind_text(aliases->find, 1, number, -1, SQLITE_STATIC);
    while ((ok = dv_sqlite_step(aliases->find, &row, error)) && row)
        take((const char *)sqlite3_column_text(aliases->find, 0),
             sqlite3_column_int(aliases->find, 1) != 0, data);
    sqlite3_reset(aliases->find);
    sqlite3_clear_bindings(aliases->find);
    return ok;
}
