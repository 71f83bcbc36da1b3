// SPDX-License-Identifier: Apache-2.0
/* Standard requests as every simulated device answers them, and descriptors that hold together. */
#include "model.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { IN = 0x80, OF_ENDPOINT = 0x02, OF_INTERFACE = 0x01 };
enum { GET_STATUS = 0, CLEAR_FEATURE = 1, SET_FEATURE = 3, GET_DESCRIPTOR = 6 };
enum { SET_CONFIGURATION = 9, GET_INTERFACE = 10, SET_INTERFACE = 11 };

static int
ask(DvSimModel *model, guint8 type, guint8 request, guint value, guint8 index, guint8 *data,
    guint16 length)
{
    const guint8 setup[8] = {type,  request, (guint8)(value & 0xff),  (guint8)(value >> 8),
                             index, 0,       (guint8)(length & 0xff), (guint8)(length >> 8)};
    return dv_sim_control(model, setup, data, length);
}

/* Every name in the list of a message makes a model. */
static void
with_each_model(void (*check)(DvSimModel *model))
{
    g_auto(GStrv) names = g_strsplit(dv_sim_model_names(), ", ", -1);
    for (guint i = 0; names[i] != NULL; i++) {
        DvSimModel *model = dv_sim_model_new(names[i], 0, 0);
        assert_non_null(model);
        check(model);
        dv_sim_model_free(model);
    }
}

/* Lengths add up, every endpoint is of the kind and size that the speed allows, and the interfaces
 * are as many as are announced. */
static void
check_configuration(DvSimModel *model)
{
    guint8 bytes[1024];
    gboolean high = model->speed == DV_SIM_HIGH_SPEED;
    int length = ask(model, IN, GET_DESCRIPTOR, 0x0200, 0, bytes, sizeof bytes);
    guint interfaces = 0;
    assert_true(length > 9);
    assert_int_equal(bytes[2] | bytes[3] << 8, length);
    int at = 0;
    for (; at + 1 < length && bytes[at] >= 2; at += bytes[at]) {
        const guint8 *d = bytes + at;
        if (d[1] == 4)
            interfaces = MAX(interfaces, d[2] + 1u);
        if (d[1] == 5 && (d[3] & 3) == 2)
            assert_int_equal(d[4] | d[5] << 8, high ? 512 : 64);
        if (d[1] == 5 && (d[3] & 3) == 3)
            assert_true((d[4] | d[5] << 8) <= 64);
    }
    assert_int_equal(at, length);
    assert_int_equal(interfaces, bytes[4]);
    assert_true(interfaces <= DV_SIM_MAX_INTERFACES);
}

static void
descriptors_hold_together(void **state)
{
    (void)state;
    with_each_model(check_configuration);
}

static void
check_truncation(DvSimModel *model)
{
    guint8 whole[18], bytes[18] = {0};
    assert_int_equal(ask(model, IN, GET_DESCRIPTOR, 0x0100, 0, whole, 18), 18);
    assert_int_equal(ask(model, IN, GET_DESCRIPTOR, 0x0100, 0, bytes, 8), 8);
    assert_memory_equal(whole, bytes, 8);
    assert_int_equal(bytes[8], 0);
    assert_int_equal(ask(model, IN, GET_DESCRIPTOR, 0x7f00, 0, bytes, 18), -EPIPE);
}

static void
no_more_than_asked(void **state)
{
    (void)state;
    with_each_model(check_truncation);
}

static void
qualifier_is_of_high_speed(void **state)
{
    guint8 bytes[16];
    DvSimModel *reader = dv_sim_model_new("cdc-acm", 0, 0);
    DvSimModel *camera = dv_sim_model_new("uvc-iso", 0, 0);
    (void)state;
    assert_int_equal(ask(reader, IN, GET_DESCRIPTOR, 0x0600, 0, bytes, 16), -EPIPE);
    assert_int_equal(ask(camera, IN, GET_DESCRIPTOR, 0x0600, 0, bytes, 16), 10);
    assert_int_equal(bytes[0], 10);
    assert_int_equal(bytes[1], 6);
    assert_int_equal(bytes[4], 0xef);
    dv_sim_model_free(reader);
    dv_sim_model_free(camera);
}

