// SPDX-License-Identifier: Apache-2.0
/* What rows share is remembered as it was kept, by its own id alone, and within bounds. */
#include "expect.h"

#include "store/shared_rows.h"

#include <string.h>

static void
keep(SharedRows *rows, gint64 id, const char *reason)
{
    const char *texts[ATTRIBUTES];

    for (int i = 0; i < ATTRIBUTES; i++)
        texts[i] = i == ATTRIBUTES - 1 ? reason : "";
    shared_attributes_keep(rows, id, texts, id, id + 1);
}

static void
attributes_are_copied(void **state)
{
    (void)state;
    g_autofree char *reason = g_strdup("stolen");
    SharedRows *rows = shared_rows_new();

    assert_null(shared_attributes(rows, 0));
    assert_null(shared_attributes(rows, 1));
    keep(rows, 1, reason);
    memset(reason, 'x', strlen(reason));
    const SharedAttributes *kept = shared_attributes(rows, 1);
    assert_non_null(kept);
    assert_string_equal(kept->texts[ATTRIBUTES - 1], "stolen");
    assert_string_equal(kept->texts[0], "");
    assert_true(kept->from_us == 1 && kept->until_us == 2);
    shared_rows_free(rows);
}

/* Two ids of one slot: the later takes it, and neither is taken for the other. */
static void
slots_are_shared(void **state)
{
    (void)state;
    SharedRows *rows = shared_rows_new();
    const gint64 other = 1 + SHARED_ATTRIBUTES, class = 1 + SHARED_CLASSES;

    keep(rows, 1, "first");
    assert_null(shared_attributes(rows, other));
    keep(rows, other, "second");
    assert_null(shared_attributes(rows, 1));
    assert_string_equal(shared_attributes(rows, other)->texts[ATTRIBUTES - 1], "second");
    shared_class_keep(rows, 1, "UTO", "P", 7);
    assert_null(shared_class(rows, class));
    shared_class_keep(rows, class, "D", "", 8);
    assert_null(shared_class(rows, 1));
    assert_string_equal(shared_class(rows, class)->issuing_state, "D");
    assert_int_equal(shared_class(rows, class)->attribute, 8);
    shared_rows_free(rows);
}

static void
bounds_hold(void **state)
{
    (void)state;
    g_autofree char *much = g_strnfill(SHARED_TEXT_MAX, 'x');
    SharedRows *rows = shared_rows_new();

    keep(rows, 1, "short");
    keep(rows, 1 + SHARED_ATTRIBUTES, much);
    assert_null(shared_attributes(rows, 1 + SHARED_ATTRIBUTES));
    assert_string_equal(shared_attributes(rows, 1)->texts[ATTRIBUTES - 1], "short");
    /* Ids that no row has, as a damaged file may name them. */
    keep(rows, 0, "none");
    keep(rows, -1, "none");
    assert_null(shared_attributes(rows, 0));
    assert_null(shared_attributes(rows, -1));
    shared_class_keep(rows, 1, "UTOPIA", "P", 7);
    shared_class_keep(rows, 2, "UTO", "PASS", 7);
    assert_null(shared_class(rows, 1));
    assert_null(shared_class(rows, 2));
    shared_rows_free(rows);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attributes_are_copied),
        cmocka_unit_test(slots_are_shared),
        cmocka_unit_test(bounds_hold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
