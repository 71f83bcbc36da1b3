// SPDX-License-Identifier: Apache-2.0
#include "centre_link.h"
#include <darvaza/crypto.h>
#include <darvaza/error.h>
#include <darvaza/http_client.h>
#include <darvaza/json.h>

#define RECEIPT_MAX 4096u
#define HEARTBEAT_ANSWER_MAX 65536u
#define ANSWERS_MAX (1024u * 1024u)
#define ACCOUNTS_MAX (1024u * 1024u)
#define LIST_REFUSAL_MAX 4096u
#define REFUSAL_MAX 300 /* bytes of the centre's own words that are passed on */

struct CentreLink {
    DvHttpClient *client;
};

CentreLink *
centre_link_new(const DvConfig *config, GError **error)
{
    DvHttpClientOptions options = {
        .base_url = dv_config_string(config, "centre", "url"),
        .ca_file = dv_config_string(config, "centre", "ca"),
        .cert_file = dv_config_string(config, "centre", "cert"),
        .key_file = dv_config_string(config, "centre", "key"),
        .connect_timeout_ms = (guint)dv_config_int(config, "centre", "connect_timeout_ms"),
        .timeout_ms = (guint)dv_config_int(config, "centre", "timeout_ms"),
    };
    DvHttpClient *client = dv_http_client_new(&options, error);
    if (client == NULL)
        return NULL;
    CentreLink *link = g_new0(CentreLink, 1);
    link->client = client;
    return link;
}

void
centre_link_free(CentreLink *link)
{
    if (link == NULL)
        return;
    dv_http_client_free(link->client);
    g_free(link);
}

static int
code_for_status(guint status)
{
    switch (status) {
    case 401:
    case 403:
        return DV_ERROR_DENIED;
    case 409:
        return DV_ERROR_CONFLICT;
    case 507:
        return DV_ERROR_FULL;
    default:
        return status >= 400 && status < 500 && status != 408 && status != 429
                   ? DV_ERROR_INVALID
                   : DV_ERROR_UNAVAILABLE;
    }
}

/* The message of {"error", "message"}, made fit for a log line. */
static char *
refusal_words(GBytes *answer)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(answer, &length);
    g_autoptr(json_t) body = dv_json_parse(data, length, ANSWERS_MAX, NULL);
    const char *message = body != NULL ? dv_json_string_or_null(body, "message") : NULL;
    if (message == NULL)
        return g_strdup("no reason given");
    g_autofree char *cut =
        g_utf8_substring(message, 0, MIN(g_utf8_strlen(message, -1), REFUSAL_MAX));
    return g_strdelimit(g_steal_pointer(&cut), "\r\n\t", ' ');
}

static gboolean
check_status(guint status, GBytes *answer, const char *what, GError **error)
{
    if (status >= 200 && status < 300)
        return TRUE;
    g_autofree char *words = refusal_words(answer);
    g_set_error(error, DV_ERROR, code_for_status(status), "centre: %s: answered %u, %s", what,
                status, words);
    return FALSE;
}

typedef struct {
    const char *method, *path, *type, *what;
    const void *body;
    gsize length, max_answer;
} Call;

static GBytes *
call(CentreLink *link, const Call *call, guint *status_out, GError **error)
{
    g_autoptr(GBytes) answer = NULL;
    guint status = 0;
    if (!dv_http_client_send(link->client, call->method, call->path, call->type, call->body,
                             call->length, call->max_answer, &status, &answer, error)) {
        g_prefix_error(error, "centre: %s: ", call->what);
        /* A server that is not the centre, or no answer: both mean that the centre was not reached.
         * What the centre itself refuses has a status. */
        if (error != NULL && *error != NULL)
            (*error)->code = DV_ERROR_UNAVAILABLE;
        return NULL;
    }
    if (status_out != NULL)
        *status_out = status;
    else if (!check_status(status, answer, call->what, error))
        return NULL;
    return g_steal_pointer(&answer);
}

GBytes *
centre_link_put_record(CentreLink *link, const void *record, gsize length, GError **error)
{
    const Call put = {.method = "PUT",
                      .path = "/v1/records",
                      .type = "application/octet-stream",
                      .what = "sending a record",
                      .body = record,
                      .length = length,
                      .max_answer = RECEIPT_MAX};
    return call(link, &put, NULL, error);
}

GBytes *
centre_link_heartbeat(CentreLink *link, GBytes *heartbeat, GError **error)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(heartbeat, &length);
    const Call post = {.method = "POST",
                       .path = "/v1/heartbeats",
                       .type = "application/json",
                       .what = "the heartbeat",
                       .body = data,
                       .length = length,
                       .max_answer = HEARTBEAT_ANSWER_MAX};
    return call(link, &post, NULL, error);
}

static void
answer_free(void *data)
{
    CentreAnswer *answer = data;
    g_bytes_unref(answer->answer);
    g_free(answer);
}

