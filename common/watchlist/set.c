// SPDX-License-Identifier: Apache-2.0
#include "set.h"

#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/log.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define CURRENT "current.json"
#define CURRENT_MAX 1048576u
#define NAME_MAX_BYTES 128u

/* What current.json promises, opened. */
typedef struct {
    GPtrArray *lists; /* SetList */
    gint64 release;
} Opened;

struct ListSet {
    char *folder; /* NULL: files by name */
    Opened *now;  /* NULL: nothing is in force */
    char *trouble, *notice;
    gboolean is_whole; /* every list of now could be opened */
    struct stat seen;  /* current.json, as it was last looked at */
};

static void
list_free(gpointer data)
{
    SetList *list = data;

    list_stack_free(list->stack);
    g_free(list->trouble);
    g_free(list->name);
    g_free(list);
}

static void
opened_free(Opened *opened)
{
    if (opened == NULL)
        return;
    g_ptr_array_unref(opened->lists);
    g_free(opened);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Opened, opened_free)

static Opened *
opened_new(void)
{
    Opened *opened = g_new0(Opened, 1);

    opened->lists = g_ptr_array_new_with_free_func(list_free);
    return opened;
}

/* Adds a list, opened or with its trouble. */
static SetList *
add_list(Opened *opened, const char *name, const char *const *paths)
{
    g_autoptr(GError) error = NULL;
    SetList *list = g_new0(SetList, 1);

    g_ptr_array_add(opened->lists, list);
    list->name = g_strdup(name);
    list->stack = list_stack_open(paths, &error);
    if (list->stack == NULL)
        list->trouble = g_strdup(error->message);
    return list;
}

/* ---- current.json */

static gboolean
is_layer_name(const char *name)
{
    return name != NULL && strlen(name) <= NAME_MAX_BYTES && name[0] != '.' &&
           strchr(name, '/') == NULL && g_str_has_suffix(name, DV_WATCHLIST_SUFFIX);
}

static gboolean
refuse(GError **error, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s: %s", CURRENT, what);
    return FALSE;
}

static gboolean
take_paths(const char *folder, const json_t *layers, GPtrArray *paths, GError **error)
{
    if (json_array_size(layers) == 0 || json_array_size(layers) > STACK_LAYERS_MAX)
        return refuse(error, "a list has no layers, or too many");
    for (gsize i = 0; i < json_array_size(layers); i++) {
        const char *name = json_string_value(json_array_get(layers, i));
        if (!is_layer_name(name))
            return refuse(error, "a layer has no name of a list file");
        g_ptr_array_add(paths, g_build_filename(folder, "layers", name, NULL));
    }
    g_ptr_array_add(paths, NULL);
    return TRUE;
}

/* The files must be of the list and version that the set names. */
static void
check_promise(SetList *list, gint64 version)
{
    const ListMeta *meta = list->stack != NULL ? list_stack_meta(list->stack) : NULL;

    if (meta == NULL || (g_str_equal(meta->list_id, list->name) && meta->version == version))
        return;
    g_clear_pointer(&list->stack, list_stack_free);
    list->trouble = g_strdup("its files are not of the version that is to be in force");
}

static gboolean
take_list(const char *folder, Opened *opened, const json_t *object, GError **error)
{
    static const char *const members[] = {"list_id", "version", "layers", NULL};
    g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
    gint64 version = 0;

    if (!dv_json_only(object, members, CURRENT, error))
        return FALSE;
    const char *id = dv_json_string(object, "list_id", LIST_ID_MAX, CURRENT, error);
    if (id == NULL || !dv_json_int(object, "version", 1, G_MAXINT64, &version, CURRENT, error) ||
        !take_paths(folder, json_object_get(object, "layers"), paths, error))
        return FALSE;
    for (guint i = 0; i < opened->lists->len; i++) {
        if (g_str_equal(((SetList *)g_ptr_array_index(opened->lists, i))->name, id))
            return refuse(error, "a list stands twice");
    }
    check_promise(add_list(opened, id, (const char *const *)paths->pdata), version);
    return TRUE;
}

static Opened *
open_current(const char *folder, GError **error)
{
    static const char *const members[] = {"format",       "epoch", "release",
                                          "installed_at", "lists", NULL};
    g_autofree char *path = g_build_filename(folder, CURRENT, NULL);
    g_autoptr(Opened) opened = opened_new();
    gint64 format = 0;
    gsize length = 0;

    g_autoptr(GBytes) bytes = dv_file_read(path, CURRENT_MAX, error);
    if (bytes == NULL)
        return NULL;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, CURRENT_MAX, error);
    if (object == NULL || !dv_json_only(object, members, CURRENT, error) ||
        !dv_json_int(object, "format", 1, 1, &format, CURRENT, error) ||
        !dv_json_int(object, "release", 0, G_MAXINT64, &opened->release, CURRENT, error))
        return NULL;
    const json_t *lists = json_object_get(object, "lists");
    if (!json_is_array(lists) || json_array_size(lists) > DV_WATCHLIST_LISTS_MAX) {
        refuse(error, "there is no array of lists, or more of them than can be asked");
        return NULL;
    }
    for (gsize i = 0; i < json_array_size(lists); i++) {
        if (!take_list(folder, opened, json_array_get(lists, i), error))
            return NULL;
    }
    return g_steal_pointer(&opened);
}

