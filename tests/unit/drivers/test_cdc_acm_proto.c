// SPDX-License-Identifier: Apache-2.0
/* Where a serial reader's interfaces are, and what it is told before it speaks. */
#include "cdc_acm_proto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Communication interface 0 (header, call management, ACM, union 0 -> 1), data interface 1. */
static const guint8 functional[] = {5, 0x24, 0, 0x10, 1, 5,    0x24, 1, 0, 1,
                                    4, 0x24, 2, 2,    5, 0x24, 6,    0, 1};

static DvUsbShape
usual_shape(void)
{
    return (DvUsbShape){
        .vid = 0x1209,
        .pid = 1,
        .interface_count = 2,
        .interfaces = {{.number = 0,
                        .class_code = 2,
                        .subclass = 2,
                        .extra = functional,
                        .extra_length = sizeof functional},
                       {.number = 1,
                        .class_code = 10,
                        .endpoint_count = 2,
                        .endpoints = {{0x02, DV_USB_BULK, 64}, {0x85, DV_USB_BULK, 64}}}},
    };
}

static void
test_finds_the_interfaces(void **state)
{
    DvUsbShape shape = usual_shape();
    DvAcmPlaces places = {0};
    g_autoptr(GError) error = NULL;
    (void)state;
    assert_true(dv_acm_find(&shape, &places, &error));
    assert_int_equal(places.control_interface, 0);
    assert_int_equal(places.data_interface, 1);
    assert_int_equal(places.in_endpoint, 0x85);
    assert_int_equal(places.out_endpoint, 0x02);
    /* Without a union descriptor the next interface is taken. */
    shape.interfaces[0].extra_length = 0;
    assert_true(dv_acm_find(&shape, &places, &error));
    /* A union descriptor that is cut short, and one that points nowhere. */
    for (gsize length = 0; length < sizeof functional; length++) {
        shape.interfaces[0].extra_length = length;
        assert_true(dv_acm_find(&shape, &places, &error));
    }
    static const guint8 nowhere[] = {5, 0x24, 6, 0, 9};
    shape.interfaces[0].extra = nowhere;
    shape.interfaces[0].extra_length = sizeof nowhere;
    assert_false(dv_acm_find(&shape, &places, &error));
    assert_non_null(strstr(error->message, "bulk input"));
}

static void
test_refuses_what_is_no_serial_reader(void **state)
{
    DvUsbShape shape = usual_shape();
    DvAcmPlaces places = {0};
    g_autoptr(GError) error = NULL;
    (void)state;
    shape.interfaces[0].subclass = 6;
    assert_false(dv_acm_find(&shape, &places, &error));
    assert_non_null(strstr(error->message, "1209:0001"));
    shape.interface_count = 0;
    assert_false(dv_acm_find(&shape, &places, NULL));
}

static void
test_line_coding_is_little_endian(void **state)
{
    guint8 coding[DV_ACM_LINE_CODING_SIZE];
    static const guint8 expected[] = {0x00, 0xc2, 0x01, 0x00, 0, 0, 8}; /* 115200 8N1 */
    (void)state;
    dv_acm_line_coding(115200, coding);
    assert_memory_equal(coding, expected, sizeof expected);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_the_interfaces),
        cmocka_unit_test(test_refuses_what_is_no_serial_reader),
        cmocka_unit_test(test_line_coding_is_little_endian),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
