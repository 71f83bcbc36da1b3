// SPDX-License-Identifier: Apache-2.0
#include "decide.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <darvaza/receipt.h>
#include <string.h>

#define VERB "decision.make"

/* One decision as it stands, or will stand, in opener.db. */
typedef struct {
    gint64 number; /* 0: none yet */
    char id[37];
    char decided_by[DV_USER_MAX + 1];
    gint64 decided_us;
    guint8 link[DV_SHA256_SIZE];
    guint8 request_hash[DV_SHA256_SIZE];
} Decision;

void
dv_case_free(DvCase *judged)
{
    if (!judged)
        return;
    dv_session_free(judged->session);
    dv_record_free(judged->record);
    dv_decision_request_free(judged->request);
    if (judged->wire)
        g_bytes_unref(judged->wire);
    g_free(judged);
}

/* ---- judging ---- */

static gboolean
check_decider(const DvCase *judged, GError **error)
{
    if (!dv_record_officer_is(judged->record, judged->session->user->user))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                "The officer of a crossing cannot decide on it: another supervisor must.");
    return FALSE;
}

static gboolean
check_alerts(const DvCase *judged, GError **error)
{
    const json_t *alerts = json_object_get(judged->request->json, "alerts");
    for (gsize i = 0; i < json_array_size(alerts); i++) {
        const char *alert = json_string_value(json_array_get(alerts, i));
        if (dv_record_has_alert(judged->record, alert))
            continue;
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "record %s: it carries no hit on an alert that the decision names",
                    judged->record->object);
        return FALSE;
    }
    return TRUE;
}

static gboolean
judge(DvOpener *opener, DvCase *judged, const char *text, GError **error)
{
    if (!dv_session_may(judged->session, DV_VERB_DECIDE, error))
        return FALSE;
    judged->record = dv_record_read(opener, judged->wire, error);
    if (!judged->record)
        return FALSE;
    judged->request = dv_decision_request_parse(opener->vocabulary, text, strlen(text), error);
    if (!judged->request)
        return FALSE;
    if (dv_decide_asks_hold(judged) &&
        !dv_session_may(judged->session, DV_VERB_DECIDE_ADVERSE, error))
        return FALSE;
    return dv_record_open_body(opener, judged->record, error) &&
           dv_record_in_scope(judged->record, judged->session->user, error) &&
           check_decider(judged, error) && check_alerts(judged, error);
}

static const char *
object_of(const DvCase *judged)
{
    return judged->record ? judged->record->object : "(unreadable)";
}

DvCase *
dv_decide_begin(DvOpener *opener, const char *token, GBytes *wire, const char *decision,
                GError **error)
{
    g_autoptr(DvCase) judged = g_new0(DvCase, 1);
    judged->wire = g_bytes_ref(wire);
    judged->session = dv_session_find(opener, token, error);
    if (!judged->session)
        return NULL;
    g_autoptr(GError) why = NULL;
    if (judge(opener, judged, decision, &why))
        return g_steal_pointer(&judged);
    dv_opener_log_end(opener, judged->session->user->user, VERB, object_of(judged), "", &why,
                      error);
    return NULL;
}

gboolean
dv_decide_asks_hold(const DvCase *judged)
{
    return (judged->request->disposition->needs & DV_IS_ADVERSE) != 0;
}

/* ---- what was decided before ---- */

static void
copy_text(char *to, gsize size, sqlite3_stmt *stmt, int column)
{
    g_strlcpy(to, (const char *)sqlite3_column_text(stmt, column), size);
}

static gboolean
copy_hash(guint8 to[DV_SHA256_SIZE], sqlite3_stmt *stmt, int column)
{
    if (sqlite3_column_bytes(stmt, column) != DV_SHA256_SIZE)
        return FALSE;
    memcpy(to, sqlite3_column_blob(stmt, column), DV_SHA256_SIZE);
    return TRUE;
}

