// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A source, whatever its format, as a stream of alerts in the members of the source format. */
#include "csv_record.h"

#include <darvaza/json.h>

typedef struct {
    json_t *object;          /* the row, to be judged; NULL: passed over */
    guint64 line;            /* where it begins; also of a bad one */
    const char *passed_over; /* why; static */
    GPtrArray *changes;      /* static strings, once each; the item's */
} WatchlistItem;
void watchlist_item_init(WatchlistItem *item);
void watchlist_item_clear(WatchlistItem *item);
/* Notes a change, once. rule is static and holds no data. */
void watchlist_item_change(WatchlistItem *item, const char *rule);

typedef struct WatchlistReader WatchlistReader;
struct WatchlistReader {
    /* WATCHLIST_LINE: *item holds a row or one passed over. WATCHLIST_BAD_LINE: refused. The item
     * is empty when next is called. */
    WatchlistLineResult (*next)(WatchlistReader *reader, WatchlistItem *item, GError **error);
    void (*free)(WatchlistReader *reader);
};

/* Each reads on from where input stands, and keeps it. */
WatchlistReader *watchlist_csv_reader(WatchlistInput *input);
WatchlistReader *watchlist_jsonl_reader(WatchlistInput *input);
WatchlistReader *watchlist_un_reader(WatchlistInput *input);
/* aliases: alt.csv, or NULL. NULL: it cannot be read. */
WatchlistReader *watchlist_sdn_reader(WatchlistInput *input, WatchlistInput *aliases,
                                      GError **error);
void watchlist_reader_free(WatchlistReader *reader);
