// SPDX-License-Identifier: Apache-2.0
#include "protection.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

#define CLOSE "referral.close"

/* record->compartment stays NULL: empty. */
static gboolean
open_compartment(DvOpener *opener, DvRecord *record, GError **error)
{
    if (!record->wire->protection) {
        g_set_error(error, DV_ERROR, DV_ERROR_EXPIRED,
                    "record %s: its protection compartment has been erased", record->object);
        return FALSE;
    }
    const DvKeyPair *pair = &opener->keys->protection;
    return dv_crossing_open_protection(record->wire, pair->key, pair->cert, record->kiosk,
                                       &record->compartment, error);
}

/* A referral that this person may act on, for a reason that may stand in the log. */
static gboolean
reach(DvOpener *opener, const DvSession *session, DvVerb verb, DvRecord *record, const char *reason,
      GError **error)
{
    if (!dv_session_may(session, verb, error) || !open_compartment(opener, record, error))
        return FALSE;
    if (!record->compartment) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "record %s: it carries no referral",
                    record->object);
        return FALSE;
    }
    return dv_record_in_scope(record, session->user, error) &&
           dv_reason_names_nobody(record, reason, error);
}

json_t *
dv_referral_open(DvOpener *opener, const DvSession *session, DvRecord *record, const char *reason,
                 GError **error)
{
    if (!reach(opener, session, DV_VERB_OPEN_REFERRAL, record, reason, error))
        return NULL;
    return json_incref(record->compartment);
}

static gboolean
is_closed(DvOpener *opener, const DvRecord *record, gboolean *closed, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        opener->db,
        "SELECT 1 FROM closed_referrals WHERE kiosk = ?1 AND epoch = ?2 AND seq = ?3 AND link = ?4",
        error);
    if (!stmt)
        return FALSE;
    const DvCrossingHeader *header = &record->wire->header;
    sqlite3_bind_text(stmt, 1, header->kiosk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, header->epoch);
    sqlite3_bind_int64(stmt, 3, header->seq);
    sqlite3_bind_blob(stmt, 4, record->link, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    return dv_sqlite_step(stmt, closed, error);
}

/* ---- scanning ---- */

static gboolean
scan_one(DvOpener *opener, const DvSession *session, gsize index, GBytes *wire, json_t *found,
         GError **error)
{
    g_autoptr(DvRecord) record = dv_record_read(opener, wire, error);
    if (!record || !open_compartment(opener, record, error))
        return FALSE;
    if (!record->compartment || !dv_record_in_scope(record, session->user, NULL))
        return TRUE;
    gboolean closed = FALSE;
    if (!is_closed(opener, record, &closed, error))
        return FALSE;
    const DvCrossingHeader *header = &record->wire->header;
    json_t *row = json_pack("{s:I, s:s, s:I, s:I, s:b}", "index", (json_int_t)index, "kiosk",
                            header->kiosk, "epoch", (json_int_t)header->epoch, "seq",
                            (json_int_t)header->seq, "closed", closed);
    static const char *const shown[] = {"referral", "kind", "event_time", "checkpoint", "language"};
    for (gsize i = 0; i < G_N_ELEMENTS(shown); i++) {
        json_t *value = json_object_get(record->compartment, shown[i]);
        json_object_set(row, shown[i], value ? value : json_null());
    }
    return json_array_append_new(found, row) == 0;
}

json_t *
dv_referral_scan(DvOpener *opener, const char *token, GPtrArray *wires, GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_session_may(session, DV_VERB_REFERRALS, error))
        return NULL;
    if (wires->len > DV_SCAN_MAX) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "scan: more than %d records", DV_SCAN_MAX);
        return NULL;
    }
    g_autoptr(json_t) found = json_array();
    g_autoptr(json_t) unreadable = json_array();
    for (guint i = 0; i < wires->len; i++) {
        /* One bad record must not hide the referrals in the others; it is named instead. */
        g_autoptr(GError) why = NULL;
        if (!scan_one(opener, session, i, g_ptr_array_index(wires, i), found, &why))
            json_array_append_new(
                unreadable, json_pack("{s:i, s:s}", "index", (int)i, "message", why->message));
    }
    g_autofree char *outcome = g_strdup_printf("%u read, %zu referrals, %zu unreadable", wires->len,
                                               json_array_size(found), json_array_size(unreadable));
    if (wires->len > 0 &&
        !dv_opener_log(opener, session->user->user, "referral.scan", "", outcome, "", error))
        return NULL;
    return json_pack("{s:O, s:O}", "referrals", found, "unreadable", unreadable);
}

/* ---- closing ---- */

static gboolean
insert_closed(DvOpener *opener, const DvSession *session, const DvRecord *record, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(opener->db,
                          "INSERT OR REPLACE INTO closed_referrals"
                          " (kiosk, epoch, seq, link, closed_by, closed_us)"
                          " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                          error);
    if (!stmt)
        return FALSE;
    const DvCrossingHeader *header = &record->wire->header;
    sqlite3_bind_text(stmt, 1, header->kiosk, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, header->epoch);
    sqlite3_bind_int64(stmt, 3, header->seq);
    sqlite3_bind_blob(stmt, 4, record->link, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 5, session->user->user, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 6, dv_clock_wall_us());
    return dv_sqlite_run(stmt, error);
}

static gboolean
keep_closed(DvOpener *opener, const DvSession *session, const DvRecord *record, const char *reason,
            GError **error)
{
    if (!dv_opener_db_begin(opener->db, error))
        return FALSE;
    gboolean ok =
        insert_closed(opener, session, record, error) &&
        dv_opener_log(opener, session->user->user, CLOSE, record->object, "ok", reason, error) &&
        dv_opener_db_commit(opener->db, error);
    if (!ok)
        dv_opener_db_rollback(opener->db);
    return ok;
}

gboolean
dv_referral_close(DvOpener *opener, const char *token, GBytes *wire, const char *reason,
                  GError **error)
{
    g_autoptr(DvSession) session = dv_session_find(opener, token, error);
    if (!session || !dv_reason_check(reason, error))
        return FALSE;
    g_autoptr(GError) why = NULL;
    g_autoptr(DvRecord) record = dv_record_read(opener, wire, &why);
    if (record && reach(opener, session, DV_VERB_CLOSE_REFERRAL, record, reason, &why))
        return keep_closed(opener, session, record, reason, error);
    /* An attempt that failed stands in the log as well. */
    dv_opener_log_end(opener, session->user->user, CLOSE, record ? record->object : "(unreadable)",
                      "", &why, error);
    return FALSE;
}

/* ---- the hold ---- */

gboolean
dv_referral_hold(DvOpener *opener, const char *asker, GBytes *wire, gboolean *held, GError **error)
{
    *held = TRUE;
    g_autoptr(DvRecord) record = dv_record_read(opener, wire, error);
    gboolean closed = FALSE;
    if (!record || !open_compartment(opener, record, error) ||
        (record->compartment && !is_closed(opener, record, &closed, error)))
        return FALSE;
    gboolean answer = record->compartment && !closed;
    if (!dv_opener_log(opener, asker, "referral.hold", record->object, answer ? "held" : "free", "",
                       error))
        return FALSE;
    *held = answer;
    return TRUE;
}
