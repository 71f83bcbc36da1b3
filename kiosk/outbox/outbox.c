// SPDX-License-Identifier: Apache-2.0
#include "anchor.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/fault.h>
#include <darvaza/log.h>
#include <darvaza/outbox.h>
#include <darvaza/sqlite.h>

#include <string.h>

struct DvOutbox {
    sqlite3 *db;
    char *anchor_path;
    char kiosk[DV_CROSSING_KIOSK_MAX + 1];
    sqlite3_stmt *read_head, *write_head, *insert, *find, *next, *lookup, *erase, *count, *prune;
    gboolean uncommitted; /* only a build with sabotage sets it */
};

/* wire is NULL once the centre has the record; the partial index keeps "what is unsent?" cheap
 * however many headers are kept. */
static const DvMigration migrations[] = {
    {1, "CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), kiosk TEXT NOT NULL,"
        "  epoch INTEGER NOT NULL CHECK (epoch >= 1), seq INTEGER NOT NULL CHECK (seq >= 0),"
        "  link BLOB NOT NULL CHECK (length(link) = 32)) STRICT;"
        "CREATE TABLE record (epoch INTEGER NOT NULL, seq INTEGER NOT NULL,"
        "  crossing_id TEXT NOT NULL UNIQUE, created_us INTEGER NOT NULL,"
        "  link BLOB NOT NULL CHECK (length(link) = 32), header BLOB NOT NULL,"
        "  acknowledged_us INTEGER, wire BLOB, PRIMARY KEY (epoch, seq),"
        "  CHECK ((wire IS NULL) = (acknowledged_us IS NOT NULL))) STRICT;"
        "CREATE INDEX record_unsent ON record (epoch, seq) WHERE wire IS NOT NULL;"
        "CREATE INDEX record_acknowledged ON record (acknowledged_us)"
        "  WHERE acknowledged_us IS NOT NULL;"},
    {0, NULL},
};

/* ---- the head */

static gboolean
load_head(DvOutbox *outbox, gboolean *found, DvOutboxHead *head, char **kiosk, GError **error)
{
    if (!dv_sqlite_step(outbox->read_head, found, error))
        return FALSE;
    if (!*found)
        return TRUE;
    gboolean sound = sqlite3_column_bytes(outbox->read_head, 3) == DV_SHA256_SIZE;
    if (sound) {
        memcpy(head->link, sqlite3_column_blob(outbox->read_head, 3), DV_SHA256_SIZE);
        head->epoch = sqlite3_column_int64(outbox->read_head, 1);
        head->seq = sqlite3_column_int64(outbox->read_head, 2);
        if (kiosk != NULL)
            *kiosk = g_strdup((const char *)sqlite3_column_text(outbox->read_head, 0));
    }
    sqlite3_reset(outbox->read_head);
    if (!sound)
        g_set_error_literal(error, DV_ERROR, DV_ERROR_CORRUPT, "outbox: the head has no link");
    return sound;
}

/* Once the outbox is open it always has a head. */
static gboolean
load_present_head(DvOutbox *outbox, DvOutboxHead *head, GError **error)
{
    gboolean found = FALSE;

    if (!load_head(outbox, &found, head, NULL, error))
        return FALSE;
    if (!found)
        g_set_error_literal(error, DV_ERROR, DV_ERROR_CORRUPT, "outbox: the head is gone");
    return found;
}

static gboolean
store_head(DvOutbox *outbox, const DvOutboxHead *head, GError **error)
{
    sqlite3_bind_text(outbox->write_head, 1, outbox->kiosk, -1, SQLITE_STATIC);
    sqlite3_bind_int64(outbox->write_head, 2, head->epoch);
    sqlite3_bind_int64(outbox->write_head, 3, head->seq);
    sqlite3_bind_blob(outbox->write_head, 4, head->link, DV_SHA256_SIZE, SQLITE_STATIC);
    return dv_sqlite_run(outbox->write_head, error);
}

