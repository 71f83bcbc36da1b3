// SPDX-License-Identifier: Apache-2.0
/* Members that many roles have. */
#include "private.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <string.h>

gboolean
trust_hash_is_valid(const char *text)
{
    return text && strlen(text) == DV_TRUST_HEX - 1 &&
           strspn(text, "0123456789abcdef") == DV_TRUST_HEX - 1;
}

gboolean
trust_list_id_is_valid(const char *text)
{
    gsize length = text ? strlen(text) : 0;
    if (length < 1 || length > 32)
        return FALSE;
    for (gsize i = 0; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && !strchr("._-", text[i]))
            return FALSE;
    return TRUE;
}

gboolean
trust_get_hash(const json_t *object, const char *key, char out[DV_TRUST_HEX], const char *what,
               GError **error)
{
    const char *text = dv_json_string(object, key, DV_TRUST_HEX - 1, what, error);
    if (!text)
        return FALSE;
    if (!trust_hash_is_valid(text))
        return trust_invalid(error, what, "\"%s\" is not 64 lower-case hexadecimal digits", key);
    g_strlcpy(out, text, DV_TRUST_HEX);
    return TRUE;
}

gboolean
trust_get_time(const json_t *object, const char *key, gint64 *time_us, const char *what,
               GError **error)
{
    const char *text = dv_json_string(object, key, 32, what, error);
    if (!text)
        return FALSE;
    g_autofree char *again =
        dv_time_parse(text, time_us, NULL) && *time_us > 0 ? dv_time_format(*time_us) : NULL;
    if (!again || strcmp(again, text) != 0)
        return trust_invalid(error, what, "\"%s\" is not a UTC time with milliseconds", key);
    return TRUE;
}

gboolean
trust_get_number(const json_t *object, const char *key, gint64 min, gint64 *value, const char *what,
                 GError **error)
{
    return dv_json_int(object, key, min, NUMBER_MAX, value, what, error);
}

gboolean
trust_get_span(const json_t *object, DvTrustRole role, gint64 *issued_us, gint64 *expires_us,
               GError **error)
{
    const TrustKind *kind = &trust_kinds[role];
    if (!trust_get_time(object, "issued_at", issued_us, kind->what, error) ||
        !trust_get_time(object, "expires_at", expires_us, kind->what, error))
        return FALSE;
    if (*expires_us <= *issued_us || *expires_us - *issued_us > kind->runs_us)
        return trust_invalid(error, kind->what,
                             "runs backwards or for more than the %d days allowed",
                             (int)(kind->runs_us / DAY_US));
    return TRUE;
}

gboolean
trust_get_text(const json_t *object, const char *key, gsize max, char **text, const char *what,
               GError **error)
{
    const char *value = dv_json_string(object, key, max, what, error);
    if (!value)
        return FALSE;
    if (!*value)
        return trust_invalid(error, what, "\"%s\" is empty", key);
    g_free(*text);
    *text = g_strdup(value);
    return TRUE;
}

const json_t *
trust_get_many(const json_t *object, const char *key, json_type type, gsize max, const char *what,
               GError **error)
{
    const json_t *member = json_object_get(object, key);
    if (!member || json_typeof(member) != type) {
        trust_invalid(error, what, "\"%s\" is missing or of another type", key);
        return NULL;
    }
    gsize size = type == JSON_ARRAY ? json_array_size(member) : json_object_size(member);
    if (size > max) {
        trust_invalid(error, what, "\"%s\" has more than %" G_GSIZE_FORMAT " elements", key, max);
        return NULL;
    }
    return member;
}

json_t *
trust_time_json(gint64 time_us)
{
    g_autofree char *text = dv_time_format(time_us);
    return json_string(text);
}
