// SPDX-License-Identifier: Apache-2.0
/* Bytes as CSV of the source format: every record is a row, or is refused. */
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
    static WatchlistInput input;

    dv_clock_install(&clock);
    watchlist_input_open_memory(&input, data, size);
    read_all(watchlist_csv_reader(&input), size);
    dv_watchlist_import_judge(data, size, DV_WATCHLIST_FORMAT_CSV);
    return 0;
}
