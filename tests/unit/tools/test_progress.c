// SPDX-License-Identifier: Apache-2.0
/* What a progress bar says. */
#include "expect.h"
#include "progress.h"

static void
lines(void **state)
{
    (void)state;
    static const struct {
        DvProgressUnit unit;
        guint64 done, total;
        gint64 seconds;
        const char *line;
    } cases[] = {
        {DV_PROGRESS_BYTES, 1000000, 2000000, 1,
         "reading x [############            ]  50 % 1.0 MB of 2.0 MB, 1.0 MB/s, 2 s left"},
        {DV_PROGRESS_BYTES, 2000000, 2000000, 4,
         "reading x [########################] 100 % 2.0 MB of 2.0 MB, 500.0 kB/s"},
        {DV_PROGRESS_BYTES, 3000000000, 0, 3, "reading x 3.00 GB, 1.00 GB/s"},
        {DV_PROGRESS_ROWS, 100, 100000, 10,
         "reading x [                        ]   0 % 100 rows of 100000 rows, 10 rows/s, 167 min "
         "left"},
        {DV_PROGRESS_BYTES, 0, 10, 1,
         "reading x [                        ]   0 % 0.0 kB of 0.0 kB, "
         "0.0 kB/s"},
        {DV_PROGRESS_BYTES, 20, 10, 1,
         "reading x [########################] 100 % 0.0 kB of 0.0 "
         "kB, 0.0 kB/s"},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *line = dv_progress_line("reading x", cases[i].unit, cases[i].done,
                                                 cases[i].total, cases[i].seconds * G_USEC_PER_SEC);
        assert_string_equal(line, cases[i].line);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines)};

    return cmocka_run_group_tests_name("progress", tests, NULL, NULL);
}
