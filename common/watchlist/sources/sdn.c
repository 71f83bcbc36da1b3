// SPDX-License-Identifier: Apache-2.0
/* OFAC's SDN list as CSV: sdn.csv, and alt.csv for further names. */
#include "sdn_aliases.h"
#include "sdn_remarks.h"

#include <darvaza/error.h>

#include <string.h>

#define NOTHING "-0-"

/* The columns of sdn.csv. */
enum { NUMBER, NAME, TYPE, PROGRAM, TITLE, REMARKS = 11, COLUMNS_OF_SDN };

typedef struct {
    WatchlistReader base;
    WatchlistInput *input, *alias_input; /* alias_input: NULL once read, or for none */
    WatchlistCsv csv, alias_csv;
    SdnAliases *aliases; /* NULL: none */
    AlertDraft draft;
} SdnReader;

static const char *
value(const WatchlistCsv *csv, guint column)
{
    return g_str_equal(csv->fields[column], NOTHING) ? "" : csv->fields[column];
}

/* Both files end in a record of one control character. */
static gboolean
is_end_mark(const WatchlistCsv *csv)
{
    return csv->count == 1 && g_str_equal(csv->fields[0], "\x1a");
}

static void
take_alias(const char *name, gboolean is_low, void *data)
{
    alert_draft_alias(data, name, is_low);
}

static gboolean
take_individual(SdnReader *reader, WatchlistItem *item, GError **error)
{
    const WatchlistCsv *csv = &reader->csv;
    AlertDraft *draft = &reader->draft;

    alert_draft_begin(draft, item);
    alert_draft_set(draft, "subject", "person");
    alert_draft_set(draft, "alert_id", value(csv, NUMBER));
    alert_draft_name(draft, value(csv, NAME));
    alert_draft_reason(draft, "Programme: ", value(csv, PROGRAM));
    alert_draft_reason(draft, NULL, value(csv, TITLE));
    if (reader->aliases != NULL &&
        !sdn_aliases_find(reader->aliases, csv->fields[NUMBER], take_alias, draft, error)) {
        alert_draft_clear(draft);
        return FALSE;
    }
    watchlist_sdn_remarks(draft, value(csv, REMARKS));
    alert_draft_end(draft);
    return TRUE;
}

static WatchlistLineResult
take_record(SdnReader *reader, WatchlistItem *item, GError **error)
{
    if (reader->csv.count != COLUMNS_OF_SDN) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "a row of sdn.csv has 12 fields");
        return WATCHLIST_BAD_LINE;
    }
    if (g_str_equal(reader->csv.fields[TYPE], "individual"))
        return take_individual(reader, item, error) ? WATCHLIST_LINE : WATCHLIST_TROUBLE;
    item->passed_over = g_str_equal(reader->csv.fields[TYPE], NOTHING)
                            ? "an entity is no person"
                            : "a vessel or an aircraft is no person";
    return WATCHLIST_LINE;
}

/* All of alt.csv, before the first person. A bad row of it is refused like any other. */
static WatchlistLineResult
read_aliases(SdnReader *reader, WatchlistItem *item, GError **error)
{
    g_autoptr(GError) refused = NULL;

    for (;;) {
        WatchlistLineResult result =
            watchlist_csv_next(&reader->alias_csv, reader->alias_input, &refused);
        item->line = reader->alias_csv.line;
        if (result == WATCHLIST_END)
            return WATCHLIST_END;
        if (result == WATCHLIST_LINE &&
            (is_end_mark(&reader->alias_csv) ||
             sdn_aliases_add(reader->aliases, &reader->alias_csv, &refused)))
            continue;
        gboolean bad = g_error_matches(refused, DV_ERROR, DV_ERROR_INVALID);
        g_propagate_prefixed_error(error, g_steal_pointer(&refused), "aliases: ");
        return bad ? WATCHLIST_BAD_LINE : WATCHLIST_TROUBLE;
    }
}

static WatchlistLineResult
next_item(WatchlistReader *base, WatchlistItem *item, GError **error)
{
    SdnReader *reader = (SdnReader *)base;

    if (reader->alias_input != NULL) {
        WatchlistLineResult result = read_aliases(reader, item, error);
        if (result != WATCHLIST_END)
            return result;
        reader->alias_input = NULL;
    }
    for (;;) {
        WatchlistLineResult result = watchlist_csv_next(&reader->csv, reader->input, error);
        item->line = reader->csv.line;
        if (result != WATCHLIST_LINE)
            return result;
        if (!is_end_mark(&reader->csv))
            return take_record(reader, item, error);
    }
}

static void
free_reader(WatchlistReader *base)
{
    SdnReader *reader = (SdnReader *)base;

    watchlist_csv_clear(&reader->csv);
    watchlist_csv_clear(&reader->alias_csv);
    sdn_aliases_free(reader->aliases);
    g_free(reader);
}

WatchlistReader *
watchlist_sdn_reader(WatchlistInput *input, WatchlistInput *aliases, GError **error)
{
    SdnReader *reader = g_new0(SdnReader, 1);

    reader->base.next = next_item;
    reader->base.free = free_reader;
    reader->input = input;
    reader->alias_input = aliases;
    watchlist_csv_init(&reader->csv);
    watchlist_csv_init(&reader->alias_csv);
    if (aliases != NULL && (reader->aliases = sdn_aliases_new(error)) == NULL) {
        free_reader(&reader->base);
        return NULL;
    }
    return &reader->base;
}
