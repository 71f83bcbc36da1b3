// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Strict JSON over jansson. */
#include <glib.h>
#include <jansson.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(json_t, json_decref)

/* UTF-8, no duplicate keys, no trailing bytes, no NUL in strings, at most max bytes,
 * an array or object outermost. The message never repeats the input.
 * DV_ERROR_INVALID with line and column. */
json_t *dv_json_parse(const void *data, gsize length, gsize max, GError **error);
/* RFC 8785 (JCS) restricted to integers within +-(2^53-1), 64 levels, strings, booleans, null,
 * arrays, objects. NULL with DV_ERROR_INVALID for a real number. Caller frees; length excludes the
 * final NUL. */
char *dv_json_canonical(const json_t *value, gsize *length, GError **error);

/* Member getters; what names the object for the message ("header"). A missing member or another
 * type is DV_ERROR_INVALID. Strings belong to the object. */
const char *dv_json_string(const json_t *object, const char *key, gsize max_bytes, const char *what,
                           GError **error);
gboolean dv_json_int(const json_t *object, const char *key, gint64 min, gint64 max, gint64 *value,
                     const char *what, GError **error);
gboolean dv_json_bool(const json_t *object, const char *key, gboolean *value, const char *what,
                      GError **error);
/* Like dv_json_string, but NULL without error when the member is absent or null. */
const char *dv_json_string_or_null(const json_t *object, const char *key);
/* Rejects members that are not in the NULL-terminated list. */
gboolean dv_json_only(const json_t *object, const char *const *keys, const char *what,
                      GError **error);
