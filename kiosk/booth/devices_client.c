// SPDX-License-Identifier: Apache-2.0
#include "devices_client.h"

#include "dv-devices1.h"
#include "scan.h"
#include "view.h"

#include <darvaza/bus.h>
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <string.h>

#define CONNECT_MS 3000
#define RETRY_FIRST_MS 200
#define RETRY_MAX_MS 2000
#define CALL_MS 5000
#define MAX_DEVICES 32
#define OBJECT_PATH "/org/darvaza/Devices1"

struct DvDevicesClient {
    char *socket, *lane;
    const DvDevicesEvents *events;
    void *data;
    GDBusConnection *connection;
    DvBusDevices1 *proxy;
    GCancellable *cancel; /* of the calls of this connection */
    gulong closed_id;
    guint retry_id, timeout_id;
    guint retry_ms;
    gboolean claimed, taken;
    gboolean told_away; /* logged once per absence */
    guint64 last_serial;
    GHashTable *devices; /* id -> json_t */
};

static void schedule_retry(DvDevicesClient *client);

gboolean
dv_devices_lines_ok(const char *const *lines)
{
    guint n = 0;
    for (; lines[n]; n++) {
        gsize length = strnlen(lines[n], DV_DEVICE_LINE_BYTES_MAX + 1);
        if (n >= DV_DEVICE_LINES_MAX || length == 0 || length > DV_DEVICE_LINE_BYTES_MAX)
            return FALSE;
        for (gsize i = 0; i < length; i++)
            if (!g_ascii_isprint(lines[n][i]))
                return FALSE;
    }
    return n > 0;
}

/* ---- the devices that the daemon knows ---- */

/* A member of a device's dictionary, cut to a bound and to valid UTF-8. */
static json_t *
text_of(GVariant *dict, const char *key)
{
    const char *text = "";
    g_variant_lookup(dict, key, "&s", &text);
    g_autofree char *cut = g_strndup(text, DV_DEVICE_TEXT_MAX);
    g_autofree char *valid = g_utf8_make_valid(cut, -1);
    return json_string(valid);
}

static void
take_device(DvDevicesClient *client, GVariant *dict)
{
    gboolean document = FALSE;
    g_variant_lookup(dict, "document", "b", &document);
    json_t *device =
        json_pack("{s:b, s:o, s:o, s:o, s:o, s:o}", "document", document, "id", text_of(dict, "id"),
                  "name", text_of(dict, "name"), "kind", text_of(dict, "kind"), "state",
                  text_of(dict, "state"), "detail", text_of(dict, "detail"));
    const char *id = json_string_value(json_object_get(device, "id"));
    gboolean gone = g_strcmp0(json_string_value(json_object_get(device, "state")), "gone") == 0;
    if (gone)
        g_hash_table_remove(client->devices, id);
    else if (g_hash_table_size(client->devices) < MAX_DEVICES)
        g_hash_table_replace(client->devices, g_strdup(id), json_incref(device));
    json_decref(device);
}

static gboolean
has_ready_reader(const DvDevicesClient *client)
{
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, client->devices);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const char *kind = json_string_value(json_object_get(value, "kind"));
        const char *state = json_string_value(json_object_get(value, "state"));
        gboolean reads =
            g_strcmp0(kind, "reader") == 0 || json_is_true(json_object_get(value, "document"));
        if (reads && g_strcmp0(state, "ready") == 0)
            return TRUE;
    }
    return FALSE;
}

const char *
dv_devices_client_state(const DvDevicesClient *client)
{
    if (client->taken)
        return "taken";
    if (!client->claimed)
        return "away";
    return has_ready_reader(client) ? "ready" : "none";
}

void *
dv_devices_client_proxy(const DvDevicesClient *client, GCancellable **cancel)
{
    *cancel = client->cancel;
    return client->claimed ? client->proxy : NULL;
}

json_t *
dv_devices_client_list(const DvDevicesClient *client)
{
    json_t *list = json_array();
    GHashTableIter iter;
    void *value;
    g_hash_table_iter_init(&iter, client->devices);
    while (g_hash_table_iter_next(&iter, NULL, &value))
        json_array_append(list, value);
    return list;
}

/* ---- signals ---- */

/* When it arrived. A time that cannot be is not believed: neither the future nor more than a minute
 * ago. */
static gint64
arrival_of(GVariant *meta)
{
    gint64 now = dv_clock_mono_us(), arrived = now;
    g_autoptr(GVariant) value = g_variant_lookup_value(meta, "arrived_us", NULL);
    if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_INT64))
        arrived = g_variant_get_int64(value);
    else if (value && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64))
        arrived = (gint64)MIN(g_variant_get_uint64(value), (guint64)G_MAXINT64);
    return arrived > now || arrived < now - 60 * G_USEC_PER_SEC ? now : arrived;
}

