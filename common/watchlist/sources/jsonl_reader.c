// SPDX-License-Identifier: Apache-2.0
/* Our own JSON lines: an alert a line. */
#include "reader.h"

typedef struct {
    WatchlistReader base;
    WatchlistInput *input;
    WatchlistLines lines;
} JsonReader;

static WatchlistLineResult
next_json(WatchlistReader *base, WatchlistItem *item, GError **error)
{
    JsonReader *reader = (JsonReader *)base;
    WatchlistLineResult result = watchlist_lines_next(&reader->lines, error);
    const GString *line = reader->lines.line;

    item->line = reader->lines.number;
    if (result != WATCHLIST_LINE)
        return result;
    item->object = dv_json_parse(line->str, line->len, DV_WATCHLIST_LINE_MAX, error);
    return item->object != NULL ? WATCHLIST_LINE : WATCHLIST_BAD_LINE;
}

static void
free_json(WatchlistReader *base)
{
    JsonReader *reader = (JsonReader *)base;

    watchlist_lines_clear(&reader->lines);
    g_free(reader);
}

WatchlistReader *
watchlist_jsonl_reader(WatchlistInput *input)
{
    JsonReader *reader = g_new0(JsonReader, 1);

    reader->base.next = next_json;
    reader->base.free = free_json;
    watchlist_lines_init(&reader->lines, input);
    return &reader->base;
}
