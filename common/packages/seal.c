// SPDX-License-Identifier: Apache-2.0
/* A package's key to one recipient, and back. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

#define WHAT PACKAGE_ENVELOPES

static gboolean
invalid(GError **error, const char *text)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, WHAT ": %s", text);
    return FALSE;
}

gboolean
dv_package_envelopes_add(DvPackageEnvelopes *envelopes, const guint8 key[DV_PACKAGE_KEY_SIZE],
                         const DvCert *recipient, GError **error)
{
    char id[DV_TRUST_HEX];
    g_autofree char *name = dv_cert_common_name(recipient);
    dv_package_key_id(key, id);
    if (strcmp(id, envelopes->content_key_id) != 0)
        return invalid(error, "the key is not the one of this package");
    if (!package_name_is_valid(name))
        return invalid(error, "a recipient's certificate names no kiosk");
    g_autoptr(GBytes) sealed = dv_cms_wrap(key, DV_PACKAGE_KEY_SIZE, recipient, error);
    if (!sealed)
        return FALSE;
    g_tree_replace(envelopes->kiosks, g_steal_pointer(&name),
                   g_base64_encode(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed)));
    return TRUE;
}

static DvTrustReason
not_for_us(GError **error, const char *text)
{
    g_set_error(error, DV_ERROR, DV_ERROR_CRYPTO, WHAT ": %s", text);
    return DV_TRUST_NOT_FOR_US;
}

DvTrustReason
dv_package_envelopes_open(const DvPackageEnvelopes *envelopes, const char *content_key_id,
                          const DvKey *key, const DvCert *cert,
                          guint8 content_key[DV_PACKAGE_KEY_SIZE], GError **error)
{
    char id[DV_TRUST_HEX];
    g_autofree char *name = dv_cert_common_name(cert);
    const char *base64 = g_tree_lookup(envelopes->kiosks, name);
    if (!base64)
        return not_for_us(error, "there is none for this kiosk");
    gsize length;
    g_autofree guchar *der = g_base64_decode(base64, &length);
    g_autoptr(GBytes) plain = dv_cms_unwrap(der, length, key, cert, error);
    if (!plain)
        return DV_TRUST_NOT_FOR_US;
    gsize size;
    const guint8 *bytes = g_bytes_get_data(plain, &size);
    if (size != DV_PACKAGE_KEY_SIZE)
        return not_for_us(error, "the one for this kiosk holds no key");
    dv_package_key_id(bytes, id);
    if (strcmp(id, content_key_id) != 0)
        return package_refuse(error, DV_TRUST_WRONG_KEY);
    for (gsize i = 0; i < size; i++)
        content_key[i] = bytes[i];
    return DV_TRUST_OK;
}
