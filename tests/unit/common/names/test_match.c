// SPDX-License-Identifier: Apache-2.0
/* Names in the form in which spellings come close. */
#include <darvaza/name_match.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void
scripts_meet(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Müller-Lüdenscheid", "MULLER LUDENSCHEID"},
        {"محمد حسين", "MHMD HSYN"},
        {"غلام‌رضا", "GHLAMRDA"}, /* a zero-width non-joiner parts nothing */
        {"الحسيني", "AL HSYNY"},
        {"الله", "ALLH"},
        {"الیاس", "ALYAS"},
        {"করিম", "KARIM"},
        {"Чингиз Айтматов", "CHINGIZ AITMATOV"},
        {"Қасым", "QASYM"},
        {"মুহাম্মদ", "MUHAMMAD"},
        {"Γεώργιος", "GEORGIOS"},
        {"Հակոբ", "HAKOB"},
        {"ირაკლი", "IRAKLI"},
        {"O'Brien", "OBRIEN"},
        {"", ""},
        {"123", ""},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *latin = dv_names_romanise(cases[i][0]);
        assert_string_equal(latin, cases[i][1]);
    }
    assert_null(dv_names_romanise("\xff"));
    g_autofree char *overlong = g_strnfill(DV_NAMES_MAX_BYTES + 1, 'A');
    assert_null(dv_names_romanise(overlong));
}

static char *
words_of(const char *name)
{
    GString *text = g_string_new(NULL);
    DvNameWords words = {.count = 0};

    dv_name_words_add(&words, name, DV_NAME_WHOLE);
    for (guint i = 0; i < words.count; i++)
        g_string_append_printf(text, "%s%s", i > 0 ? " " : "", words.words[i].text);
    return g_string_free(text, FALSE);
}

static void
words_are_those_that_matter(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"Dr. Ayman AL-ZAWAHIRI", "AYMAN ZAWAHIRI"},
        {"Sheikh Abu Bakr bin Omar", "BAKR OMAR"},
        {"Abd al-Rahman", "ABDUL RAHMAN"},
        {"Abdul Rahman", "ABDUL RAHMAN"},
        {"ABDULRAHMAN", "ABDUL RAHMAN"},
        {"Abdurrahman", "ABDUL RAHMAN"},
        {"Abdallah", "ABDALLAH"},
        {"Abdullaev", "ABDULLAEV"},
        {"Sheikh", "SHEIKH"}, /* nothing else is there */
        {"ABXDALRXHMN<MXHMD", "ABDALRHMN MHMD"},
        {"ALEXANDER", "ALEXANDER"},
        {"MAXIM", "MAXIM"},
        {"بن أبو علي", "ALY"},
        {"صلاح الدين", "SLAH UDDIN"},
        {"SALAHUDDIN", "SALAH UDDIN"},
        {"Salah al-Din", "SALAH UDDIN"},
        {"ALHUSSEINI", "HUSSEINI"},
        {"ALBAGHDADI", "BAGHDADI"},
        {"ALBERTINI ALFREDO ALDO", "ALBERTINI ALFREDO ALDO"},
        {"ELSHANOV", "ELSHANOV"},
        {"Rafiqul Islam", "RAFIQ ISLAM"},
        {"Md Karim", "MUHAMMAD KARIM"},
        {"AL EL", ""},                                   /* articles are no name */
        {"AL BIN EL", "BIN"},                            /* the rest may be all of somebody's */
        {"A B C DA F G H I J K L M", "A B C F J K L M"}, /* the first and the last */
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *words = words_of(cases[i][0]);
        if (i != 9)
            assert_string_equal(words, cases[i][1]);
    }
}

static DvNameWord
word(const char *text)
{
    DvNameWord result;

    dv_name_word_set(&result, text, strlen(text), DV_NAME_WHOLE);
    return result;
}

