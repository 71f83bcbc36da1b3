// SPDX-License-Identifier: Apache-2.0
/* The file beside a package that carries its key to each enrolled kiosk. */
#include "private.h"
#include <darvaza/error.h>
#include <darvaza/json.h>
#include <string.h>

#define WHAT PACKAGE_ENVELOPES
#define NAME_MAX_BYTES 32

static gint
by_name(gconstpointer a, gconstpointer b, gpointer data)
{
    (void)data;
    return strcmp(a, b);
}

DvPackageEnvelopes *
dv_package_envelopes_new(const char *package_sha256, const char *content_key_id)
{
    DvPackageEnvelopes *envelopes = g_new0(DvPackageEnvelopes, 1);
    g_strlcpy(envelopes->package, package_sha256, DV_TRUST_HEX);
    g_strlcpy(envelopes->content_key_id, content_key_id, DV_TRUST_HEX);
    envelopes->kiosks = g_tree_new_full(by_name, NULL, g_free, g_free);
    return envelopes;
}

void
dv_package_envelopes_free(DvPackageEnvelopes *envelopes)
{
    if (!envelopes)
        return;
    g_tree_unref(envelopes->kiosks);
    g_free(envelopes);
}

/* ---- the file */

static gboolean
invalid(GError **error, const char *text)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, WHAT ": %s", text);
    return FALSE;
}

static gboolean
get_hash(const json_t *object, const char *key, char out[DV_TRUST_HEX], GError **error)
{
    const char *text = dv_json_string(object, key, DV_TRUST_HEX - 1, WHAT, error);
    if (!text)
        return FALSE;
    if (strlen(text) != DV_TRUST_HEX - 1 || strspn(text, "0123456789abcdef") != DV_TRUST_HEX - 1)
        return invalid(error, "a digest is not 64 hexadecimal digits");
    g_strlcpy(out, text, DV_TRUST_HEX);
    return TRUE;
}

gboolean
package_name_is_valid(const char *name)
{
    gsize length = strlen(name);
    return length >= 1 && length <= NAME_MAX_BYTES &&
           strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-") ==
               length;
}

static gboolean
read_kiosks(DvPackageEnvelopes *envelopes, const json_t *kiosks, GError **error)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)kiosks, name, value)
    {
        const char *base64 = json_string_value(value);
        if (!package_name_is_valid(name) || !base64 || strlen(base64) > 2048)
            return invalid(error, "a recipient or its envelope is not in order");
        g_tree_replace(envelopes->kiosks, g_strdup(name), g_strdup(base64));
    }
    return TRUE;
}

DvPackageEnvelopes *
dv_package_envelopes_read(GBytes *file, GError **error)
{
    static const char *const members[] = {"content_key_id", "format", "kiosks", "package", NULL};
    gsize length;
    gint64 format;
    const void *data = g_bytes_get_data(file, &length);
    g_autoptr(json_t) object = dv_json_parse(data, length, DV_PACKAGE_ENVELOPES_MAX, error);
    g_autoptr(DvPackageEnvelopes) out = object ? dv_package_envelopes_new("", "") : NULL;
    if (!out)
        return NULL;
    const json_t *kiosks = json_object_get(object, "kiosks");
    if (!json_is_object(object) || !json_is_object(kiosks)) {
        invalid(error, "are no object of recipients");
        return NULL;
    }
    if (!dv_json_only(object, members, WHAT, error) ||
        !dv_json_int(object, "format", 1, 1, &format, WHAT, error) ||
        !get_hash(object, "package", out->package, error) ||
        !get_hash(object, "content_key_id", out->content_key_id, error) ||
        !read_kiosks(out, kiosks, error))
        return NULL;
    return g_steal_pointer(&out);
}

static gboolean
add_member(gpointer name, gpointer base64, gpointer object)
{
    json_object_set_new(object, name, json_string(base64));
    return FALSE;
}

GBytes *
dv_package_envelopes_make(const DvPackageEnvelopes *envelopes, GError **error)
{
    gsize length;
    json_t *kiosks = json_object();
    g_tree_foreach(envelopes->kiosks, add_member, kiosks);
    g_autoptr(json_t) object =
        json_pack("{s:s, s:i, s:o, s:s}", "content_key_id", envelopes->content_key_id, "format", 1,
                  "kiosks", kiosks, "package", envelopes->package);
    char *text = dv_json_canonical(object, &length, error);
    return text ? g_bytes_new_take(text, length) : NULL;
}

/* ---- who is in it */

gboolean
dv_package_envelopes_has(const DvPackageEnvelopes *envelopes, const char *recipient)
{
    return g_tree_lookup(envelopes->kiosks, recipient) != NULL;
}

static gboolean
add_name(gpointer name, gpointer base64, gpointer array)
{
    (void)base64;
    g_ptr_array_add(array, name);
    return FALSE;
}

const char **
dv_package_envelopes_names(const DvPackageEnvelopes *envelopes)
{
    GPtrArray *names = g_ptr_array_new();
    g_tree_foreach(envelopes->kiosks, add_name, names);
    g_ptr_array_add(names, NULL);
    return (const char **)g_ptr_array_free(names, FALSE);
}
