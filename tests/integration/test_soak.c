// SPDX-License-Identifier: Apache-2.0
/*
 * Readers and cameras of every kind, plugged in and pulled out at random moments, over and over: no
 * document is lost or comes twice, no frame goes backwards, no descriptor and no byte is left over,
 * nothing is stuck. 30 turns, 500 where DARVAZA_FULL is 1; DARVAZA_SEED repeats a run.
 */
#include "camera_client.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TD3_1 "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
#define TD3_2 "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
#define TD1_1 "I<UTOD231458907<<<<<<<<<<<<<<<"
#define TD1_2 "7408122F1204159UTO<<<<<<<<<<<6"
#define TD1_3 "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"
#define READER "1-1"
#define CAMERA "1-2"

/* As laid, and as it must come. */
static const struct {
    const char *rows, *document;
} documents[] = {
    {TD3_1 " " TD3_2, READER "|" TD3_1 "|" TD3_2},
    {TD1_1 " " TD1_2 " " TD1_3, READER "|" TD1_1 "|" TD1_2 "|" TD1_3},
};
static const char *const readers[] = {"cdc-acm",      "cdc-stx",       "cdc-soh",
                                      "cdc-tlv",      "cdc-tlv-asked", "cdc-syn",
                                      "hid-keyboard", "hid-pos",       "vendor-bulk"};
static const char *const cameras[] = {"uvc-bulk", "uvc-iso", "uvc-yuy2", "uvc-old", "uvc-15"};
static const char *const shapes[] = {"gone", "errors", "silent"};

typedef struct {
    SimRig *rig;
    SimClient *client;
    GRand *random;
    guint documents; /* that must have come by now */
    guint frames;    /* that were taken */
    CameraFrame frame;
} Soak;

static guint
draw(Soak *soak, guint count)
{
    return (guint)g_rand_int_range(soak->random, 0, (gint32)count);
}

static void
lay(Soak *soak)
{
    guint which = draw(soak, G_N_ELEMENTS(documents));
    sim_rig_do(soak->rig, "lay port=" READER " %s", documents[which].rows);
    sim_client_await_documents(soak->client, ++soak->documents);
    assert_string_equal(g_ptr_array_index(soak->client->documents, soak->documents - 1),
                        documents[which].document);
}

static void
plug(Soak *soak, const char *port, const char *model)
{
    for (;;) { /* what leaves silently keeps its place for a while */
        g_autofree char *answer = sim_rig_send(soak->rig, "plug port=%s model=%s", port, model);
        if (strcmp(answer, "ok") == 0)
            break;
        assert_true(g_str_has_prefix(answer, "error conflict "));
        g_usleep(5000);
    }
    g_autofree char *ready = g_strconcat(port, " ready", NULL);
    sim_client_await_state(soak->client, ready);
}

static void
await_gone(Soak *soak, const char *port)
{
    g_autofree char *gone = g_strconcat(port, " gone", NULL);
    sim_client_await_state(soak->client, gone);
}

/* Perhaps documents, perhaps a halt or a sleep, and the cable goes sometime. */
static void
turn_of_reader(Soak *soak, const char *model)
{
    const char *shape = shapes[draw(soak, G_N_ELEMENTS(shapes))];
    guint count = draw(soak, 3);
    plug(soak, READER, model);
    for (guint i = 0; i < count; i++) {
        if (draw(soak, 4) == 0)
            sim_rig_do(soak->rig, "stall port=" READER);
        lay(soak);
    }
    if (draw(soak, 2) == 0) {
        /* Somewhere in a document: what went out whole before the cable counts, nothing else. */
        sim_rig_do(soak->rig, "unplug mid-line port=" READER " shape=%s percent=%u", shape,
                   draw(soak, 96));
        g_autofree char *answer =
            sim_rig_send(soak->rig, "lay port=" READER " %s", documents[0].rows);
        assert_true(g_str_has_prefix(answer, "cut "));
    } else
        sim_rig_do(soak->rig, "unplug port=" READER " shape=%s", shape);
    await_gone(soak, READER);
}

