// SPDX-License-Identifier: Apache-2.0
/* Ranges of numbers: their pieces cover them exactly, and a question's blanks lead to them. */
#include "expect.h"

#include "keys.h"
#include "store/ranges.h"

#include <string.h>

static gboolean
collect(const char *piece, gpointer data, GError **error)
{
    (void)error;
    g_ptr_array_add(data, g_strdup(piece));
    return TRUE;
}

static GPtrArray *
pieces_of(const char *first, const char *last)
{
    GPtrArray *pieces = g_ptr_array_new_with_free_func(g_free);

    assert_true(range_pieces(first, last, collect, pieces, NULL));
    return pieces;
}

static void
pieces(void **state)
{
    (void)state;
    static const struct {
        const char *first, *last, *joined;
    } cases[] = {
        {"A100", "A129", "A10* A11* A12*"},
        {"A100", "A100", "A100"},
        {"A098", "A101", "A098 A099 A100 A101"},
        {"000", "999", "***"},
        {"1000000", "1999999", "1******"},
        {"12A30", "12A49", "12A3* 12A4*"},
        {"1A95", "2A14", "1A95 1A96 1A97 1A98 1A99 2A0* 2A10 2A11 2A12 2A13 2A14"},
        {"7", "9", "7 8 9"},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GPtrArray) found = pieces_of(cases[i].first, cases[i].last);
        g_ptr_array_add(found, NULL);
        g_autofree char *joined = g_strjoinv(" ", (char **)found->pdata);
        assert_string_equal(joined, cases[i].joined);
    }
    g_autoptr(GPtrArray) most = pieces_of("000000000000000001", "999999999999999998");
    assert_true(most->len <= 18 * 18);
}

static gboolean
has(const GPtrArray *pieces_found, const char *number)
{
    for (guint i = 0; i < pieces_found->len; i++) {
        if (g_str_equal(g_ptr_array_index(pieces_found, i), number))
            return TRUE;
    }
    return FALSE;
}

/* A number leads to exactly one piece when it lies within, to none when not. */
static void
blanks_lead_there(void **state)
{
    (void)state;
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);

    for (int round = 0; round < 500; round++) {
        char first[8], last[8], number[8];
        int a = g_rand_int_range(rand, 0, 10000), b = g_rand_int_range(rand, a, 10000);
        g_snprintf(first, sizeof first, "X%02dY%02d", a / 100, a % 100);
        g_snprintf(last, sizeof last, "X%02dY%02d", b / 100, b % 100);
        g_autoptr(GPtrArray) found = pieces_of(first, last);
        for (int k = 0; k < 200; k++) {
            int value = k < 4 ? CLAMP(k % 2 == 0 ? a - 1 + k / 2 : b + k / 2, 0, 9999)
                              : g_rand_int_range(rand, 0, 10000);
            int hits = 0;
            gboolean folded;
            g_snprintf(number, sizeof number, "X%02dY%02d", value / 100, value % 100);
            assert_int_equal(range_holds(first, last, number, &folded), value >= a && value <= b);
            do
                hits += has(found, number);
            while (range_widen(number));
            assert_int_equal(hits, value >= a && value <= b);
        }
    }
}

static void
look_alikes(void **state)
{
    (void)state;
    static const struct {
        const char *first, *last, *number;
        gboolean holds, folded;
    } cases[] = {
        {"AB1000", "AB1999", "AB1500", TRUE, FALSE},   {"AB1000", "AB1999", "AB1SOO", TRUE, TRUE},
        {"AB1000", "AB1999", "A81500", TRUE, TRUE},    {"AB1000", "AB1999", "AB2000", FALSE, FALSE},
        {"AB1000", "AB1999", "AB15000", FALSE, FALSE}, {"1B23", "2B10", "1950", FALSE, FALSE},
        {"1B23", "2B10", "1850", TRUE, TRUE},          {"1B23", "2B10", "1B50", TRUE, FALSE},
        {"AB1000", "AB1999", "AC1500", FALSE, FALSE},
    };
    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        gboolean folded;
        gboolean holds = range_holds(cases[i].first, cases[i].last, cases[i].number, &folded);
        if (holds != cases[i].holds || (holds && folded != cases[i].folded))
            fail_msg("%s in %s-%s: %d", cases[i].number, cases[i].first, cases[i].last, holds);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces),
        cmocka_unit_test(blanks_lead_there),
        cmocka_unit_test(look_alikes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
