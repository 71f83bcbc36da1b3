// SPDX-License-Identifier: Apache-2.0
#include "usb.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <string.h>

#define ERROR_PAUSE_MS 20

static void LIBUSB_CALL on_read(struct libusb_transfer *transfer);

void
dv_usb_read_submit(DvUsbRead *read)
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
    for (guint i = 0; i < DV_USB_MAX_READS && device->phase != PHASE_CLOSING; i++)
        if (device->reads[i].parked == PARKED_HALTED &&
            device->reads[i].transfer->endpoint == endpoint)
            dv_usb_read_submit(&device->reads[i]);
}

static gboolean
any_in_flight_on(DvDevice *device, guint8 endpoint)
{
    for (guint i = 0; i < DV_USB_MAX_READS; i++)
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
    dv_log_info("%s %s: endpoint 0x%02x halted and was cleared",
                dv_device_kind_word(device->driver->kind), device->id, endpoint);
    submit_halted(device, endpoint);
}

static gboolean
on_error_pause(gpointer data)
{
    DvDevice *device = data;
    device->pause_source = 0;
    for (guint i = 0; i < DV_USB_MAX_READS && device->phase != PHASE_CLOSING; i++)
        if (device->reads[i].parked == PARKED_ERROR)
            dv_usb_read_submit(&device->reads[i]);
    dv_usb_write_next(device);
    return G_SOURCE_REMOVE;
}

/* Unplugging a device shows as a handful of errors before the hot-plug event; a bad cable shows the
 * same and goes on. So: a short pause, a bounded number of times. */
void
dv_usb_pause_after_error(DvDevice *device)
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

void
dv_usb_recover_error(DvUsbRead *read)
{
    read->parked = PARKED_ERROR;
    dv_usb_pause_after_error(read->device);
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
    if (transfer->actual_length > 0 || device->driver->empty_input) {
        device->errors = device->halts = 0;
        if (device->idle_source != 0)
            g_source_remove(device->idle_source);
        device->idle_source = 0;
        device->driver->input(device, transfer->endpoint, transfer->buffer,
                              (gsize)transfer->actual_length, dv_clock_mono_us());
    }
    if (device->phase == PHASE_CLOSING || read->stopping)
        return;
    if (transfer->actual_length > 0 && device->driver->idle_gap_ms > 0)
        device->idle_source = g_timeout_add(device->driver->idle_gap_ms, on_idle_gap, device);
    dv_usb_read_submit(read);
}

/* ---- stopping */

static void
read_free(DvUsbRead *read)
{
    libusb_free_transfer(read->transfer);
    g_free(read->buffer);
    *read = (DvUsbRead){NULL};
}

/* Frees what came back for good; the driver hears of it when nothing is on its way any more. */
static void
finish_stop(DvDevice *device)
{
    guint8 endpoint = device->stop_endpoint;
    if (endpoint == 0 || any_in_flight_on(device, endpoint))
        return;
    for (guint i = 0; i < DV_USB_MAX_READS; i++)
        if (device->reads[i].stopping)
            read_free(&device->reads[i]);
    device->stop_endpoint = 0;
    device->driver->stopped(device, endpoint);
}

static gboolean
on_stop(gpointer data)
{
    DvDevice *device = data;
    device->stop_source = 0;
    finish_stop(device);
    return G_SOURCE_REMOVE;
}

/* Later, never at once: a driver may ask from within a slot that a transfer's callback calls. */
static void
finish_stop_soon(DvDevice *device)
{
    if (device->stop_source == 0)
        device->stop_source = g_idle_add_full(G_PRIORITY_DEFAULT, on_stop, device, NULL);
}

void
dv_device_stop_reads(DvDevice *device, guint8 endpoint)
{
    g_return_if_fail(device->stop_endpoint == 0 && device->driver->stopped != NULL);
    if (device->phase == PHASE_CLOSING)
        return;
    device->stop_endpoint = endpoint;
    for (guint i = 0; i < DV_USB_MAX_READS; i++) {
        DvUsbRead *read = &device->reads[i];
        if (read->transfer == NULL || read->transfer->endpoint != endpoint)
            continue;
        read->stopping = TRUE;
        read->parked = PARKED_NOT;
        if (read->in_flight)
            libusb_cancel_transfer(read->transfer);
    }
    finish_stop_soon(device);
}

