// SPDX-License-Identifier: Apache-2.0
#include "http_peer.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

int
http_peer_connect(guint16 port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    struct timeval limit = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

gboolean
http_peer_send(int fd, const void *data, gsize length)
{
    const char *bytes = data;
    while (length > 0) {
        ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
        if (n <= 0)
            return FALSE;
        bytes += n;
        length -= (gsize)n;
    }
    return TRUE;
}

static GString *
read_some(int fd, const char *until)
{
    GString *all = g_string_new(NULL);
    char buffer[4096];
    while (until == NULL || strstr(all->str, until) == NULL) {
        ssize_t n = recv(fd, buffer, sizeof buffer, 0);
        if (n <= 0)
            break;
        g_string_append_len(all, buffer, n);
    }
    return all;
}

GString *
http_peer_read_all(int fd)
{
    return read_some(fd, NULL);
}

GString *
http_peer_read_until(int fd, const char *text)
{
    return read_some(fd, text);
}

GString *
http_peer_exchange(guint16 port, const char *request)
{
    int fd = http_peer_connect(port);
    g_assert(fd >= 0);
    http_peer_send(fd, request, strlen(request));
    GString *answer = http_peer_read_all(fd);
    close(fd);
    return answer;
}

guint
http_peer_status(const GString *answer)
{
    if (!g_str_has_prefix(answer->str, "HTTP/1.1 "))
        return 0;
    return (guint)strtoul(answer->str + 9, NULL, 10);
}

typedef struct {
    void (*func)(void *data);
    void *data;
    int done; /* atomic */
} Job;

static void *
run_job(void *cls)
{
    Job *job = cls;
    job->func(job->data);
    __atomic_store_n(&job->done, 1, __ATOMIC_RELEASE);
    g_main_context_wakeup(NULL);
    return NULL;
}

void
http_peer_with_loop(void (*func)(void *data), void *data)
{
    Job job = {.func = func, .data = data};
    pthread_t thread;
    g_assert(pthread_create(&thread, NULL, run_job, &job) == 0);
    while (__atomic_load_n(&job.done, __ATOMIC_ACQUIRE) == 0)
        g_main_context_iteration(NULL, TRUE);
    pthread_join(thread, NULL);
}
