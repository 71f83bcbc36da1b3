// SPDX-License-Identifier: Apache-2.0
/*
 * The two ways to run the HTTP server. On the main loop libmicrohttpd polls nothing itself: it
 * hands out its epoll descriptor, and a GSource runs it when the descriptor is ready or a time
 * limit of its own has come. With a pool of threads it runs alone, and one small thread of ours
 * looks after connections that keep us waiting.
 */
#include "httpd_private.h"
#include <darvaza/error.h>
#include <time.h>

/* ---- main-loop mode */

typedef struct {
    GSource source;
    DvHttpd *httpd;
    gpointer tag;
} HttpSource;

static gboolean
source_prepare(GSource *base, int *timeout)
{
    HttpSource *source = (HttpSource *)base;
    MHD_UNSIGNED_LONG_LONG ms = 0;
    *timeout = -1;
    if (MHD_get_timeout(source->httpd->daemon, &ms) == MHD_YES)
        *timeout = (int)MIN(ms, 60000);
    return *timeout == 0;
}

static gboolean
source_check(GSource *base)
{
    HttpSource *source = (HttpSource *)base;
    MHD_UNSIGNED_LONG_LONG ms = 0;
    if (g_source_query_unix_fd(base, source->tag) != 0)
        return TRUE;
    return MHD_get_timeout(source->httpd->daemon, &ms) == MHD_YES && ms == 0;
}

static gboolean
source_dispatch(GSource *base, GSourceFunc callback, gpointer data)
{
    (void)callback;
    (void)data;
    g_source_set_ready_time(base, -1);
    MHD_run(((HttpSource *)base)->httpd->daemon);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {source_prepare, source_check, source_dispatch,
                                    NULL,           NULL,         NULL};

void
httpd_loop_resume(DvHttpd *httpd, struct MHD_Connection *connection)
{
    /* Once it is resumed the request may end, and its owner may end the server. */
    GSource *source = httpd->source != NULL ? g_source_ref(httpd->source) : NULL;
    MHD_resume_connection(connection);
    if (source == NULL)
        return;
    /* Polled from outside, libmicrohttpd has no way to wake the loop itself. */
    g_source_set_ready_time(source, 0);
    g_source_unref(source);
}

static gboolean
reap_on_loop(gpointer data)
{
    httpd_conn_reap(data);
    return G_SOURCE_CONTINUE;
}

static guint
reap_interval_ms(const DvHttpd *httpd)
{
    return CLAMP(httpd->request_timeout_ms / 4, 20, 5000);
}

gboolean
httpd_loop_attach(DvHttpd *httpd, GError **error)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(httpd->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == NULL || info->epoll_fd < 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO,
                    "HTTP server: libmicrohttpd gave no epoll descriptor");
        return FALSE;
    }
    httpd->source = g_source_new(&source_funcs, sizeof(HttpSource));
    HttpSource *source = (HttpSource *)httpd->source;
    source->httpd = httpd;
    source->tag = g_source_add_unix_fd(httpd->source, info->epoll_fd, G_IO_IN);
    g_source_set_name(httpd->source, "httpd");
    g_source_attach(httpd->source, NULL);
    httpd->reaper_timer = g_timeout_add(reap_interval_ms(httpd), reap_on_loop, httpd);
    return TRUE;
}

/* ---- pool mode */

static void *
reaper_main(void *data)
{
    DvHttpd *httpd = data;
    pthread_mutex_lock(&httpd->lock);
    while (!httpd->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_MONOTONIC, &until);
        guint64 ns = (guint64)until.tv_nsec + (guint64)reap_interval_ms(httpd) * 1000000u;
        until.tv_sec += (time_t)(ns / 1000000000u);
        until.tv_nsec = (long)(ns % 1000000000u);
        pthread_cond_timedwait(&httpd->wake, &httpd->lock, &until);
        pthread_mutex_unlock(&httpd->lock);
        httpd_conn_reap(httpd);
        pthread_mutex_lock(&httpd->lock);
    }
    pthread_mutex_unlock(&httpd->lock);
    return NULL;
}

gboolean
httpd_loop_start_thread(DvHttpd *httpd, GError **error)
{
    int rc = pthread_create(&httpd->reaper, NULL, reaper_main, httpd);
    if (rc != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "HTTP server: cannot start a thread: %s",
                    g_strerror(rc));
        return FALSE;
    }
    httpd->reaper_runs = TRUE;
    return TRUE;
}

void
httpd_loop_stop(DvHttpd *httpd)
{
    pthread_mutex_lock(&httpd->lock);
    httpd->stopping = TRUE;
    pthread_cond_signal(&httpd->wake);
    pthread_mutex_unlock(&httpd->lock);
    if (httpd->reaper_runs)
        pthread_join(httpd->reaper, NULL);
    httpd->reaper_runs = FALSE;
    g_clear_handle_id(&httpd->reaper_timer, g_source_remove);
}
