// SPDX-License-Identifier: Apache-2.0
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <darvaza/log.h>

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ERROR_PREFIX "org.darvaza.Error."

struct DvBusServer {
    GDBusServer *server;
    GDBusAuthObserver *observer;
    char *socket_path;
    int allowed_uid;
    DvBusPeerFunc on_peer;
    void *data;
    GHashTable *peers; /* GDBusConnection * -> itself, owned */
};

/* ---- server */

/* Runs in GIO's worker thread during the handshake: reads only what never changes. */
static gboolean
authorize_peer(GDBusAuthObserver *observer, GIOStream *stream, GCredentials *credentials,
               gpointer data)
{
    const DvBusServer *self = data;
    (void)observer, (void)stream;

    if (credentials == NULL)
        return FALSE;
    uid_t uid = g_credentials_get_unix_user(credentials, NULL);
    if (uid == (uid_t)-1)
        return FALSE;
    if (uid == 0 || uid == geteuid() || (self->allowed_uid >= 0 && uid == (uid_t)self->allowed_uid))
        return TRUE;
    dv_log_warning("refused a peer of uid %u on %s", (guint)uid, self->socket_path);
    return FALSE;
}

static gboolean
allow_mechanism(GDBusAuthObserver *observer, const char *mechanism, gpointer data)
{
    (void)observer, (void)data;
    return g_str_equal(mechanism, "EXTERNAL");
}

static void
on_closed(GDBusConnection *peer, gboolean vanished, GError *error, gpointer data)
{
    DvBusServer *self = data;
    (void)vanished, (void)error;

    g_signal_handlers_disconnect_by_data(peer, self);
    g_hash_table_remove(self->peers, peer);
}

static gboolean
on_new_connection(GDBusServer *server, GDBusConnection *peer, gpointer data)
{
    DvBusServer *self = data;
    (void)server;

    g_hash_table_add(self->peers, g_object_ref(peer));
    g_signal_connect(peer, "closed", G_CALLBACK(on_closed), self);
    self->on_peer(peer, self->data);
    return TRUE;
}

/* Only a socket that a former process left is removed: a wrong path must not cost a file. */
static gboolean
remove_stale_socket(const char *path, GError **error)
{
    struct stat info;

    if (lstat(path, &info) != 0)
        return TRUE;
    if (!S_ISSOCK(info.st_mode)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "cannot listen on %s: a file stands there that is no socket", path);
        return FALSE;
    }
    if (unlink(path) != 0) {
        dv_error_set_errno(error, errno, "cannot replace the socket %s", path);
        return FALSE;
    }
    return TRUE;
}

static gboolean
listen_on(DvBusServer *self, GError **error)
{
    g_autofree char *escaped = g_dbus_address_escape_value(self->socket_path);
    g_autofree char *address = g_strdup_printf("unix:path=%s", escaped);
    g_autofree char *guid = g_dbus_generate_guid();
    g_autoptr(GError) trouble = NULL;

    mode_t before = umask(0117);
    self->server = g_dbus_server_new_sync(address, G_DBUS_SERVER_FLAGS_NONE, guid, self->observer,
                                          NULL, &trouble);
    umask(before);
    if (self->server == NULL) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "cannot listen on %s: %s", self->socket_path,
                    trouble->message);
        return FALSE;
    }
    return TRUE;
}

DvBusServer *
dv_bus_server_new(const char *socket_path, int allowed_uid, DvBusPeerFunc on_peer, void *data,
                  GError **error)
{
    g_autoptr(DvBusServer) self = g_new0(DvBusServer, 1);

    self->socket_path = g_strdup(socket_path);
    self->allowed_uid = allowed_uid;
    self->on_peer = on_peer;
    self->data = data;
    self->peers = g_hash_table_new_full(NULL, NULL, g_object_unref, NULL);
    self->observer = g_dbus_auth_observer_new();
    g_signal_connect(self->observer, "authorize-authenticated-peer", G_CALLBACK(authorize_peer),
                     self);
    g_signal_connect(self->observer, "allow-mechanism", G_CALLBACK(allow_mechanism), self);
    if (!remove_stale_socket(socket_path, error) || !listen_on(self, error))
        return NULL;
    g_signal_connect(self->server, "new-connection", G_CALLBACK(on_new_connection), self);
    g_dbus_server_start(self->server);
    return g_steal_pointer(&self);
}

static void
drop_peers(DvBusServer *self)
{
    GHashTableIter iter;
    gpointer peer;

    g_hash_table_iter_init(&iter, self->peers);
    while (g_hash_table_iter_next(&iter, &peer, NULL)) {
        g_signal_handlers_disconnect_by_data(peer, self);
        g_dbus_connection_close(peer, NULL, NULL, NULL);
    }
    g_hash_table_unref(self->peers);
}

