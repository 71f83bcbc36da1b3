// SPDX-License-Identifier: Apache-2.0
#include "service.h"
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <string.h>

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
    {"camera", "use", DV_CONFIG_STRING, "listed", 0, 0,
     "cameras that are opened: listed (those in devices below), all, none; one that nobody named "
     "films nobody"},
    {"camera", "document", DV_CONFIG_STRING, "", 0, 0,
     "the camera before which documents are held, PLACE or VID:PID; one of those that are opened; "
     "empty: none"},
    {"faces", "cascade", DV_CONFIG_PATH,
     "/usr/share/opencv4/lbpcascades/lbpcascade_frontalface.xml", 0, 0,
     "finds faces: a cascade, as Debian's opencv-data has them; empty: none"},
    {"faces", "detector", DV_CONFIG_PATH, "", 0, 0,
     "finds them instead, with eyes, nose and mouth: a YuNet network (ONNX); empty: none"},
    {"faces", "comparison", DV_CONFIG_PATH, "", 0, 0,
     "side file of a model that compares faces (docs/formats/face-model.md); empty: none"},
    {"vision", "program", DV_CONFIG_PATH, DV_VISION_PROGRAM, 0, 0,
     "darvaza-vision, which reads images for this daemon"},
    {"camera", "devices", DV_CONFIG_STRING, "", 0, 0,
     "cameras of the booth, as above: PLACE|VID:PID [exposure=auto|N] [focus=auto|N]; ... (\"1-3; "
     "046d:082d exposure=300\")"},
    {NULL},
};

/* ---- what happens at the devices */

gboolean
dv_service_has(const DvDeviceService *service, const DvDeviceInfo *device)
{
    return service->ports[0] == NULL ||
           g_strv_contains((const char *const *)service->ports, device->id);
}

GVariant *
dv_service_describe(const DvDeviceService *service, const DvDeviceInfo *device)
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
    g_variant_dict_insert(&dict, "frames", "t", device->frames);
    g_variant_dict_insert(&dict, "dropped", "t", device->dropped);
    if (device->kind == DV_DEVICE_CAMERA)
        g_variant_dict_insert(&dict, "document", "b",
                              service->pages != NULL && dv_pages_is_it(service->pages, device));
    return g_variant_dict_end(&dict);
}

/* Is it the camera that documents are held before, and may it film? */
static void
look_at(const DvDeviceInfo *device, void *data)
{
    DvDeviceService *service = data;
    if (service->pages != NULL && service->holder != NULL && dv_service_has(service, device))
        dv_pages_see(service->pages, device);
}

static gboolean
on_look(gpointer data)
{
    DvDeviceService *service = data;
    service->look = 0;
    if (service->lost != NULL)
        dv_pages_lose(service->pages, service->lost);
    g_clear_pointer(&service->lost, g_free);
    dv_service_claimed(service);
    return G_SOURCE_REMOVE;
}

/* Not at once: a device that tells of a change is in the middle of it. */
static void
look_for_camera(DvDeviceService *service, const DvDeviceInfo *device)
{
    if (service->pages == NULL || device->kind != DV_DEVICE_CAMERA)
        return;
    guint guides;
    /* Others may go with it, where a hub is pulled. */
    if (device->state == DV_DEVICE_GONE && dv_pages_guides(service->pages, device->id, &guides)) {
        g_free(service->lost);
        service->lost = g_strdup(device->id);
    }
    if (service->look == 0)
        service->look = g_idle_add_full(G_PRIORITY_DEFAULT, on_look, service, NULL);
}

void
dv_service_claimed(DvDeviceService *service)
{
    dv_usb_host_foreach(service->usb, look_at, service);
}

void
dv_service_released(DvDeviceService *service)
{
    service->holder = NULL;
    dv_views_release(service->views);
    if (service->pages != NULL)
        dv_pages_release(service->pages);
    dv_cameras_release(service->cameras);
}

static void
on_changed(const DvDeviceInfo *device, void *data)
{
    DvDeviceService *service = data;
    if (service->holder != NULL && dv_service_has(service, device))
        dv_bus_devices1_emit_device_changed(service->holder->skeleton,
                                            dv_service_describe(service, device));
    look_for_camera(service, device);
}

static void
on_reading(const DvDeviceInfo *device, void *data)
{
    DvDeviceService *service = data;
    if (service->holder != NULL && dv_service_has(service, device))
        dv_bus_devices1_emit_reading_started(service->holder->skeleton, device->id);
}

static void
add_picture(GVariantDict *meta, const char *name, GBytes *jpeg)
{
    if (jpeg != NULL)
        g_variant_dict_insert_value(
            meta, name, g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, jpeg, TRUE));
}

