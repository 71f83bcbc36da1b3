// SPDX-License-Identifier: Apache-2.0
/*
 * The one thread that writes. Requests wait suspended while their records stand in its queue; it
 * takes up to WRITER_GROUP of them, commits them together with one sync, and answers each.
 */
#include "ingest_private.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <darvaza/log.h>
#include <pthread.h>
#include <string.h>

#define WRITER_GROUP 64
#define WRITER_QUEUE_MAX 8192

struct Writer {
    DvStore *store; /* the thread's own once it runs */
    DvKey *receipt_key;
    OpenerLink *opener;
    pthread_t thread;
    gboolean runs;
    pthread_mutex_t lock; /* queue, stopping */
    pthread_cond_t wake;
    GQueue queue; /* Job */
    gboolean stopping;
};

void
job_free(Job *job)
{
    if (job == NULL)
        return;
    dv_crossing_wire_free(job->wire);
    if (job->kind == JOB_BEAT)
        dv_heartbeat_clear(&job->beat);
    g_free(job->lists);
    g_free(job->update);
    g_free(job);
}

/* ---- records */

static void
fail_records(Job **jobs, gsize count, const GError *error)
{
    dv_log_warning("ingest: %" G_GSIZE_FORMAT " records were not stored: %s", count,
                   error->message);
    for (gsize i = 0; i < count; i++)
        dv_request_reply_gerror(jobs[i]->request, error);
}

static void
log_findings(const DvAppend *item)
{
    const DvCrossingHeader *header = &item->wire->header;
    if (item->outcome == DV_APPEND_CONFLICT || item->outcome == DV_APPEND_CHAIN)
        dv_log_warning("ingest: kiosk %s epoch %" G_GINT64_FORMAT " sequence %" G_GINT64_FORMAT
                       ": refused, %s",
                       header->kiosk, header->epoch, header->seq,
                       item->outcome == DV_APPEND_CONFLICT ? "another record stands there"
                                                           : "it does not follow our head");
    if (item->outcome == DV_APPEND_NEW && item->epoch_begun)
        dv_log_info("ingest: kiosk %s began epoch %" G_GINT64_FORMAT "%s", header->kiosk,
                    header->epoch, item->head_unknown ? " naming a head that never came here" : "");
}

static void
answer_records(Writer *writer, Job **jobs, const DvAppend *items, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        log_findings(&items[i]);
        writer_answer_record(jobs[i], &items[i], writer->receipt_key);
        DV_FAULT_POINT("ingest.receipted");
    }
}

static void
write_records(Writer *writer, Job **jobs, gsize count)
{
    g_autoptr(GError) error = NULL;
    DvAppend items[WRITER_GROUP];
    memset(items, 0, sizeof items);
    for (gsize i = 0; i < count; i++) {
        items[i].wire = jobs[i]->wire;
        items[i].received_us = dv_clock_wall_us();
        memcpy(items[i].link, jobs[i]->link, DV_SHA256_SIZE);
    }
    gboolean promised = FALSE;
#ifdef DV_SABOTAGE_ACK_BEFORE_FSYNC
    /* Tests only: promise first, store later. The fault test must find what this loses. */
    answer_records(writer, jobs, items, count);
    promised = TRUE;
#endif
    DV_FAULT_POINT("ingest.before_commit");
    gboolean stored = dv_store_append(writer->store, items, count, &error);
    if (stored)
        DV_FAULT_POINT("ingest.after_commit");
    if (promised)
        return;
    if (stored)
        answer_records(writer, jobs, items, count);
    else
        fail_records(jobs, count, error);
}

/* ---- heartbeats and delivery cursors */

