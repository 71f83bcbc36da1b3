// SPDX-License-Identifier: Apache-2.0
/* Blocks of numbers: what was written comes back, byte for byte as documented, and damage is seen.
 */
#include "expect.h"

#include "keys.h"
#include "store/doc_block.h"
#include <darvaza/crypto.h>

#include <string.h>

static DocEntry
entry_of(const char *number, gboolean is_alert, guint64 target)
{
    DocEntry entry = {.letters = doc_letters(number), .is_alert = is_alert, .target = target};
    char folded[DOC_NUMBER_MAX + 1];

    watchlist_document_fold_key(number, folded);
    doc_key_init(&entry.key, folded);
    return entry;
}

/* Two nines of digits one apart, a look-alike, a longer step, letters, an alert, a range's piece.
 */
static void
golden(void **state)
{
    (void)state;
    static const struct {
        const char *number;
        gboolean is_alert;
        guint64 target;
    } rows[] = {
        {"AB1234567", FALSE, 1}, {"AB1234568", FALSE, 2},  {"AB1234S68", FALSE, 2},
        {"AB1235000", FALSE, 1}, {"AB1299999", TRUE, 300}, {"C01X00T47", FALSE, 1},
        {"C01X00T48", FALSE, 1}, {"C01X00T4B", FALSE, 1},  {"D1234****", TRUE, 7},
    };
    /* Worked out from docs/formats/watchlist-file.md without this program. */
    static const char expected[] =
        "000a094530303030303030300900f002ea000a09413831323334353637010102"
        "f0420002f002c8e801f1e8e7fb03ac02f000e9cadef4b2829201010101f08002"
        "0001f000f1ea010944313233342a2a2a2a07";
    DocBlockWriter writer;
    DocBlockReader reader;
    guint8 block[DOC_BLOCK_MAX];
    DocKey high;

    doc_key_init(&high, "E00000000");
    doc_block_start(&writer, NULL);
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        DocEntry entry = entry_of(rows[i].number, rows[i].is_alert, rows[i].target);
        assert_true(doc_block_add(&writer, &entry));
    }
    gsize length = doc_block_finish(&writer, 7, &high, block);
    g_autofree char *hex = dv_hex(block, length);
    assert_string_equal(hex + 8, expected);
    hex[8] = '\0';
    assert_string_equal(hex, "b43cf7b7");
    assert_true(doc_block_open(&reader, block, length, 7));
    for (gsize i = 0; i < G_N_ELEMENTS(rows); i++) {
        char number[DOC_NUMBER_MAX + 1];
        assert_int_equal(doc_block_next(&reader), DOC_BLOCK_ENTRY);
        doc_entry_number(&reader.entry, number);
        assert_string_equal(number, rows[i].number);
        assert_int_equal(reader.entry.is_alert, rows[i].is_alert);
        assert_int_equal(reader.entry.target, rows[i].target);
    }
    assert_int_equal(doc_block_next(&reader), DOC_BLOCK_END);
}

/* ---- anything that is sorted comes back */

static void
random_number(GRand *rand, char number[DOC_NUMBER_MAX + 1])
{
    static const char all[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    int length = g_rand_int_range(rand, 1, g_rand_boolean(rand) ? 12 : (int)DOC_NUMBER_MAX + 1);
    int kinds = g_rand_boolean(rand) ? 10 : 36;

    for (int i = 0; i < length; i++)
        number[i] = all[g_rand_int_range(rand, 0, kinds)];
    number[length] = '\0';
}

static gint
by_key(gconstpointer a, gconstpointer b)
{
    return doc_key_compare(&((const DocEntry *)a)->key, &((const DocEntry *)b)->key);
}

static GArray *
random_entries(GRand *rand, int count)
{
    GArray *entries = g_array_new(FALSE, FALSE, sizeof(DocEntry));
    char number[DOC_NUMBER_MAX + 1];

    for (int i = 0; i < count; i++) {
        if (i == 0 || g_rand_int_range(rand, 0, 8) > 0)
            random_number(rand, number); /* else once more: other alerts with this number */
        DocEntry entry = entry_of(number, g_rand_boolean(rand),
                                  g_rand_int(rand) >> g_rand_int_range(rand, 0, 32));
        g_array_append_val(entries, entry);
    }
    g_array_sort(entries, by_key);
    return entries;
}

static void
sorted_entries_come_back(void **state)
{
    (void)state;
    g_autoptr(GRand) rand = g_rand_new_with_seed(1);

    for (int round = 0; round < 300; round++) {
        g_autoptr(GArray) entries = random_entries(rand, 600);
        guint8 block[DOC_BLOCK_MAX];
        DocBlockWriter writer;
        DocBlockReader reader;
        guint fit = 0;
        doc_block_start(&writer, NULL);
        while (fit < entries->len && doc_block_add(&writer, &g_array_index(entries, DocEntry, fit)))
            fit++;
        gsize length = doc_block_finish(&writer, 3, NULL, block);
        assert_true(length <= DOC_BLOCK_MAX);
        assert_true(doc_block_open(&reader, block, length, 3));
        for (guint i = 0; i < fit; i++) {
            const DocEntry *entry = &g_array_index(entries, DocEntry, i);
            assert_int_equal(doc_block_next(&reader), DOC_BLOCK_ENTRY);
            assert_int_equal(doc_key_compare(&reader.entry.key, &entry->key), 0);
            assert_true(reader.entry.letters == entry->letters);
            assert_true(reader.entry.target == entry->target);
            assert_int_equal(reader.entry.is_alert, entry->is_alert);
        }
        assert_int_equal(doc_block_next(&reader), DOC_BLOCK_END);
        /* Seeking passes over nothing that is asked for. */
        const DocEntry *wanted =
            &g_array_index(entries, DocEntry, (guint)g_rand_int_range(rand, 0, (gint32)fit));
        assert_true(doc_block_open(&reader, block, length, 3));
        assert_true(doc_block_seek(&reader, &wanted->key));
        guint first = 0;
        while (doc_key_compare(&g_array_index(entries, DocEntry, first).key, &wanted->key) < 0)
            first++;
        assert_true(reader.done <= first);
        assert_true(first - reader.done <= 2 * DOC_BLOCK_RUN || first < DOC_BLOCK_RUN);
    }
}

/* One bit anywhere, or another block in its place. */
static void
damage_is_seen(void **state)
{
    (void)state;
    g_autoptr(GRand) rand = g_rand_new_with_seed(2);
    g_autoptr(GArray) entries = random_entries(rand, 100);
    guint8 block[DOC_BLOCK_MAX];
    DocBlockWriter writer;
    DocBlockReader reader;

    doc_block_start(&writer, NULL);
    for (guint i = 0; i < entries->len; i++)
        assert_true(doc_block_add(&writer, &g_array_index(entries, DocEntry, i)));
    gsize length = doc_block_finish(&writer, 5, NULL, block);
    assert_true(doc_block_open(&reader, block, length, 5));
    assert_false(doc_block_open(&reader, block, length, 6));
    for (gsize bit = 0; bit < 8 * length; bit++) {
        block[bit / 8] ^= (guint8)(1 << bit % 8);
        assert_false(doc_block_open(&reader, block, length, 5));
        block[bit / 8] ^= (guint8)(1 << bit % 8);
    }
    for (gsize cut = 0; cut < length; cut++)
        assert_false(doc_block_open(&reader, block, cut, 5));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden),
        cmocka_unit_test(sorted_entries_come_back),
        cmocka_unit_test(damage_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
