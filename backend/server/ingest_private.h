// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Shared by the sources of this folder only. */
#include <darvaza/httpd.h>
#include <darvaza/ingest.h>
#include <darvaza/lists_repository.h>
#include <darvaza/receipt.h>
#include <darvaza/store.h>

/* ---- trust.c: kiosks' signing certificates from the trust folder; for any thread */
typedef struct Trust Trust;
Trust *trust_new(const char *dir);
void trust_free(Trust *trust);
/* DV_ERROR_DENIED for a kiosk that nobody trusts. The certificate lives as long as the trust. A
 * file that was replaced is read again. */
const DvCert *trust_kiosk(Trust *trust, const char *kiosk, GError **error);

/* ---- opener_link.c: the opener beside this instance, asked from the main loop */
typedef struct OpenerLink OpenerLink;
OpenerLink *opener_link_new(const char *socket);
/* Refuses everybody who still waits. */
void opener_link_stop(OpenerLink *link);
void opener_link_free(OpenerLink *link);
/* The last signed head of the audit log as JSON; NULL: none to be had. Caller unrefs. Any thread.
 */
GBytes *opener_link_audit_head(OpenerLink *link);
/* Answers a suspended request with the kiosk's accounts, 304 or 503. Any thread. */
void opener_link_accounts(OpenerLink *link, DvRequest *request, const char *kiosk);

/* ---- writer.c: the one thread that writes */
typedef enum { JOB_RECORD, JOB_BEAT, JOB_TAKEN } JobKind;

typedef struct {
    JobKind kind;
    DvRequest *request; /* suspended; NULL for JOB_TAKEN */
    /* JOB_RECORD */
    DvCrossingWire *wire;
    guint8 link[DV_SHA256_SIZE];
    /* JOB_BEAT */
    DvHeartbeat beat;
    char *lists, *update;
    /* JOB_TAKEN */
    char kiosk[DV_CROSSING_KIOSK_MAX + 1];
    gint64 number;
} Job;

typedef struct Writer Writer;
Writer *writer_new(const char *store, const char *receipt_key, OpenerLink *opener, GError **error);
/* Takes the job; FALSE when it cannot be taken (stopping, too many waiting), and it is freed. */
gboolean writer_push(Writer *writer, Job *job);
/* Finishes what was pushed; afterwards nothing is taken. */
void writer_stop(Writer *writer);
void writer_free(Writer *writer);
void job_free(Job *job);

/* writer_answers.c: what a kiosk is told once its job is done */
void writer_answer_record(Job *job, const DvAppend *item, const DvKey *receipt_key);
void writer_answer_beat(Job *job, DvChainState state, gint64 missing, DvStore *store,
                        OpenerLink *opener, const DvKey *receipt_key);

/* ---- routes.c */
struct DvIngest {
    DvHttpd *httpd;
    Trust *trust;
    OpenerLink *opener;
    Writer *writer;
    DvListsRepository *lists; /* NULL: none here */
    char *store;
    pthread_mutex_t lock; /* readers */
    GPtrArray *readers;   /* DvStore handles that are free */
};
extern const DvRoute ingest_routes[];
/* lists.c */
void ingest_get_list_file(DvRequest *request, void *data);
gboolean ingest_guard(DvRequest *request, const DvRoute *route, void *data);
