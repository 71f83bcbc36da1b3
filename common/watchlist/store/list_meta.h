// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What a layer says of itself: the table meta. */
#include "list_state.h"

#include <darvaza/sqlite.h>

typedef struct {
    char *list_id, *title, *owner;
    DvWatchlistKind kind;
    gboolean is_training, is_delta;
    gint64 version, base_version; /* base_version: 0 for a full list */
    gint64 generated_us, stale_us, expires_us;
    guint person_threshold, thresholds[DV_WATCHLIST_ACTIONS]; /* 0: not said */
    /* Of the whole list, with the layers below. documents, persons: alerts that a number, or a name
     * with a whole date, can reach exactly. */
    gint64 rows, documents, persons;
    ListState state;
    /* Of this layer alone. removed: rows below that it takes away or replaces. */
    gint64 layer_rows, removed, plain, alerts, ranges, entries, parts;
} ListMeta;
void list_meta_clear(ListMeta *meta);
/* Takes what a profile says. */
void list_meta_from_profile(ListMeta *meta, const WatchlistProfile *profile);
gboolean list_meta_write(const ListMeta *meta, sqlite3 *db, GError **error);
gboolean list_meta_read(ListMeta *meta, sqlite3 *db, const char *path, GError **error);
