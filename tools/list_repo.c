// SPDX-License-Identifier: Apache-2.0
#include "list_repo.h"
#include "list_signer.h"
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/json.h>
#include <errno.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CURRENT_MAX (1024u * 1024)

char *
list_repo_path(const ListRepo *repo, const char *name)
{
    return g_build_filename(repo->lists, name, NULL);
}

char *
list_repo_draft(const ListRepo *repo, gint64 release, const char *name)
{
    g_autofree char *number = g_strdup_printf("%" G_GINT64_FORMAT, release);
    return g_build_filename(repo->drafts, number, name, NULL);
}

/* The highest N for which folder/N<suffix> exists; 0: none. */
static gint64
highest(const char *folder, const char *suffix)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    gint64 found = 0;
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        gint64 number = g_ascii_strtoll(name, NULL, 10);
        g_autofree char *exact = g_strdup_printf("%" G_GINT64_FORMAT "%s", number, suffix);
        if (strcmp(exact, name) == 0 && number > found)
            found = number;
    }
    return found;
}

static GBytes *
read_numbered(const ListRepo *repo, const char *kind, gint64 number, gsize max, GError **error)
{
    g_autofree char *name = g_strdup_printf("%s/%" G_GINT64_FORMAT ".json", kind, number);
    g_autofree char *path = list_repo_path(repo, name);
    return dv_list_read(path, max, error);
}

DvTrustRelease *
list_repo_release(const ListRepo *repo, gint64 number, GError **error)
{
    g_autoptr(GBytes) file = read_numbered(repo, "release", number, DV_TRUST_RELEASE_MAX, error);
    return file ? dv_trust_release_read(file, NULL, error) : NULL;
}

guint
list_repo_behind(const ListRepo *repo, gint64 numbers[2])
{
    const DvTrustTimestamp *stamp = repo->timestamp;
    guint count = 0;
    if (stamp && repo->release && stamp->current.release < repo->release->release)
        numbers[count++] = stamp->current.release;
    if (stamp && stamp->has_previous && stamp->percent < 100)
        numbers[count++] = stamp->previous.release;
    return count;
}

static gboolean
load_root(ListRepo *repo, GError **error)
{
    g_autofree char *folder = list_repo_path(repo, "root");
    gint64 number = highest(folder, ".json");
    if (number == 0)
        return TRUE;
    repo->root_file = read_numbered(repo, "root", number, DV_TRUST_ROOT_MAX, error);
    repo->root = repo->root_file ? dv_trust_root_read(repo->root_file, NULL, error) : NULL;
    return repo->root != NULL;
}

static gboolean
load_timestamp(ListRepo *repo, GError **error)
{
    g_autofree char *path = list_repo_path(repo, "timestamp.json");
    if (!g_file_test(path, G_FILE_TEST_EXISTS))
        return TRUE;
    g_autoptr(GBytes) file = dv_list_read(path, DV_TRUST_TIMESTAMP_MAX, error);
    repo->timestamp = file ? dv_trust_timestamp_read(file, NULL, error) : NULL;
    return repo->timestamp != NULL;
}

static gboolean
load_release(ListRepo *repo, GError **error)
{
    g_autofree char *folder = list_repo_path(repo, "release");
    gint64 number = highest(folder, ".json");
    repo->last_number = MAX(number, highest(repo->drafts, ""));
    if (number == 0)
        return TRUE;
    g_clear_pointer(&repo->release_file, g_bytes_unref);
    g_clear_pointer(&repo->release, dv_trust_release_free);
    repo->release_file = read_numbered(repo, "release", number, DV_TRUST_RELEASE_MAX, error);
    repo->release =
        repo->release_file ? dv_trust_release_read(repo->release_file, NULL, error) : NULL;
    return repo->release != NULL;
}

static gboolean
make_folders(const ListRepo *repo, GError **error)
{
    static const char *const served[] = {"root", "release", "statement", "package", "keys"};
    for (gsize i = 0; i < G_N_ELEMENTS(served); i++) {
        g_autofree char *path = list_repo_path(repo, served[i]);
        if (!dv_file_make_dir(path, 0755, error))
            return FALSE;
    }
    return dv_file_make_dir(repo->drafts, 0700, error);
}

