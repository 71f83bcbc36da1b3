// SPDX-License-Identifier: Apache-2.0
/* Answers of the HTTP server, and the headers that every answer carries. */
#include "httpd_private.h"
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <string.h>

static const HttpPair every_answer[] = {
    {(char *)"Cache-Control", (char *)"no-store"},
    {(char *)"X-Content-Type-Options", (char *)"nosniff"},
    {(char *)"X-Frame-Options", (char *)"DENY"},
    {(char *)"Referrer-Policy", (char *)"no-referrer"},
    {(char *)"Cross-Origin-Resource-Policy", (char *)"same-origin"},
    {(char *)"Content-Security-Policy",
     (char *)"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
             "frame-ancestors 'none'"},
};

static gboolean
is_set(const DvRequest *request, const char *name)
{
    for (guint i = 0; i < request->headers->len; i++)
        if (g_ascii_strcasecmp(g_array_index(request->headers, HttpPair, i).name, name) == 0)
            return TRUE;
    return FALSE;
}

void
dv_request_add_header(DvRequest *request, const char *name, const char *value)
{
    HttpPair pair = {.name = g_strdup(name), .value = g_strdup(value)};
    /* A line break would let a value become further headers. */
    g_strdelimit(pair.value, "\r\n", ' ');
    g_array_append_val(request->headers, pair);
}

void
httpd_reply_take(DvRequest *request, guint status, struct MHD_Response *response)
{
    if (request->response != NULL) {
        dv_log_warning("HTTP server: %s was answered twice; the first answer stands",
                       request->route != NULL ? request->route->path : "a request");
        MHD_destroy_response(response);
        return;
    }
    for (guint i = 0; i < request->headers->len; i++) {
        const HttpPair *pair = &g_array_index(request->headers, HttpPair, i);
        MHD_add_response_header(response, pair->name, pair->value);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(every_answer); i++)
        if (!is_set(request, every_answer[i].name))
            MHD_add_response_header(response, every_answer[i].name, every_answer[i].value);
    request->status = status;
    request->response = response;
    if (request->suspended)
        httpd_loop_resume(request->httpd, request->connection); /* request may be gone now */
}

void
dv_request_reply(DvRequest *request, guint status, const char *content_type, GBytes *body)
{
    gsize length = 0;
    const void *data = body != NULL ? g_bytes_get_data(body, &length) : NULL;
    /* Copied, so that the bytes are not shared between the answering thread and the pool's: GLib's
     * reference counts are sound, but a race detector cannot see them. */
    struct MHD_Response *response = MHD_create_response_from_buffer(
        length, (void *)(gintptr)data, length > 0 ? MHD_RESPMEM_MUST_COPY : MHD_RESPMEM_PERSISTENT);
    if (response == NULL)
        g_error("HTTP server: out of memory for an answer");
    if (content_type != NULL)
        MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, content_type);
    httpd_reply_take(request, status, response);
}

void
dv_request_reply_json(DvRequest *request, guint status, const json_t *body)
{
    char *text = json_dumps(body, JSON_COMPACT | JSON_ENCODE_ANY);
    if (text == NULL) {
        dv_log_warning("HTTP server: an answer could not be written as JSON");
        text = strdup("{\"error\":\"internal\",\"message\":\"the answer could not be written\"}");
        status = 500;
    }
    g_autoptr(GBytes) bytes =
        g_bytes_new_with_free_func(text, strlen(text), (GDestroyNotify)free, text);
    dv_request_reply(request, status, "application/json", bytes);
}

void
dv_request_error(DvRequest *request, guint status, const char *word, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *message = g_strdup_vprintf(format, args);
    va_end(args);
    g_autofree char *valid = g_utf8_make_valid(message, -1);
    json_t *body = json_pack("{s:s, s:s}", "error", word, "message", valid);
    dv_request_reply_json(request, status, body);
    json_decref(body);
}

static guint
status_of(const GError *error)
{
    if (error->domain != DV_ERROR)
        return 500;
    switch ((DvErrorCode)error->code) {
    case DV_ERROR_INVALID:
        return 400;
    case DV_ERROR_DENIED:
    case DV_ERROR_CRYPTO:
        return 403;
    case DV_ERROR_EXPIRED:
        return 401;
    case DV_ERROR_CONFLICT:
        return 409;
    case DV_ERROR_FULL:
        return 507;
    case DV_ERROR_UNAVAILABLE:
        return 503;
    case DV_ERROR_IO:
    case DV_ERROR_CORRUPT:
    case DV_ERROR_CONFIG:
        return 500;
    }
    return 500;
}

void
dv_request_reply_gerror(DvRequest *request, const GError *error)
{
    guint status = status_of(error);
    const char *word = error->domain == DV_ERROR ? dv_error_word(error->code) : "internal";
    if (status >= 500)
        dv_log_warning("HTTP server: %s: %s",
                       request->route != NULL ? request->route->path : "a request", error->message);
    dv_request_error(request, status, word, "%s", error->message);
}

void
dv_request_suspend(DvRequest *request)
{
    request->suspended = TRUE;
    MHD_suspend_connection(request->connection);
}
