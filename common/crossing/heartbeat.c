// SPDX-License-Identifier: Apache-2.0
/* The kiosk's word on the head of its chain, so that a missing last record is seen too. */
#include "private.h"
#include <darvaza/error.h>
#include <darvaza/receipt.h>
#include <string.h>

#define HEARTBEAT_MAX (16u * 1024u)

static const DvSchemaMember list[] = {
    {"list_id", DV_SCHEMA_TEXT, 1, 64, .form = dv_form_id},
    {"version", DV_SCHEMA_INT, 0, DV_INTEGER_MAX, .nullable = TRUE},
    {"age_s", DV_SCHEMA_INT, 0, DV_INTEGER_MAX, .nullable = TRUE},
    {"status", DV_SCHEMA_WORD, .vocabulary = "list_status"},
    {"state_hash", DV_SCHEMA_TEXT, 64, 64, .nullable = TRUE, .form = dv_form_sha256,
     .optional = TRUE},
    {NULL}};

/* "" stands for none. */
static gboolean
is_reason(const char *text)
{
    return *text == '\0' || dv_form_code(text);
}

static const DvSchemaMember update[] = {{"epoch", DV_SCHEMA_INT, 0, DV_INTEGER_MAX},
                                        {"release", DV_SCHEMA_INT, 0, DV_INTEGER_MAX},
                                        {"state", DV_SCHEMA_WORD, .vocabulary = "lists_state"},
                                        {"reason", DV_SCHEMA_TEXT, 0, 32, .form = is_reason},
                                        {"detail", DV_SCHEMA_TEXT, 0, DV_HEARTBEAT_DETAIL_MAX},
                                        {"at", DV_SCHEMA_TEXT, 1, 40, .form = dv_form_time},
                                        {"volume", DV_SCHEMA_WORD, .vocabulary = "volume"},
                                        {NULL}};

static const DvSchemaMember members[] = {
    {"kiosk", DV_SCHEMA_TEXT, 1, DV_CROSSING_KIOSK_MAX, .form = dv_form_kiosk},
    {"epoch", DV_SCHEMA_INT, 1, DV_INTEGER_MAX},
    {"seq", DV_SCHEMA_INT, 0, DV_INTEGER_MAX},
    {"link", DV_SCHEMA_TEXT, 64, 64, .form = dv_form_sha256},
    {"unsent", DV_SCHEMA_INT, 0, DV_INTEGER_MAX},
    {"time_us", DV_SCHEMA_INT, 0, DV_INTEGER_MAX},
    {"software", DV_SCHEMA_TEXT, 1, 32},
    {"lists", DV_SCHEMA_LIST, 0, 32, .members = list},
    {"update", DV_SCHEMA_OBJECT, .nullable = TRUE, .optional = TRUE, .members = update},
    {NULL}};

GBytes *
dv_heartbeat_make(const DvHeartbeat *beat, const DvKey *kiosk_key, GError **error)
{
    g_autofree char *link = dv_hex(beat->link, DV_SHA256_SIZE);
    g_autoptr(json_t) payload = json_pack(
        "{s:s, s:I, s:I, s:s, s:I, s:I, s:s}", "kiosk", beat->kiosk, "epoch",
        (json_int_t)beat->epoch, "seq", (json_int_t)beat->seq, "link", link, "unsent",
        (json_int_t)beat->unsent, "time_us", (json_int_t)beat->time_us, "software", beat->software);
    if (beat->lists)
        json_object_set(payload, "lists", beat->lists);
    else
        json_object_set_new(payload, "lists", json_array());
    if (beat->update)
        json_object_set(payload, "update", beat->update);
    else
        json_object_set_new(payload, "update", json_null());
    if (!dv_schema_check(payload, members, "heartbeat", error))
        return NULL;
    return dv_signed_json_make("heartbeat", payload, kiosk_key, error);
}

gboolean
dv_heartbeat_verify(const void *data, gsize length, const DvCert *kiosk_cert, DvHeartbeat *beat,
                    GError **error)
{
    g_autoptr(json_t) payload =
        dv_signed_json_verify("heartbeat", data, length, HEARTBEAT_MAX, kiosk_cert, error);
    if (!payload || !dv_schema_check(payload, members, "heartbeat", error))
        return FALSE;
    g_autofree char *name = dv_cert_common_name(kiosk_cert);
    const char *kiosk = json_string_value(json_object_get(payload, "kiosk"));
    if (strcmp(name, kiosk) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "heartbeat: kiosk: is not the one that signed it");
        return FALSE;
    }
    g_strlcpy(beat->kiosk, kiosk, sizeof beat->kiosk);
    g_strlcpy(beat->software, json_string_value(json_object_get(payload, "software")),
              sizeof beat->software);
    beat->epoch = json_integer_value(json_object_get(payload, "epoch"));
    beat->seq = json_integer_value(json_object_get(payload, "seq"));
    beat->unsent = json_integer_value(json_object_get(payload, "unsent"));
    beat->time_us = json_integer_value(json_object_get(payload, "time_us"));
    beat->lists = json_incref(json_object_get(payload, "lists"));
    json_t *state = json_object_get(payload, "update");
    beat->update = json_is_object(state) ? json_incref(state) : NULL;
    return dv_hex_parse(json_string_value(json_object_get(payload, "link")), beat->link,
                        DV_SHA256_SIZE);
}

void
dv_heartbeat_clear(DvHeartbeat *beat)
{
    json_decref(beat->lists);
    json_decref(beat->update);
    *beat = (DvHeartbeat){0};
}
