// SPDX-License-Identifier: Apache-2.0
/* The routes of the officer's page: docs/formats/booth-api.md. */
#include "booth_private.h"
#include "guard.h"

enum { ROLE_ANYBODY, ROLE_OFFICER };

const DvRoute dv_booth_routes[] = {
    {"GET", "/", ROLE_ANYBODY, 0, dv_api_page},
    {"GET", "/web/{path...}", ROLE_ANYBODY, 0, dv_api_asset},
    {"POST", "/api/sign-in", ROLE_ANYBODY, 4096, dv_api_sign_in},
    {"GET", "/api/session", ROLE_ANYBODY, 0, dv_api_session},
    {"POST", "/api/sign-out", ROLE_OFFICER, 4096, dv_api_sign_out},
    {"GET", "/api/state", ROLE_OFFICER, 0, dv_api_state},
    {"GET", "/api/events", ROLE_OFFICER, 0, dv_api_events},
    {"GET", "/api/recent", ROLE_OFFICER, 0, dv_api_recent},
    {"GET", "/api/crossings/{id}", ROLE_OFFICER, 0, dv_api_crossing},
    {"POST", "/api/manual", ROLE_OFFICER, 8192, dv_api_manual},
    {"POST", "/api/correct", ROLE_OFFICER, 4096, dv_api_correct},
    {"POST", "/api/decision", ROLE_OFFICER, 16384, dv_api_decision},
    {"POST", "/api/clear", ROLE_OFFICER, 4096, dv_api_clear},
    {"POST", "/api/recover", ROLE_OFFICER, 4096, dv_api_recover},
    {"GET", "/api/view/{camera}", ROLE_OFFICER, 0, dv_api_view},
    {"GET", "/api/portraits/{id}/{kind}", ROLE_OFFICER, 0, dv_api_portrait},
    {"GET", "/api/scans/{id}/{part}", ROLE_OFFICER, 0, dv_api_scan},
    {"POST", "/api/portrait", ROLE_OFFICER, 4096, dv_api_take_portrait},
    {NULL},
};

gboolean
dv_booth_guard(DvRequest *request, const DvRoute *route, void *data)
{
    DvBooth *booth = data;
    DvGuardRequest what = {
        .method = dv_request_method(request),
        .host = dv_request_header(request, "Host"),
        .origin = dv_request_header(request, "Origin"),
        .fetch_site = dv_request_header(request, "Sec-Fetch-Site"),
        .port = dv_httpd_port(booth->httpd),
        .extra_host = dv_config_string(booth->config, "booth", "extra_host"),
    };
    /* A link on another site may open the page itself; nothing else may come from there. */
    if (route->handler == dv_api_page)
        what.fetch_site = NULL;
    const char *refusal = dv_guard_refusal(&what);
    if (refusal) {
        dv_request_error(request, 403, "denied", "%s", refusal);
        return FALSE;
    }
    if (route->role == ROLE_ANYBODY)
        return TRUE;
    gboolean unsafe = dv_guard_is_unsafe(what.method);
    const DvSession *session =
        dv_sessions_find(booth->sessions, dv_request_cookie(request, DV_SESSION_COOKIE), unsafe);
    if (!session) {
        dv_request_error(request, 401, "signed_out", "nobody is signed in here; sign in first");
        return FALSE;
    }
    if (unsafe &&
        !dv_session_csrf_ok(session, dv_request_header(request, DV_SESSION_CSRF_HEADER))) {
        dv_request_error(request, 403, "denied", "the request lacks the session's CSRF token");
        return FALSE;
    }
    return TRUE;
}

/* ---- the page's own files ---- */

void
dv_api_page(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    dv_request_reply_file(request, dv_config_string(booth->config, "booth", "web_root"),
                          "index.html");
}

void
dv_api_asset(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    dv_request_reply_file(request, dv_config_string(booth->config, "booth", "web_root"),
                          dv_request_param(request, "path"));
}