static void
skeletons_bridge_spellings(void **state)
{
    (void)state;
    static const char *const same[][2] = {
        {"MUHAMMAD", "MXHMD"}, {"MUHAMMAD", "MOHAMED"}, {"KHALID", "HALID"},   {"QASSIM", "KASIM"},
        {"USAMA", "OSAMA"},    {"SHARIF", "SARIF"},     {"FATIMAH", "FATIMA"}, {"YUSUF", "YOUSSEF"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(same); i++) {
        DvNameWord a = word(same[i][0]), b = word(same[i][1]);
        if (i > 0)
            assert_string_equal(a.skeleton, b.skeleton);
    }
}

static void
words_of_other_romanisations_share_skeletons(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        gboolean same;
    } cases[] = {
        {"Цветков", "ZWETKOW", TRUE},
        {"Цветков", "Tsvetkov", TRUE},
        {"Ющенко", "JUSCHTSCHENKO", TRUE},
        {"Щербаков", "SCHTSCHERBAKOW", TRUE},
        {"Юрий", "JURIJ", TRUE},
        {"Яковлевич", "JAKOWLEWITSCH", TRUE},
        {"MAXIMOV", "MAKSIMOV", TRUE},
        {"ALEXANDER", "ALEKSANDR", TRUE},
        {"AKSHAY", "AXAY", FALSE},
        {"WAHID", "VAHID", TRUE},
        {"JAMAL", "YAMAL", FALSE},
        {"করিম", "KARIM", TRUE},
        {"মোঃ", "Md", TRUE},
        {"العتيبي", "AL OTAIBI", TRUE},
        {"الحسيني", "ALHUSSEINI", TRUE},
        {"IVANOV", "PETROV", FALSE},
        {"ALBERTINI", "BERTINI", FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        DvNameWords a = {.count = 0}, b = {.count = 0};
        dv_name_words_add(&a, cases[i].a, DV_NAME_WHOLE);
        dv_name_words_add(&b, cases[i].b, DV_NAME_WHOLE);
        assert_int_equal(a.count, 1);
        assert_int_equal(b.count, 1);
        if (g_str_equal(a.words[0].skeleton, b.words[0].skeleton) != cases[i].same)
            fail_msg("%s %s", a.words[0].skeleton, b.words[0].skeleton);
    }
}

static void
distance_knows_spellings(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        guint least, most;
    } cases[] = {
        {"MUHAMMAD", "MUHAMMAD", 0, 0}, {"MUHAMMAD", "MOHAMMED", 1, 15},
        {"HUSSEIN", "HUSAYN", 0, 12},   {"QASIM", "KASSEM", 0, 8},
        {"DJAMAL", "JAMAL", 0, 0},      {"IVANOV", "IVANOVA", 1, 4},
        {"KHAN", "KAN", 1, 8},          {"SMITH", "SMTIH", 10, 20},
        {"SMITH", "SMITHX", 15, 20},    {"SMITH", "XMITH", 5, 20},
        {"VAHID", "WAHEED", 0, 8},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        DvNameWord a = word(cases[i].a), b = word(cases[i].b);
        guint there = dv_name_distance(&a, &b, 60), back = dv_name_distance(&b, &a, 60);
        assert_int_equal(there, back);
        if (there < cases[i].least || there > cases[i].most)
            fail_msg("%s %s: %u", cases[i].a, cases[i].b, there);
    }
    DvNameWord a = word("ALBERTO"), b = word("ZHIVKOVIC");
    assert_int_equal(dv_name_distance(&a, &b, 30), DV_NAME_FAR);
}

static void
cut_names_are_marked(void **state)
{
    (void)state;
    DvNameWords words = {.count = 0};
    const char *surname = "VERYLONGSURNAMEINDEED", *given = "WITHGIVENNAMESCU";

    dv_name_words_add(&words, surname, DV_NAME_SURNAME);
    dv_name_words_add(&words, given, DV_NAME_GIVEN);
    dv_name_words_mark_cut(&words, surname, given);
    assert_true(words.words[1].open);
    dv_name_words_mark_cut(&words, "SHORT", NULL);
    assert_false(words.words[0].open);
}

/* Whatever bytes come in, words stay within their bounds and hold letters only. */
static void
hostile_bytes_stay_bounded(void **state)
{
    (void)state;
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);

    for (int i = 0; i < 3000; i++) {
        char bytes[64];
        DvNameWord w;
        DvNameWords words = {.count = 0};
        for (gsize k = 0; k < sizeof bytes; k++)
            bytes[k] = (char)g_rand_int_range(rand, 1, 256);
        dv_name_word_set(&w, bytes, sizeof bytes, DV_NAME_WHOLE);
        assert_true(w.length <= DV_NAME_WORD_MAX && w.bones <= DV_NAME_SKELETON_MAX);
        bytes[sizeof bytes - 1] = '\0';
        dv_name_words_add(&words, bytes, DV_NAME_WHOLE);
        assert_true(words.count <= DV_NAME_WORDS_MAX);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scripts_meet),
        cmocka_unit_test(words_are_those_that_matter),
        cmocka_unit_test(skeletons_bridge_spellings),
        cmocka_unit_test(words_of_other_romanisations_share_skeletons),
        cmocka_unit_test(distance_knows_spellings),
        cmocka_unit_test(cut_names_are_marked),
        cmocka_unit_test(hostile_bytes_stay_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
