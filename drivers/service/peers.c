// SPDX-License-Identifier: Apache-2.0
/* What clients ask: the lane, the list, the cameras. */
#include "service.h"
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <string.h>

#define OBJECT_PATH "/org/darvaza/Devices1"

void
dv_service_peer_free(gpointer data)
{
    DvPeer *peer = data;
    g_signal_handler_disconnect(peer->connection, peer->closed_handler);
    g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(peer->skeleton));
    g_object_unref(peer->skeleton);
    g_object_unref(peer->connection);
    g_free(peer);
}

static gboolean refuse(GDBusMethodInvocation *invocation, DvErrorCode code, const char *format,
                       const char *lane) G_GNUC_PRINTF(3, 0);

static gboolean
refuse(GDBusMethodInvocation *invocation, DvErrorCode code, const char *lane, const char *why)
{
    g_autoptr(GError) error = g_error_new(DV_ERROR, (int)code, "lane %s %s", lane, why);
    dv_bus_return_error(invocation, error);
    return TRUE;
}

static gboolean
on_claim_lane(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, const char *lane,
              gpointer data)
{
    DvPeer *peer = data;
    DvDeviceService *service = peer->service;
    if (g_strcmp0(lane, service->lane) != 0)
        return refuse(invocation, DV_ERROR_INVALID, lane, "is not served by this kiosk");
    if (service->holder != NULL && service->holder != peer)
        return refuse(invocation, DV_ERROR_CONFLICT, lane, "is held by another client");
    service->holder = peer;
    dv_log_info("lane %s claimed", service->lane);
    dv_bus_devices1_complete_claim_lane(skeleton, invocation);
    dv_service_claimed(service);
    return TRUE;
}

static gboolean
on_release_lane(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, const char *lane,
                gpointer data)
{
    DvPeer *peer = data;
    DvDeviceService *service = peer->service;
    if (service->holder != peer || g_strcmp0(lane, service->lane) != 0)
        return refuse(invocation, DV_ERROR_DENIED, lane, "is not held by this client");
    dv_service_released(service);
    dv_log_info("lane %s released", service->lane);
    dv_bus_devices1_complete_release_lane(skeleton, invocation);
    return TRUE;
}

typedef struct {
    const DvDeviceService *service;
    GVariantBuilder rows;
} Listing;

static void
add_row(const DvDeviceInfo *device, void *data)
{
    Listing *listing = data;
    g_variant_builder_add_value(&listing->rows, dv_service_describe(listing->service, device));
}

static gboolean
on_list_devices(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, gpointer data)
{
    DvPeer *peer = data;
    Listing listing = {.service = peer->service};
    g_variant_builder_init(&listing.rows, G_VARIANT_TYPE("aa{sv}"));
    dv_usb_host_foreach(peer->service->usb, add_row, &listing);
    dv_bus_devices1_complete_list_devices(skeleton, invocation,
                                          g_variant_builder_end(&listing.rows));
    return TRUE;
}

typedef struct {
    const DvDeviceService *service;
    const char *id;
    gboolean found;
} Search;

static void
look_for_camera(const DvDeviceInfo *device, void *data)
{
    Search *search = data;
    if (device->kind == DV_DEVICE_CAMERA && strcmp(device->id, search->id) == 0 &&
        dv_service_has(search->service, device))
        search->found = TRUE;
}

/* May this client have frames of this camera? Answers it where not. Frames show people, so they go
 * where the documents go and nowhere else. */
static gboolean
may_have(DvPeer *peer, GDBusMethodInvocation *invocation, const char *id, gboolean attached)
{
    DvDeviceService *service = peer->service;
    Search search = {service, id, !attached};
    if (service->holder != peer) {
        refuse(invocation, DV_ERROR_DENIED, service->lane, "is not held by this client");
        return FALSE;
    }
    dv_usb_host_foreach(service->usb, look_for_camera, &search);
    if (!search.found)
        refuse(invocation, DV_ERROR_UNAVAILABLE, service->lane, "has no camera there now");
    return search.found;
}

static gboolean
on_start_camera(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, const char *id,
                GVariant *wish, gpointer data)
{
    DvPeer *peer = data;
    if (may_have(peer, invocation, id, TRUE))
        dv_cameras_start(peer->service->cameras, skeleton, invocation, id, wish);
    return TRUE;
}

