// SPDX-License-Identifier: Apache-2.0
/* The table of drivers, and the udev rules printed from it. argv[1], [2]: udev/60-darvaza.rules,
 * .hwdb. */
#include <darvaza/cameras.h>
#include <darvaza/readers.h>
#include <darvaza/usbio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *rules_path, *hwdb_path;
static const DvDriver *const *all; /* readers and cameras */

static void
options_are_taken(const DvDriver *driver, const char *options)
{
    g_auto(GStrv) words = g_strsplit(options, " ", -1);
    assert_non_null(driver->check);
    for (guint i = 0; words[i] != NULL; i++) {
        g_autoptr(GError) error = NULL;
        char *equals = strchr(words[i], '=');
        assert_non_null(equals);
        *equals = '\0';
        assert_true(driver->check(words[i], equals + 1, &error));
    }
}

static void
test_drivers_are_complete(void **state)
{
    const DvDriver *const *drivers = all;
    (void)state;
    assert_non_null(drivers[0]);
    for (guint i = 0; drivers[i] != NULL; i++) {
        assert_non_null(drivers[i]->family);
        assert_non_null(drivers[i]->open);
        assert_non_null(drivers[i]->input);
        assert_non_null(drivers[i]->lost);
        if (drivers[i]->idle_gap_ms > 0)
            assert_non_null(drivers[i]->idle);
        assert_non_null(drivers[i]->ids[0].name);
        for (const DvUsbId *id = drivers[i]->ids; id->name != NULL; id++)
            assert_true(id->source != NULL && *id->source != '\0');
        for (const DvUsbId *id = drivers[i]->ids; id->name != NULL; id++)
            if (id->options != NULL)
                options_are_taken(drivers[i], id->options);
    }
}

static void
test_an_identity_has_one_driver(void **state)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);
    const DvDriver *const *drivers = all;
    (void)state;
    for (guint i = 0; drivers[i] != NULL; i++)
        for (const DvUsbId *id = drivers[i]->ids; id->name != NULL; id++)
            assert_true(g_hash_table_add(seen, GUINT_TO_POINTER((guint)id->vid << 16 | id->pid)));
}

static void
test_rules_name_every_real_identity(void **state)
{
    const DvDriver *const *drivers = all;
    g_autofree char *rules = dv_readers_udev_rules(drivers);
    (void)state;
    for (guint i = 0; drivers[i] != NULL; i++)
        for (const DvUsbId *id = drivers[i]->ids; id->name != NULL; id++) {
            g_autofree char *match = g_strdup_printf(
                "ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\"", id->vid, id->pid);
            assert_true((strstr(rules, match) != NULL) != id->test_identity);
        }
    assert_non_null(strstr(rules, "ENV{ID_USB_INTERFACES}==\"*:0e01??:*\", MODE=\"0660\""));
    assert_non_null(strstr(rules, "DRIVERS==\"uvcvideo\", MODE=\"0660\""));
    assert_null(strstr(rules, "uaccess")); /* the seat's user must not get the node */
}

/* KEY, operator, quoted value; nothing else stands in a rule (udev(7)). */
static void
test_rules_are_well_formed(void **state)
{
    g_autofree char *rules = dv_readers_udev_rules(all);
    g_auto(GStrv) lines = g_strsplit(rules, "\n", -1);
    g_autoptr(GRegex) rule = g_regex_new(
        "^((SUBSYSTEMS?|DRIVERS|ACTION|TEST|(ATTRS?|ENV)\\{[A-Za-z_/]+\\})(==)\"[^\"]+\""
        "|(MODE|GROUP|GOTO|LABEL|(ATTR|ENV)\\{[A-Za-z_/]+\\})=\"[^\"]+\"|SYMLINK\\+=\"[^\"]+\")"
        "(, (?1))*$",
        0, 0, NULL);
    (void)state;
    assert_non_null(rule);
    for (guint i = 0; lines[i] != NULL; i++)
        if (*lines[i] != '\0' && *lines[i] != '#')
            assert_true(g_regex_match(rule, lines[i], 0, NULL));
}

static void
test_a_keyboard_is_kept_from_the_desktop(void **state)
{
    const DvDriver *const *drivers = all;
    g_autofree char *rules = dv_readers_udev_rules(drivers), *hwdb = dv_readers_hwdb(drivers);
    (void)state;
    for (guint i = 0; drivers[i] != NULL; i++)
        for (const DvUsbId *id = drivers[i]->ids; id->name != NULL; id++) {
            g_autofree char *rule =
                g_strdup_printf("SUBSYSTEM==\"input\", ATTRS{idVendor}==\"%04x\", "
                                "ATTRS{idProduct}==\"%04x\", MODE=\"0600\"",
                                id->vid, id->pid);
            g_autofree char *entry = g_strdup_printf(
                "evdev:input:b0003v%04Xp%04X*\n LIBINPUT_IGNORE_DEVICE=1\n", id->vid, id->pid);
            gboolean wanted = !id->test_identity && (drivers[i]->faces & DV_FACE_INPUT) != 0;
            assert_true((strstr(rules, rule) != NULL) == wanted);
            assert_true((strstr(hwdb, entry) != NULL) == wanted);
        }
}

static void
test_committed_rules_are_fresh(void **state)
{
    g_autofree char *rules = dv_readers_udev_rules(all);
    g_autofree char *committed = NULL;
    (void)state;
    assert_true(g_file_get_contents(rules_path, &committed, NULL, NULL));
    assert_string_equal(committed,
                        rules); /* darvaza devices --print-udev > udev/60-darvaza.rules */
}

static void
test_committed_hwdb_is_fresh(void **state)
{
    g_autofree char *entries = dv_readers_hwdb(all);
    g_autofree char *committed = NULL;
    (void)state;
    assert_true(g_file_get_contents(hwdb_path, &committed, NULL, NULL));
    assert_string_equal(committed,
                        entries); /* darvaza devices --print-hwdb > udev/60-darvaza.hwdb */
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drivers_are_complete),
        cmocka_unit_test(test_an_identity_has_one_driver),
        cmocka_unit_test(test_rules_name_every_real_identity),
        cmocka_unit_test(test_rules_are_well_formed),
        cmocka_unit_test(test_a_keyboard_is_kept_from_the_desktop),
        cmocka_unit_test(test_committed_rules_are_fresh),
        cmocka_unit_test(test_committed_hwdb_is_fresh),
    };
    if (argc < 3)
        return 2;
    rules_path = argv[1];
    hwdb_path = argv[2];
    g_autofree const DvDriver **drivers =
        dv_usb_join_drivers(dv_reader_drivers(), dv_camera_drivers());
    all = drivers;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
