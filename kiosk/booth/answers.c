// SPDX-License-Identifier: Apache-2.0
#include "answers.h"

#include <darvaza/error.h>
#include <darvaza/json.h>
#include <darvaza/log.h>
#include <darvaza/receipt.h>
#include <darvaza/sqlite.h>

#define UNVERIFIED_MAX 1000 /* each is a row on a disk that a captured uplink could fill */
#define FLOOR_STEP_US (60 * G_USEC_PER_SEC)
#define AUDIT_HEADS_KEPT 1000

struct DvAnswers {
    sqlite3 *db;
    DvAnswersKeys keys;
    gint64 floor_us, stored_floor_us;
    gint64 cursor;
};

/* Column "rejected". From UNVERIFIED on the number is passed over and not settled: the number is
 * outside the seal, so whoever carries answers could spoil one or send an old one in its place. */
enum { TAKEN = 0, UNACCEPTABLE = 1, UNVERIFIED = 2, REPEATED = 3 };

static const char *const refusal_words[] = {[TAKEN] = NULL,
                                            [UNACCEPTABLE] = "unacceptable",
                                            [UNVERIFIED] = "unverified",
                                            [REPEATED] = "repeated"};

static const DvMigration migrations[] = {
    {1, "CREATE TABLE answer(number INTEGER PRIMARY KEY, sealed BLOB NOT NULL, rejected INTEGER "
        "NOT NULL) STRICT;"
        "CREATE TABLE no_refuse(crossing_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
        "CREATE TABLE clock_floor(id INTEGER PRIMARY KEY CHECK (id = 1), wall_us INTEGER NOT NULL) "
        "STRICT;"
        "CREATE TABLE audit_head(id INTEGER PRIMARY KEY, head BLOB NOT NULL UNIQUE) STRICT;"},
    {2, "ALTER TABLE answer ADD COLUMN decision_id TEXT;"
        "CREATE INDEX answer_decision ON answer(decision_id) WHERE decision_id IS NOT NULL;"},
    {0, NULL},
};

/* One integer of a query without parameters; 0 when there is no row. */
static gboolean
query_int(DvAnswers *answers, const char *sql, gint64 *value, GError **error)
{
    *value = 0;
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(answers->db, sql, error);
    gboolean row = FALSE;
    if (!stmt || !dv_sqlite_step(stmt, &row, error))
        return FALSE;
    if (row)
        *value = sqlite3_column_int64(stmt, 0);
    return TRUE;
}

DvAnswers *
dv_answers_open(const char *path, const DvAnswersKeys *keys, GError **error)
{
    g_autoptr(DvAnswers) answers = g_new0(DvAnswers, 1);
    answers->keys = *keys;
    answers->db = dv_sqlite_open(path, DV_SQLITE_DURABLE, error);
    if (!answers->db || !dv_sqlite_migrate(answers->db, migrations, error))
        return NULL;
    if (!query_int(answers, "SELECT wall_us FROM clock_floor", &answers->floor_us, error))
        return NULL;
    answers->stored_floor_us = answers->floor_us;
    if (!query_int(answers,
                   "SELECT coalesce((SELECT min(number) - 1 FROM answer WHERE rejected >= 2),"
                   " (SELECT max(number) FROM answer), 0)",
                   &answers->cursor, error))
        return NULL;
    return g_steal_pointer(&answers);
}

void
dv_answers_free(DvAnswers *answers)
{
    if (!answers)
        return;
    sqlite3_close_v2(answers->db);
    g_free(answers);
}

