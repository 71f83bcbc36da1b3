// SPDX-License-Identifier: Apache-2.0
/* What is agreed with a simulated camera: probe, commitment, exposure, focus, and its error code.
 */
#include "uvc_model.h"
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { SET = 0x21, GET = 0xa1 };
enum { SET_CUR = 0x01, GET_CUR = 0x81, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF };
enum { PROBE = 1, COMMIT = 2, STREAM = 1, CAMERA = 1 << 8, PROCESSING = 2 << 8 };
enum { EXPOSURE_MODE = 2, EXPOSURE = 4, FOCUS = 6, FOCUS_AUTO = 8, BRIGHTNESS = 2 };
enum { WRONG_STATE = 2, OUT_OF_RANGE = 4, INVALID_UNIT = 5, INVALID_CONTROL = 6 };
enum { INVALID_REQUEST = 7 };

static int
ask(DvSimModel *camera, guint8 request, guint8 selector, guint index, guint8 *data, guint8 length)
{
    const guint8 setup[8] = {
        request == SET_CUR ? SET : GET, request, 0, selector, (guint8)(index & 0xff),
        (guint8)(index >> 8),           length,  0};
    return dv_sim_control(camera, setup, data, length);
}

static int
get(DvSimModel *camera, guint8 request, guint8 selector, guint index, guint8 length)
{
    guint8 bytes[4] = {0};
    assert_int_equal(ask(camera, request, selector, index, bytes, length), length);
    return bytes[0] | bytes[1] << 8 | bytes[2] << 16 | bytes[3] << 24;
}

static int
set(DvSimModel *camera, guint8 selector, guint index, int value, guint8 length)
{
    guint8 bytes[4] = {(guint8)value, (guint8)(value >> 8), (guint8)(value >> 16),
                       (guint8)(value >> 24)};
    return ask(camera, SET_CUR, selector, index, bytes, length);
}

static int
last_error(DvSimModel *camera)
{
    return get(camera, GET_CUR, 2, 0, 1);
}

static guint32
number_at(const guint8 *bytes)
{
    return bytes[0] | (guint32)bytes[1] << 8 | (guint32)bytes[2] << 16 | (guint32)bytes[3] << 24;
}

/* Each version of the class has its length, and takes no other. */
static void
probe_lengths(void **state)
{
    static const struct {
        const char *model;
        guint8 length;
    } rows[] = {{"uvc-old", 26}, {"uvc-bulk", 34}, {"uvc-15", 48}};
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint8 bytes[64] = {0};
        DvSimModel *camera = dv_sim_model_new(rows[i].model, 0, 0);
        assert_int_equal(get(camera, GET_LEN, PROBE, STREAM, 2), rows[i].length);
        assert_int_equal(ask(camera, GET_CUR, PROBE, STREAM, bytes, 64), rows[i].length);
        assert_int_equal(ask(camera, SET_CUR, PROBE, STREAM, bytes, rows[i].length),
                         rows[i].length);
        assert_int_equal(ask(camera, SET_CUR, PROBE, STREAM, bytes, (guint8)(rows[i].length + 1)),
                         -EPIPE);
        assert_int_equal(last_error(camera), INVALID_REQUEST);
        dv_sim_model_free(camera);
    }
}

/* A wish is answered with the nearest that there is. */
static void
probe_is_negotiated(void **state)
{
    static const struct {
        guint8 format, frame;
        guint32 interval;
        guint8 to_format, to_frame;
        guint32 to_interval, max_frame, payload;
    } rows[] = {
        {1, 1, 333333, 1, 1, 333333, 1280 * 960, 3072},
        {1, 2, 600000, 1, 2, 333333, 640 * 480, 1336},
        {1, 2, 666666, 1, 2, 666666, 640 * 480, 671},
        {2, 2, 1, 2, 2, 2000000, 1280 * 960 * 2, 1767},
        {1, 9, 9000000, 1, 1, 1000000, 1280 * 960, 1767},
        {9, 9, 333333, 1, 1, 333333, 1280 * 960, 3072},
    };
    DvSimModel *camera = dv_sim_model_new("uvc-iso", 0, 0);
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint8 bytes[34] = {0, 0, rows[i].format, rows[i].frame};
        for (guint b = 0; b < 4; b++)
            bytes[4 + b] = (guint8)(rows[i].interval >> 8 * b);
        assert_int_equal(ask(camera, SET_CUR, PROBE, STREAM, bytes, 34), 34);
        memset(bytes, 0, sizeof bytes);
        assert_int_equal(ask(camera, GET_CUR, PROBE, STREAM, bytes, 34), 34);
        assert_int_equal(bytes[2], rows[i].to_format);
        assert_int_equal(bytes[3], rows[i].to_frame);
        assert_int_equal(number_at(bytes + 4), rows[i].to_interval);
        assert_int_equal(number_at(bytes + 18), rows[i].max_frame);
        assert_int_equal(number_at(bytes + 22), rows[i].payload);
        assert_int_equal(ask(camera, SET_CUR, COMMIT, STREAM, bytes, 34), 34);
    }
    dv_sim_model_free(camera);
}

static void
commitment_to_what_was_not_offered(void **state)
{
    guint8 bytes[34] = {0, 0, 1, 7, 0x15, 0x16, 0x05};
    DvSimModel *camera = dv_sim_model_new("uvc-bulk", 0, 0);
    (void)state;
    assert_int_equal(ask(camera, SET_CUR, COMMIT, STREAM, bytes, 34), -EPIPE);
    assert_int_equal(last_error(camera), OUT_OF_RANGE);
    assert_false(camera->listening(camera));
    bytes[3] = 1;
    assert_int_equal(ask(camera, SET_CUR, COMMIT, STREAM, bytes, 34), 34);
    assert_true(camera->listening(camera));
    dv_sim_model_free(camera);
}

