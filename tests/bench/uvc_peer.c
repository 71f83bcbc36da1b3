// SPDX-License-Identifier: Apache-2.0
/*
 * The same job done with libuvc, for the benchmark of frames: opens the first camera, asks for
 * 1280x960 MJPEG at 30 a second, counts whole frames and its own processor time, writes one line
 * into the file that DARVAZA_UVC_RESULT names, and waits to be ended (the simulator would start it
 * again). What the simulator gives a daemon on its command line it ignores.
 */
#include <errno.h>
#include <libuvc/libuvc.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define WARM_UP 30

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned frames, spoiled, wanted;
    double began, ended, cpu_began, cpu_ended;
} state = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static double
wall(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
cpu(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void
on_frame(uvc_frame_t *frame, void *data)
{
    const unsigned char *bytes = frame->data;
    size_t length = frame->data_bytes;
    (void)data;
    pthread_mutex_lock(&state.lock);
    if (length < 4 || bytes[0] != 0xff || bytes[1] != 0xd8 || bytes[length - 2] != 0xff ||
        bytes[length - 1] != 0xd9)
        state.spoiled++;
    else {
        state.frames++;
        if (state.frames == WARM_UP) {
            state.began = wall();
            state.cpu_began = cpu();
        }
        if (state.frames == WARM_UP + state.wanted) {
            state.ended = wall();
            state.cpu_ended = cpu();
            pthread_cond_signal(&state.changed);
        }
    }
    pthread_mutex_unlock(&state.lock);
}

static void
fail(const char *what, int code)
{
    fprintf(stderr, "uvc_peer: %s: %s\n", what, uvc_strerror(code));
    exit(1);
}

/* The camera may be plugged in a little later than this begins. */
static uvc_device_handle_t *
open_camera(void)
{
    uvc_context_t *context;
    uvc_device_t *device;
    uvc_device_handle_t *handle;
    int code = uvc_init(&context, NULL);
    if (code != 0)
        fail("starting", code);
    for (int tries = 0; (code = uvc_find_device(context, &device, 0, 0, NULL)) != 0; tries++) {
        if (tries > 500)
            fail("looking for a camera", code);
        usleep(20000);
    }
    if ((code = uvc_open(device, &handle)) != 0)
        fail("opening it", code);
    return handle;
}

static void
write_result(const char *path)
{
    char beside[4096];
    double seconds = state.ended - state.began;
    snprintf(beside, sizeof beside, "%s.new", path);
    FILE *file = fopen(beside, "w");
    if (file == NULL)
        exit(1);
    fprintf(file, "%u %u %.6f %.6f\n", state.wanted, state.spoiled, seconds,
            state.cpu_ended - state.cpu_began);
    fclose(file);
    rename(beside, path);
}

int
main(void)
{
    const char *path = getenv("DARVAZA_UVC_RESULT"), *wanted = getenv("DARVAZA_UVC_FRAMES");
    uvc_stream_ctrl_t control;
    if (path == NULL || wanted == NULL)
        return 2;
    state.wanted = (unsigned)strtoul(wanted, NULL, 10);
    uvc_device_handle_t *handle = open_camera();
    int code =
        uvc_get_stream_ctrl_format_size(handle, &control, UVC_FRAME_FORMAT_MJPEG, 1280, 960, 30);
    if (code != 0)
        fail("agreeing on a stream", code);
    if ((code = uvc_start_streaming(handle, &control, on_frame, NULL, 0)) != 0)
        fail("starting the stream", code);
    pthread_mutex_lock(&state.lock);
    while (state.frames < WARM_UP + state.wanted)
        pthread_cond_wait(&state.changed, &state.lock);
    pthread_mutex_unlock(&state.lock);
    uvc_stop_streaming(handle);
    write_result(path);
    pause();
    return 0;
}