gboolean
dv_answers_mark_no_refuse(DvAnswers *answers, const char *crossing_id, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(answers->db, "INSERT OR IGNORE INTO no_refuse VALUES (?1)", error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_text(stmt, 1, crossing_id, -1, SQLITE_STATIC);
    return dv_sqlite_run(stmt, error);
}

gint64
dv_answers_cursor(DvAnswers *answers)
{
    return answers->cursor;
}

static gboolean
is_marked(DvAnswers *answers, const char *crossing_id, gboolean *marked, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(answers->db, "SELECT 1 FROM no_refuse WHERE crossing_id = ?1", error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_text(stmt, 1, crossing_id, -1, SQLITE_STATIC);
    return dv_sqlite_step(stmt, marked, error);
}

static gboolean
store(DvAnswers *answers, gint64 number, const void *data, gsize length, int rejected,
      const char *decision_id, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(answers->db,
                          "INSERT OR REPLACE INTO answer(number, sealed, rejected, decision_id) "
                          "VALUES (?1, ?2, ?3, ?4)",
                          error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_int64(stmt, 1, number);
    sqlite3_bind_blob64(stmt, 2, data, length, SQLITE_STATIC);
    sqlite3_bind_int(stmt, 3, rejected);
    sqlite3_bind_text(stmt, 4, decision_id, -1, SQLITE_STATIC);
    return dv_sqlite_run(stmt, error);
}

/* A decision for a crossing of this kiosk: the members that the screen needs. */
static gboolean
check_payload(DvAnswers *answers, const json_t *payload, GError **error)
{
    const char *kiosk = dv_json_string(payload, "kiosk", 32, "answer", error);
    if (!kiosk)
        return FALSE;
    if (!g_str_equal(kiosk, answers->keys.kiosk)) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED, "answer: it is for another kiosk");
        return FALSE;
    }
    return dv_json_string(payload, "kind", 32, "answer", error) &&
           dv_json_string(payload, "decision_id", 36, "answer", error) &&
           dv_json_string(payload, "crossing_id", 36, "answer", error) &&
           dv_json_string(payload, "disposition", 32, "answer", error);
}

/* S2: nothing of the centre's refuses a traveller who was referred to protection here. */
static gboolean
check_protection(DvAnswers *answers, const json_t *payload, gboolean *held, GError **error)
{
    const char *disposition = json_string_value(json_object_get(payload, "disposition"));
    *held = FALSE;
    if (!g_str_equal(disposition, "REFUSE") && !g_str_equal(disposition, "RETURNED"))
        return TRUE;
    return is_marked(answers, json_string_value(json_object_get(payload, "crossing_id")), held,
                     error);
}

/* Whether this decision came before, under another number. */
static gboolean
is_repeated(DvAnswers *answers, const char *decision_id, gboolean *repeated, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(answers->db, "SELECT 1 FROM answer WHERE decision_id = ?1", error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_text(stmt, 1, decision_id, -1, SQLITE_STATIC);
    return dv_sqlite_step(stmt, repeated, error);
}

/* Whether this number was settled for good; what did not verify may still come right. */
static gboolean
is_settled(DvAnswers *answers, gint64 number, gboolean *settled, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt = dv_sqlite_prepare(
        answers->db, "SELECT 1 FROM answer WHERE number = ?1 AND rejected < 2", error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_int64(stmt, 1, number);
    return dv_sqlite_step(stmt, settled, error);
}

static gboolean
check_room_for_unverified(DvAnswers *answers, GError **error)
{
    gint64 count = 0;
    if (!query_int(answers, "SELECT count(*) FROM answer WHERE rejected >= 2", &count, error))
        return FALSE;
    if (count < UNVERIFIED_MAX)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_FULL,
                "answers: %d of them do not verify; no further one is passed over", UNVERIFIED_MAX);
    return FALSE;
}

/* What is to be done with an answer that was opened. FALSE: the stores failed. */
static gboolean
judge(DvAnswers *answers, const json_t *said, int *verdict, GError **error)
{
    g_autoptr(GError) why = NULL;
    gboolean held = FALSE, repeated = FALSE;
    *verdict = UNVERIFIED;
    if (!said)
        return check_room_for_unverified(answers, error);
    *verdict = UNACCEPTABLE;
    if (!check_payload(answers, said, &why))
        return TRUE;
    if (!is_repeated(answers, json_string_value(json_object_get(said, "decision_id")), &repeated,
                     error))
        return FALSE;
    if (repeated) {
        *verdict = REPEATED;
        return check_room_for_unverified(answers, error);
    }
    if (!check_protection(answers, said, &held, error))
        return FALSE;
    *verdict = held ? UNACCEPTABLE : TAKEN;
    return TRUE;
}

/* Judges and stores; NULL with *refused set when it is passed over. */
static gboolean
settle(DvAnswers *answers, gint64 number, const void *data, gsize length, json_t **payload,
       const char **refused, GError **error)
{
    g_autoptr(json_t) said =
        length <= DV_ANSWER_MAX
            ? dv_answer_open(data, length, answers->keys.key, answers->keys.cert,
                             answers->keys.opener_cert, NULL)
            : NULL;
    int verdict = TAKEN;
    if (!judge(answers, said, &verdict, error))
        return FALSE;
    gboolean kept = verdict < UNVERIFIED;
    const char *id = kept ? dv_json_string_or_null(said, "decision_id") : NULL;
    if (!store(answers, number, data, kept ? length : 0, verdict, id, error))
        return FALSE;
    if (verdict == TAKEN)
        *payload = g_steal_pointer(&said);
    *refused = refusal_words[verdict];
    return TRUE;
}

gboolean
dv_answers_take(DvAnswers *answers, gint64 number, const void *data, gsize length, json_t **payload,
                const char **refused, GError **error)
{
    *payload = NULL;
    *refused = NULL;
    if (number >= 1 && number <= answers->cursor)
        return TRUE;
    if (number != answers->cursor + 1) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "answer %" G_GINT64_FORMAT " came where %" G_GINT64_FORMAT " is due", number,
                    answers->cursor + 1);
        return FALSE;
    }
    gboolean settled = FALSE;
    if (!is_settled(answers, number, &settled, error) ||
        (!settled && !settle(answers, number, data, length, payload, refused, error)))
        return FALSE;
    answers->cursor = number;
    return TRUE;
}

