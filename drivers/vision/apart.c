// SPDX-License-Identifier: Apache-2.0
/* Reading in a child that hostile bytes may kill. */
#include "confine.h"
#include "zone_reader.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CPU_SECONDS 2
#define CLOCK_MS 4000

static gboolean
close_in(guint memory_mb, int answer, GError **error)
{
    const VisionBounds bounds = {.memory = (gsize)memory_mb * 1024 * 1024,
                                 .cpu_seconds = CPU_SECONDS,
                                 .files = 0,
                                 .channel = answer};
    for (int fd = 0; fd <= 2 && !VISION_SANITIZED; fd++)
        if (fd != answer)
            close(fd);
    return vision_confine(&bounds, error);
}

static void
read_as_child(const guint8 *bytes, gsize length, guint memory_mb, int answer)
{
    DvReading reading = {0};
    g_autoptr(GError) error = NULL;
    network_prepare();
    gboolean closed = close_in(memory_mb, answer, &error);
    double began = vision_cpu_ms();
    g_autoptr(DvImage) image = closed ? dv_image_decode(bytes, length, &error) : NULL;
    if (image != NULL)
        dv_vision_read(image, &reading);
    else
        g_strlcpy(reading.reason, error->message, sizeof reading.reason);
    reading.ms = vision_cpu_ms() - began;
    ssize_t ignored = write(answer, &reading, sizeof reading);
    (void)ignored; /* the parent sees a short answer */
}

/* The answer, whole or not at all; FALSE also when time is up. */
static gboolean
take_answer(int from, DvReading *reading)
{
    gsize have = 0;
    gint64 end = g_get_monotonic_time() + (gint64)CLOCK_MS * 1000 * (VISION_SANITIZED ? 10 : 1);
    while (have < sizeof *reading) {
        gint64 left = (end - g_get_monotonic_time()) / 1000;
        struct pollfd wait = {.fd = from, .events = POLLIN};
        if (left <= 0 || (poll(&wait, 1, (int)left) < 0 && errno != EINTR))
            return FALSE;
        if (wait.revents == 0)
            continue;
        ssize_t got = read(from, (guint8 *)reading + have, sizeof *reading - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return FALSE;
        have += (gsize)got;
    }
    return TRUE;
}

/* What a child that was taken over could send is still no more than lines of MRZ characters. */
static gboolean
is_sane(DvReading *reading)
{
    reading->reason[sizeof reading->reason - 1] = '\0';
    if (reading->line_count > DV_MRZ_LINES_MAX || !g_utf8_validate(reading->reason, -1, NULL))
        return FALSE;
    for (guint line = 0; line < reading->line_count; line++) {
        char *text = reading->lines[line];
        text[DV_MRZ_LINE_MAX] = '\0';
        if (strspn(text, cell_alphabet) != strlen(text) ||
            strlen(text) != strlen(reading->lines[0]))
            return FALSE;
    }
    return TRUE;
}

static void
say_how_it_ended(int status, DvReading *reading)
{
    memset(reading, 0, sizeof *reading);
    if (WIFSIGNALED(status))
        g_snprintf(reading->reason, sizeof reading->reason,
                   "the image broke the reader's limits (signal %d)", WTERMSIG(status));
    else
        g_strlcpy(reading->reason, "the reader ended without an answer", sizeof reading->reason);
}

gboolean
dv_vision_read_apart(const guint8 *bytes, gsize length, guint memory_mb, DvReading *reading,
                     GError **error)
{
    int ends[2], status = 0;
    if (pipe(ends) != 0) {
        dv_error_set_errno(error, errno, "making a pipe to the image reader");
        return FALSE;
    }
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        read_as_child(bytes, length, memory_mb, ends[1]);
        _exit(0);
    }
    int saved = errno;
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        dv_error_set_errno(error, saved, "starting the image reader");
        return FALSE;
    }
    gboolean whole = take_answer(ends[0], reading);
    close(ends[0]);
    if (!whole)
        kill(child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (!whole || !is_sane(reading))
        say_how_it_ended(status, reading);
    return TRUE;
}
