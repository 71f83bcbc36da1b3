// SPDX-License-Identifier: Apache-2.0
/* One request: from its head through guard and body to the handler; what a handler reads. */
#include "httpd_private.h"
#include <darvaza/error.h>
#include <darvaza/json.h>
#include <darvaza/log.h>
#include <string.h>

static void
pair_clear(gpointer data)
{
    HttpPair *pair = data;
    g_free(pair->name);
    g_free(pair->value);
}

static DvRequest *
request_new(DvHttpd *httpd, struct MHD_Connection *connection, const char *method)
{
    DvRequest *request = g_new0(DvRequest, 1);
    request->httpd = httpd;
    request->connection = connection;
    request->conn = httpd_conn_of(connection);
    request->method = g_strdup(method);
    request->segments = g_ptr_array_new_with_free_func(g_free);
    request->params = g_array_new(FALSE, FALSE, sizeof(HttpPair));
    request->headers = g_array_new(FALSE, FALSE, sizeof(HttpPair));
    g_array_set_clear_func(request->params, pair_clear);
    g_array_set_clear_func(request->headers, pair_clear);
    request->body = g_byte_array_new();
    return request;
}

static void
request_free(DvRequest *request)
{
    if (request->response != NULL)
        MHD_destroy_response(request->response);
    if (request->user_free != NULL)
        request->user_free(request->user_data);
    if (request->queries != NULL)
        g_hash_table_unref(request->queries);
    g_free(request->method);
    g_free(request->path);
    g_ptr_array_unref(request->segments);
    g_array_unref(request->params);
    g_array_unref(request->headers);
    g_byte_array_unref(request->body);
    g_free(request);
}

/* ---- the way of a request */

/* The declared length, G_MAXUINT64 for a chunked body, 0 for none. FALSE: contradictory framing,
 * by which one request could be taken for two (RFC 9112, 6.3). */
static gboolean
declared_length(struct MHD_Connection *connection, guint64 *length)
{
    const char *coding =
        MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding");
    const char *text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    *length = 0;
    if (coding != NULL) {
        *length = G_MAXUINT64;
        return text == NULL && g_ascii_strcasecmp(coding, "chunked") == 0;
    }
    return text == NULL || g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, length, NULL);
}

static void
refuse_too_large(DvRequest *request)
{
    dv_request_error(request, 413, "too_large",
                     "the body is larger than the %" G_GSIZE_FORMAT
                     " bytes that this address takes",
                     request->max_body);
}

/* Route, certificate, guard, declared size. An answer stands afterwards, or the body may come. */
static void
examine_head(DvRequest *request, const char *url, guint64 length, gboolean framed)
{
    if (!framed || !httpd_route_split(request, url)) {
        dv_request_error(request, 400, "invalid", "the request is malformed");
        return;
    }
    if (request->httpd->demand_client_cert) {
        httpd_conn_verify(request->conn, request->connection);
        if (request->conn->refusal != NULL) {
            dv_log_warning("HTTP server: %s: %s", request->conn->peer, request->conn->refusal);
            dv_request_error(request, 403, "denied", "%s", request->conn->refusal);
            return;
        }
    }
    const DvRoute *route = httpd_route_find(request);
    if (route == NULL)
        return;
    request->route = route;
    request->max_body = route->max_body;
    if (request->httpd->guard != NULL &&
        !request->httpd->guard(request, route, request->httpd->data)) {
        if (request->response == NULL)
            dv_request_error(request, 403, "denied", "this is not allowed");
        return;
    }
    if (request->response == NULL && length != G_MAXUINT64 && length > request->max_body)
        refuse_too_large(request);
}

static enum MHD_Result
queue_answer(DvRequest *request)
{
    return MHD_queue_response(request->connection, request->status, request->response);
}

/* First call for a request: only the head is there. */
static enum MHD_Result
begin(DvHttpd *httpd, struct MHD_Connection *connection, const char *url, const char *method,
      void **request_slot)
{
    DvRequest *request = request_new(httpd, connection, method);
    *request_slot = request;
    if (request->conn == NULL)
        return MHD_NO;
    guint64 length = 0;
    gboolean framed = declared_length(connection, &length);
    examine_head(request, url, length, framed);
    if (request->response == NULL)
        return MHD_YES;
    /* A refused body that is small is read and dropped, because closing with unread bytes makes
     * the system send a reset, and the peer may never see why it was refused. */
    if (framed && length > 0 && length <= HTTPD_DRAIN_MAX)
        return MHD_YES;
    return queue_answer(request);
}

