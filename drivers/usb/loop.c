// SPDX-License-Identifier: Apache-2.0
#include "usb.h"
#include <poll.h>

/*
 * libusb in the GLib main loop. On Linux libusb's own time-outs are a timerfd among its
 * descriptors, so watching the descriptors is enough.
 */
typedef struct {
    GSource source;
    libusb_context *context;
    GHashTable *tags; /* descriptor -> what g_source_add_unix_fd() gave */
} DvUsbLoop;

static void LIBUSB_CALL
on_added(int fd, short events, void *data)
{
    DvUsbLoop *loop = data;
    GIOCondition condition = (events & POLLIN ? G_IO_IN : 0) | (events & POLLOUT ? G_IO_OUT : 0);
    gpointer tag = g_source_add_unix_fd(&loop->source, fd, condition | G_IO_ERR | G_IO_HUP);
    g_hash_table_insert(loop->tags, GINT_TO_POINTER(fd), tag);
}

static void LIBUSB_CALL
on_removed(int fd, void *data)
{
    DvUsbLoop *loop = data;
    gpointer tag = g_hash_table_lookup(loop->tags, GINT_TO_POINTER(fd));
    if (tag == NULL)
        return;
    g_hash_table_remove(loop->tags, GINT_TO_POINTER(fd));
    g_source_remove_unix_fd(&loop->source, tag);
}

static gboolean
check(GSource *source)
{
    DvUsbLoop *loop = (DvUsbLoop *)source;
    GHashTableIter iter;
    gpointer tag;
    g_hash_table_iter_init(&iter, loop->tags);
    while (g_hash_table_iter_next(&iter, NULL, &tag))
        if (g_source_query_unix_fd(source, tag) != 0)
            return TRUE;
    return FALSE;
}

static gboolean
dispatch(GSource *source, GSourceFunc callback, gpointer data)
{
    DvUsbLoop *loop = (DvUsbLoop *)source;
    struct timeval now = {0, 0};
    (void)callback;
    (void)data;
    libusb_handle_events_timeout_completed(loop->context, &now, NULL);
    return G_SOURCE_CONTINUE;
}

static void
finalize(GSource *source)
{
    g_hash_table_unref(((DvUsbLoop *)source)->tags);
}

static GSourceFuncs funcs = {.check = check, .dispatch = dispatch, .finalize = finalize};

GSource *
dv_usb_loop_new(libusb_context *context)
{
    DvUsbLoop *loop = (DvUsbLoop *)g_source_new(&funcs, sizeof *loop);
    loop->context = context;
    loop->tags = g_hash_table_new(g_direct_hash, g_direct_equal);
    const struct libusb_pollfd **fds = libusb_get_pollfds(context);
    for (guint i = 0; fds != NULL && fds[i] != NULL; i++)
        on_added(fds[i]->fd, fds[i]->events, loop);
    libusb_free_pollfds(fds);
    libusb_set_pollfd_notifiers(context, on_added, on_removed, loop);
    g_source_set_name(&loop->source, "libusb");
    return &loop->source;
}
