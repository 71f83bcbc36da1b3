// SPDX-License-Identifier: Apache-2.0
/* The letter tables against a copy of Doc 9303-3's, row by row. */
#include "letters.h"
#include "shared_data.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *path;

/* Every row of the shared copy of the table, in its first form. */
static void
check_shared_row(char **column)
{
    static const char *const prose[] = {"(Not encoded)", "repeat the preceding", NULL};
    char letter[8] = "";
    gsize length;
    g_unichar_to_utf8((gunichar)strtoul(column[1], NULL, 16), letter);
    const DvNamesLetter *row = dv_names_letter(g_utf8_get_char(letter));
    assert_non_null(row);
    const char *form = dv_names_form(row, DV_NAMES_GENERAL, TRUE, FALSE, &length);
    for (gsize i = 0; prose[i]; i++)
        if (g_str_has_prefix(column[4], prose[i])) {
            assert_true(length == 0 || form[0] == '*');
            return;
        }
    assert_true(strncmp(column[4], form, length) == 0);
    assert_false(g_ascii_isalpha(column[4][length]));
}

static void
test_every_row_of_the_table(void **state)
{
    (void)state;
    g_autofree char *text = NULL;
    assert_true(g_file_get_contents(path, &text, NULL, NULL));
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 1; lines[i] && lines[i][0]; i++) {
        g_auto(GStrv) column = g_strsplit(lines[i], "\t", 5);
        check_shared_row(column);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_row_of_the_table)};
    path = dv_test_shared_data("mrz/translit_9303_3.tsv");
    return path ? cmocka_run_group_tests(tests, NULL, NULL) : DV_TEST_SKIP;
}
