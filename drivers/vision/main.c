// SPDX-License-Identifier: Apache-2.0
/* darvaza-vision: reads images for darvaza-devices, which starts it; of no use alone. */
#include "process.h"
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
    "Usage: darvaza-vision [--memory-mb N] [--cpu-ms N]\n"
    "\n"
    "Decodes and reads images for darvaza-devices, over the socket that it is started with as "
    "file\n"
    "descriptor 3 (docs/formats/vision-ipc.md). Without files, network and the right to start\n"
    "anything; ended where a request takes more than its share.\n"
    "\n"
    "  --memory-mb N  beyond what start needs (default 64)\n"
    "  --cpu-ms N     of one request (default 2000)\n"
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

int
main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;
    guint memory_mb = MEMORY_MB, cpu_ms = CPU_MS;
    struct stat channel;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            fputs(help, stdout);
            return 0;
        }
        gboolean taken = strcmp(argv[i], "--memory-mb") == 0 ? number(argv[++i], &memory_mb)
                         : strcmp(argv[i], "--cpu-ms") == 0  ? number(argv[++i], &cpu_ms)
                                                             : FALSE;
        if (!taken) {
            fprintf(stderr, "darvaza-vision: cannot use its arguments\n%s", help);
            return 2;
        }
    }
    if (fstat(CHANNEL, &channel) != 0 || !S_ISSOCK(channel.st_mode)) {
        fprintf(stderr, "darvaza-vision: file descriptor 3 is no socket\n%s", help);
        return 2;
    }
    signal(SIGPROF, SIG_DFL);
    const ProcessBounds bounds = {(gsize)memory_mb * 1024 * 1024, cpu_ms};
    if (vision_process_run(CHANNEL, &bounds, &error))
        return 0;
    fprintf(stderr, "darvaza-vision: %s\n", error->message);
    return 1;
}
