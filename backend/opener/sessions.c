// SPDX-License-Identifier: Apache-2.0
#include "sessions.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/password.h>
#include <string.h>

#define TOKEN_DOMAIN "darvaza session v1"
#define CSRF_DOMAIN "darvaza csrf v1"
/* A session's last use is written at most this often: each write is an fsync. */
#define SEEN_STEP_US (30 * G_USEC_PER_SEC)

void
dv_session_free(DvSession *session)
{
    if (!session)
        return;
    dv_user_free(session->user);
    g_free(session);
}

static void
derive(const char *domain, const char *token, guint8 out[DV_SHA256_SIZE])
{
    g_autofree char *text = g_strconcat(domain, "/", token, NULL);
    dv_sha256(text, strlen(text), out);
    explicit_bzero(text, strlen(text));
}

static void
bind_token(sqlite3_stmt *stmt, int index, const char *token)
{
    guint8 hash[DV_SHA256_SIZE];
    derive(TOKEN_DOMAIN, token, hash);
    sqlite3_bind_blob(stmt, index, hash, sizeof hash, SQLITE_TRANSIENT);
}

static gboolean
token_has_shape(const char *token)
{
    return token && strlen(token) == DV_SESSION_TOKEN_SIZE &&
           strspn(token, "0123456789abcdef") == DV_SESSION_TOKEN_SIZE;
}

static gint64
expires_us(const DvOpener *opener, const DvSession *session)
{
    return MIN(session->seen_us + opener->idle_us, session->created_us + opener->session_us);
}

/* The registered kiosks by whether the account's checkpoints include theirs. */
typedef struct {
    const DvUser *user;
    json_t *kiosks, *elsewhere;
} Scope;

static void
add_kiosk(const char *kiosk, const char *checkpoint, void *data)
{
    Scope *in = data;
    if (dv_user_covers(in->user, checkpoint))
        json_object_set_new(in->kiosks, kiosk, json_string(checkpoint));
    else
        json_array_append_new(in->elsewhere, json_string(kiosk));
}

static json_t *
verbs_json(guint verbs)
{
    json_t *may = json_array();
    for (guint bit = 0; bit < 32; bit++)
        if (verbs & (1u << bit))
            json_array_append_new(may, json_string(dv_verb_word(1u << bit)));
    return may;
}

static json_t *
session_json(DvOpener *opener, const char *token, const DvSession *session, GError **error)
{
    guint8 csrf_bytes[DV_SHA256_SIZE];
    derive(CSRF_DOMAIN, token, csrf_bytes);
    g_autofree char *csrf = dv_hex(csrf_bytes, sizeof csrf_bytes);
    g_autofree char *expires = dv_time_format(expires_us(opener, session));
    json_t *checkpoints = json_array();
    for (char **code = session->user->checkpoints; *code; code++)
        json_array_append_new(checkpoints, json_string(*code));
    Scope in = {session->user, json_object(), json_array()};
    g_autoptr(json_t) object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s}", "token", token, "csrf",
                  csrf, "user", session->user->user, "display", session->user->display, "role",
                  dv_role_word(session->user->role), "unit",
                  opener->mode == DV_OPENER_CENTRE ? "centre" : "protection", "checkpoints",
                  checkpoints, "kiosks", in.kiosks, "elsewhere", in.elsewhere, "may",
                  verbs_json(session->verbs), "expires_at", expires);
    if (!dv_kiosks_each(opener->db, add_kiosk, &in, error))
        return NULL;
    return g_steal_pointer(&object);
}

/* ---- sign-in ---- */

