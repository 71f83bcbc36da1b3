// SPDX-License-Identifier: Apache-2.0
/* The protection unit's page: its own opener finds and opens referrals; the console holds what it
 * found no longer than one answer takes. */
#include "private.h"

#include <string.h>

#define BATCH 128
/* Nothing that carries a referral is below REVIEW: those need no look. */
#define LOWEST DV_PRIORITY_REVIEW

typedef struct {
    DvVisit *visit;
    gint64 next;
    gboolean more;
} Scan;

static void
on_scanned(GVariant *reply, const GError *error, void *data)
{
    g_autofree Scan *scan = data;
    DvVisit *visit = scan->visit;
    if (error) {
        dv_visit_fail(visit, error);
        return;
    }
    g_autoptr(json_t) found = dv_visit_reply_json(visit, reply);
    if (!found)
        return;
    json_object_set_new(found, "next", json_integer(scan->next));
    json_object_set_new(found, "more", json_boolean(scan->more));
    dv_request_reply_json(visit->request, 200, found);
}

void
dv_visit_referrals(DvVisit *visit)
{
    const char *text = dv_request_query(visit->request, "after");
    guint64 after = 0;
    if (text && !g_ascii_string_to_unsigned(text, 10, 0, G_MAXINT64, &after, NULL)) {
        dv_request_error(visit->request, 400, "invalid", "after must be a number.");
        return;
    }
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) records =
        dv_store_records_since(visit->console->store, (gint64)after, BATCH, &error);
    if (!records) {
        dv_visit_fail(visit, error);
        return;
    }
    Scan *scan = g_new0(Scan, 1);
    *scan = (Scan){visit, (gint64)after, records->len == BATCH};
    GVariantBuilder wires;
    g_variant_builder_init(&wires, G_VARIANT_TYPE("aay"));
    for (guint i = 0; i < records->len; i++) {
        const DvStoredRecord *record = g_ptr_array_index(records, i);
        scan->next = record->number;
        if (record->priority >= LOWEST)
            g_variant_builder_add_value(&wires, dv_bytes_variant(record->wire));
    }
    dv_opener_client_call(visit->opener, "ScanReferrals",
                          g_variant_new("(s@aay)", visit->token, g_variant_builder_end(&wires)),
                          "(s)", on_scanned, scan);
}

static void
on_opened(GVariant *reply, const GError *error, void *data)
{
    DvVisit *visit = data;
    if (error) {
        dv_visit_fail(visit, error);
        return;
    }
    g_autoptr(json_t) referral = dv_visit_reply_json(visit, reply);
    if (referral)
        dv_request_reply_json(visit->request, 200, referral);
}

void
dv_visit_open_referral(DvVisit *visit)
{
    const char *reason = NULL;
    if (!dv_visit_read_record(visit) || !dv_visit_read_reason(visit, &reason))
        return;
    dv_opener_client_call(
        visit->opener, "OpenRecord",
        g_variant_new("(s@ays)", visit->token, dv_bytes_variant(visit->record->wire), reason),
        "(s)", on_opened, visit);
}

static void
on_closed(GVariant *reply, const GError *error, void *data)
{
    (void)reply;
    DvVisit *visit = data;
    if (error)
        dv_visit_fail(visit, error);
    else
        dv_visit_done(visit);
}

void
dv_visit_close_referral(DvVisit *visit)
{
    const char *reason = NULL;
    if (!dv_visit_read_record(visit) || !dv_visit_read_reason(visit, &reason))
        return;
    dv_opener_client_call(
        visit->opener, "CloseReferral",
        g_variant_new("(s@ays)", visit->token, dv_bytes_variant(visit->record->wire), reason), "()",
        on_closed, visit);
}
