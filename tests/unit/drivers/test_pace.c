// SPDX-License-Identifier: Apache-2.0
/* How soon the document camera's next frame is read. */
#include "expect.h"
#include "pace.h"

static const DvReading nothing = {.ms = 4};
static const DvReading print = {.ms = 8, .guides = DV_GUIDE_TURN};
static const DvReading zone = {.ms = 8, .has_quad = TRUE, .guides = DV_GUIDE_STILL};

static guint
after(DvAgreement *agreement, const DvReading *reading, guint frames)
{
    for (guint i = 0; i < frames; i++)
        dv_agreement_take(agreement, reading, i * G_USEC_PER_SEC / 12);
    return dv_pace_ms(agreement, reading);
}

static DvReading
document(double ms)
{
    DvReading reading = {.line_count = 2, .has_quad = TRUE, .ms = ms};
    g_strlcpy(reading.lines[0], "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
              sizeof reading.lines[0]);
    g_strlcpy(reading.lines[1], "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
              sizeof reading.lines[1]);
    return reading;
}

static void
an_empty_desk_is_looked_at_less_often(void **state)
{
    DvAgreement agreement = {0};
    (void)state;
    assert_int_equal(after(&agreement, &nothing, 9), 80);
    assert_int_equal(after(&agreement, &nothing, 1), 160);
    assert_int_equal(after(&agreement, &print, 1), 80); /* something lies there */
    assert_int_equal(after(&agreement, &nothing, 1), 160);
    assert_int_equal(after(&agreement, &zone, 1), 80);
    assert_int_equal(after(&agreement, &nothing, 1), 80);
}

static void
what_was_told_need_only_be_seen_to_go(void **state)
{
    DvAgreement agreement = {0};
    const DvReading page = document(9);
    (void)state;
    assert_int_equal(after(&agreement, &page, 1), 80); /* a second frame must agree */
    assert_int_equal(after(&agreement, &page, 1), 320);
    assert_int_equal(after(&agreement, &nothing, 1), 80); /* is it going? */
    assert_int_equal(after(&agreement, &page, 1), 320);
    DvReading other = document(9);
    g_strlcpy(other.lines[1], "D231458907UTO8503144M3012315<<<<<<<<<<<<<<04",
              sizeof other.lines[1]);
    assert_int_equal(after(&agreement, &other, 1), 80); /* another one begins */
    assert_int_equal(after(&agreement, &other, 1), 320);
}

static void
reading_takes_an_eighth_of_a_core_at_the_most(void **state)
{
    DvAgreement agreement = {0};
    const DvReading slow = {.ms = 40, .has_quad = TRUE}, slower = {.ms = 1900, .has_quad = TRUE},
                    nonsense = {.ms = -5, .has_quad = TRUE},
                    none = {.ms = 0. / 0., .has_quad = TRUE};
    (void)state;
    assert_int_equal(after(&agreement, &slow, 1), 320);
    assert_int_equal(after(&agreement, &slower, 1), 640); /* advice must still follow the hand */
    assert_int_equal(after(&agreement, &nonsense, 1), 80);
    assert_int_equal(after(&agreement, &none, 1), 80);
    const DvReading page = document(70);
    assert_int_equal(after(&agreement, &page, 2), 560);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_desk_is_looked_at_less_often),
        cmocka_unit_test(what_was_told_need_only_be_seen_to_go),
        cmocka_unit_test(reading_takes_an_eighth_of_a_core_at_the_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
