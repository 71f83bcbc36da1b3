// SPDX-License-Identifier: Apache-2.0
/* A root under the hands of whoever prepares the next one. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

gboolean
dv_trust_root_add_key(DvTrustRoot *root, const guint8 public_key[DV_ED25519_PUBLIC_SIZE],
                      const char *holder, char id[DV_TRUST_HEX], GError **error)
{
    guint8 digest[DV_SHA256_SIZE];
    dv_sha256(public_key, DV_ED25519_PUBLIC_SIZE, digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_strlcpy(id, hex, DV_TRUST_HEX);
    const DvTrustKey *before = g_hash_table_lookup(root->keys, id);
    if (before && strcmp(before->holder, holder) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "the key %.16s belongs to \"%s\" already",
                    id, before->holder);
        return FALSE;
    }
    if (before)
        return TRUE;
    DvTrustKey *key = g_new0(DvTrustKey, 1);
    g_strlcpy(key->key_id, id, DV_TRUST_HEX);
    for (gsize i = 0; i < DV_ED25519_PUBLIC_SIZE; i++)
        key->public_key[i] = public_key[i];
    key->holder = g_strdup(holder);
    g_hash_table_insert(root->keys, key->key_id, key);
    return TRUE;
}

static DvTrustRoleKeys *
role_to_edit(DvTrustRoot *root, DvTrustRole role, const char *list_id)
{
    DvTrustRoleKeys *keys = (DvTrustRoleKeys *)dv_trust_root_role(root, role, list_id);
    if (!keys && role == DV_TRUST_ROLE_OWNER && list_id) {
        keys = g_new0(DvTrustRoleKeys, 1);
        g_hash_table_insert(root->owners, g_strdup(list_id), keys);
    }
    if (keys && !keys->key_ids)
        keys->key_ids = g_ptr_array_new_with_free_func(g_free);
    if (keys && keys->threshold == 0)
        keys->threshold = role == DV_TRUST_ROLE_RELEASE ? 2 : 1;
    return keys;
}

static gint
index_of(const DvTrustRoleKeys *keys, const char *id)
{
    for (guint i = 0; keys && keys->key_ids && i < keys->key_ids->len; i++)
        if (strcmp(g_ptr_array_index(keys->key_ids, i), id) == 0)
            return (gint)i;
    return -1;
}

void
dv_trust_root_let(DvTrustRoot *root, DvTrustRole role, const char *list_id, const char *id)
{
    DvTrustRoleKeys *keys = role_to_edit(root, role, list_id);
    if (keys && index_of(keys, id) < 0)
        g_ptr_array_add(keys->key_ids, g_strdup(id));
}

void
dv_trust_root_set_threshold(DvTrustRoot *root, DvTrustRole role, const char *list_id,
                            guint threshold)
{
    DvTrustRoleKeys *keys = role_to_edit(root, role, list_id);
    if (keys)
        keys->threshold = threshold;
}

static void
remove_from(DvTrustRoleKeys *keys, const char *id)
{
    gint at = index_of(keys, id);
    if (at >= 0)
        g_ptr_array_remove_index(keys->key_ids, (guint)at);
}

gboolean
dv_trust_root_remove_key(DvTrustRoot *root, const char *id)
{
    GHashTableIter iter;
    gpointer keys;
    remove_from(&root->root, id);
    remove_from(&root->release, id);
    remove_from(&root->timestamp, id);
    g_hash_table_iter_init(&iter, root->owners);
    while (g_hash_table_iter_next(&iter, NULL, &keys))
        remove_from(keys, id);
    return g_hash_table_remove(root->keys, id);
}
