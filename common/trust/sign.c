// SPDX-License-Identifier: Apache-2.0
/* Signatures: made on the signer's machine, collected, counted. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

#define WHAT "the signature file"

static void
key_id_of(const guint8 public_key[DV_ED25519_PUBLIC_SIZE], char id[DV_TRUST_HEX])
{
    guint8 digest[DV_SHA256_SIZE];
    dv_sha256(public_key, DV_ED25519_PUBLIC_SIZE, digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_strlcpy(id, hex, DV_TRUST_HEX);
}

gboolean
dv_trust_key_id(const DvKey *key, char id[DV_TRUST_HEX], GError **error)
{
    guint8 public_key[DV_ED25519_PUBLIC_SIZE];
    if (!dv_key_public(key, public_key, error))
        return FALSE;
    key_id_of(public_key, id);
    return TRUE;
}

static char *
message_digest(const TrustFile *file)
{
    guint8 digest[DV_SHA256_SIZE];
    gsize length;
    const void *data = g_bytes_get_data(file->message, &length);
    dv_sha256(data, length, digest);
    return dv_hex(digest, sizeof digest);
}

gboolean
dv_trust_content_digest(GBytes *bytes, DvTrustRole role, char out[DV_TRUST_HEX], GError **error)
{
    g_autoptr(TrustFile) file = trust_file_read(bytes, role, NULL, error);
    g_autofree char *digest = file ? message_digest(file) : NULL;
    if (!digest)
        return FALSE;
    g_strlcpy(out, digest, DV_TRUST_HEX);
    return TRUE;
}

GBytes *
dv_trust_sign(GBytes *bytes, DvTrustRole role, const DvKey *key, GError **error)
{
    char id[DV_TRUST_HEX];
    g_autoptr(TrustFile) file = trust_file_read(bytes, role, NULL, error);
    if (!file || !dv_trust_key_id(key, id, error))
        return NULL;
    gsize length;
    const void *data = g_bytes_get_data(file->message, &length);
    g_autoptr(GBytes) signature = dv_sign(key, trust_kinds[role].domain, data, length, error);
    if (!signature)
        return NULL;
    g_autofree char *hex = dv_hex(g_bytes_get_data(signature, NULL), g_bytes_get_size(signature));
    g_autofree char *digest = message_digest(file);
    g_autoptr(json_t) object =
        json_pack("{s:i, s:s, s:s, s:s, s:s}", "format", 1, "key_id", id, "role",
                  dv_trust_role_word(role), "signature", hex, "signed_sha256", digest);
    gsize text_length;
    char *text = dv_json_canonical(object, &text_length, error);
    return text ? g_bytes_new_take(text, text_length) : NULL;
}

/* ---- collecting */

typedef struct {
    char key_id[DV_TRUST_HEX], signed_sha256[DV_TRUST_HEX];
    DvTrustRole role;
    TrustSignature signature;
    char *hex;
} Detached;

