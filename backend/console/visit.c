// SPDX-License-Identifier: Apache-2.0
/* Small things that every handler needs. */
#include "private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

void
dv_visit_fail(DvVisit *visit, const GError *error)
{
    dv_request_reply_gerror(visit->request, error);
}

void
dv_visit_done(DvVisit *visit)
{
    g_autoptr(json_t) body = json_pack("{s:b}", "ok", 1);
    dv_request_reply_json(visit->request, 200, body);
}

json_t *
dv_visit_reply_json(DvVisit *visit, GVariant *reply)
{
    const char *text = NULL;
    g_variant_get(reply, "(&s)", &text);
    json_t *object = json_loads(text, 0, NULL);
    if (!object)
        dv_request_error(visit->request, 502, "invalid", "The opener's answer is not readable.");
    return object;
}

static gboolean
read_number(const char *text, gint64 *number)
{
    guint64 value = 0;
    if (!text || !g_ascii_string_to_unsigned(text, 10, 1, G_MAXINT64, &value, NULL))
        return FALSE;
    *number = (gint64)value;
    return TRUE;
}

gboolean
dv_visit_read_key(DvVisit *visit)
{
    const char *kiosk = dv_request_param(visit->request, "kiosk");
    gsize length = kiosk ? strlen(kiosk) : 0;
    gboolean ok = length > 0 && length < sizeof visit->key.kiosk &&
                  read_number(dv_request_param(visit->request, "epoch"), &visit->key.epoch) &&
                  read_number(dv_request_param(visit->request, "seq"), &visit->key.seq);
    if (ok)
        g_strlcpy(visit->key.kiosk, kiosk, sizeof visit->key.kiosk);
    else
        dv_request_error(visit->request, 400, "invalid",
                         "A crossing is named by kiosk, epoch and number.");
    return ok;
}

gboolean
dv_visit_read_record(DvVisit *visit)
{
    g_autoptr(GError) error = NULL;
    if (!dv_visit_read_key(visit))
        return FALSE;
    visit->record = dv_store_record(visit->console->store, &visit->key, &error);
    if (visit->record)
        return TRUE;
    if (error)
        dv_visit_fail(visit, error);
    else
        dv_request_error(visit->request, 404, "invalid", "There is no such crossing here.");
    return FALSE;
}

gboolean
dv_visit_read_reason(DvVisit *visit, const char **reason)
{
    visit->input = dv_request_json(visit->request);
    if (!visit->input)
        return FALSE;
    g_autoptr(GError) error = NULL;
    *reason = dv_json_string(visit->input, "reason", 500, "request", &error);
    if (!*reason)
        dv_visit_fail(visit, error);
    return *reason != NULL;
}

GVariant *
dv_bytes_variant(GBytes *bytes)
{
    return g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

json_t *
dv_time_json(gint64 wall_us)
{
    if (wall_us == 0)
        return json_null();
    g_autofree char *text = dv_time_format(wall_us);
    return json_string(text);
}

const char *
dv_priority_word(DvPriority priority)
{
    switch (priority) {
    case DV_PRIORITY_ROUTINE:
        return "ROUTINE";
    case DV_PRIORITY_REVIEW:
        return "REVIEW";
    case DV_PRIORITY_POSSIBLE:
        return "POSSIBLE";
    case DV_PRIORITY_HIT:
        return "HIT";
    case DV_PRIORITY_STOP:
        return "STOP";
    }
    return "REVIEW";
}
