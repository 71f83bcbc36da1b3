// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * HTTP server over libmicrohttpd: a table of routes, bounded bodies, errors as JSON.
 * Two ways to run: on the GLib main loop (booth: no thread) or with a pool of epoll threads
 * (backend). Handlers of a pool run on its threads.
 */
#include <glib.h>
#include <jansson.h>

typedef struct DvHttpd DvHttpd;
typedef struct DvRequest DvRequest;

typedef void (*DvHandler)(DvRequest *request, void *data);

typedef struct {
    const char *method; /* "GET"; GET routes answer HEAD too */
    const char *path;   /* "/v1/kiosks/{kiosk}/records"; a {name} takes one segment without "/";
                           a last segment "{name...}" takes the rest */
    guint role;         /* the program's own meaning, dv_request_role(); 0: everybody */
    gsize max_body;     /* bytes; larger bodies get 413 before they are read */
    DvHandler handler;
} DvRoute;

typedef struct {
    const char *address;   /* "127.0.0.1" */
    guint16 port;          /* 0: any free one, see dv_httpd_port */
    const DvRoute *routes; /* ends with method NULL; must outlive the server */
    void *data;            /* handed to handlers and guard */
    /* Called before a route's body is read; answer with dv_request_error and return FALSE to
     * refuse. Checks sessions, Host, Origin, certificate, role. NULL: none. */
    gboolean (*guard)(DvRequest *request, const DvRoute *route, void *data);
    const char *tls_cert, *tls_key; /* PEM file paths; NULL: plain HTTP */
    const char *tls_client_ca; /* PEM file path: a client certificate issued by it is demanded */
    guint threads;             /* 0: on the GLib main loop; else epoll threads */
    guint max_connections;     /* 0: 256 */
    guint per_ip_connections;  /* 0: no bound of its own */
    guint request_timeout_ms;  /* 0: 30,000. A connection on which no whole request arrived in
                                  this time, since its start or its last answer, is cut */
} DvHttpdOptions;

DvHttpd *dv_httpd_new(const DvHttpdOptions *options, GError **error);
/* Stops listening, ends streams and waits for running handlers. Suspended requests must have been
 * resumed before. */
void dv_httpd_free(DvHttpd *httpd);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvHttpd, dv_httpd_free)
guint16 dv_httpd_port(const DvHttpd *httpd);

/* ---- what a handler reads; everything belongs to the request */
const char *dv_request_method(const DvRequest *request);
const char *dv_request_path(const DvRequest *request);
const char *dv_request_param(const DvRequest *request, const char *name); /* of the path */
const char *dv_request_query(const DvRequest *request, const char *name); /* NULL: absent */
const char *dv_request_header(const DvRequest *request, const char *name);
const char *dv_request_cookie(const DvRequest *request, const char *name);
const void *dv_request_body(const DvRequest *request, gsize *length);
/* The body as a JSON object; answers 400 itself and returns NULL when it is none. Caller owns. */
json_t *dv_request_json(DvRequest *request);
const char *dv_request_peer(const DvRequest *request); /* address without port */
/* Common name and SHA-256 fingerprint (hex) of the verified client certificate; NULL: none.
 * The verdict is cached per connection. */
const char *dv_request_client_name(const DvRequest *request);
const char *dv_request_client_unit(const DvRequest *request); /* its OU */
const char *dv_request_client_fingerprint(const DvRequest *request);
/* A place for the guard to leave something for the handler (a session). */
void dv_request_set_user_data(DvRequest *request, void *data, GDestroyNotify free_func);
void *dv_request_user_data(const DvRequest *request);

/* ---- how a handler answers: exactly once, or suspend */
/* Adds a header to the answer. */
void dv_request_add_header(DvRequest *request, const char *name, const char *value);
/* Every answer carries no-store, nosniff, frame-ancestors none, a strict CSP unless set already. */
void dv_request_reply(DvRequest *request, guint status, const char *content_type, GBytes *body);
void dv_request_reply_json(DvRequest *request, guint status, const json_t *body);
/* {"error": word, "message": sentence} */
void dv_request_error(DvRequest *request, guint status, const char *word, const char *format, ...)
    G_GNUC_PRINTF(4, 5);
/* Maps DV_ERROR codes: INVALID 400, DENIED 403, CONFLICT 409, FULL 507, UNAVAILABLE 503, ... */
void dv_request_reply_gerror(DvRequest *request, const GError *error);
/* Serves the file at root/relative with its type; relative must not leave root. 404 otherwise. */
void dv_request_reply_file(DvRequest *request, const char *root, const char *relative);

/* Serves an open regular file of that size from its descriptor, which is taken in any case: whole,
 * the part that a Range header asks for (one range; If-Range by etag), 304 when If-None-Match names
 * it, 416 for a part beyond its end. etag is quoted already and names the content for ever. */
void dv_request_reply_fd(DvRequest *request, int fd, guint64 size, const char *content_type,
                         const char *etag);

/* The handler returns without having answered; another thread (or a later callback) answers by one
 * of the functions above, which then resumes the connection. The request stays valid until then.
 * Suspend first, then hand the request to whoever will answer it. */
void dv_request_suspend(DvRequest *request);

/* ---- server-sent events (main-loop servers only) */
typedef struct DvEventStream DvEventStream;
/* Answers 200 text/event-stream and keeps the connection. on_closed is called once when the peer
 * has gone or dv_event_stream_close was called; the stream is invalid after it. A comment line goes
 * out every 15 s. A peer that does not read is cut at 1 MiB of backlog. */
DvEventStream *dv_request_reply_events(DvRequest *request, void (*on_closed)(void *data),
                                       void *data);
void dv_event_stream_send(DvEventStream *stream, const char *event, const json_t *payload);
void dv_event_stream_close(DvEventStream *stream);
