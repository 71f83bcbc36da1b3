// SPDX-License-Identifier: Apache-2.0
/* A name in any bytes: transliterated in every language, its candidates back. */
#include <darvaza/name_match.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_normal(const char *text)
{
    g_autofree char *once = dv_names_normalise(text);
    if (once == NULL)
        return;
    g_assert_cmpuint(strspn(once, "ABCDEFGHIJKLMNOPQRSTUVWXYZ "), ==, strlen(once));
    g_assert_null(strstr(once, "  "));
    if (strlen(once) <= DV_NAMES_MAX_BYTES) {
        g_autofree char *twice = dv_names_normalise(once);
        g_assert_cmpstr(once, ==, twice);
    }
}

/* Words keep their bounds, and the distance of a word to itself and to another is sound. */
static void
check_words(const char *text)
{
    DvNameWords words = {.count = 0};
    DvNameSignature signature;
    DvNameWord joined;

    dv_name_words_add(&words, text, DV_NAME_WHOLE);
    dv_name_words_mark_cut(&words, text, NULL);
    dv_name_signature(&words, &signature);
    g_assert_cmpuint(words.count, <=, DV_NAME_WORDS_MAX);
    for (guint i = 0; i < words.count; i++) {
        const DvNameWord *a = &words.words[i], *b = &words.words[words.count - 1 - i];
        g_assert_cmpuint(a->length, <=, DV_NAME_WORD_MAX);
        g_assert_cmpuint(dv_name_distance(a, a, 0), ==, 0);
        g_assert_cmpuint(dv_name_distance(a, b, 1000), ==, dv_name_distance(b, a, 1000));
        dv_name_word_join(&joined, a, b);
    }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autofree char *text = g_strndup(size ? (const char *)data : "", size);
    check_normal(text);
    check_words(text);
    for (DvNamesLanguage language = DV_NAMES_GENERAL; language <= DV_NAMES_UKRAINIAN; language++) {
        g_autofree char *mrz = dv_names_transliterate(text, language);
        g_auto(GStrv) cyrillic = dv_names_cyrillic_variants(text, language, 16);
        g_assert_cmpuint(g_strv_length(cyrillic), <=, 16);
    }
    g_auto(GStrv) latin = dv_names_latin_variants(text, 16);
    g_auto(GStrv) arabic = dv_names_arabic_variants(text, 16);
    g_assert_cmpuint(g_strv_length(latin), <=, 16);
    g_assert_cmpuint(g_strv_length(arabic), <=, 16);
    return 0;
}