/* ---- swapping */

static void
set_text(char **at, char *text)
{
    g_free(*at);
    *at = text;
}

static void
log_set(const Opened *opened)
{
    for (guint i = 0; i < opened->lists->len; i++) {
        const SetList *list = g_ptr_array_index(opened->lists, i);
        if (list->stack == NULL) {
            dv_log_warning("watchlist %s: %s", list->name, list->trouble);
            continue;
        }
        const ListMeta *meta = list_stack_meta(list->stack);
        dv_log_info("watchlist %s version %" G_GINT64_FORMAT " in use: %" G_GINT64_FORMAT
                    " alerts in %u layers",
                    meta->list_id, meta->version, meta->rows, list->stack->layers->len);
    }
}

static const char *
first_trouble(const Opened *opened)
{
    for (guint i = 0; i < opened->lists->len; i++) {
        const SetList *list = g_ptr_array_index(opened->lists, i);
        if (list->stack == NULL)
            return list->trouble;
    }
    return NULL;
}

/* Keeps what is in force and says why, once. */
static void
keep(ListSet *set, const char *why)
{
    char *notice = g_strdup_printf("a newer set of watchlists cannot be opened: %s", why);

    if (g_strcmp0(set->notice, notice) != 0)
        dv_log_warning("watchlists: %s", notice);
    set_text(&set->notice, notice);
}

static void
take_over(ListSet *set, Opened *opened)
{
    opened_free(set->now);
    set->now = opened;
    set->is_whole = first_trouble(opened) == NULL;
    set_text(&set->trouble, NULL);
    set_text(&set->notice, NULL);
    log_set(opened);
}

static void
drop(ListSet *set, char *why)
{
    if (g_strcmp0(set->trouble, why) != 0)
        dv_log_warning("watchlists: %s", why);
    g_clear_pointer(&set->now, opened_free);
    set->is_whole = FALSE;
    set_text(&set->trouble, why);
    set_text(&set->notice, NULL);
}

static gboolean
is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

void
list_set_refresh(ListSet *set)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = NULL;
    struct stat info;

    if (set->folder == NULL)
        return;
    path = g_build_filename(set->folder, CURRENT, NULL);
    if (stat(path, &info) != 0) {
        memset(&set->seen, 0, sizeof set->seen);
        drop(set, errno == ENOENT
                      ? g_strdup("no watchlist is in force on this machine")
                      : g_strdup_printf("cannot look at %s: %s", path, g_strerror(errno)));
        return;
    }
    /* What failed the last time may be there now. */
    if (is_same(&set->seen, &info) && set->is_whole && set->notice == NULL)
        return;
    set->seen = info;
    Opened *opened = open_current(set->folder, &error);
    const char *why = opened != NULL ? first_trouble(opened) : error->message;
    if (why != NULL && set->is_whole) {
        keep(set, why);
        opened_free(opened);
    } else if (opened != NULL) {
        take_over(set, opened);
    } else {
        drop(set, g_strdup(why));
    }
}

/* ---- */

ListSet *
list_set_open_folder(const char *folder, GError **error)
{
    g_autoptr(GDir) dir = g_dir_open(folder, 0, error);

    if (dir == NULL) {
        g_prefix_error(error, "cannot read the folder of watchlists: ");
        return NULL;
    }
    ListSet *set = g_new0(ListSet, 1);
    set->folder = g_strdup(folder);
    list_set_refresh(set);
    return set;
}

ListSet *
list_set_open_files(const char *const *paths)
{
    ListSet *set = g_new0(ListSet, 1);

    set->now = opened_new();
    for (gsize i = 0; paths[i] != NULL; i++) {
        const char *const layers[] = {paths[i], NULL};
        g_autofree char *base = g_path_get_basename(paths[i]);
        if (g_str_has_suffix(base, DV_WATCHLIST_SUFFIX))
            base[strlen(base) - strlen(DV_WATCHLIST_SUFFIX)] = '\0';
        SetList *list = add_list(set->now, base, layers);
        if (list->stack != NULL)
            set_text(&list->name, g_strdup(list_stack_meta(list->stack)->list_id));
    }
    set->is_whole = TRUE;
    return set;
}

void
list_set_free(ListSet *set)
{
    if (set == NULL)
        return;
    opened_free(set->now);
    g_free(set->trouble);
    g_free(set->notice);
    g_free(set->folder);
    g_free(set);
}

const GPtrArray *
list_set_lists(const ListSet *set)
{
    return set->now != NULL ? set->now->lists : NULL;
}

const char *
list_set_trouble(const ListSet *set)
{
    return set->trouble;
}

const char *
list_set_notice(const ListSet *set)
{
    return set->notice;
}

gint64
list_set_release(const ListSet *set)
{
    return set->now != NULL ? set->now->release : 0;
}
