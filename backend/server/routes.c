// SPDX-License-Identifier: Apache-2.0
/* What a kiosk may ask of the centre. Handlers run on the pool's threads. */
#include "ingest_private.h"
#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <darvaza/log.h>
#include <pthread.h>
#include <string.h>

#define HEARTBEAT_MAX 16384u
#define ANSWERS_AT_ONCE 32u

/* A kiosk's connection key stands in a certificate of the unit "tls"; its signing and answer keys
 * open no connection. Taking a kiosk out of the trust folder ends everything for it at once, also
 * on connections that stand already. */
gboolean
ingest_guard(DvRequest *request, const DvRoute *route, void *data)
{
    DvIngest *ingest = data;
    (void)route;
    if (g_strcmp0(dv_request_client_unit(request), "tls") != 0) {
        dv_request_error(request, 403, "denied",
                         "the client certificate is not one for a kiosk's connection");
        return FALSE;
    }
    g_autoptr(GError) error = NULL;
    if (trust_kiosk(ingest->trust, dv_request_client_name(request), &error) != NULL)
        return TRUE;
    dv_request_reply_gerror(request, error);
    return FALSE;
}

/* TRUE when the connection belongs to that kiosk; else 403 is answered. */
static gboolean
is_own(DvRequest *request, const char *kiosk, const char *what)
{
    const char *name = dv_request_client_name(request);
    if (g_strcmp0(name, kiosk) == 0)
        return TRUE;
    dv_log_warning("ingest: kiosk %s sent %s of kiosk %s", name, what, kiosk);
    dv_request_error(request, 403, "denied", "kiosk %s may not send %s of kiosk %s", name, what,
                     kiosk);
    return FALSE;
}

static void
enqueue(DvIngest *ingest, Job *job)
{
    DvRequest *request = job->request;
    dv_request_suspend(request);
    if (writer_push(ingest->writer, job))
        return;
    dv_request_add_header(request, "Retry-After", "5");
    dv_request_error(request, 503, "unavailable", "the centre is busy or stopping; try again");
}

/* A record whose shape, owner, signature and hashes are good, or NULL with the answer given. */
static DvCrossingWire *
check_record(DvIngest *ingest, DvRequest *request)
{
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    const void *body = dv_request_body(request, &length);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(body, length, &error);
    if (wire == NULL) {
        dv_request_reply_gerror(request, error);
        return NULL;
    }
    if (!is_own(request, wire->header.kiosk, "a record"))
        return NULL;
    if (wire->body == NULL || wire->protection == NULL) {
        dv_request_error(request, 400, "invalid", "a new record carries body and protection");
        return NULL;
    }
    const DvCert *cert = trust_kiosk(ingest->trust, wire->header.kiosk, &error);
    if (cert == NULL || !dv_crossing_wire_verify(wire, cert, &error)) {
        dv_log_warning("ingest: kiosk %s: a record was refused: %s", wire->header.kiosk,
                       error->message);
        dv_request_reply_gerror(request, error);
        return NULL;
    }
    return g_steal_pointer(&wire);
}

static void
put_record(DvRequest *request, void *data)
{
    DvIngest *ingest = data;
    DV_FAULT_POINT("ingest.received");
    DvCrossingWire *wire = check_record(ingest, request);
    if (wire == NULL)
        return;
    Job *job = g_new0(Job, 1);
    job->kind = JOB_RECORD;
    job->request = request;
    job->wire = wire;
    dv_crossing_link(wire, job->link);
    enqueue(ingest, job);
    DV_FAULT_POINT("ingest.enqueued");
}

/* Owned by GLib, as the rest of a job; NULL for NULL. */
static char *
text_of(const json_t *json)
{
    char *text = json != NULL ? json_dumps(json, JSON_COMPACT) : NULL;
    char *copy = g_strdup(text);
    free(text);
    return copy;
}

