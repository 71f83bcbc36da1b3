// SPDX-License-Identifier: Apache-2.0
#include "client.h"
#include <darvaza/log.h>
#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define CHANNEL 3 /* the child's descriptor */
#define WAITING_MOST 4
#define PATIENCE_MS 3000
#define PAUSE_MS 100
#define PAUSE_DOUBLINGS 6

typedef struct {
    WireRequest request;
    int file;   /* owned */
    int output; /* owned; -1: none */
    VisionAnswered answered;
    void *data;
    GDestroyNotify data_free;
} Call;

struct DvVisionClient {
    char **argv;
    guint patience_ms, pause_ms;
    GQueue calls; /* of Call, owned; the head is with the process if sent */
    gboolean sent;
    guint next_id, failures; /* in a row */
    int socket;              /* -1: no process */
    guint socket_watch, patience;
    guint pause; /* until it is over no process is started */
    guint kick;  /* idle source that looks at new calls */
    DvVisionState state;
};

static void pump(DvVisionClient *client);

static void
call_free(Call *call)
{
    close(call->file);
    if (call->output >= 0)
        close(call->output);
    if (call->data_free != NULL)
        call->data_free(call->data);
    g_free(call);
}

static void
drop_source(guint *source)
{
    if (*source != 0)
        g_source_remove(*source);
    *source = 0;
}

/* Ends the call at the head. The caller's function may ask for more. */
static void
finish(DvVisionClient *client, const WireAnswer *answer, GBytes *output, const GError *error)
{
    Call *call = g_queue_pop_head(&client->calls);
    client->sent = FALSE;
    drop_source(&client->patience);
    call->answered(answer, output, error, call->data);
    call_free(call);
}

/* ---- the process's life */

static void
reap(GPid pid, int status, void *data)
{
    (void)status;
    (void)data;
    g_spawn_close_pid(pid);
}

static gboolean
on_pause(void *data)
{
    DvVisionClient *client = data;
    client->pause = 0;
    pump(client);
    return G_SOURCE_REMOVE;
}

/* The longer in a row nothing came of it, the longer the pause. Returns its length in ms. */
static guint
begin_pause(DvVisionClient *client)
{
    guint ms = client->pause_ms << MIN(client->failures, PAUSE_DOUBLINGS);
    client->failures++;
    drop_source(&client->pause);
    client->pause = g_timeout_add(ms, on_pause, client);
    return ms;
}

/* Kills the process and forgets it; what was with it fails. */
static void
lose(DvVisionClient *client, const char *why)
{
    drop_source(&client->socket_watch);
    close(client->socket);
    client->socket = -1;
    kill(client->state.pid, SIGKILL);
    client->state.pid = 0;
    client->state.deaths++;
    dv_log_warning("image reading process: %s; the next one starts in %u ms", why,
                   begin_pause(client));
    if (client->sent) {
        g_autoptr(GError) error =
            g_error_new(DV_ERROR, DV_ERROR_UNAVAILABLE, "image reading process: %s", why);
        finish(client, NULL, NULL, error);
    }
}

static gboolean
on_patience(void *data)
{
    DvVisionClient *client = data;
    client->patience = 0;
    client->state.timeouts++;
    lose(client, "it took too long over an image");
    return G_SOURCE_REMOVE;
}

static GBytes *
take_output(const Call *call, gsize length)
{
    if (call->output < 0 || length == 0)
        return NULL;
    guint8 *bytes = g_malloc(length);
    if (pread(call->output, bytes, length, 0) == (gssize)length)
        return g_bytes_new_take(bytes, length);
    g_free(bytes);
    return NULL;
}

static gboolean
take_answer(DvVisionClient *client, const guint8 *bytes, gsize length, GError **error)
{
    Call *call = client->sent ? g_queue_peek_head(&client->calls) : NULL;
    g_autofree WireAnswer *answer = g_new(WireAnswer, 1);
    if (!wire_answer_parse(bytes, length, answer, error))
        return FALSE;
    if (call == NULL || answer->id != call->request.id || answer->kind != call->request.kind) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "the answer belongs to no request");
        return FALSE;
    }
    client->failures = 0;
    if (answer->status == WIRE_DONE) {
        g_autoptr(GBytes) output = take_output(call, answer->output);
        finish(client, answer, output, NULL);
        return TRUE;
    }
    g_autofree char *said = g_strndup((const char *)answer->body, MIN(answer->length, 200));
    g_autofree char *sentence = g_utf8_make_valid(said, -1);
    g_autoptr(GError) refusal = g_error_new_literal(DV_ERROR, DV_ERROR_INVALID, sentence);
    finish(client, NULL, NULL, refusal);
    return TRUE;
}