static gboolean
delete_old(DvOpener *opener, const char *user, gint64 now, GError **error)
{
    g_autoptr(sqlite3_stmt) stale = dv_sqlite_prepare(
        opener->db, "DELETE FROM sessions WHERE seen_us < ?1 OR created_us < ?2", error);
    if (!stale)
        return FALSE;
    sqlite3_bind_int64(stale, 1, now - opener->idle_us);
    sqlite3_bind_int64(stale, 2, now - opener->session_us);
    if (!dv_sqlite_run(stale, error))
        return FALSE;
    g_autoptr(sqlite3_stmt) surplus = dv_sqlite_prepare(
        opener->db,
        "DELETE FROM sessions WHERE token_hash IN (SELECT token_hash FROM sessions WHERE user = ?1"
        " ORDER BY created_us DESC LIMIT -1 OFFSET ?2)",
        error);
    if (!surplus)
        return FALSE;
    sqlite3_bind_text(surplus, 1, user, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int(surplus, 2, DV_SESSIONS_PER_USER - 1);
    return dv_sqlite_run(surplus, error);
}

static gboolean
insert(DvOpener *opener, const char *token, const DvSession *session, const char *peer,
       GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(opener->db,
                          "INSERT INTO sessions (token_hash, user, peer, created_us, seen_us)"
                          " VALUES (?1, ?2, ?3, ?4, ?4)",
                          error);
    if (!stmt)
        return FALSE;
    bind_token(stmt, 1, token);
    sqlite3_bind_text(stmt, 2, session->user->user, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 3, peer, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 4, session->created_us);
    return dv_sqlite_run(stmt, error);
}

static gboolean
begin_session(DvOpener *opener, const char *token, const DvSession *session, const char *peer,
              GError **error)
{
    if (!dv_opener_db_begin(opener->db, error))
        return FALSE;
    gboolean ok =
        delete_old(opener, session->user->user, session->created_us, error) &&
        insert(opener, token, session, peer, error) &&
        dv_opener_log(opener, session->user->user, "session.sign-in", peer, "ok", "", error) &&
        dv_opener_db_commit(opener->db, error);
    if (!ok)
        dv_opener_db_rollback(opener->db);
    return ok;
}

/* Spends the same time whether the account exists, is disabled or has another password. */
static gboolean
password_is_right(const DvUser *user, const char *password, gint64 now)
{
    if (!user) {
        dv_password_waste();
        return FALSE;
    }
    return dv_password_verify(user->password, password) && dv_user_is_current(user, now);
}

static json_t *
deny_sign_in(DvOpener *opener, const DvUser *user, const char *typed, const char *peer,
             GError **error)
{
    dv_throttle_failed(opener->throttle, typed, peer);
    /* What was typed is not logged unless it is an account: people type passwords there. */
    if (dv_opener_log(opener, user ? user->user : "-", "session.sign-in", peer, "denied", "",
                      error))
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED, "The account or the password is not right.");
    return NULL;
}

json_t *
dv_session_sign_in(DvOpener *opener, const char *typed, const char *password, const char *peer,
                   GError **error)
{
    gint64 wait_s = dv_throttle_wait_s(opener->throttle, typed, peer);
    if (wait_s > 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                    "Too many failed attempts; try again in %" G_GINT64_FORMAT " seconds.", wait_s);
        return NULL;
    }
    g_autoptr(GError) trouble = NULL;
    g_autoptr(DvUser) user = dv_users_get(opener->db, typed, &trouble);
    if (trouble) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return NULL;
    }
    gint64 now = dv_clock_wall_us();
    guint verbs = user ? dv_role_verbs(opener->mode, user->role) : 0;
    if (!password_is_right(user, password, now) || verbs == 0)
        return deny_sign_in(opener, user, typed, peer, error);
    dv_throttle_passed(opener->throttle, typed);

    guint8 random[DV_SESSION_TOKEN_SIZE / 2];
    dv_random(random, sizeof random);
    g_autofree char *token = dv_hex(random, sizeof random);
    g_autoptr(DvSession) session = g_new0(DvSession, 1);
    session->user = g_steal_pointer(&user);
    session->verbs = verbs;
    session->created_us = session->seen_us = now;
    if (!begin_session(opener, token, session, peer, error))
        return NULL;
    return session_json(opener, token, session, error);
}

