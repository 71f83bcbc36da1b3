// SPDX-License-Identifier: Apache-2.0
#include "sessions.h"

#include <darvaza/clock.h>
#include <darvaza/crypto.h>
#include <darvaza/log.h>
#include <string.h>

#define TOKEN_BYTES 32
#define FREE_FAILURES 5
#define FREE_FAILURES_ALL 20
#define MAX_WAIT_S (15 * 60)
#define FORGET_US ((gint64)60 * 60 * G_USEC_PER_SEC)
#define MAX_USERS 256

typedef struct {
    guint count;
    gint64 last_us;
} Failures;

struct DvSessions {
    gint64 idle_us;
    DvSession *current;
    GHashTable *failures; /* user id -> Failures */
    Failures all;
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
    sessions->failures = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return sessions;
}

void
dv_sessions_free(DvSessions *sessions)
{
    if (!sessions)
        return;
    session_free(sessions->current);
    g_hash_table_unref(sessions->failures);
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

/* ---- brute force ---- */

static int
wait_of(const Failures *failures, guint free_failures)
{
    if (!failures || failures->count < free_failures)
        return 0;
    guint doublings = MIN(failures->count - free_failures, 10u);
    gint64 wait = (gint64)MIN(2 << doublings, MAX_WAIT_S) * G_USEC_PER_SEC;
    gint64 left = failures->last_us + wait - dv_clock_mono_us();
    return left <= 0 ? 0 : (int)((left + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
}

int
dv_sessions_wait_s(DvSessions *sessions, const char *user)
{
    int own = wait_of(g_hash_table_lookup(sessions->failures, user), FREE_FAILURES);
    return MAX(own, wait_of(&sessions->all, FREE_FAILURES_ALL));
}

static void
count_failure(Failures *failures)
{
    gint64 now = dv_clock_mono_us();
    if (now - failures->last_us > FORGET_US)
        failures->count = 0;
    failures->count++;
    failures->last_us = now;
}

void
dv_sessions_failed(DvSessions *sessions, const char *user)
{
    count_failure(&sessions->all);
    Failures *failures = g_hash_table_lookup(sessions->failures, user);
    if (!failures) {
        /* Invented user names must not fill the memory; the count over all users still bounds. */
        if (g_hash_table_size(sessions->failures) >= MAX_USERS)
            return;
        failures = g_new0(Failures, 1);
        g_hash_table_insert(sessions->failures, g_strdup(user), failures);
    }
    count_failure(failures);
}

void
dv_sessions_succeeded(DvSessions *sessions, const char *user)
{
    g_hash_table_remove(sessions->failures, user);
    sessions->all = (Failures){0};
}
