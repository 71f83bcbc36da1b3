// SPDX-License-Identifier: Apache-2.0
/* darvaza-vision: reads images for darvaza-devices, which starts it; of no use alone. */
#include "face_process.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CHANNEL 3 /* where the parent puts its socket */
#define MEMORY_MB 64
#define CPU_MS 2000
#define MOST 100000

static const char help[] =
    "Usage: darvaza-vision [--memory-mb N] [--cpu-ms N] [--cascade FILE] [--detector FILE]\n"
    "                      [--comparison FILE]\n"
    "\n"
    "Decodes and reads images for darvaza-devices, over the socket that it is started with as "
    "file\n"
    "descriptor 3 (docs/formats/vision-ipc.md). Without files, network and the right to start\n"
    "anything; ended where a request takes more than its share.\n"
    "\n"
    "  --memory-mb N  beyond what start needs (default 64)\n"
    "  --cpu-ms N     of one request (default 2000)\n"
    "  --cascade FILE     finds faces; one of Debian's opencv-data\n"
    "  --detector FILE    finds them instead, with landmarks: a YuNet network (ONNX)\n"
    "  --comparison FILE  side file of a model that compares faces (docs/formats/face-model.md)\n"
    "  --help         this text\n"
    "\n"
    "Exit status: 0 the parent closed the socket, 1 something failed, 2 bad use.\n";

static gboolean
number(const char *text, guint *to)
{
    char *end = NULL;
    unsigned long value = text != NULL ? strtoul(text, &end, 10) : 0;
    if (text == NULL || *text == '\0' || *end != '\0' || value == 0 || value > MOST)
        return FALSE;
    *to = (guint)value;
    return TRUE;
}

typedef struct {
    guint memory_mb, cpu_ms;
    DvFaceFiles faces;
} Options;

/* FALSE where an argument is unknown or has no good value. */
static gboolean
take_options(int argc, char **argv, Options *options)
{
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[++i] : "";
        if (strcmp(name, "--cascade") == 0)
            options->faces.cascade = value;
        else if (strcmp(name, "--detector") == 0)
            options->faces.detector = value;
        else if (strcmp(name, "--comparison") == 0)
            options->faces.comparison = value;
        else if (!(strcmp(name, "--memory-mb") == 0 && number(value, &options->memory_mb)) &&
                 !(strcmp(name, "--cpu-ms") == 0 && number(value, &options->cpu_ms)))
            return FALSE;
    }
    return TRUE;
}

/* A detector that cannot be used leaves what reads zones working, and says so. */
static void
load_faces(const DvFaceFiles *files, FaceWork *work)
{
    g_autoptr(GError) error = NULL;
    if (files->cascade == NULL && files->detector == NULL)
        return;
    work->faces = dv_faces_load(files, &error);
    if (work->faces == NULL)
        fprintf(stderr, "darvaza-vision: no faces: %s\n", error->message);
    else if (files->comparison != NULL && !dv_faces_comparison(work->faces)->on)
        fprintf(stderr, "darvaza-vision: no comparison: %s\n",
                dv_faces_comparison(work->faces)->reason);
}

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    Options options = {.memory_mb = MEMORY_MB, .cpu_ms = CPU_MS};
    FaceWork work = {NULL};
    struct stat channel;
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        fputs(help, stdout);
        return 0;
    }
    if (!take_options(argc, argv, &options)) {
        fprintf(stderr, "darvaza-vision: cannot use its arguments\n%s", help);
        return 2;
    }
    if (fstat(CHANNEL, &channel) != 0 || !S_ISSOCK(channel.st_mode)) {
        fprintf(stderr, "darvaza-vision: file descriptor 3 is no socket\n%s", help);
        return 2;
    }
    signal(SIGPROF, SIG_DFL);
    load_faces(&options.faces, &work);
    const ProcessBounds bounds = {(gsize)options.memory_mb * 1024 * 1024, options.cpu_ms,
                                  face_kinds, &work};
    if (face_warm_up(&work, &error) && vision_process_run(CHANNEL, &bounds, &error))
        _exit(0); /* confined: what the libraries do at an exit would be the kernel's kill */
    fprintf(stderr, "darvaza-vision: %s\n", error->message);
    return 1;
}
