// SPDX-License-Identifier: Apache-2.0
#include "schema.h"
#include <darvaza/crossing.h>
#include <darvaza/error.h>
#include <string.h>

/* Where we are: "hits[2].explanation[0].field". */
typedef struct Place {
    const struct Place *above;
    const char *name;
    gssize index; /* -1: none */
} Place;

static void
append_place(GString *out, const Place *place)
{
    if (!place)
        return;
    append_place(out, place->above);
    if (place->index >= 0) {
        g_string_append_printf(out, "[%" G_GSSIZE_FORMAT "]", place->index);
        return;
    }
    if (out->len > 0)
        g_string_append_c(out, '.');
    g_string_append(out, place->name);
}

static gboolean
refuse(const Place *place, const char *why, GError **error)
{
    g_autoptr(GString) where = g_string_new(NULL);
    append_place(where, place);
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s: %s", where->str, why);
    return FALSE;
}

/* No control characters and none that reorder what a screen shows. */
static gboolean
is_plain(const char *text, gboolean line_breaks)
{
    for (const char *p = text; *p; p = g_utf8_next_char(p)) {
        gunichar c = g_utf8_get_char(p);
        if (c == '\n' && line_breaks)
            continue;
        if (g_unichar_iscntrl(c) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069))
            return FALSE;
    }
    return TRUE;
}

gboolean
dv_form_note(const char *text)
{
    return is_plain(text, TRUE);
}

static gboolean
check_text(const DvSchemaMember *row, const json_t *value, gsize min, gsize max, const Place *place,
           GError **error)
{
    if (!json_is_string(value))
        return refuse(place, "is not a string", error);
    const char *text = json_string_value(value);
    gsize length = json_string_length(value);
    if (strlen(text) != length || length < min || length > max)
        return refuse(place, "has not the allowed length", error);
    if (row->form ? !row->form(text) : !is_plain(text, FALSE))
        return refuse(place, "has not the form that it must have", error);
    return TRUE;
}

static gboolean
check_word(const DvSchemaMember *row, const json_t *value, const Place *place, GError **error)
{
    const char *text = json_string_value(value);
    if (!text || !g_strv_contains(dv_crossing_words(row->vocabulary), text))
        return refuse(place, "is outside its vocabulary", error);
    return TRUE;
}

static gboolean check_members(const json_t *object, const DvSchemaMember *members,
                              const Place *place, GError **error);

static gboolean
check_array(const DvSchemaMember *row, const json_t *value, const Place *place, GError **error)
{
    if (!json_is_array(value))
        return refuse(place, "is not an array", error);
    gsize count = json_array_size(value);
    if ((gint64)count < row->min || (gint64)count > row->max)
        return refuse(place, "has too few or too many entries", error);
    for (gsize i = 0; i < count; i++) {
        const Place entry = {place, NULL, (gssize)i};
        const json_t *item = json_array_get(value, i);
        gboolean good = row->kind == DV_SCHEMA_LIST
                            ? check_members(item, row->members, &entry, error)
                            : check_text(row, item, 1, 200, &entry, error);
        if (!good)
            return FALSE;
    }
    return TRUE;
}

static gboolean
check_value(const DvSchemaMember *row, const json_t *value, const Place *place, GError **error)
{
    if (json_is_null(value))
        return row->nullable || refuse(place, "must not be null", error);
    switch (row->kind) {
    case DV_SCHEMA_INT:
        if (!json_is_integer(value))
            return refuse(place, "is not an integer", error);
        if (json_integer_value(value) < row->min || json_integer_value(value) > row->max)
            return refuse(place, "is out of range", error);
        return TRUE;
    case DV_SCHEMA_BOOL:
        return json_is_boolean(value) || refuse(place, "is not true or false", error);
    case DV_SCHEMA_TEXT:
        return check_text(row, value, (gsize)row->min, (gsize)row->max, place, error);
    case DV_SCHEMA_WORD:
        return check_word(row, value, place, error);
    case DV_SCHEMA_OBJECT:
        return check_members(value, row->members, place, error);
    case DV_SCHEMA_LIST:
    case DV_SCHEMA_TEXTS:
        return check_array(row, value, place, error);
    }
    g_assert_not_reached();
}

static gboolean
is_known(const DvSchemaMember *members, const char *name)
{
    for (const DvSchemaMember *row = members; row->name; row++)
        if (strcmp(row->name, name) == 0)
            return TRUE;
    return FALSE;
}

/* A name from outside may itself be a person's: it is repeated only if it looks like a member's. */
static gboolean
refuse_unknown(const Place *place, const char *name, GError **error)
{
    gboolean looks_like_one =
        strlen(name) <= 32 && strspn(name, "abcdefghijklmnopqrstuvwxyz_") == strlen(name);
    const Place member = {place, looks_like_one ? name : "(a member)", -1};
    return refuse(&member, "is not known", error);
}

static gboolean
check_members(const json_t *object, const DvSchemaMember *members, const Place *place,
              GError **error)
{
    if (!json_is_object(object))
        return refuse(place, "is not an object", error);
    for (const DvSchemaMember *row = members; row->name; row++) {
        const Place member = {place, row->name, -1};
        const json_t *value = json_object_get(object, row->name);
        if (!value && row->optional)
            continue;
        if (!value)
            return refuse(&member, "is missing", error);
        if (!check_value(row, value, &member, error))
            return FALSE;
    }
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        if (!is_known(members, name))
            return refuse_unknown(place, name, error);
    }
    return TRUE;
}

gboolean
dv_schema_check(const json_t *object, const DvSchemaMember *members, const char *what,
                GError **error)
{
    const Place none = {NULL, what, -1};
    if (!json_is_object(object))
        return refuse(&none, "is not an object", error);
    if (check_members(object, members, NULL, error))
        return TRUE;
    g_prefix_error(error, "%s: ", what);
    return FALSE;
}
