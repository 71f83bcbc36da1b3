// SPDX-License-Identifier: Apache-2.0
/* A name's words, without what is written or left out at will. */
#include "letters.h"

#include <darvaza/name_match.h>

#include <stdlib.h>
#include <string.h>

/* Both sorted, for bsearch. */
static const char *const particles[] = {
    "AAL", "ABI",  "ABN",  "ABO",  "ABOU", "ABU", "ABW",   "ABY",  "AD",    "AF",    "AL",
    "AN",  "AR",   "AS",   "ASH",  "AT",   "AZ",  "BEN",   "BIN",  "BINT",  "BINTI", "BN",
    "BNT", "D",    "DA",   "DAS",  "DE",   "DEL", "DEN",   "DER",  "DI",    "DO",    "DOS",
    "DU",  "E",    "EL",   "EN",   "ES",   "ET",  "EZ",    "I",    "IBN",   "II",    "III",
    "IL",  "IV",   "JR",   "KIZI", "KYZY", "LA",  "LE",    "LOS",  "OGHLU", "OGLI",  "OGLU",
    "OL",  "OULD", "QIZI", "QYZY", "SR",   "TEN", "TER",   "UD",   "UGLI",  "UL",    "UR",
    "US",  "UULU", "UZ",   "VAN",  "VEL",  "VON", "WALAD", "WULD", "Y",
};
static const char *const titles[] = {
    "ALHAJ",    "AYATOLLAH", "BRIGADIER",     "CAPTAIN",    "CHEIKH",
    "COL",      "COLONEL",   "COMMANDANT",    "COMMANDER",  "DOCTOR",
    "DR",       "ENG",       "ENGINEER",      "GEN",        "GENERAL",
    "GENERALE", "HADJ",      "HADJI",         "HAJ",        "HAJI",
    "HAJJ",     "HAJJI",     "HOJJATOLESLAM", "LIEUTENANT", "LT",
    "MAJ",      "MAJOR",     "MAULANA",       "MAULAVI",    "MAULVI",
    "MAWLANA",  "MAWLAWI",   "MOLLA",         "MOULANA",    "MOULAVI",
    "MOULVI",   "MR",        "MRS",           "MS",         "MUFTI",
    "MULLA",    "MULLAH",    "PROF",          "PROFESSOR",  "QARI",
    "SHAIKH",   "SHAYKH",    "SHEIK",         "SHEIKH",     "SHEYKH",
    "USTAD",    "USTAZ",
};

static int
compare(const void *key, const void *row)
{
    return strcmp(key, *(const char *const *)row);
}

/* Those that are never a name by themselves. Sorted. */
static const char *const articles[] = {
    "AD", "AF",  "AL", "AR", "AS", "ASH", "AT", "AZ", "D",  "E",  "EL", "ES", "EZ", "I",
    "II", "III", "IL", "IV", "JR", "OL",  "SR", "UD", "UL", "UR", "US", "UZ", "Y",
};

static gboolean
is_article(const char *word)
{
    return bsearch(word, articles, G_N_ELEMENTS(articles), sizeof *articles, compare) != NULL;
}

static gboolean
is_minor(const char *word)
{
    return bsearch(word, particles, G_N_ELEMENTS(particles), sizeof *particles, compare) != NULL ||
           bsearch(word, titles, G_N_ELEMENTS(titles), sizeof *titles, compare) != NULL;
}

typedef struct {
    const char *escape, *letters;
} Escape;

/* Doc 9303's escapes for Arabic letters, longest first, as the letters are commonly written. */
static const Escape escapes[] = {
    {"XAA", "A"},  {"XAE", "A"},  {"XAH", "A"},  {"XAY", "A"}, {"XTA", "T"},  {"XTH", "TH"},
    {"XKH", "KH"}, {"XDH", "DH"}, {"XSH", "SH"}, {"XSS", "S"}, {"XDZ", "D"},  {"XTT", "T"},
    {"XZZ", "Z"},  {"XXA", "A"},  {"XXT", "T"},  {"XRT", "T"}, {"XKE", "DZ"}, {"XXH", "TS"},
    {"XXD", "D"},  {"XDR", "D"},  {"XXR", "R"},  {"XRR", "R"}, {"XRX", "ZH"}, {"XXS", "KH"},
    {"XKK", "K"},  {"XXK", "G"},  {"XNG", "NG"}, {"XGG", "G"}, {"XNN", "N"},  {"XXN", "N"},
    {"XDO", "H"},  {"XYH", "H"},  {"XXG", "H"},  {"XGE", "H"}, {"XTG", "A"},  {"XYA", "Y"},
    {"XXY", "Y"},  {"XYB", "E"},  {"XC", "CH"},  {"XJ", "ZH"}, {"XH", "H"},   {"XE", ""},
    {"XI", "I"},
};

