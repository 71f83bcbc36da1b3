// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What many rows share is written once: sets of attributes (action, legal basis ... reason), and
 * classes of plain documents (issuer, type, attribute set). A bounded number is remembered; beyond
 * it a row gets its own, so that memory does not grow with the list.
 */
#include "source.h"

#include <darvaza/sqlite.h>

enum { ATTRIBUTE_FIRST = COLUMN_ACTION, ATTRIBUTE_LAST = COLUMN_REASON };
#define ATTRIBUTES (ATTRIBUTE_LAST - ATTRIBUTE_FIRST + 1)

typedef struct Attributes Attributes;
Attributes *attributes_new(sqlite3 *db, GError **error);
void attributes_free(Attributes *attributes);
gboolean attributes_take(Attributes *attributes, const char *const columns[COLUMNS], gint64 *id,
                         GError **error);

typedef struct DocClasses DocClasses;
DocClasses *doc_classes_new(sqlite3 *db, GError **error);
void doc_classes_free(DocClasses *classes);
/* *id: what rank and attribute know it by. */
gboolean doc_classes_take(DocClasses *classes, const char *issuing_state, const char *document_type,
                          gint64 attribute, gint64 *id, GError **error);
/* Writes the classes, the most frequent first, so that it has the shortest number. */
gboolean doc_classes_finish(DocClasses *classes, GError **error);
/* After that: the row of doc_class. */
gint64 doc_classes_rank(const DocClasses *classes, gint64 id);
gboolean doc_classes_attribute(DocClasses *classes, gint64 id, gint64 *attribute, GError **error);
