// SPDX-License-Identifier: Apache-2.0
#include "source.h"

#include <darvaza/error.h>

#include <string.h>

#define FIELDS_MAX 64

/* One field from *p, which then stands on its comma or the end. FALSE: a quote out of place. */
static gboolean
take_field(const char **p, GString *field)
{
    g_string_truncate(field, 0);
    if (**p != '"') {
        while (**p != '\0' && **p != ',') {
            if (**p == '"')
                return FALSE;
            g_string_append_c(field, *(*p)++);
        }
        return TRUE;
    }
    for ((*p)++; **p != '\0'; (*p)++) {
        if (**p != '"') {
            g_string_append_c(field, **p);
        } else if ((*p)[1] == '"') {
            g_string_append_c(field, *++(*p));
        } else {
            (*p)++;
            return **p == '\0' || **p == ',';
        }
    }
    return FALSE;
}

char **
watchlist_csv_split(const char *line, GError **error)
{
    g_autoptr(GPtrArray) fields = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GString) field = g_string_new(NULL);
    const char *p = line;

    for (;;) {
        if (!take_field(&p, field) || fields->len == FIELDS_MAX) {
            g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                                "this is no CSV record (RFC 4180) of one line");
            return NULL;
        }
        g_ptr_array_add(fields, g_strstrip(g_strdup(field->str)));
        if (*p == '\0')
            break;
        p++;
    }
    g_ptr_array_add(fields, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&fields), FALSE);
}

/* A cell of one of the arrays holds JSON text, every other one is the value itself. NULL: it does
 * not. */
static json_t *
cell(const char *name, const char *text, GError **error)
{
    if (!g_strv_contains(watchlist_extra_members, name))
        return json_string(text);
    return dv_json_parse(text, strlen(text), DV_WATCHLIST_LINE_MAX, error);
}

json_t *
watchlist_csv_object(char **names, const char *line, GError **error)
{
    g_auto(GStrv) fields = watchlist_csv_split(line, error);

    if (fields == NULL)
        return NULL;
    if (g_strv_length(fields) != g_strv_length(names)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%u fields stand under %u column names",
                    g_strv_length(fields), g_strv_length(names));
        return NULL;
    }
    g_autoptr(json_t) object = json_object();
    for (guint i = 0; names[i] != NULL; i++) {
        if (*fields[i] == '\0')
            continue;
        json_t *value = cell(names[i], fields[i], error);
        if (value == NULL) {
            g_prefix_error(error, "%s: ", names[i]);
            return NULL;
        }
        json_object_set_new(object, names[i], value);
    }
    return g_steal_pointer(&object);
}