static gboolean
is_vowel(char c)
{
    return c != '\0' && strchr("AEIOUY", c) != NULL;
}

/* Such a transliteration has next to no vowels; ALEXANDER and MAXIM have. */
static gboolean
looks_escaped(const char *word)
{
    const char *x = strchr(word, 'X');
    gsize vowels = 0, length = strlen(word);

    for (const char *p = word; *p != '\0'; p++)
        vowels += is_vowel(*p) ? 1 : 0;
    return x != NULL && x[1] != '\0' && length > 2 && vowels * 3 <= length;
}

static void
undo_escapes(char *word)
{
    GString *out = g_string_new(NULL);

    for (const char *at = word; *at != '\0';) {
        gsize taken = 0;
        for (gsize i = 0; i < G_N_ELEMENTS(escapes) && taken == 0; i++) {
            if (!g_str_has_prefix(at, escapes[i].escape))
                continue;
            taken = strlen(escapes[i].escape);
            g_string_append(out, escapes[i].letters);
        }
        if (taken == 0)
            g_string_append_c(out, *at);
        at += MAX(taken, 1);
    }
    if (out->len > 0 && out->len <= strlen(word))
        g_strlcpy(word, out->str, strlen(word) + 1);
    g_string_free(out, TRUE);
}

/* Of a name with too many words the first half and the last ones count: a surname stands at
 * either end. */
static void
add_word(DvNameWords *words, const char *letters, gsize length, DvNamePart part)
{
    if (length == 0)
        return;
    if (words->count == DV_NAME_WORDS_MAX) {
        guint half = DV_NAME_WORDS_MAX / 2;
        memmove(&words->words[half], &words->words[half + 1],
                (DV_NAME_WORDS_MAX - half - 1) * sizeof *words->words);
        words->count--;
    }
    dv_name_word_set(&words->words[words->count++], letters, length, part);
}

/* Length of ABD, ABDUL, ABDEL, ABDUR ... where a servant's name begins so and goes on with one of
 * God's names, however the article was joined; 0: no such word. ABDULLAH stays whole. */
static gsize
servant_prefix(const char *word)
{
    gsize length = strlen(word), at = 3;

    if (!g_str_has_prefix(word, "ABD") || length < 7)
        return 0;
    at += is_vowel(word[at]) ? 1 : 0;
    if (at == 3)
        return 0;
    if (word[at] == 'L')
        return word[at + 1] == 'L' || g_str_equal(word + at, "LAH") ? 0 : at + 1;
    if (strchr("RSNTZD", word[at]) == NULL)
        return 0;
    at += word[at] == 'S' && word[at + 1] == 'H' ? 2 : 1;
    if (word[at] == word[at - 1] || is_vowel(word[at]))
        return word[at] == word[at - 1] ? at : at - 1;
    return 0;
}

static gboolean
is_servant(const char *word)
{
    static const char *const forms[] = {"ABD",   "ABDAL",  "ABDEL", "ABDIL",
                                        "ABDOL", "ABDOUL", "ABDUL", "ABED"};

    return bsearch(word, forms, G_N_ELEMENTS(forms), sizeof *forms, compare) != NULL;
}

static gboolean
ends_with_any(const char *word, const char *const *endings, gsize count)
{
    for (gsize i = 0; i < count; i++) {
        if (g_str_has_suffix(word, endings[i]))
            return TRUE;
    }
    return FALSE;
}

/* "of the religion": where it begins in a word of at least three letters more, or 0. */
static gsize
religion_at(const char *word)
{
    static const char *const forms[] = {"UDDIN",  "EDDIN",  "ADDIN",  "ODDIN",  "UDDEEN",
                                        "EDDEEN", "ADDEEN", "UDDINE", "EDDINE", "ADDINE",
                                        "ETTIN",  "ATTIN",  "UTTIN",  "ALDIN",  "ALDEEN",
                                        "ALDYN",  "ELDIN",  "ELDEEN", "ULDIN"};
    gsize length = strlen(word);

    for (gsize i = 0; i < G_N_ELEMENTS(forms); i++) {
        if (g_str_has_suffix(word, forms[i]) && length >= strlen(forms[i]) + 3)
            return length - strlen(forms[i]);
    }
    return 0;
}

static gboolean
is_religion(const char *word)
{
    static const char *const forms[] = {"ADDIN", "ALDEEN", "ALDIN", "ALDYN",  "DEEN",
                                        "DIN",   "DINE",   "DYN",   "EDDIN",  "EDDINE",
                                        "ELDIN", "UDDEEN", "UDDIN", "UDDINE", "UDIN"};

    return bsearch(word, forms, G_N_ELEMENTS(forms), sizeof *forms, compare) != NULL;
}

