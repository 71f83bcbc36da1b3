// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What the files of the opener share: its state, and one line per subject. */
#include "keyring.h"
#include "throttle.h"

#include <darvaza/bus.h>
#include <darvaza/json.h>
#include <darvaza/opener_audit.h>
#include <darvaza/opener_db.h>
#include <darvaza/opener_users.h>

struct DvOpener {
    DvOpenerMode mode;
    gint64 idle_us, session_us;
    char *protection_socket; /* NULL: none */
    sqlite3 *db;
    DvThrottle *throttle;
    DvKeyring *keys;
    json_t *vocabulary;  /* dispositions, grounds, protection question */
    GHashTable *bundles; /* kiosk -> the accounts bundle issued last, so that it stays the same */
    DvBusServer *server;
    DvBusServer *hold_server; /* protection unit only */
    struct DvDispatch *dispatch;
    struct DvOpenerLists *lists; /* NULL: no part in lists */
};

/* ---- lists.c */
typedef struct DvOpenerLists DvOpenerLists;
/* NULL without error where options name no repository. */
DvOpenerLists *dv_opener_lists_new(const DvOpenerOptions *options, GError **error);
void dv_opener_lists_free(DvOpenerLists *lists);

/* ---- outcome.c: the audit log in the opener's own words, never a message that might quote content
 */
gboolean dv_opener_log(DvOpener *opener, const char *actor, const char *verb, const char *object,
                       const char *outcome, const char *reason, GError **error);
/* Logs how an act ended and hands *why on to error: TRUE only when it went well and is in the log.
 * What cannot be logged did not happen. */
gboolean dv_opener_log_end(DvOpener *opener, const char *actor, const char *verb,
                           const char *object, const char *reason, GError **why, GError **error);

/* ---- dispatch.c */
struct DvDispatch *dv_dispatch_new(DvOpener *opener);
void dv_dispatch_free(struct DvDispatch *dispatch);
void dv_dispatch_on_peer(GDBusConnection *peer, void *dispatch);
void dv_dispatch_on_hold_peer(GDBusConnection *peer, void *dispatch);
