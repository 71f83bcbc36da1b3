// SPDX-License-Identifier: Apache-2.0
/*
 * From the last byte on the wire to the event at the client of darvaza-devices, through the real
 * daemon, driver and libusb: what the driver, the framing and the bus add to a reader's own time.
 * One line a family. "On the wire" is when the reader has it: a keyboard then still sends two
 * reports a character, and a reader that is asked waits for the next question. Then two of them
 * again beside a camera that streams 1280x960 at 30 a second, every frame of which is taken.
 */
#include "camera_client.h"
#include <gio/gunixfdlist.h>
#include <stdio.h>
#include <stdlib.h>

#define DOCUMENTS 100 /* of each family */
#define WARM_UP 5

static const char *const models[] = {"cdc-acm",       "cdc-stx", "cdc-soh",      "cdc-tlv",
                                     "cdc-tlv-asked", "cdc-syn", "hid-keyboard", "hid-pos",
                                     "vendor-bulk",   NULL};

static int
compare(const void *a, const void *b)
{
    gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
    return (x > y) - (x < y);
}

static gint64
last_byte_us(SimRig *rig)
{
    g_autofree char *answer = sim_rig_send(rig, "lay P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<< "
                                                "L898902C36UTO7408122F1204159ZE184226B<<<<<10");
    g_auto(GStrv) words = g_strsplit(answer, " ", -1);
    g_assert_cmpuint(g_strv_length(words), ==, 4);
    g_assert_cmpstr(words[0], ==, "ok");
    return g_ascii_strtoll(words[2], NULL, 10);
}

/* ---- a camera beside */

typedef struct {
    SimClient *client;
    guint64 serial;
    guint frames;
    gboolean ended;
} Taker;

static void take(Taker *taker);

static void
on_taken(GObject *proxy, GAsyncResult *result, gpointer data)
{
    Taker *taker = data;
    g_autoptr(GUnixFDList) list = NULL; /* closes the frame */
    if (dv_bus_devices1_call_take_frame_finish(DV_BUS_DEVICES1(proxy), &taker->serial, NULL, NULL,
                                               &list, result, NULL))
        taker->frames++;
    take(taker);
}

/* From the main context that also hears of documents, so that nothing waits for anything. */
static void
take(Taker *taker)
{
    if (!taker->ended)
        dv_bus_devices1_call_take_frame(taker->client->proxy, "1-9", taker->serial, 2000,
                                        G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, on_taken, taker);
}

static void
measure(SimRig *rig, SimClient *client, const char *model, const char *beside)
{
    gint64 took[DOCUMENTS];
    guint before = client->documents->len;
    sim_rig_do(rig, "plug model=%s", model);
    sim_client_await_state(client, "1-1 ready");
    for (guint i = 0; i < WARM_UP + DOCUMENTS; i++) {
        /* The rig notes when the event was handled; that the answer is read first adds nothing. */
        gint64 last = last_byte_us(rig);
        sim_client_await_documents(client, before + i + 1);
        if (i >= WARM_UP)
            took[i - WARM_UP] = g_array_index(client->told_us, gint64, before + i) - last;
    }
    sim_rig_do(rig, "unplug");
    sim_client_await_state(client, "1-1 gone");
    qsort(took, DOCUMENTS, sizeof took[0], compare);
    printf("{\"bench\":\"reader_latency\",\"model\":\"%s\",\"beside\":\"%s\",\"documents\":%d,"
           "\"p50_us\":"
           "%" G_GINT64_FORMAT ",\"p99_us\":%" G_GINT64_FORMAT ",\"max_us\":%" G_GINT64_FORMAT
           "}\n",
           model, beside, DOCUMENTS, took[DOCUMENTS / 2], took[DOCUMENTS * 99 / 100],
           took[DOCUMENTS - 1]);
    fflush(stdout);
}

int
main(void)
{
    static const char *const words[] = {"--unplugged", NULL};
    static const char *const cameras[] = {"uvc-bulk", "uvc-iso"};
    SimRig *rig = sim_rig_new(words);
    SimClient *client = sim_client_new(rig);
    g_assert_true(sim_client_claim(client, NULL));
    for (guint i = 0; models[i] != NULL; i++)
        measure(rig, client, models[i], "nothing");
    for (guint i = 0; i < G_N_ELEMENTS(cameras); i++) {
        Taker taker = {.client = client};
        sim_rig_do(rig, "plug port=1-9 model=%s", cameras[i]);
        sim_client_await_state(client, "1-9 ready");
        g_assert_true(camera_start(client, "1-9", 1280, 960, 30, "mjpeg", NULL));
        take(&taker);
        measure(rig, client, "cdc-acm", cameras[i]);
        measure(rig, client, "vendor-bulk", cameras[i]);
        g_assert_cmpuint(taker.frames, >, 0);
        taker.ended = TRUE;
        camera_stop(client, "1-9");
        sim_rig_do(rig, "unplug port=1-9");
        sim_client_await_state(client, "1-9 gone");
    }
    sim_client_free(client);
    sim_rig_free(rig);
    return 0;
}