static void
hid_descriptor_of_its_interface(void **state)
{
    guint8 bytes[16];
    DvSimModel *model = dv_sim_model_new("hid-pos", 0, 0);
    (void)state;
    assert_int_equal(ask(model, IN | OF_INTERFACE, GET_DESCRIPTOR, 0x2100, 0, bytes, 16), 9);
    assert_int_equal(bytes[7] | bytes[8] << 8, model->report_length);
    assert_int_equal(ask(model, IN | OF_INTERFACE, GET_DESCRIPTOR, 0x2100, 1, bytes, 16), -EPIPE);
    dv_sim_model_free(model);
}

/* An isochronous camera has its endpoint in the settings with bandwidth only. */
static void
alternate_settings(void **state)
{
    guint8 byte = 0xff;
    DvSimEndpoint endpoint;
    DvSimModel *model = dv_sim_model_new("uvc-iso", 0, 0);
    (void)state;
    assert_false(dv_sim_endpoint(model, 0x81, &endpoint));
    assert_int_equal(ask(model, OF_INTERFACE, SET_INTERFACE, 4, 1, NULL, 0), 0);
    assert_int_equal(ask(model, IN | OF_INTERFACE, GET_INTERFACE, 0, 1, &byte, 1), 1);
    assert_int_equal(byte, 4);
    assert_true(dv_sim_endpoint(model, 0x81, &endpoint));
    assert_int_equal(endpoint.packet_size, 3072);
    assert_int_equal(endpoint.interval_us, 125);
    assert_int_equal(endpoint.interface, 1);
    assert_int_equal(ask(model, OF_INTERFACE, SET_INTERFACE, 5, 1, NULL, 0), -EPIPE);
    assert_int_equal(ask(model, OF_INTERFACE, SET_INTERFACE, 0, 7, NULL, 0), -EPIPE);
    assert_true(dv_sim_endpoint(model, 0x81, &endpoint));
    assert_int_equal(ask(model, 0, SET_CONFIGURATION, 1, 0, NULL, 0), 0);
    assert_false(dv_sim_endpoint(model, 0x81, &endpoint));
    dv_sim_model_free(model);
}

static void
intervals_by_speed(void **state)
{
    DvSimEndpoint endpoint;
    DvSimModel *reader = dv_sim_model_new("cdc-acm", 0, 0);
    DvSimModel *camera = dv_sim_model_new("uvc-bulk", 0, 0);
    (void)state;
    assert_true(dv_sim_endpoint(reader, 0x83, &endpoint));
    assert_int_equal(endpoint.interval_us, 8000); /* 8 ms */
    assert_true(dv_sim_endpoint(camera, 0x83, &endpoint));
    assert_int_equal(endpoint.interval_us, 4000); /* 2^(6-1) microframes */
    dv_sim_model_free(reader);
    dv_sim_model_free(camera);
}

static void
halts(void **state)
{
    guint8 status[2] = {9, 9}, byte;
    DvSimModel *model = dv_sim_model_new("cdc-acm", 0, 0);
    (void)state;
    assert_int_equal(ask(model, OF_ENDPOINT, SET_FEATURE, 0, 0x81, NULL, 0), 0);
    assert_int_equal(ask(model, IN | OF_ENDPOINT, GET_STATUS, 0, 0x81, status, 2), 2);
    assert_int_equal(status[0], 1);
    assert_int_equal(dv_sim_in(model, 0x81, &byte, 1), -EPIPE);
    assert_false(dv_sim_is_halted(model, 0x01));
    assert_int_equal(ask(model, OF_ENDPOINT, CLEAR_FEATURE, 0, 0x81, NULL, 0), 0);
    assert_int_equal(ask(model, IN | OF_ENDPOINT, GET_STATUS, 0, 0x81, status, 2), 2);
    assert_int_equal(status[0], 0);
    assert_int_equal(dv_sim_in(model, 0x81, &byte, 1), -EAGAIN);
    dv_sim_model_free(model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_hold_together),
        cmocka_unit_test(no_more_than_asked),
        cmocka_unit_test(qualifier_is_of_high_speed),
        cmocka_unit_test(hid_descriptor_of_its_interface),
        cmocka_unit_test(alternate_settings),
        cmocka_unit_test(intervals_by_speed),
        cmocka_unit_test(halts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
