// SPDX-License-Identifier: Apache-2.0
/* Reading errors: repaired where two check digits prove one candidate, otherwise only named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <darvaza/mrz_assemble.h>
#include <darvaza/mrz_compose.h>
#include <darvaza/mrz_repair.h>

#define LINE1 "P<UTOERIKSSON<<ANNA<<<<<<<<<<<<<<<<<<<<<<<<<\n"
#define ALNUM "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static GDate today;

static const DvMrzFinding *
finding(const DvMrz *mrz, guint index)
{
    assert_true(index < mrz->findings->len);
    return &g_array_index(mrz->findings, DvMrzFinding, index);
}

static gboolean
doubts(const DvMrzFinding *found, guint8 line, guint8 column)
{
    for (guint i = 0; i < found->count; i++)
        if (found->doubtful[i].line == line && found->doubtful[i].column == column)
            return TRUE;
    return FALSE;
}

static void
test_one_proven_candidate_is_repaired(void **state)
{
    (void)state;
    g_autoptr(DvMrz) mrz =
        dv_mrz_parse(LINE1 "AB12G45679UTO7408122F3404159<<<<<<<<<<<<<<08", -1, &today);
    assert_true(mrz->repaired);
    assert_int_equal(mrz->verdict, DV_MRZ_INVALID); /* of the zone as read */
    assert_int_equal(mrz->corrected_verdict, DV_MRZ_VALID);
    assert_int_equal(mrz->changes[0].at.line, 2);
    assert_int_equal(mrz->changes[0].at.column, 5);
    assert_int_equal(mrz->changes[0].from, 'G');
    assert_int_equal(mrz->changes[0].to, '9');
    assert_string_equal(mrz->document_number, "AB12G4567");
    assert_string_equal(mrz->corrected_lines[1], "AB12945679UTO7408122F3404159<<<<<<<<<<<<<<08");
}

static void
test_letter_in_a_date_is_repaired(void **state)
{
    (void)state;
    g_autoptr(DvMrz) mrz =
        dv_mrz_parse(LINE1 "L898902C36UTO74O8122F3404159<<<<<<<<<<<<<<04", -1, &today);
    assert_true(mrz->repaired);
    assert_int_equal(mrz->changes[0].to, '0');
}

static void
test_several_candidates_are_only_named(void **state)
{
    (void)state;
    g_autoptr(DvMrz) mrz =
        dv_mrz_parse(LINE1 "AB12D45672UTO7408122F3404159<<<<<<<<<<<<<<02", -1, &today);
    assert_int_equal(mrz->verdict, DV_MRZ_INVALID);
    assert_int_equal(finding(mrz, 0)->digit, DV_MRZ_DIGIT_DOCUMENT_NUMBER);
    assert_int_equal(finding(mrz, 0)->count, 4);
    assert_true(doubts(finding(mrz, 0), 2, 2));
    assert_true(doubts(finding(mrz, 0), 2, 5));
    assert_false(mrz->repaired);
}

/* Q was 0, and nothing else satisfies both digits; but one does so by the older practice only. */
static void
test_a_digit_summed_with_the_filler_proves_nothing(void **state)
{
    (void)state;
    static const char *const rest =
        "7408122F3404159UTO<<<<<<<<<<<4\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
    g_autofree char *printed = g_strconcat("I<UTO000024759<ZZ72<<<<<<<<<<<\n", rest, NULL);
    g_autofree char *misread = g_strconcat("I<UTO00Q024759<ZZ72<<<<<<<<<<<\n", rest, NULL);
    g_autoptr(DvMrz) good = dv_mrz_parse(printed, -1, &today);
    g_autoptr(DvMrz) bad = dv_mrz_parse(misread, -1, &today);
    assert_int_equal(good->checks[DV_MRZ_DIGIT_DOCUMENT_NUMBER], DV_MRZ_CHECK_OK_ALT);
    assert_int_equal(good->verdict, DV_MRZ_DEVIATION);
    assert_int_equal(bad->verdict, DV_MRZ_INVALID);
    assert_int_equal(finding(bad, 0)->count, 2); /* the other one breaks the composite digit */
    assert_true(doubts(finding(bad, 0), 1, 8));
    assert_false(bad->repaired);
}

static void
test_composite_alone_proves_nothing(void **state)
{
    (void)state;
    g_autoptr(DvMrz) mrz =
        dv_mrz_parse(LINE1 "L898902C36UTO7408122F3404159<<<<<<<<<<<<<<0A", -1, &today);
    assert_false(mrz->repaired);
    assert_int_equal(finding(mrz, 0)->digit, DV_MRZ_DIGIT_COMPOSITE);
    assert_true(doubts(finding(mrz, 0), 2, 44));
}

static void
test_visas_are_never_repaired(void **state)
{
    (void)state;
    g_autoptr(DvMrz) mrz = dv_mrz_parse("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n"
                                        "L8988901C4XXX4OO9078F9612109<<<<<<<<",
                                        -1, &today);
    g_autoptr(DvMrz) one = dv_mrz_parse("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\n"
                                        "L8988901C4XXX4O09078F9612109<<<<<<<<",
                                        -1, &today);
    assert_int_equal(mrz->verdict, DV_MRZ_INVALID);
    assert_false(mrz->repaired);
    assert_int_equal(one->verdict, DV_MRZ_INVALID);
    assert_false(one->repaired);
    assert_true(doubts(finding(one, 0), 2, 15));
}

