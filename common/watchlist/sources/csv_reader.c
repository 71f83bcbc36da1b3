// SPDX-License-Identifier: Apache-2.0
/* Our own CSV: the first record names the members, every further one is an alert. */
#include "reader.h"
#include "source.h"

#include <darvaza/error.h>

#include <string.h>

typedef struct {
    WatchlistReader base;
    WatchlistInput *input;
    WatchlistCsv csv;
    char **names; /* the header; NULL: not read yet */
} CsvReader;

/* A cell of one of the arrays holds JSON text, every other one is the value itself. */
static json_t *
cell(const char *name, const char *text, GError **error)
{
    gboolean is_json = g_strv_contains(watchlist_extra_members, name) &&
                       strchr("[{\"", text[strspn(text, " \t\r\n")]) != NULL;

    if (!is_json) /* plain text for an array is the judge's to refuse, or good for questions */
        return json_string(text);
    return dv_json_parse(text, strlen(text), DV_WATCHLIST_LINE_MAX, error);
}

static json_t *
row(const CsvReader *reader, GError **error)
{
    g_autoptr(json_t) object = json_object();

    if (reader->csv.count != g_strv_length(reader->names)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%u fields stand under %u column names",
                    reader->csv.count, g_strv_length(reader->names));
        return NULL;
    }
    for (guint i = 0; i < reader->csv.count; i++) {
        if (*reader->csv.fields[i] == '\0')
            continue;
        json_t *value = cell(reader->names[i], reader->csv.fields[i], error);
        if (value == NULL) {
            g_prefix_error(error, "%s: ", reader->names[i]);
            return NULL;
        }
        json_object_set_new(object, reader->names[i], value);
    }
    return g_steal_pointer(&object);
}

/* Without its header a CSV source means nothing: what is wrong with it is wrong with all. */
static WatchlistLineResult
take_header(CsvReader *reader, GError **error)
{
    WatchlistLineResult result = watchlist_csv_next(&reader->csv, reader->input, error);

    if (result != WATCHLIST_LINE)
        return result == WATCHLIST_END ? WATCHLIST_END : WATCHLIST_TROUBLE;
    reader->names = g_new0(char *, reader->csv.count + 1);
    for (guint i = 0; i < reader->csv.count; i++) {
        const char *name = reader->csv.fields[i];
        gboolean known = g_strv_contains(watchlist_column_names, name) ||
                         g_strv_contains(watchlist_extra_members, name);
        if (!known || g_str_equal(name, "extra") ||
            g_strv_contains((const char *const *)reader->names, name)) {
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                        "line %" G_GUINT64_FORMAT ": column %u is no member of an alert, or stands "
                        "twice",
                        reader->csv.line, i + 1);
            return WATCHLIST_TROUBLE;
        }
        reader->names[i] = g_strdup(name);
    }
    return WATCHLIST_LINE;
}

static WatchlistLineResult
next_csv(WatchlistReader *base, WatchlistItem *item, GError **error)
{
    CsvReader *reader = (CsvReader *)base;
    WatchlistLineResult result = WATCHLIST_LINE;

    if (reader->names == NULL)
        result = take_header(reader, error);
    if (result == WATCHLIST_LINE)
        result = watchlist_csv_next(&reader->csv, reader->input, error);
    item->line = reader->csv.line;
    if (result != WATCHLIST_LINE)
        return result;
    item->object = row(reader, error);
    return item->object != NULL ? WATCHLIST_LINE : WATCHLIST_BAD_LINE;
}

static void
free_csv(WatchlistReader *base)
{
    CsvReader *reader = (CsvReader *)base;

    watchlist_csv_clear(&reader->csv);
    g_strfreev(reader->names);
    g_free(reader);
}

WatchlistReader *
watchlist_csv_reader(WatchlistInput *input)
{
    CsvReader *reader = g_new0(CsvReader, 1);

    reader->base.next = next_csv;
    reader->base.free = free_csv;
    reader->input = input;
    watchlist_csv_init(&reader->csv);
    return &reader->base;
}
