// SPDX-License-Identifier: Apache-2.0
#include "case.h"

#include <darvaza/sqlite.h>
#include <string.h>

#define EVERYTHING 100000

/* ---- looking at what is there */

static void
check_database(Case *c, const char *path)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(sqlite3) db = dv_sqlite_open(path, DV_SQLITE_READ_ONLY, &error);
    g_autoptr(sqlite3_stmt) stmt =
        db != NULL ? dv_sqlite_prepare(db, "PRAGMA integrity_check(1)", &error) : NULL;
    gboolean row = FALSE;

    if (stmt == NULL || !dv_sqlite_step(stmt, &row, &error))
        case_trouble(c, "%s", error->message);
    else if (!row || !g_str_equal(sqlite3_column_text(stmt, 0), "ok"))
        case_trouble(c, "%s: %s", path,
                     row ? (const char *)sqlite3_column_text(stmt, 0) : "no answer");
}

typedef struct {
    gboolean begun;
    gint64 epoch, seq;
    guint8 link[DV_SHA256_SIZE];
} Chain;

/* The link of a stored record as hex, after checking that it follows the chain's last one. */
static char *
follow(Case *c, Chain *chain, GBytes *bytes, const char *where)
{
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, &error);

    if (wire == NULL) {
        case_trouble(c, "%s: %s", where, error->message);
        return NULL;
    }
    const DvCrossingHeader *header = &wire->header;
    if (chain->begun && header->epoch == chain->epoch &&
        (header->seq != chain->seq + 1 || memcmp(header->prev_hash, chain->link, 32) != 0))
        case_trouble(c,
                     "%s: %s record %" G_GINT64_FORMAT " does not follow record %" G_GINT64_FORMAT,
                     where, header->kiosk, header->seq, chain->seq);
    chain->begun = TRUE;
    chain->epoch = header->epoch;
    chain->seq = header->seq;
    dv_crossing_link(wire, chain->link);
    return dv_hex(chain->link, sizeof chain->link);
}

static void
look_at_outbox(Case *c, guint kiosk)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records = dv_outbox_next(c->outboxes[kiosk], EVERYTHING, &error);
    Chain chain = {0};

    if (records == NULL) {
        case_trouble(c, "%s", error->message);
        return;
    }
    for (guint i = 0; i < records->len; i++) {
        const DvOutboxRecord *record = g_ptr_array_index(records, i);
        char *link = follow(c, &chain, record->wire, run_kiosks[kiosk]);
        if (link != NULL)
            g_hash_table_add(c->unsent, link);
    }
}

static guint
chain_of(const char *kiosk)
{
    for (guint i = 0; i < RUN_KIOSKS; i++)
        if (g_str_equal(run_kiosks[i], kiosk))
            return i;
    return RUN_KIOSKS;
}

void
case_look_at_store(Case *c)
{
    g_autoptr(GError) error = NULL;
    Chain chains[RUN_KIOSKS + 1] = {0};
    gint64 after = 0;

    g_hash_table_remove_all(c->at_centre);
    for (;;) {
        g_autoptr(GPtrArray) records = dv_store_records_since(c->store, after, 256, &error);
        if (records == NULL) {
            case_trouble(c, "%s", error->message);
            return;
        }
        for (guint i = 0; i < records->len; i++) {
            const DvStoredRecord *record = g_ptr_array_index(records, i);
            after = record->number;
            char *link = follow(c, &chains[chain_of(record->key.kiosk)], record->wire, RUN_CENTRE);
            if (link != NULL)
                g_hash_table_add(c->at_centre, link);
        }
        if (records->len == 0)
            return;
    }
}

/* A booth that had recorded something goes on with its chain: a new epoch would mean that what it
 * had is gone, or that it takes its own disk for an older copy. */
static void
check_epoch(Case *c, guint kiosk)
{
    g_autoptr(GError) error = NULL;
    DvOutboxHead head;

    if (!dv_outbox_head(c->outboxes[kiosk], &head, &error)) {
        case_trouble(c, "%s", error->message);
        return;
    }
    for (guint i = 0; i < c->world->crossings->len; i++) {
        const Crossing *crossing = g_ptr_array_index(c->world->crossings, i);
        if (crossing->kiosk != kiosk || crossing->recorded >= c->at)
            continue;
        if (crossing->epoch == head.epoch && crossing->seq <= head.seq)
            continue;
        case_trouble(c, "%s: its head is behind what it had recorded", run_kiosks[kiosk]);
        return;
    }
}

void
case_open(Case *c, const char *dir)
{
    g_autofree char *store = g_build_filename(dir, RUN_CENTRE, "store.db", NULL);
    g_autoptr(GError) error = NULL;

    c->store = dv_store_open(store, &error);
    if (c->store == NULL) {
        case_trouble(c, "%s", error->message);
    } else {
        check_database(c, store);
        case_look_at_store(c);
    }
    for (guint i = 0; i < RUN_KIOSKS; i++) {
        g_autofree char *path = g_build_filename(dir, run_kiosks[i], "outbox.db", NULL);
        g_autoptr(GError) why = NULL;
        c->outboxes[i] = dv_outbox_open(path, run_kiosks[i], &why);
        if (c->outboxes[i] == NULL) {
            case_trouble(c, "%s", why->message);
            continue;
        }
        check_database(c, path);
        check_epoch(c, i);
        look_at_outbox(c, i);
    }
}
