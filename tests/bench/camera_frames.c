// SPDX-License-Identifier: Apache-2.0
/*
 * Frames a second and processor time for 1280x960 MJPEG at 30 a second, bulk and isochronous: the
 * daemon with a client that takes every frame, and libuvc's own program on the same simulated
 * camera (argv[1], where libuvc is there). One line each, three times by turns. Both see the camera
 * through the same emulation of usbfs, whose cost is in both figures.
 */
#include "camera_client.h"
#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FRAMES 150
#define ROUNDS 3 /* by turns: what else this machine does shows as a spread */
#define WARM_UP 30

static const char *const words[] = {"--unplugged", NULL};

/* Seconds of processor time that the process and its threads have used. */
static gdouble
cpu_of(GPid process)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/stat", process);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    const char *behind = strrchr(text, ')');
    g_auto(GStrv) fields = g_strsplit(behind + 2, " ", 16); /* the first is the third of proc(5) */
    return (gdouble)(g_ascii_strtoull(fields[11], NULL, 10) +
                     g_ascii_strtoull(fields[12], NULL, 10)) /
           (gdouble)sysconf(_SC_CLK_TCK);
}

static void
print(const char *by, const char *model, guint frames, guint64 dropped, gdouble seconds,
      gdouble cpu)
{
    printf("{\"bench\":\"camera_frames\",\"by\":\"%s\",\"model\":\"%s\",\"size\":\"1280x960\","
           "\"format\":\"mjpeg\",\"frames\":%u,\"spoiled\":%" G_GUINT64_FORMAT
           ",\"frames_per_s\":%.2f,\"cpu_percent\":%.1f}\n",
           by, model, frames, dropped, frames / seconds, 100 * cpu / seconds);
    fflush(stdout);
}

static void
measure_daemon(const char *model)
{
    SimRig *rig = sim_rig_new(words);
    SimClient *client = sim_client_new(rig);
    CameraFrame frame = {0};
    GPid daemon = sim_rig_daemon(rig);
    guint64 serial = 0, dropped = 0;
    gdouble cpu = 0;
    gint64 began = 0;
    g_assert_true(sim_client_claim(client, NULL));
    sim_rig_do(rig, "plug model=%s", model);
    sim_client_await_state(client, "1-1 ready");
    g_assert_true(camera_start(client, "1-1", 1280, 960, 30, "mjpeg", NULL));
    for (guint i = 0; i < WARM_UP + FRAMES; i++) {
        camera_await(client, "1-1", serial, &frame);
        serial = frame.serial;
        if (i + 1 == WARM_UP) {
            began = frame.arrived_us;
            cpu = cpu_of(daemon);
            dropped = frame.dropped;
        }
    }
    print("darvaza-devices", model, FRAMES, frame.dropped - dropped,
          (gdouble)(frame.arrived_us - began) / G_USEC_PER_SEC, cpu_of(daemon) - cpu);
    sim_client_free(client);
    sim_rig_free(rig);
}

static void
measure_peer(const char *model, const char *peer)
{
    g_autofree char *folder = g_dir_make_tmp("darvaza-uvc-XXXXXX", NULL);
    g_autofree char *result = g_build_filename(folder, "result", NULL);
    g_autofree char *count = g_strdup_printf("%d", FRAMES);
    g_autofree char *devices = g_strdup(g_getenv("DARVAZA_DEVICES"));
    g_autofree char *text = NULL;
    guint frames = 0, spoiled = 0;
    gdouble seconds = 0, cpu = 0;
    g_setenv("DARVAZA_UVC_RESULT", result, TRUE);
    g_setenv("DARVAZA_UVC_FRAMES", count, TRUE);
    g_setenv("DARVAZA_DEVICES", peer, TRUE); /* the simulator runs it in the daemon's place */
    SimRig *rig = sim_rig_new(words);
    sim_rig_do(rig, "plug model=%s", model);
    for (gint64 end = g_get_monotonic_time() + 3 * RIG_PATIENCE_S * G_USEC_PER_SEC;
         !g_file_get_contents(result, &text, NULL, NULL) && g_get_monotonic_time() < end;)
        g_usleep(50000);
    if (text != NULL && sscanf(text, "%u %u %lf %lf", &frames, &spoiled, &seconds, &cpu) == 4)
        print("libuvc", model, frames, spoiled, seconds, cpu);
    else
        printf("{\"bench\":\"camera_frames\",\"by\":\"libuvc\",\"model\":\"%s\",\"failed\":true}\n",
               model);
    sim_rig_free(rig);
    g_setenv("DARVAZA_DEVICES", devices, TRUE);
    g_unlink(result);
    g_rmdir(folder);
}

int
main(int argc, char **argv)
{
    static const char *const models[] = {"uvc-bulk", "uvc-iso"};
    if (argc < 2)
        printf("skipped beside: libuvc is not installed (libuvc-dev)\n");
    for (guint i = 0; i < G_N_ELEMENTS(models); i++)
        for (guint round = 0; round < ROUNDS; round++) {
            measure_daemon(models[i]);
            if (argc > 1)
                measure_peer(models[i], argv[1]);
        }
    return 0;
}
