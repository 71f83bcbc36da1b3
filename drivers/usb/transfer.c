// SPDX-License-Identifier: Apache-2.0
#include "usb.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <string.h>

#define ERROR_PAUSE_MS 20

static void LIBUSB_CALL on_read(struct libusb_transfer *transfer);
static void LIBUSB_CALL on_control(struct libusb_transfer *transfer);

static void
submit(DvUsbRead *read)
{
    DvDevice *device = read->device;
    read->parked = PARKED_NOT;
    int code = libusb_submit_transfer(read->transfer);
    if (code == 0) {
        read->in_flight = TRUE;
        device->in_flight++;
        return;
    }
    g_autofree char *why = g_strdup_printf("asking it for data: %s", libusb_strerror(code));
    dv_usb_device_trouble(device, code, why);
}

static void
submit_halted(DvDevice *device, guint8 endpoint)
{
    for (guint i = 0; i < device->read_count && device->phase != PHASE_CLOSING; i++)
        if (device->reads[i].parked == PARKED_HALTED &&
            device->reads[i].transfer->endpoint == endpoint)
            submit(&device->reads[i]);
}

static gboolean
any_in_flight_on(DvDevice *device, guint8 endpoint)
{
    for (guint i = 0; i < device->read_count; i++)
        if (device->reads[i].in_flight && device->reads[i].transfer->endpoint == endpoint)
            return TRUE;
    return FALSE;
}

/* After a halt every queued transfer of the endpoint comes back halted. Clearing before the last
 * one is back would halt again, so: collect all, clear once, resubmit all. */
static void
recover_halt(DvUsbRead *read)
{
    DvDevice *device = read->device;
    guint8 endpoint = read->transfer->endpoint;
    read->parked = PARKED_HALTED;
    if (any_in_flight_on(device, endpoint))
        return;
    if (++device->halts > DV_USB_MAX_HALTS) {
        dv_usb_device_close(device, DV_DEVICE_FAULT, "it halts again and again");
        return;
    }
    device->driver->lost(device);
    if (device->phase == PHASE_CLOSING)
        return;
    int code = libusb_clear_halt(device->handle, endpoint);
    if (code == LIBUSB_ERROR_NO_DEVICE) {
        dv_usb_device_trouble(device, code, "");
        return;
    }
    dv_log_info("reader %s: endpoint 0x%02x halted and was cleared", device->id, endpoint);
    submit_halted(device, endpoint);
}

static void next_write(DvDevice *device);

static gboolean
on_error_pause(gpointer data)
{
    DvDevice *device = data;
    device->pause_source = 0;
    for (guint i = 0; i < device->read_count && device->phase != PHASE_CLOSING; i++)
        if (device->reads[i].parked == PARKED_ERROR)
            submit(&device->reads[i]);
    next_write(device);
    return G_SOURCE_REMOVE;
}

/* Unplugging a device shows as a handful of errors before the hot-plug event; a bad cable shows the
 * same and goes on. So: a short pause, a bounded number of times. */
static void
pause_after_error(DvDevice *device)
{
    if (device->pause_source != 0)
        return; /* of the same round */
    if (++device->errors > DV_USB_MAX_ERRORS) {
        dv_usb_device_close(device, DV_DEVICE_FAULT, "transfers fail again and again");
        return;
    }
    device->pause_source = g_timeout_add(ERROR_PAUSE_MS, on_error_pause, device);
    device->driver->lost(device);
}

static void
recover_error(DvUsbRead *read)
{
    read->parked = PARKED_ERROR;
    pause_after_error(read->device);
}

static gboolean
on_idle_gap(gpointer data)
{
    DvDevice *device = data;
    device->idle_source = 0;
    device->driver->idle(device);
    return G_SOURCE_REMOVE;
}

static void
take_input(DvUsbRead *read)
{
    DvDevice *device = read->device;
    struct libusb_transfer *transfer = read->transfer;
    if (transfer->actual_length > 0) {
        device->errors = device->halts = 0;
        if (device->idle_source != 0)
            g_source_remove(device->idle_source);
        device->idle_source = 0;
        device->driver->input(device, transfer->endpoint, transfer->buffer,
                              (gsize)transfer->actual_length, dv_clock_mono_us());
    }
    if (device->phase == PHASE_CLOSING)
        return;
    if (transfer->actual_length > 0 && device->driver->idle_gap_ms > 0)
        device->idle_source = g_timeout_add(device->driver->idle_gap_ms, on_idle_gap, device);
    submit(read);
}

