// SPDX-License-Identifier: Apache-2.0
/*
 * Every family from its wire to the client of darvaza-devices: plugged in, read, halted, unplugged
 * in the middle of a document and read again; what is laid comes out exactly, once. The real
 * daemon, drivers and libusb on simulated devices.
 */
#include "sim_rig.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define TD3 TD3_1 " " TD3_2
#define TD1_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define TD1_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define TD1_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
#define TD1 TD1_1 " " TD1_2 " " TD1_3

/* Layouts and a framer by place, a family by an identity that no table has. */
#define SETTINGS                                                                                   \
    "1-1 layout=us; 1-2 layout=de; 1-3 layout=fr; 1-4 layout=tr; 1-7 framer=stx start=5b end=5d; " \
    "1ac2:0302 family=cdc-acm framer=soh"

typedef struct {
    const char *model, *options; /* as plug takes them */
    const char *frames;          /* more than the model's own, parted by spaces */
} Family;

static const Family families[] = {
    {"cdc-acm", "", "lf crlf none stx filled"},
    {"cdc-stx", "", ""},
    {"cdc-soh", "", ""},
    {"cdc-tlv", "", ""},
    {"cdc-tlv-asked", "", ""},
    {"cdc-syn", "", "crlf"},
    {"hid-keyboard", "layout=us", "tab none filled"},
    {"hid-pos", "", "crlf none"},
    {"vendor-bulk", "", ""},
};

typedef struct {
    SimRig *rig;
    SimClient *client;
    guint documents; /* that must have come by now */
} Fixture;

static int
setup(void **state)
{
    static const char *const words[] = {"--unplugged", NULL};
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->rig = sim_rig_new_with(words, SETTINGS);
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

static const char *
spaced(const char *rows, char **copy)
{
    *copy = g_strdelimit(g_strdup(rows), "|", ' ');
    return *copy;
}

/* Lays, waits, and compares with what was laid. */
static void
lay(Fixture *fixture, const char *port, const char *frame, const char *rows)
{
    g_autofree char *words = NULL;
    g_autofree char *option = frame != NULL ? g_strconcat(" frame=", frame, NULL) : g_strdup("");
    g_autofree char *joined = g_strdelimit(g_strdup(rows), " ", '|');
    g_autofree char *expected = g_strconcat(port, "|", joined, NULL);
    sim_rig_do(fixture->rig, "lay port=%s%s %s", port, option, spaced(rows, &words));
    sim_client_await_documents(fixture->client, ++fixture->documents);
    assert_string_equal(g_ptr_array_index(fixture->client->documents, fixture->documents - 1),
                        expected);
}

static void
plug(Fixture *fixture, const char *port, const Family *family)
{
    for (;;) { /* a reader that leaves silently keeps its place for a while */
        g_autofree char *answer =
            sim_rig_send(fixture->rig, "plug port=%s model=%s%s%s", port, family->model,
                         *family->options != '\0' ? " " : "", family->options);
        if (strcmp(answer, "ok") == 0)
            break;
        assert_true(g_str_has_prefix(answer, "error conflict "));
        g_usleep(5000);
    }
    g_autofree char *ready = g_strconcat(port, " ready", NULL);
    sim_client_await_state(fixture->client, ready);
}

static void
unplug(Fixture *fixture, const char *port)
{
    g_autofree char *gone = g_strconcat(port, " gone", NULL);
    sim_rig_do(fixture->rig, "unplug port=%s", port);
    sim_client_await_state(fixture->client, gone);
}

static void
nothing_else_came(Fixture *fixture)
{
    sim_client_sync(fixture->client);
    assert_int_equal(fixture->client->documents->len, fixture->documents);
}

static void
test_every_family_reads(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
        g_auto(GStrv) frames = g_strsplit(families[i].frames, " ", -1);
        plug(fixture, "1-1", &families[i]);
        lay(fixture, "1-1", NULL, TD3);
        lay(fixture, "1-1", NULL, TD1);
        lay(fixture, "1-1", NULL, TD1); /* the same person again is a document again */
        for (guint f = 0; frames[f] != NULL && *frames[f] != '\0'; f++) {
            lay(fixture, "1-1", frames[f], TD1);
            lay(fixture, "1-1", frames[f], TD3);
        }
        unplug(fixture, "1-1");
    }
    nothing_else_came(fixture);
    assert_int_equal(fixture->client->failed, 0);
    assert_int_equal(fixture->client->started, fixture->documents);
}

