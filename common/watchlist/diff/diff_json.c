// SPDX-License-Identifier: Apache-2.0
#include <darvaza/clock.h>
#include <darvaza/watchlist_diff.h>

#include <string.h>

/* The rows that are kept for the reader, so many of each difference. */
typedef struct {
    json_t *rows[DV_WATCHLIST_DIFFERENCES];
    guint most;
    gboolean capped;
} Keeper;

/* Members that say something; the arrays stand as arrays. */
static json_t *
row_json(const char *const *columns)
{
    json_t *row;

    if (columns == NULL)
        return json_null();
    row = json_object();
    for (int i = 0; i < DV_WATCHLIST_COLUMN_EXTRA; i++)
        if (*columns[i] != '\0')
            json_object_set_new(row, dv_watchlist_column_names[i], json_string(columns[i]));
    const char *extra = columns[DV_WATCHLIST_COLUMN_EXTRA];
    g_autoptr(json_t) arrays = json_loads(*extra != '\0' ? extra : "{}", 0, NULL);
    json_object_update_missing(row, arrays);
    return row;
}

/* Which members differ. */
static json_t *
members_json(const char *const *older, const char *const *newer)
{
    json_t *members = json_array();

    for (int i = 0; i < DV_WATCHLIST_COLUMNS && older != NULL && newer != NULL; i++)
        if (strcmp(older[i], newer[i]) != 0)
            json_array_append_new(members, json_string(dv_watchlist_column_names[i]));
    return members;
}

static gboolean
keep(DvWatchlistDifference difference, const char *const *older, const char *const *newer,
     void *data, GError **error)
{
    Keeper *keeper = data;
    const char *const *columns = newer != NULL ? newer : older;

    (void)error;
    if (json_array_size(keeper->rows[difference]) >= keeper->most) {
        keeper->capped = TRUE;
        return TRUE;
    }
    json_array_append_new(
        keeper->rows[difference],
        json_pack("{s:s, s:s, s:o, s:o, s:o}", "change", dv_watchlist_difference_word(difference),
                  "alert_id", columns[DV_WATCHLIST_COLUMN_ALERT_ID], "members",
                  members_json(older, newer), "before", row_json(older), "after", row_json(newer)));
    return TRUE;
}

static json_t *
counts_json(const DvWatchlistDiff *diff)
{
    json_t *counts = json_pack("{s:I}", "unchanged", (json_int_t)diff->unchanged);

    for (int i = 0; i < DV_WATCHLIST_DIFFERENCES; i++)
        json_object_set_new(counts, dv_watchlist_difference_word((DvWatchlistDifference)i),
                            json_integer((json_int_t)diff->counts[i]));
    return counts;
}

static json_t *
member_counts_json(const DvWatchlistDiff *diff)
{
    json_t *counts = json_object();

    for (int i = 0; i < DV_WATCHLIST_COLUMNS; i++)
        if (diff->members[i] > 0)
            json_object_set_new(counts, dv_watchlist_column_names[i],
                                json_integer((json_int_t)diff->members[i]));
    return counts;
}

static DvWatchlistInfo *
info_of(const char *const *layers, GError **error)
{
    while (layers[1] != NULL)
        layers++;
    return dv_watchlist_info(layers[0], error);
}

static json_t *
build(const char *const *older, const DvWatchlistInfo *newer, const DvWatchlistDiff *diff,
      json_t *rows, gboolean capped)
{
    g_autoptr(DvWatchlistInfo) before = older != NULL ? info_of(older, NULL) : NULL;

    return json_pack(
        "{s:s, s:o, s:I, s:s?, s:s, s:o, s:o, s:o, s:b}", "list_id", newer->list_id, "from",
        before != NULL ? json_integer((json_int_t)before->version) : json_null(), "to",
        (json_int_t)newer->version, "from_state_hash", before != NULL ? before->state_hash : NULL,
        "to_state_hash", newer->state_hash, "counts", counts_json(diff), "members",
        member_counts_json(diff), "rows", rows, "capped", capped);
}

json_t *
dv_watchlist_diff_json(const char *const *older, const char *const *newer, guint rows,
                       const DvWatchlistDiffOptions *options, GError **error)
{
    DvWatchlistDiffOptions mine = *options;
    Keeper keeper = {.most = rows};
    DvWatchlistDiff diff;
    g_autoptr(json_t) kept = json_array();
    json_t *json = NULL;

    for (int i = 0; i < DV_WATCHLIST_DIFFERENCES; i++)
        keeper.rows[i] = json_array();
    mine.take = keep;
    mine.take_data = &keeper;
    gboolean ok = dv_watchlist_diff(older, newer, &mine, &diff, error);
    for (int i = 0; i < DV_WATCHLIST_DIFFERENCES; i++) {
        json_array_extend(kept, keeper.rows[i]);
        json_decref(keeper.rows[i]);
    }
    g_autoptr(DvWatchlistInfo) info = ok ? info_of(newer, error) : NULL;
    if (info != NULL)
        json = build(older, info, &diff, g_steal_pointer(&kept), keeper.capped);
    return json;
}
