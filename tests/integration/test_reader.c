// SPDX-License-Identifier: Apache-2.0
/*
 * The serial reader from its wire to the client of darvaza-devices: real daemon, driver and libusb
 * on a simulated device. What is laid comes out exactly, once, whatever happens to the cable.
 */
#include "sim_rig.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define TD3 TD3_1 " " TD3_2
#define TD3_READ "1-1|" TD3_1 "|" TD3_2
#define TD1_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define TD1_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define TD1_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
#define TD1 TD1_1 " " TD1_2 " " TD1_3
#define TD1_READ "|" TD1_1 "|" TD1_2 "|" TD1_3
#define CYCLES 50

typedef struct {
    SimRig *rig;
    SimClient *client;
} Fixture;

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->rig = sim_rig_new(NULL);
    fixture->client = sim_client_new(fixture->rig);
    g_assert_true(sim_client_claim(fixture->client, NULL));
    sim_rig_await_listening(fixture->rig, "1-1");
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

static const char *
document(const Fixture *fixture, guint index)
{
    return g_ptr_array_index(fixture->client->documents, index);
}

static void
test_what_is_laid_comes_out(void **state)
{
    static const char *const frames[] = {"cr", "lf", "crlf", "none", "stx"};
    Fixture *fixture = *state;
    guint count = 0;
    for (guint i = 0; i < G_N_ELEMENTS(frames); i++) {
        sim_rig_do(fixture->rig, "lay frame=%s " TD3, frames[i]);
        sim_client_await_documents(fixture->client, ++count);
        assert_string_equal(document(fixture, count - 1), TD3_READ);
        sim_rig_do(fixture->rig, "lay frame=%s packet=1 " TD1, frames[i]);
        sim_client_await_documents(fixture->client, ++count);
        assert_string_equal(document(fixture, count - 1), "1-1" TD1_READ);
    }
    sim_client_sync(fixture->client);
    assert_int_equal(fixture->client->documents->len, count);
    assert_int_equal(fixture->client->started, count);
    assert_int_equal(fixture->client->failed, 0);
    for (guint i = 0; i < count; i++)
        assert_int_equal(g_array_index(fixture->client->serials, guint64, i), i + 1);
}

/* A reader that leaves silently is told as gone before its place on the bus is free. */
static void
plug_when_free(Fixture *fixture)
{
    for (;;) {
        g_autofree char *answer = sim_rig_send(fixture->rig, "plug");
        if (strcmp(answer, "ok") == 0)
            return;
        assert_true(g_str_has_prefix(answer, "error conflict "));
        g_usleep(5000);
    }
}

static void
test_unplugged_mid_line_loses_no_other(void **state)
{
    static const char *const shapes[] = {"gone", "errors", "silent"};
    Fixture *fixture = *state;
    guint count = 0;
    for (guint i = 0; i < G_N_ELEMENTS(shapes); i++) {
        sim_rig_do(fixture->rig, "lay " TD3);
        sim_client_await_documents(fixture->client, ++count);
        sim_rig_do(fixture->rig, "unplug mid-line shape=%s", shapes[i]);
        g_autofree char *answer = sim_rig_send(fixture->rig, "lay " TD3);
        assert_true(g_str_has_prefix(answer, "cut "));
        sim_client_await_failures(fixture->client, i + 1);
        sim_client_await_state(fixture->client, "1-1 gone");
        plug_when_free(fixture);
        sim_rig_do(fixture->rig, "lay " TD1);
        sim_client_await_documents(fixture->client, ++count);
        assert_string_equal(document(fixture, count - 1), "1-1" TD1_READ);
    }
    sim_client_sync(fixture->client);
    assert_int_equal(fixture->client->documents->len, count);
    assert_int_equal(fixture->client->failed, G_N_ELEMENTS(shapes));
    /* To the officer a pulled cable is a missing reader, never a broken one. */
    for (guint i = 0; i < fixture->client->states->len; i++)
        assert_string_not_equal(g_ptr_array_index(fixture->client->states, i), "1-1 fault");
}

static void
test_halted_endpoint_recovers(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 1; i <= 20; i++) {
        sim_rig_do(fixture->rig, "stall");
        sim_rig_do(fixture->rig, "lay " TD3);
        sim_client_await_documents(fixture->client, i);
        assert_string_equal(document(fixture, i - 1), TD3_READ);
    }
    assert_int_equal(fixture->client->states->len, 0); /* no reopening was needed */
}

static void
test_failing_transfers_recover(void **state)
{
    Fixture *fixture = *state;
    sim_rig_do(fixture->rig, "fail count=6");
    sim_rig_do(fixture->rig, "lay " TD3);
    sim_client_await_documents(fixture->client, 1);
    assert_string_equal(document(fixture, 0), TD3_READ);
    assert_int_equal(fixture->client->states->len, 0);
    /* A reader that never stops failing is shown as faulty, and comes back when it works again. */
    sim_rig_do(fixture->rig, "fail count=1000");
    sim_client_await_state(fixture->client, "1-1 fault");
    sim_rig_do(fixture->rig, "fail count=0");
    sim_client_await_state(fixture->client, "1-1 ready");
    sim_rig_do(fixture->rig, "lay " TD3);
    sim_client_await_documents(fixture->client, 2);
}

static guint
listed(SimClient *client)
{
    g_autoptr(GVariant) devices = NULL;
    assert_true(dv_bus_devices1_call_list_devices_sync(client->proxy, G_DBUS_CALL_FLAGS_NONE, -1,
                                                       &devices, NULL, NULL));
    return (guint)g_variant_n_children(devices);
}

