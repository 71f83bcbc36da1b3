// SPDX-License-Identifier: Apache-2.0
/* Frames of a document camera: what is told, when, and how often. */
#include "agreement.h"
#include "expect.h"

static const DvReading nothing = {.reason = "no zone was found"};
static const DvReading blurred = {
    .reason = "no zone is complete", .has_quad = TRUE, .guides = DV_GUIDE_STILL};
static const DvReading glare = {
    .reason = "no zone is complete", .has_quad = TRUE, .guides = DV_GUIDE_GLARE};

static DvReading
document(const char *number)
{
    DvReading reading = {.line_count = 2, .has_quad = TRUE};
    g_strlcpy(reading.lines[0], "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
              sizeof reading.lines[0]);
    g_snprintf(reading.lines[1], sizeof reading.lines[1], "%sUTO7408122F1204159ZE184226B<<<<<10",
               number);
    return reading;
}

static gint64 now_us;
static guint pace_ms = 80;

static guint
take(DvAgreement *agreement, const DvReading *reading)
{
    now_us += (gint64)pace_ms * 1000;
    return dv_agreement_take(agreement, reading, now_us);
}

static guint
times(DvAgreement *agreement, const DvReading *reading, guint count)
{
    guint events = 0;
    for (guint i = 0; i < count; i++)
        events |= take(agreement, reading);
    return events;
}

static void
two_frames_make_a_document(void **state)
{
    DvAgreement agreement = {0};
    DvReading first = document("L898902C36");
    (void)state;
    assert_int_equal(times(&agreement, &nothing, 30), 0);
    assert_int_equal(take(&agreement, &first), DV_AGREEMENT_STARTED);
    assert_int_equal(times(&agreement, &blurred, 1), 0);
    assert_int_equal(take(&agreement, &first), DV_AGREEMENT_DOCUMENT);
    assert_string_equal(agreement.reported.lines[1], first.lines[1]);
}

static void
one_is_none(void **state)
{
    DvAgreement agreement = {0};
    DvReading first = document("L898902C36"), other = document("L898902G36");
    (void)state;
    assert_int_equal(take(&agreement, &first), DV_AGREEMENT_STARTED);
    assert_int_equal(take(&agreement, &other), 0); /* does not agree */
    assert_int_equal(take(&agreement, &first), 0); /* with the one just before */
    assert_int_equal(times(&agreement, &nothing, 9), 0);
    assert_int_equal(times(&agreement, &nothing, 1), DV_AGREEMENT_FAILED);
    assert_int_equal(times(&agreement, &nothing, 50), 0);
    assert_int_equal(take(&agreement, &first), DV_AGREEMENT_STARTED);
}

static void
agreement_has_to_be_soon(void **state)
{
    DvAgreement agreement = {0};
    DvReading first = document("L898902C36");
    (void)state;
    take(&agreement, &first);
    assert_int_equal(times(&agreement, &blurred, 13) & DV_AGREEMENT_DOCUMENT, 0);
    assert_int_equal(take(&agreement, &first) & DV_AGREEMENT_DOCUMENT, 0);
    assert_int_equal(take(&agreement, &first) & DV_AGREEMENT_DOCUMENT, DV_AGREEMENT_DOCUMENT);
}

static void
told_once_while_it_lies(void **state)
{
    DvAgreement agreement = {0};
    DvReading first = document("L898902C36"), misread = document("L898902G36");
    (void)state;
    times(&agreement, &first, 2);
    for (guint i = 0; i < 50; i++) {
        assert_int_equal(times(&agreement, &first, 5), 0);
        assert_int_equal(times(&agreement, &misread, 2), 0);
        assert_true(dv_agreement_lies(&agreement));
        assert_int_equal(times(&agreement, &nothing, 36),
                         0); /* a hand before it, as it is lifted */
        assert_false(dv_agreement_lies(&agreement));
    }
    assert_int_equal(times(&agreement, &first, 1), 0);
    assert_int_equal(times(&agreement, &nothing, 38), 0); /* three seconds */
    assert_int_equal(times(&agreement, &first, 2),
                     DV_AGREEMENT_STARTED | DV_AGREEMENT_DOCUMENT); /* laid again */
}

/* However slowly frames are read, a few of them that show nothing are no absence, nor is a stall.
 */
static void
gone_by_time_and_by_frames(void **state)
{
    DvAgreement agreement = {0};
    DvReading first = document("L898902C36");
    (void)state;
    times(&agreement, &first, 2);
    pace_ms = 640;
    assert_int_equal(times(&agreement, &nothing, 9), 0); /* more than five seconds */
    assert_int_equal(times(&agreement, &first, 2), 0);
    now_us += 60 * G_USEC_PER_SEC;
    assert_int_equal(times(&agreement, &nothing, 9), 0);
    assert_int_equal(times(&agreement, &first, 2), 0);
    assert_int_equal(times(&agreement, &nothing, 10), 0);
    assert_int_equal(times(&agreement, &first, 2), DV_AGREEMENT_STARTED | DV_AGREEMENT_DOCUMENT);
    pace_ms = 80;
}

