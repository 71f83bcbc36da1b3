// SPDX-License-Identifier: Apache-2.0
/*
 * The opener beside this instance, for two things that kiosks need from it: accounts and the signed
 * head of the audit log. Requests come from the pool's threads through a list and an eventfd; D-Bus
 * is spoken on the main loop alone. Nothing here waits: an opener that is away is answered with
 * 503.
 */
#include "ingest_private.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define OPENER_PATH "/org/darvaza/Opener1"
#define OPENER_INTERFACE "org.darvaza.Opener1"
#define CALL_TIMEOUT_MS 10000
#define REFRESH_S 5
#define WAITING_MAX 1024u

typedef struct {
    OpenerLink *link;
    DvRequest *request;
    char *kiosk;
} Question;

struct OpenerLink {
    char *socket;
    int event;
    guint event_watch, refresh_timer;
    GDBusConnection *bus; /* main loop only */
    GCancellable *cancel;
    gboolean connecting, complained;
    GPtrArray *asked;     /* Question sent to the opener, unanswered; main loop only */
    pthread_mutex_t lock; /* the rest */
    GQueue waiting;       /* Question not yet sent */
    gboolean stopping;
    GBytes *audit_head;
};

static void
question_free(gpointer data)
{
    Question *question = data;
    g_free(question->kiosk);
    g_free(question);
}

static void
refuse(Question *question)
{
    dv_request_error(question->request, 503, "unavailable", "the opener cannot be reached now");
    question_free(question);
}

static void
set_audit_head(OpenerLink *link, GBytes *head)
{
    pthread_mutex_lock(&link->lock);
    g_clear_pointer(&link->audit_head, g_bytes_unref);
    link->audit_head = head;
    pthread_mutex_unlock(&link->lock);
}

GBytes *
opener_link_audit_head(OpenerLink *link)
{
    pthread_mutex_lock(&link->lock);
    GBytes *head = link->audit_head != NULL ? g_bytes_ref(link->audit_head) : NULL;
    pthread_mutex_unlock(&link->lock);
    return head;
}

/* ---- connection */

static void
on_closed(GDBusConnection *bus, gboolean remote, GError *error, gpointer data)
{
    OpenerLink *link = data;
    (void)remote;
    (void)error;
    if (link->bus != bus)
        return;
    dv_log_warning("ingest: the opener at %s went away", link->socket);
    g_clear_object(&link->bus);
    set_audit_head(link, NULL);
}

static void ask_audit_head(OpenerLink *link);

