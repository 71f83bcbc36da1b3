// SPDX-License-Identifier: Apache-2.0
/* What cameras say of themselves, in three versions of the class, and what is agreed on. */
#include "uvc_examples.h"
#include <darvaza/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const guint8 vc_10[] = {VC_EXTRA(0x0100, 0, 0, 0)};
static const guint8 vc_11[] = {VC_EXTRA(0x0110, 0x0a, 0x00, 0x00)}; /* mode, exposure */
static const guint8 vc_15[] = {VC_EXTRA(0x0150, 0x2a, 0x00, 0x02)}; /* ... focus, its automatic */
static const guint8 vs_mjpeg[] = {VS_HEADER(1), MJPEG_FORMAT(1, 2),
                                  FRAME_TWO(7, 1, 1280, 960, 1280 * 960 * 2),
                                  FRAME_RANGE(7, 2, 640, 480, 0)};
static const guint8 vs_both[] = {
    VS_HEADER(3),
    /* H.264 first: skipped with its frame */
    28, 0x24, 0x10, 1, 1, 'H', '2', '6', '4', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71,
    0, 1, 0, 0, 0, 0, 1, FRAME_TWO(0x11, 1, 1920, 1080, 0), YUY2_FORMAT(2, 1),
    FRAME_TWO(5, 1, 640, 480, 614400), MJPEG_FORMAT(3, 1), FRAME_TWO(7, 1, 640, 480, 614400)};

/* One bulk camera. */
static DvUsbShape
bulk_device(const guint8 *vc, gsize vc_length, const guint8 *vs, gsize vs_length)
{
    DvUsbShape device = {.interface_count = 2};
    device.interfaces[0] = uvc_interface(0, 0, 1, vc, vc_length);
    device.interfaces[1] = uvc_interface(1, 0, 2, vs, vs_length);
    uvc_endpoint(&device.interfaces[1], 0x81, DV_USB_BULK, 512);
    return device;
}

/* The same with three alternate settings. */
static DvUsbShape
iso_device(const guint8 *vc, gsize vc_length, const guint8 *vs, gsize vs_length)
{
    static const guint32 sizes[] = {192, 3072, 1024};
    DvUsbShape device = {.interface_count = 5};
    device.interfaces[0] = uvc_interface(2, 0, 1, vc, vc_length);
    device.interfaces[1] = uvc_interface(3, 0, 2, vs, vs_length);
    for (guint8 i = 0; i < 3; i++) {
        device.interfaces[2 + i] = uvc_interface(3, (guint8)(i + 1), 2, NULL, 0);
        uvc_endpoint(&device.interfaces[2 + i], 0x81, DV_USB_ISO, sizes[i]);
    }
    return device;
}

static DvUvcShape
find(const DvUsbShape *device)
{
    DvUvcShape shape;
    g_autoptr(GError) error = NULL;
    if (!dv_uvc_find(device, &shape, &error))
        fail_msg("%s", error->message);
    return shape;
}

static void
test_versions(void **state)
{
    const struct {
        const guint8 *vc;
        gsize vc_length;
        guint16 version;
        gsize probe;
        guint32 controls;
    } rows[] = {
        {vc_10, sizeof vc_10, 0x0100, 26, 0},
        {vc_11, sizeof vc_11, 0x0110, 34, 0x0a},
        {vc_15, sizeof vc_15, 0x0150, 48, 0x2002a},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        DvUsbShape device = bulk_device(rows[i].vc, rows[i].vc_length, vs_mjpeg, sizeof vs_mjpeg);
        DvUvcShape shape = find(&device);
        assert_int_equal(shape.version, rows[i].version);
        assert_int_equal(dv_uvc_probe_length(shape.version), rows[i].probe);
        assert_int_equal(shape.terminal, 1);
        assert_int_equal(shape.controls, rows[i].controls);
        assert_true(shape.bulk);
        assert_int_equal(shape.endpoint, 0x81);
        assert_int_equal(shape.mode_count, 2);
        assert_int_equal(shape.modes[0].width, 1280);
        assert_int_equal(shape.modes[0].interval_count, 2);
        assert_true(shape.modes[1].continuous);
    }
    assert_int_equal(dv_uvc_probe_shorter(48), 34);
    assert_int_equal(dv_uvc_probe_shorter(34), 26);
    assert_int_equal(dv_uvc_probe_shorter(26), 0);
}

