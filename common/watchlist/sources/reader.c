// SPDX-License-Identifier: Apache-2.0
#include "reader.h"

#include <string.h>

void
watchlist_item_init(WatchlistItem *item)
{
    memset(item, 0, sizeof *item);
    item->changes = g_ptr_array_new();
}

void
watchlist_item_clear(WatchlistItem *item)
{
    g_clear_pointer(&item->object, json_decref);
    g_clear_pointer(&item->changes, g_ptr_array_unref);
}

void
watchlist_item_change(WatchlistItem *item, const char *rule)
{
    for (guint i = 0; i < item->changes->len; i++)
        if (g_str_equal(g_ptr_array_index(item->changes, i), rule))
            return;
    g_ptr_array_add(item->changes, (gpointer)rule);
}

void
watchlist_reader_free(WatchlistReader *reader)
{
    if (reader != NULL)
        reader->free(reader);
}
