// SPDX-License-Identifier: Apache-2.0
/* From a draft to what kiosks may fetch: first everything that a release names, then the release,
 * last the timestamp that points to it. */
#include "private.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

GBytes *
dv_lists_draft_release(const DvListsRepository *repository, gint64 release, GError **error)
{
    g_autofree char *path =
        g_strdup_printf("%s/%" G_GINT64_FORMAT "/release.json", repository->drafts, release);
    if (release < 1 || !g_file_test(path, G_FILE_TEST_IS_REGULAR)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "There is no draft of release %" G_GINT64_FORMAT " here.", release);
        return NULL;
    }
    return dv_file_read(path, DV_TRUST_RELEASE_MAX, error);
}

static gboolean
is_file_of(const char *path, gint64 size)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISREG(info.st_mode) &&
           (size < 0 || info.st_size == (off_t)size);
}

static gboolean
sync_folder(const char *folder, GError **error)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    gboolean ok = fd >= 0 && fsync(fd) == 0;
    if (!ok)
        dv_error_set_errno(error, errno, "lists: folder %s", folder);
    if (fd >= 0)
        close(fd);
    return ok;
}

typedef struct {
    const DvListsRepository *repository;
    gint64 release;
    gboolean only_look; /* whether everything is there */
} Laying;

/* A second name for the draft's file: nothing is copied, and nothing can stand half written. The
 * size is the signed one; -1: any. Replaces what has another size, which is nothing that a kiosk
 * could use; envelopes that are served already stay, since kiosks may have been enrolled in them
 * meanwhile. */
static gboolean
lay(const Laying *laying, const char *name, gint64 size, GError **error)
{
    g_autofree char *from = g_strdup_printf("%s/%" G_GINT64_FORMAT "/%s",
                                            laying->repository->drafts, laying->release, name);
    g_autofree char *to = g_build_filename(laying->repository->lists, name, NULL);
    g_autofree char *folder = g_path_get_dirname(to);
    g_autofree char *new_name = g_strconcat(to, ".new", NULL);
    if (is_file_of(to, size))
        return TRUE;
    if (!is_file_of(from, size)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "The draft of release %" G_GINT64_FORMAT
                    " is not complete: %s is missing or has another size than the signed one.",
                    laying->release, name);
        return FALSE;
    }
    if (laying->only_look)
        return TRUE;
    if (!dv_file_make_dir(folder, 0755, error))
        return FALSE;
    if ((unlink(new_name) != 0 && errno != ENOENT) || link(from, new_name) != 0 ||
        rename(new_name, to) != 0) {
        dv_error_set_errno(error, errno, "lists: %s cannot be laid beside the others", name);
        return FALSE;
    }
    unlink(new_name); /* rename of two names of one file leaves both */
    return sync_folder(folder, error);
}

static gboolean
lay_package(const Laying *laying, const DvTrustPackage *package, GError **error)
{
    g_autofree char *name = g_strdup_printf("package/%s", package->sha256);
    g_autofree char *keys = g_strdup_printf("keys/%s", package->sha256);
    return lay(laying, name, package->size, error) && lay(laying, keys, -1, error);
}

static gboolean
lay_list(const Laying *laying, const DvTrustList *list, GError **error)
{
    g_autofree char *statement = g_strdup_printf("statement/%s.json", list->statement_sha256);
    if (!lay(laying, statement, list->statement_size, error) ||
        !lay_package(laying, &list->full, error))
        return FALSE;
    for (guint i = 0; i < list->deltas->len; i++)
        if (!lay_package(laying, list->deltas->pdata[i], error))
            return FALSE;
    return TRUE;
}

static gboolean
lay_release(const Laying *laying, GError **error)
{
    g_autoptr(GBytes) file = dv_lists_draft_release(laying->repository, laying->release, error);
    g_autoptr(DvTrustRelease) content = file ? dv_trust_release_read(file, NULL, error) : NULL;
    if (content == NULL)
        return FALSE;
    for (guint i = 0; i < content->lists->len; i++)
        if (!lay_list(laying, content->lists->pdata[i], error))
            return FALSE;
    return TRUE;
}

