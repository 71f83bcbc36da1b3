// SPDX-License-Identifier: Apache-2.0
/* darvaza: the command line. */
#include "commands.h"
#include <glib.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

/* One row per subcommand, in alphabetical order. */
static const DvCommand commands[] = {
    {"account", "people and kiosks in an opener's database", dv_command_account},
    {"audit", "read and verify an opener's audit log", dv_command_audit},
    {"devices", "list the attached document readers", dv_command_devices},
    {"mrz", "read machine readable zones, one JSON object per document", dv_command_mrz},
    {"pki", "make the keys of a development installation", dv_command_pki},
    {"read", "read the machine readable zone of images", dv_command_read},
    {"record", "verify, open or export a sealed crossing", dv_command_record},
    {"simulate", "move what lies on a simulator's desk", dv_command_simulate},
    {"watchlist", "build, ask, sign, release and verify watchlists", dv_command_watchlist},
};

static void
print_help(FILE *out)
{
    fputs("Usage: darvaza COMMAND [ARGUMENTS]\n\nCommands:\n", out);
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fputs("\n  darvaza COMMAND --help    says more\n  darvaza --version\n", out);
}

int
main(int argc, char **argv)
{
    setlocale(LC_ALL, "");
    if (argc < 2) {
        print_help(stderr);
        return DV_EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return DV_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("darvaza " DV_VERSION);
        return DV_EXIT_OK;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(commands); i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "darvaza: there is no command \"%s\"; darvaza --help lists them\n", argv[1]);
    return DV_EXIT_USAGE;
}
