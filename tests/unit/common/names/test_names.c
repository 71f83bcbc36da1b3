// SPDX-License-Identifier: Apache-2.0
/* Doc 9303-3, section 6 and 4.6: native names to MRZ letters and candidates back. */
#include "letters.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
    const char *native;
    DvNamesLanguage language;
    const char *mrz;
} Pair;

static const Pair pairs[] = {
    {"Müller", DV_NAMES_GENERAL, "MUELLER"},
    {"Mu\xcc\x88ller", DV_NAMES_GENERAL, "MUELLER"}, /* u with a combining diaeresis */
    {"Weiß", DV_NAMES_GENERAL, "WEISS"},
    {"Þuríður Ösp", DV_NAMES_GENERAL, "THURIDUR OESP"},
    {"Ærøskøbing", DV_NAMES_GENERAL, "AEROESKOEBING"},
    {"Española", DV_NAMES_GENERAL, "ESPANOLA"},
    {"Nguyễn", DV_NAMES_GENERAL, "NGUYEN"}, /* not in the table: base letter */
    {"Ștefan", DV_NAMES_GENERAL, "STEFAN"},
    {"ISIK ışık", DV_NAMES_GENERAL, "ISIK ISIK"},
    {"Щербаков", DV_NAMES_GENERAL, "SHCHERBAKOV"},
    {"Щербаков", DV_NAMES_BULGARIAN, "SHTERBAKOV"},
    {"Ёлкин", DV_NAMES_BELARUSIAN, "IOLKIN"},
    {"Жика", DV_NAMES_SERBIAN, "ZIKA"},
    {"Ќиро", DV_NAMES_MACEDONIAN, "KJIRO"},
    {"Юлія", DV_NAMES_UKRAINIAN, "YULIIA"},
    {"Юлия", DV_NAMES_GENERAL, "IULIIA"},
    {"Ігор Їжак", DV_NAMES_UKRAINIAN, "IHOR YIZHAK"},
    {"محمد", DV_NAMES_GENERAL, "MXHMD"},
    {"محمّد", DV_NAMES_GENERAL, "MXHMMD"},                 /* shadda repeats the letter */
    {"جميلة نعيمة", DV_NAMES_GENERAL, "JMYLXAH NEYMXAH"}, /* teh marbuta at a word's end */
    {"هاري الشماع", DV_NAMES_GENERAL, "HARY ALXSHMAE"},
    {"گل‌پری", DV_NAMES_GENERAL, "XGGLPRXYA"}, /* a zero-width non-joiner parts nothing */
};

static void
test_native_to_mrz(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autofree char *mrz = dv_names_transliterate(pairs[i].native, pairs[i].language);
        assert_string_equal(mrz, pairs[i].mrz);
    }
}

static const char *const normal[][2] = {
    {"O'Connor", "OCONNOR"},
    {"O’Connor", "OCONNOR"},
    {"Smith-Jones", "SMITH JONES"},
    {"SMITH<JONES<<SUSIE<<<<", "SMITH JONES SUSIE"},
    {"  van   der\tMuellen ", "VAN DER MUELLEN"},
    {"Martin, Sarah", "MARTIN SARAH"},
    {"J.R. 2nd", "JR ND"},
    {"Al–Basri", "AL BASRI"},
    {"---", ""},
    {"", ""},
};

static void
test_normalise_joins_apostrophes_and_parts_hyphens(void **state)
{
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(normal); i++) {
        g_autofree char *once = dv_names_normalise(normal[i][0]);
        assert_string_equal(once, normal[i][1]);
        g_autofree char *twice = dv_names_normalise(once);
        assert_string_equal(once, twice);
    }
}

static void
test_bad_text_is_refused(void **state)
{
    (void)state;
    g_autofree char *huge = g_strnfill(DV_NAMES_MAX_BYTES + 1, 'A');
    assert_null(dv_names_normalise("M\xfcller"));
    assert_null(dv_names_normalise(huge));
}

static gboolean
contains(char **list, const char *text)
{
    return g_strv_contains((const char *const *)list, text);
}