static void
test_every_family_recovers_from_a_halt(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
        plug(fixture, "1-1", &families[i]);
        for (guint round = 0; round < 4; round++) {
            sim_rig_do(fixture->rig, "stall");
            lay(fixture, "1-1", NULL, round % 2 == 0 ? TD3 : TD1);
        }
        sim_rig_do(fixture->rig, "fail count=3");
        lay(fixture, "1-1", NULL, TD3);
        unplug(fixture, "1-1");
    }
    nothing_else_came(fixture);
}

/* The same document again, laid after the host has recovered from a halt (when it has asked once
 * more what lies there) and as soon as it may: a document of its own each time. */
static void
test_the_same_again_around_a_halt(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
        plug(fixture, "1-1", &families[i]);
        lay(fixture, "1-1", NULL, TD1);
        for (guint round = 0; round < 4; round++) {
            sim_rig_do(fixture->rig, "stall");
            sim_rig_await_listening(fixture->rig, "1-1");
            lay(fixture, "1-1", NULL, TD1);
            sim_rig_do(fixture->rig, "stall");
            lay(fixture, "1-1", NULL, TD1);
        }
        unplug(fixture, "1-1");
    }
    nothing_else_came(fixture);
}

static void
test_every_family_survives_its_cable(void **state)
{
    static const char *const shapes[] = {"gone", "errors", "silent"};
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(families); i++)
        for (guint s = 0; s < G_N_ELEMENTS(shapes); s++) {
            plug(fixture, "1-1", &families[i]);
            lay(fixture, "1-1", NULL, TD3);
            sim_rig_do(fixture->rig, "unplug mid-line shape=%s", shapes[s]);
            g_autofree char *answer = sim_rig_send(fixture->rig, "lay " TD3);
            assert_true(g_str_has_prefix(answer, "cut "));
            sim_client_await_state(fixture->client, "1-1 gone");
            plug(fixture, "1-1", &families[i]);
            lay(fixture, "1-1", NULL, TD1);
            unplug(fixture, "1-1");
        }
    nothing_else_came(fixture);
    for (guint i = 0; i < fixture->client->states->len; i++)
        assert_string_not_equal(g_ptr_array_index(fixture->client->states, i), "1-1 fault");
}

/* Requests end as if the reader had left, and no event says that it had: it is taken again by
 * itself. Half a document from before is never joined to one from after. */
static void
test_every_family_wakes_up(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
        plug(fixture, "1-1", &families[i]);
        lay(fixture, "1-1", NULL, TD3);
        for (guint round = 0; round < 2; round++) {
            if (round == 1) {
                sim_rig_do(fixture->rig, "lift mid-line");
                g_autofree char *answer = sim_rig_send(fixture->rig, "lay " TD3);
                assert_true(g_str_has_prefix(answer, "cut "));
            }
            sim_rig_await_listening(fixture->rig, "1-1"); /* so that something is pending */
            sim_rig_do(fixture->rig, "sleep");
            sim_client_await_state(fixture->client, "1-1 gone");
            sim_client_await_state(fixture->client, "1-1 ready");
            lay(fixture, "1-1", NULL, TD1);
        }
        unplug(fixture, "1-1");
    }
    nothing_else_came(fixture);
}

/* A document is taken away while it is being read: nothing comes, and the next is whole. */
static void
test_a_lifted_document_is_none(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(families); i++) {
        guint failed = fixture->client->failed;
        plug(fixture, "1-1", &families[i]);
        lay(fixture, "1-1", NULL, TD3);
        sim_rig_do(fixture->rig, "lift mid-line");
        g_autofree char *answer = sim_rig_send(fixture->rig, "lay " TD3);
        assert_true(g_str_has_prefix(answer, "cut "));
        if (strcmp(families[i].model, "cdc-tlv-asked") != 0) /* it says nothing of it at all */
            sim_client_await_failures(fixture->client, failed + 1);
        lay(fixture, "1-1", NULL, TD1);
        unplug(fixture, "1-1");
    }
    nothing_else_came(fixture);
}

