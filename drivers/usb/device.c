// SPDX-License-Identifier: Apache-2.0
#include "usb.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/log.h>

static gboolean try_open(gpointer data);

static void
drop_source(guint *source)
{
    if (*source != 0)
        g_source_remove(*source);
    *source = 0;
}

void
dv_usb_device_show(DvDevice *device, DvDeviceState state, const char *detail)
{
    g_autofree char *old = device->detail;
    gboolean same = device->shown == state && g_strcmp0(old, detail) == 0;
    device->shown = state;
    device->detail = g_strdup(detail);
    if (same || device->host->stopping)
        return;
    dv_log_info("%s %s (%s): %s%s%s", dv_device_kind_word(device->driver->kind), device->id,
                device->driver->family, dv_device_state_word(state), *detail ? ": " : "", detail);
    DvDeviceInfo info;
    dv_usb_info(device, &info);
    device->host->events.changed(&info, device->host->data);
}

/* Runs the driver's open slot on a fresh state. */
static void
start_driver(DvDevice *device)
{
    g_autoptr(GError) error = NULL;
    g_free(device->state);
    device->state = g_malloc0(MAX(device->driver->state_size, 1));
    device->phase = PHASE_OPENING;
    device->errors = device->halts = 0;
    device->last_code = 0;
    libusb_set_auto_detach_kernel_driver(device->handle, 1);
    if (!device->driver->open(device, &error))
        dv_usb_device_trouble(device, device->last_code, error->message);
}

/* ACCESS right after plugging means that udev has not come to the node yet; anything else, or
 * ACCESS for longer, is a fault that is tried again at growing intervals. */
static void
open_failed(DvDevice *device, int code)
{
    if (code == LIBUSB_ERROR_ACCESS && g_get_monotonic_time() < device->open_deadline_us) {
        device->open_source = g_timeout_add(DV_USB_OPEN_RETRY_MS, try_open, device);
        return;
    }
    g_autofree char *why = NULL;
    if (code == LIBUSB_ERROR_ACCESS)
        why = g_strdup_printf("no permission to open it; are the udev rules installed and is this "
                              "user in group darvaza?");
    else
        why = g_strdup_printf("opening it: %s", libusb_strerror(code));
    dv_usb_device_trouble(device, code, why);
}

static gboolean
try_open(gpointer data)
{
    DvDevice *device = data;
    device->open_source = 0;
    if (device->config == NULL) {
        g_autoptr(GError) error = NULL;
        if (!dv_usb_describe(device->usb, &device->shape, &device->config, &error)) {
            dv_usb_device_close(device, DV_DEVICE_FAULT, error->message);
            return G_SOURCE_REMOVE;
        }
    }
    int code = libusb_open(device->usb, &device->handle);
    if (code != 0) {
        device->handle = NULL;
        open_failed(device, code);
        return G_SOURCE_REMOVE;
    }
    start_driver(device);
    return G_SOURCE_REMOVE;
}

static void
schedule_open(DvDevice *device, guint delay_ms)
{
    device->phase = PHASE_WAITING;
    device->open_deadline_us =
        g_get_monotonic_time() + (gint64)(delay_ms + DV_USB_OPEN_PATIENCE_MS) * 1000;
    device->open_source = g_timeout_add(delay_ms, try_open, device);
}

DvDevice *
dv_usb_device_new(DvUsbHost *host, libusb_device *usb, const DvDriver *driver,
                  const DvUsbId *identity)
{
    DvDevice *device = g_new0(DvDevice, 1);
    device->host = host;
    device->usb = libusb_ref_device(usb);
    device->driver = driver;
    device->identity = *identity;
    device->reopen_ms = DV_USB_REOPEN_MIN_MS;
    device->shown = DV_DEVICE_GONE; /* so that the first state is reported */
    g_queue_init(&device->requests);
    g_queue_init(&device->writes);
    dv_usb_port_path(usb, device->id, sizeof device->id);
    device->options = dv_usb_settings_options(host->settings, driver, identity, device->id);
    dv_usb_device_show(device, DV_DEVICE_OPENING, "");
    schedule_open(device, 0);
    return device;
}

