// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist statement: the owner vouches for one version of a list. */
#include "commands.h"
#include "list_draft.h"
#include "list_signer.h"
#include "watchlist_tool.h"
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza watchlist statement LIST.dvlist --out FILE [--legal-basis TEXT]\n"
    "                                   [--purpose TEXT]\n"
    "\n"
    "Writes what the owner of a list vouches for: version, number of alerts, state hash, times,\n"
    "legal basis and purpose (by default those of the first alert), and up to four alerts on the\n"
    "invented state UTO with ids that begin with CANARY-, which every kiosk must find before the\n"
    "version counts. A list without any is refused: `darvaza watchlist import --self-test`. The "
    "owner signs it with `darvaza watchlist sign`; `darvaza watchlist collect` "
    "joins the two.\n"
    "\n"
    "Exit status: 0 done, 1 could not be done, 2 bad use.\n";

int
dv_watchlist_tool_statement(int argc, char **argv)
{
    const char *path = NULL, *out = NULL, *legal_basis = NULL, *purpose = NULL;
    g_autoptr(GError) error = NULL;
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--out") == 0 && i + 1 < argc)
            out = argv[++i];
        else if (strcmp(argv[i], "--legal-basis") == 0 && i + 1 < argc)
            legal_basis = argv[++i];
        else if (strcmp(argv[i], "--purpose") == 0 && i + 1 < argc)
            purpose = argv[++i];
        else if (argv[i][0] != '-' && !path)
            path = argv[i];
        else
            return dv_watchlist_tool_bad_use(help, "statement: cannot use ", argv[i]);
    }
    if (!path || !out)
        return dv_watchlist_tool_bad_use(help, "statement needs a list file and --out", "");
    g_autoptr(GBytes) file = list_statement_make(path, legal_basis, purpose, &error);
    if (!file || !dv_list_write(out, file, &error))
        return dv_watchlist_tool_failed(error);
    printf("%s: to be signed by the owner of the list\n", out);
    return DV_EXIT_OK;
}