static enum MHD_Result
take_body(DvRequest *request, const char *upload, size_t *upload_size)
{
    gsize size = *upload_size;
    *upload_size = 0;
    if (request->response == NULL && size <= request->max_body - request->body->len) {
        g_byte_array_append(request->body, (const guint8 *)upload, (guint)size);
        return MHD_YES;
    }
    if (request->response == NULL)
        refuse_too_large(request);
    request->drained += size;
    return request->drained <= HTTPD_DRAIN_MAX ? MHD_YES : MHD_NO;
}

static enum MHD_Result
finish(DvRequest *request)
{
    if (!request->handled && request->response == NULL) {
        request->handled = TRUE;
        httpd_conn_busy(request->conn, TRUE);
        request->route->handler(request, request->httpd->data);
        /* From here on another thread may be writing the answer; it is read only after resume. */
        if (request->suspended)
            return MHD_YES;
    }
    if (request->response == NULL) {
        dv_log_warning("HTTP server: %s %s was not answered by its handler", request->method,
                       request->route->path);
        dv_request_error(request, 500, "internal", "the server has no answer");
    }
    return queue_answer(request);
}

enum MHD_Result
httpd_request_access(void *cls, struct MHD_Connection *connection, const char *url,
                     const char *method, const char *version, const char *upload,
                     size_t *upload_size, void **request_slot)
{
    (void)version;
    DvRequest *request = *request_slot;
    if (request == NULL)
        return begin(cls, connection, url, method, request_slot);
    if (*upload_size > 0)
        return take_body(request, upload, upload_size);
    return finish(request);
}

void
httpd_request_completed(void *cls, struct MHD_Connection *connection, void **request_slot,
                        enum MHD_RequestTerminationCode code)
{
    (void)cls;
    (void)connection;
    (void)code;
    DvRequest *request = *request_slot;
    *request_slot = NULL;
    if (request == NULL)
        return;
    if (request->conn != NULL)
        httpd_conn_busy(request->conn, FALSE);
    request_free(request);
}

/* ---- what a handler reads */

const char *
dv_request_method(const DvRequest *request)
{
    return request->method;
}

const char *
dv_request_path(const DvRequest *request)
{
    return request->path;
}

const char *
dv_request_param(const DvRequest *request, const char *name)
{
    for (guint i = 0; i < request->params->len; i++) {
        const HttpPair *pair = &g_array_index(request->params, HttpPair, i);
        if (strcmp(pair->name, name) == 0)
            return pair->value;
    }
    return NULL;
}

const char *
dv_request_query(const DvRequest *request, const char *name)
{
    const char *raw = MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
    if (raw == NULL)
        return NULL;
    DvRequest *cache = (DvRequest *)(gpointer)request; /* only the memory of decoded copies grows */
    if (cache->queries == NULL)
        cache->queries = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (!g_hash_table_contains(cache->queries, name)) {
        char *decoded = httpd_unescape(raw);
        if (decoded == NULL || !g_utf8_validate(decoded, -1, NULL))
            g_clear_pointer(&decoded, g_free);
        g_hash_table_insert(cache->queries, g_strdup(name), decoded);
    }
    return g_hash_table_lookup(cache->queries, name);
}

const char *
dv_request_header(const DvRequest *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *
dv_request_cookie(const DvRequest *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_COOKIE_KIND, name);
}

const void *
dv_request_body(const DvRequest *request, gsize *length)
{
    *length = request->body->len;
    return request->body->data;
}

json_t *
dv_request_json(DvRequest *request)
{
    g_autoptr(GError) error = NULL;
    json_t *value =
        dv_json_parse(request->body->data, request->body->len, request->max_body, &error);
    if (value != NULL && json_is_object(value))
        return value;
    if (value != NULL)
        json_decref(value);
    dv_request_error(request, 400, "invalid", "%s",
                     error != NULL ? error->message : "the body is not a JSON object");
    return NULL;
}

const char *
dv_request_peer(const DvRequest *request)
{
    return request->conn->peer;
}

const char *
dv_request_client_name(const DvRequest *request)
{
    return request->conn->refusal == NULL ? request->conn->client_name : NULL;
}

const char *
dv_request_client_unit(const DvRequest *request)
{
    return request->conn->refusal == NULL ? request->conn->client_unit : NULL;
}

const char *
dv_request_client_fingerprint(const DvRequest *request)
{
    return request->conn->refusal == NULL ? request->conn->client_fingerprint : NULL;
}

void
dv_request_set_user_data(DvRequest *request, void *data, GDestroyNotify free_func)
{
    if (request->user_free != NULL)
        request->user_free(request->user_data);
    request->user_data = data;
    request->user_free = free_func;
}

void *
dv_request_user_data(const DvRequest *request)
{
    return request->user_data;
}
