// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What every reader of a list's source owes: it ends, a line is an entry or says why it is none,
 * and whoever it calls a person has a bounded number of names. */
#include "reader.h"
#include <darvaza/clock.h>
#include <string.h>

#define LISTED_ALIASES_MAX 64

static inline gint64
fixed_time(void *data)
{
    (void)data;
    return G_GINT64_CONSTANT(1795460568) * G_USEC_PER_SEC;
}

static inline void
install_fixed_time(void)
{
    static const DvClock clock = {fixed_time, fixed_time, NULL};
    dv_clock_install(&clock);
}

static inline void
check_item(const WatchlistItem *item, gboolean persons_only)
{
    g_assert_true((item->object == NULL) == (item->passed_over != NULL));
    g_assert_cmpuint(item->line, >, 0);
    if (item->object == NULL)
        return;
    g_assert_true(json_is_object(item->object));
    if (persons_only) {
        g_assert_cmpstr(dv_json_string_or_null(item->object, "subject"), ==, "person");
        g_assert_cmpuint(json_array_size(json_object_get(item->object, "aliases")), <=,
                         LISTED_ALIASES_MAX);
    }
    for (guint i = 0; i < item->changes->len; i++)
        g_assert_true(g_str_is_ascii(g_ptr_array_index(item->changes, i)));
}

/* Takes the reader. Ends, and never yields more than it was given. */
static inline void
read_all(WatchlistReader *reader, gsize size, gboolean persons_only)
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
            check_item(&item, persons_only);
        watchlist_item_clear(&item);
        g_assert_cmpuint(items, <=, size);
    }
    watchlist_reader_free(reader);
}
