// SPDX-License-Identifier: Apache-2.0
/* The wire form: magic, then four parts, each with its length. */
#include "wire.h"
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

typedef struct {
    const guint8 *at;
    gsize left;
} Reader;

static gboolean
refuse(GError **error, const char *why)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "crossing on the wire: %s", why);
    return FALSE;
}

/* One part of at most max bytes; *part is NULL when it is empty. */
static gboolean
take_part(Reader *reader, gsize max, GBytes **part, GError **error)
{
    if (reader->left < 4)
        return refuse(error, "ends within a length");
    gsize length = (gsize)reader->at[0] << 24 | (gsize)reader->at[1] << 16 |
                   (gsize)reader->at[2] << 8 | (gsize)reader->at[3];
    reader->at += 4;
    reader->left -= 4;
    if (length > max)
        return refuse(error, "a part is larger than its bound");
    if (length > reader->left)
        return refuse(error, "ends within a part");
    *part = length > 0 ? g_bytes_new(reader->at, length) : NULL;
    reader->at += length;
    reader->left -= length;
    return TRUE;
}

static gboolean
hash_agrees(GBytes *part, const guint8 expected[DV_SHA256_SIZE])
{
    if (!part)
        return TRUE; /* erased; the header keeps the proof */
    guint8 hash[DV_SHA256_SIZE];
    dv_sha256(g_bytes_get_data(part, NULL), g_bytes_get_size(part), hash);
    return memcmp(hash, expected, sizeof hash) == 0;
}

static gboolean
take_parts(Reader *reader, DvCrossingWire *wire, GError **error)
{
    if (reader->left < strlen(DV_WIRE_MAGIC) ||
        memcmp(reader->at, DV_WIRE_MAGIC, strlen(DV_WIRE_MAGIC)) != 0)
        return refuse(error, "does not begin with " DV_WIRE_MAGIC);
    reader->at += strlen(DV_WIRE_MAGIC);
    reader->left -= strlen(DV_WIRE_MAGIC);
    if (!take_part(reader, DV_WIRE_HEADER_MAX, &wire->header_bytes, error) ||
        !take_part(reader, DV_WIRE_SIGNATURE_MAX, &wire->signature, error) ||
        !take_part(reader, DV_WIRE_BODY_MAX, &wire->body, error) ||
        !take_part(reader, DV_WIRE_PROTECTION_MAX, &wire->protection, error))
        return FALSE;
    if (reader->left > 0)
        return refuse(error, "goes on after its last part");
    if (!wire->header_bytes || !wire->signature)
        return refuse(error, "has no header or no signature");
    return TRUE;
}

DvCrossingWire *
dv_crossing_wire_parse(const void *data, gsize length, GError **error)
{
    g_autoptr(DvCrossingWire) wire = g_new0(DvCrossingWire, 1);
    if (length > DV_CROSSING_WIRE_MAX) {
        refuse(error, "is larger than its bound");
        return NULL;
    }
    Reader reader = {data, length};
    if (!take_parts(&reader, wire, error) ||
        !dv_header_decode(wire->header_bytes, &wire->header, error))
        return NULL;
    if (!hash_agrees(wire->body, wire->header.body_hash)) {
        refuse(error, "the body is not the one that the header names");
        return NULL;
    }
    if (!hash_agrees(wire->protection, wire->header.protection_hash)) {
        refuse(error, "the protection compartment is not the one that the header names");
        return NULL;
    }
    return g_steal_pointer(&wire);
}

void
dv_crossing_wire_free(DvCrossingWire *wire)
{
    if (!wire)
        return;
    g_clear_pointer(&wire->header_bytes, g_bytes_unref);
    g_clear_pointer(&wire->signature, g_bytes_unref);
    g_clear_pointer(&wire->body, g_bytes_unref);
    g_clear_pointer(&wire->protection, g_bytes_unref);
    g_free(wire);
}

gboolean
dv_crossing_wire_verify(const DvCrossingWire *wire, const DvCert *kiosk, GError **error)
{
    g_autofree char *name = dv_cert_common_name(kiosk);
    if (strcmp(name, wire->header.kiosk) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_DENIED,
                    "the header is of kiosk %s, the certificate is of another one",
                    wire->header.kiosk);
        return FALSE;
    }
    gsize header_length, signature_length;
    const void *header = g_bytes_get_data(wire->header_bytes, &header_length);
    const void *signature = g_bytes_get_data(wire->signature, &signature_length);
    return dv_verify(kiosk, DV_HEADER_DOMAIN, header, header_length, signature, signature_length,
                     error);
}

static void
append_part(GByteArray *out, GBytes *part)
{
    gsize length = part ? g_bytes_get_size(part) : 0;
    const guint8 prefix[4] = {(guint8)(length >> 24), (guint8)(length >> 16), (guint8)(length >> 8),
                              (guint8)length};
    g_byte_array_append(out, prefix, sizeof prefix);
    if (part)
        g_byte_array_append(out, g_bytes_get_data(part, NULL), (guint)length);
}

GBytes *
dv_wire_encode(const DvCrossingWire *wire)
{
    GByteArray *out = g_byte_array_new();
    g_byte_array_append(out, (const guint8 *)DV_WIRE_MAGIC, (guint)strlen(DV_WIRE_MAGIC));
    append_part(out, wire->header_bytes);
    append_part(out, wire->signature);
    append_part(out, wire->body);
    append_part(out, wire->protection);
    return g_byte_array_free_to_bytes(out);
}