static void
take_camera(GVariant *meta, DvDeviceDocument *document)
{
    const char *family = "";
    g_variant_lookup(meta, "family", "&s", &family);
    if (!g_str_equal(family, "document-camera"))
        return;
    document->by_camera = TRUE;
    g_variant_lookup(meta, "corrections", "u", &document->corrections);
    document->corrections = MIN(document->corrections, DV_SCAN_CORRECTIONS_MAX);
    document->portrait = dv_view_jpeg_of(meta, "portrait", DV_FACE_JPEG_MAX);
    document->zone = dv_view_jpeg_of(meta, "zone", DV_SCAN_ZONE_MAX);
    document->page = dv_view_jpeg_of(meta, "page", DV_SCAN_PAGE_MAX);
}

static void
on_document_read(DvBusDevices1 *proxy, const char *device, guint64 serial, const char *const *lines,
                 GVariant *meta, DvDevicesClient *client)
{
    (void)proxy;
    (void)device;
    if (!client->claimed || (client->last_serial && serial <= client->last_serial))
        return;
    client->last_serial = serial;
    if (!dv_devices_lines_ok(lines)) {
        dv_log_warning("devices: document %" G_GUINT64_FORMAT
                       " has lines that no document can have; dropped",
                       serial);
        client->events->failed(client->data);
        return;
    }
    DvDeviceDocument document = {.lines = lines, .arrived_us = arrival_of(meta)};
    take_camera(meta, &document);
    client->events->document(&document, client->data);
    g_clear_pointer(&document.portrait, g_bytes_unref);
    g_clear_pointer(&document.zone, g_bytes_unref);
    g_clear_pointer(&document.page, g_bytes_unref);
}

static void
on_reading_started(DvBusDevices1 *proxy, const char *device, DvDevicesClient *client)
{
    (void)proxy;
    (void)device;
    if (client->claimed)
        client->events->reading(client->data);
}

static void
on_reading_failed(DvBusDevices1 *proxy, const char *device, const char *detail,
                  DvDevicesClient *client)
{
    (void)proxy;
    (void)device;
    (void)detail; /* may quote what was on the document: neither shown nor logged */
    if (client->claimed)
        client->events->failed(client->data);
}

static void
on_device_changed(DvBusDevices1 *proxy, GVariant *device, DvDevicesClient *client)
{
    (void)proxy;
    take_device(client, device);
    client->events->changed(client->data);
}

/* ---- connection ---- */

static void
disconnect(DvDevicesClient *client)
{
    g_clear_handle_id(&client->timeout_id, g_source_remove);
    if (client->cancel)
        g_cancellable_cancel(client->cancel);
    g_clear_object(&client->cancel);
    if (client->proxy)
        g_signal_handlers_disconnect_by_data(client->proxy, client);
    g_clear_object(&client->proxy);
    if (client->connection)
        g_signal_handler_disconnect(client->connection, client->closed_id);
    g_clear_object(&client->connection);
    client->claimed = client->taken = FALSE;
    client->last_serial = 0;
    g_hash_table_remove_all(client->devices);
}

static void
on_closed(GDBusConnection *connection, gboolean vanished, GError *error, DvDevicesClient *client)
{
    (void)connection;
    (void)vanished;
    (void)error;
    dv_log_warning("devices: the connection to %s closed", client->socket);
    disconnect(client);
    client->retry_ms = RETRY_FIRST_MS;
    schedule_retry(client);
    client->events->changed(client->data);
}

static void
on_listed(GObject *source, GAsyncResult *result, void *user_data)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) devices = NULL;
    gboolean ok =
        dv_bus_devices1_call_list_devices_finish(DV_BUS_DEVICES1(source), &devices, result, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return; /* the client may be gone */
    DvDevicesClient *client = user_data;
    if (!ok) {
        dv_log_warning("devices: asking for the list of devices: %s", error->message);
        return;
    }
    GVariantIter iter;
    g_variant_iter_init(&iter, devices);
    GVariant *dict;
    while ((dict = g_variant_iter_next_value(&iter))) {
        take_device(client, dict);
        g_variant_unref(dict);
    }
    client->events->changed(client->data);
}

