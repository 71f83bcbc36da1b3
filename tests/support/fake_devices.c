// SPDX-License-Identifier: Apache-2.0
#include "fake_devices.h"

#include "dv-devices1.h"

#include <darvaza/bus.h>
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
    FakeDevices *devices;
    GDBusConnection *connection;
    DvBusDevices1 *skeleton;
    gboolean claimed;
} Peer;

static Peer *holder(FakeDevices *devices);

struct FakeDevices {
    DvBusServer *server;
    GPtrArray *peers; /* Peer */
    guint64 serial;
    const char *reader;
    gboolean has_camera;
    FakeView view; /* jpeg and portrait are the fake's own */
    GBytes *shown, *portrait;
    GVariant *meta; /* of documents */
    guint64 frame;
    char **before_view; /* lines of a document */
    GVariant *comparison;
};

static GVariant *
reader_dict(const FakeDevices *devices)
{
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&builder, "{sv}", "id", g_variant_new_string("1-1"));
    g_variant_builder_add(&builder, "{sv}", "name", g_variant_new_string("Test reader"));
    g_variant_builder_add(&builder, "{sv}", "kind", g_variant_new_string("reader"));
    g_variant_builder_add(&builder, "{sv}", "state", g_variant_new_string(devices->reader));
    g_variant_builder_add(&builder, "{sv}", "detail", g_variant_new_string(""));
    return g_variant_builder_end(&builder);
}

static GVariant *
camera_dict(void)
{
    return g_variant_new_parsed("{'id': <'2-1'>, 'name': <'Test camera'>, 'kind': <'camera'>, "
                                "'state': <'ready'>, 'detail': <''>}");
}

/* ---- the camera ---- */

static int
memfd_of(const FakeDevices *devices)
{
    gsize length;
    const void *bytes = g_bytes_get_data(devices->shown, &length);
    int fd = memfd_create("frame", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    g_assert_cmpint(write(fd, bytes, length), ==, (gssize)length);
    if (!devices->view.unsealed)
        g_assert_cmpint(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE), ==, 0);
    return fd;
}

