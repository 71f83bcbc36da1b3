// SPDX-License-Identifier: Apache-2.0
/* The rules of Doc 9303 that readers get wrong, one test each, on specimens and invented people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <darvaza/mrz_compose.h>

static const GDate *
today(void)
{
    static GDate day;
    g_date_clear(&day, 1);
    g_date_set_dmy(&day, 1, G_DATE_AUGUST, 2026);
    return &day;
}

/* A specimen with some fields changed; check digits are right whatever changed. */
static DvMrz *
read_composed(const DvMrzFields *changes)
{
    DvMrzFields fields = *changes;
    const char *const defaults[] = {"UTO", "ERIKSSON", "ANNA MARIA", "740812", "340415", "F"};
    const char **places[] = {&fields.issuing_state, &fields.surname,     &fields.given_names,
                             &fields.birth_date,    &fields.expiry_date, &fields.sex};
    for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
        if (*places[i] == NULL && !(fields.format == DV_MRZ_FRA_ID2 && i == 4))
            *places[i] = defaults[i];
    if (fields.document_number == NULL)
        fields.document_number = "L898902C3";
    if (fields.nationality == NULL && fields.format != DV_MRZ_FRA_ID2)
        fields.nationality = "UTO";
    g_autoptr(GError) error = NULL;
    g_auto(GStrv) lines = dv_mrz_compose(&fields, &error);
    assert_null(error);
    return dv_mrz_parse_lines((const char *const *)lines, g_strv_length(lines), today());
}

#define READ(name, ...) g_autoptr(DvMrz) name = read_composed(&(DvMrzFields){__VA_ARGS__})
#define TD3 .format = DV_MRZ_TD3, .document_code = "P"
#define TD1 .format = DV_MRZ_TD1, .document_code = "I"
#define TD2 .format = DV_MRZ_TD2, .document_code = "I"

static DvMrz *
read_text(const char *text)
{
    return dv_mrz_parse(text, -1, today());
}

static gboolean
has(const GPtrArray *list, const char *text)
{
    for (guint i = 0; i < list->len; i++)
        if (strcmp(g_ptr_array_index(list, i), text) == 0)
            return TRUE;
    return FALSE;
}

static void
assert_verdict(const DvMrz *mrz, DvMrzVerdict verdict)
{
    assert_string_equal(dv_mrz_verdict_word(mrz->verdict), dv_mrz_verdict_word(verdict));
}

static void
test_number_longer_than_nine_leaves_the_filler_out(void **state)
{
    (void)state;
    g_autoptr(DvMrz) mrz = read_text("I<UTOD23145890<7349<<<<<<<<<<<\n"
                                     "3407127M9507122UTO<<<<<<<<<<<2\n"
                                     "STEVENSON<<PETER<JOHN<<<<<<<<<");
    assert_verdict(mrz, DV_MRZ_VALID);
    assert_string_equal(mrz->document_number, "D23145890734");
    assert_string_equal(mrz->document_number_check, "9");
    assert_string_equal(mrz->optional, "");
    assert_string_equal(mrz->bac_mrz_information, "D23145890734934071279507122");
}

static void
test_number_continuation_and_optional_data(void **state)
{
    (void)state;
    READ(mrz, TD1, .document_number = "12345678901", .optional = "OHDA1", .issuing_state = "NLD");
    assert_string_equal(mrz->lines[0], "I<NLD123456789<010<OHDA1<<<<<<");
    assert_string_equal(mrz->document_number, "12345678901");
    assert_string_equal(mrz->optional, "OHDA1");
    assert_verdict(mrz, DV_MRZ_VALID);
}

static void
test_number_of_22_characters(void **state)
{
    (void)state;
    READ(mrz, TD1, .document_number = "D23145890734ABCDEFGHIJ");
    assert_string_equal(mrz->document_number, "D23145890734ABCDEFGHIJ");
    assert_verdict(mrz, DV_MRZ_VALID);
}

static void
test_number_check_with_the_filler_is_a_deviation(void **state)
{
    (void)state;
    g_autoptr(DvMrz) mrz = read_text("I<SWEHVC8N3QW7<ZE17422<<<<<<<<\n"
                                     "8104199F3012257SWE<<<<<<<<<<<0\n"
                                     "IECGDQB<<MMHQQ<<<<<<<<<<<<<<<<");
    assert_int_equal(mrz->checks[DV_MRZ_DIGIT_DOCUMENT_NUMBER], DV_MRZ_CHECK_OK_ALT);
    assert_int_equal(mrz->deviations->len, 1);
    assert_verdict(mrz, DV_MRZ_DEVIATION);
}