static void
post_heartbeat(DvRequest *request, void *data)
{
    DvIngest *ingest = data;
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    const void *body = dv_request_body(request, &length);
    const char *kiosk = dv_request_client_name(request);
    const DvCert *cert = trust_kiosk(ingest->trust, kiosk, &error);
    DvHeartbeat beat = {.lists = NULL};
    if (cert == NULL || !dv_heartbeat_verify(body, length, cert, &beat, &error)) {
        dv_request_reply_gerror(request, error);
        return;
    }
    if (!is_own(request, beat.kiosk, "a heartbeat")) {
        dv_heartbeat_clear(&beat);
        return;
    }
    Job *job = g_new0(Job, 1);
    job->kind = JOB_BEAT;
    job->request = request;
    job->beat = beat;
    job->lists = text_of(beat.lists);
    job->update = text_of(beat.update);
    enqueue(ingest, job);
}

/* ---- answers: read on the pool's threads, each with a handle of its own while it reads */

static DvStore *
borrow_reader(DvIngest *ingest, GError **error)
{
    DvStore *store = NULL;
    pthread_mutex_lock(&ingest->lock);
    if (ingest->readers->len > 0)
        store = g_ptr_array_steal_index(ingest->readers, ingest->readers->len - 1);
    pthread_mutex_unlock(&ingest->lock);
    return store != NULL ? store : dv_store_open(ingest->store, error);
}

static void
return_reader(DvIngest *ingest, DvStore *store)
{
    pthread_mutex_lock(&ingest->lock);
    g_ptr_array_add(ingest->readers, store);
    pthread_mutex_unlock(&ingest->lock);
}

static json_t *
answers_json(const GPtrArray *list)
{
    json_t *array = json_array();
    for (guint i = 0; i < list->len; i++) {
        const DvStoredAnswer *answer = list->pdata[i];
        gsize length = 0;
        const guchar *bytes = g_bytes_get_data(answer->answer, &length);
        g_autofree char *text = g_base64_encode(bytes, length);
        json_array_append_new(
            array, json_pack("{s:I, s:s}", "number", (json_int_t)answer->number, "answer", text));
    }
    return json_pack("{s:o}", "answers", array);
}

static void
note_taken(DvIngest *ingest, const char *kiosk, gint64 number)
{
    Job *job = g_new0(Job, 1);
    job->kind = JOB_TAKEN;
    job->number = number;
    g_strlcpy(job->kiosk, kiosk, sizeof job->kiosk);
    writer_push(ingest->writer, job);
}

static void
get_answers(DvRequest *request, void *data)
{
    DvIngest *ingest = data;
    g_autoptr(GError) error = NULL;
    const char *kiosk = dv_request_client_name(request);
    const char *after_text = dv_request_query(request, "after");
    guint64 after = 0;
    if (after_text == NULL ||
        !g_ascii_string_to_unsigned(after_text, 10, 0, G_MAXINT64, &after, NULL)) {
        dv_request_error(request, 400, "invalid", "after=N: the number of the last answer held");
        return;
    }
    DvStore *store = borrow_reader(ingest, &error);
    g_autoptr(GPtrArray) list =
        store != NULL ? dv_store_answers(store, kiosk, (gint64)after, ANSWERS_AT_ONCE, &error)
                      : NULL;
    if (store != NULL)
        return_reader(ingest, store);
    if (list == NULL) {
        dv_request_reply_gerror(request, error);
        return;
    }
    g_autoptr(json_t) body = answers_json(list);
    dv_request_reply_json(request, 200, body);
    if (after > 0)
        note_taken(ingest, kiosk, (gint64)after);
}

static void
get_accounts(DvRequest *request, void *data)
{
    DvIngest *ingest = data;
    if (ingest->opener == NULL) {
        dv_request_error(request, 503, "unavailable", "this instance has no opener beside it");
        return;
    }
    dv_request_suspend(request);
    opener_link_accounts(ingest->opener, request, dv_request_client_name(request));
}

const DvRoute ingest_routes[] = {
    {"PUT", "/v1/records", 0, DV_CROSSING_WIRE_MAX, put_record},
    {"POST", "/v1/heartbeats", 0, HEARTBEAT_MAX, post_heartbeat},
    {"GET", "/v1/answers", 0, 0, get_answers},
    {"GET", "/v1/accounts", 0, 0, get_accounts},
    {"GET", "/lists/{name...}", 0, 0, ingest_get_list_file},
    {NULL, NULL, 0, 0, NULL},
};