static void
test_announced_twice_is_one_device(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < 5; i++)
        sim_rig_do(fixture->rig, "announce");
    sim_rig_do(fixture->rig, "lay " TD3);
    sim_client_await_documents(fixture->client, 1);
    sim_rig_do(fixture->rig, "lay " TD1);
    sim_client_await_documents(fixture->client, 2);
    assert_int_equal(listed(fixture->client), 1);
    assert_string_equal(document(fixture, 0), TD3_READ);
}

static guint
descriptors_of(GPid pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/fd", pid);
    g_autoptr(GDir) directory = g_dir_open(path, 0, NULL);
    guint count = 0;
    assert_non_null(directory);
    while (g_dir_read_name(directory) != NULL)
        count++;
    return count;
}

static void
replug(Fixture *fixture)
{
    sim_rig_do(fixture->rig, "unplug");
    sim_client_await_state(fixture->client, "1-1 gone");
    sim_rig_do(fixture->rig, "plug");
    sim_client_await_state(fixture->client, "1-1 ready");
}

static void
test_plugging_leaks_no_descriptor(void **state)
{
    Fixture *fixture = *state;
    replug(fixture);
    guint before = descriptors_of(sim_rig_daemon(fixture->rig));
    for (guint i = 0; i < CYCLES; i++)
        replug(fixture);
    assert_int_equal(descriptors_of(sim_rig_daemon(fixture->rig)), before);
    assert_int_equal(listed(fixture->client), 1);
    sim_rig_do(fixture->rig, "lay " TD3);
    sim_client_await_documents(fixture->client, 1);
}

static void
test_one_client_holds_the_lane(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    SimClient *second = sim_client_new(fixture->rig);
    assert_false(sim_client_claim(second, &error));
    dv_bus_restore_error(&error);
    assert_true(g_error_matches(error, DV_ERROR, DV_ERROR_CONFLICT));
    sim_rig_do(fixture->rig, "lay " TD3);
    sim_client_await_documents(fixture->client, 1);
    sim_client_sync(second);
    assert_int_equal(second->documents->len, 0);
    assert_int_equal(second->states->len, 0);
    /* The holder goes; the lane is free. */
    sim_client_free(fixture->client);
    fixture->client = second;
    while (!sim_client_claim(second, NULL))
        g_usleep(5000);
    sim_rig_do(fixture->rig, "lay " TD1);
    sim_client_await_documents(second, 1);
    assert_string_equal(document(fixture, 0), "1-1" TD1_READ);
}

static void
test_a_document_for_nobody_stays_away(void **state)
{
    Fixture *fixture = *state;
    assert_true(dv_bus_devices1_call_release_lane_sync(fixture->client->proxy, RIG_LANE,
                                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL));
    sim_rig_do(fixture->rig, "lay " TD1);
    /* The daemon counts what it read; wait for that, so that the claim comes later. */
    for (guint64 read = 0; read == 0;) {
        g_autoptr(GVariant) devices = NULL;
        assert_true(dv_bus_devices1_call_list_devices_sync(
            fixture->client->proxy, G_DBUS_CALL_FLAGS_NONE, -1, &devices, NULL, NULL));
        g_autoptr(GVariant) row = g_variant_get_child_value(devices, 0);
        assert_true(g_variant_lookup(row, "documents", "t", &read));
    }
    assert_true(sim_client_claim(fixture->client, NULL));
    sim_rig_do(fixture->rig, "lay " TD3);
    sim_client_await_documents(fixture->client, 1);
    assert_string_equal(document(fixture, 0), TD3_READ);
    assert_int_equal(g_array_index(fixture->client->serials, guint64, 0), 2);
}

static void
test_killed_daemon_comes_back_without_old_documents(void **state)
{
    Fixture *fixture = *state;
    GPid before = sim_rig_daemon(fixture->rig);
    sim_client_free(fixture->client);
    /* A document is laid while the daemon cannot look, and then it dies. */
    kill(before, SIGSTOP);
    sim_rig_do(fixture->rig, "lay " TD1);
    kill(before, SIGKILL);
    while (sim_rig_daemon(fixture->rig) == before || sim_rig_daemon(fixture->rig) == 0)
        g_usleep(5000);
    fixture->client = sim_client_new(fixture->rig);
    assert_true(sim_client_claim(fixture->client, NULL));
    sim_rig_do(fixture->rig, "lay " TD3);
    sim_client_await_documents(fixture->client, 1);
    assert_string_equal(document(fixture, 0), TD3_READ);
}

static void
test_two_readers(void **state)
{
    Fixture *fixture = *state;
    sim_rig_do(fixture->rig, "plug port=1-2");
    sim_rig_do(fixture->rig, "lay port=1-2 " TD1);
    sim_client_await_documents(fixture->client, 1);
    assert_string_equal(document(fixture, 0), "1-2" TD1_READ);
    sim_rig_do(fixture->rig, "unplug port=1-2");
    sim_rig_do(fixture->rig, "lay " TD3);
    sim_client_await_documents(fixture->client, 2);
    assert_string_equal(document(fixture, 1), TD3_READ);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_laid_comes_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unplugged_mid_line_loses_no_other, setup, teardown),
        cmocka_unit_test_setup_teardown(test_halted_endpoint_recovers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_failing_transfers_recover, setup, teardown),
        cmocka_unit_test_setup_teardown(test_announced_twice_is_one_device, setup, teardown),
        cmocka_unit_test_setup_teardown(test_plugging_leaks_no_descriptor, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_client_holds_the_lane, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_document_for_nobody_stays_away, setup, teardown),
        cmocka_unit_test_setup_teardown(test_killed_daemon_comes_back_without_old_documents, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_two_readers, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
