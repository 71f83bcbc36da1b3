// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A service of this kiosk as the uplink reaches it over its socket: connected when it is there,
 * forgotten when it went away, errors as sentences. booth_link.h and lists_link.h put the calls on
 * it. */
#include <gio/gio.h>

/* How every call is made. */
#define SERVICE_LINK_CALL G_DBUS_CALL_FLAGS_NONE, 20000

typedef struct {
    const char *name;   /* for sentences: "booth" */
    const char *signal; /* without arguments: there is something new */
    /* The generated proxy on a connection. */
    GDBusProxy *(*proxy)(GDBusConnection *connection, GError **error);
} ServiceKind;

typedef struct {
    const ServiceKind *kind;
    char *socket_path;
    GDBusProxy *proxy; /* NULL: not connected */
    void (*on_signal)(void *data);
    void *data;
} ServiceLink;

/* on_signal is called on the default main context. */
void service_link_init(ServiceLink *link, const ServiceKind *kind, const char *socket_path,
                       void (*on_signal)(void *data), void *data);
void service_link_clear(ServiceLink *link);

/* Connects when there is no connection. DV_ERROR_UNAVAILABLE: the service is not there. */
gboolean service_link_connect(ServiceLink *link, GError **error);

/* FALSE with DV_ERROR_UNAVAILABLE: there is no proxy to call. */
gboolean service_link_check(const ServiceLink *link, GError **error);

/* Every call ends here: its error becomes one of ours, and a lost connection is forgotten, so that
 * the next pass makes a new one. */
gboolean service_link_finish(ServiceLink *link, gboolean ok, const char *verb, GError **error);
