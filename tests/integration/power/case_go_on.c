// SPDX-License-Identifier: Apache-2.0
#include "case.h"

static void
record_again(Case *c, guint kiosk, const char *id)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) body = run_record(id, run_kiosks[kiosk]);
    DvOutboxPlace place;
    DvOutboxHead head;
    gboolean found = FALSE;

    if (!dv_outbox_find(c->outboxes[kiosk], id, &found, &place, &error) ||
        (!found && (!dv_outbox_append(c->outboxes[kiosk], &c->world->seals[kiosk]->seal, id,
                                      DV_PRIORITY_REVIEW, body, NULL, &place, &error) ||
                    !dv_outbox_head(c->outboxes[kiosk], &head, &error)))) {
        case_trouble(c, "recording again: %s", error->message);
        return;
    }
    if (!found)
        g_hash_table_insert(c->fresh, dv_hex(head.link, sizeof head.link), g_strdup(id));
}

/* FALSE: the record cannot be brought to the centre. */
static gboolean
send_record(Case *c, guint kiosk, const DvOutboxRecord *record)
{
    g_autoptr(GError) error = NULL;
    gsize length = 0;
    const void *data = g_bytes_get_data(record->wire, &length);
    g_autoptr(DvCrossingWire) wire = dv_crossing_wire_parse(data, length, &error);
    DvAppend item = {.wire = wire, .received_us = 1};

    if (wire == NULL) {
        case_trouble(c, "sending: %s", error->message);
        return FALSE;
    }
    dv_crossing_link(wire, item.link);
    if (!dv_crossing_wire_verify(wire, c->world->seals[kiosk]->cert, &error) ||
        !dv_store_append(c->store, &item, 1, &error) ||
        (item.outcome <= DV_APPEND_DUPLICATE &&
         !dv_outbox_acknowledge(c->outboxes[kiosk], record->epoch, record->seq, item.link,
                                &error))) {
        case_trouble(c, "sending: %s", error->message);
        return FALSE;
    }
    if (item.outcome > DV_APPEND_DUPLICATE)
        case_trouble(c, "the centre refuses %s record %" G_GINT64_FORMAT " (outcome %d)",
                     run_kiosks[kiosk], record->seq, (int)item.outcome);
    return item.outcome <= DV_APPEND_DUPLICATE;
}

static void
send_all(Case *c, guint kiosk)
{
    for (;;) {
        g_autoptr(GError) error = NULL;
        g_autoptr(GPtrArray) records = dv_outbox_next(c->outboxes[kiosk], 64, &error);
        if (records == NULL)
            case_trouble(c, "%s", error->message);
        if (records == NULL || records->len == 0)
            return;
        for (guint i = 0; i < records->len; i++)
            if (!send_record(c, kiosk, g_ptr_array_index(records, i)))
                return;
    }
}

void
case_go_on(Case *c)
{
    for (guint i = 0; i < c->world->crossings->len; i++) {
        const Crossing *crossing = g_ptr_array_index(c->world->crossings, i);
        if (crossing->started < c->at && crossing->recorded >= c->at &&
            c->outboxes[crossing->kiosk] != NULL)
            record_again(c, crossing->kiosk, crossing->id);
    }
    for (guint i = 0; i < RUN_KIOSKS; i++) {
        g_autofree char *id = dv_uuid_new();
        if (c->outboxes[i] == NULL)
            continue;
        record_again(c, i, id);
        if (c->store != NULL)
            send_all(c, i);
    }
    if (c->store != NULL)
        case_look_at_store(c);
}
