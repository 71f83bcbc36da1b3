// SPDX-License-Identifier: Apache-2.0
/* The ingest service as a whole: start and stop in the right order. */
#include "ingest_private.h"
#include <pthread.h>

static gboolean
start(DvIngest *ingest, const DvIngestOptions *options, GError **error)
{
    if (options->opener_socket != NULL && options->opener_socket[0] != '\0')
        ingest->opener = opener_link_new(options->opener_socket);
    ingest->writer = writer_new(options->store, options->receipt_key, ingest->opener, error);
    if (ingest->writer == NULL)
        return FALSE;
    const char *lists = options->lists_repository;
    if (lists != NULL && lists[0] != '\0') {
        ingest->lists = dv_lists_repository_open(lists, error);
        if (ingest->lists == NULL)
            return FALSE;
    }
    DvHttpdOptions http = {
        .address = options->address,
        .port = options->port,
        .routes = ingest_routes,
        .data = ingest,
        .guard = ingest_guard,
        .tls_cert = options->tls_cert,
        .tls_key = options->tls_key,
        .tls_client_ca = options->tls_client_ca,
        .threads = options->threads > 0 ? options->threads : 2,
        .max_connections = options->max_connections > 0 ? options->max_connections : 1024,
    };
    ingest->httpd = dv_httpd_new(&http, error);
    return ingest->httpd != NULL;
}

DvIngest *
dv_ingest_new(const DvIngestOptions *options, GError **error)
{
    DvIngest *ingest = g_new0(DvIngest, 1);
    pthread_mutex_init(&ingest->lock, NULL);
    ingest->readers = g_ptr_array_new_with_free_func((GDestroyNotify)dv_store_close);
    ingest->store = g_strdup(options->store);
    ingest->trust = trust_new(options->trust_dir);
    if (!start(ingest, options, error)) {
        g_prefix_error(error, "ingest: ");
        g_clear_pointer(&ingest, dv_ingest_free);
    }
    return ingest;
}

void
dv_ingest_free(DvIngest *ingest)
{
    if (ingest == NULL)
        return;
    /* First everybody who could hold a suspended request answers it, and takes no more; only then
     * may the server go. */
    if (ingest->writer != NULL)
        writer_stop(ingest->writer);
    if (ingest->opener != NULL)
        opener_link_stop(ingest->opener);
    dv_httpd_free(ingest->httpd);
    writer_free(ingest->writer);
    opener_link_free(ingest->opener);
    dv_lists_repository_free(ingest->lists);
    trust_free(ingest->trust);
    g_ptr_array_unref(ingest->readers);
    pthread_mutex_destroy(&ingest->lock);
    g_free(ingest->store);
    g_free(ingest);
}

guint16
dv_ingest_port(const DvIngest *ingest)
{
    return dv_httpd_port(ingest->httpd);
}
