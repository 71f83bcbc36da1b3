// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The centre's side of the kiosks (docs/formats/http-api.md): takes sealed records, heartbeats, and
 * hands out sealed answers and accounts. It cannot open anything and works without any opener
 * beside it; accounts and audit heads are then not to be had, records are.
 *
 * Requests run on a pool of threads. All writing is done by one thread, which commits in groups and
 * signs a receipt for a record only when that record is durable.
 */
#include <glib.h>

typedef struct {
    const char *address;            /* where kiosks connect */
    guint16 port;                   /* 0: any free one, see dv_ingest_port */
    const char *tls_cert, *tls_key; /* PEM paths: the centre's */
    const char *tls_client_ca;      /* PEM path: the authority of the kiosks */
    const char *store;              /* location as for dv_store_open */
    const char *trust_dir;          /* kiosks/<ID>/sign.pem are read from here, also new ones */
    const char *receipt_key;        /* PEM path: Ed25519 */
    const char *opener_socket;      /* "" or NULL: none beside this instance */
    const char *lists_repository;   /* folder whose lists/ kiosks may fetch; "" or NULL: none */
    guint threads;                  /* 0: 2 */
    guint max_connections;          /* 0: 1,024 */
} DvIngestOptions;

typedef struct DvIngest DvIngest;

/* Strings are copied where they are needed later. Answers from the opener need the default main
 * context to turn. */
DvIngest *dv_ingest_new(const DvIngestOptions *options, GError **error);
/* Commits and answers what was taken, then stops. */
void dv_ingest_free(DvIngest *ingest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvIngest, dv_ingest_free)
guint16 dv_ingest_port(const DvIngest *ingest);