static GVariant *
bytes_variant(GBytes *bytes)
{
    return g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

static GVariant *
view_meta(const FakeDevices *devices, gboolean portrait)
{
    static const char *const nothing[] = {NULL};
    const FakeView *view = &devices->view;
    GVariantBuilder meta;
    g_variant_builder_init(&meta, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&meta, "{sv}", "width", g_variant_new_uint32(view->width));
    g_variant_builder_add(&meta, "{sv}", "height", g_variant_new_uint32(view->height));
    g_variant_builder_add(&meta, "{sv}", "faces", g_variant_new_uint32(view->faces));
    g_variant_builder_add(&meta, "{sv}", "judged", g_variant_new_boolean(!view->unjudged));
    g_variant_builder_add(&meta, "{sv}", "pose_judged", g_variant_new_boolean(TRUE));
    g_variant_builder_add(&meta, "{sv}", "findings",
                          g_variant_new_strv(view->findings ? view->findings : nothing, -1));
    if (view->faces > 0)
        g_variant_builder_add(&meta, "{sv}", "box", g_variant_new("(dddd)", 0.25, 0.25, 0.5, 0.5));
    if (portrait && devices->portrait)
        g_variant_builder_add(&meta, "{sv}", "portrait", bytes_variant(devices->portrait));
    return g_variant_builder_end(&meta);
}

static gboolean
on_view_frame(DvBusDevices1 *skeleton, GDBusMethodInvocation *call, GUnixFDList *fds,
              const char *device, guint64 after, guint wait_ms, GVariant *want, Peer *peer)
{
    (void)fds, (void)wait_ms;
    FakeDevices *devices = peer->devices;
    gboolean portrait = FALSE;
    g_variant_lookup(want, "portrait", "b", &portrait);
    if (!devices->shown || !g_str_equal(device, "2-1")) {
        g_autoptr(GError) error =
            g_error_new_literal(DV_ERROR, DV_ERROR_UNAVAILABLE, "no frame came in time");
        dv_bus_return_error(call, error);
        return TRUE;
    }
    if (devices->before_view) {
        fake_devices_lay(devices, 0, (const char *const *)devices->before_view);
        g_clear_pointer(&devices->before_view, g_strfreev);
    }
    devices->frame = MAX(devices->frame, after) + 1;
    g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
    int fd = memfd_of(devices), index = g_unix_fd_list_append(list, fd, NULL);
    close(fd);
    dv_bus_devices1_complete_view_frame(skeleton, call, list, devices->frame,
                                        view_meta(devices, portrait), g_variant_new_handle(index));
    return TRUE;
}

static gboolean
on_compare_faces(DvBusDevices1 *skeleton, GDBusMethodInvocation *call, GVariant *one,
                 GVariant *other, Peer *peer)
{
    (void)one, (void)other;
    dv_bus_devices1_complete_compare_faces(skeleton, call, peer->devices->comparison);
    return TRUE;
}

void
fake_devices_show(FakeDevices *devices, const FakeView *view)
{
    g_clear_pointer(&devices->shown, g_bytes_unref);
    g_clear_pointer(&devices->portrait, g_bytes_unref);
    devices->view = *view;
    devices->shown = view->jpeg ? g_bytes_new(view->jpeg, view->length) : NULL;
    devices->portrait = view->portrait ? g_bytes_ref(view->portrait) : NULL;
    devices->has_camera = TRUE;
    dv_bus_devices1_emit_device_changed(holder(devices)->skeleton, camera_dict());
}

void
fake_devices_set_comparison(FakeDevices *devices, GVariant *answer)
{
    g_clear_pointer(&devices->comparison, g_variant_unref);
    devices->comparison = g_variant_ref_sink(answer);
}

void
fake_devices_set_meta(FakeDevices *devices, GVariant *meta)
{
    g_clear_pointer(&devices->meta, g_variant_unref);
    devices->meta = meta ? g_variant_ref_sink(meta) : NULL;
}

/* ---- peers ---- */

static gboolean
on_claim(DvBusDevices1 *skeleton, GDBusMethodInvocation *call, const char *lane, Peer *peer)
{
    (void)lane;
    if (fake_devices_claims(peer->devices) > 0) {
        g_autoptr(GError) error =
            g_error_new_literal(DV_ERROR, DV_ERROR_CONFLICT, "the lane is taken");
        dv_bus_return_error(call, error);
        return TRUE;
    }
    peer->claimed = TRUE;
    dv_bus_devices1_complete_claim_lane(skeleton, call);
    return TRUE;
}

static gboolean
on_list(DvBusDevices1 *skeleton, GDBusMethodInvocation *call, Peer *peer)
{
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("aa{sv}"));
    if (!g_str_equal(peer->devices->reader, "gone"))
        g_variant_builder_add_value(&builder, reader_dict(peer->devices));
    if (peer->devices->has_camera)
        g_variant_builder_add_value(&builder, camera_dict());
    dv_bus_devices1_complete_list_devices(skeleton, call, g_variant_builder_end(&builder));
    return TRUE;
}

static void
on_closed(GDBusConnection *connection, gboolean vanished, GError *error, Peer *peer)
{
    (void)connection;
    (void)vanished;
    (void)error;
    g_ptr_array_remove(peer->devices->peers, peer);
}

static void
peer_free(void *data)
{
    Peer *peer = data;
    g_signal_handlers_disconnect_by_data(peer->connection, peer);
    g_signal_handlers_disconnect_by_data(peer->skeleton, peer);
    g_dbus_interface_skeleton_unexport(G_DBUS_INTERFACE_SKELETON(peer->skeleton));
    if (!g_dbus_connection_is_closed(peer->connection))
        g_dbus_connection_close(peer->connection, NULL, NULL, NULL);
    g_object_unref(peer->skeleton);
    g_object_unref(peer->connection);
    g_free(peer);
}

