// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist sign: shows what is signed, signs it, writes the signature apart. */
#include "commands.h"
#include "list_show.h"
#include "list_signer.h"
#include "watchlist_tool.h"
#include <stdio.h>
#include <string.h>

static const char help[] =
    "Usage: darvaza watchlist sign FILE --key KEY [--role ROLE] [--out FILE.sig] [--yes]\n"
    "                              [--passphrase-file FILE]\n"
    "\n"
    "Shows in plain words what FILE (a root, statement, release or timestamp) says, asks, and\n"
    "writes the signature to a file of its own (by default FILE.KEY_ID.sig, with the first digits\n"
    "of the key's id), which is handed to the centre. The key does not leave this machine.\n"
    "\n"
    "The last line shown, \"what is signed\", is the SHA-256 that the other signers and the "
    "console\n"
    "must show as well. Of a release each list is told by the digest, alerts and state hash of "
    "its\n"
    "owner's statement, for which the draft's folder has to lie around FILE; numbers of diff.json\n"
    "are shown where they lead to that state hash.\n"
    "--role     refuse anything that is not of this role\n"
    "--yes      do not ask\n"
    "\n"
    "Exit status: 0 signed, 1 not signed, 2 bad use.\n";

typedef struct {
    const char *file, *key, *role, *out, *passphrase_file;
    gboolean yes;
} Wanted;

static gboolean
parse(int argc, char **argv, Wanted *wanted)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--key") == 0 && i + 1 < argc)
            wanted->key = argv[++i];
        else if (strcmp(argv[i], "--role") == 0 && i + 1 < argc)
            wanted->role = argv[++i];
        else if (strcmp(argv[i], "--out") == 0 && i + 1 < argc)
            wanted->out = argv[++i];
        else if (strcmp(argv[i], "--passphrase-file") == 0 && i + 1 < argc)
            wanted->passphrase_file = argv[++i];
        else if (strcmp(argv[i], "--yes") == 0)
            wanted->yes = TRUE;
        else if (argv[i][0] != '-' && !wanted->file)
            wanted->file = argv[i];
        else
            return FALSE;
    }
    return wanted->file && wanted->key;
}

static gboolean
agreed(const Wanted *wanted)
{
    char line[16] = "";
    if (wanted->yes)
        return TRUE;
    fputs("Sign this? Type yes: ", stderr);
    return fgets(line, sizeof line, stdin) && strcmp(g_strstrip(line), "yes") == 0;
}

static gboolean
sign(const Wanted *wanted, GBytes *file, DvTrustRole role, GError **error)
{
    char id[DV_TRUST_HEX];
    g_autoptr(DvKey) key = dv_list_signer_load(wanted->key, wanted->passphrase_file, error);
    if (!key || !dv_trust_key_id(key, id, error))
        return FALSE;
    g_autoptr(GBytes) signature = dv_trust_sign(file, role, key, error);
    g_autofree char *out =
        wanted->out ? g_strdup(wanted->out) : g_strdup_printf("%s.%.16s.sig", wanted->file, id);
    if (!signature || !dv_list_write(out, signature, error))
        return FALSE;
    printf("%s: the signature of key %.16s...\n", out, id);
    return TRUE;
}

int
dv_watchlist_tool_sign(int argc, char **argv)
{
    Wanted wanted = {0};
    DvTrustRole role;
    g_autoptr(GError) error = NULL;
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    if (!parse(argc, argv, &wanted))
        return dv_watchlist_tool_bad_use(help, "sign needs a file and --key", "");
    g_autofree char *folder = g_path_get_dirname(wanted.file);
    g_autoptr(GBytes) file = dv_list_read(wanted.file, DV_LIST_FILE_MAX, &error);
    if (!file || !dv_list_show(file, folder, &role, &error))
        return dv_watchlist_tool_failed(error);
    if (wanted.role && strcmp(wanted.role, dv_trust_role_word(role)) != 0) {
        fprintf(stderr, "darvaza watchlist: this is for the role %s, not %s; nothing was signed\n",
                dv_trust_role_word(role), wanted.role);
        return DV_EXIT_FAILED;
    }
    if (!agreed(&wanted)) {
        fputs("darvaza watchlist: nothing was signed\n", stderr);
        return DV_EXIT_FAILED;
    }
    return sign(&wanted, file, role, &error) ? DV_EXIT_OK : dv_watchlist_tool_failed(error);
}
