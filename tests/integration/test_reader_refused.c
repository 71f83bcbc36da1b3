// SPDX-License-Identifier: Apache-2.0
/*
 * A reader that may not be opened or is held by another program: shown with its reason, and back by
 * itself when the obstacle is gone. The refusals are the kernel's own file modes and usbfs answers.
 */
#include "sim_rig.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROWS                                                                                       \
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<< L898902C36UTO7408122F1204159ZE184226B<<<<<10"

typedef struct {
    SimRig *rig;
    SimClient *client;
} Fixture;

static int
setup(void **state)
{
    static const char *const words[] = {"--unplugged", "--modes-hold", NULL};
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->rig = sim_rig_new(words);
    fixture->client = sim_client_new(fixture->rig);
    g_assert_true(sim_client_claim(fixture->client, NULL));
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    sim_client_free(fixture->client);
    sim_rig_free(fixture->rig);
    g_free(fixture);
    return 0;
}

/* Plugs a reader in such that the daemon meets it with the obstacle in place, as it does when udev
 * is slower than the daemon. */
static void
plug_with(Fixture *fixture, const char *obstacle)
{
    GPid daemon = sim_rig_daemon(fixture->rig);
    assert_int_equal(kill(daemon, SIGSTOP), 0);
    sim_rig_do(fixture->rig, "plug");
    sim_rig_do(fixture->rig, "%s", obstacle);
    assert_int_equal(kill(daemon, SIGCONT), 0);
}

static gboolean
was_shown(const Fixture *fixture, const char *state)
{
    for (guint i = 0; i < fixture->client->states->len; i++)
        if (strcmp(g_ptr_array_index(fixture->client->states, i), state) == 0)
            return TRUE;
    return FALSE;
}

static char *
detail(const Fixture *fixture)
{
    g_autoptr(GVariant) devices = NULL;
    char *text = NULL;
    assert_true(dv_bus_devices1_call_list_devices_sync(
        fixture->client->proxy, G_DBUS_CALL_FLAGS_NONE, -1, &devices, NULL, NULL));
    assert_int_equal(g_variant_n_children(devices), 1);
    g_autoptr(GVariant) row = g_variant_get_child_value(devices, 0);
    assert_true(g_variant_lookup(row, "detail", "s", &text));
    return text;
}

static void
reads_again(Fixture *fixture)
{
    sim_client_await_state(fixture->client, "1-1 ready");
    sim_rig_do(fixture->rig, "lay " ROWS);
    sim_client_await_documents(fixture->client, 1);
}

static void
test_late_permission_is_no_fault(void **state)
{
    Fixture *fixture = *state;
    plug_with(fixture, "permit no");
    sim_client_await_state(fixture->client, "1-1 opening");
    g_usleep(200000); /* a few tries are refused meanwhile; nothing depends on how many */
    sim_client_sync(fixture->client);
    assert_int_equal(fixture->client->states->len, 1);
    sim_rig_do(fixture->rig, "permit yes");
    reads_again(fixture);
    assert_false(was_shown(fixture, "1-1 fault"));
}

static void
test_missing_permission_is_a_fault_that_heals(void **state)
{
    Fixture *fixture = *state;
    plug_with(fixture, "permit no");
    sim_client_await_state(fixture->client, "1-1 fault");
    g_autofree char *why = detail(fixture);
    assert_non_null(strstr(why, "no permission"));
    assert_non_null(strstr(why, "udev"));
    sim_rig_do(fixture->rig, "permit yes");
    reads_again(fixture);
}

static void
test_held_by_another_program(void **state)
{
    Fixture *fixture = *state;
    plug_with(fixture, "hold yes");
    sim_client_await_state(fixture->client, "1-1 fault");
    g_autofree char *why = detail(fixture);
    /* The simulator has the node open, as another program would: it is named. */
    assert_non_null(strstr(why, "held by darvaza-simulator"));
    sim_rig_do(fixture->rig, "hold no");
    reads_again(fixture);
}

/* Pulled out again while it is still refused: gone, and nothing is left behind. */
static void
test_unplugged_while_refused(void **state)
{
    static const char *const obstacles[] = {"permit no", "hold yes"};
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(obstacles); i++) {
        plug_with(fixture, obstacles[i]);
        sim_client_await_state(fixture->client, i == 0 ? "1-1 opening" : "1-1 fault");
        sim_rig_do(fixture->rig, "unplug");
        sim_client_await_state(fixture->client, "1-1 gone");
    }
    sim_rig_do(fixture->rig, "plug");
    reads_again(fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_late_permission_is_no_fault, setup, teardown),
        cmocka_unit_test_setup_teardown(test_missing_permission_is_a_fault_that_heals, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_held_by_another_program, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unplugged_while_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
