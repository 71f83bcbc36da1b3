// SPDX-License-Identifier: Apache-2.0
/* The root: who may sign what. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>

#define WHAT (trust_kinds[DV_TRUST_ROLE_ROOT].what)
#define KEYS_MAX 256
#define ROLE_KEYS_MAX 16

void
trust_role_keys_clear(DvTrustRoleKeys *keys)
{
    g_clear_pointer(&keys->key_ids, g_ptr_array_unref);
    keys->threshold = 0;
}

static void
free_role_keys(gpointer data)
{
    trust_role_keys_clear(data);
    g_free(data);
}

static void
free_key(gpointer data)
{
    DvTrustKey *key = data;
    g_free(key->holder);
    g_free(key);
}

DvTrustRoot *
dv_trust_root_new(void)
{
    DvTrustRoot *root = g_new0(DvTrustRoot, 1);
    root->keys = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, free_key);
    root->owners = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, free_role_keys);
    return root;
}

void
dv_trust_root_free(DvTrustRoot *root)
{
    if (!root)
        return;
    trust_role_keys_clear(&root->root);
    trust_role_keys_clear(&root->release);
    trust_role_keys_clear(&root->timestamp);
    g_hash_table_unref(root->owners);
    g_hash_table_unref(root->keys);
    g_free(root);
}

const DvTrustRoleKeys *
dv_trust_root_role(const DvTrustRoot *root, DvTrustRole role, const char *list_id)
{
    switch (role) {
    case DV_TRUST_ROLE_ROOT:
        return &root->root;
    case DV_TRUST_ROLE_RELEASE:
        return &root->release;
    case DV_TRUST_ROLE_TIMESTAMP:
        return &root->timestamp;
    default:
        return list_id ? g_hash_table_lookup(root->owners, list_id) : NULL;
    }
}

/* ---- reading */

static gboolean
read_key(DvTrustRoot *root, const char *id, const json_t *object, GError **error)
{
    static const char *const members[] = {"holder", "public", NULL};
    char public_hex[DV_TRUST_HEX];
    guint8 digest[DV_SHA256_SIZE];
    if (!json_is_object(object))
        return trust_invalid(error, WHAT, "a key is no object");
    g_autofree DvTrustKey *key = g_new0(DvTrustKey, 1);
    if (!dv_json_only(object, members, WHAT, error) ||
        !trust_get_hash(object, "public", public_hex, WHAT, error) ||
        !dv_hex_parse(public_hex, key->public_key, sizeof key->public_key))
        return FALSE;
    dv_sha256(key->public_key, sizeof key->public_key, digest);
    g_autofree char *right_id = dv_hex(digest, sizeof digest);
    if (strcmp(right_id, id) != 0)
        return trust_invalid(error, WHAT, "a key id is not the digest of its key");
    g_strlcpy(key->key_id, id, sizeof key->key_id);
    if (!trust_get_text(object, "holder", 64, &key->holder, WHAT, error))
        return FALSE;
    DvTrustKey *kept = g_steal_pointer(&key);
    g_hash_table_insert(root->keys, kept->key_id, kept);
    return TRUE;
}

