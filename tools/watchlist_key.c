// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist key: a signer's key, made on the signer's own machine. */
#include "commands.h"
#include "list_signer.h"
#include "password_input.h"
#include "watchlist_tool.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "Usage: darvaza watchlist key new --role ROLE --holder TEXT --out FILE\n"
    "                                 [--passphrase-file FILE | --no-passphrase]\n"
    "       darvaza watchlist key show FILE.pub.json\n"
    "\n"
    "new   makes a key for one role: root, owner, release or timestamp. FILE holds the private "
    "key\n"
    "      (mode 0600, encrypted under a passphrase) and stays on this machine; FILE with "
    ".pub.json\n"
    "      in the place of .pem is its public half, to be handed to whoever prepares the root.\n"
    "      TEXT names the desk or duty that holds it, not a person.\n"
    "show  prints a public half, with the key id to be read out and compared.\n"
    "\n"
    "Exit status: 0 done, 1 could not be done, 2 bad use.\n";

typedef struct {
    const char *out, *holder, *role, *passphrase_file;
    gboolean no_passphrase;
} Wanted;

static gboolean
parse(int argc, char **argv, Wanted *wanted)
{
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--role") == 0 && i + 1 < argc)
            wanted->role = argv[++i];
        else if (strcmp(argv[i], "--holder") == 0 && i + 1 < argc)
            wanted->holder = argv[++i];
        else if (strcmp(argv[i], "--out") == 0 && i + 1 < argc)
            wanted->out = argv[++i];
        else if (strcmp(argv[i], "--passphrase-file") == 0 && i + 1 < argc)
            wanted->passphrase_file = argv[++i];
        else if (strcmp(argv[i], "--no-passphrase") == 0)
            wanted->no_passphrase = TRUE;
        else
            return FALSE;
    }
    return wanted->role && wanted->holder && wanted->out;
}

/* The passphrase, asked for twice on a terminal; NULL with a message when there is none. */
static char *
new_passphrase(const Wanted *wanted)
{
    char *first = dv_password_input(wanted->passphrase_file);
    if (!first || !*first) {
        fputs("darvaza watchlist: a passphrase is needed, or --no-passphrase\n", stderr);
        dv_password_forget(first);
        return NULL;
    }
    if (wanted->passphrase_file || !isatty(STDIN_FILENO))
        return first;
    fputs("Once more. ", stderr);
    char *second = dv_password_input(NULL);
    gboolean same = second && strcmp(first, second) == 0;
    dv_password_forget(second);
    if (same)
        return first;
    fputs("darvaza watchlist: the two passphrases differ; no key was made\n", stderr);
    dv_password_forget(first);
    return NULL;
}

static int
run_new(const Wanted *wanted)
{
    DvTrustRole role;
    g_autoptr(GError) error = NULL;
    if (!dv_trust_role_from_word(wanted->role, &role))
        return dv_watchlist_tool_bad_use(help, "key: there is no role ", wanted->role);
    char *passphrase = wanted->no_passphrase ? NULL : new_passphrase(wanted);
    if (!passphrase && !wanted->no_passphrase)
        return DV_EXIT_FAILED;
    gboolean made = dv_list_signer_new(wanted->out, role, wanted->holder, passphrase, &error);
    dv_password_forget(passphrase);
    if (!made)
        return dv_watchlist_tool_failed(error);
    printf("%s: the private key of %s. It stays on this machine.\n", wanted->out, wanted->holder);
    return DV_EXIT_OK;
}

static int
run_show(const char *path)
{
    g_autoptr(GError) error = NULL;
    guint8 digest[DV_SHA256_SIZE];
    g_autoptr(DvTrustKeyFile) file = dv_list_signer_public(path, &error);
    if (!file)
        return dv_watchlist_tool_failed(error);
    dv_sha256(file->public_key, sizeof file->public_key, digest);
    g_autofree char *id = dv_hex(digest, sizeof digest);
    printf("%s, for the role %s\nkey id %s\n", file->holder, dv_trust_role_word(file->role), id);
    return DV_EXIT_OK;
}

int
dv_watchlist_tool_key(int argc, char **argv)
{
    Wanted wanted = {0};
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    if (argc == 3 && strcmp(argv[1], "show") == 0)
        return run_show(argv[2]);
    if (argc < 2 || strcmp(argv[1], "new") != 0 || !parse(argc, argv, &wanted))
        return dv_watchlist_tool_bad_use(help, "key needs new or show, and what they need", "");
    return run_new(&wanted);
}