static void
test_printed_sample_with_wrong_composite_is_invalid(void **state)
{
    (void)state;
    g_autoptr(DvMrz) mrz = read_text("I<UTOL898902C<3<<<<<<<<<<<<<<<\n"
                                     "6908061F9406236UTO<<<<<<<<<<<1\n"
                                     "ERIKSSON<<ANNA<MARIA<<<<<<<<<<");
    assert_verdict(mrz, DV_MRZ_INVALID);
    assert_true(has(mrz->errors, "check_digit:composite got 1 want 2"));
    assert_false(mrz->repaired); /* one digit alone proves nothing */
}

static void
test_position_43_filler_or_zero_only_while_empty(void **state)
{
    (void)state;
    static const char line1[] = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n";
    const char *const good[] = {"L898902C36UTO7408122F3404159<<<<<<<<<<<<<<<4",
                                "L898902C36UTO7408122F3404159<<<<<<<<<<<<<<04"};
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        g_autofree char *text = g_strconcat(line1, good[i], NULL);
        g_autoptr(DvMrz) mrz = read_text(text);
        assert_verdict(mrz, DV_MRZ_VALID);
    }
    g_autofree char *text =
        g_strconcat(line1, "L898902C36UTO7408122F3404159ZE184226B<<<<<<4", NULL);
    g_autoptr(DvMrz) mrz = read_text(text);
    assert_int_equal(mrz->checks[DV_MRZ_DIGIT_OPTIONAL], DV_MRZ_CHECK_FAIL);
}

static void
test_unknown_birth_dates_are_valid(void **state)
{
    (void)state;
    static const char *const dates[][2] = {{"9608<<", "1996-08-XX"}, {"96<<12", "1996-XX-12"},
                                           {"<<0812", "XXXX-08-12"}, {"<<<<<<", "XXXX-XX-XX"},
                                           {"26<<<<", "2026-XX-XX"}, {"27<<<<", "1927-XX-XX"}};
    for (gsize i = 0; i < G_N_ELEMENTS(dates); i++) {
        READ(mrz, TD3, .birth_date = dates[i][0]);
        assert_verdict(mrz, DV_MRZ_VALID);
        assert_string_equal(mrz->birth_date, dates[i][0]);
        assert_string_equal(mrz->birth_date_iso, dates[i][1]);
    }
}

static void
test_impossible_day_keeps_the_other_fields(void **state)
{
    (void)state;
    static const char *const dates[] = {"740431", "741301", "740812", "740229", "7408<1", "74A812"};
    for (gsize i = 0; i < G_N_ELEMENTS(dates); i++) {
        READ(mrz, TD3, .birth_date = dates[i]);
        gboolean good = strcmp(dates[i], "740812") == 0;
        assert_verdict(mrz, good ? DV_MRZ_VALID : DV_MRZ_INVALID);
        assert_int_equal(has(mrz->errors, "birth_date not a date"), !good);
        assert_string_equal(mrz->surname, "ERIKSSON");
        assert_string_equal(mrz->document_number, "L898902C3");
        assert_int_equal(mrz->checks[DV_MRZ_DIGIT_BIRTH_DATE], DV_MRZ_CHECK_OK);
    }
}

static void
test_expiry_century_of_15_years(void **state)
{
    (void)state;
    static const char *const dates[][2] = {{"410731", "2041-07-31"},
                                           {"410801", "2041-08-01"},
                                           {"410802", "1941-08-02"},
                                           {"150401", "2015-04-01"},
                                           {"000229", "2000-02-29"}};
    for (gsize i = 0; i < G_N_ELEMENTS(dates); i++) {
        READ(mrz, TD3, .expiry_date = dates[i][0]);
        assert_string_equal(mrz->expiry_date_iso, dates[i][1]);
    }
}

static void
test_birth_is_never_in_the_future(void **state)
{
    (void)state;
    READ(newborn, TD3, .birth_date = "260801");
    assert_string_equal(newborn->birth_date_iso, "2026-08-01");
    READ(old, TD3, .birth_date = "260802");
    assert_string_equal(old->birth_date_iso, "1926-08-02");
}

static void
test_missing_expiry_is_a_deviation(void **state)
{
    (void)state;
    READ(none, TD3, .expiry_date = "<<<<<<");
    assert_verdict(none, DV_MRZ_DEVIATION);
    assert_string_equal(none->expiry_date_iso, "");
    READ(part, TD3, .expiry_date = "3404<<");
    assert_verdict(part, DV_MRZ_INVALID);
}

static void
test_sex_unspecified_is_valid_and_x_deviates(void **state)
{
    (void)state;
    READ(unspecified, TD3, .sex = "<");
    assert_verdict(unspecified, DV_MRZ_VALID);
    READ(x, TD3, .sex = "X");
    assert_verdict(x, DV_MRZ_DEVIATION);
    assert_true(has(x->deviations, "sex X"));
    READ(digit, TD3, .sex = "1");
    assert_verdict(digit, DV_MRZ_INVALID);
}

