// SPDX-License-Identifier: Apache-2.0
/* Who is asking: cookie, CSRF token, origin; the opener alone knows whether a session lives. */
#include "private.h"

#include <darvaza/crypto.h>
#include <darvaza/error.h>
#include <string.h>

/* "__Host-": browsers take it over TLS only, for this host and path alone. */
#define COOKIE_TLS "__Host-darvaza"
#define COOKIE_PLAIN "darvaza-console" /* loopback without TLS */

static void
visit_free(void *data)
{
    DvVisit *visit = data;
    g_free(visit->token);
    json_decref(visit->session);
    json_decref(visit->input);
    dv_stored_record_free(visit->record);
    g_free(visit);
}

static const char *
cookie_name(const DvConsole *console)
{
    return console->tls ? COOKIE_TLS : COOKIE_PLAIN;
}

static gboolean
changes_something(const DvRequest *request)
{
    const char *method = dv_request_method(request);
    return strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0;
}

/* A page of somebody else's must not act through this browser. */
static gboolean
comes_from_here(const DvConsole *console, const DvRequest *request)
{
    const char *host = dv_request_header(request, "Host");
    const char *origin = dv_request_header(request, "Origin");
    const char *site = dv_request_header(request, "Sec-Fetch-Site");
    if (!host || !*host)
        return FALSE;
    if (changes_something(request) && site && strcmp(site, "same-origin") != 0)
        return FALSE;
    if (!origin)
        return TRUE;
    g_autofree char *own = g_strconcat(console->tls ? "https://" : "http://", host, NULL);
    return strcmp(origin, own) == 0;
}

gboolean
dv_console_guard(DvRequest *request, DvConsole *console)
{
    if (!dv_limit_take(console->limit, dv_request_peer(request))) {
        dv_request_add_header(request, "Retry-After", "5");
        dv_request_error(request, 429, "unavailable",
                         "Too many requests from this address; wait a moment.");
        return FALSE;
    }
    if (comes_from_here(console, request))
        return TRUE;
    dv_request_error(request, 403, "denied", "This request does not come from the console's page.");
    return FALSE;
}

/* ---- the person's session ---- */

static void
forget_cookie(DvVisit *visit)
{
    g_autofree char *value =
        g_strdup_printf("%s=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict%s",
                        cookie_name(visit->console), visit->console->tls ? "; Secure" : "");
    dv_request_add_header(visit->request, "Set-Cookie", value);
}

static void
set_cookie(DvVisit *visit, char unit, const char *token)
{
    g_autofree char *value = g_strdup_printf("%s=%c.%s; Path=/; HttpOnly; SameSite=Strict%s",
                                             cookie_name(visit->console), unit, token,
                                             visit->console->tls ? "; Secure" : "");
    dv_request_add_header(visit->request, "Set-Cookie", value);
}

const char *
dv_visit_user(const DvVisit *visit)
{
    const char *user = json_string_value(json_object_get(visit->session, "user"));
    return user ? user : "";
}

