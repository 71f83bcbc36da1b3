// SPDX-License-Identifier: Apache-2.0
#pragma once
/* All partitions of a list's filter, from hashes in any order; sorted outside of memory. */
#include <darvaza/sqlite.h>

typedef struct FilterWriter FilterWriter;
FilterWriter *filter_writer_new(sqlite3 *db, const char *folder, GError **error);
void filter_writer_free(FilterWriter *writer);
gboolean filter_writer_add(FilterWriter *writer, guint64 hash, GError **error);
/* *parts: how many were written; 0 for a list without numbers. */
gboolean filter_writer_finish(FilterWriter *writer, gint64 *parts, GError **error);
