// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * darvaza watchlist: its parts. To add a subcommand, write tools/watchlist_<name>.c, declare its
 * function here, give it a row in watchlist.c and a line in meson.build.
 */
#include <darvaza/json.h>
#include <glib.h>

/* argv[0] is the subcommand's name; the exit status is one of DV_EXIT_*. */
int dv_watchlist_tool_check(int argc, char **argv);
int dv_watchlist_tool_collect(int argc, char **argv);
int dv_watchlist_tool_delta(int argc, char **argv);
int dv_watchlist_tool_diff(int argc, char **argv);
int dv_watchlist_tool_dry_run(int argc, char **argv);
int dv_watchlist_tool_enrol(int argc, char **argv);
int dv_watchlist_tool_find(int argc, char **argv);
int dv_watchlist_tool_import(int argc, char **argv);
int dv_watchlist_tool_key(int argc, char **argv);
int dv_watchlist_tool_publish(int argc, char **argv);
int dv_watchlist_tool_rollback(int argc, char **argv);
int dv_watchlist_tool_root(int argc, char **argv);
int dv_watchlist_tool_sign(int argc, char **argv);
int dv_watchlist_tool_statement(int argc, char **argv);
int dv_watchlist_tool_status(int argc, char **argv);
int dv_watchlist_tool_verify(int argc, char **argv);

/* TRUE where the only argument is --help: help was printed, and DV_EXIT_OK is due. */
gboolean dv_watchlist_tool_helped(int argc, char **argv, const char *help);
/* Says what cannot be used, and the help, on stderr; DV_EXIT_USAGE. */
int dv_watchlist_tool_bad_use(const char *help, const char *what, const char *word);
/* Says the error on stderr; DV_EXIT_FAILED. */
int dv_watchlist_tool_failed(const GError *error);
/* A whole number in decimal digits from min to max. FALSE: it is none, which stderr is told. */
gboolean dv_watchlist_tool_number(const char *option, const char *text, gint64 min, gint64 max,
                                  gint64 *number);
/* One JSON line on stdout. */
void dv_watchlist_tool_print(const json_t *object);
