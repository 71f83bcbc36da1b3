// SPDX-License-Identifier: Apache-2.0
#include "stack.h"

#include <darvaza/error.h>

#include <string.h>

static void
free_file(gpointer data)
{
    list_file_free(data);
}

ListFile *
list_stack_layer(const ListStack *stack, guint i)
{
    return g_ptr_array_index(stack->layers, i);
}

const ListMeta *
list_stack_meta(const ListStack *stack)
{
    return list_file_meta(list_stack_layer(stack, stack->layers->len - 1));
}

/* Whether the layer may lie on what is there already. */
static gboolean
check_fit(const ListStack *stack, const ListFile *file, GError **error)
{
    const ListMeta *meta = list_file_meta(file);
    const char *why = NULL;

    if (stack->layers->len == 0) {
        why = meta->is_delta ? "it is a delta without the list below it" : NULL;
    } else {
        const ListMeta *below = list_stack_meta(stack);
        if (!meta->is_delta)
            why = "it is a full list, and lies on another";
        else if (!g_str_equal(meta->list_id, below->list_id))
            why = "it lies on another list";
        else if (meta->base_version != below->version)
            why = "it was made for another version of the list below";
        else if (meta->version <= below->version)
            why = "its version is not higher than that of the list below";
        else if (meta->is_training != below->is_training || meta->kind != below->kind)
            why = "it is of another kind than the list below";
    }
    if (why == NULL)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "list file %s: %s", list_file_path(file), why);
    return FALSE;
}

ListStack *
list_stack_open(const char *const *paths, GError **error)
{
    g_autoptr(ListStack) stack = g_new0(ListStack, 1);

    stack->layers = g_ptr_array_new_with_free_func(free_file);
    if (paths[0] == NULL || g_strv_length((char **)paths) > STACK_LAYERS_MAX) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "a list has 1 to %u layers",
                    STACK_LAYERS_MAX);
        return NULL;
    }
    for (gsize i = 0; paths[i] != NULL; i++) {
        g_autoptr(ListFile) file = list_file_open(paths[i], error);
        if (file == NULL || !check_fit(stack, file, error))
            return NULL;
        g_ptr_array_add(stack->layers, g_steal_pointer(&file));
    }
    return g_steal_pointer(&stack);
}

void
list_stack_free(ListStack *stack)
{
    if (stack == NULL)
        return;
    g_ptr_array_unref(stack->layers);
    g_free(stack);
}

gboolean
list_stack_hides(const ListStack *stack, guint i, const char *alert_id, gboolean *hides,
                 GError **error)
{
    *hides = FALSE;
    for (guint above = i + 1; above < stack->layers->len && !*hides; above++) {
        if (!list_file_buries(list_stack_layer(stack, above), alert_id, hides, error))
            return FALSE;
    }
    return TRUE;
}

gboolean
list_stack_by_id(const ListStack *stack, const char *alert_id, ListRow *row, gboolean *found,
                 GError **error)
{
    *found = FALSE;
    for (guint i = stack->layers->len; i > 0; i--) {
        ListFile *file = list_stack_layer(stack, i - 1);
        gboolean buries;
        if (!list_file_by_id(file, alert_id, row, found, error))
            return FALSE;
        if (*found)
            return TRUE;
        if (!list_file_buries(file, alert_id, &buries, error))
            return FALSE;
        if (buries)
            return TRUE;
    }
    return TRUE;
}