static gboolean
load_latest(DvOpener *opener, const DvCrossingHeader *header, Decision *latest, GError **error)
{
    *latest = (Decision){0};
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        opener->db,
        "SELECT number, decision_id, decided_by, decided_us, link, request_hash FROM decisions"
        " WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3 ORDER BY number DESC LIMIT 1",
        error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_text(stmt, 1, header->kiosk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, header->epoch);
    sqlite3_bind_int64(stmt, 3, header->seq);
    gboolean row = FALSE;
    if (!dv_sqlite_step(stmt, &row, error))
        return FALSE;
    if (!row)
        return TRUE;
    latest->number = sqlite3_column_int64(stmt, 0);
    copy_text(latest->id, sizeof latest->id, stmt, 1);
    copy_text(latest->decided_by, sizeof latest->decided_by, stmt, 2);
    latest->decided_us = sqlite3_column_int64(stmt, 3);
    if (copy_hash(latest->link, stmt, 4) && copy_hash(latest->request_hash, stmt, 5))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT, "decisions: a stored hash has a wrong size");
    return FALSE;
}

/* The number that this decision takes: the next one, or the latest again when the very same request
 * comes back because its answer was lost on the way. */
static gboolean
place(DvOpener *opener, const DvCase *judged, Decision *decision, gboolean *retry, GError **error)
{
    const char *user = judged->session->user->user;
    Decision latest;
    if (!load_latest(opener, &judged->record->wire->header, &latest, error))
        return FALSE;
    if (latest.number > 0 && memcmp(latest.link, judged->record->link, DV_SHA256_SIZE) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "record %s: another record with this number was decided before",
                    judged->record->object);
        return FALSE;
    }
    *retry = latest.number > 0 && strcmp(latest.decided_by, user) == 0 &&
             memcmp(latest.request_hash, judged->request->hash, DV_SHA256_SIZE) == 0;
    if (*retry) {
        *decision = latest;
        return TRUE;
    }
    if (latest.number > 0 && !judged->request->reopen) {
        g_autofree char *when = dv_time_format(latest.decided_us);
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "record %s: %s decided it at %s; re-open it to decide again",
                    judged->record->object, latest.decided_by, when);
        return FALSE;
    }
    *decision = (Decision){.number = latest.number + 1, .decided_us = dv_clock_wall_us()};
    g_autofree char *id = dv_uuid_new();
    g_strlcpy(decision->id, id, sizeof decision->id);
    g_strlcpy(decision->decided_by, user, sizeof decision->decided_by);
    memcpy(decision->link, judged->record->link, DV_SHA256_SIZE);
    memcpy(decision->request_hash, judged->request->hash, DV_SHA256_SIZE);
    return TRUE;
}

/* ---- sealing ---- */

static json_t *
list_of(const json_t *request, const char *member)
{
    const json_t *list = json_object_get(request, member);
    return list ? json_deep_copy(list) : json_array();
}

static json_t *
answer_payload(const DvCase *judged, const Decision *decision)
{
    const DvCrossingHeader *header = &judged->record->wire->header;
    const json_t *request = judged->request->json;
    const char *conditions = json_string_value(json_object_get(request, "conditions"));
    g_autofree char *when = dv_time_format(decision->decided_us);
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:s, s:b}",
                     "kind", "decision", "decision_id", decision->id, "crossing_id",
                     dv_record_text(judged->record, "crossing_id"), "kiosk", header->kiosk, "epoch",
                     (json_int_t)header->epoch, "seq", (json_int_t)header->seq, "disposition",
                     judged->request->disposition->word, "reason", judged->request->reason,
                     "decided_by", decision->decided_by, "decided_at", when, "grounds",
                     list_of(request, "grounds"), "alerts", list_of(request, "alerts"),
                     "conditions", conditions ? conditions : "", "is_training",
                     dv_record_is_training(judged->record));
}

/* The centre's own copy says everything that was said, and which record it was said about. */
static json_t *
copy_payload(const DvCase *judged, const Decision *decision)
{
    json_t *copy = json_deep_copy(judged->request->json);
    g_autoptr(json_t) answer = answer_payload(judged, decision);
    g_autofree char *link = dv_hex(decision->link, DV_SHA256_SIZE);
    json_object_update(copy, answer);
    json_object_set_new(copy, "link", json_string(link));
    json_object_set_new(copy, "number", json_integer(decision->number));
    json_object_set_new(copy, "checkpoint",
                        json_string(dv_record_text(judged->record, "checkpoint")));
    return copy;
}

