// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist import: a list file from a source, and what became of its rows. */
#include "commands.h"
#include "progress.h"
#include "watchlist_tool.h"
#include <darvaza/file.h>
#include <darvaza/watchlist_import.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza watchlist import SOURCE [--format F] [--profile FILE] [--aliases FILE]\n"
    "                                --out FILE [--report FILE] [--self-test]\n"
    "\n"
    "Compiles a list's source to a list file, whole or not at all. F is csv, jsonl, un-xml (the\n"
    "UN Security Council's consolidated list) or ofac-sdn (sdn.csv, with alt.csv as --aliases);\n"
    "without it the source's first bytes decide. JSON lines may begin with their profile; the\n"
    "others need --profile: list, version, times, and what stands for every row that does not say\n"
    "its own legal basis, owner, purpose, action or review date. A row that has none is refused.\n"
    "\n"
    "Says on standard error which rows were changed or refused, by line and rule (the first 1,000\n"
    "of each), and a summary as JSON on standard output. --report FILE writes all of it as JSON,\n"
    "with the rows that were passed over. --self-test adds two invented alerts on the state UTO,\n"
    "CANARY-D-1 and CANARY-P-1, which kiosks ask for before they use a list. \"build\" is another "
    "word for import.\n"
    "\n"
    "Exit status: 0 done, 1 could not be done, 2 bad use.\n";

typedef struct {
    const char *source, *out, *report;
    DvWatchlistImportOptions options;
} Order;

static void
print_notes(const char *source, const char *what, const GPtrArray *notes)
{
    for (guint i = 0; i < notes->len; i++) {
        const DvWatchlistNote *note = g_ptr_array_index(notes, i);
        fprintf(stderr, "%s line %" G_GUINT64_FORMAT ": %s: %s\n", source, note->line, what,
                note->rule);
    }
}

static void
print_report(const DvWatchlistImport *report, const char *source)
{
    const GPtrArray *refusals = report->built->refusals;

    print_notes(source, "changed", report->changes);
    for (guint i = 0; i < refusals->len; i++) {
        const DvWatchlistRefusal *refusal = g_ptr_array_index(refusals, i);
        fprintf(stderr, "%s line %" G_GUINT64_FORMAT ": refused: %s\n", source, refusal->line,
                refusal->text);
    }
    if (report->built->refused > refusals->len)
        fprintf(stderr, "%s: %" G_GUINT64_FORMAT " more lines were refused\n", source,
                report->built->refused - refusals->len);
    fprintf(stderr,
            "%s: %" G_GUINT64_FORMAT " rows taken, %" G_GUINT64_FORMAT
            " of them changed; %" G_GUINT64_FORMAT " refused, %" G_GUINT64_FORMAT " passed over\n",
            source, report->built->taken, report->changed, report->built->refused,
            report->passed_over);
}

static gboolean
write_report(const char *path, const json_t *report, GError **error)
{
    g_autofree char *text = NULL;
    char *dump = json_dumps(report, JSON_INDENT(2) | JSON_SORT_KEYS);

    text = g_strconcat(dump, "\n", NULL);
    free(dump);
    return dv_file_write(path, text, strlen(text), 0640, error);
}

static int
run(const Order *order)
{
    g_autofree char *what = g_strdup_printf("reading %s", order->source);
    g_autoptr(DvWatchlistImport) report = NULL;
    g_autoptr(GError) error = NULL;
    DvWatchlistImportOptions options = order->options;
    DvProgress progress;

    dv_progress_begin(&progress, what, DV_PROGRESS_BYTES);
    options.progress = dv_progress_callback;
    options.progress_data = &progress;
    gboolean ok = dv_watchlist_import(order->source, &options, order->out, &report, &error);
    dv_progress_end(&progress);
    print_report(report, order->source);
    g_autoptr(json_t) summary = dv_watchlist_import_json(report);
    if (order->report != NULL && !write_report(order->report, summary, ok ? &error : NULL))
        ok = FALSE;
    if (!ok)
        return dv_watchlist_tool_failed(error);
    json_object_del(summary, "changes");
    json_object_del(summary, "refusals");
    json_object_del(summary, "passed");
    dv_watchlist_tool_print(summary);
    return DV_EXIT_OK;
}

/* FALSE: not understood. */
static gboolean
take_option(Order *order, const char *name, const char *value)
{
    if (value == NULL)
        return FALSE;
    if (strcmp(name, "--format") == 0)
        return dv_watchlist_format_parse(value, &order->options.format);
    const char **place = strcmp(name, "--out") == 0       ? &order->out
                         : strcmp(name, "--report") == 0  ? &order->report
                         : strcmp(name, "--profile") == 0 ? &order->options.profile_path
                         : strcmp(name, "--aliases") == 0 ? &order->options.aliases_path
                                                          : NULL;
    if (place != NULL)
        *place = value;
    return place != NULL;
}

int
dv_watchlist_tool_import(int argc, char **argv)
{
    Order order = {0};

    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--self-test") == 0)
            order.options.self_test = TRUE;
        else if (argv[i][0] == '-' && take_option(&order, argv[i], argv[i + 1]))
            i++;
        else if (argv[i][0] != '-' && order.source == NULL)
            order.source = argv[i];
        else
            return dv_watchlist_tool_bad_use(help, "import: cannot use ", argv[i]);
    }
    if (order.source == NULL || order.out == NULL)
        return dv_watchlist_tool_bad_use(help, "import needs a source and --out FILE", "");
    return run(&order);
}
