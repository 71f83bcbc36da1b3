// SPDX-License-Identifier: Apache-2.0
/*
 * Connections of the HTTP server: who is at the other end, and for how long it may keep us waiting.
 *
 * libmicrohttpd's own time-out counts inactivity, so a peer that sends one byte now and then holds
 * a connection for ever. Here a connection on which no whole request has arrived within the limit
 * since it was accepted, or since its last answer, is cut, whatever it sent meanwhile.
 */
#include "httpd_private.h"
#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>
#include <sys/socket.h>

static void
set_peer(HttpConn *conn, const struct sockaddr *address)
{
    if (address == NULL)
        return;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)address;
        inet_ntop(AF_INET, &in->sin_addr, conn->peer, sizeof conn->peer);
    } else if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)address;
        inet_ntop(AF_INET6, &in6->sin6_addr, conn->peer, sizeof conn->peer);
    }
}

void
httpd_conn_free(gpointer data)
{
    HttpConn *conn = data;
    g_free(conn->client_name);
    g_free(conn->client_unit);
    g_free(conn->client_fingerprint);
    g_free(conn->refusal);
    g_free(conn);
}

void
httpd_conn_notify(void *cls, struct MHD_Connection *connection, void **socket_context,
                  enum MHD_ConnectionNotificationCode code)
{
    DvHttpd *httpd = cls;
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
        HttpConn *conn = *socket_context;
        *socket_context = NULL;
        pthread_mutex_lock(&httpd->lock);
        if (conn != NULL)
            g_hash_table_remove(httpd->conns, conn); /* frees it; the descriptor is still open */
        pthread_mutex_unlock(&httpd->lock);
        return;
    }
    const union MHD_ConnectionInfo *fd =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    const union MHD_ConnectionInfo *address =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    HttpConn *conn = g_new0(HttpConn, 1);
    conn->httpd = httpd;
    conn->fd = fd != NULL ? fd->connect_fd : -1;
    set_peer(conn, address != NULL ? address->client_addr : NULL);
    conn->waiting_since_us = g_get_monotonic_time();
    *socket_context = conn;
    pthread_mutex_lock(&httpd->lock);
    g_hash_table_add(httpd->conns, conn);
    pthread_mutex_unlock(&httpd->lock);
}

HttpConn *
httpd_conn_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info != NULL ? info->socket_context : NULL;
}

void
httpd_conn_busy(HttpConn *conn, gboolean busy)
{
    pthread_mutex_lock(&conn->httpd->lock);
    conn->waiting_since_us = busy ? 0 : g_get_monotonic_time();
    pthread_mutex_unlock(&conn->httpd->lock);
}

void
httpd_conn_reap(DvHttpd *httpd)
{
    gint64 before = g_get_monotonic_time() - (gint64)httpd->request_timeout_ms * 1000;
    pthread_mutex_lock(&httpd->lock);
    GHashTableIter iter;
    gpointer key;
    g_hash_table_iter_init(&iter, httpd->conns);
    while (g_hash_table_iter_next(&iter, &key, NULL)) {
        HttpConn *conn = key;
        if (conn->waiting_since_us != 0 && conn->waiting_since_us < before && conn->fd >= 0) {
            /* The connection's own thread sees end of file and closes it. */
            shutdown(conn->fd, SHUT_RDWR);
            conn->waiting_since_us = 0;
        }
    }
    pthread_mutex_unlock(&httpd->lock);
}

/* ---- the client's certificate */

static char *
dn_part(gnutls_x509_crt_t crt, const char *oid)
{
    char text[256];
    size_t size = sizeof text;
    if (gnutls_x509_crt_get_dn_by_oid(crt, oid, 0, 0, text, &size) != 0)
        return NULL;
    if (strlen(text) != size) /* a NUL inside the name is an attempt to look like another */
        return NULL;
    return g_strdup(text);
}

static char *
fingerprint_of(gnutls_x509_crt_t crt)
{
    guint8 digest[32];
    size_t size = sizeof digest;
    if (gnutls_x509_crt_get_fingerprint(crt, GNUTLS_DIG_SHA256, digest, &size) != 0)
        return NULL;
    GString *hex = g_string_sized_new(2 * size);
    for (size_t i = 0; i < size; i++)
        g_string_append_printf(hex, "%02x", digest[i]);
    return g_string_free(hex, FALSE);
}

static char *
describe_status(gnutls_session_t session, unsigned status)
{
    gnutls_datum_t text = {NULL, 0};
    if (gnutls_certificate_verification_status_print(status, gnutls_certificate_type_get(session),
                                                     &text, 0) != 0)
        return g_strdup("it is not trusted");
    char *copy = g_strstrip(g_strndup((const char *)text.data, text.size));
    gnutls_free(text.data);
    return copy;
}

/* NULL when the chain leads to our authority and the certificate is meant for clients. */
static char *
check_chain(gnutls_session_t session)
{
    gnutls_typed_vdata_st purpose = {.type = GNUTLS_DT_KEY_PURPOSE_OID,
                                     .data = (unsigned char *)(gpointer)GNUTLS_KP_TLS_WWW_CLIENT,
                                     .size = 0};
    unsigned status = 0;
    int rc = gnutls_certificate_verify_peers(session, &purpose, 1, &status);
    if (rc == GNUTLS_E_NO_CERTIFICATE_FOUND)
        return g_strdup("no client certificate was presented");
    if (rc != 0)
        return g_strdup_printf("the client certificate cannot be checked: %s", gnutls_strerror(rc));
    if (status == 0)
        return NULL;
    g_autofree char *why = describe_status(session, status);
    return g_strdup_printf("the client certificate was refused: %s", why);
}

void
httpd_conn_verify(HttpConn *conn, struct MHD_Connection *connection)
{
    if (conn->verified)
        return;
    conn->verified = TRUE;
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    if (info == NULL || info->tls_session == NULL) {
        conn->refusal = g_strdup("the connection is not encrypted");
        return;
    }
    gnutls_session_t session = info->tls_session;
    conn->refusal = check_chain(session);
    if (conn->refusal != NULL)
        return;
    unsigned count = 0;
    const gnutls_datum_t *list = gnutls_certificate_get_peers(session, &count);
    gnutls_x509_crt_t crt = NULL;
    if (list == NULL || count == 0 || gnutls_x509_crt_init(&crt) != 0) {
        conn->refusal = g_strdup("no client certificate was presented");
        return;
    }
    if (gnutls_x509_crt_import(crt, &list[0], GNUTLS_X509_FMT_DER) == 0) {
        conn->client_name = dn_part(crt, GNUTLS_OID_X520_COMMON_NAME);
        conn->client_unit = dn_part(crt, GNUTLS_OID_X520_ORGANIZATIONAL_UNIT_NAME);
        conn->client_fingerprint = fingerprint_of(crt);
    }
    gnutls_x509_crt_deinit(crt);
    if (conn->client_name == NULL || conn->client_fingerprint == NULL)
        conn->refusal = g_strdup("the client certificate names nobody");
}