static void
on_connected(GObject *source, GAsyncResult *result, gpointer data)
{
    (void)source;
    g_autoptr(GError) error = NULL;
    GDBusConnection *bus = g_dbus_connection_new_for_address_finish(result, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return; /* the link is gone */
    OpenerLink *link = data;
    link->connecting = FALSE;
    if (bus == NULL) {
        if (!link->complained)
            dv_log_warning("ingest: opener at %s: %s; records are taken without it", link->socket,
                           error->message);
        link->complained = TRUE;
        return;
    }
    dv_log_info("ingest: the opener at %s is there", link->socket);
    link->complained = FALSE;
    link->bus = bus;
    g_signal_connect(bus, "closed", G_CALLBACK(on_closed), link);
    ask_audit_head(link);
}

static void
need_connection(OpenerLink *link)
{
    if (link->bus != NULL || link->connecting)
        return;
    g_autofree char *escaped = g_dbus_address_escape_value(link->socket);
    g_autofree char *address = g_strconcat("unix:path=", escaped, NULL);
    link->connecting = TRUE;
    g_dbus_connection_new_for_address(address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                      link->cancel, on_connected, link);
}

/* ---- audit head */

static GBytes *
bytes_of(GVariant *reply)
{
    g_autoptr(GVariant) array = g_variant_get_child_value(reply, 0);
    return g_variant_get_data_as_bytes(array);
}

static void
on_audit_head(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    set_audit_head(data, reply != NULL ? bytes_of(reply) : NULL);
    if (reply == NULL)
        dv_log_warning("ingest: audit head: %s", error->message);
}

static void
ask_audit_head(OpenerLink *link)
{
    g_dbus_connection_call(link->bus, NULL, OPENER_PATH, OPENER_INTERFACE, "AuditHead", NULL,
                           G_VARIANT_TYPE("(ay)"), G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS,
                           link->cancel, on_audit_head, link);
}

static gboolean
on_refresh(gpointer data)
{
    OpenerLink *link = data;
    if (link->bus != NULL)
        ask_audit_head(link);
    else
        need_connection(link);
    return G_SOURCE_CONTINUE;
}

/* ---- accounts */

static void
answer_accounts(DvRequest *request, GBytes *bundle)
{
    gsize length = 0;
    const void *data = g_bytes_get_data(bundle, &length);
    guint8 digest[DV_SHA256_SIZE];
    dv_sha256(data, length, digest);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_autofree char *etag = g_strdup_printf("\"%s\"", hex);
    dv_request_add_header(request, "ETag", etag);
    if (g_strcmp0(dv_request_header(request, "If-None-Match"), etag) == 0)
        dv_request_reply(request, 304, NULL, NULL);
    else
        dv_request_reply(request, 200, "application/json", bundle);
}

static void
on_accounts(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) reply =
        g_dbus_connection_call_finish(G_DBUS_CONNECTION(source), result, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return; /* opener_link_stop has answered */
    Question *question = data;
    g_ptr_array_remove_fast(question->link->asked, question);
    if (reply == NULL) {
        dv_bus_restore_error(&error);
        if (error->domain != DV_ERROR)
            dv_request_error(question->request, 503, "unavailable", "the opener did not answer");
        else
            dv_request_reply_gerror(question->request, error);
    } else {
        g_autoptr(GBytes) bundle = bytes_of(reply);
        answer_accounts(question->request, bundle);
    }
    question_free(question);
}

static void
send_question(OpenerLink *link, Question *question)
{
    g_ptr_array_add(link->asked, question);
    g_dbus_connection_call(link->bus, NULL, OPENER_PATH, OPENER_INTERFACE, "AccountsFor",
                           g_variant_new("(s)", question->kiosk), G_VARIANT_TYPE("(ay)"),
                           G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MS, link->cancel, on_accounts,
                           question);
}

static Question *
pop_waiting(OpenerLink *link)
{
    pthread_mutex_lock(&link->lock);
    Question *question = g_queue_pop_head(&link->waiting);
    pthread_mutex_unlock(&link->lock);
    return question;
}

static gboolean
on_event(int fd, GIOCondition condition, gpointer data)
{
    OpenerLink *link = data;
    guint64 count;
    (void)condition;
    if (read(fd, &count, sizeof count) < 0)
        return G_SOURCE_CONTINUE;
    Question *question;
    while ((question = pop_waiting(link)) != NULL) {
        if (link->bus != NULL)
            send_question(link, question);
        else
            refuse(question);
    }
    if (link->bus == NULL)
        need_connection(link);
    return G_SOURCE_CONTINUE;
}

void
opener_link_accounts(OpenerLink *link, DvRequest *request, const char *kiosk)
{
    Question *question = g_new0(Question, 1);
    question->link = link;
    question->request = request;
    question->kiosk = g_strdup(kiosk);
    pthread_mutex_lock(&link->lock);
    gboolean taken = !link->stopping && link->waiting.length < WAITING_MAX;
    if (taken)
        g_queue_push_tail(&link->waiting, question);
    pthread_mutex_unlock(&link->lock);
    guint64 one = 1;
    if (!taken)
        refuse(question);
    else if (write(link->event, &one, sizeof one) < 0)
        dv_log_warning("ingest: the opener's queue cannot be signalled");
}

/* ---- life */

OpenerLink *
opener_link_new(const char *socket)
{
    OpenerLink *link = g_new0(OpenerLink, 1);
    link->socket = g_strdup(socket);
    link->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (link->event < 0)
        g_error("ingest: no eventfd");
    link->cancel = g_cancellable_new();
    link->asked = g_ptr_array_new();
    pthread_mutex_init(&link->lock, NULL);
    g_queue_init(&link->waiting);
    link->event_watch = g_unix_fd_add(link->event, G_IO_IN, on_event, link);
    link->refresh_timer = g_timeout_add_seconds(REFRESH_S, on_refresh, link);
    need_connection(link);
    return link;
}

void
opener_link_stop(OpenerLink *link)
{
    pthread_mutex_lock(&link->lock);
    link->stopping = TRUE;
    pthread_mutex_unlock(&link->lock);
    g_cancellable_cancel(link->cancel);
    Question *question;
    while ((question = pop_waiting(link)) != NULL)
        refuse(question);
    for (guint i = 0; i < link->asked->len; i++)
        refuse(link->asked->pdata[i]);
    g_ptr_array_set_size(link->asked, 0);
}

void
opener_link_free(OpenerLink *link)
{
    if (link == NULL)
        return;
    opener_link_stop(link);
    g_clear_handle_id(&link->event_watch, g_source_remove);
    g_clear_handle_id(&link->refresh_timer, g_source_remove);
    if (link->bus != NULL)
        g_signal_handlers_disconnect_by_data(link->bus, link);
    g_clear_object(&link->bus);
    g_object_unref(link->cancel);
    g_ptr_array_unref(link->asked);
    g_clear_pointer(&link->audit_head, g_bytes_unref);
    pthread_mutex_destroy(&link->lock);
    close(link->event);
    g_free(link->socket);
    g_free(link);
}