static json_t *
list_item(DvAnswers *answers, sqlite3_stmt *stmt)
{
    json_t *item = json_pack("{s:I}", "number", (json_int_t)sqlite3_column_int64(stmt, 0));
    int verdict = CLAMP(sqlite3_column_int(stmt, 2), TAKEN, UNVERIFIED);
    json_t *payload = NULL;
    if (verdict == TAKEN)
        payload =
            dv_answer_open(sqlite3_column_blob(stmt, 1), (gsize)sqlite3_column_bytes(stmt, 1),
                           answers->keys.key, answers->keys.cert, answers->keys.opener_cert, NULL);
    /* What was taken under keys that have since been replaced does not open any more. */
    if (payload)
        json_object_set_new(item, "payload", payload);
    else
        json_object_set_new(
            item, "refused",
            json_string(verdict == TAKEN ? refusal_words[UNVERIFIED] : refusal_words[verdict]));
    return item;
}

json_t *
dv_answers_list(DvAnswers *answers, guint max, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(answers->db,
                          "SELECT number, sealed, rejected FROM answer "
                          "WHERE rejected <> 3 ORDER BY number DESC LIMIT ?1",
                          error);
    if (!stmt)
        return NULL;
    sqlite3_bind_int64(stmt, 1, max);
    g_autoptr(json_t) list = json_array();
    gboolean row = FALSE;
    for (;;) {
        if (!dv_sqlite_step(stmt, &row, error))
            return NULL;
        if (!row)
            return g_steal_pointer(&list);
        json_array_append_new(list, list_item(answers, stmt));
    }
}

gint64
dv_answers_clock_floor(DvAnswers *answers)
{
    return answers->floor_us;
}

void
dv_answers_raise_clock_floor(DvAnswers *answers, gint64 wall_us)
{
    answers->floor_us = MAX(answers->floor_us, wall_us);
    if (answers->floor_us - answers->stored_floor_us < FLOOR_STEP_US)
        return;
    g_autoptr(GError) error = NULL;
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(answers->db, "INSERT OR REPLACE INTO clock_floor VALUES (1, ?1)", &error);
    if (stmt)
        sqlite3_bind_int64(stmt, 1, answers->floor_us);
    if (stmt && dv_sqlite_run(stmt, &error))
        answers->stored_floor_us = answers->floor_us;
    else
        dv_log_warning("answers: keeping the clock floor: %s", error->message);
}

gboolean
dv_answers_keep_audit_head(DvAnswers *answers, const void *data, gsize length, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(answers->db, "INSERT OR IGNORE INTO audit_head(head) VALUES (?1)", error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_blob64(stmt, 1, data, length, SQLITE_STATIC);
    if (!dv_sqlite_run(stmt, error))
        return FALSE;
    g_autoptr(sqlite3_stmt) prune = dv_sqlite_prepare(
        answers->db, "DELETE FROM audit_head WHERE id <= (SELECT max(id) FROM audit_head) - ?1",
        error);
    if (!prune)
        return FALSE;
    sqlite3_bind_int64(prune, 1, AUDIT_HEADS_KEPT);
    return dv_sqlite_run(prune, error);
}
