// SPDX-License-Identifier: Apache-2.0
#include "list_verify.h"
#include "list_signer.h"
#include "list_verify_content.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/watchlist_build.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

/* Prefixes the reason's word, so that it can be looked up. */
static gboolean
judged(DvTrustReason reason, const char *what, GError **error)
{
    if (reason == DV_TRUST_OK)
        return TRUE;
    g_prefix_error(error, "%s: %s: ", what, dv_trust_reason_word(reason));
    return FALSE;
}

static GBytes *
piece(const char *lists, const char *name, gsize max, GError **error)
{
    g_autofree char *path = g_build_filename(lists, name, NULL);
    return dv_list_read(path, max, error);
}

static gboolean
walk_roots(DvTrust *trust, const char *lists, GError **error)
{
    for (guint i = 0; i < DV_TRUST_ROOT_STEPS_MAX; i++) {
        g_autofree char *name =
            g_strdup_printf("root/%" G_GINT64_FORMAT ".json", dv_trust_numbers(trust).epoch + 1);
        g_autofree char *path = g_build_filename(lists, name, NULL);
        if (!g_file_test(path, G_FILE_TEST_EXISTS))
            return TRUE;
        g_autoptr(GBytes) file = piece(lists, name, DV_TRUST_ROOT_MAX, error);
        if (!file ||
            !judged(dv_trust_take_root(trust, file, dv_clock_wall_us(), error), name, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
walk_release(DvTrust *trust, const char *lists, GError **error)
{
    gint64 now = dv_clock_wall_us();
    g_autoptr(GBytes) stamp = piece(lists, "timestamp.json", DV_TRUST_TIMESTAMP_MAX, error);
    if (!stamp ||
        !judged(dv_trust_take_timestamp(trust, stamp, now, error), "timestamp.json", error))
        return FALSE;
    g_autofree char *name = g_strdup_printf("release/%" G_GINT64_FORMAT ".json",
                                            dv_trust_timestamp(trust)->current.release);
    g_autoptr(GBytes) file = piece(lists, name, DV_TRUST_RELEASE_MAX, error);
    return file && judged(dv_trust_take_release(trust, file, now, error), name, error);
}

static gboolean
walk_statements(DvTrust *trust, const char *lists, GError **error)
{
    const DvTrustRelease *release = dv_trust_release(trust);
    for (guint i = 0; i < release->lists->len; i++) {
        const DvTrustList *list = g_ptr_array_index(release->lists, i);
        g_autofree char *name = g_strdup_printf("statement/%s.json", list->statement_sha256);
        g_autoptr(GBytes) file = piece(lists, name, DV_TRUST_STATEMENT_MAX, error);
        if (!file ||
            !judged(dv_trust_take_statement(trust, list->list_id, file, dv_clock_wall_us(), error),
                    name, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_package(const char *lists, const DvTrustPackage *package, GError **error)
{
    g_autofree char *name = g_strdup_printf("package/%s", package->sha256);
    g_autofree char *path = g_build_filename(lists, name, NULL);
    g_autofree char *keys = g_strdup_printf("keys/%s", package->sha256);
    if (!judged(dv_package_check(path, package, error), name, error))
        return FALSE;
    g_autoptr(GBytes) file = piece(lists, keys, DV_PACKAGE_ENVELOPES_MAX, error);
    g_autoptr(DvPackageEnvelopes) envelopes = file ? dv_package_envelopes_read(file, error) : NULL;
    return envelopes != NULL;
}

static gboolean
check_list(const char *lists, const DvTrustList *list, GError **error)
{
    if (!check_package(lists, &list->full, error))
        return FALSE;
    for (guint i = 0; i < list->deltas->len; i++)
        if (!check_package(lists, g_ptr_array_index(list->deltas, i), error))
            return FALSE;
    printf("list %s, version %" G_GINT64_FORMAT
           ": signed by its owner, %u packages as they were signed\n",
           list->list_id, list->version, list->deltas->len + 1);
    return TRUE;
}

static DvTrust *
start(const char *lists, const char *root, GError **error)
{
    g_autoptr(GBytes) file = root ? dv_list_read(root, DV_TRUST_ROOT_MAX, error)
                                  : piece(lists, "root/1.json", DV_TRUST_ROOT_MAX, error);
    if (file && !root)
        puts("root 1 is believed as it lies there; --root names one that was checked by hand");
    return file ? dv_trust_new(file, NULL, error) : NULL;
}

gboolean
list_verify_repository(const char *dir, const char *root, const char *work, const char *cert,
                       const char *key, GError **error)
{
    g_autofree char *lists = g_build_filename(dir, "lists", NULL);
    g_autoptr(DvTrust) trust = start(lists, root, error);
    if (!trust || !walk_roots(trust, lists, error) || !walk_release(trust, lists, error) ||
        !walk_statements(trust, lists, error))
        return FALSE;
    const DvTrustRelease *release = dv_trust_release(trust);
    printf("root %" G_GINT64_FORMAT ", timestamp and release %" G_GINT64_FORMAT
           " are signed by enough keys and have not expired\n",
           dv_trust_numbers(trust).epoch, release->release);
    for (guint i = 0; i < release->lists->len; i++) {
        const DvTrustList *list = g_ptr_array_index(release->lists, i);
        if (!check_list(lists, list, error) ||
            (key && !list_verify_content(lists, list, dv_trust_statement(trust, list->list_id),
                                         work ? work : dir, cert, key, error)))
            return FALSE;
    }
    if (!key)
        puts("the packages' content was not looked at: --cert and --key of somebody who can open "
             "them are needed");
    return TRUE;
}

/* ---- one package */

/* A package is named by its SHA-256: so a damaged one is known as well. */
static const DvTrustPackage *
package_named(const DvTrustRelease *release, const char *path, GError **error)
{
    g_autofree char *name = g_path_get_basename(path);
    for (guint i = 0; i < release->lists->len; i++) {
        const DvTrustList *list = g_ptr_array_index(release->lists, i);
        if (strcmp(list->full.sha256, name) == 0)
            return &list->full;
        for (guint j = 0; j < list->deltas->len; j++) {
            const DvTrustPackage *delta = g_ptr_array_index(list->deltas, j);
            if (strcmp(delta->sha256, name) == 0)
                return delta;
        }
    }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "release %" G_GINT64_FORMAT " has no package of the name %s", release->release,
                name);
    return NULL;
}

gboolean
list_verify_package(const char *path, const char *release, const char *root, GError **error)
{
    g_autoptr(GBytes) root_file = dv_list_read(root, DV_TRUST_ROOT_MAX, error);
    g_autoptr(DvTrustRoot) keys = root_file ? dv_trust_root_read(root_file, NULL, error) : NULL;
    g_autoptr(GBytes) file = keys ? dv_list_read(release, DV_TRUST_RELEASE_MAX, error) : NULL;
    if (!file || !judged(dv_trust_signed_by(file, keys, DV_TRUST_ROLE_RELEASE, NULL, NULL, NULL,
                                            NULL, error),
                         release, error))
        return FALSE;
    g_autoptr(DvTrustRelease) content = dv_trust_release_read(file, NULL, error);
    const DvTrustPackage *package = content ? package_named(content, path, error) : NULL;
    if (!package || !judged(dv_package_check(path, package, error), path, error))
        return FALSE;
    printf("%s: as it was signed for release %" G_GINT64_FORMAT "\n", path, content->release);
    return TRUE;
}
