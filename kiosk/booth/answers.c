// SPDX-License-Identifier: Apache-2.0
#include "answers.h"

#include <darvaza/error.h>
#include <darvaza/json.h>
#include <darvaza/log.h>
#include <darvaza/receipt.h>
#include <darvaza/sqlite.h>

#define ANSWER_MAX (64u * 1024u)
#define FLOOR_STEP_US (60 * G_USEC_PER_SEC)
#define AUDIT_HEADS_KEPT 1000

struct DvAnswers {
    sqlite3 *db;
    DvAnswersKeys keys;
    gint64 floor_us, stored_floor_us;
};

static const DvMigration migrations[] = {
    {1, "CREATE TABLE answer(number INTEGER PRIMARY KEY, sealed BLOB NOT NULL, rejected INTEGER "
        "NOT NULL) STRICT;"
        "CREATE TABLE no_refuse(crossing_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;"
        "CREATE TABLE clock_floor(id INTEGER PRIMARY KEY CHECK (id = 1), wall_us INTEGER NOT NULL) "
        "STRICT;"
        "CREATE TABLE audit_head(id INTEGER PRIMARY KEY, head BLOB NOT NULL UNIQUE) STRICT;"},
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
    g_autoptr(GError) error = NULL;
    gint64 last = 0;
    if (!query_int(answers, "SELECT max(number) FROM answer", &last, &error))
        dv_log_warning("answers: %s", error->message);
    return last;
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
store(DvAnswers *answers, gint64 number, const void *data, gsize length, gboolean rejected,
      GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(answers->db, "INSERT INTO answer VALUES (?1, ?2, ?3)", error);
    if (!stmt)
        return FALSE;
    sqlite3_bind_int64(stmt, 1, number);
    sqlite3_bind_blob64(stmt, 2, data, length, SQLITE_STATIC);
    sqlite3_bind_int(stmt, 3, rejected);
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

gboolean
dv_answers_take(DvAnswers *answers, gint64 number, const void *data, gsize length, json_t **payload,
                GError **error)
{
    *payload = NULL;
    if (length > ANSWER_MAX) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "answer %" G_GINT64_FORMAT " is too large",
                    number);
        return FALSE;
    }
    gint64 last = dv_answers_cursor(answers);
    if (number >= 1 && number <= last)
        return TRUE;
    if (number != last + 1) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "answer %" G_GINT64_FORMAT " came where %" G_GINT64_FORMAT " is due", number,
                    last + 1);
        return FALSE;
    }
    g_autoptr(json_t) said = dv_answer_open(data, length, answers->keys.key, answers->keys.cert,
                                            answers->keys.opener_cert, error);
    gboolean held = FALSE;
    if (!said || !check_payload(answers, said, error) ||
        !check_protection(answers, said, &held, error) ||
        !store(answers, number, data, length, held, error))
        return FALSE;
    if (held) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "answer %" G_GINT64_FORMAT ": a protection safeguard holds this crossing; it "
                    "was rejected",
                    number);
        return FALSE;
    }
    *payload = g_steal_pointer(&said);
    return TRUE;
}

json_t *
dv_answers_list(DvAnswers *answers, guint max, GError **error)
{
    g_autoptr(sqlite3_stmt) stmt =
        dv_sqlite_prepare(answers->db,
                          "SELECT number, sealed FROM answer WHERE rejected = 0 "
                          "ORDER BY number DESC LIMIT ?1",
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
        json_t *payload =
            dv_answer_open(sqlite3_column_blob(stmt, 1), (gsize)sqlite3_column_bytes(stmt, 1),
                           answers->keys.key, answers->keys.cert, answers->keys.opener_cert, error);
        if (!payload)
            return NULL;
        json_array_append_new(list, json_pack("{s:I, s:o}", "number",
                                              (json_int_t)sqlite3_column_int64(stmt, 0), "payload",
                                              payload));
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
