// SPDX-License-Identifier: Apache-2.0
/* Decoded beside the set in force, proven to be what the owner signed, and asked before it counts.
 */
#include "machine_private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <darvaza/watchlist.h>
#include <darvaza/watchlist_build.h>
#include <darvaza/watchlist_rows.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

static gboolean
go_on(gint64 done, gint64 total, void *data)
{
    const ListsMachine *machine = data;
    (void)done, (void)total;
    return !atomic_load(&machine->stopped);
}

static gboolean
refuse(GError **error, const char *list_id, const char *why)
{
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "list %s: %s", list_id, why);
    return FALSE;
}

/* ---- what a layer says of itself against what was signed */

static gboolean
check_layer(const ListsPiece *piece, const DvWatchlistInfo *info, GError **error)
{
    const DvTrustPackage *package = piece->package;
    const char *id = piece->list->list_id;

    if (!g_str_equal(info->list_id, id))
        return refuse(error, id, "the package holds another list");
    if (info->version != package->to || info->base_version != package->from ||
        info->is_delta != (package->from != 0))
        return refuse(error, id, "the package holds other versions than were signed");
    if (package->add_only && info->removed > 0)
        return refuse(error, id, "a package signed as adding alerts only takes some away");
    return TRUE;
}

static gboolean
check_top(const DvTrustStatement *statement, const DvWatchlistInfo *info, GError **error)
{
    const char *id = statement->list_id;

    if (info->version != statement->version || info->rows != statement->rows ||
        !g_str_equal(info->state_hash, statement->state_hash))
        return refuse(error, id, "rows and state hash are not the ones that its owner signed");
    if (info->generated_us != statement->generated_us || info->stale_us != statement->stale_us ||
        info->expires_us != statement->list_expires_us)
        return refuse(error, id, "its times are not the ones that its owner signed");
    return TRUE;
}

/* ---- STAGE */

static DvTrustReason
decode(ListsMachine *machine, const ListsPiece *piece, GError **error)
{
    g_autofree char *path = lists_layer_path(machine->options.folder, piece->layer);
    DvTrustReason reason = dv_package_open(piece->part, piece->package, piece->content_key, path,
                                           go_on, machine, error);

    if (reason != DV_TRUST_OK)
        return reason;
    DV_FAULT_POINT("lists.decoded");
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(path, error);
    if (info == NULL)
        return DV_TRUST_WRONG_CONTENT;
    if (check_layer(piece, info, error))
        return DV_TRUST_OK;
    return piece->package->add_only && info->removed > 0 ? DV_TRUST_NOT_ADD_ONLY
                                                         : DV_TRUST_WRONG_CONTENT;
}

static gboolean
is_new(const ListsMachine *machine, const char *layer)
{
    for (guint i = 0; i < machine->pieces->len; i++) {
        const ListsPiece *piece = g_ptr_array_index(machine->pieces, i);
        if (g_str_equal(piece->layer, layer))
            return TRUE;
    }
    return FALSE;
}

/* Row by row for a new full list; a delta by what it adds and takes away. Layers that were in force
 * were proven when they came. */
static gboolean
prove_layers(const ListsMachine *machine, const ListsSetList *list, GError **error)
{
    g_auto(GStrv) paths = lists_layer_paths(machine->options.folder, list);

    for (guint i = 0; i < list->layers->len; i++) {
        if (!is_new(machine, g_ptr_array_index(list->layers, i)))
            continue;
        g_autofree char *above = g_steal_pointer(&paths[i + 1]);
        gboolean good = i == 0 ? dv_watchlist_verify_file(paths[0], error)
                               : dv_watchlist_verify_top((const char *const *)paths, error);
        paths[i + 1] = g_steal_pointer(&above);
        if (!good)
            return FALSE;
    }
    return TRUE;
}

static gboolean
prove_list(const ListsMachine *machine, const ListsSetList *list, GError **error)
{
    const DvTrustStatement *statement = dv_trust_statement(machine->trust, list->list_id);
    const char *top = g_ptr_array_index(list->layers, list->layers->len - 1);
    g_autofree char *path = lists_layer_path(machine->options.folder, top);
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(path, error);

    return info != NULL && check_top(statement, info, error) && prove_layers(machine, list, error);
}

ListsState
lists_do_stage(ListsMachine *machine)
{
    GError *error = NULL;

    for (guint i = 0; i < machine->pieces->len; i++) {
        DvTrustReason reason = decode(machine, g_ptr_array_index(machine->pieces, i), &error);
        if (reason != DV_TRUST_OK)
            return lists_fail(machine, reason, error);
    }
    for (guint i = 0; i < machine->next->lists->len; i++)
        if (!prove_list(machine, g_ptr_array_index(machine->next->lists, i), &error))
            return lists_fail(machine, DV_TRUST_WRONG_CONTENT, error);
    machine->staged = TRUE;
    return LISTS_SELFTEST;
}