/* The one before is remembered, but its holder's successor is advised at once. */
static void
next_document_is_advised(void **state)
{
    DvAgreement agreement = {0};
    DvReading first = document("L898902C36");
    (void)state;
    times(&agreement, &first, 2);
    assert_int_equal(times(&agreement, &glare, 5), 0);
    assert_int_equal(times(&agreement, &nothing, 10), 0); /* exchanged within a second */
    assert_int_equal(times(&agreement, &glare, 3), DV_AGREEMENT_GUIDES);
    assert_int_equal(agreement.guides, DV_GUIDE_GLARE);
    assert_int_equal(times(&agreement, &first, 5), DV_AGREEMENT_GUIDES); /* it was that one */
    assert_int_equal(agreement.guides, 0);
    assert_true(dv_agreement_lies(&agreement));
}

static void
next_document_needs_no_pause(void **state)
{
    DvAgreement agreement = {0};
    DvReading first = document("L898902C36"), second = document("X123456Y72");
    (void)state;
    times(&agreement, &first, 2);
    assert_int_equal(take(&agreement, &second), DV_AGREEMENT_STARTED);
    assert_int_equal(take(&agreement, &second), DV_AGREEMENT_DOCUMENT);
    assert_string_equal(agreement.reported.lines[1], second.lines[1]);
}

/* One frame that says something else, and the document lies there as before. */
static void
stray_reading_ends(void **state)
{
    DvAgreement agreement = {0};
    DvReading first = document("L898902C36"), stray = document("X123456Y72");
    (void)state;
    times(&agreement, &first, 2);
    assert_int_equal(take(&agreement, &stray), DV_AGREEMENT_STARTED);
    assert_int_equal(take(&agreement, &first), DV_AGREEMENT_FAILED);
    assert_false(agreement.started);
    assert_int_equal(times(&agreement, &first, 5), 0);
    assert_int_equal(times(&agreement, &nothing, 12), 0); /* it was told: no failure */
}

static void
advice_stands_still(void **state)
{
    DvAgreement agreement = {0};
    DvReading first = document("L898902C36");
    (void)state;
    assert_int_equal(times(&agreement, &glare, 2), 0);
    assert_int_equal(times(&agreement, &glare, 1), DV_AGREEMENT_GUIDES);
    assert_int_equal(agreement.guides, DV_GUIDE_GLARE);
    assert_int_equal(times(&agreement, &blurred, 2), 0); /* one or two others do not change it */
    assert_int_equal(times(&agreement, &blurred, 1), DV_AGREEMENT_GUIDES);
    assert_int_equal(agreement.guides, DV_GUIDE_STILL);
    times(&agreement, &first, 2);
    assert_int_equal(times(&agreement, &blurred, 5), DV_AGREEMENT_GUIDES);
    assert_int_equal(agreement.guides, 0); /* read: no advice */
}

static const DvReading print = {.reason = "no zone was found", .guides = DV_GUIDE_TURN};
static const DvReading moved = {.reason = "no zone was found", .guides = DV_GUIDE_STILL};

/* Frames are looked at in different ways, of which one may see the zone and the others only print.
 */
static void
a_zone_that_was_seen_is_on_the_right_side(void **state)
{
    DvAgreement agreement = {0};
    (void)state;
    assert_int_equal(times(&agreement, &print, 3), DV_AGREEMENT_GUIDES);
    assert_int_equal(agreement.guides, DV_GUIDE_TURN);
    assert_int_equal(times(&agreement, &blurred, 1), DV_AGREEMENT_GUIDES);
    assert_int_equal(agreement.guides, DV_GUIDE_STILL);
    assert_int_equal(times(&agreement, &print, 4), 0);
    assert_int_equal(times(&agreement, &print, 1), DV_AGREEMENT_GUIDES);
    assert_int_equal(agreement.guides, DV_GUIDE_TURN); /* it was not seen for long */
    assert_int_equal(times(&agreement, &nothing, 3), DV_AGREEMENT_GUIDES);
    assert_int_equal(agreement.guides, 0);
}

static void
what_looks_different_each_time_moves(void **state)
{
    DvAgreement agreement = {0};
    (void)state;
    times(&agreement, &print, 2);
    times(&agreement, &moved, 2);
    assert_int_equal(agreement.guides, DV_GUIDE_STILL);
    times(&agreement, &nothing, 3);
    assert_int_equal(agreement.guides, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stray_reading_ends),
        cmocka_unit_test(two_frames_make_a_document),
        cmocka_unit_test(one_is_none),
        cmocka_unit_test(agreement_has_to_be_soon),
        cmocka_unit_test(told_once_while_it_lies),
        cmocka_unit_test(next_document_needs_no_pause),
        cmocka_unit_test(advice_stands_still),
        cmocka_unit_test(a_zone_that_was_seen_is_on_the_right_side),
        cmocka_unit_test(what_looks_different_each_time_moves),
        cmocka_unit_test(gone_by_time_and_by_frames),
        cmocka_unit_test(next_document_is_advised),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
