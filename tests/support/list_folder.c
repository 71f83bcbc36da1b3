// SPDX-License-Identifier: Apache-2.0
#include "list_folder.h"

#include <darvaza/file.h>
#include <darvaza/json.h>
#include <darvaza/watchlist_rows.h>
#include <glib/gstdio.h>
#include <string.h>

#define SUFFIX ".dvlist"

typedef struct {
    char *file;
    DvWatchlistInfo *info; /* NULL: cannot be read */
} Layer;

static void
layer_free(gpointer data)
{
    Layer *layer = data;

    dv_watchlist_info_free(layer->info);
    g_free(layer->file);
    g_free(layer);
}

static gint
by_version(gconstpointer a, gconstpointer b)
{
    const Layer *x = *(Layer *const *)a, *y = *(Layer *const *)b;
    gint64 left = x->info != NULL ? x->info->version : 0;
    gint64 right = y->info != NULL ? y->info->version : 0;

    return left != right ? (left > right) - (left < right) : strcmp(x->file, y->file);
}

static GPtrArray *
find_layers(const char *folder)
{
    GPtrArray *layers = g_ptr_array_new_with_free_func(layer_free);
    g_autofree char *path = g_build_filename(folder, "layers", NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);

    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
        if (!g_str_has_suffix(name, SUFFIX))
            continue;
        g_autofree char *file = g_build_filename(path, name, NULL);
        Layer *layer = g_new0(Layer, 1);
        layer->file = g_strdup(name);
        layer->info = dv_watchlist_info(file, NULL);
        g_ptr_array_add(layers, layer);
    }
    g_ptr_array_sort(layers, by_version);
    return layers;
}

static json_t *
entry_of(const char *id, gint64 version, const char *file)
{
    return json_pack("{s:s, s:I, s:[s]}", "list_id", id, "version", (json_int_t)version, "layers",
                     file);
}

/* Layers come by version: a full one starts its list anew, a delta goes on it. */
static void
place(json_t *lists, const Layer *layer)
{
    const char *id = layer->info != NULL ? layer->info->list_id : layer->file;
    gsize length = strlen(id) - (layer->info != NULL ? 0 : strlen(SUFFIX));
    g_autofree char *name = g_strndup(id, length);
    json_t *entry = NULL;
    gsize i;

    json_array_foreach(lists, i, entry)
    {
        if (g_str_equal(json_string_value(json_object_get(entry, "list_id")), name))
            break;
        entry = NULL;
    }
    if (entry != NULL && layer->info != NULL && layer->info->is_delta) {
        json_array_append_new(json_object_get(entry, "layers"), json_string(layer->file));
        json_object_set_new(entry, "version", json_integer(layer->info->version));
    } else if (entry != NULL) {
        json_array_set_new(
            lists, i, entry_of(name, layer->info != NULL ? layer->info->version : 1, layer->file));
    } else {
        json_array_append_new(
            lists, entry_of(name, layer->info != NULL ? layer->info->version : 1, layer->file));
    }
}

char *
list_folder_layer(const char *folder, const char *name)
{
    g_autofree char *layers = g_build_filename(folder, "layers", NULL);

    g_assert_true(dv_file_make_dir(layers, 0700, NULL));
    return g_strdup_printf("%s/%s" SUFFIX, layers, name);
}

void
list_folder_write(const char *folder, const char *text)
{
    g_autofree char *path = g_build_filename(folder, "current.json", NULL);
    g_autoptr(GError) error = NULL;

    dv_file_write(path, text, strlen(text), 0600, &error);
    g_assert_no_error(error);
}

void
list_folder_publish(const char *folder)
{
    static gint64 release = 0;
    g_autoptr(GPtrArray) layers = find_layers(folder);
    json_t *lists = json_array();

    for (guint i = 0; i < layers->len; i++)
        place(lists, g_ptr_array_index(layers, i));
    g_autoptr(json_t) current =
        json_pack("{s:i, s:i, s:I, s:s, s:o}", "format", 1, "epoch", 1, "release",
                  (json_int_t)++release, "installed_at", "2026-11-23T12:00:00Z", "lists", lists);
    g_autofree char *text = json_dumps(current, JSON_COMPACT);
    list_folder_write(folder, text);
}

void
list_folder_remove(const char *folder)
{
    static const char *const folders[] = {"layers", ""};

    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(folder, folders[i], NULL);
        g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
        for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
            g_autofree char *file = g_build_filename(path, name, NULL);
            g_remove(file);
        }
        g_rmdir(path);
    }
}