static void
test_state_codes(void **state)
{
    (void)state;
    static const char *const known[] = {"D",   "RKS", "EUE", "UNO", "UNA", "UNK", "XOM", "XPO",
                                        "XXA", "XXB", "XXC", "XXX", "GBD", "GBN", "GBO", "GBP",
                                        "GBS", "UZB", "KGZ", "TJK", "KAZ", "TKM", "AFG", "UTO"};
    for (gsize i = 0; i < G_N_ELEMENTS(known); i++) {
        READ(mrz, TD3, .issuing_state = known[i], .nationality = known[i]);
        assert_verdict(mrz, DV_MRZ_VALID);
    }
    READ(germany, TD3, .issuing_state = "DEU");
    assert_true(has(germany->deviations, "issuing_state unknown code DEU"));
    READ(slovenia, TD3, .nationality = "SI");
    assert_true(has(slovenia->deviations, "nationality unknown code SI<"));
    READ(absent, TD3, .nationality = "");
    assert_true(has(absent->deviations, "nationality absent"));
    READ(syntax, TD3, .issuing_state = "UT0");
    assert_true(has(syntax->errors, "issuing_state syntax UT0"));
}

static void
test_second_passport_letter(void **state)
{
    (void)state;
    static const char *const good[] = {"P", "PP", "PE", "PD", "PO", "PR", "PT", "PS", "PL", "PM"};
    for (gsize i = 0; i < G_N_ELEMENTS(good); i++) {
        READ(mrz, .format = DV_MRZ_TD3, .document_code = good[i]);
        assert_verdict(mrz, DV_MRZ_VALID);
    }
    READ(older, .format = DV_MRZ_TD3, .document_code = "PA");
    assert_true(has(older->deviations, "secondary document code A not in Doc 9303-4 4.4"));
    READ(card, .format = DV_MRZ_TD3, .document_code = "I");
    assert_true(has(card->errors, "document_code"));
}

static void
test_card_codes(void **state)
{
    (void)state;
    READ(crew, .format = DV_MRZ_TD1, .document_code = "AC");
    assert_verdict(crew, DV_MRZ_VALID);
    READ(v, .format = DV_MRZ_TD1, .document_code = "IV");
    assert_true(has(v->errors, "document_code"));
    READ(sheet, .format = DV_MRZ_TD2, .document_code = "PU");
    assert_verdict(sheet, DV_MRZ_VALID);
    READ(small, .format = DV_MRZ_TD2, .document_code = "P");
    assert_verdict(small, DV_MRZ_DEVIATION);
}

typedef struct {
    const char *field, *surname, *given;
    gboolean truncated, valid;
} NameCase;

static void
test_names(void **state)
{
    (void)state;
    static const NameCase cases[] = {
        {"<<FIRST<NAME<<<<<<<<<<<<<<<<<<<<<<<<<<<", "", "FIRST NAME", FALSE, TRUE},
        {"ONE<TWO<THREE<<<<<<<<<<<<<<<<<<<<<<<<<<", "ONE TWO THREE", "", FALSE, TRUE},
        {"SMITH<<<JOHN<<<<<<<<<<<<<<<<<<<<<<<<<<<", "SMITH", "JOHN", FALSE, TRUE},
        {"SMITH<<JOHN<<PAUL<<<<<<<<<<<<<<<<<<<<<<", "SMITH", "JOHN PAUL", FALSE, TRUE},
        {"PAPANDROPOULOUS<<JONATHON<WARREN<TREVOR", "PAPANDROPOULOUS", "JONATHON WARREN TREVOR",
         TRUE, TRUE},
        {"<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "", "", FALSE, FALSE},
        {"SM1TH<<JOHN<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "SM1TH", "JOHN", FALSE, FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *text = g_strconcat("P<IND", cases[i].field,
                                            "\nL898902C36UTO7408122F3404159<<<<<<<<<<<<<<04", NULL);
        g_autoptr(DvMrz) mrz = read_text(text);
        assert_string_equal(mrz->surname, cases[i].surname);
        assert_string_equal(mrz->given_names, cases[i].given);
        assert_int_equal(mrz->name_possibly_truncated, cases[i].truncated);
        assert_verdict(mrz, cases[i].valid ? DV_MRZ_VALID : DV_MRZ_INVALID);
    }
}

static void
test_visas_have_neither_composite_nor_optional_digit(void **state)
{
    (void)state;
    const DvMrzFormat formats[] = {DV_MRZ_MRVA, DV_MRZ_MRVB};
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++) {
        READ(mrz, .format = formats[i], .document_code = "V", .optional = "6ZE184");
        assert_verdict(mrz, DV_MRZ_VALID);
        assert_int_equal(mrz->format, formats[i]);
        assert_int_equal(mrz->checks[DV_MRZ_DIGIT_COMPOSITE], DV_MRZ_CHECK_ABSENT);
        assert_int_equal(mrz->checks[DV_MRZ_DIGIT_OPTIONAL], DV_MRZ_CHECK_ABSENT);
        assert_string_equal(mrz->bac_mrz_information, "");
    }
}

