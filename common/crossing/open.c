// SPDX-License-Identifier: Apache-2.0
/* Opening, in an opener: nothing is handed out before everything has been verified. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

static GBytes *
open_part(const DvCrossingWire *wire, GBytes *part, const char *what, const DvKey *key,
          const DvCert *cert, const DvCert *kiosk, GError **error)
{
    const DvCrossingHeader *header = &wire->header;
    if (!dv_crossing_wire_verify(wire, kiosk, error))
        return NULL;
    if (!part) {
        g_set_error(error, DV_ERROR, DV_ERROR_EXPIRED,
                    "opening %s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT ": the %s has been erased",
                    header->kiosk, header->epoch, header->seq, what);
        return NULL;
    }
    gsize length;
    const void *data = g_bytes_get_data(part, &length);
    GBytes *plain = dv_cms_open(data, length, key, cert, kiosk, error);
    if (!plain)
        g_prefix_error(error, "%s %" G_GINT64_FORMAT "/%" G_GINT64_FORMAT ", %s: ", header->kiosk,
                       header->epoch, header->seq, what);
    return plain;
}

json_t *
dv_crossing_open(const DvCrossingWire *wire, const DvKey *record_key, const DvCert *record_cert,
                 const DvCert *kiosk, GError **error)
{
    g_autoptr(GBytes) plain =
        open_part(wire, wire->body, "body", record_key, record_cert, kiosk, error);
    g_autoptr(json_t) body = plain ? dv_unpad(plain, 0, "record", error) : NULL;
    if (!body || !dv_header_is_repeated(body, &wire->header, "body", error) ||
        !dv_crossing_validate(body, error))
        return NULL;
    if (strcmp(json_string_value(json_object_get(body, "kiosk_id")), wire->header.kiosk) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "record: kiosk_id: is not the kiosk that sealed it");
        return NULL;
    }
    return g_steal_pointer(&body);
}

gboolean
dv_crossing_open_protection(const DvCrossingWire *wire, const DvKey *protection_key,
                            const DvCert *protection_cert, const DvCert *kiosk, json_t **protection,
                            GError **error)
{
    *protection = NULL;
    g_autoptr(GBytes) plain = open_part(wire, wire->protection, "protection compartment",
                                        protection_key, protection_cert, kiosk, error);
    g_autoptr(json_t) opened =
        plain ? dv_unpad(plain, DV_PROTECTION_PLAIN, "protection compartment", error) : NULL;
    if (!opened || !dv_header_is_repeated(opened, &wire->header, "protection compartment", error))
        return FALSE;
    if (json_is_null(json_object_get(opened, "referral")) && json_object_size(opened) == 2)
        return TRUE;
    if (!dv_referral_validate(opened, error))
        return FALSE;
    *protection = g_steal_pointer(&opened);
    return TRUE;
}
