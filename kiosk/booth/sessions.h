// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Who sits at the lane: one officer at a time, known to the browser by a random cookie and proven
 * on every change by a second token in a header (CSRF). Nothing of it is stored on disk.
 */
#include <glib.h>

#define DV_SESSION_COOKIE "darvaza-session"
#define DV_SESSION_CSRF_HEADER "X-CSRF-Token"

typedef struct {
    char *token; /* the cookie's value, 64 hexadecimal digits */
    char *csrf;  /* 64 hexadecimal digits */
    char *user, *display, *role;
    char *shift_id;             /* UUID, new with each sign-in */
    gint64 started_us, used_us; /* monotonic clock */
    gint64 expires_us;          /* wall clock: the account's end; 0: none */
} DvSession;

typedef struct DvSessions DvSessions;

DvSessions *dv_sessions_new(int idle_s);
void dv_sessions_free(DvSessions *sessions);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvSessions, dv_sessions_free)

/* Begins a shift; a session that stood before ends. Belongs to the sessions. */
const DvSession *dv_sessions_begin(DvSessions *sessions, const char *user, const char *display,
                                   const char *role, gint64 expires_us);
void dv_sessions_end(DvSessions *sessions);
/* The officer who is signed in now, NULL: nobody. Ends a session that was idle too long or whose
 * account ended. */
const DvSession *dv_sessions_current(DvSessions *sessions);
/* The session of this cookie value (NULL allowed), compared in constant time. touch: counts as
 * activity of the officer. */
const DvSession *dv_sessions_find(DvSessions *sessions, const char *token, gboolean touch);
gboolean dv_session_csrf_ok(const DvSession *session, const char *csrf);
