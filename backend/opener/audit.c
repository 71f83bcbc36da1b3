// SPDX-License-Identifier: Apache-2.0
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/json.h>
#include <darvaza/opener_audit.h>
#include <darvaza/opener_db.h>
#include <darvaza/receipt.h>
#include <string.h>

#define HASH_DOMAIN "darvaza audit v1"
#define HEAD_KIND "audit head"

typedef struct {
    gint64 seq, time_us;
    DvAuditEntry text;
    const guint8 *prev;
} Entry;

static gboolean
entry_hash(const Entry *entry, guint8 out[DV_SHA256_SIZE], GError **error)
{
    g_autofree char *prev = dv_hex(entry->prev, DV_SHA256_SIZE);
    g_autoptr(json_t) object =
        json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "seq", (json_int_t)entry->seq,
                  "time_us", (json_int_t)entry->time_us, "actor", entry->text.actor, "verb",
                  entry->text.verb, "object", entry->text.object, "outcome", entry->text.outcome,
                  "reason", entry->text.reason, "prev", prev);
    if (!object) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "audit entry %" G_GINT64_FORMAT ": a member is not UTF-8 text", entry->seq);
        return FALSE;
    }
    gsize length = 0;
    g_autofree char *canonical = dv_json_canonical(object, &length, error);
    if (!canonical)
        return FALSE;
    g_autoptr(GByteArray) bytes = g_byte_array_sized_new((guint)(length + sizeof HASH_DOMAIN));
    g_byte_array_append(bytes, (const guint8 *)HASH_DOMAIN, sizeof HASH_DOMAIN);
    g_byte_array_append(bytes, (const guint8 *)canonical, (guint)length);
    dv_sha256(bytes->data, bytes->len, out);
    return TRUE;
}

gboolean
dv_audit_head(sqlite3 *db, DvAuditHead *head, GError **error)
{
    *head = (DvAuditHead){0};
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db, "SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1", error);
    gboolean row = FALSE;
    if (!stmt || !dv_sqlite_step(stmt, &row, error))
        return FALSE;
    if (!row)
        return TRUE;
    if (sqlite3_column_bytes(stmt, 1) != DV_SHA256_SIZE) {
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT,
                    "audit log: the newest hash has a wrong size");
        return FALSE;
    }
    head->count = sqlite3_column_int64(stmt, 0);
    memcpy(head->head, sqlite3_column_blob(stmt, 1), DV_SHA256_SIZE);
    return TRUE;
}