static gboolean
on_stop_camera(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, const char *id,
               gpointer data)
{
    DvPeer *peer = data;
    if (may_have(peer, invocation, id, FALSE))
        dv_cameras_stop(peer->service->cameras, skeleton, invocation, id);
    return TRUE;
}

static gboolean
on_take_frame(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, GUnixFDList *none,
              const char *id, guint64 after, guint wait_ms, gpointer data)
{
    DvPeer *peer = data;
    (void)none;
    if (may_have(peer, invocation, id, FALSE))
        dv_cameras_take(peer->service->cameras, skeleton, invocation, id, after, wait_ms);
    return TRUE;
}

static gboolean
on_view_frame(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, GUnixFDList *none,
              const char *id, guint64 after, guint wait_ms, GVariant *want, gpointer data)
{
    DvPeer *peer = data;
    (void)none;
    if (may_have(peer, invocation, id, TRUE))
        dv_views_view(peer->service->views, skeleton, invocation, id, after, wait_ms, want);
    return TRUE;
}

static gboolean
on_compare_faces(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, GVariant *one,
                 GVariant *other, gpointer data)
{
    DvPeer *peer = data;
    DvDeviceService *service = peer->service;
    if (service->holder != peer)
        return refuse(invocation, DV_ERROR_DENIED, service->lane, "is not held by this client");
    dv_compare_faces(service->vision, skeleton, invocation, one, other);
    return TRUE;
}

/* Not bound to the camera's presence: the document was read, whatever became of the camera since.
 */
static gboolean
on_take_page(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, GUnixFDList *none,
             guint64 serial, const char *part, gpointer data)
{
    DvPeer *peer = data;
    DvDeviceService *service = peer->service;
    (void)none;
    if (service->holder != peer)
        return refuse(invocation, DV_ERROR_DENIED, service->lane, "is not held by this client");
    if (service->pages == NULL)
        return refuse(invocation, DV_ERROR_UNAVAILABLE, service->lane, "has no document camera");
    dv_pages_take(service->pages, skeleton, invocation, serial, part);
    return TRUE;
}

static void
on_closed(GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
    DvPeer *peer = data;
    DvDeviceService *service = peer->service;
    (void)connection;
    (void)vanished;
    (void)error;
    if (service->holder == peer) {
        dv_service_released(service);
        dv_log_info("lane %s released: its client has gone", service->lane);
    }
    g_ptr_array_remove(service->peers, peer);
}

void
dv_service_add_peer(GDBusConnection *connection, void *data)
{
    DvDeviceService *service = data;
    g_autoptr(GError) error = NULL;
    DvBusDevices1 *skeleton = dv_bus_devices1_skeleton_new();
    if (!g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(skeleton), connection,
                                          OBJECT_PATH, &error)) {
        dv_log_warning("a client is not served: %s", error->message);
        g_object_unref(skeleton);
        return;
    }
    DvPeer *peer = g_new0(DvPeer, 1);
    peer->service = service;
    peer->connection = g_object_ref(connection);
    peer->skeleton = skeleton;
    g_signal_connect(skeleton, "handle-claim-lane", G_CALLBACK(on_claim_lane), peer);
    g_signal_connect(skeleton, "handle-release-lane", G_CALLBACK(on_release_lane), peer);
    g_signal_connect(skeleton, "handle-list-devices", G_CALLBACK(on_list_devices), peer);
    g_signal_connect(skeleton, "handle-start-camera", G_CALLBACK(on_start_camera), peer);
    g_signal_connect(skeleton, "handle-stop-camera", G_CALLBACK(on_stop_camera), peer);
    g_signal_connect(skeleton, "handle-take-frame", G_CALLBACK(on_take_frame), peer);
    g_signal_connect(skeleton, "handle-take-page", G_CALLBACK(on_take_page), peer);
    g_signal_connect(skeleton, "handle-view-frame", G_CALLBACK(on_view_frame), peer);
    g_signal_connect(skeleton, "handle-compare-faces", G_CALLBACK(on_compare_faces), peer);
    peer->closed_handler = g_signal_connect(connection, "closed", G_CALLBACK(on_closed), peer);
    g_ptr_array_add(service->peers, peer);
}
