// SPDX-License-Identifier: Apache-2.0
/* Any script to the Latin letters under which its names are commonly met. */
#include "letters.h"

#include <darvaza/name_match.h>

#include <pthread.h>
#include <string.h>
#include <unicode/utrans.h>

typedef struct {
    gunichar letter;
    const char *form;
} Common;

/* Where common spelling differs from Doc 9303's, which keeps letters apart for the way back. Sorted
 * by code point, for a search by halves. */
/* clang-format off */
static const Common common[] = {
    {0x00C4, "A"}, {0x00C5, "A"}, {0x00D6, "O"}, {0x00D8, "O"}, {0x00DC, "U"}, {0x00E4, "A"},
    {0x00E5, "A"}, {0x00F6, "O"}, {0x00F8, "O"}, {0x00FC, "U"}, {0x018F, "A"}, {0x0259, "A"},
    {0x0401, "YO"}, {0x0404, "YE"}, {0x0407, "YI"}, {0x042A, ""}, {0x042E, "YU"}, {0x042F, "YA"},
    {0x0492, "GH"}, {0x049A, "Q"}, {0x04A2, "NG"}, {0x04B2, "H"}, {0x04B6, "J"}, {0x04BA, "H"},
    {0x04E2, "I"}, {0x04EE, "U"},
    {0x0621, ""}, {0x0622, "A"}, {0x0623, "A"}, {0x0624, "U"}, {0x0625, "I"}, {0x0626, "I"},
    {0x0629, "A"}, {0x062B, "TH"}, {0x062D, "H"}, {0x062E, "KH"}, {0x0630, "DH"}, {0x0634, "SH"},
    {0x0635, "S"}, {0x0636, "D"}, {0x0637, "T"}, {0x0638, "Z"}, {0x0639, "A"}, {0x063A, "GH"},
    {0x0649, "A"}, {0x064E, "A"}, {0x064F, "U"}, {0x0650, "I"}, {0x0651, ""}, {0x0671, "A"},
    {0x0679, "T"}, {0x067C, "T"}, {0x0681, "DZ"}, {0x0685, "TS"}, {0x0686, "CH"}, {0x0688, "D"},
    {0x0689, "D"}, {0x0691, "R"}, {0x0693, "R"}, {0x0696, "ZH"}, {0x0698, "ZH"}, {0x069A, "KH"},
    {0x06A9, "K"}, {0x06AB, "G"}, {0x06AD, "NG"}, {0x06AF, "G"}, {0x06BA, "N"}, {0x06BC, "N"},
    {0x06BE, "H"}, {0x06C0, "H"}, {0x06C1, "H"}, {0x06C2, "H"}, {0x06C3, "A"}, {0x06C7, "U"},
    {0x06CB, "V"}, {0x06CC, "Y"}, {0x06CD, "Y"}, {0x06D0, "E"}, {0x06D2, "E"}, {0x06D5, "A"},
};
/* clang-format on */

static UTransliterator *icu;

static void
open_icu(void)
{
    static const UChar id[] = u"Any-Latin; Latin-ASCII; Upper";
    UErrorCode status = U_ZERO_ERROR;

    icu = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    if (U_FAILURE(status))
        icu = NULL;
}

/* What ICU makes of a text; without its data the text stays as it is. Caller frees. */
static char *
through_icu(const char *text)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    UErrorCode status = U_ZERO_ERROR;
    UChar units[4 * DV_NAMES_MAX_BYTES];
    glong count = 0;

    pthread_once(&once, open_icu);
    g_autofree gunichar2 *wide = g_utf8_to_utf16(text, -1, NULL, &count, NULL);
    if (icu == NULL || wide == NULL || count > DV_NAMES_MAX_BYTES)
        return g_strdup(text);
    for (glong i = 0; i < count; i++)
        units[i] = wide[i];
    int32_t length = (int32_t)count, limit = length;
    utrans_transUChars(icu, units, &length, G_N_ELEMENTS(units), 0, &limit, &status);
    if (U_FAILURE(status))
        return g_strdup(text);
    char *latin = g_utf16_to_utf8((const gunichar2 *)units, length, NULL, NULL, NULL);
    return latin != NULL ? latin : g_strdup(text);
}

