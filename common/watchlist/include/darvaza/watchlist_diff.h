// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What changes between two versions of a list (docs/formats/watchlist-diff.md): row by row for
 * whoever builds a delta, as JSON for whoever approves it. Both lists stream by; memory does not
 * grow with them.
 */
#include <darvaza/json.h>
#include <darvaza/watchlist_import.h>
#include <darvaza/watchlist_rows.h>

typedef enum {
    DV_WATCHLIST_ADDED,
    DV_WATCHLIST_REMOVED,
    DV_WATCHLIST_CHANGED,    /* the same alert with other members */
    DV_WATCHLIST_ENDED,      /* in the new list, and its validity or review date is past */
    DV_WATCHLIST_DUE,        /* in the new list, to be reviewed within the days asked for */
    DV_WATCHLIST_UNREVIEWED, /* in the new list, without a review date */
    DV_WATCHLIST_DIFFERENCES,
} DvWatchlistDifference;
/* "added", "removed", "changed", "expired", "review_due", "no_review_date"; static. */
const char *dv_watchlist_difference_word(DvWatchlistDifference difference);

/* older: NULL when added, or for what is said of the new list alone; newer: NULL when removed.
 * Columns are the callee's until it returns. FALSE ends the comparison with its error. */
typedef gboolean (*DvWatchlistDiffTaker)(DvWatchlistDifference difference, const char *const *older,
                                         const char *const *newer, void *data, GError **error);

typedef struct {
    gint64 now_us;             /* for ended and due; 0: the clock */
    guint review_days;         /* 0: none is due */
    DvWatchlistDiffTaker take; /* NULL: counts only */
    void *take_data;
    DvWatchlistProgress progress; /* rows read of both lists, and the rows of both */
    void *progress_data;
} DvWatchlistDiffOptions;

typedef struct {
    guint64 counts[DV_WATCHLIST_DIFFERENCES];
    guint64 unchanged;
    guint64 members[DV_WATCHLIST_COLUMNS]; /* in how many changed rows that member differs */
} DvWatchlistDiff;

/* Layers lowest first, NULL-terminated; older may be NULL: everything is added. DV_ERROR_INVALID:
 * the two are no versions of one list. */
gboolean dv_watchlist_diff(const char *const *older, const char *const *newer,
                           const DvWatchlistDiffOptions *options, DvWatchlistDiff *diff,
                           GError **error);
/* The same as JSON, with the first rows of each difference as they stand before and after.
 * options' taker is not used. The caller owns it. */
json_t *dv_watchlist_diff_json(const char *const *older, const char *const *newer, guint rows,
                               const DvWatchlistDiffOptions *options, GError **error);

/* The profile of a list file's list, as watchlist-source.md has it, without defaults: for whoever
 * builds a delta, or its content anew under a higher version. The caller owns it. */
json_t *dv_watchlist_profile_of(const char *path, GError **error);
/* What newer adds, changes and removes, as a layer for the list whose layers are older. DV_ERROR_
 * CORRUPT: older and that layer together would not be newer (nothing is then left at out_path).
 * *report (or NULL) is the caller's. */
gboolean dv_watchlist_delta(const char *const *older, const char *const *newer,
                            const char *out_path, DvWatchlistProgress progress, void *progress_data,
                            DvWatchlistReport **report, GError **error);