static gboolean
read_keys(DvTrustRoot *root, const json_t *content, GError **error)
{
    const json_t *keys = trust_get_many(content, "keys", JSON_OBJECT, KEYS_MAX, WHAT, error);
    const char *id;
    json_t *object;
    if (!keys)
        return FALSE;
    json_object_foreach((json_t *)keys, id, object)
    {
        if (!read_key(root, id, object, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
read_key_ids(const DvTrustRoot *root, const json_t *array, DvTrustRoleKeys *out, GError **error)
{
    g_autoptr(GHashTable) holders = g_hash_table_new(g_str_hash, g_str_equal);
    for (gsize i = 0; i < json_array_size(array); i++) {
        const char *id = json_string_value(json_array_get(array, i));
        const DvTrustKey *key = id ? g_hash_table_lookup(root->keys, id) : NULL;
        if (!key)
            return trust_invalid(error, WHAT, "a role names a key that is not there");
        /* Two signatures of one holder would be one person's word counted twice; this also refuses
         * a key that stands twice. */
        if (!g_hash_table_add(holders, key->holder))
            return trust_invalid(error, WHAT, "one holder stands twice in a role");
        g_ptr_array_add(out->key_ids, g_strdup(id));
    }
    return TRUE;
}

static gboolean
read_role(const DvTrustRoot *root, const json_t *roles, const char *name, gint64 least,
          DvTrustRoleKeys *out, GError **error)
{
    static const char *const members[] = {"key_ids", "threshold", NULL};
    const json_t *role = trust_get_many(roles, name, JSON_OBJECT, 2, WHAT, error);
    const json_t *ids =
        role ? trust_get_many(role, "key_ids", JSON_ARRAY, ROLE_KEYS_MAX, WHAT, error) : NULL;
    gint64 threshold;
    if (!ids || !dv_json_only(role, members, WHAT, error) ||
        !dv_json_int(role, "threshold", least, ROLE_KEYS_MAX, &threshold, WHAT, error))
        return FALSE;
    out->key_ids = g_ptr_array_new_with_free_func(g_free);
    out->threshold = (guint)threshold;
    if (!read_key_ids(root, ids, out, error))
        return FALSE;
    if (out->key_ids->len < out->threshold)
        return trust_invalid(error, WHAT, "the role \"%s\" has fewer keys than its threshold",
                             name);
    return TRUE;
}

static gboolean
read_owners(DvTrustRoot *root, const json_t *roles, GError **error)
{
    const json_t *owners =
        trust_get_many(roles, "owners", JSON_OBJECT, DV_TRUST_LISTS_MAX, WHAT, error);
    const char *list_id;
    json_t *object;
    if (!owners)
        return FALSE;
    json_object_foreach((json_t *)owners, list_id, object)
    {
        if (!trust_list_id_is_valid(list_id))
            return trust_invalid(error, WHAT, "an owner's list has no valid id");
        DvTrustRoleKeys *keys = g_new0(DvTrustRoleKeys, 1);
        g_hash_table_insert(root->owners, g_strdup(list_id), keys);
        if (!read_role(root, owners, list_id, 1, keys, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
claim(GHashTable *claimed, const DvTrustRoleKeys *keys, const char *role, GError **error)
{
    for (guint i = 0; i < keys->key_ids->len; i++) {
        char *id = g_ptr_array_index(keys->key_ids, i);
        const char *before = g_hash_table_lookup(claimed, id);
        if (before && strcmp(before, role) != 0)
            return trust_invalid(error, WHAT, "a key has the two roles %s and %s", before, role);
        g_hash_table_insert(claimed, id, (gpointer)role);
    }
    return TRUE;
}

/* A stolen key must be able to do one thing only. */
static gboolean
one_role_each(const DvTrustRoot *root, GError **error)
{
    g_autoptr(GHashTable) claimed = g_hash_table_new(g_str_hash, g_str_equal);
    GHashTableIter iter;
    gpointer keys;
    if (!claim(claimed, &root->root, "root", error) ||
        !claim(claimed, &root->release, "release", error) ||
        !claim(claimed, &root->timestamp, "timestamp", error))
        return FALSE;
    g_hash_table_iter_init(&iter, root->owners);
    while (g_hash_table_iter_next(&iter, NULL, &keys))
        if (!claim(claimed, keys, "owner", error))
            return FALSE;
    return TRUE;
}

DvTrustRoot *
trust_root_from(const json_t *content, GError **error)
{
    static const char *const members[] = {"expires_at", "format", "issued_at", "keys",
                                          "roles",      "type",   "version",   NULL};
    static const char *const role_members[] = {"owners", "release", "root", "timestamp", NULL};
    g_autoptr(DvTrustRoot) root = dv_trust_root_new();
    if (!dv_json_only(content, members, WHAT, error) ||
        !trust_get_number(content, "version", 1, &root->version, WHAT, error) ||
        !trust_get_span(content, DV_TRUST_ROLE_ROOT, &root->issued_us, &root->expires_us, error) ||
        !read_keys(root, content, error))
        return NULL;
    const json_t *roles = trust_get_many(content, "roles", JSON_OBJECT, 4, WHAT, error);
    if (!roles || !dv_json_only(roles, role_members, WHAT, error) ||
        !read_role(root, roles, "root", 1, &root->root, error) ||
        !read_role(root, roles, "release", 2, &root->release, error) ||
        !read_role(root, roles, "timestamp", 1, &root->timestamp, error) ||
        !read_owners(root, roles, error) || !one_role_each(root, error))
        return NULL;
    return g_steal_pointer(&root);
}

DvTrustRoot *
dv_trust_root_read(GBytes *bytes, DvTrustReason *reason, GError **error)
{
    g_autoptr(TrustFile) file = trust_file_read(bytes, DV_TRUST_ROLE_ROOT, reason, error);
    DvTrustRoot *root = file ? trust_root_from(file->content, error) : NULL;
    if (file && !root && reason)
        *reason = DV_TRUST_MALFORMED;
    return root;
}

/* ---- making */

static json_t *
role_json(const DvTrustRoleKeys *keys)
{
    json_t *ids = json_array();
    for (guint i = 0; keys->key_ids && i < keys->key_ids->len; i++)
        json_array_append_new(ids, json_string(g_ptr_array_index(keys->key_ids, i)));
    return json_pack("{s:o, s:i}", "key_ids", ids, "threshold", (int)keys->threshold);
}

static json_t *
keys_json(GHashTable *keys)
{
    json_t *object = json_object();
    GHashTableIter iter;
    gpointer value;
    g_hash_table_iter_init(&iter, keys);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const DvTrustKey *key = value;
        g_autofree char *hex = dv_hex(key->public_key, sizeof key->public_key);
        json_object_set_new(object, key->key_id,
                            json_pack("{s:s, s:s}", "holder", key->holder, "public", hex));
    }
    return object;
}

static json_t *
owners_json(GHashTable *owners)
{
    json_t *object = json_object();
    GHashTableIter iter;
    gpointer list_id, keys;
    g_hash_table_iter_init(&iter, owners);
    while (g_hash_table_iter_next(&iter, &list_id, &keys))
        json_object_set_new(object, list_id, role_json(keys));
    return object;
}

GBytes *
dv_trust_root_make(const DvTrustRoot *root, GError **error)
{
    json_t *roles = json_pack("{s:o, s:o, s:o, s:o}", "root", role_json(&root->root), "release",
                              role_json(&root->release), "timestamp", role_json(&root->timestamp),
                              "owners", owners_json(root->owners));
    json_t *content = json_pack(
        "{s:s, s:i, s:I, s:o, s:o, s:o, s:o}", "type", "root", "format", 1, "version",
        (json_int_t)root->version, "issued_at", trust_time_json(root->issued_us), "expires_at",
        trust_time_json(root->expires_us), "keys", keys_json(root->keys), "roles", roles);
    g_autoptr(json_t) none = json_array();
    g_autoptr(GBytes) made = trust_file_make(content, none, error);
    g_autoptr(DvTrustRoot) again = made ? dv_trust_root_read(made, NULL, error) : NULL;
    return again ? g_steal_pointer(&made) : NULL;
}