static void
test_isochronous_settings(void **state)
{
    DvUsbShape device = iso_device(vc_11, sizeof vc_11, vs_both, sizeof vs_both);
    DvUvcShape shape = find(&device);
    g_autoptr(GError) error = NULL;
    (void)state;
    assert_false(shape.bulk);
    assert_int_equal(shape.control_interface, 2);
    assert_int_equal(shape.streaming_interface, 3);
    assert_int_equal(shape.alternate_count, 3);
    assert_int_equal(shape.mode_count, 2); /* H.264 is not among them */
    assert_int_equal(shape.modes[0].format, DV_FRAME_YUY2);
    assert_int_equal(shape.modes[0].format_index, 2);
    assert_int_equal(shape.modes[1].format, DV_FRAME_MJPEG);
    const struct {
        gsize payload;
        guint8 alternate;
    } rows[] = {{192, 1}, {193, 3}, {1024, 3}, {1025, 2}, {3072, 2}, {0, 2}};
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const DvUvcStream stream = {.payload_size = rows[i].payload};
        const DvUvcAlternate *at = dv_uvc_alternate(&shape, &stream, &error);
        assert_non_null(at);
        assert_int_equal(at->alternate, rows[i].alternate);
    }
    const DvUvcStream much = {.payload_size = 3073};
    assert_null(dv_uvc_alternate(&shape, &much, &error));
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_INVALID));
}

static void
test_the_nearest_is_chosen(void **state)
{
    DvUsbShape device = iso_device(vc_11, sizeof vc_11, vs_both, sizeof vs_both);
    DvUsbShape other = bulk_device(vc_10, sizeof vc_10, vs_mjpeg, sizeof vs_mjpeg);
    DvUvcShape both = find(&device), sizes = find(&other);
    const struct {
        const DvUvcShape *shape;
        DvFrameWish wish;
        guint width, format;
        guint32 interval;
    } rows[] = {
        {&both, {0, 0, 0, DV_FRAME_ANY}, 640, DV_FRAME_MJPEG, 333333},
        {&both, {640, 480, 12, DV_FRAME_YUY2}, 640, DV_FRAME_YUY2, 1000000},
        {&sizes, {0, 0, 0, DV_FRAME_ANY}, 1280, DV_FRAME_MJPEG, 333333},
        {&sizes, {1920, 1080, 0, DV_FRAME_YUY2}, 1280, DV_FRAME_MJPEG, 333333},
        {&sizes, {1280, 960, 5, DV_FRAME_ANY}, 1280, DV_FRAME_MJPEG, 1000000},
        {&sizes, {320, 240, 0, DV_FRAME_ANY}, 640, DV_FRAME_MJPEG, 333333},
        /* 14 a second is 714285; the steps from 333333 reach 666666 */
        {&sizes, {640, 480, 14, DV_FRAME_ANY}, 640, DV_FRAME_MJPEG, 666666},
        {&sizes, {640, 480, 1, DV_FRAME_ANY}, 640, DV_FRAME_MJPEG, 1999998},
        {&sizes, {G_MAXUINT, G_MAXUINT, G_MAXUINT, DV_FRAME_ANY}, 1280, DV_FRAME_MJPEG, 333333},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint32 interval;
        const DvUvcMode *mode = dv_uvc_choose(rows[i].shape, &rows[i].wish, &interval);
        assert_int_equal(mode->width, rows[i].width);
        assert_int_equal(mode->format, rows[i].format);
        assert_int_equal(interval, rows[i].interval);
    }
}

static void
answer(guint8 out[DV_UVC_PROBE_MAX], guint8 format, guint8 frame, guint32 size, guint32 payload)
{
    const guint8 fields[] = {LE32(size), LE32(payload)};
    memset(out, 0, DV_UVC_PROBE_MAX);
    out[2] = format;
    out[3] = frame;
    memcpy(out + 18, fields, sizeof fields);
}

