// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist build: a list file from its source. */
#include "commands.h"
#include "watchlist_tool.h"
#include <darvaza/watchlist_build.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza watchlist build SOURCE [--profile FILE] --out FILE\n"
    "\n"
    "Compiles a list's source (JSON lines, or CSV with --profile) to a list file, whole or not at\n"
    "all. Prints the refused rows to standard error and a summary as JSON.\n"
    "\n"
    "Exit status: 0 done, 1 could not be done, 2 bad use.\n";

static void
print_report(const DvWatchlistReport *report, const char *source)
{
    for (guint i = 0; i < report->refusals->len; i++) {
        const DvWatchlistRefusal *refusal = g_ptr_array_index(report->refusals, i);
        fprintf(stderr, "%s line %" G_GUINT64_FORMAT ": refused: %s\n", source, refusal->line,
                refusal->text);
    }
    if (report->refused > report->refusals->len)
        fprintf(stderr, "%s: %" G_GUINT64_FORMAT " more lines were refused\n", source,
                report->refused - report->refusals->len);
}

int
dv_watchlist_tool_build(int argc, char **argv)
{
    const char *source = NULL, *profile = NULL, *out = NULL;
    g_autoptr(DvWatchlistReport) report = NULL;
    g_autoptr(GError) error = NULL;

    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--out") == 0 && i + 1 < argc)
            out = argv[++i];
        else if (strcmp(argv[i], "--profile") == 0 && i + 1 < argc)
            profile = argv[++i];
        else if (argv[i][0] != '-' && source == NULL)
            source = argv[i];
        else
            return dv_watchlist_tool_bad_use(help, "build: cannot use ", argv[i]);
    }
    if (source == NULL || out == NULL)
        return dv_watchlist_tool_bad_use(help, "build needs a source and --out FILE", "");
    gboolean ok = dv_watchlist_build(source, profile, out, &report, &error);
    print_report(report, source);
    if (!ok)
        return dv_watchlist_tool_failed(error);
    g_autoptr(json_t) summary =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:s}", "list_id", report->list_id, "version",
                  (json_int_t)report->version, "taken", (json_int_t)report->taken, "refused",
                  (json_int_t)report->refused, "no_exact_person",
                  (json_int_t)report->no_exact_person, "state_hash", report->state_hash);
    dv_watchlist_tool_print(summary);
    return DV_EXIT_OK;
}
