// SPDX-License-Identifier: Apache-2.0
#include "dv-devices1.h"
#include <darvaza/bus.h>
#include <darvaza/device_service.h>
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <darvaza/usbio.h>

#define OBJECT_PATH "/org/darvaza/Devices1"

const DvConfigKey dv_device_service_keys[] = {
    {"ipc", "socket", DV_CONFIG_PATH, NULL, 0, 0, "unix socket that offers org.darvaza.Devices1"},
    {"ipc", "allowed_uid", DV_CONFIG_USER, "", 0, 0,
     "user (name or number) that may connect beside this one and root; empty: none"},
    {"lane", "name", DV_CONFIG_STRING, "lane-1", 0, 0, "the lane that this kiosk serves"},
    {"lane", "ports", DV_CONFIG_STRING, "", 0, 0,
     "USB places that belong to the lane, as darvaza devices shows them (\"1-2 1-4.1\"); empty: "
     "all"},
    {"reader", "accept_test_identity", DV_CONFIG_BOOL, "false", 0, 0,
     "serve simulated readers too; never on a kiosk in the field"},
    {"reader", "devices", DV_CONFIG_STRING, "", 0, 0,
     "of single devices: PLACE|VID:PID KEY=VALUE ...; ... (\"1ac2:0302 family=cdc-acm framer=stx; "
     "1-2 layout=de\"; hardware-notes/README.md)"},
    {NULL},
};

typedef struct {
    DvDeviceService *service;
    GDBusConnection *connection; /* owned */
    DvBusDevices1 *skeleton;     /* owned */
    gulong closed_handler;
} Peer;

struct DvDeviceService {
    char *lane;
    char **ports; /* empty: all */
    DvUsbHost *usb;
    DvBusServer *bus;
    GPtrArray *peers;  /* of Peer, owned */
    Peer *holder;      /* who claimed the lane; NULL: nobody */
    guint64 serial;    /* documents read since start */
    guint64 unclaimed; /* of these, dropped because nobody held the lane */
};

static void
peer_free(gpointer data)
{
    Peer *peer = data;
    g_signal_handler_disconnect(peer->connection, peer->closed_handler);
    g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(peer->skeleton));
    g_object_unref(peer->skeleton);
    g_object_unref(peer->connection);
    g_free(peer);
}

/* ---- what happens at the devices */

static gboolean
belongs_to_lane(const DvDeviceService *service, const DvDeviceInfo *device)
{
    return service->ports[0] == NULL ||
           g_strv_contains((const char *const *)service->ports, device->id);
}

static GVariant *
describe(const DvDeviceInfo *device)
{
    GVariantDict dict;
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "id", "s", device->id);
    g_variant_dict_insert(&dict, "family", "s", device->family);
    g_variant_dict_insert(&dict, "kind", "s", dv_device_kind_word(device->kind));
    g_variant_dict_insert(&dict, "name", "s", device->name);
    g_variant_dict_insert(&dict, "vid", "q", device->vid);
    g_variant_dict_insert(&dict, "pid", "q", device->pid);
    g_variant_dict_insert(&dict, "state", "s", dv_device_state_word(device->state));
    g_variant_dict_insert(&dict, "detail", "s", device->detail);
    g_variant_dict_insert(&dict, "tried_on_hardware", "b", device->tried_on_hardware);
    g_variant_dict_insert(&dict, "documents", "t", device->documents);
    g_variant_dict_insert(&dict, "dropped", "t", device->dropped);
    return g_variant_dict_end(&dict);
}

static void
on_changed(const DvDeviceInfo *device, void *data)
{
    DvDeviceService *service = data;
    if (service->holder != NULL && belongs_to_lane(service, device))
        dv_bus_devices1_emit_device_changed(service->holder->skeleton, describe(device));
}

static void
on_reading(const DvDeviceInfo *device, void *data)
{
    DvDeviceService *service = data;
    if (service->holder != NULL && belongs_to_lane(service, device))
        dv_bus_devices1_emit_reading_started(service->holder->skeleton, device->id);
}

static void
on_document(const DvDeviceInfo *device, const char *const *lines, gint64 arrived_us, void *data)
{
    DvDeviceService *service = data;
    if (!belongs_to_lane(service, device))
        return;
    service->serial++;
    if (service->holder == NULL) {
        service->unclaimed++;
        dv_log_warning("reader %s: document %" G_GUINT64_FORMAT
                       " dropped: nobody holds lane %s (%" G_GUINT64_FORMAT " so far)",
                       device->id, service->serial, service->lane, service->unclaimed);
        return;
    }
    GVariantDict meta;
    g_variant_dict_init(&meta, NULL);
    g_variant_dict_insert(&meta, "arrived_us", "x", arrived_us);
    g_variant_dict_insert(&meta, "family", "s", device->family);
    dv_bus_devices1_emit_document_read(service->holder->skeleton, device->id, service->serial,
                                       lines, g_variant_dict_end(&meta));
    dv_log_info("reader %s: document %" G_GUINT64_FORMAT " read", device->id, service->serial);
}

