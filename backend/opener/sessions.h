// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Sign-in and sessions. A token is 32 random bytes in hexadecimal; only its hash is stored. */
#include "private.h"

#define DV_SESSION_TOKEN_SIZE 64 /* hexadecimal digits */
#define DV_SESSIONS_PER_USER 8   /* the oldest goes */

typedef struct {
    DvUser *user;
    guint verbs;
    gint64 created_us, seen_us;
} DvSession;

void dv_session_free(DvSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvSession, dv_session_free)

/* The session object as in docs/formats/opener-ipc.md; NULL: DV_ERROR_DENIED with one message for
 * whatever was wrong, DV_ERROR_UNAVAILABLE while throttled. Every attempt is in the audit log. */
json_t *dv_session_sign_in(DvOpener *opener, const char *user, const char *password,
                           const char *peer, GError **error);
gboolean dv_session_sign_out(DvOpener *opener, const char *token, GError **error);
/* DV_ERROR_EXPIRED when the token names no living session, also when its account has been disabled
 * since. Renews the idle time. */
DvSession *dv_session_find(DvOpener *opener, const char *token, GError **error);
json_t *dv_session_describe(DvOpener *opener, const char *token, GError **error);
/* DV_ERROR_DENIED unless the session's role has the verb. */
gboolean dv_session_may(const DvSession *session, DvVerb verb, GError **error);