static gboolean
is_short_muhammad(const char *word)
{
    static const char *const forms[] = {"MD", "MHD", "MOH", "MOHD", "MUHD"};

    return bsearch(word, forms, G_N_ELEMENTS(forms), sizeof *forms, compare) != NULL;
}

/* Bytes of an article that was written as one with its word: before sounds that seldom follow AL
 * in other languages, or in a descent name (ALBAGHDADI, not ALBERTINI). */
static gsize
joined_article(const char *word)
{
    static const char *const after[] = {"H", "Q", "J", "SH", "KH", "GH", "DH"};
    static const char *const slavic[] = {"OV", "EV", "OVA", "EVA", "OW", "EW", "OVICH", "EVICH"};
    gsize length = strlen(word);
    gboolean is_al = g_str_has_prefix(word, "AL");

    if (length < 7 || (!is_al && (!g_str_has_prefix(word, "EL") || length < 8)) ||
        ends_with_any(word, slavic, G_N_ELEMENTS(slavic)))
        return 0;
    for (gsize i = 0; i < G_N_ELEMENTS(after); i++) {
        if (g_str_has_prefix(word + 2, after[i]))
            return 2;
    }
    return is_al && length >= 8 && word[length - 1] == 'I' && !is_vowel(word[2]) &&
                   strpbrk(word + 2, "CEOPVX") == NULL
               ? 2
               : 0;
}

static void
add_plain(DvNameWords *words, const char *word, DvNamePart part)
{
    gsize religion = religion_at(word);

    if (religion > 0) {
        add_word(words, word, religion, part);
        add_word(words, "UDDIN", 5, part);
    } else if (is_religion(word)) {
        add_word(words, "UDDIN", 5, part);
    } else if (is_short_muhammad(word)) {
        add_word(words, "MUHAMMAD", 8, part);
    } else {
        word += joined_article(word);
        add_word(words, word, strlen(word), part);
    }
}

static void
add_major(DvNameWords *words, char *word, DvNamePart part)
{
    gsize prefix;

    if (looks_escaped(word))
        undo_escapes(word);
    prefix = servant_prefix(word);
    if (prefix > 0) {
        add_word(words, "ABDUL", 5, part);
        add_word(words, word + prefix, strlen(word + prefix), part);
    } else if (is_servant(word)) {
        add_word(words, "ABDUL", 5, part);
    } else {
        add_plain(words, word, part);
    }
}

/* RAFIQUL ISLAM, ZIAUL HAQ: the article stands at the end of the word before. */
static void
cut_last_article(char *word, const char *next)
{
    static const char *const nouns[] = {"ISLAM", "HAQ", "HAK", "HOQ", "HUQ", "HAQUE", "HUDA"};
    gsize length = strlen(word);

    if (next == NULL || length < 5 || !g_str_has_suffix(word, "UL") || g_str_equal(word, "ABDUL"))
        return;
    for (gsize i = 0; i < G_N_ELEMENTS(nouns); i++) {
        if (g_str_has_prefix(next, nouns[i])) {
            word[length - 2] = '\0';
            return;
        }
    }
}

void
dv_name_words_add(DvNameWords *words, const char *text, DvNamePart part)
{
    g_autofree char *latin = text != NULL ? dv_names_romanise(text) : NULL;

    if (latin == NULL)
        return;
    g_auto(GStrv) parts = g_strsplit(latin, " ", 32);
    gboolean any = FALSE;
    for (guint i = 0; parts[i] != NULL; i++) {
        cut_last_article(parts[i], parts[i + 1]);
        any = any || !is_minor(parts[i]);
    }
    for (guint i = 0; parts[i] != NULL; i++) {
        if (any ? !is_minor(parts[i]) : !is_article(parts[i]))
            add_major(words, parts[i], part);
    }
}

void
dv_name_words_mark_cut(DvNameWords *words, const char *surname, const char *given_names)
{
    gsize primary = surname != NULL ? strlen(surname) : 0;
    gsize secondary = given_names != NULL ? strlen(given_names) : 0;
    gsize field = primary + (secondary > 0 ? secondary + 2 : 0);

    if (words->count > 0 && (field == 39 || field == 31 || field == 30))
        words->words[words->count - 1].open = TRUE;
}

gboolean
dv_name_word_join(DvNameWord *joined, const DvNameWord *a, const DvNameWord *b)
{
    char letters[2 * DV_NAME_WORD_MAX + 1];

    if (a->length + b->length > DV_NAME_WORD_MAX)
        return FALSE;
    g_strlcpy(letters, a->text, sizeof letters);
    g_strlcat(letters, b->text, sizeof letters);
    dv_name_word_set(joined, letters, (gsize)a->length + b->length, (DvNamePart)a->part);
    joined->open = b->open;
    return TRUE;
}
