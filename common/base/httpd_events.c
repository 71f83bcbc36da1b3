// SPDX-License-Identifier: Apache-2.0
/*
 * Server-sent events. A stream with nothing to say is suspended, so that it costs nothing; sending
 * resumes it. A suspended connection is out of libmicrohttpd's sight, hence the watch on its
 * descriptor: a browser that goes away is noticed at once and not at the next comment line.
 */
#include "httpd_private.h"
#include <glib-unix.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

struct DvEventStream {
    DvHttpd *httpd;
    struct MHD_Connection *connection;
    int fd;
    guint watch;
    GByteArray *backlog;
    gboolean suspended;
    gboolean ending; /* send what is there, then end */
    gboolean broken; /* end now */
    gboolean told;   /* on_closed has been called */
    void (*on_closed)(void *data);
    void *data;
};

static void
wake(DvEventStream *stream)
{
    if (!stream->suspended)
        return;
    stream->suspended = FALSE;
    httpd_loop_resume(stream->httpd, stream->connection);
}

static void
tell_closed(DvEventStream *stream)
{
    if (stream->told)
        return;
    stream->told = TRUE;
    if (stream->on_closed != NULL)
        stream->on_closed(stream->data);
}

/* Ends a stream from our side. What happens to its owner happens later, from the main loop, so that
 * an owner that walks over its streams is not surprised by on_closed in the middle. */
static void
cut(DvEventStream *stream)
{
    stream->broken = TRUE;
    shutdown(stream->fd, SHUT_RDWR);
    wake(stream);
}

static ssize_t
read_stream(void *cls, uint64_t position, char *out, size_t max)
{
    (void)position;
    DvEventStream *stream = cls;
    if (stream->broken)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (stream->backlog->len > 0) {
        gsize size = MIN(max, stream->backlog->len);
        memcpy(out, stream->backlog->data, size);
        g_byte_array_remove_range(stream->backlog, 0, (guint)size);
        return (ssize_t)size;
    }
    if (stream->ending)
        return MHD_CONTENT_READER_END_OF_STREAM;
    stream->suspended = TRUE;
    MHD_suspend_connection(stream->connection);
    return 0;
}

static void
free_stream(void *cls)
{
    DvEventStream *stream = cls;
    g_hash_table_remove(stream->httpd->streams, stream);
    g_clear_handle_id(&stream->watch, g_source_remove);
    tell_closed(stream);
    g_byte_array_unref(stream->backlog);
    g_free(stream);
}

static gboolean
peer_gone(int fd, GIOCondition condition, gpointer data)
{
    (void)fd;
    (void)condition;
    DvEventStream *stream = data;
    stream->watch = 0;
    cut(stream);
    return G_SOURCE_REMOVE;
}

static void
append(DvEventStream *stream, const char *text, gsize length)
{
    if (stream->ending || stream->broken)
        return;
    if (stream->backlog->len + length > HTTPD_EVENT_BACKLOG) {
        cut(stream);
        return;
    }
    g_byte_array_append(stream->backlog, (const guint8 *)text, (guint)length);
    wake(stream);
}

static gboolean
send_comments(gpointer data)
{
    DvHttpd *httpd = data;
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, httpd->streams);
    while (g_hash_table_iter_next(&iter, &key, NULL))
        append(key, ":\n\n", 3);
    return G_SOURCE_CONTINUE;
}

DvEventStream *
dv_request_reply_events(DvRequest *request, void (*on_closed)(void *data), void *data)
{
    DvHttpd *httpd = request->httpd;
    g_return_val_if_fail(httpd->source != NULL, NULL);
    DvEventStream *stream = g_new0(DvEventStream, 1);
    stream->httpd = httpd;
    stream->connection = request->connection;
    stream->fd = request->conn->fd;
    stream->backlog = g_byte_array_new();
    stream->on_closed = on_closed;
    stream->data = data;
    g_byte_array_append(stream->backlog, (const guint8 *)":\n\n",
                        3); /* the head goes out at once */
    stream->watch =
        g_unix_fd_add(stream->fd, (GIOCondition)(POLLRDHUP | POLLHUP | POLLERR), peer_gone, stream);
    g_hash_table_add(httpd->streams, stream);
    if (httpd->comment_timer == 0)
        httpd->comment_timer = g_timeout_add_seconds(HTTPD_EVENT_COMMENT_S, send_comments, httpd);
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, 16384, read_stream, stream, free_stream);
    if (response == NULL)
        g_error("HTTP server: out of memory for an event stream");
    MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "text/event-stream");
    httpd_reply_take(request, 200, response);
    return stream;
}

void
dv_event_stream_send(DvEventStream *stream, const char *event, const json_t *payload)
{
    char *text = json_dumps(payload, JSON_COMPACT | JSON_ENCODE_ANY);
    g_return_if_fail(text != NULL);
    g_autofree char *frame = g_strdup_printf("event: %s\ndata: %s\n\n", event, text);
    free(text);
    append(stream, frame, strlen(frame));
}

void
dv_event_stream_close(DvEventStream *stream)
{
    stream->ending = TRUE;
    tell_closed(stream);
    wake(stream);
}

void
httpd_events_close_all(DvHttpd *httpd)
{
    g_clear_handle_id(&httpd->comment_timer, g_source_remove);
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, httpd->streams);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        DvEventStream *stream = key;
        stream->ending = TRUE;
        wake(stream);
    }
}