static const char *
common_form(gunichar letter)
{
    gsize low = 0, high = G_N_ELEMENTS(common);

    while (low < high) {
        gsize middle = (low + high) / 2;
        if (common[middle].letter == letter)
            return common[middle].form;
        if (common[middle].letter < letter)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* The article ال at the head of a word in Arabic script, or 0: the bytes of it. Three letters or
 * more must follow; الله and names that merely begin so have no article. */
static gsize
article_length(const char *word)
{
    static const char article[] = "ال";
    static const char *const whole[] = {"الله",  "الهام", "الياس", "الیاس", "الطاف", "الماس",
                                        "البرت", "البرز", "الفرد", "الكس",  "الکس",  "الينا",
                                        "الینا", "اليز",  "الیز",  "الوند"};
    const char *at = word + strlen(article);
    guint letters = 0;

    if (!g_str_has_prefix(word, article))
        return 0;
    for (gsize i = 0; i < G_N_ELEMENTS(whole); i++) {
        if (g_str_has_prefix(word, whole[i]))
            return 0;
    }
    for (; g_unichar_isalpha(g_utf8_get_char(at)); at = g_utf8_next_char(at))
        letters++;
    return letters >= 3 ? strlen(article) : 0;
}

#define BENGALI_VIRAMA 0x09CD
#define DEVANAGARI_VIRAMA 0x094D

/* The sign that takes a consonant's vowel away in its script, or 0: no such consonant. */
static gunichar
virama_of(gunichar c)
{
    if ((c >= 0x0995 && c <= 0x09B9) || c == 0x09CE || (c >= 0x09DC && c <= 0x09DF))
        return BENGALI_VIRAMA;
    if ((c >= 0x0915 && c <= 0x0939) || (c >= 0x0958 && c <= 0x095F))
        return DEVANAGARI_VIRAMA;
    return 0;
}

/* What a last consonant of one of these scripts is followed by: nobody speaks the vowel that is
 * written by leaving it out, unless two consonants stand together (KARIM, but CHANDRA). */
static char *
mute_last_vowels(const char *text)
{
    GString *out = g_string_new(NULL);
    gunichar before = 0;

    for (const char *at = text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        const char *rest = g_utf8_next_char(at);
        gunichar next = g_utf8_get_char(rest), virama = virama_of(c);
        g_string_append_unichar(out, c);
        if (c == 0x09BC || c == 0x093C) { /* a dot below belongs to the consonant before it */
            virama = virama_of(before);
            before = 0;
        }
        if (virama != 0 && before != BENGALI_VIRAMA && before != DEVANAGARI_VIRAMA &&
            !g_unichar_isalpha(next) && !g_unichar_ismark(next))
            g_string_append_unichar(out, virama);
        before = c;
    }
    return g_string_free(out, FALSE);
}

static gboolean
is_known_script(gunichar c)
{
    return c < 0x0250 || (c >= 0x0300 && c < 0x0370) || (c >= 0x0400 && c < 0x0530) ||
           (c >= 0x0600 && c < 0x0780) || (c >= 0x1E00 && c < 0x1F00) || !g_unichar_isalpha(c);
}

/* Separators part words; apostrophes and marks stand inside one. */
static gboolean
parts_words(gunichar c)
{
    return c == '<' || c == ',' || c == '_' || c == '/' || c == '.' || c == ';' || c == '(' ||
           c == ')' || c == '"' || g_unichar_isspace(c) ||
           g_unichar_type(c) == G_UNICODE_DASH_PUNCTUATION;
}

static void
append_letter(GString *out, gunichar c)
{
    gunichar upper = g_unichar_toupper(c), first, second;
    const char *form = common_form(upper);
    const DvNamesLetter *row = NULL;

    while (form == NULL) {
        if (upper >= 'A' && upper <= 'Z') {
            g_string_append_c(out, (char)upper);
            return;
        }
        row = dv_names_letter(upper);
        if (row == NULL)
            row = dv_names_letter(c);
        if (row != NULL || !g_unichar_decompose(upper, &first, &second))
            break;
        upper = first;
        form = common_form(upper);
    }
    if (form != NULL)
        g_string_append(out, form);
    else if (row != NULL && row->forms[0] != '*')
        g_string_append_len(out, row->forms, (gssize)strcspn(row->forms, "|"));
}

char *
dv_names_romanise(const char *text)
{
    gboolean foreign = FALSE;

    if (strlen(text) > DV_NAMES_MAX_BYTES || !g_utf8_validate(text, -1, NULL))
        return NULL;
    for (const char *at = text; *at != '\0' && !foreign; at = g_utf8_next_char(at))
        foreign = !is_known_script(g_utf8_get_char(at));
    g_autofree char *spoken = foreign ? mute_last_vowels(text) : NULL;
    g_autofree char *latin = foreign ? through_icu(spoken) : NULL;
    g_autofree char *composed =
        g_utf8_normalize(latin != NULL ? latin : text, -1, G_NORMALIZE_ALL_COMPOSE);
    if (composed == NULL)
        return NULL;
    GString *out = g_string_new(NULL);
    for (const char *at = composed; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        gboolean begins = out->len == 0 || out->str[out->len - 1] == ' ';
        gsize article = begins ? article_length(at) : 0;
        if (article > 0) {
            g_string_append(out, "AL ");
            at = g_utf8_prev_char(at + article);
        } else if (!parts_words(c))
            append_letter(out, c);
        else if (out->len > 0 && out->str[out->len - 1] != ' ')
            g_string_append_c(out, ' ');
    }
    if (out->len > 0 && out->str[out->len - 1] == ' ')
        g_string_truncate(out, out->len - 1);
    return g_string_free(out, FALSE);
}
