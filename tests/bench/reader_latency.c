// SPDX-License-Identifier: Apache-2.0
/*
 * From the last byte on the wire to the event at the client of darvaza-devices, through the real
 * daemon, driver and libusb: what the driver, the framing and the bus add to a reader's own time.
 */
#include "sim_rig.h"
#include <stdio.h>
#include <stdlib.h>

#define DOCUMENTS 300
#define WARM_UP 20

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

int
main(void)
{
    SimRig *rig = sim_rig_new(NULL);
    SimClient *client = sim_client_new(rig);
    gint64 took[DOCUMENTS];
    g_assert_true(sim_client_claim(client, NULL));
    sim_rig_await_listening(rig, "1-1");
    for (guint i = 0; i < WARM_UP + DOCUMENTS; i++) {
        /* The rig notes when the event was handled; that the answer is read first adds nothing. */
        gint64 last = last_byte_us(rig);
        sim_client_await_documents(client, i + 1);
        if (i >= WARM_UP)
            took[i - WARM_UP] = g_array_index(client->told_us, gint64, i) - last;
    }
    qsort(took, DOCUMENTS, sizeof took[0], compare);
    printf("{\"bench\":\"reader_latency\",\"documents\":%d,\"p50_us\":%" G_GINT64_FORMAT
           ",\"p99_us\":%" G_GINT64_FORMAT ",\"max_us\":%" G_GINT64_FORMAT "}\n",
           DOCUMENTS, took[DOCUMENTS / 2], took[DOCUMENTS * 99 / 100], took[DOCUMENTS - 1]);
    sim_client_free(client);
    sim_rig_free(rig);
    return 0;
}