static void
test_blind_pairs(void **state)
{
    (void)state;
    static const char *const blind[] = {"K<", "6G", "8S", "1L", "0U"};
    static const char *const told_apart[] = {"0O", "1I", "5S", "8B", "2Z"};
    for (gsize i = 0; i < G_N_ELEMENTS(blind); i++) {
        assert_true(dv_mrz_is_blind_pair(blind[i][0], blind[i][1]));
        assert_non_null(strchr(dv_mrz_confusions(blind[i][0]), blind[i][1]));
        assert_false(dv_mrz_is_blind_pair(told_apart[i][0], told_apart[i][1]));
        assert_non_null(strchr(dv_mrz_confusions(told_apart[i][1]), told_apart[i][0]));
    }
    assert_false(dv_mrz_is_blind_pair('A', 'A'));
}

static char *
random_text(GRand *random, gsize length)
{
    char *text = g_strnfill(length, ' ');
    for (gsize i = 0; i < length; i++)
        text[i] = ALNUM[g_rand_int_range(random, 0, 36)];
    return text;
}

/* Whatever single confusion of the table strikes a number, date or digit of a random document: a
 * repair, where there is one, gives back what was printed. */
static void
test_a_repair_of_a_known_confusion_is_never_wrong(void **state)
{
    (void)state;
    guint repaired = 0, struck = 0;
    GRand *random = g_rand_new_with_seed(9303);
    for (guint i = 0; i < 3000; i++) {
        g_autofree char *number = random_text(random, 9);
        const DvMrzFields fields = {.format = i % 2 ? DV_MRZ_TD3 : DV_MRZ_TD2,
                                    .document_code = i % 2 ? "P" : "I",
                                    .issuing_state = "UTO",
                                    .nationality = "UTO",
                                    .surname = "SPECIMEN",
                                    .document_number = number,
                                    .birth_date = "740812",
                                    .expiry_date = "340415",
                                    .sex = "F"};
        g_auto(GStrv) lines = dv_mrz_compose(&fields, NULL);
        g_autofree char *printed = g_strdup(lines[1]);
        gsize at = (gsize)g_rand_int_range(random, 0, 28);
        const char *as = dv_mrz_confusions(printed[at]);
        if (*as == '\0' || (at >= 10 && at <= 12) || at == 20)
            continue; /* nationality and sex have no digit */
        lines[1][at] = as[g_rand_int_range(random, 0, (gint32)strlen(as))];
        g_autoptr(DvMrz) mrz = dv_mrz_parse_lines((const char *const *)lines, 2, &today);
        struck++;
        if (mrz->repaired) {
            repaired++;
            assert_string_equal(mrz->corrected_lines[1], printed);
        }
    }
    g_rand_free(random);
    print_message("%u confusions, %u repaired, none wrongly\n", struck, repaired);
    assert_true(repaired > struck / 4);
}

/* Undamaged documents are never touched. */
static void
test_valid_documents_are_left_alone(void **state)
{
    (void)state;
    g_autoptr(DvMrz) mrz =
        dv_mrz_parse(LINE1 "L898902C36UTO7408122F3404159<<<<<<<<<<<<<<04", -1, &today);
    assert_int_equal(mrz->verdict, DV_MRZ_VALID);
    assert_false(mrz->repaired);
    assert_int_equal(mrz->findings->len, 0);
}

static void
test_assemble(void **state)
{
    (void)state;
    static const char whole[] = "I<UTOD231458907<<<<<<<<<<<<<<<"
                                "7408122F1204159UTO<<<<<<<<<<<6"
                                "ERIKSSON<<ANNA<MARIA<<<<<<<<<<";
    g_auto(GStrv) cut = dv_mrz_assemble(whole, 90);
    assert_int_equal(g_strv_length(cut), 3);
    assert_string_equal(cut[1], "7408122F1204159UTO<<<<<<<<<<<6");
    static const char framed[] = "\x02V_UTOERIKSSON__ANNA_MARIA___________\r"
                                 " L8988901C4XXX4009078F9612109________\r\n\x03";
    g_auto(GStrv) visa = dv_mrz_assemble(framed, sizeof framed - 1);
    assert_string_equal(visa[0], "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<");
    assert_int_equal(g_strv_length(visa), 2);
    assert_null(dv_mrz_assemble(whole, 89));
    assert_null(dv_mrz_assemble("", 0));
    static const char torn[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
    assert_null(dv_mrz_assemble(torn, sizeof torn - 1)); /* 40 + 48 are no 44 + 44 */
    g_autofree char *huge = g_strnfill(DV_MRZ_ASSEMBLE_MAX + 1, '\n');
    assert_null(dv_mrz_assemble(huge, DV_MRZ_ASSEMBLE_MAX + 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_proven_candidate_is_repaired),
        cmocka_unit_test(test_letter_in_a_date_is_repaired),
        cmocka_unit_test(test_several_candidates_are_only_named),
        cmocka_unit_test(test_a_digit_summed_with_the_filler_proves_nothing),
        cmocka_unit_test(test_composite_alone_proves_nothing),
        cmocka_unit_test(test_visas_are_never_repaired),
        cmocka_unit_test(test_blind_pairs),
        cmocka_unit_test(test_a_repair_of_a_known_confusion_is_never_wrong),
        cmocka_unit_test(test_valid_documents_are_left_alone),
        cmocka_unit_test(test_assemble),
    };
    g_date_clear(&today, 1);
    g_date_set_dmy(&today, 1, G_DATE_AUGUST, 2026);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