/* ---- opening */

static gboolean
prepare_all(DvOutbox *outbox, GError **error)
{
    const struct {
        sqlite3_stmt **stmt;
        const char *sql;
    } rows[] = {
        {&outbox->read_head, "SELECT kiosk, epoch, seq, link FROM head"},
        {&outbox->write_head, "INSERT INTO head (id, kiosk, epoch, seq, link) VALUES (1,?,?,?,?) "
                              "ON CONFLICT (id) DO UPDATE SET kiosk = excluded.kiosk, "
                              "epoch = excluded.epoch, seq = excluded.seq, link = excluded.link"},
        {&outbox->insert, "INSERT INTO record (epoch, seq, crossing_id, created_us, link, header, "
                          "wire) VALUES (?,?,?,?,?,?,?)"},
        {&outbox->find, "SELECT epoch, seq, wire IS NULL FROM record WHERE crossing_id = ?"},
        {&outbox->next, "SELECT epoch, seq, wire FROM record WHERE wire IS NOT NULL "
                        "ORDER BY epoch, seq LIMIT ?"},
        {&outbox->lookup, "SELECT link, wire IS NULL FROM record WHERE epoch = ? AND seq = ?"},
        {&outbox->erase, "UPDATE record SET wire = NULL, acknowledged_us = ? "
                         "WHERE epoch = ? AND seq = ?"},
        {&outbox->count, "SELECT count(*) FROM record WHERE wire IS NOT NULL"},
        {&outbox->prune, "DELETE FROM record WHERE acknowledged_us < ? AND (epoch, seq) <> "
                         "(SELECT epoch, seq FROM head)"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        *rows[i].stmt = dv_sqlite_prepare(outbox->db, rows[i].sql, error);
        if (*rows[i].stmt == NULL)
            return FALSE;
    }
    return TRUE;
}

/* The head must be the last record, or the chain has been tampered with or torn. */
static gboolean
check_head(DvOutbox *outbox, const DvOutboxHead *head, GError **error)
{
    gboolean row = FALSE;

    if (head->seq == 0)
        return TRUE;
    sqlite3_bind_int64(outbox->lookup, 1, head->epoch);
    sqlite3_bind_int64(outbox->lookup, 2, head->seq);
    if (!dv_sqlite_step(outbox->lookup, &row, error))
        return FALSE;
    gboolean same = row && sqlite3_column_bytes(outbox->lookup, 0) == DV_SHA256_SIZE &&
                    memcmp(sqlite3_column_blob(outbox->lookup, 0), head->link, 32) == 0;
    sqlite3_reset(outbox->lookup);
    if (!same)
        g_set_error_literal(error, DV_ERROR, DV_ERROR_CORRUPT,
                            "outbox: the head is not the last record of the chain");
    return same;
}

/* A new epoch must be above every former one, also when nothing here remembers those. */
static gint64
new_epoch(const DvOutboxHead *former)
{
    return MAX(former->epoch + 1, dv_clock_wall_us() / G_USEC_PER_SEC);
}

static gboolean
settle_head(DvOutbox *outbox, GError **error)
{
    DvOutboxHead head = {0}, anchor = {0};
    g_autofree char *kiosk = NULL;
    gboolean found = FALSE, anchored = FALSE;

    if (!load_head(outbox, &found, &head, &kiosk, error) ||
        !outbox_anchor_read(outbox->anchor_path, outbox->kiosk, &anchored, &anchor, error))
        return FALSE;
    if (found && !g_str_equal(kiosk, outbox->kiosk)) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED, "outbox: it belongs to kiosk %s", kiosk);
        return FALSE;
    }
    if (found && !check_head(outbox, &head, error))
        return FALSE;
    gboolean behind =
        anchored && found &&
        (anchor.epoch > head.epoch || (anchor.epoch == head.epoch && anchor.seq > head.seq));
    if (found && !behind)
        return TRUE;
    if (behind)
        dv_log_warning("outbox: an older copy was put back; a new epoch begins");
    else if (anchored)
        dv_log_warning("outbox: the database was lost; a new epoch begins");
    anchor.epoch = new_epoch(&anchor);
    anchor.seq = 0;
    return store_head(outbox, &anchor, error);
}

