// SPDX-License-Identifier: Apache-2.0
/* Bytes as OFAC's SDN list with its aliases: whoever comes out is a person of bounded size. */
#include "reader.h"

#include <darvaza/clock.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static gint64
fixed(void *data)
{
    (void)data;
    return G_GINT64_CONSTANT(1795460568) * G_USEC_PER_SEC;
}

static void
check_item(const WatchlistItem *item)
{
    g_assert_true((item->object == NULL) == (item->passed_over != NULL));
    g_assert_cmpuint(item->line, >, 0);
    if (item->object == NULL)
        return;
    g_assert_true(json_is_object(item->object));
    g_assert_cmpstr(dv_json_string_or_null(item->object, "subject"), ==, "person");
    g_assert_cmpuint(json_array_size(json_object_get(item->object, "aliases")), <=, 64);
    for (guint i = 0; i < item->changes->len; i++)
        g_assert_true(g_str_is_ascii(g_ptr_array_index(item->changes, i)));
}

/* Ends, and never yields more than it was given. */
static void
read_all(WatchlistReader *reader, gsize size)
{
    WatchlistLineResult result = WATCHLIST_LINE;

    for (gsize items = 0; result == WATCHLIST_LINE || result == WATCHLIST_BAD_LINE; items++) {
        g_autoptr(GError) error = NULL;
        WatchlistItem item;

        watchlist_item_init(&item);
        result = reader->next(reader, &item, &error);
        g_assert_true((error != NULL) ==
                      (result == WATCHLIST_BAD_LINE || result == WATCHLIST_TROUBLE));
        if (error != NULL)
            g_assert_true(g_utf8_validate(error->message, -1, NULL));
        if (result == WATCHLIST_LINE)
            check_item(&item);
        watchlist_item_clear(&item);
        g_assert_cmpuint(items, <=, size);
    }
    watchlist_reader_free(reader);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    static const DvClock clock = {fixed, fixed, NULL};
    static WatchlistInput input, aliases;

    dv_clock_install(&clock);
    /* sdn.csv, and behind a line of its own alt.csv. */
    const char *mark =
        size == 0 ? NULL : g_strstr_len((const char *)data, (gssize)size, "\n====\n");
    gsize first = mark != NULL ? (gsize)(mark + 1 - (const char *)data) : size;
    watchlist_input_open_memory(&input, data, first);
    if (mark != NULL)
        watchlist_input_open_memory(&aliases, mark + 6, size - first - 5);
    read_all(watchlist_sdn_reader(&input, mark != NULL ? &aliases : NULL, NULL), size);
    dv_watchlist_import_judge(data, size, DV_WATCHLIST_FORMAT_OFAC_SDN);
    return 0;
}