static void
on_lane_claimed(GObject *source, GAsyncResult *result, void *user_data)
{
    g_autoptr(GError) error = NULL;
    gboolean ok = dv_bus_devices1_call_claim_lane_finish(DV_BUS_DEVICES1(source), result, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
    DvDevicesClient *client = user_data;
    if (!ok) {
        dv_bus_restore_error(&error);
        gboolean taken = g_error_matches(error, DV_ERROR, DV_ERROR_CONFLICT);
        dv_log_warning("devices: claiming lane %s: %s", client->lane, error->message);
        disconnect(client);
        client->taken = taken;
        schedule_retry(client);
        client->events->changed(client->data);
        return;
    }
    client->claimed = TRUE;
    client->retry_ms = RETRY_FIRST_MS;
    client->told_away = FALSE;
    dv_log_info("devices: lane %s claimed at %s", client->lane, client->socket);
    dv_bus_devices1_call_list_devices(client->proxy, G_DBUS_CALL_FLAGS_NONE, CALL_MS,
                                      client->cancel, on_listed, client);
    client->events->changed(client->data);
}

static void
give_up(DvDevicesClient *client, const char *why)
{
    if (!client->told_away)
        dv_log_warning("devices: %s: %s; trying again until it answers", client->socket, why);
    client->told_away = TRUE;
    disconnect(client);
    schedule_retry(client);
}

/* Neither a name nor properties: nothing is asked of the peer here, so this does not wait. */
static gboolean
take_connection(DvDevicesClient *client, GDBusConnection *connection, GError **error)
{
    client->connection = connection;
    g_dbus_connection_set_exit_on_close(connection, FALSE);
    client->closed_id = g_signal_connect(connection, "closed", G_CALLBACK(on_closed), client);
    client->proxy = dv_bus_devices1_proxy_new_sync(
        connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL, OBJECT_PATH, NULL, error);
    if (!client->proxy)
        return FALSE;
    g_signal_connect(client->proxy, "document-read", G_CALLBACK(on_document_read), client);
    g_signal_connect(client->proxy, "reading-started", G_CALLBACK(on_reading_started), client);
    g_signal_connect(client->proxy, "reading-failed", G_CALLBACK(on_reading_failed), client);
    g_signal_connect(client->proxy, "device-changed", G_CALLBACK(on_device_changed), client);
    dv_bus_devices1_call_claim_lane(client->proxy, client->lane, G_DBUS_CALL_FLAGS_NONE, CALL_MS,
                                    client->cancel, on_lane_claimed, client);
    return TRUE;
}

static void
on_connected(GObject *source, GAsyncResult *result, void *user_data)
{
    (void)source;
    g_autoptr(GError) error = NULL;
    GDBusConnection *connection = g_dbus_connection_new_for_address_finish(result, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return; /* the client may be gone, or the time-out has dealt with it */
    DvDevicesClient *client = user_data;
    g_clear_handle_id(&client->timeout_id, g_source_remove);
    if (!connection || !take_connection(client, connection, &error))
        give_up(client, error->message);
}

static gboolean
on_connect_timeout(void *user_data)
{
    DvDevicesClient *client = user_data;
    client->timeout_id = 0;
    give_up(client, "nobody answered in time");
    return G_SOURCE_REMOVE;
}

/* Never waits: a device service that hangs must not hold up the lane. */
static gboolean
on_retry(void *user_data)
{
    DvDevicesClient *client = user_data;
    client->retry_id = 0;
    client->taken = FALSE;
    g_autofree char *escaped = g_dbus_address_escape_value(client->socket);
    g_autofree char *address = g_strdup_printf("unix:path=%s", escaped);
    client->cancel = g_cancellable_new();
    client->timeout_id = g_timeout_add(CONNECT_MS, on_connect_timeout, client);
    g_dbus_connection_new_for_address(address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT, NULL,
                                      client->cancel, on_connected, client);
    return G_SOURCE_REMOVE;
}

static void
schedule_retry(DvDevicesClient *client)
{
    if (client->retry_id)
        return;
    client->retry_id = g_timeout_add(client->retry_ms, on_retry, client);
    client->retry_ms = MIN(client->retry_ms * 2, RETRY_MAX_MS);
}

DvDevicesClient *
dv_devices_client_new(const char *socket, const char *lane, const DvDevicesEvents *events,
                      void *data)
{
    DvDevicesClient *client = g_new0(DvDevicesClient, 1);
    client->socket = g_strdup(socket);
    client->lane = g_strdup(lane);
    client->events = events;
    client->data = data;
    client->devices =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_decref);
    client->retry_ms = RETRY_FIRST_MS;
    client->retry_id = g_idle_add(on_retry, client);
    return client;
}

void
dv_devices_client_free(DvDevicesClient *client)
{
    if (!client)
        return;
    if (client->retry_id)
        g_source_remove(client->retry_id);
    disconnect(client);
    g_hash_table_unref(client->devices);
    g_free(client->socket);
    g_free(client->lane);
    g_free(client);
}
