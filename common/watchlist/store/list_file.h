// SPDX-License-Identifier: Apache-2.0
#pragma once
/* One layer of a list: one SQLite database (docs/formats/watchlist-file.md), read by mapping it. */
#include "doc_block.h"
#include "list_meta.h"
#include "person/person.h"

#define LIST_APPLICATION_ID 0x4456574c /* "DVWL" */
#define LIST_FORMAT 2

typedef struct ListFile ListFile;

/* Takes the same time for every size of list. */
ListFile *list_file_open(const char *path, GError **error);
void list_file_free(ListFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListFile, list_file_free)
const ListMeta *list_file_meta(const ListFile *file);
const char *list_file_path(const ListFile *file);
sqlite3 *list_file_db(const ListFile *file);
PersonIndex *list_file_person_index(const ListFile *file);

/* One row. Its texts belong to the file and stay until the next row is read from it. */
typedef struct {
    const char *columns[COLUMNS];
    gint64 alert; /* row of alert; 0: a plain document */
    gint64 from_us, until_us;
    char number[DOC_NUMBER_MAX + 1], id[ALERT_ID_MAX + 1];
} ListRow;

/* Every number that is listed under the key. FALSE of visit ends it with visit's error. */
typedef gboolean (*ListVisit)(gpointer data, const DocEntry *entry, GError **error);
gboolean list_file_find(ListFile *file, const DocKey *key, ListVisit visit, gpointer data,
                        GError **error);
/* Every number from the key on, in order, without asking the filter. A visit that is done sets
 * *done. */
typedef gboolean (*ListWalk)(gpointer data, const DocEntry *entry, gboolean *done, GError **error);
gboolean list_file_walk(ListFile *file, const DocKey *from, ListWalk visit, gpointer data,
                        GError **error);

/* The row that an entry leads to. */
gboolean list_file_entry_row(ListFile *file, const DocEntry *entry, ListRow *row, GError **error);
gboolean list_file_alert(ListFile *file, gint64 alert, ListRow *row, GError **error);
/* *found FALSE: no alert has this id in this layer. */
gboolean list_file_by_id(ListFile *file, const char *alert_id, ListRow *row, gboolean *found,
                         GError **error);
/* Whether this layer takes the id away from the layers below. */
gboolean list_file_buries(ListFile *file, const char *alert_id, gboolean *buries, GError **error);
/* Alerts that stand under an exact person key. At most max; *alerts of gint64. */
gboolean list_file_persons(ListFile *file, const char *person_key, guint max, GArray *alerts,
                           GError **error);

/* One row after the other: alerts by id, then plain documents by number. *row NULL: the end. */
typedef struct ListIter ListIter;
ListIter *list_iter_new(ListFile *file, GError **error);
void list_iter_free(ListIter *iter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListIter, list_iter_free)
gboolean list_iter_next(ListIter *iter, const ListRow **row, GError **error);
/* The same for the ids that the layer takes away; NULL: the end. */
typedef gboolean (*ListBuried)(gpointer data, const char *alert_id, GError **error);
gboolean list_file_each_buried(ListFile *file, ListBuried visit, gpointer data, GError **error);

/* Issuer, type and number of an id that was derived from them (ISSUER.TYPE.NUMBER). FALSE: it is
 * none. The texts are written into id's parts. */
typedef struct {
    char issuing_state[4], document_type[3], number[DOC_NUMBER_MAX + 1];
} DerivedId;
gboolean list_derived_id(const char *alert_id, DerivedId *parts);
