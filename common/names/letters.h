// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The letter tables of Doc 9303-3, section 6. Private to this room. */
#include <darvaza/names.h>

typedef struct {
    gunichar letter;        /* upper case */
    const char *forms;      /* see letter_table.h */
    const char *exceptions; /* see letter_table.h */
} DvNamesLetter;

typedef enum { DV_NAMES_LATIN, DV_NAMES_CYRILLIC, DV_NAMES_ARABIC, DV_NAMES_SCRIPTS } DvNamesScript;

const DvNamesLetter *dv_names_table(DvNamesScript script, gsize *count);
/* The row of an upper-case letter in any script, or NULL. */
const DvNamesLetter *dv_names_letter(gunichar letter);
/* The form of a letter in a language and place: its exception, else its first form. *length
 * excludes whatever follows in the table; the text is not NUL-terminated there. */
const char *dv_names_form(const DvNamesLetter *letter, DvNamesLanguage language, gboolean first,
                          gboolean last, gsize *length);
/* The letters that a language writes, in its alphabet's order. */
const char *dv_names_alphabet(DvNamesLanguage language);
