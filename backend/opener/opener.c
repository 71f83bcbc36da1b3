// SPDX-License-Identifier: Apache-2.0
#include "accounts_issue.h"
#include "private.h"
#include "vocabulary.h"

#include <darvaza/error.h>
#include <darvaza/log.h>

#define IDLE_S 900
#define SESSION_S 43200

static gboolean
start(DvOpener *opener, const DvOpenerOptions *options, GError **error)
{
    opener->db = dv_opener_db_open(options->state_dir, error);
    if (!opener->db)
        return FALSE;
    DvAuditHead head;
    if (!dv_audit_verify(opener->db, NULL, &head, error))
        return FALSE;
    dv_log_info("audit log verified, %" G_GINT64_FORMAT " entries", head.count);
    opener->keys = dv_keyring_load(options, error);
    opener->vocabulary = opener->keys ? dv_vocabulary_load(options->grounds_file, error) : NULL;
    if (!opener->vocabulary ||
        !dv_opener_log(opener, "opener", "opener.start", DV_VERSION, "ok", "", error))
        return FALSE;
    g_autoptr(GError) why = NULL;
    if (opener->mode == DV_OPENER_CENTRE)
        opener->lists = dv_opener_lists_new(options, &why);
    if (why) {
        g_propagate_prefixed_error(error, g_steal_pointer(&why), "lists: ");
        return FALSE;
    }
    opener->dispatch = dv_dispatch_new(opener);
    opener->server = dv_bus_server_new(options->socket, options->client_uid, dv_dispatch_on_peer,
                                       opener->dispatch, error);
    if (!opener->server)
        return FALSE;
    if (opener->mode != DV_OPENER_PROTECTION || !options->hold_socket || !*options->hold_socket)
        return TRUE;
    opener->hold_server = dv_bus_server_new(options->hold_socket, options->hold_client_uid,
                                            dv_dispatch_on_hold_peer, opener->dispatch, error);
    return opener->hold_server != NULL;
}

DvOpener *
dv_opener_new(const DvOpenerOptions *options, GError **error)
{
    g_autoptr(DvOpener) opener = g_new0(DvOpener, 1);
    opener->mode = options->mode;
    opener->idle_us = (gint64)(options->idle_s ? options->idle_s : IDLE_S) * G_USEC_PER_SEC;
    opener->session_us =
        (gint64)(options->session_s ? options->session_s : SESSION_S) * G_USEC_PER_SEC;
    if (options->protection_socket && *options->protection_socket)
        opener->protection_socket = g_strdup(options->protection_socket);
    opener->throttle = dv_throttle_new();
    opener->bundles =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, dv_accounts_cache_free);
    if (!start(opener, options, error))
        return NULL;
    if (opener->mode == DV_OPENER_CENTRE && !opener->protection_socket)
        dv_log_warning("no protection_socket: every decision against a traveller will be denied");
    return g_steal_pointer(&opener);
}

void
dv_opener_free(DvOpener *opener)
{
    if (!opener)
        return;
    dv_bus_server_free(opener->server);
    dv_bus_server_free(opener->hold_server);
    dv_opener_lists_free(opener->lists);
    dv_dispatch_free(opener->dispatch);
    dv_keyring_free(opener->keys);
    dv_throttle_free(opener->throttle);
    g_hash_table_unref(opener->bundles);
    json_decref(opener->vocabulary);
    sqlite3_close(opener->db);
    g_free(opener->protection_socket);
    g_free(opener);
}