gboolean
dv_visit_may(const DvVisit *visit, const char *verb)
{
    const json_t *may = json_object_get(visit->session, "may");
    for (gsize i = 0; i < json_array_size(may); i++)
        if (g_strcmp0(json_string_value(json_array_get(may, i)), verb) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
csrf_is_right(const DvVisit *visit)
{
    const char *given = dv_request_header(visit->request, "X-CSRF-Token");
    const char *right = json_string_value(json_object_get(visit->session, "csrf"));
    return given && right && strlen(given) == strlen(right) &&
           dv_equal_secret(given, right, strlen(right));
}

static void
on_session(GVariant *reply, const GError *error, void *data)
{
    DvVisit *visit = data;
    if (error) {
        if (g_error_matches(error, DV_ERROR, DV_ERROR_EXPIRED))
            forget_cookie(visit);
        dv_visit_fail(visit, error);
        return;
    }
    visit->session = dv_visit_reply_json(visit, reply);
    if (!visit->session)
        return;
    if (changes_something(visit->request) && !csrf_is_right(visit)) {
        dv_request_error(visit->request, 403, "denied",
                         "The page is out of date (CSRF token); load it again.");
        return;
    }
    if (visit->row->may && !dv_visit_may(visit, visit->row->may)) {
        dv_request_error(visit->request, 403, "denied", "Your role may not do this.");
        return;
    }
    visit->row->func(visit);
}

static gboolean
read_cookie(DvVisit *visit)
{
    const char *cookie = dv_request_cookie(visit->request, cookie_name(visit->console));
    if (!cookie || strlen(cookie) < 3 || strlen(cookie) > 128 || cookie[1] != '.' ||
        !g_utf8_validate(cookie, -1, NULL))
        return FALSE;
    if (cookie[0] != 'c' && cookie[0] != 'p')
        return FALSE;
    visit->opener = cookie[0] == 'c' ? visit->console->centre : visit->console->protection;
    visit->token = g_strdup(cookie + 2);
    return TRUE;
}

void
dv_console_enter(DvRequest *request, void *data)
{
    /* The guard left the row's visit behind. */
    DvVisit *visit = dv_request_user_data(request);
    (void)data;
    if (visit->row->open) {
        visit->row->func(visit);
        return;
    }
    if (!read_cookie(visit)) {
        dv_request_error(request, 401, "expired", "Sign in first.");
        return;
    }
    dv_request_suspend(request);
    dv_opener_client_call(visit->opener, "Session", g_variant_new("(s)", visit->token), "(s)",
                          on_session, visit);
}

DvVisit *
dv_visit_new(DvConsole *console, DvRequest *request, const DvConsoleRow *row)
{
    DvVisit *visit = g_new0(DvVisit, 1);
    *visit = (DvVisit){.console = console, .request = request, .row = row};
    dv_request_set_user_data(request, visit, visit_free);
    return visit;
}

/* ---- sign-in and sign-out ---- */

/* What the page needs; the token stays in the cookie, out of scripts' reach. */
static void
reply_session(DvVisit *visit)
{
    g_autoptr(json_t) shown = json_copy(visit->session);
    json_object_del(shown, "token");
    dv_request_reply_json(visit->request, 200, shown);
}

static void
on_signed_in(GVariant *reply, const GError *error, void *data)
{
    DvVisit *visit = data;
    if (error) {
        dv_visit_fail(visit, error);
        return;
    }
    visit->session = dv_visit_reply_json(visit, reply);
    if (!visit->session)
        return;
    const char *token = json_string_value(json_object_get(visit->session, "token"));
    set_cookie(visit, visit->opener == visit->console->centre ? 'c' : 'p', token ? token : "");
    reply_session(visit);
}

void
dv_visit_sign_in(DvVisit *visit)
{
    static const char *const members[] = {"user", "password", "unit", NULL};
    visit->input = dv_request_json(visit->request);
    if (!visit->input)
        return;
    g_autoptr(GError) error = NULL;
    const char *user = dv_json_string(visit->input, "user", 64, "sign-in", &error);
    const char *password =
        user ? dv_json_string(visit->input, "password", 1024, "sign-in", &error) : NULL;
    if (!password || !dv_json_only(visit->input, members, "sign-in", &error)) {
        dv_visit_fail(visit, error);
        return;
    }
    const char *unit = dv_json_string_or_null(visit->input, "unit");
    visit->opener =
        g_strcmp0(unit, "protection") == 0 ? visit->console->protection : visit->console->centre;
    dv_request_suspend(visit->request);
    dv_opener_client_call(visit->opener, "SignIn",
                          g_variant_new("(sss)", user, password, dv_request_peer(visit->request)),
                          "(s)", on_signed_in, visit);
}

static void
on_signed_out(GVariant *reply, const GError *error, void *data)
{
    (void)reply;
    DvVisit *visit = data;
    forget_cookie(visit);
    if (error)
        dv_visit_fail(visit, error);
    else
        dv_visit_done(visit);
}

void
dv_visit_sign_out(DvVisit *visit)
{
    dv_opener_client_call(visit->opener, "SignOut", g_variant_new("(s)", visit->token), "()",
                          on_signed_out, visit);
}

void
dv_visit_session(DvVisit *visit)
{
    reply_session(visit);
}