ListRepo *
list_repo_open(const char *dir, GError **error)
{
    g_autoptr(ListRepo) repo = g_new0(ListRepo, 1);
    repo->dir = g_strdup(dir);
    repo->lists = g_build_filename(dir, "lists", NULL);
    repo->drafts = g_build_filename(dir, "drafts", NULL);
    if (!make_folders(repo, error) || !load_root(repo, error) || !load_timestamp(repo, error) ||
        !load_release(repo, error)) {
        g_prefix_error(error, "the repository %s: ", dir);
        return NULL;
    }
    return g_steal_pointer(&repo);
}

void
list_repo_free(ListRepo *repo)
{
    if (!repo)
        return;
    g_clear_pointer(&repo->root_file, g_bytes_unref);
    g_clear_pointer(&repo->release_file, g_bytes_unref);
    dv_trust_root_free(repo->root);
    dv_trust_timestamp_free(repo->timestamp);
    dv_trust_release_free(repo->release);
    g_free(repo->dir);
    g_free(repo->lists);
    g_free(repo->drafts);
    g_free(repo);
}

gboolean
list_repo_needs_root(const ListRepo *repo, GError **error)
{
    if (repo->root)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                "the repository %s has no root yet: make one with `darvaza watchlist root new`, "
                "have it signed, and `darvaza watchlist publish --root` it",
                repo->dir);
    return FALSE;
}

const DvTrustList *
list_repo_list(const DvTrustRelease *release, const char *list_id)
{
    for (guint i = 0; release && i < release->lists->len; i++) {
        const DvTrustList *list = g_ptr_array_index(release->lists, i);
        if (strcmp(list->list_id, list_id) == 0)
            return list;
    }
    return NULL;
}

/* ---- plain layers */

static const json_t *
list_in_current(const json_t *current, const char *list_id)
{
    const json_t *lists = json_object_get(current, "lists"), *found = NULL;
    for (gsize i = 0; i < json_array_size(lists); i++) {
        const json_t *list = json_array_get(lists, i);
        const char *id = dv_json_string_or_null(list, "list_id");
        if (id && strcmp(id, list_id) == 0)
            found = list;
    }
    return found;
}

static json_t *
read_current(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "current.json", NULL);
    g_autoptr(GBytes) file = dv_list_read(path, CURRENT_MAX, error);
    return file ? dv_json_parse(g_bytes_get_data(file, NULL), g_bytes_get_size(file), CURRENT_MAX,
                                error)
                : NULL;
}

char **
list_folder_ids(const char *folder, GError **error)
{
    g_autoptr(json_t) current = read_current(folder, error);
    const json_t *lists = json_object_get(current, "lists");
    GPtrArray *ids = g_ptr_array_new();
    for (gsize i = 0; i < json_array_size(lists); i++) {
        const char *id = dv_json_string_or_null(json_array_get(lists, i), "list_id");
        if (id)
            g_ptr_array_add(ids, g_strdup(id));
    }
    g_ptr_array_add(ids, NULL);
    char **result = (char **)g_ptr_array_free(ids, FALSE);
    if (!current)
        g_clear_pointer(&result, g_strfreev);
    return result;
}

char **
list_folder_layers(const char *folder, const char *list_id, GError **error)
{
    g_autoptr(json_t) current = read_current(folder, error);
    if (!current)
        return NULL;
    const json_t *layers = json_object_get(list_in_current(current, list_id), "layers");
    GPtrArray *paths = g_ptr_array_new();
    for (gsize i = 0; i < json_array_size(layers); i++) {
        const char *name = json_string_value(json_array_get(layers, i));
        if (name && !strchr(name, '/'))
            g_ptr_array_add(paths, g_build_filename(folder, "layers", name, NULL));
    }
    g_ptr_array_add(paths, NULL);
    char **result = (char **)g_ptr_array_free(paths, FALSE);
    if (result[0])
        return result;
    g_strfreev(result);
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the folder %s holds no list %s", folder,
                list_id);
    return NULL;
}

char **
list_repo_layers(const ListRepo *repo, gint64 release, const char *list_id, GError **error)
{
    g_autofree char *folder = list_repo_draft(repo, release, NULL);
    return list_folder_layers(folder, list_id, error);
}

static gboolean
copy_file(const char *from, const char *to, GError **error)
{
    g_autoptr(GFile) source = g_file_new_for_path(from);
    g_autoptr(GFile) target = g_file_new_for_path(to);
    return g_file_copy(source, target, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, error);
}

gboolean
list_repo_link(const char *from, const char *to, GError **error)
{
    if (link(from, to) == 0 || errno == EEXIST)
        return TRUE;
    return copy_file(from, to, error);
}