static void
show_state(DvOutbox *outbox)
{
#ifdef DV_FAULT_POINTS
    DvOutboxHead head;
    if (!dv_outbox_head(outbox, &head, NULL))
        return;
    if (head.unsent > 0)
        DV_FAULT_POINT("queue.queued");
    else if (head.seq > 0)
        DV_FAULT_POINT("queue.acknowledged");
    else
        DV_FAULT_POINT("queue.empty");
#else
    (void)outbox;
#endif
}

DvOutbox *
dv_outbox_open(const char *path, const char *kiosk, GError **error)
{
    g_autoptr(DvOutbox) outbox = g_new0(DvOutbox, 1);

    if (strlen(kiosk) > DV_CROSSING_KIOSK_MAX) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "outbox: the kiosk id is too long");
        return NULL;
    }
    g_strlcpy(outbox->kiosk, kiosk, sizeof outbox->kiosk);
    outbox->anchor_path = g_strconcat(path, ".anchor", NULL);
    outbox->db = dv_sqlite_open(path, DV_SQLITE_DURABLE, error);
    if (outbox->db == NULL || !dv_sqlite_migrate(outbox->db, migrations, error) ||
        !prepare_all(outbox, error) || !settle_head(outbox, error)) {
        g_prefix_error(error, "cannot open the outbox: ");
        return NULL;
    }
#ifdef DV_SABOTAGE_ACK_BEFORE_FSYNC
    if (!dv_sqlite_exec(outbox->db, "PRAGMA synchronous = OFF", error))
        return NULL;
#endif
    show_state(outbox);
    return g_steal_pointer(&outbox);
}

void
dv_outbox_free(DvOutbox *outbox)
{
    if (outbox == NULL)
        return;
    sqlite3_stmt *const statements[] = {
        outbox->read_head, outbox->write_head, outbox->insert, outbox->find,  outbox->next,
        outbox->lookup,    outbox->erase,      outbox->count,  outbox->prune,
    };
    if (outbox->uncommitted)
        dv_sqlite_exec(outbox->db, "COMMIT", NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(statements); i++)
        sqlite3_finalize(statements[i]);
    sqlite3_close_v2(outbox->db);
    g_free(outbox->anchor_path);
    g_free(outbox);
}

gboolean
dv_outbox_head(DvOutbox *outbox, DvOutboxHead *head, GError **error)
{
    gboolean row = FALSE;

    memset(head, 0, sizeof *head);
    if (!load_present_head(outbox, head, error) || !dv_sqlite_step(outbox->count, &row, error))
        return FALSE;
    head->unsent = sqlite3_column_int64(outbox->count, 0);
    sqlite3_reset(outbox->count);
    return TRUE;
}

/* ---- appending */

static gboolean
begin(DvOutbox *outbox, GError **error)
{
    if (outbox->uncommitted) {
        outbox->uncommitted = FALSE;
        if (!dv_sqlite_exec(outbox->db, "COMMIT", error))
            return FALSE;
    }
    return dv_sqlite_exec(outbox->db, "BEGIN IMMEDIATE", error);
}

static gboolean
commit(DvOutbox *outbox, GError **error)
{
#ifdef DV_SABOTAGE_ACK_BEFORE_FSYNC
    (void)error;
    outbox->uncommitted = TRUE;
    return TRUE;
#else
    return dv_sqlite_exec(outbox->db, "COMMIT", error);
#endif
}

/* After a full disk SQLite may have rolled back by itself. */
static void
roll_back(DvOutbox *outbox)
{
    if (!sqlite3_get_autocommit(outbox->db))
        dv_sqlite_exec(outbox->db, "ROLLBACK", NULL);
}