static gboolean
on_socket(int socket, GIOCondition condition, void *data)
{
    DvVisionClient *client = data;
    g_autoptr(GError) error = NULL;
    guint8 bytes[WIRE_ANSWER_MAX + 1];
    gssize got = recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
    (void)condition;
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return G_SOURCE_CONTINUE;
    if (got <= 0) {
        client->socket_watch = 0;
        lose(client, "it ended");
    } else if (!take_answer(client, bytes, (gsize)got, &error)) {
        client->socket_watch = 0;
        lose(client, error->message);
    }
    if (client->socket < 0)
        return G_SOURCE_REMOVE;
    pump(client);
    return client->socket < 0 ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* An empty environment but for what a sanitizer is told. */
static char **
environment(void)
{
    const char *asan = g_getenv("ASAN_OPTIONS");
    char **list = g_new0(char *, 2);
    list[0] = asan != NULL ? g_strdup_printf("ASAN_OPTIONS=%s", asan) : NULL;
    return list;
}

static gboolean
start(DvVisionClient *client, GError **error)
{
    int ends[2], target = CHANNEL;
    g_auto(GStrv) env = environment();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
        dv_error_set_errno(error, errno, "image reading process: making its socket");
        return FALSE;
    }
    g_autoptr(GError) why = NULL;
    gboolean up = g_spawn_async_with_pipes_and_fds(
        "/", (const char *const *)client->argv, (const char *const *)env, G_SPAWN_DO_NOT_REAP_CHILD,
        NULL, NULL, -1, -1, -1, &ends[1], &target, 1, &client->state.pid, NULL, NULL, NULL, &why);
    close(ends[1]);
    if (!up) {
        close(ends[0]);
        client->state.pid = 0;
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "image reading process: %s",
                    why->message);
        return FALSE;
    }
    client->state.starts++;
    client->socket = ends[0];
    client->socket_watch = g_unix_fd_add(ends[0], G_IO_IN | G_IO_HUP | G_IO_ERR, on_socket, client);
    g_child_watch_add(client->state.pid, reap, NULL);
    return TRUE;
}

/* ---- requests */

static gboolean
send_call(DvVisionClient *client, const Call *call)
{
    guint8 bytes[WIRE_REQUEST_SIZE];
    _Alignas(struct cmsghdr) guint8 control[CMSG_SPACE(2 * sizeof(int))] = {0};
    int files[2] = {call->file, call->output};
    gsize size = (call->output >= 0 ? 2 : 1) * sizeof(int);
    struct iovec part = {bytes, sizeof bytes};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control,
                             .msg_controllen = CMSG_SPACE(size)};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(head), files, size);
    wire_request_write(&call->request, bytes);
    gssize sent;
    do
        sent = sendmsg(client->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    return sent == (gssize)sizeof bytes;
}

static void
fail_to_start(DvVisionClient *client, const GError *error)
{
    begin_pause(client);
    dv_log_warning("%s", error->message);
    finish(client, NULL, NULL, error);
}

/* Gives the process the next call, and is called whenever one of the two may have become free. */
static void
pump(DvVisionClient *client)
{
    g_autoptr(GError) error = NULL;
    if (g_queue_is_empty(&client->calls) || client->sent || client->pause != 0)
        return;
    if (client->socket < 0 && !start(client, &error)) {
        fail_to_start(client, error);
        return;
    }
    client->sent = TRUE;
    client->patience = g_timeout_add(client->patience_ms, on_patience, client);
    if (!send_call(client, g_queue_peek_head(&client->calls)))
        lose(client, "it takes no request");
}

