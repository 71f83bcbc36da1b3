// SPDX-License-Identifier: Apache-2.0
/* The filter: never "no" to what is listed, "maybe" to one in 256 others, and damage is seen. */
#include "expect.h"

#include "store/checksum.h"
#include "store/filter.h"

#include <darvaza/crypto.h>
#include <stdlib.h>

static int
by_value(const void *a, const void *b)
{
    guint64 x = *(const guint64 *)a, y = *(const guint64 *)b;
    return (x > y) - (x < y);
}

static void
fill(guint64 *hashes, gsize count, guint32 first)
{
    for (gsize i = 0; i < count; i++) {
        guint64 number = first + i;
        hashes[i] = checksum_hash(&number, sizeof number);
    }
    qsort(hashes, count, sizeof *hashes, by_value);
}

static void
never_no_to_what_is_listed(void **state)
{
    (void)state;
    static const gsize counts[] = {0, 1, 2, 3, 10, 100, 1000, 2900, FILTER_KEYS_MAX};
    static guint64 hashes[FILTER_KEYS_MAX], others[100000];
    guint8 part[FILTER_PART_MAX];

    for (gsize c = 0; c < G_N_ELEMENTS(counts); c++) {
        gsize maybe = 0;
        fill(hashes, counts[c], 1000000);
        fill(others, G_N_ELEMENTS(others), 9000000);
        gsize length = filter_build(hashes, counts[c], (guint32)c, part);
        assert_true(length <= FILTER_PART_MAX);
        assert_true((double)length <= 1.24 * (double)counts[c] + 48);
        for (gsize i = 0; i < counts[c]; i++)
            assert_int_equal(filter_ask(part, length, (guint32)c, hashes[i]), FILTER_MAYBE);
        for (gsize i = 0; i < G_N_ELEMENTS(others); i++)
            maybe += filter_ask(part, length, (guint32)c, others[i]) == FILTER_MAYBE;
        assert_true(maybe < 480); /* 391 expected */
    }
}

static void
damage_is_seen(void **state)
{
    (void)state;
    guint64 hashes[20];
    guint8 part[FILTER_PART_MAX];

    fill(hashes, 20, 1);
    gsize length = filter_build(hashes, 20, 4, part);
    assert_int_equal(filter_ask(part, length, 5, hashes[0]), FILTER_DAMAGED);
    for (gsize cut = 0; cut < length; cut++)
        assert_int_equal(filter_ask(part, cut, 4, hashes[0]), FILTER_DAMAGED);
    for (gsize bit = 0; bit < 8 * length; bit++) {
        part[bit / 8] ^= (guint8)(1 << bit % 8);
        assert_int_equal(filter_ask(part, length, 4, hashes[0]), FILTER_DAMAGED);
        part[bit / 8] ^= (guint8)(1 << bit % 8);
    }
}

/* The bytes of docs/formats/watchlist-file.md for the keys A1, A2 and B3. */
static void
golden(void **state)
{
    (void)state;
    static const char *const keys[] = {"\002A1", "\002A2", "\00283"};
    guint64 hashes[3];
    guint8 part[FILTER_PART_MAX];

    for (gsize i = 0; i < 3; i++)
        hashes[i] = checksum_hash(keys[i], 3);
    qsort(hashes, 3, sizeof *hashes, by_value);
    g_autofree char *hex = dv_hex(part, filter_build(hashes, 3, 0, part));
    assert_string_equal(hex, "f651c8aa0000000000000000000000000000000000000000000000000000"
                             "00000000003c00ee000066000000");
}

static void
every_part_is_named(void **state)
{
    (void)state;
    assert_int_equal(filter_part(0, 7), 0);
    assert_int_equal(filter_part(G_MAXUINT64, 7), 6);
    for (guint64 hash = 1, last = 0; hash < G_MAXUINT64 / 3; hash *= 3) {
        assert_true(filter_part(hash, 50000) >= last);
        last = filter_part(hash, 50000);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_no_to_what_is_listed),
        cmocka_unit_test(damage_is_seen),
        cmocka_unit_test(golden),
        cmocka_unit_test(every_part_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
