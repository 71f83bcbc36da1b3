// SPDX-License-Identifier: Apache-2.0
#include "set.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <darvaza/file.h>
#include <darvaza/json.h>
#include <darvaza/log.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define CURRENT_MAX (256u * 1024)
#define LAYERS_MAX 256u
#define FORMAT 1

static void
set_list_free(gpointer data)
{
    ListsSetList *list = data;

    g_free(list->list_id);
    g_ptr_array_unref(list->layers);
    g_free(list);
}

ListsSet *
lists_set_new(void)
{
    ListsSet *set = g_new0(ListsSet, 1);

    set->lists = g_ptr_array_new_with_free_func(set_list_free);
    return set;
}

void
lists_set_free(ListsSet *set)
{
    if (set == NULL)
        return;
    g_ptr_array_unref(set->lists);
    g_free(set);
}

ListsSetList *
lists_set_find(const ListsSet *set, const char *list_id)
{
    for (guint i = 0; i < set->lists->len; i++) {
        ListsSetList *list = g_ptr_array_index(set->lists, i);
        if (g_str_equal(list->list_id, list_id))
            return list;
    }
    return NULL;
}

ListsSetList *
lists_set_add(ListsSet *set, const char *list_id, gint64 version)
{
    ListsSetList *list = g_new0(ListsSetList, 1);

    list->list_id = g_strdup(list_id);
    list->version = version;
    list->layers = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(set->lists, list);
    return list;
}

/* ---- current.json */

/* A layer's name is one of ours; it must not lead out of the folder. */
static gboolean
is_layer_name(const char *name)
{
    return name != NULL && name[0] != '.' && strchr(name, '/') == NULL && strlen(name) <= 200;
}

static gboolean
corrupt(GError **error, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "current.json: %s", what);
    return FALSE;
}

static gboolean
read_list(ListsSet *set, const json_t *item, GError **error)
{
    gint64 version = 0;
    const char *list_id = dv_json_string(item, "list_id", 64, "current.json", error);
    const json_t *layers = json_object_get(item, "layers");
    gsize count = json_array_size(layers);

    if (list_id == NULL ||
        !dv_json_int(item, "version", 1, G_MAXINT64, &version, "current.json", error))
        return FALSE;
    if (lists_set_find(set, list_id) != NULL)
        return corrupt(error, "a list stands twice");
    if (count == 0 || count > LAYERS_MAX)
        return corrupt(error, "a list has no layers, or too many");
    ListsSetList *list = lists_set_add(set, list_id, version);
    for (gsize i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(layers, i));
        if (!is_layer_name(name))
            return corrupt(error, "a list names a layer that is none");
        g_ptr_array_add(list->layers, g_strdup(name));
    }
    return TRUE;
}

static ListsSet *
parse_set(GBytes *bytes, GError **error)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(ListsSet) set = lists_set_new();
    g_autoptr(json_t) body = dv_json_parse(data, length, CURRENT_MAX, error);
    gint64 format = 0;

    if (body == NULL ||
        !dv_json_int(body, "format", FORMAT, FORMAT, &format, "current.json", error) ||
        !dv_json_int(body, "epoch", 0, G_MAXINT64, &set->epoch, "current.json", error) ||
        !dv_json_int(body, "release", 0, G_MAXINT64, &set->release, "current.json", error))
        return NULL;
    const json_t *lists = json_object_get(body, "lists");
    if (!json_is_array(lists)) {
        corrupt(error, "it has no lists");
        return NULL;
    }
    for (gsize i = 0; i < json_array_size(lists); i++)
        if (!read_list(set, json_array_get(lists, i), error))
            return NULL;
    return g_steal_pointer(&set);
}

ListsSet *
lists_set_read(const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "current.json", NULL);

    if (access(path, F_OK) != 0 && errno == ENOENT)
        return lists_set_new();
    g_autoptr(GBytes) bytes = dv_file_read(path, CURRENT_MAX, error);
    ListsSet *set = bytes != NULL ? parse_set(bytes, error) : NULL;
    if (set == NULL)
        g_prefix_error(error, "the set in force in %s: ", folder);
    return set;
}