static void
test_probe_bytes(void **state)
{
    DvUsbShape device = bulk_device(vc_15, sizeof vc_15, vs_mjpeg, sizeof vs_mjpeg);
    DvUvcShape shape = find(&device);
    guint8 bytes[DV_UVC_PROBE_MAX];
    static const guint8 head[] = {1, 0, 1, 2, LE32(333333)};
    (void)state;
    memset(bytes, 0xee, sizeof bytes);
    dv_uvc_probe_encode(&shape.modes[1], 333333, 26, bytes);
    assert_memory_equal(bytes, head, sizeof head);
    for (guint i = sizeof head; i < 26; i++)
        assert_int_equal(bytes[i], 0);
    assert_int_equal(bytes[26], 0xee); /* no longer than it is said to be */
}

static void
test_answers(void **state)
{
    DvUsbShape bulk = bulk_device(vc_10, sizeof vc_10, vs_mjpeg, sizeof vs_mjpeg);
    DvUsbShape iso = iso_device(vc_10, sizeof vc_10, vs_both, sizeof vs_both);
    DvUvcShape bulk_shape = find(&bulk), iso_shape = find(&iso);
    const struct {
        const DvUvcShape *shape;
        guint8 format, frame;
        guint32 size, payload;
        gsize length;
        gboolean good;
        gsize frame_size, payload_size;
    } rows[] = {
        {&bulk_shape, 1, 1, 500000, 16384, 26, TRUE, 1280 * 960 * 2, 16384},
        {&bulk_shape, 1, 1, 3000000, 16384, 34, TRUE, 3000000, 16384},
        {&bulk_shape, 1, 2, 0, 16384, 26, TRUE, DV_FRAME_MAX, 16384}, /* nobody says how large */
        {&bulk_shape, 1, 1, G_MAXUINT32, 16384, 48, TRUE, DV_FRAME_MAX, 16384},
        {&bulk_shape, 1, 1, 500000, 0, 26, FALSE, 0, 0},
        {&bulk_shape, 1, 1, 500000, G_MAXUINT32, 26, FALSE, 0, 0},
        {&bulk_shape, 1, 3, 500000, 16384, 26, FALSE, 0, 0},
        {&bulk_shape, 0, 1, 500000, 16384, 26, FALSE, 0, 0},
        {&bulk_shape, 1, 1, 500000, 16384, 25, FALSE, 0, 0},
        {&iso_shape, 2, 1, 77, 3072, 26, TRUE, 614400, 3072}, /* YUY2 has the size it has */
        {&iso_shape, 3, 1, 77, 0xffff0c00, 26, TRUE, 614400, 3072},
        {&iso_shape, 3, 1, 77, 0, 26, TRUE, 614400, 0},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        guint8 bytes[DV_UVC_PROBE_MAX];
        DvUvcStream stream;
        g_autoptr(GError) error = NULL;
        answer(bytes, rows[i].format, rows[i].frame, rows[i].size, rows[i].payload);
        g_autofree guint8 *exact = g_memdup2(bytes, rows[i].length);
        gboolean good = dv_uvc_probe_decode(rows[i].shape, exact, rows[i].length, &stream, &error);
        assert_int_equal(good, rows[i].good);
        assert_int_equal(error == NULL, rows[i].good);
        if (!good)
            continue;
        assert_int_equal(stream.frame_size, rows[i].frame_size);
        assert_int_equal(stream.payload_size, rows[i].payload_size);
    }
}

/* ---- descriptors that lie */

static gboolean
is_camera(const DvUsbShape *device)
{
    DvUvcShape shape;
    g_autoptr(GError) error = NULL;
    gboolean found = dv_uvc_find(device, &shape, &error);
    assert_int_equal(found, error == NULL);
    return found;
}

