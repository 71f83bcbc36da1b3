// SPDX-License-Identifier: Apache-2.0
/* Bytes as a watchlist's source: whatever row is taken carries what every alert must carry. */
#include "source.h"

#include <darvaza/clock.h>
#include <darvaza/watchlist_import.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static gint64
fixed(void *data)
{
    (void)data;
    return G_GINT64_CONSTANT(1795460568) * G_USEC_PER_SEC;
}

static void
check_taken(const WatchlistProfile *profile, const WatchlistRow *row)
{
    static const int duties[] = {COLUMN_LEGAL_BASIS, COLUMN_OWNER,       COLUMN_PURPOSE,
                                 COLUMN_ACTION,      COLUMN_REVIEW_DATE, COLUMN_ALERT_ID};

    for (gsize i = 0; i < G_N_ELEMENTS(duties); i++)
        g_assert_true(strlen(row->columns[duties[i]]) > 0);
    for (int i = 0; i < COLUMNS; i++)
        g_assert_true(g_utf8_validate(row->columns[i], -1, NULL));
    g_assert_true(row->from_us < row->until_us && row->until_us > profile->generated_us);
    g_assert_true(row->until_us - profile->generated_us <
                  (3 * 366 + 1) * 86400 * (gint64)G_USEC_PER_SEC);
    if (strcmp(row->columns[COLUMN_SUBJECT], "document") == 0)
        g_assert_true(*row->document_key != '\0');
    g_assert_cmpuint(strlen(row->document_key), ==, strlen(row->document_fold));
}

/* The values of a row that was taken, judged once more as columns, are taken again. */
static void
check_columns(const WatchlistProfile *profile, const WatchlistRow *row)
{
    g_autoptr(GError) error = NULL;
    WatchlistRow again;

    if (!watchlist_row_judge_columns(profile, row->columns, &again, &error))
        g_error("%s", error->message);
    for (int i = 0; i < COLUMNS; i++)
        g_assert_cmpstr(again.columns[i], ==, row->columns[i]);
    watchlist_row_clear(&again);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    static const DvClock clock = {fixed, fixed, NULL};
    WatchlistProfile profile = {.list_id = (char *)"f",
                                .generated_us = fixed(NULL),
                                .review_latest_us =
                                    fixed(NULL) + 3 * 366 * 86400 * (gint64)G_USEC_PER_SEC};
    g_autoptr(GError) error = NULL;
    WatchlistRow row;

    dv_clock_install(&clock);
    dv_watchlist_import_judge(data, size, DV_WATCHLIST_FORMAT_ANY);
    dv_watchlist_import_judge(data, size, DV_WATCHLIST_FORMAT_JSONL);
    const guint8 *end = size > 0 ? memchr(data, '\n', size) : NULL;
    gsize length = end != NULL ? (gsize)(end - data) : size;
    json_t *object = dv_json_parse(data, length, DV_WATCHLIST_LINE_MAX, &error);
    if (object != NULL && watchlist_row_judge(&profile, object, &row, &error)) {
        check_taken(&profile, &row);
        check_columns(&profile, &row);
        watchlist_row_clear(&row);
    } else {
        g_assert_nonnull(error);
        g_assert_true(g_utf8_validate(error->message, -1, NULL));
    }
    return 0;
}