/* ---- later ---- */

static void
set_ended(GError **error)
{
    g_set_error(error, DV_ERROR, DV_ERROR_EXPIRED, "The session has ended; sign in again.");
}

static gboolean
delete_session(DvOpener *opener, const char *token, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(opener->db, "DELETE FROM sessions WHERE token_hash = ?1", error);
    if (!stmt)
        return FALSE;
    bind_token(stmt, 1, token);
    return dv_sqlite_run(stmt, error);
}

static gboolean
renew(DvOpener *opener, const char *token, gint64 now, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        opener->db, "UPDATE sessions SET seen_us = ?2 WHERE token_hash = ?1", error);
    if (!stmt)
        return FALSE;
    bind_token(stmt, 1, token);
    sqlite3_bind_int64(stmt, 2, now);
    return dv_sqlite_run(stmt, error);
}

/* The stored session and its account, alive or not; NULL without error: there is none. */
static DvSession *
load(DvOpener *opener, const char *token, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        opener->db, "SELECT user, created_us, seen_us FROM sessions WHERE token_hash = ?1", error);
    if (!stmt)
        return NULL;
    bind_token(stmt, 1, token);
    gboolean row = FALSE;
    if (!dv_sqlite_step(stmt, &row, error) || !row)
        return NULL;
    g_autoptr(DvSession) session = g_new0(DvSession, 1);
    session->created_us = sqlite3_column_int64(stmt, 1);
    session->seen_us = sqlite3_column_int64(stmt, 2);
    session->user = dv_users_get(opener->db, (const char *)sqlite3_column_text(stmt, 0), error);
    return session->user ? g_steal_pointer(&session) : NULL;
}

DvSession *
dv_session_find(DvOpener *opener, const char *token, GError **error)
{
    if (!token_has_shape(token)) {
        set_ended(error);
        return NULL;
    }
    g_autoptr(GError) trouble = NULL;
    g_autoptr(DvSession) session = load(opener, token, &trouble);
    if (trouble) {
        g_propagate_error(error, g_steal_pointer(&trouble));
        return NULL;
    }
    gint64 now = dv_clock_wall_us();
    /* A clock that went back before the sign-in vouches for nothing. */
    gboolean alive = session && now >= session->created_us - SEEN_STEP_US &&
                     now < expires_us(opener, session) && dv_user_is_current(session->user, now);
    if (session)
        session->verbs = dv_role_verbs(opener->mode, session->user->role);
    if (!alive || session->verbs == 0) {
        if (session && !delete_session(opener, token, error))
            return NULL;
        set_ended(error);
        return NULL;
    }
    if (now - session->seen_us >= SEEN_STEP_US) {
        if (!renew(opener, token, now, error))
            return NULL;
        session->seen_us = now;
    }
    return g_steal_pointer(&session);
}

json_t *
dv_session_describe(DvOpener *opener, const char *token, GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    return session ? session_json(opener, token, session, error) : NULL;
}

gboolean
dv_session_sign_out(DvOpener *opener, const char *token, GError **error)
{
    g_autoptr(GError) gone = NULL;
    g_autoptr(DvSession) session = dv_session_find(opener, token, &gone);
    if (!session) {
        if (gone->code == DV_ERROR_EXPIRED)
            return TRUE;
        g_propagate_error(error, g_steal_pointer(&gone));
        return FALSE;
    }
    return delete_session(opener, token, error) &&
           dv_opener_log(opener, session->user->user, "session.sign-out", "", "ok", "", error);
}

gboolean
dv_session_may(const DvSession *session, DvVerb verb, GError **error)
{
    if (session->verbs & (guint)verb)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_DENIED, "The role %s may not do this (%s).",
                dv_role_word(session->user->role), dv_verb_word((guint)verb));
    return FALSE;
}