void
dv_usb_device_close(DvDevice *device, DvDeviceState shown, const char *detail)
{
    if (device->phase == PHASE_CLOSING)
        return;
    gboolean started = device->phase == PHASE_OPENING || device->phase == PHASE_SERVING;
    device->phase = PHASE_CLOSING;
    drop_source(&device->open_source);
    drop_source(&device->idle_source);
    drop_source(&device->pause_source);
    drop_source(&device->stop_source);
    drop_source(&device->wake_source);
    if (started && device->driver->close != NULL)
        device->driver->close(device);
    dv_usb_device_show(device, shown, detail);
    dv_usb_transfers_cancel(device);
    dv_usb_device_settle(device);
}

/* Requests say "no such device" before the hot-plug event says that it was unplugged; to whoever
 * looks on that is one thing. Should the event never come, opening it again will tell. */
void
dv_usb_device_trouble(DvDevice *device, int code, const char *why)
{
    if (code == LIBUSB_ERROR_NO_DEVICE)
        dv_usb_device_close(device, DV_DEVICE_GONE, "it no longer answers");
    else
        dv_usb_device_close(device, DV_DEVICE_FAULT, why);
}

/* May free the device. */
static void
settle(DvDevice *device)
{
    dv_usb_transfers_free(device);
    if (device->handle != NULL) {
        for (int i = 0; i < 32; i++)
            if ((device->claimed >> i & 1) != 0)
                libusb_release_interface(device->handle, i);
        libusb_close(device->handle);
    }
    device->claimed = 0;
    device->handle = NULL;
    if (device->left || device->host->stopping) {
        dv_usb_host_forget(device->host, device);
        return;
    }
    /* The hot-plug event may still be on its way; if it comes, it ends the waiting. */
    schedule_open(device, device->reopen_ms);
    device->reopen_ms = MIN(device->reopen_ms * 2, DV_USB_REOPEN_MAX_MS);
}

static gboolean
on_settle(gpointer data)
{
    DvDevice *device = data;
    device->settle_source = 0;
    settle(device);
    return G_SOURCE_REMOVE;
}

void
dv_usb_device_finish(DvDevice *device)
{
    if (device->phase == PHASE_CLOSING && device->in_flight == 0) {
        drop_source(&device->settle_source);
        settle(device);
    }
}

void
dv_usb_device_settle(DvDevice *device)
{
    /* From an idle source: we may stand inside a callback of libusb or of the driver, where
     * neither the handle nor the device may be freed. */
    if (device->phase == PHASE_CLOSING && device->in_flight == 0 && device->settle_source == 0)
        device->settle_source = g_idle_add_full(G_PRIORITY_DEFAULT, on_settle, device, NULL);
}

void
dv_usb_device_unplugged(DvDevice *device)
{
    if (device->left)
        return;
    device->left = TRUE;
    if (device->phase == PHASE_CLOSING) {
        dv_usb_device_show(device, DV_DEVICE_GONE, "unplugged");
        dv_usb_device_settle(device);
        return;
    }
    dv_usb_device_close(device, DV_DEVICE_GONE, "unplugged");
}

void
dv_usb_device_free(DvDevice *device)
{
    if (device == NULL)
        return;
    drop_source(&device->open_source);
    drop_source(&device->idle_source);
    drop_source(&device->pause_source);
    drop_source(&device->settle_source);
    drop_source(&device->stop_source);
    drop_source(&device->wake_source);
    libusb_free_config_descriptor(device->config);
    libusb_unref_device(device->usb);
    g_free(device->detail);
    g_free(device->state);
    g_hash_table_unref(device->options);
    g_free(device);
}
