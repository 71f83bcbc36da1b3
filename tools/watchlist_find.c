// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist find: listed document numbers by their beginning. */
#include "commands.h"
#include "watchlist_sources.h"
#include "watchlist_tool.h"
#include <darvaza/clock.h>
#include <darvaza/watchlist.h>
#include <stdio.h>
#include <string.h>

#define NUMBERS_MAX 100

static const char help[] =
    "Usage: darvaza watchlist find --list FILE [--list FILE]... PREFIX [--issuer STATE]\n"
    "                              [--training] [--now TIME] [--max N] [--profile FILE]\n"
    "\n"
    "For a document number that could be read only in part: prints the listed numbers that begin\n"
    "with PREFIX, shortest first, a JSON line each. look_alike: it begins so only once characters\n"
    "that look alike count as equal (O and 0, I and 1, ...). Names are not searched, and what is\n"
    "found is no verdict.\n"
    "--issuer   only numbers of this state\n"
    "--max      at most N numbers (100); a line on stderr says when there are more\n"
    "--list, --profile, --training and --now are as for check.\n"
    "\n"
    "Exit status: 0 found, 1 no number begins so, or it could not be done, 2 bad use.\n";

typedef struct {
    GPtrArray *paths; /* of --list */
    const char *prefix, *issuer, *profile;
    gint64 now_us, max;
    gboolean training;
} Order;

/* FALSE: not understood. */
static gboolean
take_option(Order *order, const char *name, const char *value)
{
    if (value == NULL)
        return FALSE;
    if (strcmp(name, "--list") == 0)
        g_ptr_array_add(order->paths, g_strdup(value));
    else if (strcmp(name, "--issuer") == 0)
        order->issuer = value;
    else if (strcmp(name, "--profile") == 0)
        order->profile = value;
    else if (strcmp(name, "--now") == 0)
        return dv_time_parse(value, &order->now_us, NULL);
    else
        return strcmp(name, "--max") == 0 &&
               g_ascii_string_to_signed(value, 10, 1, 10000, &order->max, NULL);
    return TRUE;
}

static void
print_number(const DvWatchlistNumber *number)
{
    g_autoptr(json_t) line =
        json_pack("{s:s, s:I, s:s, s:s, s:s, s:s, s:b}", "list_id", number->list_id, "list_version",
                  (json_int_t)number->list_version, "alert_id", number->alert_id, "document_number",
                  number->document_number, "issuing_state", number->issuing_state, "document_type",
                  number->document_type, "look_alike", (int)number->look_alike);
    if (number->document_last[0])
        json_object_set_new(line, "document_last", json_string(number->document_last));
    dv_watchlist_tool_print(line);
}

static int
find(const Order *order)
{
    g_auto(DvCompiledSources) compiled = {0};
    g_autoptr(GError) error = NULL;
    gboolean capped = FALSE;

    if (!dv_compiled_sources_make(&compiled, order->paths, order->profile, NULL, order->now_us,
                                  &error))
        return dv_watchlist_tool_failed(error);
    g_ptr_array_add(order->paths, NULL);
    g_autoptr(DvWatchlist) lists =
        dv_watchlist_open_files((const char *const *)order->paths->pdata, order->training);
    gint64 now_us = order->now_us != 0 ? order->now_us : dv_clock_wall_us();
    g_autoptr(GPtrArray) found = dv_watchlist_prefix(lists, order->prefix, order->issuer,
                                                     (guint)order->max, now_us, &capped, &error);
    if (found == NULL)
        return dv_watchlist_tool_failed(error);
    for (guint i = 0; i < found->len; i++)
        print_number(g_ptr_array_index(found, i));
    if (capped)
        fprintf(stderr, "darvaza watchlist: there are more; --max or a longer beginning\n");
    return found->len > 0 ? DV_EXIT_OK : DV_EXIT_FAILED;
}

int
dv_watchlist_tool_find(int argc, char **argv)
{
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    Order order = {.paths = paths, .max = NUMBERS_MAX};

    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--training") == 0)
            order.training = TRUE;
        else if (argv[i][0] == '-' && take_option(&order, argv[i], argv[i + 1]))
            i++;
        else if (argv[i][0] != '-' && order.prefix == NULL)
            order.prefix = argv[i];
        else
            return dv_watchlist_tool_bad_use(help, "find: cannot use ", argv[i]);
    }
    if (paths->len == 0 || order.prefix == NULL)
        return dv_watchlist_tool_bad_use(help, "find needs --list FILE and a beginning", "");
    return find(&order);
}
