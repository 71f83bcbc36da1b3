// SPDX-License-Identifier: Apache-2.0
/* Into lists/: roots, releases with what they name, timestamps. */
#include "list_repo.h"
#include "list_signer.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

#define HOUR_US (G_GINT64_CONSTANT(3600) * G_USEC_PER_SEC)

static gboolean
put_numbered(const ListRepo *repo, const char *kind, gint64 number, GBytes *file, GError **error)
{
    g_autofree char *name = g_strdup_printf("%s/%" G_GINT64_FORMAT ".json", kind, number);
    g_autofree char *path = list_repo_path(repo, name);
    return dv_list_write(path, file, error);
}

/* The first root is believed because it is laid here by hand; the next ones must follow. */
gboolean
list_repo_add_root(ListRepo *repo, GBytes *file, GError **error)
{
    g_autoptr(DvTrust) trust = dv_trust_new(repo->root_file ? repo->root_file : file, NULL, error);
    g_autoptr(DvTrustRoot) root = trust ? dv_trust_root_read(file, NULL, error) : NULL;
    if (!root)
        return FALSE;
    if (repo->root_file &&
        dv_trust_take_root(trust, file, dv_clock_wall_us(), error) != DV_TRUST_OK)
        return FALSE;
    if (!repo->root_file && root->version != 1) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "the first root of a repository is root 1");
        return FALSE;
    }
    return put_numbered(repo, "root", root->version, file, error);
}

/* ---- release */

static gboolean
lay(const ListRepo *repo, gint64 release, const char *name, GError **error)
{
    g_autofree char *from = list_repo_draft(repo, release, name);
    g_autofree char *to = list_repo_path(repo, name);
    return g_file_test(to, G_FILE_TEST_EXISTS) || list_repo_link(from, to, error);
}

static gboolean
lay_package(const ListRepo *repo, gint64 release, const DvTrustPackage *package, GError **error)
{
    g_autofree char *name = g_strdup_printf("package/%s", package->sha256);
    g_autofree char *keys = g_strdup_printf("keys/%s", package->sha256);
    g_autofree char *path = list_repo_draft(repo, release, name);
    if (g_file_test(path, G_FILE_TEST_EXISTS) &&
        dv_package_check(path, package, error) != DV_TRUST_OK)
        return FALSE;
    return lay(repo, release, name, error) && lay(repo, release, keys, error);
}

static gboolean
lay_list(const ListRepo *repo, gint64 release, const DvTrustList *list, GError **error)
{
    g_autofree char *name = g_strdup_printf("statement/%s.json", list->statement_sha256);
    g_autofree char *path = list_repo_draft(repo, release, name);
    g_autoptr(GBytes) statement = dv_list_read(path, DV_TRUST_STATEMENT_MAX, error);
    if (!statement || dv_trust_signed_by(statement, repo->root, DV_TRUST_ROLE_OWNER, list->list_id,
                                         NULL, NULL, NULL, error) != DV_TRUST_OK)
        return FALSE;
    gboolean good =
        lay(repo, release, name, error) && lay_package(repo, release, &list->full, error);
    for (guint i = 0; good && i < list->deltas->len; i++)
        good = lay_package(repo, release, g_ptr_array_index(list->deltas, i), error);
    return good;
}

gboolean
list_repo_put_release(ListRepo *repo, gint64 number, GError **error)
{
    g_autofree char *path = list_repo_draft(repo, number, "release.json");
    g_autoptr(GBytes) file = dv_list_read(path, DV_TRUST_RELEASE_MAX, error);
    g_autoptr(DvTrustRelease) release = file ? dv_trust_release_read(file, NULL, error) : NULL;
    if (!release || !list_repo_needs_root(repo, error) ||
        dv_trust_signed_by(file, repo->root, DV_TRUST_ROLE_RELEASE, NULL, NULL, NULL, NULL,
                           error) != DV_TRUST_OK)
        return FALSE;
    if (release->release != number || (repo->release && repo->release->release >= number)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "release %" G_GINT64_FORMAT " is not above the one that stands", number);
        return FALSE;
    }
    for (guint i = 0; i < release->lists->len; i++)
        if (!lay_list(repo, number, g_ptr_array_index(release->lists, i), error))
            return FALSE;
    return put_numbered(repo, "release", number, file, error);
}

/* ---- timestamp */

static gboolean
refer(const ListRepo *repo, gint64 number, DvTrustReleaseRef *ref, GError **error)
{
    guint8 digest[DV_SHA256_SIZE];
    g_autofree char *name = g_strdup_printf("release/%" G_GINT64_FORMAT ".json", number);
    g_autofree char *path = list_repo_path(repo, name);
    g_autoptr(GBytes) file = dv_list_read(path, DV_TRUST_RELEASE_MAX, error);
    if (!file)
        return FALSE;
    ref->release = number;
    ref->size = (gint64)g_bytes_get_size(file);
    dv_sha256(g_bytes_get_data(file, NULL), g_bytes_get_size(file), digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_strlcpy(ref->sha256, hex, DV_TRUST_HEX);
    return TRUE;
}

/* What others stay with while a release goes out: what the last timestamp had, or its own. */
static gboolean
fill_previous(const ListRepo *repo, DvTrustTimestamp *timestamp)
{
    const DvTrustTimestamp *last = repo->timestamp;
    if (!last || timestamp->percent == 100)
        return FALSE;
    timestamp->previous = last->current;
    if (last->current.release == timestamp->current.release || last->percent < 100) {
        timestamp->previous = last->previous;
        return last->has_previous;
    }
    return TRUE;
}

static gboolean
sign_timestamp(const ListRepo *repo, const DvTrustTimestamp *timestamp, const DvKey *key,
               GError **error)
{
    g_autofree char *path = list_repo_path(repo, "timestamp.json");
    g_autoptr(GBytes) file = dv_trust_timestamp_make(timestamp, error);
    g_autoptr(GBytes) signature =
        file ? dv_trust_sign(file, DV_TRUST_ROLE_TIMESTAMP, key, error) : NULL;
    g_autoptr(GBytes) whole = signature
                                  ? dv_trust_add_signature(file, signature, repo->root,
                                                           DV_TRUST_ROLE_TIMESTAMP, NULL, error)
                                  : NULL;
    return whole && dv_list_write(path, whole, error);
}

gboolean
list_repo_put_timestamp(ListRepo *repo, const DvKey *key, guint percent, gint64 hours,
                        GError **error)
{
    gint64 now = dv_clock_wall_us() / 1000 * 1000;
    gint64 last = repo->timestamp ? repo->timestamp->version : 0;
    DvTrustTimestamp timestamp = {.percent = percent};
    if (!list_repo_needs_root(repo, error))
        return FALSE;
    if (!repo->release) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "there is no release yet that a timestamp could name");
        return FALSE;
    }
    timestamp.version = dv_trust_timestamp_next_version(last, now);
    timestamp.epoch = repo->root->version;
    timestamp.issued_us = MAX(now, timestamp.version * G_USEC_PER_SEC);
    timestamp.expires_us = timestamp.issued_us + hours * HOUR_US;
    if (!refer(repo, repo->release->release, &timestamp.current, error))
        return FALSE;
    timestamp.has_previous = fill_previous(repo, &timestamp);
    return sign_timestamp(repo, &timestamp, key, error);
}