static gboolean
insert(sqlite3 *db, const Entry *entry, const guint8 hash[DV_SHA256_SIZE], GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        db,
        "INSERT INTO audit (seq, time_us, actor, verb, object, outcome, reason, prev, hash)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_int64(stmt, 1, entry->seq);
    sqlite3_bind_int64(stmt, 2, entry->time_us);
    sqlite3_bind_text(stmt, 3, entry->text.actor, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 4, entry->text.verb, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 5, entry->text.object, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 6, entry->text.outcome, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 7, entry->text.reason, -1, SQLITE_TRANSIENT);
    sqlite3_bind_blob(stmt, 8, entry->prev, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    sqlite3_bind_blob(stmt, 9, hash, DV_SHA256_SIZE, SQLITE_TRANSIENT);
    return dv_sqlite_run(stmt, error);
}

static gboolean
append_in_transaction(sqlite3 *db, const DvAuditEntry *text, GError **error)
{
    DvAuditHead head;
    if (!dv_audit_head(db, &head, error))
        return FALSE;
    Entry entry = {
        .seq = head.count + 1, .time_us = dv_clock_wall_us(), .text = *text, .prev = head.head};
    guint8 hash[DV_SHA256_SIZE];
    return entry_hash(&entry, hash, error) && insert(db, &entry, hash, error);
}

gboolean
dv_audit_append(sqlite3 *db, const DvAuditEntry *entry, GError **error)
{
    gboolean joined = !sqlite3_get_autocommit(db);
    if (!joined && !dv_opener_db_begin(db, error))
        return FALSE;
    gboolean ok = append_in_transaction(db, entry, error);
    if (joined)
        return ok;
    ok = ok && dv_opener_db_commit(db, error);
    if (!ok)
        dv_opener_db_rollback(db);
    return ok;
}

static const char *
column_text(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    return text ? text : "";
}

/* Checks the row that stands against the chain so far, and moves the head on. */
static gboolean
verify_row(sqlite3_stmt *stmt, DvAuditHead *head, GError **error)
{
    Entry entry = {.seq = sqlite3_column_int64(stmt, 0),
                   .time_us = sqlite3_column_int64(stmt, 1),
                   .text = {.actor = column_text(stmt, 2),
                            .verb = column_text(stmt, 3),
                            .object = column_text(stmt, 4),
                            .outcome = column_text(stmt, 5),
                            .reason = column_text(stmt, 6)},
                   .prev = head->head};
    if (entry.seq != head->count + 1) {
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT,
                    "audit log: entry %" G_GINT64_FORMAT " is missing", head->count + 1);
        return FALSE;
    }
    guint8 hash[DV_SHA256_SIZE];
    g_autoptr(GError) unreadable = NULL;
    gboolean same = sqlite3_column_bytes(stmt, 7) == DV_SHA256_SIZE &&
                    sqlite3_column_bytes(stmt, 8) == DV_SHA256_SIZE &&
                    memcmp(sqlite3_column_blob(stmt, 7), head->head, DV_SHA256_SIZE) == 0 &&
                    entry_hash(&entry, hash, &unreadable) &&
                    memcmp(sqlite3_column_blob(stmt, 8), hash, DV_SHA256_SIZE) == 0;
    if (!same) {
        g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT,
                    "audit log: entry %" G_GINT64_FORMAT " is not as it was written", entry.seq);
        return FALSE;
    }
    head->count = entry.seq;
    memcpy(head->head, hash, DV_SHA256_SIZE);
    return TRUE;
}

gboolean
dv_audit_verify(sqlite3 *db, const DvAuditHead *known, DvAuditHead *head, GError **error)
{
    *head = (DvAuditHead){0};
    gboolean known_seen = !known || known->count == 0;
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(db,
                          "SELECT seq, time_us, actor, verb, object, outcome, reason, prev, hash"
                          " FROM audit ORDER BY seq",
                          error);
    gboolean row = FALSE;
    if (!stmt)
        return FALSE;
    while (TRUE) {
        if (!dv_sqlite_step(stmt, &row, error))
            return FALSE;
        if (!row)
            break;
        if (!verify_row(stmt, head, error))
            return FALSE;
        if (known && head->count == known->count)
            known_seen = memcmp(head->head, known->head, DV_SHA256_SIZE) == 0;
    }
    if (known_seen)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CORRUPT,
                "audit log: it does not contain the known head at entry %" G_GINT64_FORMAT
                ": it was cut or rewritten",
                known->count);
    return FALSE;
}

GBytes *
dv_audit_head_sign(const DvAuditHead *head, const DvKey *key, GError **error)
{
    g_autofree char *hex = dv_hex(head->head, DV_SHA256_SIZE);
    g_autofree char *time = dv_time_format(dv_clock_wall_us());
    g_autoptr(json_t) payload =
        json_pack("{s:I, s:s, s:s}", "count", (json_int_t)head->count, "head", hex, "time", time);
    return dv_signed_json_make(HEAD_KIND, payload, key, error);
}

gboolean
dv_audit_head_read(const void *data, gsize length, const DvCert *opener, DvAuditHead *head,
                   GError **error)
{
    g_autoptr(json_t) payload = dv_signed_json_verify(HEAD_KIND, data, length, 4096, opener, error);
    if (!payload)
        return FALSE;
    const char *hex = dv_json_string(payload, "head", 2 * DV_SHA256_SIZE, HEAD_KIND, error);
    if (!hex || !dv_json_int(payload, "count", 0, G_MAXINT64, &head->count, HEAD_KIND, error))
        return FALSE;
    if (!dv_hex_parse(hex, head->head, DV_SHA256_SIZE)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "audit head: head is not a SHA-256");
        return FALSE;
    }
    return TRUE;
}
