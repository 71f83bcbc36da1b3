// SPDX-License-Identifier: Apache-2.0
/* Control requests, one at a time, in order. */
#include "usb.h"
#include <darvaza/error.h>
#include <string.h>

static void LIBUSB_CALL on_control(struct libusb_transfer *transfer);

static void
next_control(DvDevice *device)
{
    DvUsbRequest *request = g_queue_peek_head(&device->requests);
    if (request == NULL || device->control_in_flight || device->phase == PHASE_CLOSING)
        return;
    if (device->control == NULL)
        device->control = libusb_alloc_transfer(0);
    g_assert(device->control != NULL); /* out of memory */
    libusb_fill_control_transfer(device->control, device->handle, request->bytes, on_control,
                                 device, DV_USB_CONTROL_TIMEOUT_MS);
    int code = libusb_submit_transfer(device->control);
    if (code == 0) {
        device->control_in_flight = TRUE;
        device->in_flight++;
        return;
    }
    g_autofree char *why = g_strdup_printf("sending it a request: %s", libusb_strerror(code));
    dv_usb_device_trouble(device, code, why);
}

static const char *
control_trouble(enum libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return NULL;
    case LIBUSB_TRANSFER_STALL:
        return "the device does not know this request";
    case LIBUSB_TRANSFER_TIMED_OUT:
        return "no answer within 2 s";
    default:
        return "the transfer failed";
    }
}

static void LIBUSB_CALL
on_control(struct libusb_transfer *transfer)
{
    DvDevice *device = transfer->user_data;
    device->control_in_flight = FALSE;
    device->in_flight--;
    if (device->phase == PHASE_CLOSING) {
        dv_usb_device_settle(device);
        return;
    }
    if (transfer->status == LIBUSB_TRANSFER_NO_DEVICE) {
        dv_usb_device_trouble(device, LIBUSB_ERROR_NO_DEVICE, "");
        return;
    }
    g_autofree DvUsbRequest *request = g_queue_pop_head(&device->requests);
    g_autoptr(GError) error = NULL;
    const char *trouble = control_trouble(transfer->status);
    if (trouble != NULL)
        g_set_error(&error, DV_ERROR, DV_ERROR_UNAVAILABLE, "USB device %s: request 0x%02x: %s",
                    device->id, request->bytes[1], trouble);
    if (request->wanted > 0 && error == NULL && transfer->actual_length >= 0) {
        device->reply = request->bytes + LIBUSB_CONTROL_SETUP_SIZE;
        device->reply_length = MIN((gsize)transfer->actual_length, request->wanted);
    }
    if (device->driver->control != NULL)
        device->driver->control(device, request->tag, error);
    device->reply = NULL;
    device->reply_length = 0;
    next_control(device);
}

static void
queue(DvDevice *device, DvUsbRequest *request)
{
    g_queue_push_tail(&device->requests, request);
    next_control(device);
}

void
dv_device_control(DvDevice *device, guint tag, guint8 request_type, guint8 request, guint16 value,
                  guint16 index, const void *data, gsize length)
{
    g_return_if_fail(length <= DV_USB_MAX_CONTROL && (request_type & LIBUSB_ENDPOINT_IN) == 0);
    DvUsbRequest *queued = g_new0(DvUsbRequest, 1);
    queued->tag = tag;
    libusb_fill_control_setup(queued->bytes, request_type, request, value, index, (guint16)length);
    if (length > 0)
        memcpy(queued->bytes + LIBUSB_CONTROL_SETUP_SIZE, data, length);
    queue(device, queued);
}

void
dv_device_control_in(DvDevice *device, guint tag, guint8 request_type, guint8 request,
                     guint16 value, guint16 index, gsize length)
{
    g_return_if_fail(length >= 1 && length <= DV_USB_MAX_CONTROL &&
                     (request_type & LIBUSB_ENDPOINT_IN) != 0);
    DvUsbRequest *queued = g_new0(DvUsbRequest, 1);
    queued->tag = tag;
    queued->wanted = (guint16)length;
    libusb_fill_control_setup(queued->bytes, request_type, request, value, index, (guint16)length);
    queue(device, queued);
}

const guint8 *
dv_device_reply(const DvDevice *device, gsize *length)
{
    *length = device->reply_length;
    return device->reply;
}

void
dv_usb_control_cancel(DvDevice *device)
{
    if (device->control_in_flight)
        libusb_cancel_transfer(device->control);
}

void
dv_usb_control_free(DvDevice *device)
{
    libusb_free_transfer(device->control);
    device->control = NULL;
    g_queue_clear_full(&device->requests, g_free);
}