static json_t *
set_json(const ListsSet *set, gint64 installed_us)
{
    json_t *lists = json_array();
    g_autofree char *installed = dv_time_format(installed_us);

    for (guint i = 0; i < set->lists->len; i++) {
        const ListsSetList *list = g_ptr_array_index(set->lists, i);
        json_t *layers = json_array();
        for (guint k = 0; k < list->layers->len; k++)
            json_array_append_new(layers, json_string(g_ptr_array_index(list->layers, k)));
        json_array_append_new(lists,
                              json_pack("{s:s, s:I, s:o}", "list_id", list->list_id, "version",
                                        (json_int_t)list->version, "layers", layers));
    }
    return json_pack("{s:i, s:I, s:I, s:s, s:o}", "format", FORMAT, "epoch", (json_int_t)set->epoch,
                     "release", (json_int_t)set->release, "installed_at", installed, "lists",
                     lists);
}

#ifdef DV_SABOTAGE_SWAP_BEFORE_FSYNC
/* What must not be: the name is there before the bytes are. */
static gboolean
put_current(const char *path, const char *text, gsize length, GError **error)
{
    g_autofree char *temporary = g_strconcat(path, ".new", NULL);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);

    if (fd >= 0 && write(fd, text, length) == (gssize)length && close(fd) == 0 &&
        rename(temporary, path) == 0)
        return TRUE;
    dv_error_set_errno(error, errno, "cannot write %s", path);
    return FALSE;
}
#else
static gboolean
put_current(const char *path, const char *text, gsize length, GError **error)
{
    return dv_file_write(path, text, length, 0640, error);
}
#endif

gboolean
lists_set_write(const ListsSet *set, const char *folder, gint64 installed_us, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "current.json", NULL);
    g_autoptr(json_t) body = set_json(set, installed_us);
    gsize length = 0;
    g_autofree char *text = dv_json_canonical(body, &length, error);

    return text != NULL && put_current(path, text, length, error);
}

/* ---- layers */

char *
lists_layer_path(const char *folder, const char *layer)
{
    return g_build_filename(folder, "layers", layer, NULL);
}

char **
lists_layer_paths(const char *folder, const ListsSetList *list)
{
    char **paths = g_new0(char *, list->layers->len + 1);

    for (guint i = 0; i < list->layers->len; i++)
        paths[i] = lists_layer_path(folder, g_ptr_array_index(list->layers, i));
    return paths;
}

static gboolean
is_named(const ListsSet *set, const char *name)
{
    for (guint i = 0; i < set->lists->len; i++) {
        const ListsSetList *list = g_ptr_array_index(set->lists, i);
        for (guint k = 0; k < list->layers->len; k++)
            if (g_str_equal(g_ptr_array_index(list->layers, k), name))
                return TRUE;
    }
    return FALSE;
}

static void
remove_files(const char *folder, const ListsSet *keep)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);

    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        if (keep != NULL && is_named(keep, name))
            continue;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (unlink(path) != 0)
            dv_log_warning("cannot remove %s: %s", path, g_strerror(errno));
    }
}

void
lists_folder_collect(const char *folder, const ListsSet *set)
{
    g_autofree char *layers = g_build_filename(folder, "layers", NULL);
    remove_files(layers, set);
}

void
lists_folder_clear_downloads(const char *folder)
{
    g_autofree char *downloads = g_build_filename(folder, "download", NULL);
    remove_files(downloads, NULL);
}

/* ---- status.json */

gboolean
lists_status_write(const ListsStatus *status, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "status.json", NULL);
    g_autofree char *at = dv_time_format(status->at_us);
    const char *reason = status->reason == DV_TRUST_OK ? "" : dv_trust_reason_word(status->reason);
    g_autoptr(json_t) body = json_pack(
        "{s:i, s:I, s:I, s:s, s:s, s:s, s:s, s:s}", "format", FORMAT, "epoch",
        (json_int_t)status->epoch, "release", (json_int_t)status->release, "state", status->state,
        "reason", reason, "detail", status->detail, "volume", status->volume, "at", at);
    gsize length = 0;
    g_autofree char *text = dv_json_canonical(body, &length, error);

    return text != NULL && g_file_set_contents_full(path, text, (gssize)length,
                                                    G_FILE_SET_CONTENTS_CONSISTENT, 0640, error);
}
