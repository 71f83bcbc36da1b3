// SPDX-License-Identifier: Apache-2.0
/* How much an endpoint carries in one interval, at each speed. */
#include "usb.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void
test_high_speed_says_it_in_the_packet_size(void **state)
{
    (void)state;
    assert_int_equal(dv_usb_bytes_per_interval(NULL, 0, DV_USB_ISO, 1024), 1024);
    assert_int_equal(dv_usb_bytes_per_interval(NULL, 0, DV_USB_ISO, 1 << 11 | 1024), 2048);
    assert_int_equal(dv_usb_bytes_per_interval(NULL, 0, DV_USB_ISO, 2 << 11 | 1024), 3072);
}

static void
test_super_speed_says_it_in_a_companion(void **state)
{
    /* Three bursts of 1024, twice an interval: 49152 is the most that USB 3 allows. */
    static const guint8 stated[] = {6, 0x30, 2, 1, 0x00, 0x18};
    static const guint8 most[] = {6, 0x30, 15, 2, 0x00, 0xc0};
    static const guint8 unsaid[] = {6, 0x30, 2, 1, 0, 0};
    (void)state;
    assert_int_equal(dv_usb_bytes_per_interval(stated, sizeof stated, DV_USB_ISO, 1024), 6144);
    assert_int_equal(dv_usb_bytes_per_interval(most, sizeof most, DV_USB_ISO, 1024), 49152);
    assert_int_equal(dv_usb_bytes_per_interval(unsaid, sizeof unsaid, DV_USB_ISO, 1024), 6144);
    /* A bulk endpoint's attributes are its streams, not a factor. */
    assert_int_equal(dv_usb_bytes_per_interval(unsaid, sizeof unsaid, DV_USB_BULK, 1024), 3072);
}

static void
test_a_companion_stands_among_others(void **state)
{
    static const guint8 behind[] = {7, 0x25, 1, 0, 0, 0, 0, 6, 0x30, 0, 0, 0x00, 0x04};
    (void)state;
    assert_int_equal(dv_usb_bytes_per_interval(behind, sizeof behind, DV_USB_ISO, 1024), 1024);
}

static void
test_a_broken_companion_is_none(void **state)
{
    static const guint8 cut[] = {6, 0x30, 15, 2, 0x00};
    static const guint8 shorter[] = {4, 0x30, 15, 2};
    static const guint8 endless[] = {0, 0x30, 15, 2, 0x00, 0xc0};
    (void)state;
    assert_int_equal(dv_usb_bytes_per_interval(cut, sizeof cut, DV_USB_ISO, 512), 512);
    assert_int_equal(dv_usb_bytes_per_interval(shorter, sizeof shorter, DV_USB_ISO, 512), 512);
    assert_int_equal(dv_usb_bytes_per_interval(endless, sizeof endless, DV_USB_ISO, 512), 512);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_high_speed_says_it_in_the_packet_size),
        cmocka_unit_test(test_super_speed_says_it_in_a_companion),
        cmocka_unit_test(test_a_companion_stands_among_others),
        cmocka_unit_test(test_a_broken_companion_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
