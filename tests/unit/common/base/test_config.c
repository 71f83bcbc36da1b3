// SPDX-License-Identifier: Apache-2.0
/* Every mistake in a configuration file is named with file, line and key. */
#include "expect.h"
#include <darvaza/config.h>
#include <glib/gstdio.h>

static const DvConfigKey keys[] = {
    {"store", "path", DV_CONFIG_PATH, NULL, 0, 0, "where the database is"},
    {"store", "limit", DV_CONFIG_INT, "10", 1, 100, "most entries"},
    {"net", "open", DV_CONFIG_BOOL, "false", 0, 0, "listen at all"},
    {"net", "name", DV_CONFIG_STRING, "", 0, 0, "shown to people"},
    {"net", "peer", DV_CONFIG_USER, "", 0, 0, "who may connect"},
    {NULL},
};
static char *folder, *file;

static int
setup(void **state)
{
    (void)state;
    folder = g_dir_make_tmp("dv-config-XXXXXX", NULL);
    file = g_build_filename(folder, "x.ini", NULL);
    return 0;
}

static int
teardown(void **state)
{
    (void)state;
    g_unlink(file);
    g_rmdir(folder);
    g_free(file);
    g_free(folder);
    return 0;
}

static DvConfig *
load(const char *text, GError **error)
{
    assert_true(g_file_set_contents(file, text, -1, NULL));
    return dv_config_load(file, keys, error);
}

static void
values_and_fallbacks(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autoptr(DvConfig) config =
        load("# comment\r\n[store]\r\n path = data/x.db \n;other\nlimit=42\n"
             "[net]\nopen = true\n",
             &error);
    g_autofree char *path = g_build_filename(folder, "data/x.db", NULL);
    EXPECT_NO_ERROR(error);
    assert_string_equal(dv_config_string(config, "store", "path"), path);
    assert_int_equal(dv_config_int(config, "store", "limit"), 42);
    assert_true(dv_config_bool(config, "net", "open"));
    assert_string_equal(dv_config_string(config, "net", "name"), "");
}

static void
users_go_by_name_or_number(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int number;
    } cases[] = {{"peer=root\n", 0}, {"peer=0\n", 0}, {"peer=1234\n", 1234},
                 {"peer=-1\n", -1},  {"peer=\n", -1}, {"", -1}};
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        g_autofree char *text = g_strconcat("[store]\npath=/x\n[net]\n", cases[i].value, NULL);
        g_autoptr(DvConfig) config = load(text, &error);
        EXPECT_NO_ERROR(error);
        assert_int_equal(dv_config_user(config, "net", "peer"), cases[i].number);
    }
}

static void
mistakes_are_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line, *words;
    } cases[] = {
        {"[store]\npath=/x\nlimti=4\n", "line 3", "has no key limti"},
        {"[store]\npath=/x\n\n[shop]\n", "line 4", "no group [shop]"},
        {"[store]\npath=/x\nlimit=0\n", "line 3", "from 1 to 100"},
        {"[store]\npath=/x\nlimit=101\n", "line 3", "from 1 to 100"},
        {"[store]\npath=/x\nlimit=7x\n", "line 3", "whole number"},
        {"[store]\npath=/x\n[net]\nopen=yes\n", "line 4", "true or false"},
        {"[store]\npath=/x\npath=/y\n", "line 3", "given twice"},
        {"[store]\npath=\n", "line 2", "must not be empty"},
        {"path=/x\n", "line 1", "before any [group]"},
        {"[store\npath=/x\n", "line 1", "written [group]"},
        {"[store]\npath\n", "line 2", "key = value"},
        {"[net]\nopen=true\n", "x.ini", "path in [store] is required"},
        {"[store]\npath=/\xff\n", "x.ini", "not UTF-8"},
        {"[store]\npath=/x\n[net]\npeer=no-such-user-here\n", "line 4",
         "no user no-such-user-here"},
        {"[store]\npath=/x\n[net]\npeer=-2\n", "line 4", "no user -2"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(load(cases[i].text, &error));
        assert_non_null(strstr(error->message, file));
        assert_non_null(strstr(error->message, cases[i].line));
        expect_error(&error, DV_ERROR_CONFIG, cases[i].words);
    }
}

static void
absent_and_too_large(void **state)
{
    (void)state;
    g_autoptr(GError) error = NULL;
    g_autofree char *large = g_strnfill(300 * 1024, '#');
    assert_null(dv_config_load("/nonexistent/x.ini", keys, &error));
    expect_error(&error, DV_ERROR_CONFIG, "/nonexistent/x.ini");
    assert_null(load(large, &error));
    expect_error(&error, DV_ERROR_CONFIG, "larger");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_fallbacks),
        cmocka_unit_test(users_go_by_name_or_number),
        cmocka_unit_test(mistakes_are_named),
        cmocka_unit_test(absent_and_too_large),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
