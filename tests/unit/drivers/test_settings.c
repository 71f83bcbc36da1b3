// SPDX-License-Identifier: Apache-2.0
/* What the configuration may say of single devices, "[reader] devices" and "[camera] devices", and
 * which driver knows a device by its interfaces. */
#include "usb.h"
#include <darvaza/cameras.h>
#include <darvaza/error.h>
#include <darvaza/readers.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static DvUsbSettings *
parse(const char *text)
{
    g_autoptr(GError) error = NULL;
    DvUsbSettings *settings = dv_usb_settings_new(dv_reader_drivers(), text, &error);
    assert_non_null(settings);
    return settings;
}

static void
test_the_nearer_word_wins(void **state)
{
    g_autoptr(DvUsbSettings) settings =
        parse("1-2 framer=soh layout=de; 1209:0002 framer=tlv start=5b;  ; 1-2.4 start=23");
    const DvDriver *driver = NULL;
    const DvUsbId *id = dv_usb_match(dv_reader_drivers(), 0x1209, 0x0002, TRUE, &driver);
    (void)state;
    assert_non_null(id);
    /* The row says framer=stx, the identity tlv, the place soh; a layout is no serial reader's. */
    g_autoptr(GHashTable) here = dv_usb_settings_options(settings, driver, id, "1-2");
    g_autoptr(GHashTable) there = dv_usb_settings_options(settings, driver, id, "1-2.4");
    assert_string_equal(g_hash_table_lookup(here, "framer"), "soh");
    assert_string_equal(g_hash_table_lookup(here, "start"), "5b");
    assert_null(g_hash_table_lookup(here, "layout"));
    assert_string_equal(g_hash_table_lookup(there, "framer"), "tlv");
    assert_string_equal(g_hash_table_lookup(there, "start"), "23");
    g_autoptr(DvUsbSettings) none = parse("");
    g_autoptr(GHashTable) plain = dv_usb_settings_options(none, driver, id, "1-1");
    assert_string_equal(g_hash_table_lookup(plain, "framer"), "stx");
}

static void
test_family_adopts_an_identity(void **state)
{
    g_autoptr(DvUsbSettings) settings = parse("1ac2:0302 family=cdc-acm framer=stx");
    const DvDriver *driver = NULL;
    const DvUsbId *id = dv_usb_settings_match(settings, 0x1ac2, 0x0302, &driver);
    (void)state;
    assert_non_null(id);
    assert_string_equal(driver->family, "cdc-acm");
    assert_false(id->tried_on_hardware);
    g_autoptr(GHashTable) options = dv_usb_settings_options(settings, driver, id, "1-1");
    assert_string_equal(g_hash_table_lookup(options, "framer"), "stx");
    assert_null(dv_usb_settings_match(settings, 0x1ac2, 0x0303, &driver));
}

static void
test_mistakes_are_named(void **state)
{
    static const char *const bad[][2] = {
        {"desk framer=stx", "desk"},
        {"1-2. layout=de", "1-2."},
        {"1.2 layout=de", "1.2"},
        {"1-2 layout", "layout"},
        {"1-2 layout=", "layout="},
        {"1-2 layout=xx", "layout=xx"},
        {"1-2 colour=red", "colour=red"},
        {"1-2 family=cdc-acm", "place"},
        {"0db5:0139 layout=de", "layout"},
        {"0db5:0139 framer=xml", "framer=xml"},
        {"1ac2:0302 framer=stx", "family="},
        {"1ac2:0302 family=abacus", "family=abacus"},
        {"0db5:013b framer=stx", "framer"},
        {"1-1 layout=us; 0000:0001 family=cdc-acm", "0000:0001"},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        g_autoptr(DvUsbSettings) settings =
            dv_usb_settings_new(dv_reader_drivers(), bad[i][0], &error);
        assert_null(settings);
        assert_non_null(strstr(error->message, bad[i][1]));
        assert_non_null(strstr(error->message, "device settings"));
    }
}

/* ---- cameras */

static void
test_cameras_are_listed(void **state)
{
    g_autoptr(GError) error = NULL;
    g_autofree const DvDriver **all = dv_usb_join_drivers(dv_reader_drivers(), dv_camera_drivers());
    g_autoptr(DvUsbSettings) settings = dv_usb_settings_new(all, "1-7 layout=de", &error);
    (void)state;
    assert_non_null(settings);
    assert_true(dv_usb_settings_add_cameras(
        settings, all, "1-3; 046d:082d exposure=300 focus=auto; 1-4.1 focus=12", &error));
    assert_true(dv_usb_settings_lists_camera(settings, 1, 2, "1-3"));
    assert_true(dv_usb_settings_lists_camera(settings, 1, 2, "1-4.1"));
    assert_true(dv_usb_settings_lists_camera(settings, 0x046d, 0x082d, "9-9"));
    assert_false(dv_usb_settings_lists_camera(settings, 1, 2, "1-7")); /* a reader's place */
    assert_false(dv_usb_settings_lists_camera(settings, 0x046d, 0x0825, "1-4"));
    const DvUsbId id = {.vid = 0x046d, .pid = 0x082d, .name = "USB camera", .source = "test"};
    g_autoptr(GHashTable) options =
        dv_usb_settings_options(settings, dv_camera_drivers()[0], &id, "1-4.1");
    assert_string_equal(g_hash_table_lookup(options, "exposure"), "300");
    assert_string_equal(g_hash_table_lookup(options, "focus"), "12");
    assert_false(dv_usb_settings_add_cameras(settings, all, "1-3 exposure=bright", &error));
    assert_non_null(strstr(error->message, "exposure=bright"));
}

static DvUsbInterface
interface_of(guint8 class_code, guint8 subclass)
{
    return (DvUsbInterface){.class_code = class_code, .subclass = subclass};
}

static void
test_a_camera_has_both_interfaces(void **state)
{
    const DvDriver *const *cameras = dv_camera_drivers(), *const *readers = dv_reader_drivers();
    DvUsbShape shape = {.interface_count = 2};
    (void)state;
    shape.interfaces[0] = interface_of(14, 1);
    shape.interfaces[1] = interface_of(14, 2);
    assert_ptr_equal(dv_usb_match_class(cameras, &shape), cameras[0]);
    assert_null(dv_usb_match_class(readers, &shape));
    shape.interfaces[1] = interface_of(14, 1);
    assert_null(dv_usb_match_class(cameras, &shape));
    shape.interface_count = 0;
    assert_null(dv_usb_match_class(cameras, &shape));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_nearer_word_wins),
        cmocka_unit_test(test_family_adopts_an_identity),
        cmocka_unit_test(test_mistakes_are_named),
        cmocka_unit_test(test_cameras_are_listed),
        cmocka_unit_test(test_a_camera_has_both_interfaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
