// SPDX-License-Identifier: Apache-2.0
/* darvaza watchlist root: the first root of the lists' keys, and each next one. */
#include "commands.h"
#include "list_show.h"
#include "list_signer.h"
#include "watchlist_tool.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_MAX 800 /* as long as a root may run */
#define THRESHOLD_MAX 16
#define DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)

static const char help[] =
    "Usage: darvaza watchlist root new --key FILE.pub.json... --owner LIST=FILE.pub.json...\n"
    "                                  [--threshold ROLE=N]... [--days N] --out FILE\n"
    "       darvaza watchlist root rotate ROOT [--key FILE.pub.json]... [--remove KEY_ID]...\n"
    "                                  [--owner LIST=FILE.pub.json]... [--threshold ROLE=N]...\n"
    "                                  [--days N] --out FILE\n"
    "       darvaza watchlist root show ROOT\n"
    "\n"
    "new     prepares root 1 from public keys; --owner lets a key vouch for one list.\n"
    "rotate  prepares root N + 1 from root N: with added keys, without removed ones.\n"
    "show    says who may sign what.\n"
    "ROLE is root, release, timestamp or the id of a list. What is prepared carries no signature:\n"
    "`darvaza watchlist sign` on the root desks' machines, then `darvaza watchlist collect`.\n"
    "\n"
    "Exit status: 0 done, 1 could not be done, 2 bad use.\n";

static gboolean
add_key(DvTrustRoot *root, const char *path, const char *list_id, GError **error)
{
    char id[DV_TRUST_HEX];
    g_autoptr(DvTrustKeyFile) file = dv_list_signer_public(path, error);
    if (!file)
        return FALSE;
    if ((list_id != NULL) != (file->role == DV_TRUST_ROLE_OWNER)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "%s is a key for the role %s: a list owner's key is given with --owner, and "
                    "no other",
                    path, dv_trust_role_word(file->role));
        return FALSE;
    }
    if (!dv_trust_root_add_key(root, file->public_key, file->holder, id, error))
        return FALSE;
    dv_trust_root_let(root, file->role, list_id, id);
    return TRUE;
}

/* "LEFT=RIGHT" apart; FALSE unless both are there. */
static gboolean
split(const char *word, char **left, const char **right, GError **error)
{
    const char *at = strchr(word, '=');
    if (at && at > word && at[1]) {
        *left = g_strndup(word, (gsize)(at - word));
        *right = at + 1;
        return TRUE;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "\"%s\" is not of the form NAME=VALUE", word);
    return FALSE;
}

static gboolean
add_owner(DvTrustRoot *root, const char *word, GError **error)
{
    g_autofree char *list_id = NULL;
    const char *path;
    return split(word, &list_id, &path, error) && add_key(root, path, list_id, error);
}

static gboolean
set_threshold(DvTrustRoot *root, const char *word, GError **error)
{
    g_autofree char *name = NULL;
    const char *number;
    gint64 threshold = 0;
    DvTrustRole role;
    if (!split(word, &name, &number, error))
        return FALSE;
    if (!dv_watchlist_tool_number("--threshold", number, 1, THRESHOLD_MAX, &threshold))
        return FALSE;
    gboolean is_role = dv_trust_role_from_word(name, &role) && role != DV_TRUST_ROLE_OWNER;
    dv_trust_root_set_threshold(root, is_role ? role : DV_TRUST_ROLE_OWNER, is_role ? NULL : name,
                                (guint)threshold);
    return TRUE;
}

static gboolean
remove_key(DvTrustRoot *root, const char *id, GError **error)
{
    if (dv_trust_root_remove_key(root, id))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the root has no key %s", id);
    return FALSE;
}

