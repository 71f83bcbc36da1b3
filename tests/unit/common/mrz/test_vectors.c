// SPDX-License-Identifier: Apache-2.0
/*
 * Tables of MRZs with what is expected of them: the project's own (data/vectors.tsv) and, where it
 * is there, a larger reference set. Columns: source, format, line1, line2, line3, expected as JSON.
 * Every key of expected must be in our JSON with the same value; no errors or deviations beside.
 *
 * usage: test_vectors FILE, or test_vectors --shared
 */
#include "shared_data.h"
#include <darvaza/mrz_json.h>
#include <stdio.h>
#include <string.h>

/* What a table says about its own rows. */
static const char *const about_the_row[] = {
    "note",           "misread_of", "substitution", "detectable_by_check_digit", "tr03105_expected",
    "reference_date", NULL,
};

static void
set_day(GDate *day, const char *text)
{
    guint parts[3] = {2026, 8, 1};
    g_date_clear(day, 1);
    if (text)
        g_assert_cmpint(sscanf(text, "%u-%u-%u", &parts[0], &parts[1], &parts[2]), ==, 3);
    g_date_set_dmy(day, (GDateDay)parts[2], (GDateMonth)parts[1], (GDateYear)parts[0]);
}

static char *
dump(const json_t *value)
{
    return value ? json_dumps(value, JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;
}

static guint
differ(guint row, const char *key, const json_t *want, const json_t *got)
{
    char *want_text = dump(want), *got_text = dump(got);
    g_printerr("row %u: %s: want %s, got %s\n", row, key, want_text ? want_text : "nothing",
               got_text ? got_text : "nothing");
    free(want_text);
    free(got_text);
    return 1;
}

static guint
compare(guint row, json_t *expected, json_t *object)
{
    guint wrong = 0;
    const char *key;
    json_t *want;
    json_object_foreach(expected, key, want)
    {
        const json_t *got = json_object_get(object, key);
        if (!g_strv_contains(about_the_row, key) && !json_equal(want, got))
            wrong += differ(row, key, want, got);
    }
    const char *const lists[] = {"errors", "deviations"};
    for (guint i = 0; i < G_N_ELEMENTS(lists); i++) {
        const json_t *got = json_object_get(object, lists[i]);
        if (json_object_get(expected, lists[i]) == NULL && json_array_size(got) > 0)
            wrong += differ(row, lists[i], NULL, got);
    }
    return wrong;
}

static guint
check_row(guint row, char **column)
{
    GDate today;
    json_error_t error;
    json_t *expected = json_loads(column[5], 0, &error);
    g_assert_nonnull(expected);
    set_day(&today, json_string_value(json_object_get(expected, "reference_date")));
    g_autofree char *text = g_strjoin("\n", column[2], column[3], column[4], NULL);
    g_autoptr(DvMrz) mrz = dv_mrz_parse(text, -1, &today);
    json_t *object = dv_mrz_to_json(mrz);
    guint wrong = compare(row, expected, object);
    json_decref(object);
    json_decref(expected);
    return wrong;
}

int
main(int argc, char **argv)
{
    g_autofree char *shared = NULL;
    g_autofree char *text = NULL;
    g_assert_cmpint(argc, ==, 2);
    const char *path = argv[1];
    if (strcmp(path, "--shared") == 0) {
        path = shared = dv_test_shared_data("mrz/vectors.tsv");
        if (path == NULL)
            return DV_TEST_SKIP;
    }
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return 1;
    guint rows = 0, wrong = 0;
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 1; lines[i] && lines[i][0]; i++, rows++) {
        g_auto(GStrv) column = g_strsplit(lines[i], "\t", -1);
        g_assert_cmpuint(g_strv_length(column), ==, 6);
        wrong += check_row(i + 1, column);
    }
    printf("%u rows, %u values wrong\n", rows, wrong);
    return rows == 0 || wrong > 0;
}