/* Base64 strictly: what decodes must encode to the same text again. */
static GBytes *
decode_base64(const char *text)
{
    gsize length = 0;
    guchar *data = g_base64_decode(text, &length);
    g_autoptr(GBytes) bytes = g_bytes_new_take(data, length);
    g_autofree char *again = g_base64_encode(data, length);
    return length > 0 && g_str_equal(again, text) ? g_steal_pointer(&bytes) : NULL;
}

static gboolean
add_answer(GPtrArray *list, const json_t *item, guint64 above, GError **error)
{
    gint64 number = 0;
    const char *text = dv_json_string(item, "answer", ANSWERS_MAX, "centre's answer", error);
    if (text == NULL ||
        !dv_json_int(item, "number", 1, G_MAXINT64, &number, "centre's answer", error))
        return FALSE;
    GBytes *bytes = decode_base64(text);
    if (bytes == NULL || (guint64)number <= above) {
        g_clear_pointer(&bytes, g_bytes_unref);
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "centre: answer %" G_GINT64_FORMAT " is out of order or not base64", number);
        return FALSE;
    }
    CentreAnswer *answer = g_new0(CentreAnswer, 1);
    answer->number = (guint64)number;
    answer->answer = bytes;
    g_ptr_array_add(list, answer);
    return TRUE;
}

GPtrArray *
centre_link_answers(CentreLink *link, guint64 after, GError **error)
{
    g_autofree char *path = g_strdup_printf("/v1/answers?after=%" G_GUINT64_FORMAT, after);
    const Call get = {
        .method = "GET", .path = path, .what = "asking for answers", .max_answer = ANSWERS_MAX};
    g_autoptr(GBytes) bytes = call(link, &get, NULL, error);
    if (bytes == NULL)
        return NULL;
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(json_t) body = dv_json_parse(data, length, ANSWERS_MAX, error);
    const json_t *items = body != NULL ? json_object_get(body, "answers") : NULL;
    if (!json_is_array(items)) {
        if (body != NULL)
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "centre: answers without a list");
        return NULL;
    }
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(answer_free);
    for (gsize i = 0; i < json_array_size(items); i++) {
        const CentreAnswer *last = list->len > 0 ? list->pdata[list->len - 1] : NULL;
        if (!add_answer(list, json_array_get(items, i), last != NULL ? last->number : after, error))
            return NULL;
    }
    return g_steal_pointer(&list);
}

/* What an answer to a request for a part means; NULL: it is the part. */
static const char *
refusal_of(guint status, guint64 offset)
{
    if (status == 206 || (status == 200 && offset == 0) || (status == 416 && offset > 0))
        return NULL;
    return status == 404 || status == 416 ? "absent" : "unavailable";
}

gboolean
centre_link_list_piece(CentreLink *link, const char *name, guint64 offset, guint64 max,
                       GBytes **bytes, const char **why, char **detail, GError **error)
{
    g_autoptr(GBytes) answer = NULL;
    g_autoptr(GError) problem = NULL;
    g_autofree char *path = g_strconcat("/", name, NULL);
    g_autofree char *range =
        g_strdup_printf("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, offset, offset + max - 1);
    guint status = 0;
    dv_http_client_set_header(link->client, "Range", range);
    gboolean ok =
        dv_http_client_send(link->client, "GET", path, NULL, NULL, 0,
                            (gsize)MAX(max, LIST_REFUSAL_MAX), &status, &answer, &problem);
    dv_http_client_set_header(link->client, "Range", NULL);
    if (!ok && !g_error_matches(problem, DV_ERROR, DV_ERROR_INVALID)) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "centre: %s: %s", name,
                    problem->message);
        return FALSE;
    }
    *why = ok ? refusal_of(status, offset) : "too_large";
    if (*why == NULL && status != 416 && g_bytes_get_size(answer) > max)
        *why = "too_large";
    if (!ok)
        *detail = g_strdup("the centre sends more than was asked for");
    else if (*why != NULL)
        *detail = refusal_words(answer);
    else
        *bytes = status == 416 ? g_bytes_new(NULL, 0) : g_steal_pointer(&answer);
    return TRUE;
}

gboolean
centre_link_accounts(CentreLink *link, const char *held, GBytes **bundle, GError **error)
{
    const Call get = {.method = "GET",
                      .path = "/v1/accounts",
                      .what = "asking for accounts",
                      .max_answer = ACCOUNTS_MAX};
    guint status = 0;
    *bundle = NULL;
    g_autoptr(GBytes) answer = call(link, &get, &status, error);
    if (answer == NULL)
        return FALSE;
    if (status == 503)
        return TRUE;
    if (!check_status(status, answer, get.what, error))
        return FALSE;
    gsize length = 0;
    const void *data = g_bytes_get_data(answer, &length);
    guint8 digest[DV_SHA256_SIZE];
    dv_sha256(data, length, digest);
    g_autofree char *version = dv_hex(digest, sizeof digest);
    if (!g_str_equal(version, held))
        *bundle = g_steal_pointer(&answer);
    return TRUE;
}