void
dv_service_document(DvDeviceService *service, const char *id, const char *family,
                    const DvDocumentSeen *seen)
{
    service->serial++;
    if (service->holder == NULL) {
        service->unclaimed++;
        dv_log_warning("reader %s: document %" G_GUINT64_FORMAT
                       " dropped: nobody holds lane %s (%" G_GUINT64_FORMAT " so far)",
                       id, service->serial, service->lane, service->unclaimed);
        return;
    }
    GVariantDict meta;
    g_variant_dict_init(&meta, NULL);
    g_variant_dict_insert(&meta, "arrived_us", "x", seen->arrived_us);
    g_variant_dict_insert(&meta, "family", "s", family);
    if (seen->corrections > 0)
        g_variant_dict_insert(&meta, "corrections", "u", seen->corrections);
    add_picture(&meta, "portrait", seen->portrait);
    add_picture(&meta, "zone", seen->zone);
    add_picture(&meta, "page", seen->page);
    dv_bus_devices1_emit_document_read(service->holder->skeleton, id, service->serial, seen->lines,
                                       g_variant_dict_end(&meta));
    dv_log_info("reader %s: document %" G_GUINT64_FORMAT " read", id, service->serial);
}

static void
on_document(const DvDeviceInfo *device, const char *const *lines, gint64 arrived_us, void *data)
{
    DvDeviceService *service = data;
    const DvDocumentSeen seen = {.lines = lines, .arrived_us = arrived_us};
    if (dv_service_has(service, device))
        dv_service_document(service, device->id, device->family, &seen);
}

static void
on_dropped(const DvDeviceInfo *device, const char *why, void *data)
{
    DvDeviceService *service = data;
    dv_log_info("reader %s: %s", device->id, why);
    if (service->holder != NULL && dv_service_has(service, device))
        dv_bus_devices1_emit_reading_failed(service->holder->skeleton, device->id, why);
}

static guint8 *
on_frame_room(const char *id, gsize size, void *data)
{
    const DvDeviceService *service = data;
    return dv_cameras_room(service->cameras, id, size);
}

static void
on_frame(const DvDeviceInfo *device, const DvFrameInfo *frame, gsize length, gint64 arrived_us,
         void *data)
{
    const DvDeviceService *service = data;
    dv_cameras_frame(service->cameras, device, frame, length, arrived_us);
    if (service->pages != NULL)
        dv_pages_frame(service->pages, device->id);
    dv_views_frame(service->views, device->id);
}

static void
on_stream(const char *id, const DvFrameWish *wish, void *data)
{
    const DvDeviceService *service = data;
    dv_usb_host_stream(service->usb, id, wish);
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

static gboolean
parse_use(const char *word, DvUsbCameras *use, GError **error)
{
    static const char *const words[] = {"none", "listed", "all"};
    for (guint i = 0; i < G_N_ELEMENTS(words); i++)
        if (strcmp(word, words[i]) == 0) {
            *use = (DvUsbCameras)i;
            return TRUE;
        }
    g_set_error(error, DV_ERROR, DV_ERROR_CONFIG,
                "[camera] use = %s: there are listed, all and none", word);
    return FALSE;
}

DvDeviceService *
dv_device_service_new(const DvConfig *config, const DvDriver *const *drivers, GError **error)
{
    static const DvUsbEvents events = {
        .changed = on_changed,
        .reading = on_reading,
        .document = on_document,
        .dropped = on_dropped,
        .frame_room = on_frame_room,
        .frame = on_frame,
    };
    g_autoptr(DvDeviceService) service = g_new0(DvDeviceService, 1);
    service->lane = g_strdup(dv_config_string(config, "lane", "name"));
    service->ports = split_ports(dv_config_string(config, "lane", "ports"));
    service->peers = g_ptr_array_new_with_free_func(dv_service_peer_free);
    gboolean test_identity = dv_config_bool(config, "reader", "accept_test_identity");
    if (test_identity)
        dv_log_warning("simulated readers are accepted: not for a kiosk in the field");
    DvUsbChoice choice = {
        .test_identities = test_identity,
        .readers = dv_config_string(config, "reader", "devices"),
        .cameras = dv_config_string(config, "camera", "devices"),
    };
    if (!parse_use(dv_config_string(config, "camera", "use"), &choice.use_cameras, error))
        return NULL;
    service->cameras = dv_cameras_new(on_stream, service);
    service->vision = dv_service_vision_new(config);
    service->pages = dv_service_pages_new(service, config);
    service->views = dv_views_new(service->cameras, service->vision, service->pages);
    service->usb = dv_usb_host_new(drivers, &choice, &events, service, error);
    if (service->usb == NULL)
        return NULL;
    service->bus = dv_bus_server_new(dv_config_string(config, "ipc", "socket"),
                                     dv_config_user(config, "ipc", "allowed_uid"),
                                     dv_service_add_peer, service, error);
    return service->bus != NULL ? g_steal_pointer(&service) : NULL;
}

void
dv_device_service_free(DvDeviceService *service)
{
    if (service == NULL)
        return;
    if (service->look != 0)
        g_source_remove(service->look);
    g_free(service->lost);
    dv_views_free(service->views);
    if (service->pages != NULL)
        dv_pages_release(service->pages);
    dv_vision_client_free(service->vision); /* answers what waits, which looks at the pages */
    dv_pages_free(service->pages);
    dv_cameras_free(service->cameras); /* before the host, which it tells to stop streaming */
    dv_usb_host_free(service->usb);
    g_ptr_array_unref(service->peers);
    dv_bus_server_free(service->bus);
    g_strfreev(service->ports);
    g_free(service->lane);
    g_free(service);
}
