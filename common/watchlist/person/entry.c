// SPDX-License-Identifier: Apache-2.0
#include "entry.h"

#include "store/person_keys.h"

#include <string.h>

static void
take_names(GArray *names, const char *const columns[COLUMNS], const json_t *extra)
{
    PersonName name;

    for (gsize i = 0; person_keys_name(columns, extra, i, &name); i++) {
        gboolean whole = *name.name != '\0';
        PersonEntryName entry = {whole ? name.name : name.surname,
                                 whole || *name.given_names == '\0' ? NULL : name.given_names,
                                 name.is_low};
        g_array_append_val(names, entry);
    }
}

/* The row's own value and those of an array beside it. */
static void
take_texts(GPtrArray *texts, const char *own, const json_t *others)
{
    if (*own != '\0')
        g_ptr_array_add(texts, (gpointer)own);
    for (gsize i = 0; i < json_array_size(others); i++)
        g_ptr_array_add(texts, (gpointer)json_string_value(json_array_get(others, i)));
}

gboolean
person_entry_add(PersonWriter *writer, gint64 alert, const char *const columns[COLUMNS],
                 GError **error)
{
    const char *text = columns[COLUMN_EXTRA];
    g_autoptr(GArray) names = g_array_new(FALSE, FALSE, sizeof(PersonEntryName));
    g_autoptr(GPtrArray) dates = g_ptr_array_new(), states = g_ptr_array_new();

    if (!g_str_equal(columns[COLUMN_SUBJECT], "person"))
        return TRUE;
    g_autoptr(json_t) extra =
        *text != '\0' ? dv_json_parse(text, strlen(text), DV_WATCHLIST_LINE_MAX, error) : NULL;
    if (*text != '\0' && extra == NULL)
        return FALSE;
    take_names(names, columns, extra);
    take_texts(dates, columns[COLUMN_BIRTH_DATE], json_object_get(extra, "other_birth_dates"));
    take_texts(states, columns[COLUMN_NATIONALITY], json_object_get(extra, "other_nationalities"));
    PersonEntry entry = {
        .names = (const PersonEntryName *)(void *)names->data,
        .name_count = names->len,
        .birth_dates = (const char *const *)dates->pdata,
        .date_count = dates->len,
        .sex = columns[COLUMN_SEX],
        .nationalities = (const char *const *)states->pdata,
        .nationality_count = states->len,
    };
    return person_writer_add(writer, alert, &entry, error);
}