static void
write_beat(Writer *writer, Job *job)
{
    g_autoptr(GError) error = NULL;
    const DvHeartbeat *from = &job->beat;
    DvBeat beat = {.epoch = from->epoch,
                   .seq = from->seq,
                   .unsent = from->unsent,
                   .time_us = from->time_us,
                   .software = from->software,
                   .lists = job->lists,
                   .update = job->update,
                   .received_us = dv_clock_wall_us()};
    g_strlcpy(beat.kiosk, from->kiosk, sizeof beat.kiosk);
    memcpy(beat.link, from->link, sizeof beat.link);
    DvChainState state;
    gint64 missing = 0;
    if (!dv_store_heartbeat(writer->store, &beat, &state, &missing, &error)) {
        dv_request_reply_gerror(job->request, error);
        return;
    }
    if (state != DV_CHAIN_GOOD)
        dv_log_warning("ingest: kiosk %s: chain is %s; %" G_GINT64_FORMAT
                       " records are neither here nor waiting there (its head: epoch "
                       "%" G_GINT64_FORMAT " sequence %" G_GINT64_FORMAT ")",
                       beat.kiosk, dv_chain_state_word(state), missing, beat.epoch, beat.seq);
    writer_answer_beat(job, state, missing, writer->store, writer->opener, writer->receipt_key);
}

static void
write_taken(Writer *writer, const Job *job)
{
    g_autoptr(GError) error = NULL;
    if (!dv_store_answers_taken(writer->store, job->kiosk, job->number, &error))
        dv_log_warning("ingest: %s", error->message);
}

/* ---- the thread */

/* Up to a group of jobs, in order of arrival; none: it is time to stop. */
static gsize
take_group(Writer *writer, Job **group)
{
    gsize count = 0;
    pthread_mutex_lock(&writer->lock);
    while (writer->queue.length == 0 && !writer->stopping)
        pthread_cond_wait(&writer->wake, &writer->lock);
    while (count < WRITER_GROUP && writer->queue.length > 0)
        group[count++] = g_queue_pop_head(&writer->queue);
    pthread_mutex_unlock(&writer->lock);
    return count;
}

static void *
writer_main(void *data)
{
    Writer *writer = data;
    Job *group[WRITER_GROUP], *records[WRITER_GROUP];
    gsize count;
    while ((count = take_group(writer, group)) > 0) {
        gsize n = 0;
        for (gsize i = 0; i < count; i++)
            if (group[i]->kind == JOB_RECORD)
                records[n++] = group[i];
        if (n > 0)
            write_records(writer, records, n);
        for (gsize i = 0; i < count; i++) {
            if (group[i]->kind == JOB_BEAT)
                write_beat(writer, group[i]);
            else if (group[i]->kind == JOB_TAKEN)
                write_taken(writer, group[i]);
            job_free(group[i]);
        }
    }
    return NULL;
}

Writer *
writer_new(const char *store, const char *receipt_key, OpenerLink *opener, GError **error)
{
    Writer *writer = g_new0(Writer, 1);
    pthread_mutex_init(&writer->lock, NULL);
    pthread_cond_init(&writer->wake, NULL);
    g_queue_init(&writer->queue);
    writer->opener = opener;
    writer->receipt_key = dv_key_load(receipt_key, error);
    if (writer->receipt_key != NULL)
        writer->store = dv_store_open(store, error);
    int rc = 0;
    if (writer->store != NULL)
        rc = pthread_create(&writer->thread, NULL, writer_main, writer);
    if (rc != 0)
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "ingest: cannot start the writer: %s",
                    g_strerror(rc));
    writer->runs = writer->store != NULL && rc == 0;
    if (!writer->runs)
        g_clear_pointer(&writer, writer_free);
    return writer;
}

gboolean
writer_push(Writer *writer, Job *job)
{
    pthread_mutex_lock(&writer->lock);
    gboolean taken = !writer->stopping && writer->queue.length < WRITER_QUEUE_MAX;
    if (taken) {
        g_queue_push_tail(&writer->queue, job);
        pthread_cond_signal(&writer->wake);
    }
    pthread_mutex_unlock(&writer->lock);
    if (!taken)
        job_free(job);
    return taken;
}

void
writer_stop(Writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    writer->stopping = TRUE;
    pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
    if (writer->runs)
        pthread_join(writer->thread, NULL);
    writer->runs = FALSE;
}

void
writer_free(Writer *writer)
{
    if (writer == NULL)
        return;
    writer_stop(writer);
    dv_store_close(writer->store);
    dv_key_free(writer->receipt_key);
    pthread_mutex_destroy(&writer->lock);
    pthread_cond_destroy(&writer->wake);
    g_free(writer);
}
