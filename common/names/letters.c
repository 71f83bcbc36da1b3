// SPDX-License-Identifier: Apache-2.0
/* Looking letters up. */
#include "letters.h"
#include <stdlib.h>
#include <string.h>

#include "letter_table.h"

static const struct {
    const DvNamesLetter *rows;
    gsize count;
} tables[DV_NAMES_SCRIPTS] = {
    [DV_NAMES_LATIN] = {latin, G_N_ELEMENTS(latin)},
    [DV_NAMES_CYRILLIC] = {cyrillic, G_N_ELEMENTS(cyrillic)},
    [DV_NAMES_ARABIC] = {arabic, G_N_ELEMENTS(arabic)},
};

static const struct {
    const char *mark; /* in exceptions */
    const char *alphabet;
} languages[] = {
    [DV_NAMES_GENERAL] = {"", "АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЭЮЯ"},
    [DV_NAMES_BELARUSIAN] = {"be", "АБВГДЕЁЖЗІЙКЛМНОПРСТУЎФХЦЧШЫЭЮЯ"},
    [DV_NAMES_BULGARIAN] = {"bg", "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЮЯ"},
    [DV_NAMES_MACEDONIAN] = {"mk", "АБВГДЃЕЖЗЅИЈКЛЉМНЊОПРСТЌУФХЦЧЏШ"},
    [DV_NAMES_SERBIAN] = {"sr", "АБВГДЂЕЖЗИЈКЛЉМНЊОПРСТЋУФХЦЧЏШ"},
    [DV_NAMES_UKRAINIAN] = {"uk", "АБВГҐДЕЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЮЯ"},
};

const DvNamesLetter *
dv_names_table(DvNamesScript script, gsize *count)
{
    *count = tables[script].count;
    return tables[script].rows;
}

const char *
dv_names_alphabet(DvNamesLanguage language)
{
    return languages[language].alphabet;
}

static int
compare(const void *key, const void *row)
{
    gunichar letter = *(const gunichar *)key, other = ((const DvNamesLetter *)row)->letter;
    return letter < other ? -1 : letter > other;
}

const DvNamesLetter *
dv_names_letter(gunichar letter)
{
    const DvNamesLetter *found = NULL;
    for (gsize i = 0; i < DV_NAMES_SCRIPTS && found == NULL; i++)
        found = bsearch(&letter, tables[i].rows, tables[i].count, sizeof *found, compare);
    return found;
}

/* "sr=Z", "uk^=YE" or "$=XAH": does this one apply here? */
static gboolean
applies(const char *exception, DvNamesLanguage language, gboolean first, gboolean last)
{
    const char *mark = languages[language].mark;
    if (exception[0] == '$')
        return last;
    if (mark[0] == '\0' || strncmp(exception, mark, 2) != 0)
        return FALSE;
    return exception[2] == '=' || (exception[2] == '^' && first);
}

const char *
dv_names_form(const DvNamesLetter *letter, DvNamesLanguage language, gboolean first, gboolean last,
              gsize *length)
{
    for (const char *at = letter->exceptions; *at;) {
        gsize size = strcspn(at, " ");
        if (applies(at, language, first, last)) {
            const char *form = strchr(at, '=') + 1;
            *length = (gsize)(at + size - form);
            return form;
        }
        at += size + (at[size] == ' ');
    }
    *length = strcspn(letter->forms, "|");
    return letter->forms;
}
