// SPDX-License-Identifier: Apache-2.0
/*
 * The bytes of docs/formats/list-trust.md: made from fixed keys and values they are the golden
 * files to the last byte (Ed25519 and canonical JSON leave no choice), and a machine accepts them.
 * DV_GOLDEN_WRITE=1 writes them anew after a change of the format.
 */
#include "world.h"
#include <darvaza/file.h>

static World world;
static Pieces pieces;

static void
compare(const char *name, GBytes *made)
{
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(DV_GOLDEN, name, NULL);
    if (g_getenv("DV_GOLDEN_WRITE"))
        dv_file_write(path, g_bytes_get_data(made, NULL), g_bytes_get_size(made), 0644, &error);
    g_autoptr(GBytes) golden = dv_file_read(path, DV_TRUST_RELEASE_MAX, &error);
    EXPECT_NO_ERROR(error);
    if (!g_bytes_equal(made, golden))
        fail_msg("%s is not what the format gives", name);
}

static void
files_are_golden(void **state)
{
    (void)state;
    compare("root.json", world.root);
    compare("statement.json", pieces.statement);
    compare("release.json", pieces.release);
    compare("timestamp.json", pieces.timestamp);
    g_autoptr(GBytes) detached = dv_trust_sign(pieces.release, DV_TRUST_ROLE_RELEASE,
                                               world.signers->keys[SIGNER_RELEASE_1], NULL);
    compare("release.sig.json", detached);
}

static void
state_is_golden(void **state)
{
    (void)state;
    g_autoptr(DvTrust) trust = world_trust(&world);
    world_install(trust, &pieces, START + SECOND);
    g_autoptr(GBytes) bytes = dv_trust_state(trust);
    compare("state.json", bytes);
    g_autoptr(GError) error = NULL;
    g_autoptr(DvTrust) again = dv_trust_new(world.root, bytes, &error);
    EXPECT_NO_ERROR(error);
    g_autoptr(GBytes) same = dv_trust_state(again);
    assert_true(g_bytes_equal(bytes, same));
}

static void
cohorts_are_golden(void **state)
{
    (void)state;
    assert_int_equal(dv_trust_cohort("KSK-1", 6), 45);
    assert_int_equal(dv_trust_cohort("KSK-2", 6), 61);
    guint below_ten = 0;
    for (int i = 0; i < 10000; i++) {
        g_autofree char *kiosk = g_strdup_printf("K%d", i);
        below_ten += dv_trust_cohort(kiosk, 77) < 10;
    }
    assert_in_range(below_ten, 850, 1150); /* a tenth, give or take */
}

static int
group_setup(void **state)
{
    (void)state;
    world_init(&world);
    const Plan plan = plan_of(7, START);
    pieces = world_make(&world, &plan, NULL);
    return 0;
}

static int
group_teardown(void **state)
{
    (void)state;
    pieces_clear(&pieces);
    world_clear(&world);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_golden),
        cmocka_unit_test(state_is_golden),
        cmocka_unit_test(cohorts_are_golden),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
