// SPDX-License-Identifier: Apache-2.0
/* HTTP client over libcurl: one easy handle, so one kept-alive connection. */
#include <curl/curl.h>
#include <darvaza/error.h>
#include <darvaza/http_client.h>
#include <pthread.h>
#include <string.h>

struct DvHttpClient {
    CURL *curl;
    char *base_url;
    GHashTable *headers; /* name -> value, sent with every request */
    char reason[CURL_ERROR_SIZE];
};

typedef struct {
    GByteArray *bytes;
    gsize max;
    gboolean too_large;
} Answer;

static pthread_once_t global_once = PTHREAD_ONCE_INIT;

static void
init_global(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t
take_answer(char *data, size_t size, size_t count, void *cls)
{
    Answer *answer = cls;
    gsize length = size * count; /* size is always 1 */
    if (length > answer->max - answer->bytes->len) {
        answer->too_large = TRUE;
        return 0; /* libcurl gives up */
    }
    g_byte_array_append(answer->bytes, (const guint8 *)data, (guint)length);
    return length;
}

static gboolean
set_options(DvHttpClient *client, const DvHttpClientOptions *options)
{
    CURL *curl = client->curl;
    guint connect_ms = options->connect_timeout_ms > 0 ? options->connect_timeout_ms : 5000;
    guint total_ms = options->timeout_ms > 0 ? options->timeout_ms : 30000;
    gboolean ok = TRUE;
#define SET(name, value) (ok = ok && curl_easy_setopt(curl, name, value) == CURLE_OK)
    SET(CURLOPT_ERRORBUFFER, client->reason);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PROXY, ""); /* no proxy from the environment */
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    SET(CURLOPT_TIMEOUT_MS, (long)total_ms);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_WRITEFUNCTION, take_answer);
    SET(CURLOPT_USERAGENT, "darvaza/" DV_VERSION);
    if (options->ca_file != NULL) {
        SET(CURLOPT_CAINFO, options->ca_file);
        SET(CURLOPT_CAPATH, NULL); /* the system's roots do not count */
    }
    if (options->cert_file != NULL) {
        SET(CURLOPT_SSLCERT, options->cert_file);
        SET(CURLOPT_SSLKEY, options->key_file);
    }
#undef SET
    return ok;
}

DvHttpClient *
dv_http_client_new(const DvHttpClientOptions *options, GError **error)
{
    pthread_once(&global_once, init_global);
    DvHttpClient *client = g_new0(DvHttpClient, 1);
    client->base_url = g_strdup(options->base_url);
    client->headers = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    client->curl = curl_easy_init();
    if (client->curl == NULL || !set_options(client, options)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFIG, "HTTP client for %s: libcurl refused: %s",
                    options->base_url, client->reason);
        dv_http_client_free(client);
        return NULL;
    }
    return client;
}

void
dv_http_client_free(DvHttpClient *client)
{
    if (client == NULL)
        return;
    if (client->curl != NULL)
        curl_easy_cleanup(client->curl);
    g_hash_table_unref(client->headers);
    g_free(client->base_url);
    g_free(client);
}

void
dv_http_client_set_header(DvHttpClient *client, const char *name, const char *value)
{
    if (value == NULL)
        g_hash_table_remove(client->headers, name);
    else
        g_hash_table_insert(client->headers, g_strdup(name), g_strdup(value));
}

static struct curl_slist *
header_list(DvHttpClient *client, const char *content_type)
{
    struct curl_slist *list = NULL;
    GHashTableIter iter;
    gpointer name, value;
    if (content_type != NULL) {
        g_autofree char *line = g_strdup_printf("Content-Type: %s", content_type);
        list = curl_slist_append(list, line);
    }
    g_hash_table_iter_init(&iter, client->headers);
    while (g_hash_table_iter_next(&iter, &name, &value)) {
        g_autofree char *line = g_strdup_printf("%s: %s", (char *)name, (char *)value);
        list = curl_slist_append(list, line);
    }
    return list;
}

static DvErrorCode
code_of(CURLcode rc)
{
    switch ((int)rc) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CIPHER:
        return DV_ERROR_CRYPTO;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return DV_ERROR_CONFIG;
    default:
        return DV_ERROR_UNAVAILABLE;
    }
}

static CURLcode
perform(DvHttpClient *client, const char *url, const char *method, const char *content_type,
        const void *body, gsize length, Answer *answer)
{
    CURL *curl = client->curl;
    struct curl_slist *headers = header_list(client, content_type);
    client->reason[0] = '\0';
    curl_easy_setopt(curl, CURLOPT_URL, url);
    if (body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length);
    } else {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
        curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_NOBODY, strcmp(method, "HEAD") == 0 ? 1L : 0L);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
    CURLcode rc = curl_easy_perform(curl);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, NULL);
    curl_slist_free_all(headers);
    return rc;
}

gboolean
dv_http_client_send(DvHttpClient *client, const char *method, const char *path,
                    const char *content_type, const void *body, gsize length, gsize max_answer,
                    guint *status, GBytes **out, GError **error)
{
    g_autofree char *url = g_strconcat(client->base_url, path, NULL);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Answer answer = {.bytes = bytes, .max = max_answer};
    CURLcode rc = perform(client, url, method, content_type, body, length, &answer);
    if (rc != CURLE_OK) {
        if (answer.too_large)
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                        "%s %s: the answer is larger than %" G_GSIZE_FORMAT " bytes", method, url,
                        max_answer);
        else
            g_set_error(error, DV_ERROR, (gint)code_of(rc), "%s %s: %s", method, url,
                        client->reason[0] != '\0' ? client->reason : curl_easy_strerror(rc));
        return FALSE;
    }
    long code = 0;
    curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &code);
    *status = (guint)code;
    if (out != NULL)
        *out = g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
    return TRUE;
}
