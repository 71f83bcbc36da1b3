// SPDX-License-Identifier: Apache-2.0
/* What may stand where, and what proves it. */
#include "expect.h"
#include <darvaza/mrz_mask.h>

static void
classes(void **state)
{
    (void)state;
    assert_true(dv_mrz_may_stand(DV_MRZ_TD3, 1, 1, 'P'));
    assert_false(dv_mrz_may_stand(DV_MRZ_TD3, 1, 1, '<'));
    assert_true(dv_mrz_may_stand(DV_MRZ_TD1, 1, 2, '1'));
    assert_false(dv_mrz_may_stand(DV_MRZ_TD3, 1, 6, '0'));
    assert_true(dv_mrz_may_stand(DV_MRZ_TD3, 2, 1, '0'));
    assert_false(dv_mrz_may_stand(DV_MRZ_TD3, 2, 10, 'O'));
    assert_true(dv_mrz_may_stand(DV_MRZ_TD3, 2, 14, '<'));
    assert_false(dv_mrz_may_stand(DV_MRZ_TD3, 2, 21, 'O'));
    assert_false(dv_mrz_may_stand(DV_MRZ_TD3, 2, 1, 'a'));
    assert_false(dv_mrz_may_stand(DV_MRZ_TD3, 2, 21, '\0'));
    assert_false(dv_mrz_may_stand(DV_MRZ_NONE, 1, 1, 'P'));
}

static void
proofs(void **state)
{
    (void)state;
    assert_int_equal(dv_mrz_proofs(DV_MRZ_TD3, 1, 20), 0); /* name */
    assert_int_equal(dv_mrz_proofs(DV_MRZ_TD3, 2, 1), 2);  /* number and composite */
    assert_int_equal(dv_mrz_proofs(DV_MRZ_TD3, 2, 11), 0); /* nationality */
    assert_int_equal(dv_mrz_proofs(DV_MRZ_TD3, 2, 44), 1); /* the composite itself */
    assert_int_equal(dv_mrz_proofs(DV_MRZ_TD1, 1, 20), 1); /* optional data: composite alone */
    assert_int_equal(dv_mrz_proofs(DV_MRZ_MRVA, 2, 1), 1); /* visas have no composite */
    assert_int_equal(dv_mrz_proofs(DV_MRZ_MRVA, 2, 30), 0);
    assert_int_equal(dv_mrz_proofs(DV_MRZ_NONE, 1, 1), 0);
}

static void
digits(void **state)
{
    static const char *const good[] = {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                                       "L898902C36UTO7408122F1204159ZE184226B<<<<<10"};
    static const char *const bad[] = {"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
                                      "L898902C36UTO7408122F1204159ZE184226B<<<<<11"};
    (void)state;
    assert_int_equal(dv_mrz_format_lines(DV_MRZ_TD1), 3);
    assert_int_equal(dv_mrz_format_length(DV_MRZ_TD3), 44);
    assert_int_equal(dv_mrz_format_lines(DV_MRZ_NONE), 0);
    assert_int_equal(dv_mrz_format_length(DV_MRZ_NONE), 0);
    assert_true(dv_mrz_digits_hold(DV_MRZ_TD3, good));
    assert_false(dv_mrz_digits_hold(DV_MRZ_TD3, bad));
    assert_false(dv_mrz_digits_hold(DV_MRZ_NONE, good));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes),
        cmocka_unit_test(proofs),
        cmocka_unit_test(digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
