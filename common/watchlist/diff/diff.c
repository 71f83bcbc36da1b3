// SPDX-License-Identifier: Apache-2.0
/* Two lists side by side: both come in the same order, so that one pass over both will do. */
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/watchlist_diff.h>

#include <string.h>

#define PROGRESS_ROWS 4096u /* between two calls */

typedef struct {
    DvWatchlistRows *rows; /* NULL: no such list */
    const char *const *row;
} Side;

typedef struct {
    const DvWatchlistDiffOptions *options;
    DvWatchlistDiff *diff;
    Side older, newer;
    char today[11], due[11]; /* YYYY-MM-DD; dates of this form sort as text */
    guint64 read, total;
} Merge;

const char *
dv_watchlist_difference_word(DvWatchlistDifference difference)
{
    static const char *const words[DV_WATCHLIST_DIFFERENCES] = {
        [DV_WATCHLIST_ADDED] = "added",     [DV_WATCHLIST_REMOVED] = "removed",
        [DV_WATCHLIST_CHANGED] = "changed", [DV_WATCHLIST_ENDED] = "expired",
        [DV_WATCHLIST_DUE] = "review_due",  [DV_WATCHLIST_UNREVIEWED] = "no_review_date",
    };

    return words[difference];
}

static gboolean
advance(Merge *merge, Side *side, GError **error)
{
    side->row = NULL;
    if (side->rows == NULL)
        return TRUE;
    if (!dv_watchlist_rows_next(side->rows, &side->row, error))
        return FALSE;
    if (side->row != NULL && ++merge->read % PROGRESS_ROWS == 0 && merge->options->progress != NULL)
        merge->options->progress(merge->read, merge->total, merge->options->progress_data);
    return TRUE;
}

static gboolean
report(Merge *merge, DvWatchlistDifference difference, const char *const *older,
       const char *const *newer, GError **error)
{
    merge->diff->counts[difference]++;
    return merge->options->take == NULL ||
           merge->options->take(difference, older, newer, merge->options->take_data, error);
}

/* What is to be said of a row of the new list by itself. */
static gboolean
look_at_dates(Merge *merge, const char *const *row, GError **error)
{
    const char *review = row[DV_WATCHLIST_COLUMN_REVIEW_DATE];
    const char *until = row[DV_WATCHLIST_COLUMN_VALID_UNTIL];

    if (*review == '\0')
        return report(merge, DV_WATCHLIST_UNREVIEWED, NULL, row, error);
    if (strcmp(review, merge->today) < 0 || (*until != '\0' && strcmp(until, merge->today) < 0))
        return report(merge, DV_WATCHLIST_ENDED, NULL, row, error);
    if (merge->options->review_days > 0 && strcmp(review, merge->due) <= 0)
        return report(merge, DV_WATCHLIST_DUE, NULL, row, error);
    return TRUE;
}

/* The same alert in both: are all its members the same? */
static gboolean
compare(Merge *merge, GError **error)
{
    gboolean same = TRUE;

    for (int i = 0; i < DV_WATCHLIST_COLUMNS; i++) {
        if (strcmp(merge->older.row[i], merge->newer.row[i]) == 0)
            continue;
        same = FALSE;
        merge->diff->members[i]++;
    }
    if (same)
        merge->diff->unchanged++;
    return same || report(merge, DV_WATCHLIST_CHANGED, merge->older.row, merge->newer.row, error);
}

/* The alert that comes first, or the pair. */
static gboolean
step(Merge *merge, GError **error)
{
    const char *const *older = merge->older.row, *const *newer = merge->newer.row;
    int order = older == NULL ? 1 : newer == NULL ? -1 : dv_watchlist_rows_compare(older, newer);

    if (order < 0)
        return report(merge, DV_WATCHLIST_REMOVED, older, NULL, error) &&
               advance(merge, &merge->older, error);
    if (order > 0 && !report(merge, DV_WATCHLIST_ADDED, NULL, newer, error))
        return FALSE;
    if (order == 0 && !compare(merge, error))
        return FALSE;
    return look_at_dates(merge, newer, error) &&
           (order > 0 || advance(merge, &merge->older, error)) &&
           advance(merge, &merge->newer, error);
}

static gboolean
open_side(Merge *merge, Side *side, const char *const *layers, char **list_id, GError **error)
{
    const char *const *top = layers;

    if (layers[0] == NULL) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "no list file was named");
        return FALSE;
    }
    while (top[1] != NULL)
        top++;
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(top[0], error);
    if (info == NULL)
        return FALSE;
    side->rows = dv_watchlist_rows_new(layers, error);
    merge->total += (guint64)info->rows;
    if (*list_id != NULL && !g_str_equal(*list_id, info->list_id)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s and %s are two lists", *list_id,
                    info->list_id);
        return FALSE;
    }
    g_free(*list_id);
    *list_id = g_strdup(info->list_id);
    return side->rows != NULL;
}

static void
set_day(char day[11], gint64 at_us)
{
    g_autofree char *text = dv_time_format(at_us);

    g_strlcpy(day, text, 11);
}

static gboolean
run(Merge *merge, const char *const *older, const char *const *newer, GError **error)
{
    g_autofree char *list_id = NULL;

    if ((older != NULL && !open_side(merge, &merge->older, older, &list_id, error)) ||
        !open_side(merge, &merge->newer, newer, &list_id, error) ||
        !advance(merge, &merge->older, error) || !advance(merge, &merge->newer, error))
        return FALSE;
    while (merge->older.row != NULL || merge->newer.row != NULL)
        if (!step(merge, error))
            return FALSE;
    return TRUE;
}

gboolean
dv_watchlist_diff(const char *const *older, const char *const *newer,
                  const DvWatchlistDiffOptions *options, DvWatchlistDiff *diff, GError **error)
{
    Merge merge = {.options = options, .diff = diff};
    gint64 now_us = options->now_us != 0 ? options->now_us : dv_clock_wall_us();

    memset(diff, 0, sizeof *diff);
    set_day(merge.today, now_us);
    set_day(merge.due, now_us + options->review_days * G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC);
    gboolean ok = run(&merge, older, newer, error);
    dv_watchlist_rows_free(merge.older.rows);
    dv_watchlist_rows_free(merge.newer.rows);
    return ok;
}
