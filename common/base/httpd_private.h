// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Shared by the httpd_*.c files only. */
#include <darvaza/httpd.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>

#define HTTPD_PATH_MAX 4096     /* bytes of a request target */
#define HTTPD_SEGMENTS_MAX 32   /* of a path */
#define HTTPD_DRAIN_MAX 1048576 /* bytes of a refused body that are read and thrown away */
#define HTTPD_EVENT_BACKLOG 1048576
#define HTTPD_EVENT_COMMENT_S 15

struct DvHttpd {
    struct MHD_Daemon *daemon;
    const DvRoute *routes;
    void *data;
    gboolean (*guard)(DvRequest *request, const DvRoute *route, void *data);
    gboolean demand_client_cert;
    guint16 port;
    guint request_timeout_ms;
    GSource *source;    /* main-loop mode: libmicrohttpd's epoll descriptor */
    guint reaper_timer; /* main-loop mode */
    pthread_t reaper;   /* pool mode */
    gboolean reaper_runs;
    pthread_mutex_t lock; /* conns, their waiting_since, stopping */
    pthread_cond_t wake;
    gboolean stopping;
    GHashTable *conns;   /* set of HttpConn, open ones */
    GHashTable *streams; /* set of DvEventStream; main-loop mode, one thread */
    guint comment_timer;
};

/* One TCP connection. Lives from accept to close; its fd stays open as long as it is in conns. */
typedef struct {
    DvHttpd *httpd;
    int fd;
    char peer[INET6_ADDRSTRLEN];
    gint64 waiting_since_us; /* 0 while a whole request is being answered */
    gboolean verified;       /* the certificate was looked at; the rest is the verdict */
    char *client_name;
    char *client_unit;
    char *client_fingerprint;
    char *refusal; /* why the certificate does not count; NULL when it does */
} HttpConn;

typedef struct {
    char *name;
    char *value;
} HttpPair;

struct DvRequest {
    DvHttpd *httpd;
    HttpConn *conn;
    struct MHD_Connection *connection;
    const DvRoute *route;
    char *method;
    char *path;          /* decoded */
    GPtrArray *segments; /* decoded, of path */
    GArray *params;      /* HttpPair */
    GHashTable *queries; /* decoded copies handed out */
    GArray *headers;     /* HttpPair, of the answer */
    GByteArray *body;
    gsize max_body;
    gsize drained;
    gboolean too_large;
    gboolean handled;   /* the handler ran */
    gboolean suspended; /* set by the connection's own thread before anybody else knows it */
    guint status;
    struct MHD_Response *response;
    void *user_data;
    GDestroyNotify user_free;
};

/* httpd_conn.c */
void httpd_conn_notify(void *cls, struct MHD_Connection *connection, void **socket_context,
                       enum MHD_ConnectionNotificationCode code);
HttpConn *httpd_conn_of(struct MHD_Connection *connection);
/* A whole request arrived (TRUE) or its answer went out (FALSE): starts and stops the time limit.
 */
void httpd_conn_busy(HttpConn *conn, gboolean busy);
void httpd_conn_verify(HttpConn *conn, struct MHD_Connection *connection);
/* Cuts every connection that has waited longer than the limit for a whole request. */
void httpd_conn_reap(DvHttpd *httpd);
void httpd_conn_free(gpointer data);

/* httpd_loop.c */
gboolean httpd_loop_attach(DvHttpd *httpd, GError **error);
gboolean httpd_loop_start_thread(DvHttpd *httpd, GError **error);
/* From any thread. */
void httpd_loop_resume(DvHttpd *httpd, struct MHD_Connection *connection);
void httpd_loop_stop(DvHttpd *httpd); /* ends thread and timer; legal when none was started */

/* httpd_request.c */
enum MHD_Result httpd_request_access(void *cls, struct MHD_Connection *connection, const char *url,
                                     const char *method, const char *version, const char *upload,
                                     size_t *upload_size, void **request_slot);
void httpd_request_completed(void *cls, struct MHD_Connection *connection, void **request_slot,
                             enum MHD_RequestTerminationCode code);
/* Percent-decodes one segment or value; NULL when an escape is broken or gives NUL. Caller frees.
 */
char *httpd_unescape(const char *text);

/* httpd_route.c */
/* Splits and decodes url into request->segments; FALSE: not a path that can name anything. */
gboolean httpd_route_split(DvRequest *request, const char *url);
/* The route for method and segments with its params set, or NULL with 404 or 405 answered. */
const DvRoute *httpd_route_find(DvRequest *request);

/* httpd_reply.c */
/* Takes the response; resumes the connection when the request is suspended. */
void httpd_reply_take(DvRequest *request, guint status, struct MHD_Response *response);

/* httpd_events.c */
void httpd_events_close_all(DvHttpd *httpd);
