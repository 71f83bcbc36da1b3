// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist verify: a list file against what its builder wrote. */
#include "commands.h"
#include "watchlist_tool.h"
#include <darvaza/watchlist_build.h>
#include <stdio.h>

static const char help[] =
    "Usage: darvaza watchlist verify FILE\n"
    "\n"
    "Compares a list file's rows with the state hash that its builder wrote.\n"
    "\n"
    "Exit status: 0 done, 1 they differ, or it could not be done, 2 bad use.\n";

int
dv_watchlist_tool_verify(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    if (argc != 2)
        return dv_watchlist_tool_bad_use(help, "verify needs one list file", "");
    if (!dv_watchlist_verify_file(argv[1], &error))
        return dv_watchlist_tool_failed(error);
    printf("%s: the rows are the ones that its builder wrote\n", argv[1]);
    return DV_EXIT_OK;
}
