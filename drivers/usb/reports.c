// SPDX-License-Identifier: Apache-2.0
/* What drivers report. */
#include "usb.h"

void
dv_device_ready(DvDevice *device)
{
    if (device->phase != PHASE_OPENING)
        return;
    device->phase = PHASE_SERVING;
    /* A camera may open well and never send a frame; it proves itself by its first one. */
    if (device->driver->stream == NULL)
        device->reopen_ms = DV_USB_REOPEN_MIN_MS;
    dv_usb_device_show(device, DV_DEVICE_SERVING, "");
    if (g_hash_table_contains(device->host->wishes, device->id))
        dv_usb_device_stream(device);
}

void
dv_usb_device_stream(DvDevice *device)
{
    if (device->phase == PHASE_SERVING && device->driver->stream != NULL && !device->host->stopping)
        device->driver->stream(device, g_hash_table_lookup(device->host->wishes, device->id));
}

void
dv_device_note(DvDevice *device, const char *sentence)
{
    if (device->phase == PHASE_SERVING)
        dv_usb_device_show(device, DV_DEVICE_SERVING, sentence);
}

void
dv_device_reading(DvDevice *device)
{
    DvDeviceInfo info;
    if (device->host->stopping)
        return;
    dv_usb_info(device, &info);
    device->host->events.reading(&info, device->host->data);
}

void
dv_device_document(DvDevice *device, const char *const *lines, gint64 arrived_us)
{
    DvDeviceInfo info;
    if (device->host->stopping)
        return;
    device->documents++;
    dv_usb_info(device, &info);
    device->host->events.document(&info, lines, arrived_us, device->host->data);
}

void
dv_device_dropped(DvDevice *device, const char *why)
{
    DvDeviceInfo info;
    if (device->host->stopping)
        return;
    device->dropped++;
    dv_usb_info(device, &info);
    device->host->events.dropped(&info, why, device->host->data);
}

guint8 *
dv_device_frame_room(DvDevice *device, gsize size)
{
    const DvUsbEvents *events = &device->host->events;
    if (device->host->stopping || events->frame_room == NULL || size > DV_FRAME_MAX)
        return NULL;
    return events->frame_room(device->id, size, device->host->data);
}

void
dv_device_frame_done(DvDevice *device, const DvFrameInfo *frame, gsize length, gint64 arrived_us)
{
    DvDeviceInfo info;
    if (device->host->stopping || device->host->events.frame == NULL)
        return;
    device->frames++;
    device->reopen_ms = DV_USB_REOPEN_MIN_MS;
    dv_usb_info(device, &info);
    device->host->events.frame(&info, frame, length, arrived_us, device->host->data);
}

void
dv_device_frame_dropped(DvDevice *device)
{
    device->dropped++;
}

void
dv_device_fail(DvDevice *device, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    g_autofree char *detail = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    dv_usb_device_trouble(device, device->last_code, detail);
}
