// SPDX-License-Identifier: Apache-2.0
/* All rows of a stack in one order, and what follows from reading them all. */
#include "keys.h"
#include "stack.h"

#include <darvaza/error.h>

#include <string.h>

struct DvWatchlistRows {
    ListStack *stack;
    GPtrArray *iters;                       /* ListIter, per layer */
    const ListRow *heads[STACK_LAYERS_MAX]; /* the next row of each; NULL: at its end */
    gint given;                             /* the layer whose head the caller holds; -1: none */
};

/* Plain documents come after all other alerts, by length, folded form and form of the number, then
 * issuer and type; the others by id. */
static int
compare_plain(const char *const *a, const char *const *b)
{
    const char *x = a[COLUMN_DOCUMENT_NUMBER], *y = b[COLUMN_DOCUMENT_NUMBER];
    char x_fold[DOC_NUMBER_MAX + 1], y_fold[DOC_NUMBER_MAX + 1];
    gsize x_length = strlen(x), y_length = strlen(y);

    if (x_length != y_length)
        return x_length < y_length ? -1 : 1;
    watchlist_document_fold_key(x, x_fold);
    watchlist_document_fold_key(y, y_fold);
    int order = strcmp(x_fold, y_fold);
    if (order == 0)
        order = strcmp(x, y);
    if (order == 0)
        order = strcmp(a[COLUMN_ISSUING_STATE], b[COLUMN_ISSUING_STATE]);
    return order != 0 ? order : strcmp(a[COLUMN_DOCUMENT_TYPE], b[COLUMN_DOCUMENT_TYPE]);
}

DvWatchlistRows *
dv_watchlist_rows_new(const char *const *layers, GError **error)
{
    g_autoptr(DvWatchlistRows) rows = g_new0(DvWatchlistRows, 1);

    rows->given = -1;
    rows->iters = g_ptr_array_new_with_free_func((GDestroyNotify)list_iter_free);
    rows->stack = list_stack_open(layers, error);
    for (guint i = 0; rows->stack != NULL && i < rows->stack->layers->len; i++) {
        ListIter *iter = list_iter_new(list_stack_layer(rows->stack, i), error);
        if (iter == NULL)
            return NULL;
        g_ptr_array_add(rows->iters, iter);
        if (!list_iter_next(iter, &rows->heads[i], error))
            return NULL;
    }
    return rows->stack != NULL ? g_steal_pointer(&rows) : NULL;
}

void
dv_watchlist_rows_free(DvWatchlistRows *rows)
{
    if (rows == NULL)
        return;
    g_ptr_array_unref(rows->iters);
    list_stack_free(rows->stack);
    g_free(rows);
}

/* As dv_watchlist_rows_compare, without asking again which rows are plain documents. */
static int
compare_heads(const ListRow *a, const ListRow *b)
{
    if ((a->alert == 0) != (b->alert == 0))
        return a->alert == 0 ? 1 : -1;
    return a->alert == 0 ? compare_plain(a->columns, b->columns)
                         : strcmp(a->columns[COLUMN_ALERT_ID], b->columns[COLUMN_ALERT_ID]);
}

/* The layer whose head comes first; of equal ones any, since all but one are hidden. -1: none. */
static gint
first_head(const DvWatchlistRows *rows)
{
    gint first = -1;

    for (guint i = 0; i < rows->iters->len; i++) {
        if (rows->heads[i] != NULL &&
            (first < 0 || compare_heads(rows->heads[i], rows->heads[first]) < 0))
            first = (gint)i;
    }
    return first;
}

static gboolean
advance(DvWatchlistRows *rows, guint layer, GError **error)
{
    return list_iter_next(g_ptr_array_index(rows->iters, layer), &rows->heads[layer], error);
}

gboolean
dv_watchlist_rows_next(DvWatchlistRows *rows, const char *const **columns, GError **error)
{
    *columns = NULL;
    if (rows->given >= 0 && !advance(rows, (guint)rows->given, error))
        return FALSE;
    for (;;) {
        gboolean hidden;
        rows->given = first_head(rows);
        if (rows->given < 0)
            return TRUE;
        const ListRow *row = rows->heads[rows->given];
        if (!list_stack_hides(rows->stack, (guint)rows->given, row->columns[COLUMN_ALERT_ID],
                              &hidden, error))
            return FALSE;
        if (!hidden) {
            *columns = row->columns;
            return TRUE;
        }
        if (!advance(rows, (guint)rows->given, error))
            return FALSE;
    }
}

int
dv_watchlist_rows_compare(const char *const *a, const char *const *b)
{
    gboolean a_plain = watchlist_row_is_plain(a), b_plain = watchlist_row_is_plain(b);

    if (a_plain != b_plain)
        return a_plain ? 1 : -1;
    return a_plain ? compare_plain(a, b) : strcmp(a[COLUMN_ALERT_ID], b[COLUMN_ALERT_ID]);
}

/* ---- what a file says of itself */

