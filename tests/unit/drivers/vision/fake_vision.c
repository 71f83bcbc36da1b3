// SPDX-License-Identifier: Apache-2.0
/* Stands in for darvaza-vision and misbehaves in the way that its argument names. */
#include "wire.h"
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHANNEL 3

static gsize
compose(const char *how, guint id, guint8 *bytes)
{
    DvReading reading = {.line_count = 2};
    WireAnswer answer = {.id = id, .kind = WIRE_READ_MRZ};
    memset(reading.lines[0], 'A', 44);
    memset(reading.lines[1], strcmp(how, "nonsense") == 0 ? '\n' : 'A', 44);
    if (strcmp(how, "stranger") == 0)
        answer.id += 1;
    wire_reading_write(&reading, &answer);
    if (strcmp(how, "short") == 0)
        answer.length /= 2;
    if (strcmp(how, "output") == 0) /* tells of output and has written none */
        answer.output = 20;
    gsize length = wire_answer_write(&answer, bytes);
    if (strcmp(how, "garbage") == 0)
        memset(bytes, 0xa5, length);
    return length;
}

/* Reads for ever; asked for anything else it tells its parent by a signal and falls silent. */
static int
read_only(void)
{
    guint8 bytes[WIRE_ANSWER_MAX];
    WireRequest request;
    for (;;) {
        gssize got = recv(CHANNEL, bytes, sizeof bytes, 0);
        if (got <= 0 || !wire_request_parse(bytes, (gsize)got, &request, NULL))
            return 1;
        if (request.kind != WIRE_READ_MRZ)
            break;
        gsize length = compose("", request.id, bytes);
        if (send(CHANNEL, bytes, length, MSG_NOSIGNAL) < 0)
            return 1;
    }
    kill(getppid(), SIGUSR1);
    return (int)recv(CHANNEL, bytes, sizeof bytes, 0); /* until it is killed */
}

int
main(int argc, char **argv)
{
    guint8 bytes[WIRE_ANSWER_MAX];
    WireRequest request;
    const char *how = argc > 1 ? argv[1] : "";
    if (strcmp(how, "read-only") == 0)
        return read_only();
    if (strcmp(how, "babble") == 0) { /* before anything was asked */
        gsize length = compose("", 1, bytes);
        if (send(CHANNEL, bytes, length, MSG_NOSIGNAL) < 0)
            return 1;
    }
    gssize got = recv(CHANNEL, bytes, sizeof bytes, 0);
    if (got <= 0 || !wire_request_parse(bytes, (gsize)got, &request, NULL))
        return 1;
    if (strcmp(how, "die") == 0)
        return 3;
    if (strcmp(how, "hang") == 0)
        return (int)recv(CHANNEL, bytes, sizeof bytes, 0); /* until it is killed */
    gsize length = compose(how, request.id, bytes);
    if (send(CHANNEL, bytes, length, MSG_NOSIGNAL) < 0)
        return 1;
    return (int)recv(CHANNEL, bytes, sizeof bytes, 0);
}
