// SPDX-License-Identifier: Apache-2.0
#include "list_file.h"

#include <darvaza/error.h>

#include <string.h>

struct DvWatchlistRows {
    ListFile *file;
    sqlite3_stmt *stmt;
    const char *columns[COLUMNS];
};

DvWatchlistRows *
dv_watchlist_rows_new(const char *const *layers, GError **error)
{
    g_autoptr(DvWatchlistRows) rows = g_new0(DvWatchlistRows, 1);
    g_autoptr(GString) sql = g_string_new("SELECT ");

    if (layers[0] == NULL || layers[1] != NULL) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                            "stacks of layers cannot be read by this version yet");
        return NULL;
    }
    for (int i = 0; i < COLUMNS; i++)
        g_string_append_printf(sql, "%s%s", i > 0 ? ", " : "", dv_watchlist_column_names[i]);
    g_string_append(sql, " FROM alert ORDER BY alert_id");
    rows->file = list_file_open(layers[0], error);
    rows->stmt = rows->file != NULL ? dv_sqlite_prepare(rows->file->db, sql->str, error) : NULL;
    return rows->stmt != NULL ? g_steal_pointer(&rows) : NULL;
}

void
dv_watchlist_rows_free(DvWatchlistRows *rows)
{
    if (rows == NULL)
        return;
    sqlite3_finalize(rows->stmt);
    list_file_free(rows->file);
    g_free(rows);
}

gboolean
dv_watchlist_rows_next(DvWatchlistRows *rows, const char *const **columns, GError **error)
{
    gboolean row = FALSE;

    *columns = NULL;
    if (!dv_sqlite_step(rows->stmt, &row, error))
        return FALSE;
    for (int i = 0; row && i < COLUMNS; i++)
        rows->columns[i] = (const char *)sqlite3_column_text(rows->stmt, i);
    if (row)
        *columns = rows->columns;
    return TRUE;
}

int
dv_watchlist_rows_compare(const char *const *a, const char *const *b)
{
    return strcmp(a[COLUMN_ALERT_ID], b[COLUMN_ALERT_ID]);
}

void
dv_watchlist_row_hash(const char *const *columns, guint8 hash[32])
{
    guint8 state[DV_SHA256_SIZE] = {0};

    list_state_add(state, columns);
    memcpy(hash, state, sizeof state);
}

DvWatchlistInfo *
dv_watchlist_info(const char *path, GError **error)
{
    g_autoptr(ListFile) file = list_file_open(path, error);

    if (file == NULL)
        return NULL;
    DvWatchlistInfo *info = g_new0(DvWatchlistInfo, 1);
    info->list_id = g_strdup(file->list_id);
    info->title = g_strdup(file->title);
    info->owner = g_strdup(file->owner);
    info->version = file->version;
    info->generated_us = file->generated_us;
    info->stale_us = file->stale_us;
    info->expires_us = file->expires_us;
    info->rows = info->layer_rows = file->rows;
    info->state_hash = dv_hex(file->state, DV_SHA256_SIZE);
    info->is_training = file->is_training;
    return info;
}

void
dv_watchlist_info_free(DvWatchlistInfo *info)
{
    if (info == NULL)
        return;
    g_free(info->list_id);
    g_free(info->title);
    g_free(info->owner);
    g_free(info->state_hash);
    g_free(info);
}

gboolean
dv_watchlist_verify(const char *const *layers, GError **error)
{
    g_assert(layers[0] != NULL && layers[1] == NULL);
    return dv_watchlist_verify_file(layers[0], error);
}

gboolean
dv_watchlist_verify_top(const char *const *layers, GError **error)
{
    return dv_watchlist_verify(layers, error);
}
