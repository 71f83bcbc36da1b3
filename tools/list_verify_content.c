// SPDX-License-Identifier: Apache-2.0
#include "list_verify_content.h"
#include "list_signer.h"
#include "list_verify.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/watchlist.h>
#include <darvaza/watchlist_build.h>
#include <darvaza/watchlist_rows.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    const char *lists;
    char *folder; /* temporary */
    GPtrArray *layers;
    DvCert *cert;
    DvKey *key;
} Opened;

static void
opened_clear(Opened *opened)
{
    for (guint i = 0; opened->layers && i < opened->layers->len; i++)
        if (g_ptr_array_index(opened->layers, i))
            g_unlink(g_ptr_array_index(opened->layers, i));
    if (opened->folder)
        g_rmdir(opened->folder);
    g_clear_pointer(&opened->layers, g_ptr_array_unref);
    g_free(opened->folder);
    dv_cert_free(opened->cert);
    dv_key_free(opened->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Opened, opened_clear)

static gboolean
open_package(Opened *opened, const DvTrustPackage *package, GError **error)
{
    guint8 content_key[DV_PACKAGE_KEY_SIZE];
    g_autofree char *from = g_build_filename(opened->lists, "package", package->sha256, NULL);
    g_autofree char *keys = g_build_filename(opened->lists, "keys", package->sha256, NULL);
    g_autofree char *name = g_strdup_printf("%" G_GINT64_FORMAT ".dvlist", package->to);
    g_autoptr(GBytes) file = dv_list_read(keys, DV_PACKAGE_ENVELOPES_MAX, error);
    g_autoptr(DvPackageEnvelopes) envelopes = file ? dv_package_envelopes_read(file, error) : NULL;
    if (!envelopes || dv_package_envelopes_open(envelopes, package->content_key_id, opened->key,
                                                opened->cert, content_key, error) != DV_TRUST_OK)
        return FALSE;
    char *out = g_build_filename(opened->folder, name, NULL);
    g_ptr_array_add(opened->layers, out);
    gboolean good =
        dv_package_open(from, package, content_key, out, NULL, NULL, error) == DV_TRUST_OK;
    explicit_bzero(content_key, sizeof content_key);
    return good;
}

static gboolean
is_signed_content(const Opened *opened, const DvTrustStatement *statement, GError **error)
{
    const char *top = g_ptr_array_index(opened->layers, opened->layers->len - 2);
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(top, error);
    if (!info)
        return FALSE;
    if (strcmp(info->list_id, statement->list_id) == 0 && info->version == statement->version &&
        info->rows == statement->rows && strcmp(info->state_hash, statement->state_hash) == 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "the list %s: %s", statement->list_id,
                dv_trust_reason_sentence(DV_TRUST_WRONG_CONTENT));
    return FALSE;
}

gboolean
list_verify_content(const char *lists, const DvTrustList *list, const DvTrustStatement *statement,
                    const char *cert, const char *key, GError **error)
{
    g_auto(Opened) opened = {.lists = lists};
    g_autoptr(GPtrArray) path = dv_trust_path(list, 0);
    opened.layers = g_ptr_array_new_with_free_func(g_free);
    opened.cert = dv_cert_load(cert, error);
    opened.key = opened.cert ? dv_key_load(key, error) : NULL;
    opened.folder = opened.key ? g_dir_make_tmp("darvaza-lists-XXXXXX", error) : NULL;
    if (!opened.folder)
        return FALSE;
    for (guint i = 0; i < path->len; i++)
        if (!open_package(&opened, g_ptr_array_index(path, i), error))
            return FALSE;
    g_ptr_array_add(opened.layers, NULL);
    if (!dv_watchlist_verify((const char *const *)opened.layers->pdata, error) ||
        !is_signed_content(&opened, statement, error))
        return FALSE;
    printf("list %s: %" G_GINT64_FORMAT " alerts with the signed state hash %s\n",
           statement->list_id, statement->rows, statement->state_hash);
    return TRUE;
}

gboolean
list_verify_folder(const char *folder, GError **error)
{
    g_autofree char *trust_path = g_build_filename(folder, "trust", NULL);
    g_autoptr(DvTrust) trust = dv_trust_load(trust_path, error);
    g_auto(GStrv) ids = trust ? list_folder_ids(folder, error) : NULL;
    if (!ids)
        return FALSE;
    printf("release %" G_GINT64_FORMAT " in force under root %" G_GINT64_FORMAT "\n",
           dv_trust_numbers(trust).release, dv_trust_numbers(trust).epoch);
    for (char **id = ids; *id; id++) {
        g_auto(GStrv) layers = list_folder_layers(folder, *id, error);
        if (!layers || !dv_watchlist_verify((const char *const *)layers, error))
            return FALSE;
        printf("list %s: the rows of its %u layers are the ones that their builder wrote\n", *id,
               g_strv_length(layers));
    }
    return TRUE;
}
