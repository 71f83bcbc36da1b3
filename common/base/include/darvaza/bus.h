// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * D-Bus peer to peer over a unix socket: no bus daemon. The interfaces are in common/ipc. The
 * peer's uid comes from the kernel; any uid other than our own, root or the ones allowed is
 * refused.
 */
#include <gio/gio.h>

typedef struct DvBusServer DvBusServer;
/* Called on the main context for each authenticated peer; export interfaces on the connection
 * here. A reference is held by the server until the peer closes. */
typedef void (*DvBusPeerFunc)(GDBusConnection *peer, void *data);
/* The socket file is replaced, mode 0660. allowed_uid: -1 for none beside our own and root. */
DvBusServer *dv_bus_server_new(const char *socket_path, int allowed_uid, DvBusPeerFunc on_peer,
                               void *data, GError **error);
void dv_bus_server_free(DvBusServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvBusServer, dv_bus_server_free)

/* Connects (blocking, at most timeout_ms); DV_ERROR_UNAVAILABLE when nobody listens. */
GDBusConnection *dv_bus_connect(const char *socket_path, int timeout_ms, GError **error);

/* One object for every peer: puts a GDBusInterfaceSkeleton on a peer's connection until that
 * closes. What fails is logged. Its signals go to all peers that it is on. */
void dv_bus_export(void *object, GDBusConnection *peer, const char *path);
/* How many peers it is on. */
guint dv_bus_export_count(void *object);
/* Takes it from all of them and gives it up. NULL is fine. */
void dv_bus_export_free(void *object);

/* Errors across the border: the code survives as the D-Bus error name
 * "org.darvaza.Error.<Word>", the message as the message. Frees nothing. */
void dv_bus_return_error(GDBusMethodInvocation *invocation, const GError *error);
/* Turns an error from a call back into DV_ERROR with the same code, in place. */
void dv_bus_restore_error(GError **error);
