// SPDX-License-Identifier: Apache-2.0
/* Which packages to fetch: deltas on what is here where that is less, otherwise the full list. */
#include "machine_private.h"

#include <darvaza/error.h>

#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define ROOM_TO_SPARE (16 * 1024 * 1024) /* bytes that stay free for the outbox and the rest */

void
lists_piece_free(gpointer data)
{
    ListsPiece *piece = data;

    explicit_bzero(piece->content_key, sizeof piece->content_key);
    g_free(piece->part);
    g_free(piece->layer);
    g_free(piece);
}

/* The name says list and version to people, and its digest makes it that layer's alone. */
static ListsPiece *
piece_new(const ListsMachine *machine, const DvTrustList *list, const DvTrustPackage *package)
{
    ListsPiece *piece = g_new0(ListsPiece, 1);

    piece->list = list;
    piece->package = package;
    piece->part = g_build_filename(machine->options.folder, "download", package->sha256, NULL);
    piece->layer = g_strdup_printf("%s-%" G_GINT64_FORMAT "-%.16s.dvlist", list->list_id,
                                   package->to, package->plain_sha256);
    return piece;
}

/* *have: the version that the way starts from; 0: afresh. */
static GPtrArray *
choose_way(const ListsMachine *machine, const DvTrustList *list, const ListsSetList *here,
           gint64 *have)
{
    *have = here != NULL && here->version <= list->version && lists_layers_are_here(machine, here)
                ? here->version
                : 0;
    GPtrArray *way = *have > 0 ? dv_trust_path(list, *have) : NULL;
    if (way != NULL && way->len + here->layers->len <= machine->options.max_layers)
        return way;
    g_autoptr(GPtrArray) deltas = way;
    GPtrArray *afresh = dv_trust_path(list, 0);
    /* Too many layers, and nothing better to be had: they go on being laid. */
    if (deltas != NULL && (afresh == NULL || afresh->len >= deltas->len + here->layers->len)) {
        g_clear_pointer(&afresh, g_ptr_array_unref);
        return g_steal_pointer(&deltas);
    }
    *have = 0;
    return afresh;
}

static gboolean
plan_list(ListsMachine *machine, const DvTrustList *list, GError **error)
{
    const ListsSetList *here = lists_set_find(machine->set, list->list_id);
    gint64 have = 0;
    g_autoptr(GPtrArray) way = choose_way(machine, list, here, &have);

    if (way == NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                    "list %s: no package leads from version %" G_GINT64_FORMAT
                    " to %" G_GINT64_FORMAT,
                    list->list_id, here != NULL ? here->version : 0, list->version);
        return FALSE;
    }
    /* A way may begin with the full list although there is a version here. */
    const DvTrustPackage *first = way->len > 0 ? g_ptr_array_index(way, 0) : NULL;
    gboolean keeps = have > 0 && (first == NULL || first->from != 0);
    ListsSetList *next = lists_set_add(machine->next, list->list_id, list->version);
    for (guint i = 0; keeps && i < here->layers->len; i++)
        g_ptr_array_add(next->layers, g_strdup(g_ptr_array_index(here->layers, i)));
    for (guint i = 0; i < way->len; i++) {
        ListsPiece *piece = piece_new(machine, list, g_ptr_array_index(way, i));
        g_ptr_array_add(machine->pieces, piece);
        g_ptr_array_add(next->layers, g_strdup(piece->layer));
    }
    return TRUE;
}

guint64
lists_room_needed(const ListsMachine *machine)
{
    guint64 needed = ROOM_TO_SPARE;

    for (guint i = 0; i < machine->pieces->len; i++) {
        const ListsPiece *piece = g_ptr_array_index(machine->pieces, i);
        struct stat part;
        gint64 have = stat(piece->part, &part) == 0 ? (gint64)part.st_size : 0;
        needed +=
            (guint64)MAX(piece->package->size - have, 0) + (guint64)piece->package->plain_size;
    }
    return needed;
}

/* Said before the first byte, so that a disk is not filled in vain. */
static gboolean
has_room(const ListsMachine *machine, GError **error)
{
    struct statvfs disk;
    guint64 needed = lists_room_needed(machine);

    if (machine->pieces->len == 0 || statvfs(machine->options.folder, &disk) != 0 ||
        (guint64)disk.f_bavail * disk.f_frsize >= needed)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_FULL,
                "%s: the update needs %" G_GUINT64_FORMAT " MB of free disk space",
                machine->options.folder, needed / 1000000 + 1);
    return FALSE;
}

ListsState
lists_do_plan(ListsMachine *machine)
{
    const DvTrustRelease *release = dv_trust_release(machine->trust);
    GError *error = NULL;

    machine->next = lists_set_new();
    machine->next->epoch = release->epoch;
    machine->next->release = release->release;
    machine->pieces = g_ptr_array_new_with_free_func(lists_piece_free);
    for (guint i = 0; i < release->lists->len; i++)
        if (!plan_list(machine, g_ptr_array_index(release->lists, i), &error))
            return lists_fail(machine, DV_TRUST_NO_PATH, error);
    if (!has_room(machine, &error))
        return lists_fail(machine, DV_TRUST_NO_SPACE, error);
    return LISTS_DOWNLOAD;
}
