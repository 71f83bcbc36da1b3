// SPDX-License-Identifier: Apache-2.0
/* The header: struct to canonical JSON and back, and the link of the chain over it. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

#define COMMON                                                                                     \
    {"epoch", DV_SCHEMA_INT, 1, DV_INTEGER_MAX},                                                   \
        {"kiosk", DV_SCHEMA_TEXT, 1, DV_CROSSING_KIOSK_MAX, .form = dv_form_kiosk},                \
        {"period", DV_SCHEMA_TEXT, 1, 16, .form = dv_form_kiosk},                                  \
        {"prev_hash", DV_SCHEMA_TEXT, 64, 64, .form = dv_form_sha256},                             \
        {"priority", DV_SCHEMA_INT, DV_PRIORITY_ROUTINE, DV_PRIORITY_STOP},                        \
    {                                                                                              \
        "seq", DV_SCHEMA_INT, 1, DV_INTEGER_MAX                                                    \
    }

const DvSchemaMember dv_header_repeated[] = {COMMON, {NULL}};

static const DvSchemaMember whole[] = {
    COMMON,
    {"body_hash", DV_SCHEMA_TEXT, 64, 64, .form = dv_form_sha256},
    {"protection_hash", DV_SCHEMA_TEXT, 64, 64, .form = dv_form_sha256},
    {"v", DV_SCHEMA_INT, 1, 1},
    {NULL}};

static void
set_hash(json_t *object, const char *member, const guint8 hash[DV_SHA256_SIZE])
{
    g_autofree char *hex = dv_hex(hash, DV_SHA256_SIZE);
    json_object_set_new(object, member, json_string(hex));
}

json_t *
dv_header_repeat(const DvCrossingHeader *header)
{
    json_t *object = json_pack("{s:s, s:I, s:I, s:s, s:i}", "kiosk", header->kiosk, "epoch",
                               (json_int_t)header->epoch, "seq", (json_int_t)header->seq, "period",
                               header->period, "priority", (int)header->priority);
    set_hash(object, "prev_hash", header->prev_hash);
    return object;
}

GBytes *
dv_header_encode(const DvCrossingHeader *header, GError **error)
{
    g_autoptr(json_t) object = dv_header_repeat(header);
    set_hash(object, "body_hash", header->body_hash);
    set_hash(object, "protection_hash", header->protection_hash);
    json_object_set_new(object, "v", json_integer(1));
    if (!dv_schema_check(object, whole, "crossing header", error))
        return NULL;
    gsize length;
    char *text = dv_json_canonical(object, &length, error);
    return text ? g_bytes_new_take(text, length) : NULL;
}

static void
fill(const json_t *object, DvCrossingHeader *header)
{
    const char *kiosk = json_string_value(json_object_get(object, "kiosk"));
    const char *period = json_string_value(json_object_get(object, "period"));
    g_strlcpy(header->kiosk, kiosk, sizeof header->kiosk); /* lengths are checked */
    g_strlcpy(header->period, period, sizeof header->period);
    header->epoch = json_integer_value(json_object_get(object, "epoch"));
    header->seq = json_integer_value(json_object_get(object, "seq"));
    header->priority = (DvPriority)json_integer_value(json_object_get(object, "priority"));
    const struct {
        const char *member;
        guint8 *hash;
    } hashes[] = {{"prev_hash", header->prev_hash},
                  {"body_hash", header->body_hash},
                  {"protection_hash", header->protection_hash}};
    for (gsize i = 0; i < G_N_ELEMENTS(hashes); i++)
        dv_hex_parse(json_string_value(json_object_get(object, hashes[i].member)), hashes[i].hash,
                     DV_SHA256_SIZE);
}

gboolean
dv_header_decode(GBytes *bytes, DvCrossingHeader *header, GError **error)
{
    gsize length;
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, DV_WIRE_HEADER_MAX, error);
    if (!object || !dv_schema_check(object, whole, "crossing header", error))
        return FALSE;
    fill(object, header);
    g_autoptr(GBytes) again = dv_header_encode(header, error);
    if (again && !g_bytes_equal(again, bytes))
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "crossing header: is not canonical JSON");
    return again && g_bytes_equal(again, bytes);
}

gboolean
dv_header_is_repeated(const json_t *object, const DvCrossingHeader *header, const char *what,
                      GError **error)
{
    g_autoptr(json_t) expected = dv_header_repeat(header);
    if (json_equal(json_object_get(object, "header"), expected))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_CRYPTO,
                "opening %s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT
                ": the %s was sealed for another header",
                header->kiosk, header->epoch, header->seq, what);
    return FALSE;
}

void
dv_crossing_link(const DvCrossingWire *wire, guint8 out[DV_SHA256_SIZE])
{
    g_autoptr(GByteArray) text = g_byte_array_new();
    g_byte_array_append(text, (const guint8 *)DV_LINK_DOMAIN, sizeof DV_LINK_DOMAIN);
    g_byte_array_append(text, g_bytes_get_data(wire->header_bytes, NULL),
                        (guint)g_bytes_get_size(wire->header_bytes));
    dv_sha256(text->data, text->len, out);
}
