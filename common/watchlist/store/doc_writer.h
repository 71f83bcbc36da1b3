// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Document numbers into a list file: sorted outside of memory, then blocks, index and filter. */
#include "doc_block.h"

#include <darvaza/sqlite.h>

typedef struct DocWriter DocWriter;
/* folder: for scratch files. db is borrowed. */
DocWriter *doc_writer_new(sqlite3 *db, const char *folder, GError **error);
void doc_writer_free(DocWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DocWriter, doc_writer_free)

/* What an alert is found by. number: normalised; pieces of ranges are folded and may hold '*'. */
typedef struct {
    const char *number, *issuing_state, *document_type;
    guint64 line; /* of the source */
} DocNumber;

/* A plain document, of an attribute set. */
gboolean doc_writer_add_plain(DocWriter *writer, const DocNumber *number, gint64 attribute,
                              GError **error);
/* A number of an alert with a row of its own. */
gboolean doc_writer_add_alert(DocWriter *writer, const DocNumber *number, gint64 alert,
                              GError **error);
/* The id that this plain document would have is taken by such an alert. */
gboolean doc_writer_claim(DocWriter *writer, const DocNumber *number, GError **error);

/* A plain document that stands twice: the later line is left out. */
typedef gboolean (*DocTwice)(gpointer data, const DocNumber *number, gint64 attribute,
                             GError **error);
typedef struct {
    gint64 entries, parts; /* numbers in blocks; partitions of the filter */
} DocCounts;
gboolean doc_writer_finish(DocWriter *writer, DocTwice twice, gpointer data, DocCounts *counts,
                           GError **error);
