// SPDX-License-Identifier: Apache-2.0
/* What the first line may decide. S1: nothing here can refuse. S2: protection is always open. */
#include "decide.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const DvCheckResult totals[] = {DV_CHECK_SUCCESSFUL, DV_CHECK_FAILED, DV_CHECK_UNDETERMINED,
                                       DV_CHECK_NOT_SUPPORTED, DV_CHECK_ABORTED};
static const guint directions[] = {DV_DIRECTION_ENTRY, DV_DIRECTION_EXIT, DV_DIRECTION_TRANSIT};

/* Calls visit for every case that can be: direction x total x stop x note x specimen. */
static void
for_every_case(void (*visit)(const DvDecisionCase *what))
{
    for (guint d = 0; d < G_N_ELEMENTS(directions); d++)
        for (guint t = 0; t < G_N_ELEMENTS(totals); t++)
            for (guint bits = 0; bits < 8; bits++) {
                DvDecisionCase what = {directions[d], totals[t], (bits & 1) != 0, (bits & 2) != 0,
                                       (bits & 4) != 0};
                visit(&what);
            }
}

static void
no_refusal(const DvDecisionCase *what)
{
    static const char *const never[] = {
        "REFUSE", "RETURNED", "ADMIT_CONDITIONS", "EXIT_STOPPED", "refuse", "REFUSED",
        "",       "ADMIT "};
    const DvDecisionRow *row;
    for (guint i = 0; i < G_N_ELEMENTS(never); i++)
        assert_int_equal(dv_decide(never[i], what, &row), DV_DECISION_UNKNOWN);
    assert_int_equal(dv_decide(NULL, what, &row), DV_DECISION_UNKNOWN);
}

static void
test_s1_no_case_refuses(void **state)
{
    (void)state;
    for_every_case(no_refusal);
    for (const DvDecisionRow *row = dv_decide_rows(); row->asked; row++) {
        assert_string_not_equal(row->recorded, "REFUSE");
        assert_string_not_equal(row->recorded, "EXIT_STOPPED");
    }
    assert_int_equal(dv_decide_direction("RETURNED"), 0);
    assert_int_equal(dv_decide_direction(NULL), 0);
}

static void
protection_open(const DvDecisionCase *what)
{
    static const char *const always[] = {"REFER_ASYLUM", "REFER_PROTECTION", "REFER_VULNERABLE",
                                         "SECOND_LINE"};
    const DvDecisionRow *row;
    for (guint i = 0; i < G_N_ELEMENTS(always); i++)
        assert_int_equal(dv_decide(always[i], what, &row), DV_DECISION_ALLOWED);
}

static void
test_s2_protection_is_open_in_every_case(void **state)
{
    (void)state;
    for_every_case(protection_open);
}

/* S3: the sealed body of a protection referral is word for word that of a second-line referral. */
static void
test_s3_protection_reads_second_line(void **state)
{
    (void)state;
    guint referrals = 0;
    for (const DvDecisionRow *row = dv_decide_rows(); row->asked; row++)
        if (row->protection) {
            referrals++;
            assert_string_equal(row->recorded, "SECOND_LINE");
            assert_false(row->lets_through);
            assert_true(strlen(row->key) <= 2); /* S2: at most two keystrokes */
        }
    assert_int_equal(referrals, 3);
}

static void
letting_through(const DvDecisionCase *what)
{
    const DvDecisionRow *row;
    const char *asked = what->direction == DV_DIRECTION_EXIT ? "EXIT_OK" : "ADMIT";
    DvDecisionAnswer expected = DV_DECISION_ALLOWED;
    if (what->stop_standing)
        expected = DV_DECISION_STOP_STANDS;
    else if (what->specimen)
        expected = DV_DECISION_SPECIMEN;
    else if (what->total != DV_CHECK_SUCCESSFUL && !what->has_note)
        expected = DV_DECISION_NEEDS_NOTE;
    assert_int_equal(dv_decide(asked, what, &row), expected);
    const char *other = what->direction == DV_DIRECTION_EXIT ? "ADMIT" : "EXIT_OK";
    assert_int_equal(dv_decide(other, what, &row), DV_DECISION_WRONG_DIRECTION);
}

static void
test_letting_through_is_bound(void **state)
{
    (void)state;
    for_every_case(letting_through);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s1_no_case_refuses),
        cmocka_unit_test(test_s2_protection_is_open_in_every_case),
        cmocka_unit_test(test_s3_protection_reads_second_line),
        cmocka_unit_test(test_letting_through_is_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
