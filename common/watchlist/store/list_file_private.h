// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What the reader of single questions and the walk through all rows share. */
#include "list_file.h"

#define ALERT_COLUMNS                                                                              \
    "alert_id, subject, document_number, document_last, issuing_state, document_type, surname,"    \
    " given_names, name, birth_date, sex, nationality, extra, attribute, sum, id"

gboolean list_file_damaged(const ListFile *file, GError **error, const char *what);
void list_row_init(ListRow *row);
/* From a statement of ALERT_COLUMNS that stands on a row. */
gboolean list_file_take_alert(ListFile *file, sqlite3_stmt *stmt, ListRow *row, GError **error);
gboolean list_file_take_plain(ListFile *file, const DocEntry *entry, ListRow *row, GError **error);
/* A block in memory of the caller's own, since other questions may come in between. */
gboolean list_file_copy_block(ListFile *file, gint64 id, guint8 out[DOC_BLOCK_MAX],
                              DocBlockReader *reader, GError **error);
