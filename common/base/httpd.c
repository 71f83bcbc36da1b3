// SPDX-License-Identifier: Apache-2.0
/* The HTTP server as a whole: libmicrohttpd's options, start and stop. */
#include "httpd_private.h"
#include <arpa/inet.h>
#include <darvaza/error.h>
#include <darvaza/file.h>
#include <darvaza/log.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define PEM_MAX 65536u
#define OPTIONS_MAX 24

typedef struct {
    struct MHD_OptionItem items[OPTIONS_MAX];
    guint count;
    char *cert, *key, *ca; /* PEM texts */
    struct sockaddr_storage address;
} Setup;

static void
setup_clear(Setup *setup)
{
    if (setup->key != NULL)
        explicit_bzero(setup->key, strlen(setup->key));
    g_free(setup->cert);
    g_free(setup->key);
    g_free(setup->ca);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Setup, setup_clear)

static void
option(Setup *setup, enum MHD_OPTION name, intptr_t value, void *pointer)
{
    g_assert(setup->count + 1 < OPTIONS_MAX);
    setup->items[setup->count++] =
        (struct MHD_OptionItem){.option = name, .value = value, .ptr_value = pointer};
}

static char *
read_pem(const char *path, GError **error)
{
    g_autoptr(GBytes) bytes = dv_file_read(path, PEM_MAX, error);
    if (bytes == NULL) {
        g_prefix_error(error, "HTTP server: ");
        return NULL;
    }
    gsize length = 0;
    const char *text = g_bytes_get_data(bytes, &length);
    return g_strndup(text != NULL ? text : "", length);
}

static gboolean
setup_tls(Setup *setup, const DvHttpdOptions *options, GError **error)
{
    if (options->tls_cert == NULL)
        return TRUE;
    setup->cert = read_pem(options->tls_cert, error);
    setup->key = setup->cert != NULL ? read_pem(options->tls_key, error) : NULL;
    if (setup->key == NULL)
        return FALSE;
    option(setup, MHD_OPTION_HTTPS_MEM_CERT, 0, setup->cert);
    option(setup, MHD_OPTION_HTTPS_MEM_KEY, 0, setup->key);
    option(setup, MHD_OPTION_HTTPS_PRIORITIES, 0,
           (gpointer) "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2");
    if (options->tls_client_ca == NULL)
        return TRUE;
    setup->ca = read_pem(options->tls_client_ca, error);
    if (setup->ca == NULL)
        return FALSE;
    option(setup, MHD_OPTION_HTTPS_MEM_TRUST, 0, setup->ca);
    return TRUE;
}

static gboolean
setup_address(Setup *setup, const DvHttpdOptions *options, GError **error)
{
    const char *text = options->address != NULL ? options->address : "127.0.0.1";
    char service[8];
    snprintf(service, sizeof service, "%u", options->port);
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    if (getaddrinfo(text, service, &hints, &found) != 0 || found == NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "HTTP server: \"%s\" is no IP address", text);
        return FALSE;
    }
    if (found->ai_family == AF_INET6)
        *(struct sockaddr_in6 *)(gpointer)&setup->address =
            *(const struct sockaddr_in6 *)(gpointer)found->ai_addr;
    else
        *(struct sockaddr_in *)(gpointer)&setup->address =
            *(const struct sockaddr_in *)(gpointer)found->ai_addr;
    freeaddrinfo(found);
    option(setup, MHD_OPTION_SOCK_ADDR, 0, &setup->address);
    return TRUE;
}

/* Escapes stay in the path: segments are cut first and decoded one by one (httpd_route.c). */
static size_t
keep_escapes(void *cls, struct MHD_Connection *connection, char *text)
{
    (void)cls;
    (void)connection;
    return strlen(text);
}

static void
log_line(void *cls, const char *format, va_list args)
{
    (void)cls;
    g_autofree char *text = g_strdup_vprintf(format, args);
    dv_log_debug("libmicrohttpd: %s", g_strstrip(text));
}

