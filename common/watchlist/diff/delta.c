// SPDX-License-Identifier: Apache-2.0
/* The difference of two versions as a layer of its own. */
#include "store/list_file.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/watchlist_diff.h>

#include <unistd.h>

static json_t *
thresholds_json(const ListMeta *meta)
{
    json_t *thresholds = json_object();

    for (int i = 0; i < DV_WATCHLIST_ACTIONS; i++)
        if (meta->thresholds[i] != 0)
            json_object_set_new(thresholds, dv_watchlist_action_word((DvWatchlistAction)i),
                                json_integer(meta->thresholds[i]));
    return thresholds;
}

json_t *
dv_watchlist_profile_of(const char *path, GError **error)
{
    g_autoptr(ListFile) file = list_file_open(path, error);

    if (file == NULL)
        return NULL;
    const ListMeta *meta = list_file_meta(file);
    g_autofree char *generated = dv_time_format(meta->generated_us);
    g_autofree char *stale = dv_time_format(meta->stale_us);
    g_autofree char *expires = dv_time_format(meta->expires_us);
    json_t *profile = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:s, s:s, s:s, s:b, s:o}", "list_id", meta->list_id, "title",
        meta->title, "owner", meta->owner, "kind",
        meta->kind == DV_WATCHLIST_KIND_LOST_STOLEN ? "lost_stolen" : "alerts", "version",
        (json_int_t)meta->version, "generated_at", generated, "stale_after", stale, "expires_at",
        expires, "is_training", meta->is_training, "thresholds", thresholds_json(meta));
    if (meta->person_threshold != 0)
        json_object_set_new(profile, "person_threshold", json_integer(meta->person_threshold));
    return profile;
}

static gboolean
put(DvWatchlistDifference difference, const char *const *older, const char *const *newer,
    void *data, GError **error)
{
    DvWatchlistBuilder *builder = data;

    if (difference == DV_WATCHLIST_REMOVED)
        return dv_watchlist_builder_remove(builder, older[DV_WATCHLIST_COLUMN_ALERT_ID], error);
    if (difference == DV_WATCHLIST_ADDED || difference == DV_WATCHLIST_CHANGED)
        return dv_watchlist_builder_add_columns(builder, newer, error);
    return TRUE;
}

static gboolean
build(DvWatchlistBuilder *builder, const char *const *older, const char *const *newer,
      DvWatchlistProgress progress, void *progress_data, DvWatchlistReport **report, GError **error)
{
    const DvWatchlistDiffOptions options = {
        .take = put, .take_data = builder, .progress = progress, .progress_data = progress_data};
    DvWatchlistDiff diff;

    return dv_watchlist_diff(older, newer, &options, &diff, error) &&
           dv_watchlist_builder_finish(builder, report, error);
}

gboolean
dv_watchlist_delta(const char *const *older, const char *const *newer, const char *out_path,
                   DvWatchlistProgress progress, void *progress_data, DvWatchlistReport **report,
                   GError **error)
{
    const char *top = newer[0];
    g_autoptr(DvWatchlistReport) made = NULL;

    for (guint i = 0; newer[i] != NULL; i++)
        top = newer[i];
    g_autoptr(DvWatchlistInfo) wanted = dv_watchlist_info(top, error);
    g_autoptr(json_t) profile = wanted != NULL ? dv_watchlist_profile_of(top, error) : NULL;
    g_autoptr(DvWatchlistBuilder) builder =
        profile != NULL ? dv_watchlist_builder_new(profile, older, out_path, error) : NULL;
    if (builder == NULL || !build(builder, older, newer, progress, progress_data, &made, error))
        return FALSE;
    if (!g_str_equal(made->state_hash, wanted->state_hash)) {
        unlink(out_path);
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT,
                    "list %s: the delta would not lead to version %" G_GINT64_FORMAT,
                    wanted->list_id, wanted->version);
        return FALSE;
    }
    if (report != NULL)
        *report = g_steal_pointer(&made);
    return TRUE;
}
