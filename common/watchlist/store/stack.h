// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A list as it stands: a full layer and the deltas on it. */
#include "list_file.h"

#define STACK_LAYERS_MAX 64u

typedef struct {
    GPtrArray *layers; /* ListFile, lowest first */
} ListStack;

/* Opens the files named lowest first. They must be of one list, each made for the one below. */
ListStack *list_stack_open(const char *const *paths, GError **error);
void list_stack_free(ListStack *stack);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ListStack, list_stack_free)
ListFile *list_stack_layer(const ListStack *stack, guint i);
/* What the list says of itself: its topmost layer. */
const ListMeta *list_stack_meta(const ListStack *stack);
/* Whether a layer above i takes the id away. */
gboolean list_stack_hides(const ListStack *stack, guint i, const char *alert_id, gboolean *hides,
                          GError **error);
/* The row that stands under the id now. */
gboolean list_stack_by_id(const ListStack *stack, const char *alert_id, ListRow *row,
                          gboolean *found, GError **error);
