// SPDX-License-Identifier: Apache-2.0
/* What changes between the released version of a list and a new one: for people, and as a layer. */
#include "list_draft_private.h"
#include "progress.h"
#include <darvaza/error.h>
#include <darvaza/watchlist.h>
#include <darvaza/watchlist_build.h>
#include <darvaza/watchlist_diff.h>
#include <string.h>

#define ROWS_SHOWN 200 /* of each difference, in diff.json */

gboolean
draft_add_diff(Draft *draft, char **stack, const char *path, GError **error)
{
    const char *const newer[] = {path, NULL};
    const DvWatchlistDiffOptions options = {.review_days = 30};
    json_t *diff =
        dv_watchlist_diff_json((const char *const *)stack, newer, ROWS_SHOWN, &options, error);
    if (diff)
        json_array_append_new(draft->diffs, diff);
    return diff != NULL;
}

static gboolean
take_difference(DvWatchlistDifference difference, const char *const *older,
                const char *const *newer, void *data, GError **error)
{
    DvWatchlistBuilder *builder = data;
    switch (difference) {
    case DV_WATCHLIST_ADDED:
    case DV_WATCHLIST_CHANGED:
        return dv_watchlist_builder_add_columns(builder, newer, error);
    case DV_WATCHLIST_REMOVED:
        return dv_watchlist_builder_remove(builder, older[DV_WATCHLIST_COLUMN_ALERT_ID], error);
    default:
        return TRUE;
    }
}

/* The update on the old list must be the new list: the state hash proves it. */
static gboolean
proves(const DvWatchlistReport *report, const DvWatchlistInfo *info, GError **error)
{
    if (report->refused == 0 && g_strcmp0(report->state_hash, info->state_hash) == 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT,
                "the update of the list %s does not lead to its new version", info->list_id);
    return FALSE;
}

gboolean
draft_make_delta(Draft *draft, char **stack, const char *path, const DvWatchlistInfo *info,
                 const char *out_path, gboolean *made, gboolean *add_only, GError **error)
{
    GError *local = NULL;
    DvWatchlistDiff diff = {0};
    const char *const newer[] = {path, NULL};
    (void)draft;
    *made = FALSE;
    g_autoptr(json_t) profile = list_profile_of(path, error);
    if (!profile)
        return FALSE;
    g_autoptr(DvWatchlistBuilder) builder =
        dv_watchlist_builder_new(profile, (const char *const *)stack, out_path, &local);
    if (!builder) {
        gboolean unable = g_error_matches(local, DV_ERROR, DV_ERROR_UNAVAILABLE);
        if (unable)
            g_error_free(local);
        else
            g_propagate_error(error, local);
        return unable;
    }
    DvProgress progress;
    const DvWatchlistDiffOptions options = {.take = take_difference,
                                            .take_data = builder,
                                            .progress = dv_progress_callback,
                                            .progress_data = &progress};
    g_autoptr(DvWatchlistReport) report = NULL;
    dv_progress_begin(&progress, "making the update", DV_PROGRESS_ROWS);
    gboolean compared =
        dv_watchlist_diff((const char *const *)stack, newer, &options, &diff, &local);
    dv_progress_end(&progress);
    if (!compared || !dv_watchlist_builder_finish(builder, &report, &local)) {
        g_propagate_error(error, local);
        return FALSE;
    }
    *made = TRUE;
    *add_only = diff.counts[DV_WATCHLIST_REMOVED] == 0 && diff.counts[DV_WATCHLIST_CHANGED] == 0;
    return proves(report, info, error);
}
