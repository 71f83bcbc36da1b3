// SPDX-License-Identifier: Apache-2.0
/* Native script to MRZ letters, word by word: Doc 9303-3, 4.6 and 6. */
#include "letters.h"
#include <string.h>

typedef struct {
    GString *out;
    DvNamesLanguage language;
    char previous[8]; /* the form of the letter before, for the shadda */
    gboolean in_word;
} Writer;

/* Hyphens, commas and fillers part a name's components; so does any blank. */
static gboolean
is_separator(gunichar c)
{
    return c == '<' || c == ',' || c == '_' || c == '/' || g_unichar_isspace(c) ||
           g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION;
}

/* Apostrophes, dots, marks of their own (zero-width joiners, accents) stand inside a word. */
static gboolean
is_letter(gunichar c)
{
    return g_unichar_isalpha(c) || dv_names_letter(c) != NULL;
}

static void
put(Writer *writer, const char *form, gsize length)
{
    if (length == 0)
        return;
    if (!writer->in_word && writer->out->len > 0)
        g_string_append_c(writer->out, ' ');
    writer->in_word = TRUE;
    g_string_append_len(writer->out, form, (gssize)length);
    g_strlcpy(writer->previous, form, MIN(sizeof writer->previous, length + 1));
}

/* The letter's row; a letter that the tables do not know is taken apart (s with comma below is s
 * and a mark) and its base is looked up. */
static const DvNamesLetter *
find(gunichar c, gunichar *base)
{
    *base = g_unichar_toupper(c);
    const DvNamesLetter *row = dv_names_letter(*base);
    if (row == NULL)
        row = dv_names_letter(c); /* dotless i and sharp s have no other case of their own */
    while (row == NULL) {
        gunichar first, second;
        if (!g_unichar_decompose(*base, &first, &second))
            break;
        *base = first;
        row = dv_names_letter(first);
    }
    return row;
}

static void
put_letter(Writer *writer, gunichar c, gboolean last)
{
    gunichar base;
    gsize length;
    const DvNamesLetter *row = find(c, &base);
    if (row == NULL) {
        char letter = (char)base;
        if (base >= 'A' && base <= 'Z')
            put(writer, &letter, 1);
        return;
    }
    if (row->forms[0] == '*') {
        g_autofree char *again = g_strdup(writer->previous);
        if (writer->in_word)
            put(writer, again, strlen(again));
        return;
    }
    const char *form = dv_names_form(row, writer->language, !writer->in_word, last, &length);
    put(writer, form, length);
}

static gboolean
ends_word(const char *next)
{
    for (; *next; next = g_utf8_next_char(next)) {
        gunichar c = g_utf8_get_char(next);
        if (is_separator(c))
            return TRUE;
        if (is_letter(c))
            return FALSE;
    }
    return TRUE;
}

char *
dv_names_transliterate(const char *text, DvNamesLanguage language)
{
    if (strlen(text) > DV_NAMES_MAX_BYTES)
        return NULL;
    /* Composed first, so that "u" and a combining diaeresis meet the row of "ü". */
    g_autofree char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_NFC);
    if (composed == NULL)
        return NULL;
    Writer writer = {.out = g_string_new(NULL), .language = language};
    for (const char *at = composed; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (is_separator(c))
            writer.in_word = FALSE;
        else if (is_letter(c))
            put_letter(&writer, c, ends_word(g_utf8_next_char(at)));
    }
    return g_string_free(writer.out, FALSE);
}

char *
dv_names_normalise(const char *text)
{
    return dv_names_transliterate(text, DV_NAMES_GENERAL);
}
