// SPDX-License-Identifier: Apache-2.0
#include <darvaza/error.h>
#include <darvaza/json.h>

#include <string.h>

/* The largest integer that every JSON reader keeps exactly (RFC 7493, 2.2). */
#define MAX_SAFE_INTEGER G_GINT64_CONSTANT(9007199254740991)
#define MAX_DEPTH 64

/* jansson's own text quotes the input, which may be personal data: errors get logged, so say the
 * rule that was broken and where, not the bytes. */
static const char *
parse_error_words(enum json_error_code code)
{
    switch (code) {
    case json_error_invalid_utf8:
        return "a string is not UTF-8";
    case json_error_premature_end_of_input:
        return "the text ends too early";
    case json_error_end_of_input_expected:
        return "there is more after the value";
    case json_error_duplicate_key:
        return "a member name stands twice";
    case json_error_numeric_overflow:
        return "a number is too large";
    case json_error_null_character:
    case json_error_null_byte_in_key:
        return "a string contains NUL";
    case json_error_stack_overflow:
        return "the values nest too deeply";
    default:
        return "this is not JSON";
    }
}

json_t *
dv_json_parse(const void *data, gsize length, gsize max, GError **error)
{
    json_error_t problem;

    if (length > max) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "JSON of %" G_GSIZE_FORMAT " bytes is larger than the %" G_GSIZE_FORMAT
                    " allowed",
                    length, max);
        return NULL;
    }
    json_t *value = json_loadb(length > 0 ? data : "", length, JSON_REJECT_DUPLICATES, &problem);
    if (value == NULL)
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "JSON line %d column %d: %s", problem.line,
                    problem.column, parse_error_words(json_error_code(&problem)));
    return value;
}

/* RFC 8785, 3.2.2.2: only what must be escaped is. */
static void
append_string(GString *out, const char *text)
{
    static const char shorts[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";

    g_string_append_c(out, '"');
    for (const char *p = text; *p != '\0'; p++) {
        const char *found = strchr(shorts, *p);
        if (found != NULL)
            g_string_append_printf(out, "\\%c", letters[found - shorts]);
        else if ((guchar)*p < 0x20)
            g_string_append_printf(out, "\\u%04x", (guint)*p);
        else
            g_string_append_c(out, *p);
    }
    g_string_append_c(out, '"');
}

/* RFC 8785, 3.2.3 sorts by UTF-16 code units. That differs from code point order only in that the
 * surrogates of U+10000 and above (D800..DFFF) come before U+E000..U+FFFF. */
static guint32
utf16_rank(gunichar c)
{
    return c >= 0xe000 && c <= 0xffff ? c + 0x200000 : c;
}

static int
compare_keys(const void *a, const void *b)
{
    const char *p = *(const char *const *)a, *q = *(const char *const *)b;

    while (*p != '\0' && *q != '\0') {
        guint32 x = utf16_rank(g_utf8_get_char(p)), y = utf16_rank(g_utf8_get_char(q));
        if (x != y)
            return x < y ? -1 : 1;
        p = g_utf8_next_char(p);
        q = g_utf8_next_char(q);
    }
    return (*p != '\0') - (*q != '\0');
}

static gboolean append_value(GString *out, const json_t *value, int depth, GError **error);

static gboolean
append_object(GString *out, const json_t *object, int depth, GError **error)
{
    g_autoptr(GPtrArray) keys = g_ptr_array_new();
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)object, key, member)
    {
        g_ptr_array_add(keys, (gpointer)key);
    }
    if (keys->len > 1)
        qsort(keys->pdata, keys->len, sizeof(gpointer), compare_keys);
    g_string_append_c(out, '{');
    for (guint i = 0; i < keys->len; i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        append_string(out, keys->pdata[i]);
        g_string_append_c(out, ':');
        if (!append_value(out, json_object_get(object, keys->pdata[i]), depth + 1, error))
            return FALSE;
    }
    g_string_append_c(out, '}');
    return TRUE;
}

