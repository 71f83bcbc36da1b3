// SPDX-License-Identifier: Apache-2.0
/*
 * The network in C against torch's own answers: cells.tsv is written by tools/train-ocrb/golden.py
 * and names the weights that it was made with.
 */
#include "expect.h"
#include "network.h"
#include <math.h>
#include <string.h>

static char **rows;

static void
weights_are_the_trained_ones(void **state)
{
    (void)state;
    g_autofree char *sum = network_checksum();
    assert_string_equal(rows[0], sum);
}

/* symbol, its probability, dx, dy, then 480 bytes of grey levels as hex. */
static void
answers_as_torch(void **state)
{
    (void)state;
    guint checked = 0;
    for (guint i = 1; rows[i] != NULL && rows[i][0] != '\0'; i++) {
        g_auto(GStrv) words = g_strsplit(rows[i], "\t", -1);
        float pixels[CELL_PIXELS];
        CellReading reading, plain;
        assert_int_equal(strlen(words[4]), 2 * CELL_PIXELS);
        for (guint p = 0; p < CELL_PIXELS; p++)
            pixels[p] = (float)(g_ascii_xdigit_value(words[4][2 * p]) * 16 +
                                g_ascii_xdigit_value(words[4][2 * p + 1]));
        network_allow_wide(FALSE); /* every processor says the same, to the last bit */
        network_read(pixels, &plain);
        network_allow_wide(TRUE);
        network_read(pixels, &reading);
        assert_memory_equal(&reading, &plain, sizeof reading);
        guint symbol = words[0][0] == '_' ? CELL_NONE : cell_symbol(words[0][0]);
        assert_true(fabs((double)reading.p[symbol] - g_ascii_strtod(words[1], NULL)) < 0.03);
        assert_true(fabs((double)reading.dx - g_ascii_strtod(words[2], NULL)) < 0.02);
        assert_true(fabs((double)reading.dy - g_ascii_strtod(words[3], NULL)) < 0.02);
        checked++;
    }
    assert_true(checked >= 20);
}

static void
probabilities_sum_to_one(void **state)
{
    (void)state;
    float pixels[CELL_PIXELS] = {0}, sum = 0;
    CellReading reading;
    network_read(pixels, &reading);
    for (guint s = 0; s <= CELL_NONE; s++)
        sum += reading.p[s];
    assert_true(fabsf(sum - 1) < 1e-4f);
    assert_int_equal(cell_symbol('<'), CELL_SYMBOLS - 1);
    assert_int_equal(cell_symbol('a'), CELL_NONE);
    assert_int_equal(cell_symbol('\0'), CELL_NONE);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_the_trained_ones),
        cmocka_unit_test(answers_as_torch),
        cmocka_unit_test(probabilities_sum_to_one),
    };
    g_autofree char *text = NULL;
    if (argc != 2 || !g_file_get_contents(argv[1], &text, NULL, NULL))
        return 2;
    rows = g_strsplit(text, "\n", -1);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    g_strfreev(rows);
    return failed;
}
