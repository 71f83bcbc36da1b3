// SPDX-License-Identifier: Apache-2.0
/* Writes to bulk and interrupt endpoints, one at a time, in order. */
#include "usb.h"
#include <string.h>

static void LIBUSB_CALL on_write(struct libusb_transfer *transfer);

void
dv_usb_write_next(DvDevice *device)
{
    DvUsbWrite *write = g_queue_peek_head(&device->writes);
    if (write == NULL || device->write_in_flight || device->phase == PHASE_CLOSING ||
        device->pause_source != 0)
        return;
    if (device->write == NULL)
        device->write = libusb_alloc_transfer(0);
    g_assert(device->write != NULL); /* out of memory */
    libusb_fill_bulk_transfer(device->write, device->handle, write->endpoint, write->bytes,
                              (int)write->length, on_write, device, DV_USB_CONTROL_TIMEOUT_MS);
    device->write->type = dv_usb_transfer_type(device, write->endpoint);
    int code = libusb_submit_transfer(device->write);
    if (code == 0) {
        device->write_in_flight = TRUE;
        device->in_flight++;
        return;
    }
    g_autofree char *why = g_strdup_printf("telling it something: %s", libusb_strerror(code));
    dv_usb_device_trouble(device, code, why);
}

static void LIBUSB_CALL
on_write(struct libusb_transfer *transfer)
{
    DvDevice *device = transfer->user_data;
    device->write_in_flight = FALSE;
    device->in_flight--;
    if (device->phase == PHASE_CLOSING) {
        dv_usb_device_settle(device);
        return;
    }
    switch (transfer->status) {
    case LIBUSB_TRANSFER_COMPLETED:
        g_free(g_queue_pop_head(&device->writes));
        dv_usb_write_next(device);
        break;
    case LIBUSB_TRANSFER_NO_DEVICE:
        dv_usb_device_trouble(device, LIBUSB_ERROR_NO_DEVICE, "");
        break;
    case LIBUSB_TRANSFER_TIMED_OUT:
        dv_usb_device_close(device, DV_DEVICE_FAULT, "it takes no commands within 2 s");
        break;
    case LIBUSB_TRANSFER_STALL:
        libusb_clear_halt(device->handle, transfer->endpoint);
        dv_usb_device_close(device, DV_DEVICE_FAULT, "it refuses what it is told");
        break;
    default: /* as for reads; it is sent again after the pause */
        dv_usb_pause_after_error(device);
        break;
    }
}

void
dv_device_write(DvDevice *device, guint8 endpoint, const void *data, gsize length)
{
    g_return_if_fail(length >= 1 && length <= DV_USB_MAX_WRITE &&
                     (endpoint & LIBUSB_ENDPOINT_IN) == 0);
    if (device->phase == PHASE_CLOSING)
        return;
    if (device->writes.length >= DV_USB_MAX_WRITES) {
        dv_usb_device_close(device, DV_DEVICE_FAULT, "it takes commands too slowly");
        return;
    }
    DvUsbWrite *write = g_new0(DvUsbWrite, 1);
    write->endpoint = endpoint;
    write->length = length;
    memcpy(write->bytes, data, length);
    g_queue_push_tail(&device->writes, write);
    dv_usb_write_next(device);
}

void
dv_usb_write_cancel(DvDevice *device)
{
    if (device->write_in_flight)
        libusb_cancel_transfer(device->write);
}

void
dv_usb_write_free(DvDevice *device)
{
    libusb_free_transfer(device->write);
    device->write = NULL;
    g_queue_clear_full(&device->writes, g_free);
}