static void
test_hostile_descriptors(void **state)
{
    static const guint8 no_size[] = {VS_HEADER(1), MJPEG_FORMAT(1, 1), FRAME_TWO(7, 1, 0, 960, 0)};
    static const guint8 too_large[] = {VS_HEADER(1), YUY2_FORMAT(1, 1),
                                       FRAME_TWO(5, 1, 60000, 60000, 0)};
    static const guint8 odd[] = {VS_HEADER(1), YUY2_FORMAT(1, 1), FRAME_TWO(5, 1, 641, 480, 0)};
    static const guint8 cut_frame[] = {VS_HEADER(1), MJPEG_FORMAT(1, 1), 200, 0x24, 7, 1, 0};
    static const guint8 short_frame[] = {VS_HEADER(1), MJPEG_FORMAT(1, 1), 6, 0x24, 7, 1, 0, 5};
    static const guint8 no_interval[] = {VS_HEADER(1), MJPEG_FORMAT(1, 1),
                                         FRAME_HEAD(26, 7, 1, 640, 480, 0), 4};
    static const guint8 null_interval[] = {VS_HEADER(1), MJPEG_FORMAT(1, 1),
                                           FRAME_HEAD(30, 7, 1, 640, 480, 0), 1, LE32(0)};
    static const guint8 turned_range[] = {
        VS_HEADER(1), MJPEG_FORMAT(1, 1), FRAME_HEAD(38, 7, 1, 640, 480, 0), 0, LE32(9), LE32(3),
        LE32(1)};
    static const guint8 frame_first[] = {VS_HEADER(1), FRAME_TWO(7, 1, 640, 480, 0),
                                         MJPEG_FORMAT(1, 1)};
    static const guint8 other_kind[] = {VS_HEADER(1), MJPEG_FORMAT(1, 1),
                                        FRAME_TWO(5, 1, 640, 480, 0)};
    static const guint8 three_bytes[] = {
        VS_HEADER(1), 3, 0x24, 6, 3, 0x24, 4, FRAME_TWO(7, 1, 640, 480, 0)};
    static const guint8 no_length[] = {0, 0x24, 1, 0, 0, 0, 0x81};
    const struct {
        const guint8 *vs;
        gsize length;
    } rows[] = {
        {NULL, 0},
        {no_size, sizeof no_size},
        {too_large, sizeof too_large},
        {odd, sizeof odd},
        {cut_frame, sizeof cut_frame},
        {short_frame, sizeof short_frame},
        {no_interval, sizeof no_interval},
        {null_interval, sizeof null_interval},
        {turned_range, sizeof turned_range},
        {frame_first, sizeof frame_first},
        {other_kind, sizeof other_kind},
        {three_bytes, sizeof three_bytes},
        {no_length, sizeof no_length},
        {vs_mjpeg, sizeof vs_mjpeg - 60}, /* cut in the middle of a frame */
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree guint8 *exact = g_memdup2(rows[i].vs, rows[i].length);
        DvUsbShape device = bulk_device(vc_10, sizeof vc_10, exact, rows[i].length);
        assert_false(is_camera(&device));
    }
    DvUsbShape headless = bulk_device(vc_10 + 13, sizeof vc_10 - 13, vs_mjpeg, sizeof vs_mjpeg);
    assert_false(is_camera(&headless));
    DvUsbShape outward = bulk_device(vc_10, sizeof vc_10, vs_mjpeg, sizeof vs_mjpeg);
    outward.interfaces[1].endpoints[0].address = 0x82; /* not the one that the header names */
    assert_false(is_camera(&outward));
    outward.interfaces[1].endpoint_count = 0;
    assert_false(is_camera(&outward));
    DvUsbShape mute = {.interface_count = 0};
    assert_false(is_camera(&mute));
}

/* More than there is room for: what fits is kept. */
static void
test_too_many(void **state)
{
    static const guint8 frame[] = {FRAME_TWO(7, 1, 640, 480, 0)};
    static const guint8 head[] = {VS_HEADER(1), MJPEG_FORMAT(1, 1)};
    g_autoptr(GByteArray) vs = g_byte_array_new();
    (void)state;
    g_byte_array_append(vs, head, sizeof head);
    for (guint i = 0; i < 3 * DV_UVC_MAX_MODES; i++)
        g_byte_array_append(vs, frame, sizeof frame);
    DvUsbShape device = {.interface_count = DV_USB_MAX_INTERFACES};
    device.interfaces[0] = uvc_interface(0, 0, 1, vc_10, sizeof vc_10);
    for (guint i = 1; i < DV_USB_MAX_INTERFACES; i++) {
        device.interfaces[i] =
            uvc_interface(1, (guint8)(i - 1), 2, i == 1 ? vs->data : NULL, i == 1 ? vs->len : 0);
        uvc_endpoint(&device.interfaces[i], 0x81, DV_USB_ISO, i);
    }
    DvUvcShape shape = find(&device);
    assert_int_equal(shape.mode_count, DV_UVC_MAX_MODES);
    assert_int_equal(shape.alternate_count, DV_UVC_MAX_ALTERNATES);
}