static void
detached_clear(Detached *detached)
{
    g_clear_pointer(&detached->hex, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Detached, detached_clear)

static gboolean
read_detached(GBytes *bytes, Detached *out, GError **error)
{
    static const char *const members[] = {"format",    "key_id",        "role",
                                          "signature", "signed_sha256", NULL};
    gsize length, again_length;
    gint64 format;
    const char *text = g_bytes_get_data(bytes, &length);
    g_autoptr(json_t) object = dv_json_parse(text, length, DV_TRUST_SIGNATURE_MAX, error);
    g_autofree char *again = object ? dv_json_canonical(object, &again_length, error) : NULL;
    if (!again)
        return FALSE;
    if (!json_is_object(object) || again_length != length || memcmp(again, text, length) != 0)
        return trust_invalid(error, WHAT, "is no object in canonical form");
    const char *role = dv_json_string(object, "role", 16, WHAT, error);
    const char *hex = role ? dv_json_string(object, "signature", 128, WHAT, error) : NULL;
    if (!hex || !dv_json_only(object, members, WHAT, error) ||
        !dv_json_int(object, "format", 1, 1, &format, WHAT, error) ||
        !trust_get_hash(object, "key_id", out->key_id, WHAT, error) ||
        !trust_get_hash(object, "signed_sha256", out->signed_sha256, WHAT, error))
        return FALSE;
    if (!dv_trust_role_from_word(role, &out->role) ||
        !dv_hex_parse(hex, out->signature.bytes, sizeof out->signature.bytes))
        return trust_invalid(error, WHAT, "names no role, or holds no signature");
    out->hex = g_ascii_strdown(hex, -1);
    return TRUE;
}

char *
dv_trust_signature_key_id(GBytes *signature, GError **error)
{
    g_auto(Detached) detached = {0};
    return read_detached(signature, &detached, error) ? g_strdup(detached.key_id) : NULL;
}

static gboolean
refuse(GError **error, DvErrorCode code, const char *text)
{
    g_set_error(error, DV_ERROR, (gint)code, WHAT ": %s", text);
    return FALSE;
}

static gboolean
has_key(const DvTrustRoleKeys *keys, const char *id)
{
    for (guint i = 0; keys && i < keys->key_ids->len; i++)
        if (strcmp(g_ptr_array_index(keys->key_ids, i), id) == 0)
            return TRUE;
    return FALSE;
}

static gboolean
holds(const TrustFile *file, const DvTrustRoot *root, DvTrustRole role, const char *key_id,
      const guint8 signature[DV_ED25519_SIG_SIZE])
{
    const DvTrustKey *key = g_hash_table_lookup(root->keys, key_id);
    gsize length;
    const void *data = g_bytes_get_data(file->message, &length);
    return key && dv_verify_raw(key->public_key, trust_kinds[role].domain, data, length, signature);
}

static gboolean
detached_fits(const Detached *detached, const TrustFile *file, const DvTrustRoot *root,
              DvTrustRole role, const char *list_id, GError **error)
{
    g_autofree char *digest = message_digest(file);
    if (detached->role != role)
        return refuse(error, DV_ERROR_DENIED, "it was made for another role");
    if (strcmp(digest, detached->signed_sha256) != 0)
        return refuse(error, DV_ERROR_DENIED, "it was made for another content");
    if (!has_key(dv_trust_root_role(root, role, list_id), detached->key_id))
        return refuse(error, DV_ERROR_DENIED,
                      "its key may not sign this: the root gives it no such role");
    return holds(file, root, role, detached->key_id, detached->signature.bytes) ||
           refuse(error, DV_ERROR_CRYPTO, "the signature does not hold");
}

static gboolean
is_there(const TrustFile *file, const char *key_id)
{
    for (guint i = 0; i < file->signatures->len; i++)
        if (strcmp(g_array_index(file->signatures, TrustSignature, i).key_id, key_id) == 0)
            return TRUE;
    return FALSE;
}

GBytes *
dv_trust_add_signature(GBytes *bytes, GBytes *signature, const DvTrustRoot *root, DvTrustRole role,
                       const char *list_id, GError **error)
{
    g_auto(Detached) detached = {0};
    g_autoptr(TrustFile) file = trust_file_read(bytes, role, NULL, error);
    if (!file || !read_detached(signature, &detached, error) ||
        !detached_fits(&detached, file, root, role, list_id, error))
        return NULL;
    if (is_there(file, detached.key_id))
        return g_bytes_ref(bytes);
    if (file->signatures->len >= SIGNATURES_MAX) {
        refuse(error, DV_ERROR_FULL, "the file has as many signatures as it may have");
        return NULL;
    }
    json_t *signatures = json_object_get(file->whole, "signatures");
    json_array_append_new(
        signatures, json_pack("{s:s, s:s}", "key_id", detached.key_id, "signature", detached.hex));
    return trust_file_make(json_incref((json_t *)file->content), signatures, error);
}

/* ---- counting */

typedef enum { NONE, BROKEN, HOLDS } Finding;

static Finding
look_for(const TrustFile *file, const DvTrustRoot *root, DvTrustRole role, const char *key_id)
{
    Finding finding = NONE;
    for (guint i = 0; i < file->signatures->len && finding != HOLDS; i++) {
        const TrustSignature *signature = &g_array_index(file->signatures, TrustSignature, i);
        if (strcmp(signature->key_id, key_id) == 0)
            finding = holds(file, root, role, key_id, signature->bytes) ? HOLDS : BROKEN;
    }
    return finding;
}

/* Goes through the role's keys, not through the signatures: a key counts once however often it
 * signed. */
DvTrustReason
trust_file_signed_by(const TrustFile *file, const DvTrustRoot *root, DvTrustRole role,
                     const char *list_id, guint *count, guint *threshold, GPtrArray **holders,
                     GError **error)
{
    const DvTrustRoleKeys *keys = dv_trust_root_role(root, role, list_id);
    guint good = 0;
    gboolean broken = FALSE;
    if (holders)
        *holders = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; keys && i < keys->key_ids->len; i++) {
        const char *id = g_ptr_array_index(keys->key_ids, i);
        Finding finding = look_for(file, root, role, id);
        const DvTrustKey *key = g_hash_table_lookup(root->keys, id);
        good += finding == HOLDS;
        broken = broken || finding == BROKEN;
        if (finding == HOLDS && holders)
            g_ptr_array_add(*holders, g_strdup(key->holder));
    }
    if (count)
        *count = good;
    if (threshold)
        *threshold = keys ? keys->threshold : 0;
    const char *what = trust_kinds[role].what;
    if (!keys)
        return trust_refuse(error, DV_TRUST_THRESHOLD, what,
                            "the root names no owner for this list");
    if (good >= keys->threshold)
        return DV_TRUST_OK;
    if (broken)
        return trust_refuse(error, DV_TRUST_SIGNATURE, what,
                            "a signature by a key of this role does not hold");
    return trust_refuse(error, DV_TRUST_THRESHOLD, what, "%u of the %u necessary keys have signed",
                        good, keys->threshold);
}

DvTrustReason
dv_trust_signed_by(GBytes *bytes, const DvTrustRoot *root, DvTrustRole role, const char *list_id,
                   guint *count, guint *threshold, GPtrArray **holders, GError **error)
{
    DvTrustReason reason;
    g_autoptr(TrustFile) file = trust_file_read(bytes, role, &reason, error);
    return file ? trust_file_signed_by(file, root, role, list_id, count, threshold, holders, error)
                : reason;
}
