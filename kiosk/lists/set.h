// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The list folder on disk (docs/formats/list-folder.md): the set in force, its layers, the status.
 */
#include "states.h"

#include <darvaza/trust.h>
#include <glib.h>

typedef struct {
    char *list_id;
    gint64 version;
    GPtrArray *layers; /* char *, file names below layers/, lowest first */
} ListsSetList;

typedef struct {
    gint64 epoch, release; /* 0: nothing is in force */
    GPtrArray *lists;      /* ListsSetList */
} ListsSet;

ListsSet *lists_set_new(void);
void lists_set_free(ListsSet *set);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListsSet, lists_set_free)
/* The set's own entry of a list; NULL when it is not in it. */
ListsSetList *lists_set_find(const ListsSet *set, const char *list_id);
ListsSetList *lists_set_add(ListsSet *set, const char *list_id, gint64 version);

/* current.json; a missing one is an empty set. DV_ERROR_CORRUPT for one that cannot be read. */
ListsSet *lists_set_read(const char *folder, GError **error);
/* In place by one rename, durable when TRUE. installed_us: stands in the file for people. */
gboolean lists_set_write(const ListsSet *set, const char *folder, gint64 installed_us,
                         GError **error);
/* LISTS/layers/NAME as a path; caller frees. */
char *lists_layer_path(const char *folder, const char *layer);
/* The paths of a list's layers, NULL-terminated; free with g_strfreev. */
char **lists_layer_paths(const char *folder, const ListsSetList *list);
/* Removes the layer files that set does not name. */
void lists_folder_collect(const char *folder, const ListsSet *set);
/* Removes what lies in download/. */
void lists_folder_clear_downloads(const char *folder);

typedef struct {
    gint64 epoch, release; /* in force */
    const char *state;     /* lists_state_word, or "STOPPED" */
    DvTrustReason reason;  /* of the last attempt; OK: it succeeded or there was nothing to do */
    const char *detail;    /* sentence, "" */
    const char *volume;    /* "ENCRYPTED", "PLAIN", "UNKNOWN" */
    gint64 at_us;
} ListsStatus;
/* status.json; not durable: whoever starts says it again. */
gboolean lists_status_write(const ListsStatus *status, const char *folder, GError **error);
