// SPDX-License-Identifier: Apache-2.0
/* Sorting in and out of memory gives the same, and leaves nothing behind. */
#include "expect.h"

#include "store/sorter.h"

#include <darvaza/error.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

static gint
by_bytes(gconstpointer a, gconstpointer b)
{
    const GString *x = *(GString *const *)a, *y = *(GString *const *)b;
    int order = memcmp(x->str, y->str, MIN(x->len, y->len));

    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

static void
free_string(gpointer string)
{
    g_string_free(string, TRUE);
}

static void
sort_with(gsize memory, int count)
{
    g_autofree char *folder = g_dir_make_tmp("dv-sort-XXXXXX", NULL);
    g_autoptr(GRand) rand = g_rand_new_with_seed(4);
    g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func(free_string);
    g_autoptr(Sorter) sorter = sorter_new(folder, memory);
    g_autoptr(GError) error = NULL;
    const guint8 *record;
    gsize length;

    for (int i = 0; i < count; i++) {
        GString *one = g_string_new(NULL);
        int n = g_rand_int_range(rand, 0, 40);
        for (int k = 0; k < n; k++)
            g_string_append_c(one, (char)g_rand_int_range(rand, 0, i % 2 == 0 ? 256 : 2));
        g_ptr_array_add(all, one);
        assert_true(sorter_add(sorter, (const guint8 *)one->str, one->len, &error));
    }
    g_ptr_array_sort(all, by_bytes);
    assert_true(sorter_sort(sorter, &error));
    for (guint i = 0; i < all->len; i++) {
        const GString *expected = g_ptr_array_index(all, i);
        assert_true(sorter_next(sorter, &record, &length, &error));
        assert_non_null(record);
        assert_int_equal(length, expected->len);
        assert_memory_equal(record, expected->str, length);
    }
    assert_true(sorter_next(sorter, &record, &length, &error) && record == NULL);
    assert_int_equal(g_rmdir(folder), 0);
}

static void
in_memory_and_out_of_it(void **state)
{
    (void)state;
    sort_with(1 << 20, 0);
    sort_with(1 << 20, 1);
    sort_with(1 << 20, 5000);
    sort_with(100, 50);
    sort_with(20000, 5000);
}

static void
full_disk_is_an_error(void **state)
{
    (void)state;
    g_autofree char *folder = g_dir_make_tmp("dv-sort-XXXXXX", NULL);
    g_autoptr(Sorter) sorter = sorter_new(folder, 200000);
    g_autoptr(GError) error = NULL;
    const guint8 record[200] = {0};
    struct rlimit limit, small;
    gboolean ok = TRUE;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    small = limit;
    small.rlim_cur = 50000;
    setrlimit(RLIMIT_FSIZE, &small);
    for (int i = 0; i < 2000 && ok; i++)
        ok = sorter_add(sorter, record, sizeof record, &error);
    setrlimit(RLIMIT_FSIZE, &limit);
    assert_false(ok);
    expect_error(&error, DV_ERROR_FULL, "scratch file");
    g_rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_memory_and_out_of_it),
        cmocka_unit_test(full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
