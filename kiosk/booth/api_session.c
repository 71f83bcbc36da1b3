// SPDX-License-Identifier: Apache-2.0
/* Sign-in, sign-out, state and events. */
#include "booth_private.h"

#include <darvaza/error.h>
#include <darvaza/json.h>
#include <darvaza/log.h>

#define PASSWORD_MAX 1024

static json_t *
session_json(const DvSession *session)
{
    return json_pack("{s:b, s:s, s:s, s:s, s:s, s:s}", "signed_in", TRUE, "csrf", session->csrf,
                     "user", session->user, "display", session->display, "role", session->role,
                     "shift_id", session->shift_id);
}

static void
set_cookie(DvRequest *request, const char *value, const char *more)
{
    g_autofree char *cookie = g_strdup_printf("%s=%s; Path=/; HttpOnly; SameSite=Strict%s",
                                              DV_SESSION_COOKIE, value, more);
    dv_request_add_header(request, "Set-Cookie", cookie);
}

/* While a traveller is on the lane, the officer who began is the one who decides. */
static gboolean
lane_is_somebody_elses(DvBooth *booth, const char *user)
{
    const DvSession *session = dv_sessions_current(booth->sessions);
    return session && booth->lane.state == DV_LANE_DECIDING && !g_str_equal(session->user, user);
}

static void
refuse_sign_in(DvRequest *request, const GError *error, gint64 wait_s)
{
    if (wait_s > 0) {
        g_autofree char *seconds = g_strdup_printf("%" G_GINT64_FORMAT, wait_s);
        dv_request_add_header(request, "Retry-After", seconds);
        dv_request_error(request, 429, "wait",
                         "too many wrong passwords; wait %" G_GINT64_FORMAT " seconds", wait_s);
    } else if (g_error_matches(error, DV_ERROR, DV_ERROR_DENIED)) {
        dv_request_error(request, 403, "wrong_password", "user or password is wrong");
    } else if (g_error_matches(error, DV_ERROR, DV_ERROR_EXPIRED)) {
        dv_request_error(request, 403, "account_expired", "%s", error->message);
    } else if (g_error_matches(error, DV_ERROR, DV_ERROR_UNAVAILABLE)) {
        dv_request_error(request, 503, "no_accounts", "%s", error->message);
    } else {
        dv_request_reply_gerror(request, error);
    }
}

void
dv_api_sign_in(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    g_autoptr(json_t) body = dv_request_json(request);
    if (!body)
        return;
    g_autoptr(GError) error = NULL;
    const char *user = dv_json_string(body, "user", 32, "sign-in", &error);
    const char *password =
        user ? dv_json_string(body, "password", PASSWORD_MAX, "sign-in", &error) : NULL;
    if (!password) {
        dv_request_reply_gerror(request, error);
        return;
    }
    if (lane_is_somebody_elses(booth, user)) {
        dv_request_error(request, 409, "lane_in_use",
                         "another officer is deciding a crossing on this lane");
        return;
    }
    const DvAccount *account = NULL;
    gint64 wait_s = 0;
    if (!dv_accounts_sign_in(booth->accounts, user, password, &account, &wait_s, &error)) {
        dv_log_info("a sign-in was refused (%s)", dv_error_word(error->code));
        refuse_sign_in(request, error, wait_s);
        return;
    }
    dv_pages_close(booth->pages);
    dv_flow_forget_recorded(booth);
    gint64 ends = dv_accounts_valid_until(booth->accounts);
    if (account->valid_until_us)
        ends = MIN(ends, account->valid_until_us);
    const DvSession *session =
        dv_sessions_begin(booth->sessions, account->user, account->display, account->role, ends);
    set_cookie(request, session->token, "");
    g_autoptr(json_t) answer = session_json(session);
    dv_request_reply_json(request, 200, answer);
    dv_booth_announce(booth);
}

void
dv_api_sign_out(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    /* In fault the officer may leave: the crossing stays on the lane for whoever comes. */
    if (booth->lane.state == DV_LANE_DECIDING) {
        dv_request_error(request, 409, "crossing_open",
                         "a crossing is on the lane; decide or clear it first");
        return;
    }
    dv_sessions_end(booth->sessions);
    dv_flow_forget_recorded(booth);
    dv_pages_close(booth->pages);
    set_cookie(request, "", "; Max-Age=0");
    g_autoptr(json_t) answer = json_pack("{s:b}", "signed_in", FALSE);
    dv_request_reply_json(request, 200, answer);
}

/* A page that was loaded again learns its CSRF token here; no other origin can read the answer. */
void
dv_api_session(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    const DvSession *session =
        dv_sessions_find(booth->sessions, dv_request_cookie(request, DV_SESSION_COOKIE), FALSE);
    g_autoptr(json_t) answer =
        session ? session_json(session) : json_pack("{s:b}", "signed_in", FALSE);
    json_object_set_new(answer, "accounts_until",
                        json_integer(dv_accounts_valid_until(booth->accounts) / G_USEC_PER_SEC));
    json_object_set_new(answer, "training", json_boolean(booth->training));
    dv_request_reply_json(request, 200, answer);
}

void
dv_api_state(DvRequest *request, void *data)
{
    g_autoptr(json_t) state = dv_state_view(data);
    dv_request_reply_json(request, 200, state);
}

void
dv_api_events(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    if (!dv_pages_open(booth->pages, request)) {
        dv_request_error(request, 503, "too_many_pages", "this lane is open in too many windows");
        return;
    }
    dv_booth_announce(booth); /* the new page gets the state at once */
}

void
dv_api_recent(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    const DvSession *session = dv_sessions_current(booth->sessions);
    g_autoptr(json_t) recent = dv_state_recent(booth, session ? session->shift_id : "");
    dv_request_reply_json(request, 200, recent);
}