/* A file that the process fills and nobody can shrink under the reader. */
static int
make_output(GError **error)
{
    int file = memfd_create("darvaza-output", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file >= 0 && ftruncate(file, WIRE_OUTPUT_MAX) == 0 &&
        fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return file;
    dv_error_set_errno(error, errno, "making a file for the image reading process");
    if (file >= 0)
        close(file);
    return -1;
}

static Call *
call_new(DvVisionClient *client, WireKind kind, const DvVisionImage *image, GError **error)
{
    int output = make_output(error);
    int file = output >= 0 ? fcntl(image->file, F_DUPFD_CLOEXEC, CHANNEL) : -1;
    if (output >= 0 && file < 0)
        dv_error_set_errno(error, errno, "taking an image for the image reading process");
    if (file < 0) {
        if (output >= 0)
            close(output);
        return NULL;
    }
    Call *call = g_new0(Call, 1);
    call->file = file;
    call->output = output;
    call->request = (WireRequest){.kind = kind,
                                  .id = ++client->next_id,
                                  .format = (WireFormat)image->format,
                                  .width = image->width,
                                  .height = image->height,
                                  .stride = image->stride,
                                  .length = image->length,
                                  .set = image->set,
                                  .wants_output = TRUE};
    return call;
}

static gboolean
on_kick(void *data)
{
    DvVisionClient *client = data;
    client->kick = 0;
    pump(client);
    return G_SOURCE_REMOVE;
}

gboolean
vision_client_call(DvVisionClient *client, WireKind kind, const DvVisionImage *image,
                   VisionAnswered answered, void *data, GDestroyNotify data_free, GError **error)
{
    if (client->calls.length >= WAITING_MOST) {
        g_set_error(error, DV_ERROR, DV_ERROR_FULL,
                    "image reading process: %u images wait for it already", client->calls.length);
        return FALSE;
    }
    Call *call = call_new(client, kind, image, error);
    if (call == NULL)
        return FALSE;
    call->answered = answered;
    call->data = data;
    call->data_free = data_free;
    g_queue_push_tail(&client->calls, call);
    if (client->kick == 0) /* not from here: the answer comes later, whatever it is */
        client->kick = g_idle_add_full(G_PRIORITY_DEFAULT, on_kick, client, NULL);
    return TRUE;
}

typedef struct {
    DvVisionDone done;
    void *data;
} Read;

static void
on_read(const WireAnswer *answer, GBytes *output, const GError *error, void *data)
{
    Read *read = data;
    DvReading reading;
    g_autoptr(GError) nonsense = NULL;
    if (answer != NULL && !wire_reading_parse(answer, &reading, &nonsense))
        error = nonsense;
    if (error == NULL && output != NULL && g_bytes_get_size(output) > DV_ZONE_BYTES_MAX) {
        g_set_error_literal(&nonsense, DV_ERROR, DV_ERROR_INVALID,
                            "the answer holds what no zone can be");
        error = nonsense;
    }
    read->done(error == NULL ? &reading : NULL, error == NULL ? output : NULL, error, read->data);
}

gboolean
dv_vision_client_read(DvVisionClient *client, const DvVisionImage *image, DvVisionDone done,
                      void *data, GError **error)
{
    Read *read = g_new(Read, 1);
    *read = (Read){done, data};
    if (vision_client_call(client, WIRE_READ_MRZ, image, on_read, read, g_free, error))
        return TRUE;
    g_free(read);
    return FALSE;
}

/* ---- life */

DvVisionClient *
dv_vision_client_new(const DvVisionOptions *options)
{
    DvVisionClient *client = g_new0(DvVisionClient, 1);
    client->argv = g_strdupv((char **)options->argv);
    client->patience_ms = options->patience_ms != 0 ? options->patience_ms : PATIENCE_MS;
    client->pause_ms = options->pause_ms != 0 ? options->pause_ms : PAUSE_MS;
    client->socket = -1;
    g_queue_init(&client->calls);
    return client;
}

void
dv_vision_client_free(DvVisionClient *client)
{
    g_autoptr(GError) error =
        g_error_new(DV_ERROR, DV_ERROR_UNAVAILABLE, "image reading process: it is being ended");
    if (client == NULL)
        return;
    while (!g_queue_is_empty(&client->calls))
        finish(client, NULL, NULL, error);
    drop_source(&client->kick);
    drop_source(&client->pause);
    drop_source(&client->socket_watch);
    if (client->socket >= 0) {
        close(client->socket);
        kill(client->state.pid, SIGKILL);
    }
    g_strfreev(client->argv);
    g_free(client);
}

DvVisionState
dv_vision_client_state(const DvVisionClient *client)
{
    return client->state;
}

int
dv_vision_seal(const guint8 *bytes, gsize length, GError **error)
{
    int file = memfd_create("darvaza-image", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file >= 0 && write(file, bytes, length) == (gssize)length &&
        fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
        return file;
    dv_error_set_errno(error, errno, "keeping an image of %" G_GSIZE_FORMAT " bytes", length);
    if (file >= 0)
        close(file);
    return -1;
}