/* Two cameras in one device; the first can do nothing that we take. Its formats stand behind the
 * endpoint, as some cameras have them. */
static void
test_the_second_camera(void **state)
{
    DvUsbShape device = {.interface_count = 5};
    (void)state;
    device.interfaces[0] = uvc_interface(0, 0, 1, vc_10, sizeof vc_10);
    device.interfaces[1] = uvc_interface(1, 0, 2, NULL, 0);
    device.interfaces[2] = (DvUsbInterface){.number = 9, .class_code = 1, .subclass = 2};
    device.interfaces[3] = uvc_interface(2, 0, 1, vc_11, sizeof vc_11);
    device.interfaces[4] = uvc_interface(3, 0, 2, NULL, 0);
    uvc_endpoint(&device.interfaces[4], 0x81, DV_USB_BULK, 512);
    device.interfaces[4].endpoints[0].extra = vs_mjpeg;
    device.interfaces[4].endpoints[0].extra_length = sizeof vs_mjpeg;
    DvUvcShape shape = find(&device);
    assert_int_equal(shape.control_interface, 2);
    assert_int_equal(shape.streaming_interface, 3);
    assert_int_equal(shape.version, 0x0110);
}

/* ---- exposure and focus */

static void
test_options(void **state)
{
    static const char *const good[][2] = {{"exposure", "auto"},  {"exposure", "1"},
                                          {"exposure", "10000"}, {"focus", "auto"},
                                          {"focus", "0"},        {"focus", "65535"}};
    static const char *const bad[][2] = {
        {"exposure", "0"}, {"exposure", "100001"}, {"exposure", ""}, {"focus", "65536"},
        {"focus", "-1"},   {"focus", "far"},       {"zoom", "auto"}};
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(good); i++)
        assert_true(dv_uvc_check_option(good[i][0], good[i][1], NULL));
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        assert_false(dv_uvc_check_option(bad[i][0], bad[i][1], &error));
        assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CONFIG));
    }
}

/* selector=bytes, in order. */
static char *
settings_of(const guint8 *vc, gsize length, const char *exposure, const char *focus,
            const char **lacking)
{
    DvUsbShape device = bulk_device(vc, length, vs_mjpeg, sizeof vs_mjpeg);
    DvUvcShape shape = find(&device);
    DvUvcSetting settings[DV_UVC_MAX_SETTINGS];
    guint count = dv_uvc_settings(&shape, exposure, focus, settings, lacking);
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint i = 0; i < count; i++) {
        g_string_append_printf(text, "%s%u=", i > 0 ? " " : "", settings[i].selector);
        for (guint b = 0; b < settings[i].length; b++)
            g_string_append_printf(text, "%02x", settings[i].bytes[b]);
    }
    return g_string_free(g_steal_pointer(&text), FALSE);
}

static void
test_settings(void **state)
{
    const struct {
        const guint8 *vc;
        gsize length;
        const char *exposure, *focus, *expected, *lacking;
    } rows[] = {
        {vc_15, sizeof vc_15, "300", "40", "8=00 6=2800 2=04 2=01 4=2c010000", NULL},
        {vc_15, sizeof vc_15, "auto", "auto", "8=01 2=02 2=08", NULL},
        {vc_15, sizeof vc_15, NULL, NULL, "", NULL},
        {vc_11, sizeof vc_11, "156", NULL, "2=04 2=01 4=9c000000", NULL},
        {vc_11, sizeof vc_11, NULL, "40", "", "focus"},
        {vc_11, sizeof vc_11, NULL, "auto", "", "focus"},
        {vc_10, sizeof vc_10, "auto", NULL, "", "exposure"},
        {vc_10, sizeof vc_10, "100", NULL, "", "exposure"},
        {vc_10, 13, "100", "1", "", "exposure"}, /* without any camera terminal */
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        const char *lacking = "";
        g_autofree char *text =
            settings_of(rows[i].vc, rows[i].length, rows[i].exposure, rows[i].focus, &lacking);
        assert_string_equal(text, rows[i].expected);
        assert_int_equal(g_strcmp0(lacking, rows[i].lacking), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_isochronous_settings),
        cmocka_unit_test(test_the_nearest_is_chosen),
        cmocka_unit_test(test_probe_bytes),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_hostile_descriptors),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_the_second_camera),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