static gboolean
insert_record(DvOutbox *outbox, const DvOutboxHead *head, const char *crossing_id, GBytes *wire,
              GError **error)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(wire, &length);
    g_autoptr(DvCrossingWire) parts = dv_crossing_wire_parse(data, length, error);

    if (parts == NULL)
        return FALSE;
    gsize header_length = 0;
    const void *header = g_bytes_get_data(parts->header_bytes, &header_length);
    sqlite3_bind_int64(outbox->insert, 1, head->epoch);
    sqlite3_bind_int64(outbox->insert, 2, head->seq);
    sqlite3_bind_text(outbox->insert, 3, crossing_id, -1, SQLITE_STATIC);
    sqlite3_bind_int64(outbox->insert, 4, dv_clock_wall_us());
    sqlite3_bind_blob(outbox->insert, 5, head->link, DV_SHA256_SIZE, SQLITE_STATIC);
    sqlite3_bind_blob64(outbox->insert, 6, header, header_length, SQLITE_STATIC);
    sqlite3_bind_blob64(outbox->insert, 7, data, length, SQLITE_STATIC);
    return dv_sqlite_run(outbox->insert, error);
}

typedef struct {
    const DvSealKeys *keys;
    const char *crossing_id;
    DvPriority priority;
    const json_t *body, *protection;
} Draft;

/* Inside the transaction. head: of the chain; becomes the new record's. */
static gboolean
append_within(DvOutbox *outbox, const Draft *draft, DvOutboxHead *head, GError **error)
{
    DvCrossingHeader header = {.priority = draft->priority};

    if (!load_present_head(outbox, head, error))
        return FALSE;
    g_strlcpy(header.kiosk, outbox->kiosk, sizeof header.kiosk);
    header.epoch = head->epoch;
    header.seq = ++head->seq;
    memcpy(header.prev_hash, head->link, DV_SHA256_SIZE);
    g_autoptr(GBytes) wire =
        dv_crossing_seal(draft->keys, &header, draft->body, draft->protection, head->link, error);
    if (wire == NULL)
        return FALSE;
    DV_FAULT_POINT("outbox.before_insert");
    if (!insert_record(outbox, head, draft->crossing_id, wire, error) ||
        !store_head(outbox, head, error))
        return FALSE;
    DV_FAULT_POINT("outbox.before_commit");
    return commit(outbox, error);
}

gboolean
dv_outbox_append(DvOutbox *outbox, const DvSealKeys *keys, const char *crossing_id,
                 DvPriority priority, const json_t *body, const json_t *protection,
                 DvOutboxPlace *place, GError **error)
{
    const Draft draft = {keys, crossing_id, priority, body, protection};
    DvOutboxHead head = {0};
    DvOutboxPlace former;
    gboolean found = FALSE;

    if (!dv_outbox_find(outbox, crossing_id, &found, &former, error))
        return FALSE;
    if (found) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "outbox: crossing %s is recorded already",
                    crossing_id);
        return FALSE;
    }
    if (!begin(outbox, error))
        return FALSE;
    if (!append_within(outbox, &draft, &head, error)) {
        roll_back(outbox);
        g_prefix_error(error, "the crossing is not recorded: ");
        return FALSE;
    }
    DV_FAULT_POINT("outbox.after_commit");
    show_state(outbox);
    *place = (DvOutboxPlace){head.epoch, head.seq, FALSE};
    return TRUE;
}

gboolean
dv_outbox_find(DvOutbox *outbox, const char *crossing_id, gboolean *found, DvOutboxPlace *place,
               GError **error)
{
    sqlite3_bind_text(outbox->find, 1, crossing_id, -1, SQLITE_TRANSIENT);
    if (!dv_sqlite_step(outbox->find, found, error))
        return FALSE;
    if (*found)
        *place = (DvOutboxPlace){sqlite3_column_int64(outbox->find, 0),
                                 sqlite3_column_int64(outbox->find, 1),
                                 sqlite3_column_int(outbox->find, 2) != 0};
    sqlite3_reset(outbox->find);
    return TRUE;
}