static void
on_peer(GDBusConnection *connection, void *data)
{
    FakeDevices *devices = data;
    Peer *peer = g_new0(Peer, 1);
    peer->devices = devices;
    peer->connection = g_object_ref(connection);
    peer->skeleton = dv_bus_devices1_skeleton_new();
    g_signal_connect(peer->skeleton, "handle-claim-lane", G_CALLBACK(on_claim), peer);
    g_signal_connect(peer->skeleton, "handle-list-devices", G_CALLBACK(on_list), peer);
    g_signal_connect(peer->skeleton, "handle-view-frame", G_CALLBACK(on_view_frame), peer);
    g_signal_connect(peer->skeleton, "handle-compare-faces", G_CALLBACK(on_compare_faces), peer);
    g_signal_connect(connection, "closed", G_CALLBACK(on_closed), peer);
    g_ptr_array_add(devices->peers, peer);
    g_assert_true(g_dbus_interface_skeleton_export(G_DBUS_INTERFACE_SKELETON(peer->skeleton),
                                                   connection, "/org/darvaza/Devices1", NULL));
}

FakeDevices *
fake_devices_new(const char *socket)
{
    FakeDevices *devices = g_new0(FakeDevices, 1);
    devices->peers = g_ptr_array_new_with_free_func(peer_free);
    devices->reader = "ready";
    fake_devices_set_comparison(devices, g_variant_new_parsed("{'result': <'off'>}"));
    g_autoptr(GError) error = NULL;
    devices->server = dv_bus_server_new(socket, -1, on_peer, devices, &error);
    g_assert_no_error(error);
    return devices;
}

void
fake_devices_free(FakeDevices *devices)
{
    if (!devices)
        return;
    g_ptr_array_unref(devices->peers);
    dv_bus_server_free(devices->server);
    g_clear_pointer(&devices->shown, g_bytes_unref);
    g_clear_pointer(&devices->portrait, g_bytes_unref);
    g_clear_pointer(&devices->meta, g_variant_unref);
    g_strfreev(devices->before_view);
    g_clear_pointer(&devices->comparison, g_variant_unref);
    g_free(devices);
}

guint
fake_devices_claims(const FakeDevices *devices)
{
    guint claims = 0;
    for (guint i = 0; i < devices->peers->len; i++)
        claims += ((Peer *)g_ptr_array_index(devices->peers, i))->claimed ? 1 : 0;
    return claims;
}

static Peer *
holder(FakeDevices *devices)
{
    for (guint i = 0; i < devices->peers->len; i++) {
        Peer *peer = g_ptr_array_index(devices->peers, i);
        if (peer->claimed)
            return peer;
    }
    g_assert_not_reached();
}

void
fake_devices_lay(FakeDevices *devices, guint64 serial, const char *const *lines)
{
    devices->serial = serial ? serial : devices->serial + 1;
    GVariantDict meta;
    g_variant_dict_init(&meta, devices->meta);
    g_variant_dict_insert(&meta, "arrived_us", "x", dv_clock_mono_us());
    dv_bus_devices1_emit_document_read(holder(devices)->skeleton, "1-1", devices->serial, lines,
                                       g_variant_dict_end(&meta));
}

void
fake_devices_lay_before_view(FakeDevices *devices, char **lines)
{
    devices->before_view = g_strdupv(lines);
}

void
fake_devices_reading(FakeDevices *devices)
{
    dv_bus_devices1_emit_reading_started(holder(devices)->skeleton, "1-1");
}

void
fake_devices_reading_failed(FakeDevices *devices)
{
    dv_bus_devices1_emit_reading_failed(holder(devices)->skeleton, "1-1", "no frame");
}

void
fake_devices_set_reader(FakeDevices *devices, const char *state)
{
    devices->reader = state;
    dv_bus_devices1_emit_device_changed(holder(devices)->skeleton, reader_dict(devices));
}
