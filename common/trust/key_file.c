// SPDX-License-Identifier: Apache-2.0
/* The public half of a signer's key, as it is carried to those who prepare a root. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

#define WHAT "the public key file"
#define KEY_FILE_MAX 1024

GBytes *
dv_trust_key_file_make(const DvTrustKeyFile *file, GError **error)
{
    gsize length;
    g_autofree char *hex = dv_hex(file->public_key, sizeof file->public_key);
    g_autoptr(json_t) object =
        json_pack("{s:i, s:s, s:s, s:s}", "format", 1, "holder", file->holder, "public", hex,
                  "role", dv_trust_role_word(file->role));
    char *text = dv_json_canonical(object, &length, error);
    return text ? g_bytes_new_take(text, length) : NULL;
}

DvTrustKeyFile *
dv_trust_key_file_read(GBytes *bytes, GError **error)
{
    static const char *const members[] = {"format", "holder", "public", "role", NULL};
    gsize length;
    gint64 format;
    char hex[DV_TRUST_HEX];
    const void *data = g_bytes_get_data(bytes, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, KEY_FILE_MAX, error);
    if (!object)
        return NULL;
    if (!json_is_object(object)) {
        trust_invalid(error, WHAT, "is no object");
        return NULL;
    }
    g_autoptr(DvTrustKeyFile) out = g_new0(DvTrustKeyFile, 1);
    const char *role = dv_json_string(object, "role", 16, WHAT, error);
    if (!role || !dv_json_only(object, members, WHAT, error) ||
        !dv_json_int(object, "format", 1, 1, &format, WHAT, error) ||
        !trust_get_hash(object, "public", hex, WHAT, error) ||
        !trust_get_text(object, "holder", 64, &out->holder, WHAT, error))
        return NULL;
    if (!dv_trust_role_from_word(role, &out->role)) {
        trust_invalid(error, WHAT, "names no role");
        return NULL;
    }
    dv_hex_parse(hex, out->public_key, sizeof out->public_key);
    return g_steal_pointer(&out);
}

void
dv_trust_key_file_free(DvTrustKeyFile *file)
{
    if (!file)
        return;
    g_free(file->holder);
    g_free(file);
}