/* ---- sending */

static void
free_record(gpointer data)
{
    DvOutboxRecord *record = data;

    g_bytes_unref(record->wire);
    g_free(record);
}

GPtrArray *
dv_outbox_next(DvOutbox *outbox, guint max, GError **error)
{
    g_autoptr(GPtrArray) records = g_ptr_array_new_with_free_func(free_record);
    gboolean row = FALSE;

    sqlite3_bind_int64(outbox->next, 1, max);
    for (;;) {
        if (!dv_sqlite_step(outbox->next, &row, error))
            return NULL;
        if (!row)
            break;
        DvOutboxRecord *record = g_new0(DvOutboxRecord, 1);
        record->epoch = sqlite3_column_int64(outbox->next, 0);
        record->seq = sqlite3_column_int64(outbox->next, 1);
        record->wire = g_bytes_new(sqlite3_column_blob(outbox->next, 2),
                                   (gsize)sqlite3_column_bytes(outbox->next, 2));
        g_ptr_array_add(records, record);
    }
    if (records->len > 0)
        DV_FAULT_POINT("queue.in_flight");
    return g_steal_pointer(&records);
}

static gboolean
check_receipt(DvOutbox *outbox, gint64 epoch, gint64 seq, const guint8 *link, gboolean *done,
              GError **error)
{
    gboolean row = FALSE;

    sqlite3_bind_int64(outbox->lookup, 1, epoch);
    sqlite3_bind_int64(outbox->lookup, 2, seq);
    if (!dv_sqlite_step(outbox->lookup, &row, error))
        return FALSE;
    gboolean same = row && sqlite3_column_bytes(outbox->lookup, 0) == DV_SHA256_SIZE &&
                    memcmp(sqlite3_column_blob(outbox->lookup, 0), link, DV_SHA256_SIZE) == 0;
    *done = row && sqlite3_column_int(outbox->lookup, 1) != 0;
    sqlite3_reset(outbox->lookup);
    if (!same)
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "outbox: the receipt for epoch %" G_GINT64_FORMAT " record %" G_GINT64_FORMAT
                    " names %s",
                    epoch, seq, row ? "another record" : "no record that is here");
    return same;
}

gboolean
dv_outbox_acknowledge(DvOutbox *outbox, gint64 epoch, gint64 seq, const guint8 link[DV_SHA256_SIZE],
                      GError **error)
{
    DvOutboxHead head = {0};
    gboolean done = FALSE, found = FALSE;

    if (!check_receipt(outbox, epoch, seq, link, &done, error))
        return FALSE;
    if (done)
        return TRUE;
    if (!begin(outbox, error))
        return FALSE;
    DV_FAULT_POINT("outbox.before_acknowledge");
    sqlite3_bind_int64(outbox->erase, 1, dv_clock_wall_us());
    sqlite3_bind_int64(outbox->erase, 2, epoch);
    sqlite3_bind_int64(outbox->erase, 3, seq);
    if (!dv_sqlite_run(outbox->erase, error) || !dv_sqlite_exec(outbox->db, "COMMIT", error)) {
        roll_back(outbox);
        return FALSE;
    }
    DV_FAULT_POINT("outbox.acknowledged");
    show_state(outbox);

    /* The anchor only helps a kiosk that lost its database; failing to write it loses nothing. */
    g_autoptr(GError) trouble = NULL;
    if (!load_head(outbox, &found, &head, NULL, &trouble) ||
        !outbox_anchor_write(outbox->anchor_path, outbox->kiosk, &head, &trouble))
        dv_log_warning("outbox: %s", trouble->message);
    return TRUE;
}

gboolean
dv_outbox_prune(DvOutbox *outbox, gint64 before_us, GError **error)
{
    sqlite3_bind_int64(outbox->prune, 1, before_us);
    return dv_sqlite_run(outbox->prune, error);
}
