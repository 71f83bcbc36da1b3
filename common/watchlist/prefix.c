// SPDX-License-Identifier: Apache-2.0
/* Listed numbers that begin as a number that could be read only in part. */
#include "keys.h"
#include "set.h"

#include <darvaza/error.h>

#include <string.h>

typedef struct {
    const ListStack *stack;
    guint layer;
    const char *prefix; /* normalised */
    char folded[DOC_NUMBER_MAX + 1];
    const char *issuer; /* as watchlist_state_key; "" for any */
    DocKey start;       /* keys that begin with this are looked at */
    gint64 now_us;
    guint max;
    GPtrArray *found; /* DvWatchlistNumber */
    gboolean *capped;
} Search;

static void
number_free(gpointer data)
{
    DvWatchlistNumber *number = data;

    g_free(number->list_id);
    g_free(number->alert_id);
    g_free(number->document_number);
    g_free(number->document_last);
    g_free(number->issuing_state);
    g_free(number->document_type);
    g_free(number);
}

/* The place of a range's piece that is blanked holds any digit. */
static gboolean
fits(const DocEntry *entry, const char *folded)
{
    for (gsize i = 0; folded[i] != '\0'; i++) {
        guint8 c = entry->key.bytes[1 + i];
        if (c == '*' ? !g_ascii_isdigit(folded[i]) : c != (guint8)folded[i])
            return FALSE;
    }
    return TRUE;
}

static gboolean
is_known(const Search *search, const char *list_id, const char *alert_id, const char *number)
{
    for (guint i = 0; i < search->found->len; i++) {
        const DvWatchlistNumber *known = g_ptr_array_index(search->found, i);
        if (g_str_equal(known->alert_id, alert_id) && g_str_equal(known->list_id, list_id) &&
            g_str_equal(known->document_number, number))
            return TRUE;
    }
    return FALSE;
}

/* A further document of a person has its number in the entry and its issuer in the row's arrays. */
static const char *
issuer_of(const ListRow *row, const json_t *extra, const char *number, const char **type)
{
    const json_t *others = json_object_get(extra, "other_documents");

    *type = row->columns[COLUMN_DOCUMENT_TYPE];
    if (g_str_equal(row->columns[COLUMN_DOCUMENT_NUMBER], number))
        return row->columns[COLUMN_ISSUING_STATE];
    for (gsize i = 0; i < json_array_size(others); i++) {
        const json_t *other = json_array_get(others, i);
        const char *state = dv_json_string_or_null(other, "issuing_state");
        const char *kind = dv_json_string_or_null(other, "document_type");
        if (g_strcmp0(dv_json_string_or_null(other, "document_number"), number) != 0)
            continue;
        *type = kind != NULL ? kind : "";
        return state != NULL ? state : "";
    }
    return row->columns[COLUMN_ISSUING_STATE];
}

static void
note(Search *search, const ListRow *row, const char *listed)
{
    const ListMeta *meta = list_stack_meta(search->stack);
    const char *last = row->columns[COLUMN_DOCUMENT_LAST], *text = row->columns[COLUMN_EXTRA];
    const char *number = *last != '\0' ? row->columns[COLUMN_DOCUMENT_NUMBER] : listed;
    g_autoptr(json_t) extra =
        *text != '\0' ? dv_json_parse(text, strlen(text), DV_WATCHLIST_LINE_MAX, NULL) : NULL;
    const char *type;
    const char *state = issuer_of(row, extra, number, &type);
    g_autofree char *issuer = watchlist_state_key(state);

    if (is_known(search, meta->list_id, row->columns[COLUMN_ALERT_ID], number) ||
        (*search->issuer != '\0' && *issuer != '\0' && !g_str_equal(issuer, search->issuer)))
        return;
    if (search->found->len == search->max) {
        *search->capped = TRUE;
        return;
    }
    DvWatchlistNumber *found = g_new0(DvWatchlistNumber, 1);
    found->list_id = g_strdup(meta->list_id);
    found->list_version = meta->version;
    found->alert_id = g_strdup(row->columns[COLUMN_ALERT_ID]);
    found->document_number = g_strdup(number);
    found->document_last = g_strdup(last);
    found->issuing_state = g_strdup(state);
    found->document_type = g_strdup(type);
    found->look_alike = *last == '\0' && !g_str_has_prefix(listed, search->prefix);
    g_ptr_array_add(search->found, found);
}

