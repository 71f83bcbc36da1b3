// SPDX-License-Identifier: Apache-2.0
#include "wish.h"

#include <darvaza/error.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct ListsWish {
    ListsSource source; /* first: the worker's view */
    guint wait_ms;
    int pipe[2];
    pthread_mutex_t lock; /* for everything below */
    pthread_cond_t changed;
    gboolean wanted;      /* somebody waits */
    gboolean interrupted; /* nobody may wait now */
    char *kind, *name;
    gint64 offset;
    gsize max;
    GBytes *bytes;        /* came */
    DvTrustReason reason; /* OK, or why it did not come */
    char *detail;
};

/* ---- worker */

static void
set_deadline(struct timespec *until, guint ms)
{
    clock_gettime(CLOCK_MONOTONIC, until);
    gint64 nanos = until->tv_nsec + (gint64)(ms % 1000) * 1000000;
    until->tv_sec += ms / 1000 + (time_t)(nanos / 1000000000);
    until->tv_nsec = (long)(nanos % 1000000000);
}

static void
say_wanted(const ListsWish *wish)
{
    /* Full means that the main loop will wake anyway. */
    if (write(wish->pipe[1], "w", 1) < 0 && errno != EAGAIN)
        g_error("cannot write to our own pipe: %s", g_strerror(errno));
}

/* Under the lock. */
static void
wait_for_answer(ListsWish *wish)
{
    struct timespec until;
    int result = 0;

    set_deadline(&until, wish->wait_ms);
    while (wish->wanted && !wish->interrupted && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&wish->changed, &wish->lock, &until);
    if (!wish->wanted)
        return;
    wish->wanted = FALSE;
    wish->reason = DV_TRUST_UNAVAILABLE;
    g_free(wish->detail);
    wish->detail =
        g_strdup(wish->interrupted ? "something else is to be done" : "the centre does not answer");
}

static DvTrustReason
read_wish(ListsSource *source, const char *kind, const char *name, gint64 offset, gsize max,
          GBytes **bytes, GError **error)
{
    ListsWish *wish = (ListsWish *)source;

    pthread_mutex_lock(&wish->lock);
    g_clear_pointer(&wish->bytes, g_bytes_unref);
    g_free(wish->kind);
    g_free(wish->name);
    wish->kind = g_strdup(kind);
    wish->name = g_strdup(name);
    wish->offset = offset;
    wish->max = max;
    wish->reason = DV_TRUST_OK;
    wish->wanted = TRUE;
    say_wanted(wish);
    wait_for_answer(wish);
    DvTrustReason reason = wish->reason;
    *bytes = g_steal_pointer(&wish->bytes);
    if (reason != DV_TRUST_OK)
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "%s cannot be had: %s", name,
                    wish->detail);
    pthread_mutex_unlock(&wish->lock);
    return reason;
}

/* ---- main thread */

gboolean
lists_wish_look(ListsWish *wish, char **kind, char **name, gint64 *offset, gsize *max)
{
    pthread_mutex_lock(&wish->lock);
    gboolean wanted = wish->wanted;
    if (wanted) {
        *kind = g_strdup(wish->kind);
        *name = g_strdup(wish->name);
        *offset = wish->offset;
        *max = wish->max;
    }
    pthread_mutex_unlock(&wish->lock);
    return wanted;
}

static gboolean
refuse(int code, const char *text, GError **error)
{
    g_set_error_literal(error, DV_ERROR, code, text);
    return FALSE;
}

gboolean
lists_wish_take(ListsWish *wish, const char *name, gint64 offset, GBytes *bytes, GError **error)
{
    gsize length = g_bytes_get_size(bytes);
    gboolean ok = FALSE;

    pthread_mutex_lock(&wish->lock);
    if (!wish->wanted || !g_str_equal(wish->name, name) || wish->offset != offset) {
        refuse(DV_ERROR_CONFLICT, "these bytes are not wanted", error);
    } else if (length > wish->max) {
        refuse(DV_ERROR_INVALID, "these are more bytes than wanted", error);
    } else {
        wish->bytes = g_bytes_ref(bytes);
        wish->wanted = FALSE;
        pthread_cond_signal(&wish->changed);
        ok = TRUE;
    }
    pthread_mutex_unlock(&wish->lock);
    return ok;
}

static DvTrustReason
reason_of(const char *why)
{
    if (g_str_equal(why, "too_large"))
        return DV_TRUST_BLOATED;
    return g_str_equal(why, "absent") ? DV_TRUST_ABSENT : DV_TRUST_UNAVAILABLE;
}

gboolean
lists_wish_fail(ListsWish *wish, const char *name, const char *why, const char *detail,
                GError **error)
{
    gboolean ok = FALSE;

    pthread_mutex_lock(&wish->lock);
    if (!wish->wanted || !g_str_equal(wish->name, name)) {
        refuse(DV_ERROR_CONFLICT, "that is not wanted", error);
    } else {
        wish->reason = reason_of(why);
        g_free(wish->detail);
        wish->detail = g_strdup(detail);
        wish->wanted = FALSE;
        pthread_cond_signal(&wish->changed);
        ok = TRUE;
    }
    pthread_mutex_unlock(&wish->lock);
    return ok;
}

static void
set_interrupted(ListsWish *wish, gboolean interrupted)
{
    pthread_mutex_lock(&wish->lock);
    wish->interrupted = interrupted;
    pthread_cond_signal(&wish->changed);
    pthread_mutex_unlock(&wish->lock);
}

void
lists_wish_interrupt(ListsWish *wish)
{
    set_interrupted(wish, TRUE);
}

void
lists_wish_go_on(ListsWish *wish)
{
    set_interrupted(wish, FALSE);
}

/* ---- life */

ListsWish *
lists_wish_new(guint wait_ms)
{
    ListsWish *wish = g_new0(ListsWish, 1);
    pthread_condattr_t attributes;

    wish->source.read = read_wish;
    wish->source.word = "the centre";
    wish->source.is_polled = TRUE;
    wish->wait_ms = wait_ms;
    if (pipe2(wish->pipe, O_CLOEXEC | O_NONBLOCK) != 0)
        g_error("cannot make a pipe: %s", g_strerror(errno));
    pthread_mutex_init(&wish->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&wish->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    return wish;
}

void
lists_wish_free(ListsWish *wish)
{
    if (wish == NULL)
        return;
    pthread_cond_destroy(&wish->changed);
    pthread_mutex_destroy(&wish->lock);
    close(wish->pipe[0]);
    close(wish->pipe[1]);
    g_clear_pointer(&wish->bytes, g_bytes_unref);
    g_free(wish->kind);
    g_free(wish->name);
    g_free(wish->detail);
    g_free(wish);
}

ListsSource *
lists_wish_source(ListsWish *wish)
{
    return &wish->source;
}

int
lists_wish_fd(const ListsWish *wish)
{
    return wish->pipe[0];
}