/* Perhaps some frames, perhaps spoiled ones; somebody may want it still when the cable goes. */
static void
turn_of_camera(Soak *soak, const char *model)
{
    guint count = draw(soak, 4);
    gboolean wanted = draw(soak, 4) > 0;
    plug(soak, CAMERA, model);
    if (wanted)
        assert_true(camera_start(soak->client, CAMERA, 640, 480, 30, NULL, NULL));
    for (guint i = 0; wanted && i < count; i++) {
        guint64 before = soak->frame.serial;
        if (draw(soak, 4) == 0)
            sim_rig_do(soak->rig, "spoil port=" CAMERA " count=1 kind=error");
        camera_await(soak->client, CAMERA, before, &soak->frame);
        assert_true(soak->frame.serial > before);
        soak->frames++;
    }
    if (wanted && draw(soak, 2) == 0)
        camera_stop(soak->client, CAMERA);
    sim_rig_do(soak->rig, "unplug port=" CAMERA " shape=%s",
               shapes[draw(soak, G_N_ELEMENTS(shapes))]);
    await_gone(soak, CAMERA);
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

/* With a reader that serves, so that nothing is still being closed. */
static guint
descriptors_in_service(Soak *soak)
{
    plug(soak, READER, readers[0]);
    lay(soak);
    guint count = descriptors_of(sim_rig_daemon(soak->rig));
    sim_rig_do(soak->rig, "unplug port=" READER);
    await_gone(soak, READER);
    return count;
}

/* Every kind once, then as it comes. */
static void
turn(Soak *soak, guint number)
{
    guint kinds = G_N_ELEMENTS(readers) + G_N_ELEMENTS(cameras);
    guint kind = number < kinds ? number : draw(soak, kinds);
    if (kind < G_N_ELEMENTS(readers))
        turn_of_reader(soak, readers[kind]);
    else
        turn_of_camera(soak, cameras[kind - G_N_ELEMENTS(readers)]);
}

/* Asked to end, it ends well: under a sanitizer that includes that nothing has leaked. */
static void
ends_well(Soak *soak)
{
    g_autofree char *answer = NULL;
    sim_rig_do(soak->rig, "restart");
    for (gint64 end = g_get_monotonic_time() + RIG_PATIENCE_S * G_USEC_PER_SEC;
         answer == NULL || g_str_has_prefix(answer, "ok 0 "); g_usleep(20000)) {
        assert_true(g_get_monotonic_time() < end);
        g_free(answer);
        answer = sim_rig_send(soak->rig, "ended");
    }
    assert_string_equal(answer, "ok 1 0");
}

static void
test_soak(void **state)
{
    Soak *soak = *state;
    const char *given = g_getenv("DARVAZA_SEED");
    guint32 seed = given != NULL ? (guint32)g_ascii_strtoull(given, NULL, 10) : g_random_int();
    guint cycles = g_strcmp0(g_getenv("DARVAZA_FULL"), "1") == 0 ? 500 : 30;
    soak->random = g_rand_new_with_seed(seed);
    printf("seed %u, %u cycles\n", seed, cycles);
    fflush(stdout);
    turn_of_reader(soak, readers[0]);
    turn_of_camera(soak, cameras[0]);
    GPid daemon = sim_rig_daemon(soak->rig);
    guint before = descriptors_in_service(soak);
    for (guint i = 0; i < cycles; i++)
        turn(soak, i);
    assert_int_equal(sim_rig_daemon(soak->rig), daemon); /* it was never started again */
    guint after = descriptors_in_service(soak);
    for (guint i = 0; i < G_N_ELEMENTS(readers); i++) { /* no state is stuck */
        plug(soak, READER, readers[i]);
        lay(soak);
        sim_rig_do(soak->rig, "unplug port=" READER);
        await_gone(soak, READER);
    }
    sim_client_sync(soak->client);
    assert_int_equal(soak->client->documents->len, soak->documents);
    printf("seed %u: %u cycles, %u documents laid whole and read once, %u frames, descriptors %u, "
           "then %u\n",
           seed, cycles, soak->documents, soak->frames, before, after);
    assert_int_equal(after, before);
    ends_well(soak);
}

static int
setup(void **state)
{
    static const char *const words[] = {"--unplugged", NULL};
    Soak *soak = g_new0(Soak, 1);
    soak->rig = sim_rig_new(words);
    soak->client = sim_client_new(soak->rig);
    g_assert_true(sim_client_claim(soak->client, NULL));
    *state = soak;
    return 0;
}

static int
teardown(void **state)
{
    Soak *soak = *state;
    sim_client_free(soak->client);
    sim_rig_free(soak->rig);
    g_clear_pointer(&soak->random, g_rand_free);
    g_free(soak);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_soak, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
