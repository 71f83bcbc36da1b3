// SPDX-License-Identifier: Apache-2.0
#include "person_keys.h"

#include "keys.h"

#include <string.h>

static const char *
text_of(const json_t *object, const char *key)
{
    const char *text = dv_json_string_or_null(object, key);

    return text != NULL ? text : "";
}

/* The i-th name: the row's own, then its aliases. FALSE: there are no more. */
static gboolean
name_at(const char *const columns[COLUMNS], const json_t *extra, gsize i, PersonName *name)
{
    const json_t *aliases = json_object_get(extra, "aliases");

    if (i > json_array_size(aliases))
        return FALSE;
    const json_t *alias = i > 0 ? json_array_get(aliases, i - 1) : NULL;
    name->is_alias = i > 0;
    name->is_low = g_str_equal(text_of(alias, "quality"), "low");
    name->surname = i > 0 ? text_of(alias, "surname") : columns[COLUMN_SURNAME];
    name->given_names = i > 0 ? text_of(alias, "given_names") : columns[COLUMN_GIVEN_NAMES];
    name->name = i > 0 ? text_of(alias, "name") : columns[COLUMN_NAME];
    return TRUE;
}

static gboolean
date_at(const char *const columns[COLUMNS], const json_t *extra, gsize i, PersonName *name)
{
    const json_t *dates = json_object_get(extra, "other_birth_dates");

    if (i > json_array_size(dates))
        return FALSE;
    name->birth_date =
        i > 0 ? json_string_value(json_array_get(dates, i - 1)) : columns[COLUMN_BIRTH_DATE];
    return TRUE;
}

static char *
key_of(const PersonName *name)
{
    return watchlist_person_key(*name->name != '\0' ? name->name : name->surname, name->given_names,
                                name->birth_date);
}

static json_t *
parse_extra(const char *const columns[COLUMNS])
{
    const char *text = columns[COLUMN_EXTRA];

    return *text != '\0' ? dv_json_parse(text, strlen(text), DV_WATCHLIST_LINE_MAX, NULL) : NULL;
}

gboolean
person_keys_each(const char *const columns[COLUMNS], PersonKeyVisit visit, gpointer data,
                 GError **error)
{
    PersonName name;

    if (!g_str_equal(columns[COLUMN_SUBJECT], "person"))
        return TRUE;
    g_autoptr(json_t) extra = parse_extra(columns);
    for (gsize i = 0; name_at(columns, extra, i, &name); i++) {
        for (gsize k = 0; date_at(columns, extra, k, &name); k++) {
            g_autofree char *key = key_of(&name);
            if (key != NULL && !visit(data, key, error))
                return FALSE;
        }
    }
    return TRUE;
}

static gboolean
note_one(gpointer data, const char *key, GError **error)
{
    (void)key;
    (void)error;
    *(gboolean *)data = TRUE;
    return FALSE;
}

gboolean
person_keys_name(const char *const columns[COLUMNS], const json_t *extra, gsize i, PersonName *name)
{
    return name_at(columns, extra, i, name);
}

gboolean
person_keys_has_any(const char *const columns[COLUMNS])
{
    gboolean any = FALSE;

    person_keys_each(columns, note_one, &any, NULL);
    return any;
}

gboolean
person_keys_find(const char *const columns[COLUMNS], const json_t *extra, const char *key,
                 PersonName *name)
{
    for (gsize i = 0; name_at(columns, extra, i, name); i++) {
        for (gsize k = 0; date_at(columns, extra, k, name); k++) {
            g_autofree char *candidate = key_of(name);
            if (g_strcmp0(candidate, key) == 0)
                return TRUE;
        }
    }
    return FALSE;
}
