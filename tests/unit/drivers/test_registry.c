// SPDX-License-Identifier: Apache-2.0
/* The table of drivers, and the udev rules printed from it. argv[1]: udev/60-darvaza.rules. */
#include <darvaza/readers.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *rules_path;

static void
test_drivers_are_complete(void **state)
{
    const DvDriver *const *drivers = dv_reader_drivers();
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
    }
}

static void
test_an_identity_has_one_driver(void **state)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_direct_hash, g_direct_equal);
    const DvDriver *const *drivers = dv_reader_drivers();
    (void)state;
    for (guint i = 0; drivers[i] != NULL; i++)
        for (const DvUsbId *id = drivers[i]->ids; id->name != NULL; id++)
            assert_true(g_hash_table_add(seen, GUINT_TO_POINTER((guint)id->vid << 16 | id->pid)));
}

static void
test_rules_name_every_real_identity(void **state)
{
    const DvDriver *const *drivers = dv_reader_drivers();
    g_autofree char *rules = dv_readers_udev_rules(drivers);
    (void)state;
    for (guint i = 0; drivers[i] != NULL; i++)
        for (const DvUsbId *id = drivers[i]->ids; id->name != NULL; id++) {
            g_autofree char *match = g_strdup_printf(
                "ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\"", id->vid, id->pid);
            assert_true((strstr(rules, match) != NULL) != id->test_identity);
        }
    assert_null(strstr(rules, "uaccess")); /* the seat's user must not get the node */
}

static void
test_committed_rules_are_fresh(void **state)
{
    g_autofree char *rules = dv_readers_udev_rules(dv_reader_drivers());
    g_autofree char *committed = NULL;
    (void)state;
    assert_true(g_file_get_contents(rules_path, &committed, NULL, NULL));
    assert_string_equal(committed,
                        rules); /* darvaza devices --print-udev > udev/60-darvaza.rules */
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drivers_are_complete),
        cmocka_unit_test(test_an_identity_has_one_driver),
        cmocka_unit_test(test_rules_name_every_real_identity),
        cmocka_unit_test(test_committed_rules_are_fresh),
    };
    if (argc < 2)
        return 2;
    rules_path = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
