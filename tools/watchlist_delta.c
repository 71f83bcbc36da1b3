// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist delta: the difference of two versions as a layer. */
#include "commands.h"
#include "progress.h"
#include "watchlist_tool.h"
#include <darvaza/watchlist_diff.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza watchlist delta OLD NEW --out FILE\n"
    "\n"
    "Writes what NEW adds, changes and removes as a layer that goes on top of OLD. Both are named\n"
    "as for diff: a version of several layers with commas, lowest first. FILE is not written\n"
    "unless OLD and it together are NEW, row by row. Prints a summary as JSON.\n"
    "\n"
    "Exit status: 0 done, 1 could not be done, 2 bad use.\n";

static int
run(const char *old_names, const char *new_names, const char *out)
{
    g_auto(GStrv) older = g_strsplit(old_names, ",", -1);
    g_auto(GStrv) newer = g_strsplit(new_names, ",", -1);
    g_autoptr(DvWatchlistReport) report = NULL;
    g_autoptr(GError) error = NULL;
    DvProgress progress;

    dv_progress_begin(&progress, "comparing", DV_PROGRESS_ROWS);
    gboolean ok = dv_watchlist_delta((const char *const *)older, (const char *const *)newer, out,
                                     dv_progress_callback, &progress, &report, &error);
    dv_progress_end(&progress);
    if (!ok)
        return dv_watchlist_tool_failed(error);
    g_autoptr(json_t) summary =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:s}", "list_id", report->list_id, "version",
                  (json_int_t)report->version, "rows", (json_int_t)report->rows, "layer_rows",
                  (json_int_t)report->taken, "removed", (json_int_t)report->removed, "state_hash",
                  report->state_hash);
    dv_watchlist_tool_print(summary);
    return DV_EXIT_OK;
}

int
dv_watchlist_tool_delta(int argc, char **argv)
{
    const char *older = NULL, *newer = NULL, *out = NULL;

    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--out") == 0 && i + 1 < argc)
            out = argv[++i];
        else if (argv[i][0] != '-' && older == NULL)
            older = argv[i];
        else if (argv[i][0] != '-' && newer == NULL)
            newer = argv[i];
        else
            return dv_watchlist_tool_bad_use(help, "delta: cannot use ", argv[i]);
    }
    if (newer == NULL || out == NULL)
        return dv_watchlist_tool_bad_use(help, "delta needs an old and a new list and --out FILE",
                                         "");
    return run(older, newer, out);
}