static void
probe_has_bounds(void **state)
{
    guint8 bytes[34];
    DvSimModel *camera = dv_sim_model_new("uvc-bulk", 0, 0);
    (void)state;
    assert_int_equal(ask(camera, GET_MIN, PROBE, STREAM, bytes, 34), 34);
    assert_int_equal(number_at(bytes + 4), 333333);
    assert_int_equal(ask(camera, GET_MAX, PROBE, STREAM, bytes, 34), 34);
    assert_int_equal(bytes[2], 2);
    assert_int_equal(number_at(bytes + 4), 2000000);
    assert_int_equal(get(camera, GET_INFO, PROBE, STREAM, 1), 3);
    assert_int_equal(ask(camera, GET_RES, PROBE, STREAM, bytes, 34), -EPIPE);
    assert_int_equal(ask(camera, GET_MIN, COMMIT, STREAM, bytes, 34), -EPIPE);
    dv_sim_model_free(camera);
}

static void
exposure_by_hand_only(void **state)
{
    DvSimModel *camera = dv_sim_model_new("uvc-iso", 0, 0);
    (void)state;
    assert_int_equal(get(camera, GET_INFO, EXPOSURE, CAMERA, 1), 1 | 2 | 4);
    assert_int_equal(set(camera, EXPOSURE, CAMERA, 300, 4), -EPIPE);
    assert_int_equal(last_error(camera), WRONG_STATE);
    assert_int_equal(get(camera, GET_RES, EXPOSURE_MODE, CAMERA, 1), 1 | 8);
    assert_int_equal(set(camera, EXPOSURE_MODE, CAMERA, 4, 1), -EPIPE);
    assert_int_equal(last_error(camera), OUT_OF_RANGE);
    assert_int_equal(set(camera, EXPOSURE_MODE, CAMERA, 1, 1), 1);
    assert_int_equal(get(camera, GET_INFO, EXPOSURE, CAMERA, 1), 1 | 2);
    assert_int_equal(set(camera, EXPOSURE, CAMERA, 300, 4), 4);
    assert_int_equal(last_error(camera), 0);
    assert_int_equal(get(camera, GET_CUR, EXPOSURE, CAMERA, 4), 300);
    assert_int_equal(
        set(camera, EXPOSURE, CAMERA, get(camera, GET_MAX, EXPOSURE, CAMERA, 4) + 1, 4), -EPIPE);
    assert_int_equal(get(camera, GET_CUR, EXPOSURE, CAMERA, 4), 300);
    dv_sim_model_free(camera);
}

static void
focus_by_hand_only(void **state)
{
    DvSimModel *camera = dv_sim_model_new("uvc-old", 0, 0);
    (void)state;
    assert_int_equal(set(camera, FOCUS, CAMERA, 100, 2), -EPIPE);
    assert_int_equal(set(camera, FOCUS_AUTO, CAMERA, 0, 1), 1);
    assert_int_equal(set(camera, FOCUS, CAMERA, 100, 2), 2);
    assert_int_equal(get(camera, GET_CUR, FOCUS, CAMERA, 2), 100);
    assert_int_equal(get(camera, GET_DEF, FOCUS, CAMERA, 2), 50);
    assert_int_equal(get(camera, GET_LEN, FOCUS, CAMERA, 2), 2);
    dv_sim_model_free(camera);
}

static void
brightness_is_signed(void **state)
{
    DvSimModel *camera = dv_sim_model_new("uvc-bulk", 0, 0);
    (void)state;
    assert_int_equal(set(camera, BRIGHTNESS, PROCESSING, -64, 2), 2);
    assert_int_equal(get(camera, GET_CUR, BRIGHTNESS, PROCESSING, 2), 0xffc0);
    assert_int_equal(set(camera, BRIGHTNESS, PROCESSING, -65, 2), -EPIPE);
    assert_int_equal(last_error(camera), OUT_OF_RANGE);
    dv_sim_model_free(camera);
}

static void
what_is_not_there(void **state)
{
    guint8 bytes[4] = {0};
    DvSimModel *camera = dv_sim_model_new("uvc-bulk", 0, 0);
    (void)state;
    assert_int_equal(ask(camera, GET_CUR, 0x0b, CAMERA, bytes, 2), -EPIPE); /* zoom */
    assert_int_equal(last_error(camera), INVALID_CONTROL);
    assert_int_equal(ask(camera, GET_CUR, 1, 9 << 8, bytes, 2), -EPIPE);
    assert_int_equal(last_error(camera), INVALID_UNIT);
    assert_int_equal(ask(camera, 0x90, EXPOSURE, CAMERA, bytes, 4), -EPIPE);
    assert_int_equal(last_error(camera), INVALID_REQUEST);
    dv_sim_model_free(camera);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probe_lengths),
        cmocka_unit_test(probe_is_negotiated),
        cmocka_unit_test(commitment_to_what_was_not_offered),
        cmocka_unit_test(probe_has_bounds),
        cmocka_unit_test(exposure_by_hand_only),
        cmocka_unit_test(focus_by_hand_only),
        cmocka_unit_test(brightness_is_signed),
        cmocka_unit_test(what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
