// SPDX-License-Identifier: Apache-2.0
#pragma once
/* HTTP client over libcurl: blocking, keep-alive, bounded answers, mTLS. */
#include <glib.h>

typedef struct DvHttpClient DvHttpClient;

typedef struct {
    const char *base_url;  /* "https://centre.example:8443" */
    const char *ca_file;   /* PEM: the only roots that count for the server */
    const char *cert_file; /* PEM client certificate and key; NULL: none */
    const char *key_file;
    guint connect_timeout_ms; /* 0: 5,000 */
    guint timeout_ms;         /* 0: 30,000 for a whole request */
} DvHttpClientOptions;

DvHttpClient *dv_http_client_new(const DvHttpClientOptions *options, GError **error);
void dv_http_client_free(DvHttpClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvHttpClient, dv_http_client_free)

/* A header that goes with every request from now on; NULL removes it. */
void dv_http_client_set_header(DvHttpClient *client, const char *name, const char *value);

/* One request. TRUE whenever an HTTP answer came, whatever its status. FALSE: trouble on the
 * network is DV_ERROR_UNAVAILABLE (connection, time-out), DV_ERROR_CRYPTO (the server's certificate
 * is not trusted), DV_ERROR_INVALID (answer larger than max_answer). *answer is owned by the
 * caller. body may be NULL. */
gboolean dv_http_client_send(DvHttpClient *client, const char *method, const char *path,
                             const char *content_type, const void *body, gsize length,
                             gsize max_answer, guint *status, GBytes **answer, GError **error);