/* Carries out the options; out receives the value of --out. */
static gboolean
edit(DvTrustRoot *root, int argc, char **argv, const char **out, gint64 *days, GError **error)
{
    for (int i = 0; i + 1 < argc; i += 2) {
        const char *option = argv[i], *value = argv[i + 1];
        gboolean good = TRUE;
        if (strcmp(option, "--key") == 0)
            good = add_key(root, value, NULL, error);
        else if (strcmp(option, "--owner") == 0)
            good = add_owner(root, value, error);
        else if (strcmp(option, "--remove") == 0)
            good = remove_key(root, value, error);
        else if (strcmp(option, "--threshold") == 0)
            good = set_threshold(root, value, error);
        else if (strcmp(option, "--days") == 0)
            good = dv_watchlist_tool_number(option, value, 1, DAYS_MAX, days);
        else if (strcmp(option, "--out") == 0)
            *out = value;
        else
            good = FALSE;
        if (!good) {
            if (error && !*error)
                g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "cannot use %s", option);
            return FALSE;
        }
    }
    return TRUE;
}

static int
prepare(DvTrustRoot *root, int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    const char *out = NULL;
    gint64 days = 365;
    if (!edit(root, argc, argv, &out, &days, &error))
        return dv_watchlist_tool_failed(error);
    if (!out || argc % 2 != 0)
        return dv_watchlist_tool_bad_use(help, "root needs --out FILE, and a value per option", "");
    root->issued_us = dv_clock_wall_us();
    root->expires_us = root->issued_us + days * DAY_US;
    g_autoptr(GBytes) file = dv_trust_root_make(root, &error);
    if (!file || !dv_list_write_new(out, file, &error))
        return dv_watchlist_tool_failed(error);
    printf("%s: root %" G_GINT64_FORMAT ", to be signed by the root desks\n", out, root->version);
    return DV_EXIT_OK;
}

static void
print_role(const DvTrustRoot *root, const char *name, const DvTrustRoleKeys *keys)
{
    printf("  %s: %u of %u\n", name, keys->threshold, keys->key_ids->len);
    for (guint i = 0; i < keys->key_ids->len; i++) {
        const DvTrustKey *key =
            g_hash_table_lookup(root->keys, g_ptr_array_index(keys->key_ids, i));
        printf("    %.16s... %s\n", key->key_id, key->holder);
    }
}

void
dv_list_print_root(const DvTrustRoot *root)
{
    GHashTableIter iter;
    gpointer list_id, keys;
    g_autofree char *issued = dv_time_format(root->issued_us);
    g_autofree char *expires = dv_time_format(root->expires_us);
    printf("root %" G_GINT64_FORMAT ", issued %s, until %s. These may sign:\n", root->version,
           issued, expires);
    print_role(root, "root", &root->root);
    print_role(root, "release", &root->release);
    print_role(root, "timestamp", &root->timestamp);
    g_hash_table_iter_init(&iter, root->owners);
    while (g_hash_table_iter_next(&iter, &list_id, &keys)) {
        g_autofree char *name = g_strdup_printf("owner of %s", (const char *)list_id);
        print_role(root, name, keys);
    }
}

int
dv_watchlist_tool_root(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    if (dv_watchlist_tool_helped(argc, argv, help))
        return DV_EXIT_OK;
    if (argc >= 2 && strcmp(argv[1], "new") == 0) {
        g_autoptr(DvTrustRoot) fresh = dv_trust_root_new();
        fresh->version = 1;
        return prepare(fresh, argc - 2, argv + 2);
    }
    gboolean show = argc == 3 && strcmp(argv[1], "show") == 0;
    if (!show && (argc < 3 || strcmp(argv[1], "rotate") != 0))
        return dv_watchlist_tool_bad_use(help, "root needs new, rotate or show", "");
    g_autoptr(GBytes) file = dv_list_read(argv[2], DV_TRUST_ROOT_MAX, &error);
    g_autoptr(DvTrustRoot) root = file ? dv_trust_root_read(file, NULL, &error) : NULL;
    if (!root)
        return dv_watchlist_tool_failed(error);
    if (show) {
        dv_list_print_root(root);
        return DV_EXIT_OK;
    }
    root->version++;
    return prepare(root, argc - 3, argv + 3);
}
