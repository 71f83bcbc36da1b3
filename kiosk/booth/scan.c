// SPDX-License-Identifier: Apache-2.0
#include "scan.h"

#include <darvaza/crossing.h>
#include <darvaza/log.h>

G_STATIC_ASSERT(DV_SCAN_ZONE_MAX <= DV_RECORD_ZONE_MAX);
G_STATIC_ASSERT(DV_SCAN_PAGE_MAX <= DV_RECORD_PAGE_MAX);

void
dv_scan_clear(DvScan *scan)
{
    g_clear_pointer(&scan->zone, g_bytes_unref);
    g_clear_pointer(&scan->page, g_bytes_unref);
    *scan = (DvScan){0};
}

static json_t *
base64_of(GBytes *jpeg)
{
    if (!jpeg)
        return json_null();
    gsize length;
    const guchar *bytes = g_bytes_get_data(jpeg, &length);
    g_autofree char *text = g_base64_encode(bytes, length);
    return json_string(text);
}

json_t *
dv_scan_record(const DvScan *scan)
{
    if (!scan->by_camera)
        return json_null();
    gboolean whole = scan->zone && scan->page;
    return json_pack("{s:i, s:o, s:o, s:s?}", "corrections", (int)scan->corrections, "zone",
                     base64_of(scan->zone), "page", base64_of(scan->page), "missing",
                     whole ? NULL : "NOT_TAKEN");
}

json_t *
dv_scan_view(const DvScan *scan)
{
    if (!scan->by_camera)
        return json_null();
    return json_pack("{s:i, s:b, s:b}", "corrections", (int)scan->corrections, "zone",
                     scan->zone != NULL, "page", scan->page != NULL);
}

GBytes *
dv_scan_part(const DvScan *scan, const char *name)
{
    return g_str_equal(name, "zone") ? scan->zone : g_str_equal(name, "page") ? scan->page : NULL;
}

static void
leave_out(json_t *scan, const char *part)
{
    if (!json_is_string(json_object_get(scan, part)))
        return;
    json_object_set_new(scan, part, json_null());
    json_object_set_new(scan, "missing", json_string("NO_ROOM"));
}

static void
leave_out_portrait(json_t *portraits)
{
    for (gsize i = json_array_size(portraits); i > 0; i--) {
        const json_t *kind = json_object_get(json_array_get(portraits, i - 1), "kind");
        if (g_strcmp0(json_string_value(kind), "DOCUMENT") == 0)
            json_array_remove(portraits, i - 1);
    }
}

void
dv_scan_make_room(json_t *body)
{
    static const char *const parts[] = {"page", "zone"};
    if (dv_crossing_fits(body))
        return;
    dv_log_warning("crossing %s: its record has no room for all images",
                   json_string_value(json_object_get(body, "crossing_id")));
    for (guint i = 0; i < G_N_ELEMENTS(parts) && !dv_crossing_fits(body); i++)
        leave_out(json_object_get(body, "scan"), parts[i]);
    if (!dv_crossing_fits(body))
        leave_out_portrait(json_object_get(body, "portraits"));
}