/* ---- SELFTEST */

/* The staged set as the booth will see it, in a folder of its own. */
static gboolean
write_staged(const ListsMachine *machine, const char *folder, GError **error)
{
    g_autofree char *layers = g_build_filename(folder, "layers", NULL);

    if (symlink("../layers", layers) != 0 && errno != EEXIST) {
        dv_error_set_errno(error, errno, "cannot stage in %s", folder);
        return FALSE;
    }
    return lists_set_write(machine->next, folder, dv_clock_wall_us(), error);
}

/* A member that nobody asks by would make the question another than the owner signed. */
static gboolean
is_asked_whole(const json_t *query)
{
    static const char *const members[] = {"surname",       "given_names",   "birth_date",
                                          "sex",           "nationality",   "document_number",
                                          "issuing_state", "document_type", NULL};
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)query, name, value) if (!g_strv_contains(members, name) ||
                                                          !json_is_string(value)) return FALSE;
    return json_object_size(query) > 0;
}

static gboolean
answers(DvWatchlist *lists, const DvTrustStatement *statement, const DvTrustCanaryRow *row)
{
    const json_t *q = row->query;
    const DvWatchlistSubject subject = {
        .surname = dv_json_string_or_null(q, "surname"),
        .given_names = dv_json_string_or_null(q, "given_names"),
        .birth_date = dv_json_string_or_null(q, "birth_date"),
        .sex = dv_json_string_or_null(q, "sex"),
        .nationality = dv_json_string_or_null(q, "nationality"),
        .document_number = dv_json_string_or_null(q, "document_number"),
        .issuing_state = dv_json_string_or_null(q, "issuing_state"),
        .document_type = dv_json_string_or_null(q, "document_type"),
    };
    /* A list that is old already must give its answers as well. */
    gint64 now_us = CLAMP(dv_clock_wall_us(), statement->generated_us, statement->list_expires_us);
    g_autoptr(DvWatchlistAnswer) answer =
        dv_watchlist_check(lists, &subject, MIN(now_us, statement->list_expires_us - 1));

    for (guint i = 0; i < answer->hits->len; i++) {
        const DvWatchlistHit *hit = g_ptr_array_index(answer->hits, i);
        if (g_str_equal(hit->list_id, statement->list_id) &&
            g_str_equal(hit->alert_id, row->alert_id) && hit->list_version == statement->version)
            return TRUE;
    }
    return FALSE;
}

static gboolean
is_training(const ListsMachine *machine, const ListsSetList *list)
{
    const char *top = g_ptr_array_index(list->layers, list->layers->len - 1);
    g_autofree char *path = lists_layer_path(machine->options.folder, top);
    g_autoptr(DvWatchlistInfo) info = dv_watchlist_info(path, NULL);
    return info != NULL && info->is_training;
}

gboolean
lists_test_list(DvWatchlist *lists, const DvTrustStatement *statement, GError **error)
{
    if (statement->canary_rows->len == 0)
        return refuse(error, statement->list_id, "its owner signed no canary row to test it by");
    for (guint i = 0; i < statement->canary_rows->len; i++) {
        const DvTrustCanaryRow *row = g_ptr_array_index(statement->canary_rows, i);
        gboolean whole = is_asked_whole(row->query);
        if (whole && answers(lists, statement, row))
            continue;
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT,
                    "list %s version %" G_GINT64_FORMAT ": canary row %u %s", statement->list_id,
                    statement->version, i + 1,
                    whole ? "does not get its answer" : "asks what this version cannot ask");
        return FALSE;
    }
    return TRUE;
}

static gboolean
test_list(const ListsMachine *machine, DvWatchlist *lists, const ListsSetList *list, GError **error)
{
    dv_watchlist_set_training(lists, is_training(machine, list));
    return lists_test_list(lists, dv_trust_statement(machine->trust, list->list_id), error);
}

ListsState
lists_do_selftest(ListsMachine *machine)
{
    GError *error = NULL;
    g_autofree char *folder = g_build_filename(machine->options.folder, "stage", NULL);

    if (!write_staged(machine, folder, &error))
        return lists_fail(machine, lists_reason_of(error), error);
    g_autoptr(DvWatchlist) lists = dv_watchlist_open(folder, FALSE, &error);
    if (lists == NULL)
        return lists_fail(machine, DV_TRUST_SELFTEST, error);
    for (guint i = 0; i < machine->next->lists->len; i++)
        if (!test_list(machine, lists, g_ptr_array_index(machine->next->lists, i), &error))
            return lists_fail(machine, DV_TRUST_SELFTEST, error);
    machine->tested = TRUE;
    return LISTS_SWAP;
}