void
dv_bus_server_free(DvBusServer *server)
{
    if (server == NULL)
        return;
    if (server->server != NULL) {
        g_signal_handlers_disconnect_by_data(server->server, server);
        g_dbus_server_stop(server->server);
        g_object_unref(server->server);
        unlink(server->socket_path);
    }
    g_signal_handlers_disconnect_by_data(server->observer, server);
    g_object_unref(server->observer);
    drop_peers(server);
    g_free(server->socket_path);
    g_free(server);
}

/* ---- client */

/* GDBus has no time-out for connecting and the handshake, and a peer that accepts and then says
 * nothing must not hang a kiosk: a thread cancels the attempt when the time is over. */
typedef struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    gboolean done;
    struct timespec until;
    GCancellable *cancellable;
} Deadline;

static void *
watch_deadline(void *data)
{
    Deadline *self = data;
    int result = 0;

    pthread_mutex_lock(&self->lock);
    while (!self->done && result != ETIMEDOUT)
        result = pthread_cond_timedwait(&self->changed, &self->lock, &self->until);
    gboolean late = !self->done;
    pthread_mutex_unlock(&self->lock);
    if (late)
        g_cancellable_cancel(self->cancellable);
    return NULL;
}

static void
set_deadline(Deadline *self, int timeout_ms)
{
    pthread_condattr_t attributes;

    pthread_mutex_init(&self->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&self->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    clock_gettime(CLOCK_MONOTONIC, &self->until);
    gint64 nanos = self->until.tv_nsec + (gint64)(timeout_ms % 1000) * 1000000;
    self->until.tv_sec += timeout_ms / 1000 + (time_t)(nanos / 1000000000);
    self->until.tv_nsec = (long)(nanos % 1000000000);
    self->cancellable = g_cancellable_new();
}

static void
end_deadline(Deadline *self, pthread_t thread)
{
    pthread_mutex_lock(&self->lock);
    self->done = TRUE;
    pthread_cond_signal(&self->changed);
    pthread_mutex_unlock(&self->lock);
    pthread_join(thread, NULL);
    pthread_cond_destroy(&self->changed);
    pthread_mutex_destroy(&self->lock);
    g_object_unref(self->cancellable);
}

GDBusConnection *
dv_bus_connect(const char *socket_path, int timeout_ms, GError **error)
{
    g_autofree char *escaped = g_dbus_address_escape_value(socket_path);
    g_autofree char *address = g_strdup_printf("unix:path=%s", escaped);
    g_autoptr(GError) trouble = NULL;
    Deadline deadline = {0};
    pthread_t thread;

    set_deadline(&deadline, MAX(timeout_ms, 1));
    if (pthread_create(&thread, NULL, watch_deadline, &deadline) != 0)
        g_error("cannot start a thread");
    GDBusConnection *connection = g_dbus_connection_new_for_address_sync(
        address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL, deadline.cancellable,
        &trouble);
    end_deadline(&deadline, thread);
    if (connection == NULL)
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "cannot connect to %s: %s", socket_path,
                    g_error_matches(trouble, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                        ? "nobody answered in time"
                        : trouble->message);
    else
        g_dbus_connection_set_exit_on_close(connection, FALSE);
    return connection;
}

/* ---- errors across the border */

void
dv_bus_return_error(GDBusMethodInvocation *invocation, const GError *error)
{
    const char *word = error->domain == DV_ERROR ? dv_error_word(error->code) : "io";
    g_autofree char *name = g_strdup_printf(ERROR_PREFIX "%s", word);
    char *initial = name + strlen(ERROR_PREFIX);

    *initial = g_ascii_toupper(*initial);
    g_dbus_method_invocation_return_dbus_error(invocation, name, error->message);
}

static int
code_of_name(const char *name)
{
    if (g_str_has_prefix(name, ERROR_PREFIX)) {
        for (int code = 0; code <= DV_ERROR_CONFIG; code++) {
            if (g_ascii_strcasecmp(name + strlen(ERROR_PREFIX), dv_error_word(code)) == 0)
                return code;
        }
    }
    if (g_str_equal(name, "org.freedesktop.DBus.Error.AccessDenied"))
        return DV_ERROR_DENIED;
    if (g_str_equal(name, "org.freedesktop.DBus.Error.UnknownMethod") ||
        g_str_equal(name, "org.freedesktop.DBus.Error.InvalidArgs"))
        return DV_ERROR_INVALID;
    return DV_ERROR_UNAVAILABLE;
}

void
dv_bus_restore_error(GError **error)
{
    if (error == NULL || *error == NULL || (*error)->domain == DV_ERROR)
        return;
    g_autofree char *name = g_dbus_error_get_remote_error(*error);
    g_dbus_error_strip_remote_error(*error);
    int code = name != NULL ? code_of_name(name) : (int)DV_ERROR_UNAVAILABLE;
    GError *restored = g_error_new_literal(DV_ERROR, code, (*error)->message);
    g_error_free(*error);
    *error = restored;
}