static void LIBUSB_CALL
on_read(struct libusb_transfer *transfer)
{
    DvUsbRead *read = transfer->user_data;
    DvDevice *device = read->device;
    read->in_flight = FALSE;
    device->in_flight--;
    if (device->phase == PHASE_CLOSING) {
        dv_usb_device_settle(device);
        return;
    }
    switch (transfer->status) {
    case LIBUSB_TRANSFER_COMPLETED:
    case LIBUSB_TRANSFER_TIMED_OUT:
        take_input(read);
        break;
    case LIBUSB_TRANSFER_STALL:
        recover_halt(read);
        break;
    case LIBUSB_TRANSFER_NO_DEVICE:
        dv_usb_device_trouble(device, LIBUSB_ERROR_NO_DEVICE, "");
        break;
    default:
        recover_error(read);
        break;
    }
}

/* Control transfers aside, a host drives bulk and interrupt endpoints alike; the request names
 * which. */
static unsigned char
transfer_type(const DvDevice *device, guint8 endpoint)
{
    for (guint i = 0; i < device->shape.interface_count; i++)
        for (guint e = 0; e < device->shape.interfaces[i].endpoint_count; e++) {
            const DvUsbEndpoint *known = &device->shape.interfaces[i].endpoints[e];
            if (known->address == endpoint && known->pipe == DV_USB_INTERRUPT)
                return LIBUSB_TRANSFER_TYPE_INTERRUPT;
        }
    return LIBUSB_TRANSFER_TYPE_BULK;
}

gboolean
dv_device_read(DvDevice *device, guint8 endpoint, guint depth, gsize size, GError **error)
{
    if (depth < 1 || device->read_count + depth > DV_USB_MAX_READS || size < 1 || size > 65536 ||
        (endpoint & LIBUSB_ENDPOINT_IN) == 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "USB device %s: cannot keep %u reads of %zu bytes on endpoint 0x%02x",
                    device->id, depth, size, endpoint);
        return FALSE;
    }
    for (guint i = 0; i < depth && device->phase != PHASE_CLOSING; i++) {
        DvUsbRead *read = &device->reads[device->read_count++];
        read->device = device;
        read->buffer = g_malloc(size);
        read->transfer = libusb_alloc_transfer(0);
        g_assert(read->transfer != NULL); /* out of memory */
        libusb_fill_bulk_transfer(read->transfer, device->handle, endpoint, read->buffer, (int)size,
                                  on_read, read, 0);
        read->transfer->type = transfer_type(device, endpoint);
        submit(read);
    }
    return TRUE;
}

/* ---- control requests, one at a time */

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
    if (device->driver->control != NULL)
        device->driver->control(device, request->tag, error);
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
    g_queue_push_tail(&device->requests, queued);
    next_control(device);
}

/* ---- writes, one at a time */

static void LIBUSB_CALL on_write(struct libusb_transfer *transfer);

static void
next_write(DvDevice *device)
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
    device->write->type = transfer_type(device, write->endpoint);
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
        next_write(device);
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
        pause_after_error(device);
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
    next_write(device);
}

/* ---- closing */

void
dv_usb_transfers_cancel(DvDevice *device)
{
    for (guint i = 0; i < device->read_count; i++)
        if (device->reads[i].in_flight)
            libusb_cancel_transfer(device->reads[i].transfer);
    if (device->control_in_flight)
        libusb_cancel_transfer(device->control);
    if (device->write_in_flight)
        libusb_cancel_transfer(device->write);
}

void
dv_usb_transfers_free(DvDevice *device)
{
    for (guint i = 0; i < device->read_count; i++) {
        libusb_free_transfer(device->reads[i].transfer);
        g_free(device->reads[i].buffer);
        device->reads[i] = (DvUsbRead){NULL};
    }
    device->read_count = 0;
    libusb_free_transfer(device->control);
    device->control = NULL;
    g_queue_clear_full(&device->requests, g_free);
    libusb_free_transfer(device->write);
    device->write = NULL;
    g_queue_clear_full(&device->writes, g_free);
}
