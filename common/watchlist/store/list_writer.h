// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Writing one layer. */
#include "stack.h"

typedef struct ListWriter ListWriter;
/* A file at path, which is not there yet. below: NULL for a full list; borrowed until the writer is
 * freed. profile: borrowed for the call. */
ListWriter *list_writer_new(const char *path, const WatchlistProfile *profile,
                            const ListStack *below, GError **error);
void list_writer_free(ListWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListWriter, list_writer_free)

/* line: for a plain document that is found to stand twice. DV_ERROR_CONFLICT: the alert id stands
 * in this layer already. *unchanged: the row stands below as it is, and nothing was written. */
gboolean list_writer_add(ListWriter *writer, const WatchlistRow *row, guint64 line,
                         gboolean *unchanged, GError **error);
/* DV_ERROR_INVALID: there is no such alert below, or it was removed already. */
gboolean list_writer_remove(ListWriter *writer, const char *alert_id, GError **error);
/* twice: called with the line of every plain document that was left out after all. */
typedef void (*ListTwice)(gpointer data, guint64 line);
gboolean list_writer_finish(ListWriter *writer, ListTwice twice, gpointer data, GError **error);
const ListMeta *list_writer_meta(const ListWriter *writer);
