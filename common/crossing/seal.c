// SPDX-License-Identifier: Apache-2.0
/* Sealing, in the booth: it holds no key that could open what it makes here. */
#include "private.h"
#include "wire.h"
#include <darvaza/error.h>
#include <string.h>

static GBytes *
seal_plain(const DvSealKeys *keys, GBytes *plain, const DvCert *recipient, GError **error)
{
    gsize length;
    const void *data = g_bytes_get_data(plain, &length);
    return dv_cms_seal(data, length, keys->kiosk_key, keys->kiosk_cert, recipient, error);
}

static GBytes *
seal_body(const DvSealKeys *keys, const DvCrossingHeader *header, const json_t *body,
          GError **error)
{
    g_autoptr(json_t) whole = json_copy((json_t *)body);
    json_object_set_new(whole, "header", dv_header_repeat(header));
    if (!dv_crossing_validate(whole, error))
        return NULL;
    if (strcmp(json_string_value(json_object_get(whole, "kiosk_id")), header->kiosk) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "record: kiosk_id: is not the kiosk that seals it");
        return NULL;
    }
    g_autoptr(GBytes) plain = dv_pad(whole, 0, "record", error);
    return plain ? seal_plain(keys, plain, keys->record_cert, error) : NULL;
}

/* Always there, always of one size: nobody but the protection unit can tell whether it is empty. */
static GBytes *
seal_protection(const DvSealKeys *keys, const DvCrossingHeader *header, const json_t *protection,
                GError **error)
{
    g_autoptr(json_t) whole =
        protection ? json_copy((json_t *)protection) : json_pack("{s:n}", "referral");
    json_object_set_new(whole, "header", dv_header_repeat(header));
    if (protection && !dv_referral_validate(whole, error))
        return NULL;
    g_autoptr(GBytes) plain = dv_pad(whole, DV_PROTECTION_PLAIN, "protection compartment", error);
    return plain ? seal_plain(keys, plain, keys->protection_cert, error) : NULL;
}

GBytes *
dv_crossing_seal(const DvSealKeys *keys, DvCrossingHeader *header, const json_t *body,
                 const json_t *protection, guint8 link[DV_SHA256_SIZE], GError **error)
{
    g_autoptr(DvCrossingWire) wire = g_new0(DvCrossingWire, 1);
    g_strlcpy(header->period, keys->period, sizeof header->period);
    wire->body = seal_body(keys, header, body, error);
    wire->protection = wire->body ? seal_protection(keys, header, protection, error) : NULL;
    if (!wire->protection)
        return NULL;
    dv_sha256(g_bytes_get_data(wire->body, NULL), g_bytes_get_size(wire->body), header->body_hash);
    dv_sha256(g_bytes_get_data(wire->protection, NULL), g_bytes_get_size(wire->protection),
              header->protection_hash);
    wire->header = *header;
    wire->header_bytes = dv_header_encode(header, error);
    if (!wire->header_bytes)
        return NULL;
    wire->signature =
        dv_sign(keys->kiosk_key, DV_HEADER_DOMAIN, g_bytes_get_data(wire->header_bytes, NULL),
                g_bytes_get_size(wire->header_bytes), error);
    if (!wire->signature)
        return NULL;
    dv_crossing_link(wire, link);
    return dv_wire_encode(wire);
}
