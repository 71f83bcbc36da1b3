// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist: the table of its subcommands, and what they share. */
#include "commands.h"
#include "watchlist_tool.h"
#include <stdio.h>
#include <string.h>

/* One row per subcommand, in alphabetical order. */
static const DvCommand subcommands[] = {
    {"build", "the same as import", dv_watchlist_tool_import},
    {"check", "answer questions from list files", dv_watchlist_tool_check},
    {"collect", "add signatures to what they were made for", dv_watchlist_tool_collect},
    {"delta", "the difference of two versions, as a layer", dv_watchlist_tool_delta},
    {"diff", "what changes between two versions of a list", dv_watchlist_tool_diff},
    {"dry-run", "count what a draft would have raised of late", dv_watchlist_tool_dry_run},
    {"enrol", "let one kiosk more open what is released", dv_watchlist_tool_enrol},
    {"find", "listed document numbers by their beginning", dv_watchlist_tool_find},
    {"import", "compile a list's source to a list file", dv_watchlist_tool_import},
    {"key", "make a signer's key on the signer's own machine", dv_watchlist_tool_key},
    {"publish", "draft a release, put a signed one in force", dv_watchlist_tool_publish},
    {"rollback", "older content again, as a higher version", dv_watchlist_tool_rollback},
    {"root", "prepare who may sign what", dv_watchlist_tool_root},
    {"sign", "show what is signed, and sign it", dv_watchlist_tool_sign},
    {"statement", "what a list's owner vouches for", dv_watchlist_tool_statement},
    {"status", "how a repository or a kiosk's lists stand", dv_watchlist_tool_status},
    {"verify", "check a list file, a repository or a kiosk's folder", dv_watchlist_tool_verify},
};

static void
print_help(FILE *out)
{
    fputs("Usage: darvaza watchlist SUBCOMMAND [ARGUMENTS]\n\nSubcommands:\n", out);
    for (gsize i = 0; i < G_N_ELEMENTS(subcommands); i++)
        fprintf(out, "  %-10s %s\n", subcommands[i].name, subcommands[i].summary);
    fputs("\n  darvaza watchlist SUBCOMMAND --help    says more\n", out);
}

gboolean
dv_watchlist_tool_helped(int argc, char **argv, const char *help)
{
    if (argc != 2 || (strcmp(argv[1], "--help") != 0 && strcmp(argv[1], "-h") != 0))
        return FALSE;
    fputs(help, stdout);
    return TRUE;
}

int
dv_watchlist_tool_bad_use(const char *help, const char *what, const char *word)
{
    fprintf(stderr, "darvaza watchlist %s%s\n%s", what, word, help);
    return DV_EXIT_USAGE;
}

int
dv_watchlist_tool_failed(const GError *error)
{
    fprintf(stderr, "darvaza watchlist: %s\n", error->message);
    return DV_EXIT_FAILED;
}

gboolean
dv_watchlist_tool_number(const char *option, const char *text, gint64 min, gint64 max,
                         gint64 *number)
{
    if (g_ascii_string_to_signed(text, 10, min, max, number, NULL))
        return TRUE;
    fprintf(stderr,
            "darvaza watchlist: %s takes a whole number from %" G_GINT64_FORMAT
            " to %" G_GINT64_FORMAT ", not \"%s\"\n",
            option, min, max, text);
    return FALSE;
}

void
dv_watchlist_tool_print(const json_t *object)
{
    json_dumpf(object, stdout, JSON_COMPACT | JSON_SORT_KEYS);
    putchar('\n');
    fflush(stdout);
}

int
dv_command_watchlist(int argc, char **argv)
{
    if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        print_help(stdout);
        return DV_EXIT_OK;
    }
    for (gsize i = 0; argc >= 2 && i < G_N_ELEMENTS(subcommands); i++)
        if (strcmp(argv[1], subcommands[i].name) == 0)
            return subcommands[i].run(argc - 1, argv + 1);
    if (argc >= 2)
        fprintf(stderr, "darvaza watchlist: there is no \"%s\"\n", argv[1]);
    print_help(stderr);
    return DV_EXIT_USAGE;
}
