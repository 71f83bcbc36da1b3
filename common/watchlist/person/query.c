// SPDX-License-Identifier: Apache-2.0
/* The question's side: parsed once, asked of every list. */
#include "person.h"

#include <string.h>

guint16
person_nationality(const char *code)
{
    char letters[4] = "";
    guint count = 0;
    guint16 number = 0;

    for (const char *p = code != NULL ? code : ""; *p != '\0'; p++) {
        char c = g_ascii_toupper(*p);
        if (c == '<' || c == ' ')
            continue;
        if (!g_ascii_isupper(c) || count == 3)
            return 0;
        letters[count++] = c;
    }
    if (g_str_equal(letters, "D"))
        return person_nationality("DEU");
    for (guint i = 0; i < count; i++)
        number = (guint16)(number * 27 + (letters[i] - 'A' + 1));
    return count == 3 && !g_str_equal(letters, "XXX") ? number : 0;
}

gboolean
person_query_init(PersonQuery *query, const char *surname, const char *given_names,
                  const char *birth_date, const char *sex, const char *nationality)
{
    DvNameWords *words = &query->name.words;
    gboolean split = given_names != NULL && *given_names != '\0';

    words->count = 0;
    dv_name_words_add(words, surname, split ? DV_NAME_SURNAME : DV_NAME_WHOLE);
    dv_name_words_add(words, given_names, DV_NAME_GIVEN);
    dv_name_words_mark_cut(words, surname, given_names);
    dv_name_signature(words, &query->signature);
    person_date_parse(birth_date, &query->date);
    query->sex = sex != NULL && (*sex == 'F' || *sex == 'M') ? *sex : 0;
    query->nationality = person_nationality(nationality);
    query->date_count = person_date_candidates(query->date, query->dates);
    /* Until a list weighs them: explaining a document's hit compares words, too. */
    memset(query->name.weights, 10 * WEIGHT_BIT, sizeof query->name.weights);
    query->names = 0;
    return words->count > 0;
}
