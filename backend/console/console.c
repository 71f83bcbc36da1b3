// SPDX-License-Identifier: Apache-2.0
/* The routes, and the console's life. */
#include "private.h"

#define SMALL 2048
#define DECISION (16 * 1024)
#define SIGNATURE 4096 /* a file of 1,024 bytes, as JSON */
#define CROSSING "/api/queue/{kiosk}/{epoch}/{seq}"
#define RELEASE "/api/lists/{release}"
#define REFERRAL "/api/referrals/{kiosk}/{epoch}/{seq}"

static void
page(DvVisit *visit)
{
    dv_request_reply_file(visit->request, visit->console->web_root, "index.html");
}

static void
page_file(DvVisit *visit)
{
    dv_request_reply_file(visit->request, visit->console->web_root,
                          dv_request_param(visit->request, "file"));
}

static const DvConsoleRow rows[] = {
    {"POST", "/api/sign-in", NULL, SMALL, dv_visit_sign_in, TRUE},
    {"POST", "/api/sign-out", NULL, SMALL, dv_visit_sign_out, FALSE},
    {"GET", "/api/session", NULL, 0, dv_visit_session, FALSE},
    {"GET", "/api/vocabulary", NULL, 0, dv_visit_vocabulary, FALSE},
    {"GET", "/api/queue", "queue", 0, dv_visit_queue, FALSE},
    {"POST", CROSSING "/claim", "claim", SMALL, dv_visit_claim, FALSE},
    {"POST", CROSSING "/release", "claim", SMALL, dv_visit_release, FALSE},
    {"POST", CROSSING "/reopen", "decide", SMALL, dv_visit_reopen, FALSE},
    {"POST", CROSSING "/open", "open", SMALL, dv_visit_open, FALSE},
    {"POST", CROSSING "/decide", "decide", DECISION, dv_visit_decide, FALSE},
    {"POST", CROSSING "/decisions/{number}", "open_decision", SMALL, dv_visit_open_decision, FALSE},
    {"GET", "/api/kiosks", "kiosks", 0, dv_visit_kiosks, FALSE},
    {"GET", "/api/lists", "lists", 0, dv_visit_lists, FALSE},
    {"GET", "/api/lists/booths", "lists", 0, dv_visit_list_booths, FALSE},
    {"POST", "/api/lists/clock", "list_roll_out", SMALL, dv_visit_list_clock, FALSE},
    {"GET", RELEASE "/payload", "lists", 0, dv_visit_list_payload, FALSE},
    {"POST", RELEASE "/open", "lists", SMALL, dv_visit_list_open, FALSE},
    {"POST", RELEASE "/rows", "list_rows", SMALL, dv_visit_list_rows, FALSE},
    {"POST", RELEASE "/dry-run", "list_dry_run", SMALL, dv_visit_list_dry_run, FALSE},
    {"POST", RELEASE "/signatures", "lists", SIGNATURE, dv_visit_list_sign, FALSE},
    {"POST", RELEASE "/put-in-force", "list_roll_out", SMALL, dv_visit_list_put_in_force, FALSE},
    {"POST", RELEASE "/step", "list_roll_out", SMALL, dv_visit_list_step, FALSE},
    {"GET", "/api/referrals", "referrals", 0, dv_visit_referrals, FALSE},
    {"POST", REFERRAL "/open", "open_referral", SMALL, dv_visit_open_referral, FALSE},
    {"POST", REFERRAL "/close", "close_referral", SMALL, dv_visit_close_referral, FALSE},
    {"GET", "/", NULL, 0, page, TRUE},
    {"GET", "/{file...}", NULL, 0, page_file, TRUE},
};

static gboolean
guard(DvRequest *request, const DvRoute *route, void *data)
{
    DvConsole *console = data;
    dv_visit_new(console, request, &rows[route - console->routes]);
    return dv_console_guard(request, console);
}

static DvRoute *
make_routes(void)
{
    DvRoute *routes = g_new0(DvRoute, G_N_ELEMENTS(rows) + 1);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++)
        routes[i] = (DvRoute){.method = rows[i].method,
                              .path = rows[i].path,
                              .max_body = rows[i].max_body,
                              .handler = dv_console_enter};
    return routes;
}

DvConsole *
dv_console_new(const DvConsoleOptions *options, GError **error)
{
    g_autoptr(DvConsole) console = g_new0(DvConsole, 1);
    console->store = options->store;
    console->web_root = g_strdup(options->web_root);
    console->tls = options->tls_cert && *options->tls_cert;
    console->limit = dv_limit_new();
    console->centre = dv_opener_client_new(options->opener_socket, "The opener");
    console->protection =
        dv_opener_client_new(options->protection_socket, "The protection unit's opener");
    console->routes = make_routes();
    const DvHttpdOptions http = {
        .address = options->address,
        .port = options->port,
        .routes = console->routes,
        .data = console,
        .guard = guard,
        .tls_cert = console->tls ? options->tls_cert : NULL,
        .tls_key = console->tls ? options->tls_key : NULL,
        .per_ip_connections = 64,
    };
    if (!dv_console_lists_start(console, options->lists_repository, error))
        return NULL;
    console->httpd = dv_httpd_new(&http, error);
    return console->httpd ? g_steal_pointer(&console) : NULL;
}

void
dv_console_free(DvConsole *console)
{
    if (!console)
        return;
    if (console->renew_timer)
        g_source_remove(console->renew_timer);
    /* Requests wait for openers; those answer first, then the server may go. */
    dv_opener_client_free(console->centre);
    dv_opener_client_free(console->protection);
    dv_httpd_free(console->httpd);
    dv_limit_free(console->limit);
    dv_lists_repository_free(console->lists);
    g_free(console->routes);
    g_free(console->web_root);
    g_free(console);
}

guint16
dv_console_port(const DvConsole *console)
{
    return dv_httpd_port(console->httpd);
}
