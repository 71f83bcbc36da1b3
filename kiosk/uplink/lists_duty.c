// SPDX-License-Identifier: Apache-2.0
#include "lists_duty.h"
#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <darvaza/log.h>
#include <string.h>

/* A pass ends after so many, so that records and heartbeats go out during a long download. */
#define CHUNKS_PER_PASS 16u
#define CHUNK_MAX (1024u * 1024)

/* Only names below lists/ and without steps aside are asked for, whatever the service says. */
static gboolean
is_list_name(const char *name)
{
    return g_str_has_prefix(name, "lists/") && strstr(name, "..") == NULL &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/") ==
               strlen(name);
}

static gboolean
fetch_one(ListsLink *lists, CentreLink *centre, const ListsWant *want, GError **error)
{
    g_autoptr(GBytes) bytes = NULL;
    g_autofree char *detail = NULL;
    const char *why = NULL;
    if (!is_list_name(want->name) || want->max > CHUNK_MAX)
        return lists_link_fail(lists, want, "absent", "that is no piece of a list", error);
    DV_FAULT_POINT("uplink.list_piece");
    if (!centre_link_list_piece(centre, want->name, want->offset, want->max, &bytes, &why, &detail,
                                error)) {
        lists_link_fail(lists, want, "unavailable", "the centre cannot be reached", NULL);
        return FALSE;
    }
    if (why != NULL)
        return lists_link_fail(lists, want, why, detail, error);
    return lists_link_take(lists, want, bytes, error);
}

/* The service may have gone or changed its mind: that is its matter and ends the duty for now. */
static gboolean
is_own_trouble(const GError *error)
{
    return error->domain == DV_ERROR && g_str_has_prefix(error->message, "lists: ");
}

gboolean
lists_duty(ListsLink *lists, CentreLink *centre, gboolean *more, GError **error)
{
    g_autoptr(GError) problem = NULL;
    *more = FALSE;
    if (!lists_link_connect(lists, &problem)) {
        dv_log_debug("%s", problem->message);
        return TRUE;
    }
    for (guint i = 0; i < CHUNKS_PER_PASS; i++) {
        g_auto(ListsWant) want = {0};
        gboolean ok = lists_link_want(lists, &want, &problem);
        if (ok && want.name == NULL)
            return TRUE;
        if (ok && fetch_one(lists, centre, &want, &problem))
            continue;
        if (is_own_trouble(problem))
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&problem));
        return FALSE;
    }
    *more = TRUE;
    return TRUE;
}
