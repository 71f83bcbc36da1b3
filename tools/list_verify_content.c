// SPDX-License-Identifier: Apache-2.0
#include "list_verify_content.h"
#include "list_draft.h"
#include "list_signer.h"
#include "list_verify.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/watchlist.h>
#include <darvaza/watchlist_build.h>
#include <darvaza/watchlist_rows.h>
#include <errno.h>
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
    if (opened->folder) {
        g_autofree char *layers = g_build_filename(opened->folder, "layers", NULL);
        g_autofree char *current = g_build_filename(opened->folder, "current.json", NULL);
        g_rmdir(layers);
        g_unlink(current);
        g_rmdir(opened->folder);
    }
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
    g_autofree char *name = g_strdup_printf("layers/%u.dvlist", opened->layers->len);
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

/* As a booth would have it in force, so that questions can be put. */
static gboolean
put_in_force(const Opened *opened, const DvTrustStatement *statement, GError **error)
{
    g_autofree char *path = g_build_filename(opened->folder, "current.json", NULL);
    g_autoptr(GString) text = g_string_new(NULL);
    g_string_append_printf(
        text,
        "{\"format\":1,\"epoch\":1,\"release\":1,\"installed_at\":\"\",\"lists\":"
        "[{\"list_id\":\"%s\",\"version\":%" G_GINT64_FORMAT ",\"layers\":[",
        statement->list_id, statement->version);
    for (guint i = 0; i + 1 < opened->layers->len; i++)
        g_string_append_printf(text, "%s\"%u.dvlist\"", i ? "," : "", i);
    g_string_append(text, "]}]}");
    g_autoptr(GBytes) bytes = g_bytes_new(text->str, text->len);
    return dv_list_write(path, bytes, error);
}

static gboolean
finds_all(const Opened *opened, const DvTrustStatement *statement, gboolean training,
          GError **error)
{
    g_autoptr(DvWatchlist) lists = dv_watchlist_open(opened->folder, training, error);
    if (!lists)
        return FALSE;
    for (guint i = 0; i < statement->canary_rows->len; i++) {
        const DvTrustCanaryRow *row = g_ptr_array_index(statement->canary_rows, i);
        if (list_finds(lists, row->query, row->alert_id))
            continue;
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "the list %s: %s: %s", statement->list_id,
                    dv_trust_reason_word(DV_TRUST_SELFTEST),
                    dv_trust_reason_sentence(DV_TRUST_SELFTEST));
        return FALSE;
    }
    return TRUE;
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
        return put_in_force(opened, statement, error) &&
               finds_all(opened, statement, info->is_training, error);
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "the list %s: %s: %s", statement->list_id,
                dv_trust_reason_word(DV_TRUST_WRONG_CONTENT),
                dv_trust_reason_sentence(DV_TRUST_WRONG_CONTENT));
    return FALSE;
}

/* Whole lists lie in it for as long as it takes: not where everybody's temporary files are. */
static char *
new_folder(const char *work, GError **error)
{
    g_autofree char *folder = g_build_filename(work, ".verify-XXXXXX", NULL);
    if (g_mkdtemp_full(folder, 0700))
        return g_steal_pointer(&folder);
    dv_error_set_errno(error, errno, "packages cannot be opened in %s (--work names another place)",
                       work);
    return NULL;
}

gboolean
list_verify_content(const char *lists, const DvTrustList *list, const DvTrustStatement *statement,
                    const char *work, const char *cert, const char *key, GError **error)
{
    g_auto(Opened) opened = {.lists = lists};
    g_autoptr(GPtrArray) path = dv_trust_path(list, 0);
    opened.layers = g_ptr_array_new_with_free_func(g_free);
    opened.cert = dv_cert_load(cert, error);
    opened.key = opened.cert ? dv_key_load(key, error) : NULL;
    opened.folder = opened.key ? new_folder(work, error) : NULL;
    g_autofree char *inner = opened.folder ? g_build_filename(opened.folder, "layers", NULL) : NULL;
    if (!inner || !dv_file_make_dir(inner, 0700, error))
        return FALSE;
    for (guint i = 0; i < path->len; i++)
        if (!open_package(&opened, g_ptr_array_index(path, i), error))
            return FALSE;
    g_ptr_array_add(opened.layers, NULL);
    if (!dv_watchlist_verify((const char *const *)opened.layers->pdata, error) ||
        !is_signed_content(&opened, statement, error))
        return FALSE;
    printf("list %s: %" G_GINT64_FORMAT
           " alerts with the signed state hash %s; %u rows that must be "
           "found are\n",
           statement->list_id, statement->rows, statement->state_hash, statement->canary_rows->len);
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