static void
test_french_card_composite_covers_both_lines(void **state)
{
    (void)state;
    g_autoptr(DvMrz) mrz = read_text("IDFRATEST<NAME<<<<<<<<<<<<<<<<0CHE02\n"
                                     "1710GVA123451ROBERTA<<<<<<<9112311F2");
    assert_verdict(mrz, DV_MRZ_DEVIATION);
    assert_string_equal(mrz->document_number, "1710GVA12345");
    assert_string_equal(mrz->issue_yymm, "1710");
    assert_string_equal(mrz->admin_code, "0CHE02");
    g_autoptr(DvMrz) misread = read_text("IDFRATEXT<NAME<<<<<<<<<<<<<<<<0CHE02\n"
                                         "1710GVA123451ROBERTA<<<<<<<9112311F2");
    assert_int_equal(misread->checks[DV_MRZ_DIGIT_COMPOSITE], DV_MRZ_CHECK_FAIL);
}

static void
test_second_line_without_any_filler(void **state)
{
    (void)state;
    READ(mrz, TD3, .optional = "12345678901234");
    assert_null(strchr(mrz->lines[1], '<'));
    assert_verdict(mrz, DV_MRZ_VALID);
}

static void
test_separators(void **state)
{
    (void)state;
    static const char *const separators[] = {"\n", "\r", "\r\n", "\n\n", " \r\n  "};
    for (gsize i = 0; i < G_N_ELEMENTS(separators); i++) {
        g_autofree char *text =
            g_strconcat("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", separators[i],
                        "L898902C36UTO7408122F1204159ZE184226B<<<<<10", separators[i], NULL);
        g_autoptr(DvMrz) mrz = read_text(text);
        assert_verdict(mrz, DV_MRZ_VALID);
    }
}

static void
test_hostile_text_is_rejected_with_a_reason(void **state)
{
    (void)state;
    g_autofree char *huge = g_strnfill(DV_MRZ_TEXT_MAX + 1, '<');
    g_autoptr(DvMrz) nul = dv_mrz_parse("P<\0UTO", 6, today());
    g_autoptr(DvMrz) bytes = read_text("P<UTO\xff");
    g_autoptr(DvMrz) large = read_text(huge);
    g_autoptr(DvMrz) empty = read_text("");
    const DvMrz *const all[] = {nul, bytes, large, empty};
    const char *const reasons[] = {"text contains NUL", "text is not UTF-8",
                                   "text is longer than 4096 bytes",
                                   "line count/length matches no Doc 9303 format: []"};
    for (gsize i = 0; i < G_N_ELEMENTS(all); i++) {
        assert_verdict(all[i], DV_MRZ_REJECT);
        assert_string_equal(all[i]->reason, reasons[i]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_number_longer_than_nine_leaves_the_filler_out),
        cmocka_unit_test(test_number_continuation_and_optional_data),
        cmocka_unit_test(test_number_of_22_characters),
        cmocka_unit_test(test_number_check_with_the_filler_is_a_deviation),
        cmocka_unit_test(test_printed_sample_with_wrong_composite_is_invalid),
        cmocka_unit_test(test_position_43_filler_or_zero_only_while_empty),
        cmocka_unit_test(test_unknown_birth_dates_are_valid),
        cmocka_unit_test(test_impossible_day_keeps_the_other_fields),
        cmocka_unit_test(test_expiry_century_of_15_years),
        cmocka_unit_test(test_birth_is_never_in_the_future),
        cmocka_unit_test(test_missing_expiry_is_a_deviation),
        cmocka_unit_test(test_sex_unspecified_is_valid_and_x_deviates),
        cmocka_unit_test(test_state_codes),
        cmocka_unit_test(test_second_passport_letter),
        cmocka_unit_test(test_card_codes),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_visas_have_neither_composite_nor_optional_digit),
        cmocka_unit_test(test_french_card_composite_covers_both_lines),
        cmocka_unit_test(test_second_line_without_any_filler),
        cmocka_unit_test(test_separators),
        cmocka_unit_test(test_hostile_text_is_rejected_with_a_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