/* ---- coming back */

gboolean
dv_usb_read_is_back(DvUsbRead *read)
{
    DvDevice *device = read->device;
    read->in_flight = FALSE;
    device->in_flight--;
    if (device->phase == PHASE_CLOSING) {
        dv_usb_device_settle(device);
        return FALSE;
    }
    if (read->transfer->status == LIBUSB_TRANSFER_NO_DEVICE) {
        dv_usb_device_trouble(device, LIBUSB_ERROR_NO_DEVICE, "");
        return FALSE;
    }
    if (read->stopping) {
        finish_stop_soon(device);
        return FALSE;
    }
    return TRUE;
}

static void LIBUSB_CALL
on_read(struct libusb_transfer *transfer)
{
    DvUsbRead *read = transfer->user_data;
    if (!dv_usb_read_is_back(read))
        return;
    switch (transfer->status) {
    case LIBUSB_TRANSFER_COMPLETED:
    case LIBUSB_TRANSFER_TIMED_OUT:
        take_input(read);
        break;
    case LIBUSB_TRANSFER_STALL:
        recover_halt(read);
        break;
    default:
        dv_usb_recover_error(read);
        break;
    }
}

/* Control transfers aside, a host drives bulk and interrupt endpoints alike; the request names
 * which. */
unsigned char
dv_usb_transfer_type(const DvDevice *device, guint8 endpoint)
{
    for (guint i = 0; i < device->shape.interface_count; i++)
        for (guint e = 0; e < device->shape.interfaces[i].endpoint_count; e++) {
            const DvUsbEndpoint *known = &device->shape.interfaces[i].endpoints[e];
            if (known->address == endpoint && known->pipe == DV_USB_INTERRUPT)
                return LIBUSB_TRANSFER_TYPE_INTERRUPT;
        }
    return LIBUSB_TRANSFER_TYPE_BULK;
}

DvUsbRead *
dv_usb_read_new(DvDevice *device, int packets, gsize size)
{
    for (guint i = 0; i < DV_USB_MAX_READS; i++) {
        DvUsbRead *read = &device->reads[i];
        if (read->transfer != NULL)
            continue;
        read->device = device;
        read->buffer = g_malloc(size);
        read->transfer = libusb_alloc_transfer(packets);
        g_assert(read->transfer != NULL); /* out of memory */
        return read;
    }
    return NULL;
}

gboolean
dv_device_read(DvDevice *device, guint8 endpoint, guint depth, gsize size, GError **error)
{
    gboolean sane = depth >= 1 && depth <= 8 && size >= 1 && size <= DV_USB_MAX_READ &&
                    (endpoint & LIBUSB_ENDPOINT_IN) != 0;
    for (guint i = 0; sane && i < depth && device->phase != PHASE_CLOSING; i++) {
        DvUsbRead *read = dv_usb_read_new(device, 0, size);
        if (read == NULL)
            sane = FALSE;
        else {
            libusb_fill_bulk_transfer(read->transfer, device->handle, endpoint, read->buffer,
                                      (int)size, on_read, read, 0);
            read->transfer->type = dv_usb_transfer_type(device, endpoint);
            dv_usb_read_submit(read);
        }
    }
    if (!sane)
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "USB device %s: cannot keep %u reads of %zu bytes on endpoint 0x%02x",
                    device->id, depth, size, endpoint);
    return sane;
}

/* ---- closing */

void
dv_usb_transfers_cancel(DvDevice *device)
{
    for (guint i = 0; i < DV_USB_MAX_READS; i++)
        if (device->reads[i].in_flight)
            libusb_cancel_transfer(device->reads[i].transfer);
    dv_usb_control_cancel(device);
    dv_usb_write_cancel(device);
}

void
dv_usb_transfers_free(DvDevice *device)
{
    for (guint i = 0; i < DV_USB_MAX_READS; i++)
        read_free(&device->reads[i]);
    device->stop_endpoint = 0;
    dv_usb_control_free(device);
    dv_usb_write_free(device);
}