static void
test_latin_variants_offer_the_table_back(void **state)
{
    (void)state;
    g_auto(GStrv) muller = dv_names_latin_variants("MUELLER", 4);
    assert_string_equal(muller[0], "Mueller");
    assert_string_equal(muller[1], "Müller");
    assert_int_equal(g_strv_length(muller), 4);
    g_auto(GStrv) icelandic = dv_names_latin_variants("AEVARSDOTTIR<<THURIDUR", 64);
    assert_true(contains(icelandic, "Ævarsdottir Þuridur"));
    g_auto(GStrv) spanish = dv_names_latin_variants("ESPANXXOLA", 8);
    assert_true(contains(spanish, "Española"));
}

static void
test_cyrillic_variants_follow_the_language(void **state)
{
    (void)state;
    g_auto(GStrv) general = dv_names_cyrillic_variants("SHCHERBAKOV", DV_NAMES_GENERAL, 8);
    assert_string_equal(general[0], "Щербаков");
    g_auto(GStrv) ukrainian = dv_names_cyrillic_variants("YULIIA", DV_NAMES_UKRAINIAN, 8);
    assert_true(contains(ukrainian, "Юлія"));
    g_auto(GStrv) none = dv_names_cyrillic_variants("WINDQX", DV_NAMES_GENERAL, 8);
    assert_null(none[0]);
}

static void
test_arabic_variants_include_shadda(void **state)
{
    (void)state;
    g_auto(GStrv) list = dv_names_arabic_variants("MXHMMD", 8);
    assert_true(contains(list, "محمّد"));
    g_auto(GStrv) jamila = dv_names_arabic_variants("JMYLXAH", 8);
    assert_true(contains(jamila, "جميلة"));
}

/* Every candidate must lead back to the name that it was made from. */
static void
test_variants_round_trip(void **state)
{
    static const char *const names[] = {"MUELLER", "IULIIA",      "MXHMMD ALBXSSRY",
                                        "AABERG",  "SHCHERBAKOV", "OEZTUERK UENAL",
                                        "JMYLXAH"};
    (void)state;
    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_auto(GStrv) cyrillic = dv_names_cyrillic_variants(names[i], DV_NAMES_GENERAL, 64);
        g_auto(GStrv) arabic = dv_names_arabic_variants(names[i], 64);
        for (char **list = cyrillic; list; list = list == cyrillic ? arabic : NULL)
            for (guint v = 0; list[v]; v++) {
                g_autofree char *back = dv_names_transliterate(list[v], DV_NAMES_GENERAL);
                assert_string_equal(back, names[i]);
            }
    }
}

/* A name of nothing but ambiguous letters that ends in one without a Cyrillic letter. */
static void
test_variants_are_bounded(void **state)
{
    (void)state;
    g_autofree char *hard = g_strnfill(63, 'E');
    g_autofree char *dead = g_strconcat(hard, "W", NULL);
    g_auto(GStrv) none = dv_names_cyrillic_variants(dead, DV_NAMES_GENERAL, 64);
    g_auto(GStrv) many = dv_names_cyrillic_variants(hard, DV_NAMES_GENERAL, 1000);
    assert_null(none[0]);
    assert_int_equal(g_strv_length(many), DV_NAMES_VARIANTS_MAX);
}

static void
test_tables_are_sorted(void **state)
{
    (void)state;
    for (DvNamesScript script = 0; script < DV_NAMES_SCRIPTS; script++) {
        gsize count;
        const DvNamesLetter *table = dv_names_table(script, &count);
        for (gsize i = 1; i < count; i++)
            assert_true(table[i - 1].letter < table[i].letter);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_native_to_mrz),
        cmocka_unit_test(test_normalise_joins_apostrophes_and_parts_hyphens),
        cmocka_unit_test(test_bad_text_is_refused),
        cmocka_unit_test(test_latin_variants_offer_the_table_back),
        cmocka_unit_test(test_cyrillic_variants_follow_the_language),
        cmocka_unit_test(test_arabic_variants_include_shadda),
        cmocka_unit_test(test_variants_round_trip),
        cmocka_unit_test(test_variants_are_bounded),
        cmocka_unit_test(test_tables_are_sorted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
