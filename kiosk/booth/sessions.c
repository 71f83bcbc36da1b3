// SPDX-License-Identifier: Apache-2.0
#include "sessions.h"

#include <darvaza/clock.h>
#include <darvaza/crypto.h>
#include <darvaza/log.h>
#include <string.h>

#define TOKEN_BYTES 32

struct DvSessions {
    gint64 idle_us;
    DvSession *current;
};

static void
session_free(DvSession *session)
{
    if (!session)
        return;
    g_free(session->token);
    g_free(session->csrf);
    g_free(session->user);
    g_free(session->display);
    g_free(session->role);
    g_free(session->shift_id);
    g_free(session);
}

DvSessions *
dv_sessions_new(int idle_s)
{
    DvSessions *sessions = g_new0(DvSessions, 1);
    sessions->idle_us = (gint64)idle_s * G_USEC_PER_SEC;
    return sessions;
}

void
dv_sessions_free(DvSessions *sessions)
{
    if (!sessions)
        return;
    session_free(sessions->current);
    g_free(sessions);
}

static char *
new_token(void)
{
    guint8 bytes[TOKEN_BYTES];
    dv_random(bytes, sizeof bytes);
    return dv_hex(bytes, sizeof bytes);
}

const DvSession *
dv_sessions_begin(DvSessions *sessions, const char *user, const char *display, const char *role,
                  gint64 expires_us)
{
    session_free(sessions->current);
    DvSession *session = g_new0(DvSession, 1);
    session->token = new_token();
    session->csrf = new_token();
    session->user = g_strdup(user);
    session->display = g_strdup(display);
    session->role = g_strdup(role);
    session->shift_id = dv_uuid_new();
    session->started_us = session->used_us = dv_clock_mono_us();
    session->expires_us = expires_us;
    sessions->current = session;
    dv_log_info("user %s signed in, shift %s", user, session->shift_id);
    return session;
}

static void
end_because(DvSessions *sessions, const char *why)
{
    dv_log_info("user %s signed out (%s), shift %s", sessions->current->user, why,
                sessions->current->shift_id);
    session_free(sessions->current);
    sessions->current = NULL;
}

void
dv_sessions_end(DvSessions *sessions)
{
    if (sessions->current)
        end_because(sessions, "asked for");
}

const DvSession *
dv_sessions_current(DvSessions *sessions)
{
    DvSession *session = sessions->current;
    if (!session)
        return NULL;
    if (dv_clock_mono_us() - session->used_us > sessions->idle_us)
        end_because(sessions, "idle");
    else if (session->expires_us && dv_clock_wall_us() > session->expires_us)
        end_because(sessions, "account expired");
    return sessions->current;
}

static gboolean
token_equal(const char *kept, const char *given)
{
    return given && strlen(given) == 2 * TOKEN_BYTES &&
           dv_equal_secret(kept, given, 2 * TOKEN_BYTES);
}

const DvSession *
dv_sessions_find(DvSessions *sessions, const char *token, gboolean touch)
{
    if (!dv_sessions_current(sessions) || !token_equal(sessions->current->token, token))
        return NULL;
    if (touch)
        sessions->current->used_us = dv_clock_mono_us();
    return sessions->current;
}

gboolean
dv_session_csrf_ok(const DvSession *session, const char *csrf)
{
    return token_equal(session->csrf, csrf);
}
