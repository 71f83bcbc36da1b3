// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The documents' part of watchlist-bench: what a list of this size costs to build and to ask. */
#include <glib.h>

typedef struct {
    gint64 documents, persons; /* in the one list that is built */
    guint32 seed;
    const char *folder; /* for the list and the peers */
    gint64 questions;   /* of each kind, warm */
    gint64 cold;        /* of each kind, cold */
    gint64 peer_documents;
} DocumentsOptions;
void bench_documents(const DocumentsOptions *options);

/* Invented documents: number i of this seed is always the same. */
typedef struct {
    char number[16], issuer[4], type[3];
    char owner[32], review_date[11];
    const char *reason;
} BenchDocument;
void bench_document(guint32 seed, gint64 i, BenchDocument *document);

/* Times of one kind of question, nanoseconds; prints p50, p99 and the most, and empties times. */
void bench_print_times(const char *bench, const char *question, gint64 documents, GArray *times);

/* Other stores with the same documents, in the same run. */
void bench_peer_sqlite(const DocumentsOptions *options);
void bench_peer_postgres(const DocumentsOptions *options);
/* Starts a PostgreSQL of its own, calls measure with the folder of its socket, and wipes it. Says
 * why where it cannot. */
typedef void (*PostgresMeasure)(const char *socket_folder, gconstpointer data);
void bench_postgres(PostgresMeasure measure, gconstpointer subject);