static gboolean
visit(gpointer data, const DocEntry *entry, gboolean *done, GError **error)
{
    Search *search = data;
    ListFile *file = list_stack_layer(search->stack, search->layer);
    char number[DOC_NUMBER_MAX + 1];
    gboolean hidden;
    ListRow row;

    *done = *search->capped || memcmp(entry->key.bytes, search->start.bytes,
                                      MIN(entry->key.length, search->start.length)) != 0;
    if (*done || !fits(entry, search->folded))
        return TRUE;
    if (!list_file_entry_row(file, entry, &row, error))
        return FALSE;
    if (search->now_us < row.from_us || search->now_us >= row.until_us)
        return TRUE;
    if (!list_stack_hides(search->stack, search->layer, row.columns[COLUMN_ALERT_ID], &hidden,
                          error))
        return FALSE;
    doc_entry_number(entry, number);
    if (!hidden)
        note(search, &row, number);
    return TRUE;
}

/* Numbers of one length stand together, so each length is looked at by itself; and pieces of ranges
 * that are blanked from one of the prefix's places on. */
static gboolean
search_length(Search *search, ListFile *file, gsize length, GError **error)
{
    gsize prefix = strlen(search->folded);
    gsize first = list_file_meta(file)->ranges > 0 ? 0 : prefix;

    for (gsize kept = first; kept <= prefix; kept++) {
        if (kept < prefix && !g_ascii_isdigit(search->folded[kept]))
            continue;
        doc_key_init(&search->start, search->folded);
        search->start.bytes[0] = (guint8)length;
        search->start.length = 1 + kept;
        if (kept < prefix)
            search->start.bytes[search->start.length++] = '*';
        if (!list_file_walk(file, &search->start, visit, search, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
search_list(Search *search, GError **error)
{
    for (guint i = 0; i < search->stack->layers->len; i++) {
        ListFile *file = list_stack_layer(search->stack, i);
        search->layer = i;
        for (gsize length = strlen(search->folded); length <= DOC_NUMBER_MAX; length++) {
            if (!search_length(search, file, length, error))
                return FALSE;
        }
    }
    return TRUE;
}

/* A list that cannot be asked must not pass for one without such numbers. */
static gboolean
may_ask(const SetList *list, gint64 now_us, GError **error)
{
    const char *why = list->stack == NULL ? list->trouble : NULL;

    if (why == NULL && now_us >= list_stack_meta(list->stack)->expires_us)
        why = "it has expired";
    if (why == NULL)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "list %s cannot be asked: %s", list->name,
                why);
    return FALSE;
}

GPtrArray *
dv_watchlist_prefix(DvWatchlist *lists, const char *prefix, const char *issuing_state, guint max,
                    gint64 now_us, gboolean *capped, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(number_free);
    g_autofree char *issuer = watchlist_state_key(issuing_state);
    char normal[DOC_NUMBER_MAX + 1];
    gboolean training;
    ListSet *set = watchlist_set(lists, &training);

    *capped = FALSE;
    if (!watchlist_document_normalise(prefix, normal)) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "this is no beginning of a document number");
        return NULL;
    }
    list_set_refresh(set);
    const GPtrArray *all = list_set_lists(set);
    if (all == NULL) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_UNAVAILABLE, list_set_trouble(set));
        return NULL;
    }
    for (guint i = 0; i < all->len; i++) {
        const SetList *list = g_ptr_array_index(all, i);
        Search search = {.stack = list->stack,
                         .prefix = normal,
                         .issuer = issuer,
                         .now_us = now_us,
                         .max = max,
                         .found = found,
                         .capped = capped};
        if (list->stack != NULL && !list_stack_meta(list->stack)->is_training != !training)
            continue;
        watchlist_document_fold_key(normal, search.folded);
        if (!may_ask(list, now_us, error) || !search_list(&search, error))
            return NULL;
    }
    return g_steal_pointer(&found);
}