static gboolean
seal(DvOpener *opener, const DvCase *judged, const Decision *decision, GBytes **answer,
     GBytes **copy, GError **error)
{
    const DvCrossingHeader *header = &judged->record->wire->header;
    const DvKeyPair *own = &opener->keys->opener;
    g_autoptr(DvCert) answers = dv_keyring_kiosk(opener->keys, header->kiosk, "answers", error);
    const DvKeyPair *record_key = dv_keyring_record(opener->keys, header->period, error);
    if (!answers || !record_key)
        return FALSE;
    g_autoptr(json_t) payload = answer_payload(judged, decision);
    g_autoptr(json_t) full = copy_payload(judged, decision);
    gsize length = 0;
    g_autofree char *text = dv_json_canonical(full, &length, error);
    if (!text)
        return FALSE;
    *copy = dv_cms_seal(text, length, own->key, own->cert, record_key->cert, error);
    *answer = *copy ? dv_answer_seal(payload, own->key, own->cert, answers, error) : NULL;
    return *answer != NULL;
}

/* ---- making it stand ---- */

static gboolean
insert(DvOpener *opener, const DvCase *judged, const Decision *decision, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(opener->db,
                          "INSERT INTO decisions (kiosk, epoch, seq, number, link, disposition,"
                          " decided_by, decided_us, decision_id, request_hash)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                          error);
    if (!stmt)
        return FALSE;
    const DvCrossingHeader *header = &judged->record->wire->header;
    sqlite3_bind_text(stmt, 1, header->kiosk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, header->epoch);
    sqlite3_bind_int64(stmt, 3, header->seq);
    sqlite3_bind_int64(stmt, 4, decision->number);
    sqlite3_bind_blob(stmt, 5, decision->link, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 6, judged->request->disposition->word, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 7, decision->decided_by, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 8, decision->decided_us);
    sqlite3_bind_text(stmt, 9, decision->id, -1, SQLITE_TRANSIENT);
    sqlite3_bind_blob(stmt, 10, decision->request_hash, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    return dv_sqlite_run(stmt, error);
}

static gboolean
commit(DvOpener *opener, const DvCase *judged, const Decision *decision, gboolean retry,
       GError **error)
{
    g_autofree char *outcome = g_strdup_printf("%s %s%s", judged->request->disposition->word,
                                               decision->id, retry ? " (sent again)" : "");
    if (!dv_opener_db_begin(opener->db, error))
        return FALSE;
    DV_FAULT_POINT("opener.decide");
    /* The reason may speak of the traveller: it stands sealed in the copy, not in the log. */
    gboolean ok = (retry || insert(opener, judged, decision, error)) &&
                  dv_opener_log(opener, decision->decided_by, VERB, judged->record->object, outcome,
                                "", error) &&
                  dv_opener_db_commit(opener->db, error);
    if (!ok)
        dv_opener_db_rollback(opener->db);
    return ok;
}

static gboolean
check_hold(const DvCase *judged, DvHold hold, GError **error)
{
    if (!dv_decide_asks_hold(judged) || hold == DV_HOLD_FREE)
        return TRUE;
    if (hold == DV_HOLD_HELD)
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "A protection safeguard holds this crossing; ask the protection unit.");
    else
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "The protection unit's service cannot be asked now, so nothing can be decided "
                    "against the traveller; try again, or send to second line.");
    return FALSE;
}

static gboolean
decide(DvOpener *opener, const DvCase *judged, DvHold hold, GBytes **answer, GBytes **copy,
       GError **error)
{
    Decision decision;
    gboolean retry = FALSE;
    return check_hold(judged, hold, error) && place(opener, judged, &decision, &retry, error) &&
           seal(opener, judged, &decision, answer, copy, error) &&
           commit(opener, judged, &decision, retry, error);
}

gboolean
dv_decide_finish(DvOpener *opener, DvCase *judged, DvHold hold, GBytes **answer, GBytes **copy,
                 GError **error)
{
    *answer = *copy = NULL;
    g_autoptr(GError) why = NULL;
    if (decide(opener, judged, hold, answer, copy, &why))
        return TRUE;
    g_clear_pointer(answer, g_bytes_unref);
    g_clear_pointer(copy, g_bytes_unref);
    dv_opener_log_end(opener, judged->session->user->user, VERB, object_of(judged), "", &why,
                      error);
    return FALSE;
}