static gboolean
set_up(Setup *setup, DvHttpd *httpd, const DvHttpdOptions *options, GError **error)
{
    guint connections = options->max_connections > 0 ? options->max_connections : 256;
    option(setup, MHD_OPTION_EXTERNAL_LOGGER, (intptr_t)log_line, NULL);
    option(setup, MHD_OPTION_NOTIFY_COMPLETED, (intptr_t)httpd_request_completed, httpd);
    option(setup, MHD_OPTION_NOTIFY_CONNECTION, (intptr_t)httpd_conn_notify, httpd);
    option(setup, MHD_OPTION_UNESCAPE_CALLBACK, (intptr_t)keep_escapes, NULL);
    option(setup, MHD_OPTION_STRICT_FOR_CLIENT, 1, NULL);
    option(setup, MHD_OPTION_CONNECTION_LIMIT, (intptr_t)MAX(connections, options->threads), NULL);
    option(setup, MHD_OPTION_CONNECTION_TIMEOUT, MAX(1, httpd->request_timeout_ms / 1000), NULL);
    if (options->per_ip_connections > 0)
        option(setup, MHD_OPTION_PER_IP_CONNECTION_LIMIT, (intptr_t)options->per_ip_connections,
               NULL);
    if (options->threads > 1)
        option(setup, MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)options->threads, NULL);
    return setup_address(setup, options, error) && setup_tls(setup, options, error);
}

static gboolean
start(DvHttpd *httpd, const DvHttpdOptions *options, GError **error)
{
    g_auto(Setup) setup = {.count = 0};
    if (!set_up(&setup, httpd, options, error))
        return FALSE;
    unsigned flags = MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME |
                     (options->threads > 0 ? MHD_USE_EPOLL_INTERNAL_THREAD : MHD_USE_EPOLL);
    if (options->tls_cert != NULL)
        flags |= MHD_USE_TLS;
    if (setup.address.ss_family == AF_INET6)
        flags |= MHD_USE_IPv6;
    errno = 0;
    httpd->daemon = MHD_start_daemon(flags, options->port, NULL, NULL, httpd_request_access, httpd,
                                     MHD_OPTION_ARRAY, setup.items, MHD_OPTION_END);
    if (httpd->daemon == NULL) {
        int saved = errno;
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "HTTP server: cannot listen on %s port %u: %s",
                    options->address != NULL ? options->address : "127.0.0.1", options->port,
                    saved != 0 ? g_strerror(saved) : "the certificate or key is unusable");
        return FALSE;
    }
    const union MHD_DaemonInfo *info =
        MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_BIND_PORT);
    httpd->port = info != NULL ? info->port : options->port;
    return options->threads > 0 ? httpd_loop_start_thread(httpd, error)
                                : httpd_loop_attach(httpd, error);
}

DvHttpd *
dv_httpd_new(const DvHttpdOptions *options, GError **error)
{
    g_return_val_if_fail(options->routes != NULL, NULL);
    DvHttpd *httpd = g_new0(DvHttpd, 1);
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&httpd->wake, &attr);
    pthread_condattr_destroy(&attr);
    pthread_mutex_init(&httpd->lock, NULL);
    httpd->routes = options->routes;
    httpd->data = options->data;
    httpd->guard = options->guard;
    httpd->demand_client_cert = options->tls_client_ca != NULL;
    httpd->request_timeout_ms =
        options->request_timeout_ms > 0 ? options->request_timeout_ms : 30000;
    httpd->conns = g_hash_table_new_full(NULL, NULL, httpd_conn_free, NULL);
    httpd->streams = g_hash_table_new(NULL, NULL);
    if (!start(httpd, options, error)) {
        dv_httpd_free(httpd);
        return NULL;
    }
    return httpd;
}

void
dv_httpd_free(DvHttpd *httpd)
{
    if (httpd == NULL)
        return;
    httpd_loop_stop(httpd);
    httpd_events_close_all(httpd);
    if (httpd->source != NULL) {
        MHD_run(httpd->daemon); /* lets resumed streams end before the daemon is stopped */
        g_source_destroy(httpd->source);
        g_source_unref(httpd->source);
    }
    if (httpd->daemon != NULL)
        MHD_stop_daemon(httpd->daemon);
    g_hash_table_unref(httpd->conns);
    g_hash_table_unref(httpd->streams);
    pthread_mutex_destroy(&httpd->lock);
    pthread_cond_destroy(&httpd->wake);
    g_free(httpd);
}

guint16
dv_httpd_port(const DvHttpd *httpd)
{
    return httpd->port;
}