/* ---- keyboards */

static guint
typed_into_the_desktop(Fixture *fixture, const char *port)
{
    g_autofree char *answer = sim_rig_send(fixture->rig, "desktop port=%s", port);
    assert_true(g_str_has_prefix(answer, "ok "));
    return (guint)g_ascii_strtoull(answer + 3, NULL, 10);
}

static void
test_layouts_and_the_desktop(void **state)
{
    static const char *const layouts[] = {"us", "de", "fr", "tr"};
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(layouts); i++) {
        /* The daemon's configuration names the layout by place: 1-1 us, 1-2 de, 1-3 fr, 1-4 tr. */
        g_autofree char *options = g_strconcat("layout=", layouts[i], NULL);
        g_autofree char *port = g_strdup_printf("1-%u", i + 1);
        const Family family = {"hid-keyboard", options, ""};
        plug(fixture, port, &family);
        lay(fixture, port, NULL, TD3);
        lay(fixture, port, "filled", TD1);
        assert_int_equal(typed_into_the_desktop(fixture, port), 0);
    }
    /* Nobody takes this one from the kernel, so it does type: it is the driver that prevents it. */
    GPid daemon = sim_rig_daemon(fixture->rig);
    kill(daemon, SIGSTOP);
    sim_rig_do(fixture->rig, "plug port=1-5 model=hid-keyboard");
    sim_rig_do(fixture->rig, "lay port=1-5 wait=0 " TD3);
    assert_int_equal(typed_into_the_desktop(fixture, "1-5"), strlen(TD3_1 "\r" TD3_2 "\r"));
    kill(daemon, SIGCONT);
    sim_client_await_state(fixture->client, "1-5 ready");
    lay(fixture, "1-5", NULL, TD3);
    assert_int_equal(typed_into_the_desktop(fixture, "1-5"), strlen(TD3_1 "\r" TD3_2 "\r"));
    nothing_else_came(fixture);
}

/* ---- configuration */

static void
test_framers_by_configuration(void **state)
{
    Fixture *fixture = *state;
    /* 1-7 stands with framer=stx start=5b end=5d: text without such a frame is no document there.
     */
    const Family plain = {"cdc-acm", "", ""};
    plug(fixture, "1-7", &plain);
    sim_rig_do(fixture->rig, "lay port=1-7 frame=cr " TD3);
    sim_client_await_failures(fixture->client, 1);
    sim_rig_do(fixture->rig, "lay port=1-7 frame=cr [" TD3_1 " " TD3_2 "]");
    sim_client_await_documents(fixture->client, ++fixture->documents);
    assert_string_equal(g_ptr_array_index(fixture->client->documents, 0), "1-7|" TD3_1 "|" TD3_2);
    /* An identity that no table has, given to a family by family=. */
    sim_rig_do(fixture->rig, "plug port=1-8 model=cdc-soh identity=1ac2:0302");
    sim_client_await_state(fixture->client, "1-8 ready");
    lay(fixture, "1-8", NULL, TD3);
    nothing_else_came(fixture);
}

/* Two of a kind are told apart by their places, whatever the order in which they come. */
static void
test_two_of_a_kind(void **state)
{
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(families); i++)
        for (guint order = 0; order < 2; order++) {
            plug(fixture, order == 0 ? "1-5" : "1-6", &families[i]);
            plug(fixture, order == 0 ? "1-6" : "1-5", &families[i]);
            lay(fixture, "1-6", NULL, TD1);
            lay(fixture, "1-5", NULL, TD3);
            unplug(fixture, "1-5");
            lay(fixture, "1-6", NULL, TD3);
            unplug(fixture, "1-6");
        }
    nothing_else_came(fixture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_family_reads, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_family_recovers_from_a_halt, setup, teardown),
        cmocka_unit_test_setup_teardown(test_the_same_again_around_a_halt, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_family_survives_its_cable, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_family_wakes_up, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_lifted_document_is_none, setup, teardown),
        cmocka_unit_test_setup_teardown(test_layouts_and_the_desktop, setup, teardown),
        cmocka_unit_test_setup_teardown(test_framers_by_configuration, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_of_a_kind, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
