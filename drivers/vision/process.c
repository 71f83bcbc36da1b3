// SPDX-License-Identifier: Apache-2.0
#include "process.h"
#include "confine.h"
#include "network.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define LIFE_CPU_SECONDS 3600 /* then a fresh process takes over */
#define FILES_MOST 3          /* that come with a request; one too many is closed and refused */

typedef struct {
    int file[FILES_MOST];
    guint count;
} Files;

/* ---- what can be asked */

static DvImage *
decode(const VisionJob *job, GError **error)
{
    const WireRequest *request = job->request;
    switch (request->format) {
    case WIRE_FORMAT_YUY2:
        return dv_image_from_yuy2(job->bytes, request->length, request->width, request->height,
                                  request->stride, error);
    case WIRE_FORMAT_GREY:
        return dv_image_from_grey(job->bytes, request->length, request->width, request->height,
                                  request->stride, error);
    default:
        return dv_image_decode(job->bytes, request->length, error);
    }
}

static gboolean
read_mrz(const VisionJob *job, WireAnswer *answer, GError **error)
{
    DvReading reading;
    g_autoptr(DvImage) image = decode(job, error);
    if (image == NULL)
        return FALSE;
    dv_vision_read_with(image, job->request->set, &reading);
    if (job->output != NULL && reading.line_count > 0)
        answer->output = dv_vision_cut_zone(image, &reading, job->output, DV_ZONE_BYTES_MAX);
    wire_reading_write(&reading, answer);
    return TRUE;
}

static const VisionKind kinds[] = {{WIRE_READ_MRZ, read_mrz}, {0, NULL}};

static VisionHandler
handler_of(const VisionKind *table, guint kind)
{
    for (; table != NULL && table->kind != 0; table++)
        if (table->kind == kind)
            return table->handler;
    return NULL;
}

static gboolean
dispatch(const VisionJob *job, const VisionKind *more, WireAnswer *answer, GError **error)
{
    VisionHandler handler = handler_of(kinds, job->request->kind);
    if (handler == NULL)
        handler = handler_of(more, job->request->kind);
    if (handler != NULL)
        return handler(job, answer, error);
    g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "the request is of no known kind");
    return FALSE;
}

/* ---- files that come with a request */

/* Maps length bytes of a file that can no longer shrink; NULL where it is shorter or may. */
static void *
map_sealed(int file, gsize length, int protection, GError **error)
{
    int seals = fcntl(file, F_GET_SEALS);
    off_t size = lseek(file, 0, SEEK_END);
    if (seals < 0 || (seals & F_SEAL_SHRINK) == 0 || size < 0 || (guint64)size < length) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "a file of the request is too short or not sealed");
        return NULL;
    }
    void *at = mmap(NULL, length, protection, MAP_SHARED, file, 0);
    if (at != MAP_FAILED)
        return at;
    dv_error_set_errno(error, errno, "mapping a file of the request");
    return NULL;
}

static gboolean
serve(const WireRequest *request, const Files *files, const ProcessBounds *bounds,
      WireAnswer *answer, GError **error)
{
    VisionJob job = {.request = request, .data = bounds->data};
    if (files->count != (request->wants_output ? 2u : 1u)) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID,
                            "the request came with another number of files than it says");
        return FALSE;
    }
    guint8 *bytes = map_sealed(files->file[0], request->length, PROT_READ, error);
    if (bytes == NULL)
        return FALSE;
    job.bytes = bytes;
    if (request->wants_output)
        job.output = map_sealed(files->file[1], WIRE_OUTPUT_MAX, PROT_READ | PROT_WRITE, error);
    gboolean done = (job.output != NULL || !request->wants_output) &&
                    dispatch(&job, bounds->more, answer, error);
    munmap(bytes, request->length);
    if (job.output != NULL)
        munmap(job.output, WIRE_OUTPUT_MAX);
    return done;
}

/* ---- the socket */

static void
take_files(struct msghdr *message, Files *files)
{
    for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at != NULL; at = CMSG_NXTHDR(message, at)) {
        if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
            continue;
        gsize count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (gsize i = 0; i < count && files->count < FILES_MOST; i++)
            memcpy(&files->file[files->count++], CMSG_DATA(at) + i * sizeof(int), sizeof(int));
    }
}

/* Length of the request; 0 at the end of the stream, -1 with errno. */
static gssize
receive(int socket, guint8 bytes[WIRE_REQUEST_SIZE + 1], Files *files)
{
    _Alignas(struct cmsghdr) guint8 control[CMSG_SPACE(FILES_MOST * sizeof(int))];
    struct iovec part = {bytes, WIRE_REQUEST_SIZE + 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = sizeof control};
    gssize got;
    do
        got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got > 0)
        take_files(&message, files);
    return got;
}

static gboolean
reply(int socket, const WireAnswer *answer)
{
    guint8 bytes[WIRE_ANSWER_MAX];
    struct iovec part = {bytes, wire_answer_write(answer, bytes)};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    return sendmsg(socket, &message, MSG_NOSIGNAL) == (gssize)part.iov_len;
}

/* The default action of SIGPROF ends the process: a request that takes too long is died of. */
static void
arm(guint cpu_ms)
{
    guint ms = cpu_ms * (VISION_SANITIZED ? 10 : 1);
    struct itimerval timer = {.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000}};
    setitimer(ITIMER_PROF, &timer, NULL);
}

static void
answer_one(const guint8 *bytes, gsize length, const Files *files, const ProcessBounds *bounds,
           WireAnswer *answer)
{
    g_autoptr(GError) error = NULL;
    WireRequest request;
    *answer = (WireAnswer){0};
    gboolean done = wire_request_parse(bytes, length, &request, &error);
    answer->id = request.id;
    answer->kind = request.kind & 0xff;
    if (done)
        done = serve(&request, files, bounds, answer, &error);
    if (done)
        return;
    answer->status = WIRE_REFUSED;
    answer->output = 0;
    answer->length = MIN(strlen(error->message), 200);
    memcpy(answer->body, error->message, answer->length);
}

gboolean
vision_process_run(int socket, const ProcessBounds *bounds, GError **error)
{
    const VisionBounds confinement = {.memory = bounds->memory,
                                      .cpu_seconds = LIFE_CPU_SECONDS,
                                      .files = (guint)socket + 1 + FILES_MOST,
                                      .channel = socket};
    g_autofree WireAnswer *answer = g_new0(WireAnswer, 1);
    network_prepare(); /* everything that is loaded or worked out once comes before */
    if (!vision_confine(&confinement, error))
        return FALSE;
    for (;;) {
        guint8 bytes[WIRE_REQUEST_SIZE + 1];
        Files files = {.count = 0};
        gssize got = receive(socket, bytes, &files);
        if (got == 0)
            return TRUE;
        if (got < 0) {
            dv_error_set_errno(error, errno, "waiting for an image");
            return FALSE;
        }
        arm(bounds->cpu_ms);
        answer_one(bytes, (gsize)got, &files, bounds, answer);
        arm(0);
        for (guint i = 0; i < files.count; i++)
            close(files.file[i]);
        if (!reply(socket, answer))
            return TRUE; /* the peer has gone */
    }
}
