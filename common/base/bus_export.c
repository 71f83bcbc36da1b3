// SPDX-License-Identifier: Apache-2.0
#include <darvaza/bus.h>
#include <darvaza/log.h>

static void
take_back(GDBusConnection *peer, gboolean vanished, GError *error, void *object)
{
    (void)vanished, (void)error;
    g_dbus_interface_skeleton_unexport_from_connection(object, peer);
}

void
dv_bus_export(void *object, GDBusConnection *peer, const char *path)
{
    g_autoptr(GError) error = NULL;
    if (!g_dbus_interface_skeleton_export(object, peer, path, &error)) {
        dv_log_warning("a peer goes without %s: %s", path, error->message);
        return;
    }
    /* The object holds every connection that it is on: without this a closed one would stay. */
    g_signal_connect_object(peer, "closed", G_CALLBACK(take_back), object, 0);
}

guint
dv_bus_export_count(void *object)
{
    GList *peers = g_dbus_interface_skeleton_get_connections(object);
    guint count = g_list_length(peers);
    g_list_free_full(peers, g_object_unref);
    return count;
}

void
dv_bus_export_free(void *object)
{
    if (object == NULL)
        return;
    if (dv_bus_export_count(object) > 0)
        g_dbus_interface_skeleton_unexport(object);
    g_object_unref(object);
}