static gboolean
append_array(GString *out, const json_t *array, int depth, GError **error)
{
    g_string_append_c(out, '[');
    for (gsize i = 0; i < json_array_size(array); i++) {
        if (i > 0)
            g_string_append_c(out, ',');
        if (!append_value(out, json_array_get(array, i), depth + 1, error))
            return FALSE;
    }
    g_string_append_c(out, ']');
    return TRUE;
}

static gboolean
append_integer(GString *out, gint64 number, GError **error)
{
    if (number > MAX_SAFE_INTEGER || number < -MAX_SAFE_INTEGER) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "canonical JSON: an integer lies beyond 2^53");
        return FALSE;
    }
    g_string_append_printf(out, "%" G_GINT64_FORMAT, number);
    return TRUE;
}

static gboolean
append_value(GString *out, const json_t *value, int depth, GError **error)
{
    if (depth > MAX_DEPTH) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "canonical JSON: the values nest too deeply");
        return FALSE;
    }
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        return append_object(out, value, depth, error);
    case JSON_ARRAY:
        return append_array(out, value, depth, error);
    case JSON_STRING:
        if (strlen(json_string_value(value)) != json_string_length(value))
            break;
        append_string(out, json_string_value(value));
        return TRUE;
    case JSON_INTEGER:
        return append_integer(out, json_integer_value(value), error);
    case JSON_TRUE:
        g_string_append(out, "true");
        return TRUE;
    case JSON_FALSE:
        g_string_append(out, "false");
        return TRUE;
    case JSON_NULL:
        g_string_append(out, "null");
        return TRUE;
    case JSON_REAL:
        break;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "canonical JSON: %s",
                json_is_real(value) ? "a number is not an integer" : "a string contains NUL");
    return FALSE;
}

char *
dv_json_canonical(const json_t *value, gsize *length, GError **error)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (!append_value(out, value, 0, error))
        return NULL;
    if (length != NULL)
        *length = out->len;
    return g_string_free(g_steal_pointer(&out), FALSE);
}

const char *
dv_json_string(const json_t *object, const char *key, gsize max_bytes, const char *what,
               GError **error)
{
    const json_t *member = json_object_get(object, key);

    if (!json_is_string(member)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s: \"%s\" is missing or no string", what,
                    key);
        return NULL;
    }
    if (json_string_length(member) > max_bytes) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "%s: \"%s\" is longer than %" G_GSIZE_FORMAT " bytes", what, key, max_bytes);
        return NULL;
    }
    return json_string_value(member);
}

gboolean
dv_json_int(const json_t *object, const char *key, gint64 min, gint64 max, gint64 *value,
            const char *what, GError **error)
{
    const json_t *member = json_object_get(object, key);

    if (!json_is_integer(member)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s: \"%s\" is missing or no integer", what,
                    key);
        return FALSE;
    }
    gint64 number = json_integer_value(member);
    if (number < min || number > max) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "%s: \"%s\" is not between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT, what,
                    key, min, max);
        return FALSE;
    }
    *value = number;
    return TRUE;
}

gboolean
dv_json_bool(const json_t *object, const char *key, gboolean *value, const char *what,
             GError **error)
{
    const json_t *member = json_object_get(object, key);

    if (!json_is_boolean(member)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "%s: \"%s\" is missing or neither true nor false", what, key);
        return FALSE;
    }
    *value = json_is_true(member);
    return TRUE;
}

const char *
dv_json_string_or_null(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

gboolean
dv_json_only(const json_t *object, const char *const *keys, const char *what, GError **error)
{
    const char *key;
    json_t *member;

    if (!json_is_object(object)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s is no object", what);
        return FALSE;
    }
    json_object_foreach((json_t *)object, key, member)
    {
        if (!g_strv_contains(keys, key)) {
            /* The name came from outside: it may be anything, so it is not repeated. */
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s has an unknown member", what);
            return FALSE;
        }
    }
    return TRUE;
}