DvWatchlistInfo *
dv_watchlist_info(const char *path, GError **error)
{
    g_autoptr(ListFile) file = list_file_open(path, error);

    if (file == NULL)
        return NULL;
    const ListMeta *meta = list_file_meta(file);
    DvWatchlistInfo *info = g_new0(DvWatchlistInfo, 1);
    info->list_id = g_strdup(meta->list_id);
    info->title = g_strdup(meta->title);
    info->owner = g_strdup(meta->owner);
    info->version = meta->version;
    info->base_version = meta->base_version;
    info->generated_us = meta->generated_us;
    info->stale_us = meta->stale_us;
    info->expires_us = meta->expires_us;
    info->rows = meta->rows;
    info->layer_rows = meta->layer_rows;
    info->removed = meta->removed;
    info->state_hash = dv_hex(meta->state.sum, DV_SHA256_SIZE);
    info->is_delta = meta->is_delta;
    info->is_training = meta->is_training;
    return info;
}

void
dv_watchlist_info_free(DvWatchlistInfo *info)
{
    if (info == NULL)
        return;
    g_free(info->list_id);
    g_free(info->title);
    g_free(info->owner);
    g_free(info->state_hash);
    g_free(info);
}

/* ---- verification */

static gboolean
differs(const ListFile *file, GError **error, const char *what)
{
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "list file %s: %s", list_file_path(file), what);
    return FALSE;
}

static gboolean
compare_promise(const ListFile *file, gint64 rows, const ListState *state, GError **error)
{
    const ListMeta *meta = list_file_meta(file);

    if (rows != meta->rows)
        return differs(file, error, "it does not hold the rows that its profile promises");
    if (memcmp(state->sum, meta->state.sum, DV_SHA256_SIZE) != 0)
        return differs(file, error, "its rows are not the ones that its state hash was made over");
    return TRUE;
}

gboolean
dv_watchlist_verify(const char *const *layers, GError **error)
{
    g_autoptr(DvWatchlistRows) rows = dv_watchlist_rows_new(layers, error);
    ListState state = {0};
    gint64 count = 0;

    if (rows == NULL)
        return FALSE;
    for (;; count++) {
        const char *const *columns;
        guint8 hash[DV_SHA256_SIZE];
        if (!dv_watchlist_rows_next(rows, &columns, error))
            return FALSE;
        if (columns == NULL)
            break;
        dv_watchlist_row_hash(columns, hash);
        list_state_add(&state, hash);
    }
    guint top = rows->stack->layers->len - 1;
    return compare_promise(list_stack_layer(rows->stack, top), count, &state, error);
}

gboolean
dv_watchlist_verify_file(const char *path, GError **error)
{
    const char *const layers[] = {path, NULL};

    return dv_watchlist_verify(layers, error);
}

typedef struct {
    const ListStack *below;
    ListState state;
    gint64 rows, buried;
} Proof;

static gboolean
prove_buried(gpointer data, const char *alert_id, GError **error)
{
    Proof *proof = data;
    guint8 hash[DV_SHA256_SIZE];
    gboolean found;
    ListRow row;

    if (!list_stack_by_id(proof->below, alert_id, &row, &found, error))
        return FALSE;
    proof->buried++;
    if (!found) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_CORRUPT,
                            "a delta takes an alert away that does not stand below it");
        return FALSE;
    }
    dv_watchlist_row_hash(row.columns, hash);
    list_state_subtract(&proof->state, hash);
    proof->rows--;
    return TRUE;
}

/* Rows of the layer; none may stand below as well, unless it was taken away there. */
static gboolean
prove_rows(Proof *proof, ListFile *top, GError **error)
{
    g_autoptr(ListIter) iter = list_iter_new(top, error);
    const ListRow *row;
    ListRow old;

    for (;;) {
        guint8 hash[DV_SHA256_SIZE];
        gboolean stands = FALSE, buried = FALSE;
        if (iter == NULL || !list_iter_next(iter, &row, error))
            return FALSE;
        if (row == NULL)
            return TRUE;
        const char *id = row->columns[COLUMN_ALERT_ID];
        if (!list_file_buries(top, id, &buried, error) ||
            (!buried && !list_stack_by_id(proof->below, id, &old, &stands, error)))
            return FALSE;
        if (stands)
            return differs(top, error, "it adds an alert that stands below it already");
        dv_watchlist_row_hash(row->columns, hash);
        list_state_add(&proof->state, hash);
        proof->rows++;
    }
}

gboolean
dv_watchlist_verify_top(const char *const *layers, GError **error)
{
    g_autoptr(ListStack) stack = list_stack_open(layers, error);

    if (stack == NULL)
        return FALSE;
    guint count = stack->layers->len;
    if (count == 1)
        return dv_watchlist_verify(layers, error);
    g_autoptr(ListFile) top = g_ptr_array_steal_index(stack->layers, count - 1);
    Proof proof = {.below = stack,
                   .state = list_stack_meta(stack)->state,
                   .rows = list_stack_meta(stack)->rows};
    if (!list_file_each_buried(top, prove_buried, &proof, error) || !prove_rows(&proof, top, error))
        return FALSE;
    if (proof.buried != list_file_meta(top)->removed)
        return differs(top, error, "it does not take away what its profile promises");
    return compare_promise(top, proof.rows, &proof.state, error);
}
