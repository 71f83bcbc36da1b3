// SPDX-License-Identifier: Apache-2.0
#include "usb.h"
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <string.h>

#define STOP_PATIENCE_US (2 * G_USEC_PER_SEC)

typedef struct {
    libusb_device *usb; /* a reference */
    gboolean arrived;
} DvUsbPlug;

static void
plug_free(gpointer data)
{
    DvUsbPlug *plug = data;
    libusb_unref_device(plug->usb);
    g_free(plug);
}

static DvDevice *
find(DvUsbHost *host, libusb_device *usb)
{
    for (guint i = 0; i < host->devices->len; i++) {
        DvDevice *device = g_ptr_array_index(host->devices, i);
        if (device->usb == usb)
            return device;
    }
    return NULL;
}

static void
arrived(DvUsbHost *host, libusb_device *usb)
{
    DvUsbId identity;
    /* Enumeration and the monitor may both report one device. */
    const DvDriver *driver = find(host, usb) == NULL ? dv_usb_choose(host, usb, &identity) : NULL;
    if (driver != NULL)
        g_ptr_array_add(host->devices, dv_usb_device_new(host, usb, driver, &identity));
}

static gboolean
on_plugs(gpointer data)
{
    DvUsbHost *host = data;
    host->plug_source = 0;
    for (DvUsbPlug *plug; (plug = g_queue_pop_head(&host->plugs)) != NULL; plug_free(plug)) {
        DvDevice *device = find(host, plug->usb);
        if (plug->arrived)
            arrived(host, plug->usb);
        else if (device != NULL)
            dv_usb_device_unplugged(device);
    }
    return G_SOURCE_REMOVE;
}

/* No I/O here: libusb forbids it. The event is noted and worked on from the main loop. */
static int LIBUSB_CALL
on_hotplug(libusb_context *context, libusb_device *usb, libusb_hotplug_event event, void *data)
{
    DvUsbHost *host = data;
    DvUsbPlug *plug = g_new(DvUsbPlug, 1);
    (void)context;
    plug->usb = libusb_ref_device(usb);
    plug->arrived = event == LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED;
    g_queue_push_tail(&host->plugs, plug);
    if (host->plug_source == 0)
        host->plug_source = g_idle_add_full(G_PRIORITY_DEFAULT, on_plugs, host, NULL);
    return 0;
}

static gboolean
start_hotplug(DvUsbHost *host, GError **error)
{
    if (!libusb_has_capability(LIBUSB_CAP_HAS_HOTPLUG)) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                    "USB: this libusb reports no plugging and unplugging");
        return FALSE;
    }
    int code = libusb_hotplug_register_callback(
        host->context, LIBUSB_HOTPLUG_EVENT_DEVICE_ARRIVED | LIBUSB_HOTPLUG_EVENT_DEVICE_LEFT,
        LIBUSB_HOTPLUG_ENUMERATE, LIBUSB_HOTPLUG_MATCH_ANY, LIBUSB_HOTPLUG_MATCH_ANY,
        LIBUSB_HOTPLUG_MATCH_ANY, on_hotplug, host, &host->hotplug);
    if (code != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "USB: watching for devices: %s",
                    libusb_strerror(code));
        return FALSE;
    }
    host->hotplug_on = TRUE;
    return TRUE;
}

DvUsbHost *
dv_usb_host_new(const DvDriver *const *drivers, const DvUsbChoice *choice,
                const DvUsbEvents *events, void *data, GError **error)
{
    g_autoptr(DvUsbHost) host = g_new0(DvUsbHost, 1);
    host->drivers = drivers;
    host->test_identities = choice->test_identities;
    host->cameras = choice->use_cameras;
    host->events = *events;
    host->data = data;
    host->devices = g_ptr_array_new();
    g_queue_init(&host->plugs);
    host->wishes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    host->settings = dv_usb_settings_new(drivers, choice->readers, error);
    if (host->settings == NULL ||
        !dv_usb_settings_add_cameras(host->settings, drivers, choice->cameras, error))
        return NULL;
    int code = libusb_init(&host->context);
    if (code != 0) {
        host->context = NULL;
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "USB: starting libusb: %s",
                    libusb_strerror(code));
        return NULL;
    }
    host->loop = dv_usb_loop_new(host->context);
    g_source_attach(host->loop, NULL);
    if (!start_hotplug(host, error))
        return NULL;
    return g_steal_pointer(&host);
}

void
dv_usb_host_forget(DvUsbHost *host, DvDevice *device)
{
    g_ptr_array_remove(host->devices, device);
    dv_usb_device_free(device);
}

/* Lets every device close; each frees itself from its idle source. */
static void
close_devices(DvUsbHost *host)
{
    gint64 deadline = g_get_monotonic_time() + STOP_PATIENCE_US;
    for (guint i = 0; i < host->devices->len; i++)
        dv_usb_device_close(g_ptr_array_index(host->devices, i), DV_DEVICE_GONE, "");
    while (host->devices->len > 0 && g_get_monotonic_time() < deadline) {
        struct timeval wait = {0, 10000};
        libusb_handle_events_timeout_completed(host->context, &wait, NULL);
        for (guint i = host->devices->len; i > 0; i--)
            dv_usb_device_finish(g_ptr_array_index(host->devices, i - 1));
    }
    if (host->devices->len > 0)
        dv_log_warning("USB: %u devices did not give their transfers back", host->devices->len);
}

void
dv_usb_host_free(DvUsbHost *host)
{
    if (host == NULL)
        return;
    host->stopping = TRUE;
    if (host->hotplug_on)
        libusb_hotplug_deregister_callback(host->context, host->hotplug);
    if (host->plug_source != 0)
        g_source_remove(host->plug_source);
    g_queue_clear_full(&host->plugs, plug_free);
    close_devices(host);
    if (host->loop != NULL) {
        libusb_set_pollfd_notifiers(host->context, NULL, NULL, NULL);
        g_source_destroy(host->loop);
        g_source_unref(host->loop);
    }
    if (host->context != NULL && host->devices->len == 0)
        libusb_exit(host->context);
    g_ptr_array_unref(host->devices);
    dv_usb_settings_free(host->settings);
    g_hash_table_unref(host->wishes);
    g_free(host);
}

void
dv_usb_host_foreach(DvUsbHost *host, DvDeviceFunc func, void *data)
{
    for (guint i = 0; i < host->devices->len; i++) {
        DvDevice *device = g_ptr_array_index(host->devices, i);
        DvDeviceInfo info;
        dv_usb_info(device, &info);
        if (device->shown != DV_DEVICE_GONE)
            func(&info, data);
    }
}

void
dv_usb_host_stream(DvUsbHost *host, const char *id, const DvFrameWish *wish)
{
    if (wish != NULL)
        g_hash_table_replace(host->wishes, g_strdup(id), g_memdup2(wish, sizeof *wish));
    else
        g_hash_table_remove(host->wishes, id);
    for (guint i = 0; i < host->devices->len; i++) {
        DvDevice *device = g_ptr_array_index(host->devices, i);
        if (strcmp(device->id, id) == 0)
            dv_usb_device_stream(device);
    }
}
