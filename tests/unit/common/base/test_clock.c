// SPDX-License-Identifier: Apache-2.0
/* Time: its written form, the injected clock, what makes a clock suspect. */
#include "expect.h"
#include <darvaza/clock.h>

static gint64
fixed(void *data)
{
    return *(gint64 *)data;
}

static void
written_form(void **state)
{
    (void)state;
    static const struct {
        gint64 us;
        const char *text;
    } cases[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {G_GINT64_CONSTANT(1795460568123999), "2026-11-23T19:02:48.123Z"},
        {G_GINT64_CONSTANT(951782400000000), "2000-02-29T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {G_GINT64_CONSTANT(-2208988800000000), "1900-01-01T00:00:00.000Z"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = dv_time_format(cases[i].us);
        gint64 back = 0;
        assert_string_equal(text, cases[i].text);
        assert_true(dv_time_parse(text, &back, &error));
        assert_true(back <= cases[i].us && cases[i].us - back < 1000);
    }
    gint64 us = 1;
    assert_true(dv_time_parse("1970-01-01T00:00:01Z", &us, NULL));
    assert_int_equal(us, G_USEC_PER_SEC);
}

static void
other_forms_are_refused(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "",
        "2026-11-23",
        "2026-11-23T19:02:48",
        "2026-11-23T19:02:48.12Z",
        "2026-11-23T19:02:48.1234Z",
        "2026-11-23t19:02:48Z",
        "2026-11-23T19:02:48+00:00",
        "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T19:60:00Z",
        "2026-11-23T19:02:60Z",
        "0000-01-01T00:00:00Z",
        "2026-11-23T19:02:48Z ",
        " 2026-11-23T19:02:48Z",
        "2026-1-23T19:02:48Z",
        "+026-11-23T19:02:48Z",
    };
    gint64 us;
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        if (dv_time_parse(cases[i], &us, &error))
            fail_msg("\"%s\" was taken", cases[i]);
        expect_error(&error, DV_ERROR_INVALID, "of the form");
    }
    g_autoptr(GError) error = NULL;
    assert_false(dv_time_parse(NULL, &us, &error));
}

static void
injected_clock(void **state)
{
    (void)state;
    gint64 now = 1000;
    const DvClock clock = {fixed, fixed, &now};

    dv_clock_install(&clock);
    assert_int_equal(dv_clock_wall_us(), 1000);
    now = 77;
    assert_int_equal(dv_clock_mono_us(), 77);
    assert_int_equal(dv_clock_quality(78), DV_CLOCK_SUSPECT);
    assert_int_not_equal(dv_clock_quality(77), DV_CLOCK_SUSPECT);
    assert_string_equal(dv_clock_quality_word(DV_CLOCK_SUSPECT), "SUSPECT");
    dv_clock_install(NULL);
    assert_true(dv_clock_wall_us() > G_GINT64_CONSTANT(1600000000000000));
    gint64 before = dv_clock_mono_us();
    assert_true(dv_clock_mono_us() >= before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_form),
        cmocka_unit_test(other_forms_are_refused),
        cmocka_unit_test(injected_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