static void
on_dropped(const DvDeviceInfo *device, const char *why, void *data)
{
    DvDeviceService *service = data;
    dv_log_info("reader %s: %s", device->id, why);
    if (service->holder != NULL && belongs_to_lane(service, device))
        dv_bus_devices1_emit_reading_failed(service->holder->skeleton, device->id, why);
}

/* ---- what clients ask */

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
    Peer *peer = data;
    DvDeviceService *service = peer->service;
    if (g_strcmp0(lane, service->lane) != 0)
        return refuse(invocation, DV_ERROR_INVALID, lane, "is not served by this kiosk");
    if (service->holder != NULL && service->holder != peer)
        return refuse(invocation, DV_ERROR_CONFLICT, lane, "is held by another client");
    service->holder = peer;
    dv_log_info("lane %s claimed", service->lane);
    dv_bus_devices1_complete_claim_lane(skeleton, invocation);
    return TRUE;
}

static gboolean
on_release_lane(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, const char *lane,
                gpointer data)
{
    Peer *peer = data;
    DvDeviceService *service = peer->service;
    if (service->holder != peer || g_strcmp0(lane, service->lane) != 0)
        return refuse(invocation, DV_ERROR_DENIED, lane, "is not held by this client");
    service->holder = NULL;
    dv_log_info("lane %s released", service->lane);
    dv_bus_devices1_complete_release_lane(skeleton, invocation);
    return TRUE;
}

static void
add_row(const DvDeviceInfo *device, void *data)
{
    g_variant_builder_add_value(data, describe(device));
}

static gboolean
on_list_devices(DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation, gpointer data)
{
    Peer *peer = data;
    GVariantBuilder rows;
    g_variant_builder_init(&rows, G_VARIANT_TYPE("aa{sv}"));
    dv_usb_host_foreach(peer->service->usb, add_row, &rows);
    dv_bus_devices1_complete_list_devices(skeleton, invocation, g_variant_builder_end(&rows));
    return TRUE;
}

static void
on_closed(GDBusConnection *connection, gboolean vanished, GError *error, gpointer data)
{
    Peer *peer = data;
    DvDeviceService *service = peer->service;
    (void)connection;
    (void)vanished;
    (void)error;
    if (service->holder == peer) {
        service->holder = NULL;
        dv_log_info("lane %s released: its client has gone", service->lane);
    }
    g_ptr_array_remove(service->peers, peer);
}

static void
on_peer(GDBusConnection *connection, void *data)
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
    Peer *peer = g_new0(Peer, 1);
    peer->service = service;
    peer->connection = g_object_ref(connection);
    peer->skeleton = skeleton;
    g_signal_connect(skeleton, "handle-claim-lane", G_CALLBACK(on_claim_lane), peer);
    g_signal_connect(skeleton, "handle-release-lane", G_CALLBACK(on_release_lane), peer);
    g_signal_connect(skeleton, "handle-list-devices", G_CALLBACK(on_list_devices), peer);
    peer->closed_handler = g_signal_connect(connection, "closed", G_CALLBACK(on_closed), peer);
    g_ptr_array_add(service->peers, peer);
}

/* ---- life */

/* An empty string gives an empty list. */
static char **
split_ports(const char *text)
{
    g_auto(GStrv) parts = g_strsplit_set(text, " ,", -1);
    GStrvBuilder *builder = g_strv_builder_new();
    for (guint i = 0; parts[i] != NULL; i++)
        if (*parts[i] != '\0')
            g_strv_builder_add(builder, parts[i]);
    char **ports = g_strv_builder_end(builder);
    g_strv_builder_unref(builder);
    return ports;
}

DvDeviceService *
dv_device_service_new(const DvConfig *config, const DvDriver *const *drivers, GError **error)
{
    static const DvUsbEvents events = {
        .changed = on_changed,
        .reading = on_reading,
        .document = on_document,
        .dropped = on_dropped,
    };
    g_autoptr(DvDeviceService) service = g_new0(DvDeviceService, 1);
    service->lane = g_strdup(dv_config_string(config, "lane", "name"));
    service->ports = split_ports(dv_config_string(config, "lane", "ports"));
    service->peers = g_ptr_array_new_with_free_func(peer_free);
    gboolean test_identity = dv_config_bool(config, "reader", "accept_test_identity");
    if (test_identity)
        dv_log_warning("simulated readers are accepted: not for a kiosk in the field");
    const DvUsbChoice choice = {
        .test_identities = test_identity,
        .readers = dv_config_string(config, "reader", "devices"),
        .cameras = "",
        .use_cameras = DV_USB_CAMERAS_NONE,
    };
    service->usb = dv_usb_host_new(drivers, &choice, &events, service, error);
    if (service->usb == NULL)
        return NULL;
    service->bus =
        dv_bus_server_new(dv_config_string(config, "ipc", "socket"),
                          dv_config_user(config, "ipc", "allowed_uid"), on_peer, service, error);
    return service->bus != NULL ? g_steal_pointer(&service) : NULL;
}

void
dv_device_service_free(DvDeviceService *service)
{
    if (service == NULL)
        return;
    dv_usb_host_free(service->usb);
    g_ptr_array_unref(service->peers);
    dv_bus_server_free(service->bus);
    g_strfreev(service->ports);
    g_free(service->lane);
    g_free(service);
}