gboolean
dv_lists_is_complete(const DvListsRepository *repository, gint64 release, GError **error)
{
    const Laying laying = {repository, release, TRUE};
    return lay_release(&laying, error);
}

/* Written only where it does not stand already, so that asking every minute costs no write. */
static gboolean
put(const DvListsRepository *repository, const char *name, GBytes *bytes, GError **error)
{
    g_autofree char *path = g_build_filename(repository->lists, name, NULL);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(GBytes) stands = g_file_test(path, G_FILE_TEST_EXISTS)
                                   ? dv_file_read(path, DV_LISTS_METADATA_MAX, NULL)
                                   : NULL;
    if (stands != NULL && g_bytes_equal(stands, bytes))
        return TRUE;
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    return dv_file_make_dir(folder, 0755, error) && dv_file_write(path, data, length, 0644, error);
}

gboolean
dv_lists_publish(const DvListsRepository *repository, gint64 release, GBytes *file,
                 GBytes *timestamp, GError **error)
{
    const Laying laying = {repository, release, FALSE};
    g_autofree char *name = g_strdup_printf("release/%" G_GINT64_FORMAT ".json", release);
    g_autofree char *path = g_build_filename(repository->lists, name, NULL);
    if (!g_file_test(path, G_FILE_TEST_EXISTS) && !lay_release(&laying, error))
        return FALSE;
    return put(repository, name, file, error) &&
           put(repository, "timestamp.json", timestamp, error);
}

/* ---- what stands, for the grid of booths */

static GBytes *
read_served(const DvListsRepository *repository, const char *name, gsize max)
{
    g_autofree char *path = g_build_filename(repository->lists, name, NULL);
    return g_file_test(path, G_FILE_TEST_IS_REGULAR) ? dv_file_read(path, max, NULL) : NULL;
}

gboolean
dv_lists_standing(const DvListsRepository *repository, DvTrustTimestamp **timestamp,
                  DvTrustRelease **release, GError **error)
{
    *timestamp = NULL;
    *release = NULL;
    g_autoptr(GBytes) stamp = read_served(repository, "timestamp.json", DV_TRUST_TIMESTAMP_MAX);
    if (stamp == NULL)
        return TRUE;
    g_autoptr(DvTrustTimestamp) newest = dv_trust_timestamp_read(stamp, NULL, error);
    if (newest == NULL)
        return FALSE;
    g_autofree char *name =
        g_strdup_printf("release/%" G_GINT64_FORMAT ".json", newest->current.release);
    g_autoptr(GBytes) file = read_served(repository, name, DV_TRUST_RELEASE_MAX);
    *release = file != NULL ? dv_trust_release_read(file, NULL, error) : NULL;
    if (file == NULL)
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "lists: %s is missing", name);
    if (*release != NULL)
        *timestamp = g_steal_pointer(&newest);
    return *release != NULL;
}

GPtrArray *
dv_lists_statements(const DvListsRepository *repository, const DvTrustRelease *release,
                    GError **error)
{
    g_autoptr(GPtrArray) statements =
        g_ptr_array_new_with_free_func((GDestroyNotify)dv_trust_statement_free);
    for (guint i = 0; i < release->lists->len; i++) {
        const DvTrustList *list = release->lists->pdata[i];
        gsize length = 0;
        g_autofree char *name = g_strdup_printf("statement/%s.json", list->statement_sha256);
        g_autoptr(GBytes) file = read_served(repository, name, DV_TRUST_STATEMENT_MAX);
        const void *data = file != NULL ? g_bytes_get_data(file, &length) : NULL;
        DvTrustStatement *statement =
            data != NULL && dv_trust_check_bytes(data, length, list->statement_size,
                                                 list->statement_sha256, NULL) == DV_TRUST_OK
                ? dv_trust_statement_read(file, NULL, NULL)
                : NULL;
        if (statement == NULL) {
            g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT,
                        "lists: the owner's statement of the list %s is missing or another",
                        list->list_id);
            return NULL;
        }
        g_ptr_array_add(statements, statement);
    }
    return g_steal_pointer(&statements);
}
