// SPDX-License-Identifier: Apache-2.0
/* {"payload": {...}, "signature": base64}: the signature is over the canonical payload. */
#include "private.h"
#include <darvaza/error.h>
#include <darvaza/receipt.h>
#include <string.h>

static const char *const envelope_members[] = {"payload", "signature", NULL};

static char *
domain_of(const char *kind)
{
    return g_strdup_printf("darvaza %s v1", kind);
}

static GBytes *
canonical(const json_t *object, GError **error)
{
    gsize length;
    char *text = dv_json_canonical(object, &length, error);
    return text ? g_bytes_new_take(text, length) : NULL;
}

GBytes *
dv_signed_json_make(const char *kind, const json_t *payload, const DvKey *key, GError **error)
{
    g_autofree char *domain = domain_of(kind);
    g_autoptr(GBytes) text = canonical(payload, error);
    if (!text)
        return NULL;
    g_autoptr(GBytes) signature =
        dv_sign(key, domain, g_bytes_get_data(text, NULL), g_bytes_get_size(text), error);
    if (!signature)
        return NULL;
    g_autofree char *base64 =
        g_base64_encode(g_bytes_get_data(signature, NULL), g_bytes_get_size(signature));
    g_autoptr(json_t) envelope =
        json_pack("{s:O, s:s}", "payload", (json_t *)payload, "signature", base64);
    return canonical(envelope, error);
}

/* The signature's bytes; NULL unless the text is base64 in its one usual form. */
static guint8 *
decode_base64(const char *text, gsize *length)
{
    guint8 *bytes = g_base64_decode(text, length);
    g_autofree char *again = bytes ? g_base64_encode(bytes, *length) : NULL;
    if (again && strcmp(again, text) == 0)
        return bytes;
    g_free(bytes);
    return NULL;
}

static gboolean
check_envelope(const char *kind, const json_t *envelope, const void *data, gsize length,
               GError **error)
{
    g_autoptr(GBytes) again = canonical(envelope, error);
    if (!again || !dv_json_only(envelope, envelope_members, kind, error))
        return FALSE;
    if (json_is_object(json_object_get(envelope, "payload")) && g_bytes_get_size(again) == length &&
        memcmp(g_bytes_get_data(again, NULL), data, length) == 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s: is not a signed object in canonical JSON",
                kind);
    return FALSE;
}

json_t *
dv_signed_json_verify(const char *kind, const void *data, gsize length, gsize max,
                      const DvCert *cert, GError **error)
{
    g_autofree char *domain = domain_of(kind);
    g_autoptr(json_t) envelope = dv_json_parse(data, length, max, error);
    if (!envelope) {
        g_prefix_error(error, "%s: ", kind);
        return NULL;
    }
    if (!check_envelope(kind, envelope, data, length, error))
        return NULL;
    const char *base64 = dv_json_string(envelope, "signature", 256, kind, error);
    if (!base64)
        return NULL;
    gsize signature_length = 0;
    g_autofree guint8 *signature = decode_base64(base64, &signature_length);
    if (!signature) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s: the signature is not base64", kind);
        return NULL;
    }
    const json_t *payload = json_object_get(envelope, "payload");
    g_autoptr(GBytes) text = canonical(payload, error);
    if (!text || !dv_verify(cert, domain, g_bytes_get_data(text, NULL), g_bytes_get_size(text),
                            signature, signature_length, error))
        return NULL;
    return json_incref((json_t *)payload);
}
