// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist diff: what changes between two versions of a list. */
#include "commands.h"
#include "progress.h"
#include "watchlist_tool.h"
#include <darvaza/clock.h>
#include <darvaza/watchlist_diff.h>
#include <stdio.h>
#include <string.h>

#define ROWS_DEFAULT 20
#define REVIEW_DAYS_DEFAULT 30

static const char help[] =
    "Usage: darvaza watchlist diff OLD NEW [--json] [--rows N] [--review-days N] [--now TIME]\n"
    "\n"
    "Compares two versions of a list: alerts added, removed and changed (and in which members);\n"
    "alerts of the new version whose validity or review date is past, whose review is due within\n"
    "--review-days (30), and those without a review date. OLD and NEW are list files; a version "
    "of\n"
    "several layers is named with commas, lowest first: base.dvlist,delta.dvlist. OLD may be "
    "\"-\":\n"
    "nothing came before.\n"
    "\n"
    "Without --json the first N (20) alerts of each kind are named by their id alone; with it "
    "they\n"
    "stand as they were before and after (docs/formats/watchlist-diff.md).\n"
    "\n"
    "Exit status: 0 compared, whatever came out, 1 could not be done, 2 bad use.\n";

typedef struct {
    const char *older, *newer;
    gboolean as_json;
    guint rows;
    DvWatchlistDiffOptions options;
} Order;

static void
print_members(const json_t *members)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)members, name, value)
    {
        if (json_is_integer(value))
            printf("  %-16s differs in %" JSON_INTEGER_FORMAT "\n", name,
                   json_integer_value(value));
    }
}

static void
print_rows(const json_t *rows)
{
    for (gsize i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i), *members = json_object_get(row, "members");
        printf("%s %s", json_string_value(json_object_get(row, "change")),
               json_string_value(json_object_get(row, "alert_id")));
        for (gsize j = 0; j < json_array_size(members); j++)
            printf("%s%s", j == 0 ? ": " : ", ", json_string_value(json_array_get(members, j)));
        putchar('\n');
    }
}

static void
print_text(const json_t *diff)
{
    const json_t *counts = json_object_get(diff, "counts"), *from = json_object_get(diff, "from");

    printf("%s: ", json_string_value(json_object_get(diff, "list_id")));
    if (json_is_integer(from))
        printf("version %" JSON_INTEGER_FORMAT " to %" JSON_INTEGER_FORMAT "\n",
               json_integer_value(from), json_integer_value(json_object_get(diff, "to")));
    else
        printf("version %" JSON_INTEGER_FORMAT ", the first\n",
               json_integer_value(json_object_get(diff, "to")));
    for (int i = 0; i < DV_WATCHLIST_DIFFERENCES; i++) {
        const char *word = dv_watchlist_difference_word((DvWatchlistDifference)i);
        printf("%-15s %" JSON_INTEGER_FORMAT "\n", word,
               json_integer_value(json_object_get(counts, word)));
        if (i == DV_WATCHLIST_CHANGED)
            print_members(json_object_get(diff, "members"));
    }
    printf("%-15s %" JSON_INTEGER_FORMAT "\n", "unchanged",
           json_integer_value(json_object_get(counts, "unchanged")));
    print_rows(json_object_get(diff, "rows"));
    if (json_is_true(json_object_get(diff, "capped")))
        puts("and more; --rows N names more of them");
}

static int
run(const Order *order)
{
    g_auto(GStrv) older = g_strsplit(order->older, ",", -1);
    g_auto(GStrv) newer = g_strsplit(order->newer, ",", -1);
    gboolean first = g_str_equal(order->older, "-");
    DvWatchlistDiffOptions options = order->options;
    g_autoptr(GError) error = NULL;
    DvProgress progress;

    dv_progress_begin(&progress, "comparing", DV_PROGRESS_ROWS);
    options.progress = dv_progress_callback;
    options.progress_data = &progress;
    g_autoptr(json_t) diff =
        dv_watchlist_diff_json(first ? NULL : (const char *const *)older,
                               (const char *const *)newer, order->rows, &options, &error);
    dv_progress_end(&progress);
    if (diff == NULL)
        return dv_watchlist_tool_failed(error);
    if (order->as_json)
        dv_watchlist_tool_print(diff);
    else
        print_text(diff);
    return DV_EXIT_OK;
}

static gboolean
take_number(const char *text, guint *number)
{
    guint64 value;

    if (text == NULL || !g_ascii_string_to_unsigned(text, 10, 0, 1000000, &value, NULL))
        return FALSE;
    *number = (guint)value;
    return TRUE;
}

/* FALSE: not understood. */
static gboolean
take_option(Order *order, const char *name, const char *value)
{
    if (strcmp(name, "--rows") == 0)
        return take_number(value, &order->rows);
    if (strcmp(name, "--review-days") == 0)
        return take_number(value, &order->options.review_days);
    return strcmp(name, "--now") == 0 && value != NULL &&
           dv_time_parse(value, &order->options.now_us, NULL);
}

int
dv_watchlist_tool_diff(int argc, char **argv)
{
    Order order = {.rows = ROWS_DEFAULT, .options.review_days = REVIEW_DAYS_DEFAULT};

    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    for (int i = 1; i < argc; i++) {
        gboolean is_name = argv[i][0] != '-' || argv[i][1] == '\0';
        if (strcmp(argv[i], "--json") == 0)
            order.as_json = TRUE;
        else if (is_name && order.older == NULL)
            order.older = argv[i];
        else if (is_name && order.newer == NULL)
            order.newer = argv[i];
        else if (!is_name && take_option(&order, argv[i], argv[i + 1]))
            i++;
        else
            return dv_watchlist_tool_bad_use(help, "diff: cannot use ", argv[i]);
    }
    if (order.newer == NULL)
        return dv_watchlist_tool_bad_use(help, "diff needs an old and a new list", "");
    return run(&order);
}
