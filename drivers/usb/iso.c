// SPDX-License-Identifier: Apache-2.0
/*
 * Isochronous reads: the bus keeps their time and repeats nothing, so a lost packet is a fact that
 * the driver is told, not a failure. Only a request that fails as a whole is one.
 */
#include "usb.h"
#include <darvaza/clock.h>
#include <darvaza/error.h>

static gboolean
take_packet(DvUsbRead *read, guint index, gint64 now)
{
    DvDevice *device = read->device;
    const struct libusb_iso_packet_descriptor *packet = &read->transfer->iso_packet_desc[index];
    gboolean whole = packet->status == LIBUSB_TRANSFER_COMPLETED;
    if (whole && packet->actual_length == 0)
        return FALSE; /* nothing was ready in this interval */
    const guint8 *data = libusb_get_iso_packet_buffer_simple(read->transfer, index);
    gsize length = whole ? MIN(packet->actual_length, packet->length) : 0;
    device->driver->packet(device, read->transfer->endpoint, data, length,
                           whole ? DV_PACKET_OK : DV_PACKET_LOST, now);
    return whole;
}

static void LIBUSB_CALL
on_iso(struct libusb_transfer *transfer)
{
    DvUsbRead *read = transfer->user_data;
    DvDevice *device = read->device;
    if (!dv_usb_read_is_back(read))
        return;
    if (transfer->status != LIBUSB_TRANSFER_COMPLETED) {
        dv_usb_recover_error(read);
        return;
    }
    gint64 now = dv_clock_mono_us();
    for (int i = 0; i < transfer->num_iso_packets; i++) {
        if (take_packet(read, (guint)i, now))
            device->errors = 0;
        if (device->phase == PHASE_CLOSING || read->stopping)
            return;
    }
    dv_usb_read_submit(read);
}

gboolean
dv_device_read_iso(DvDevice *device, guint8 endpoint, guint depth, guint packets, gsize packet_size,
                   GError **error)
{
    gboolean sane = depth >= 1 && depth <= DV_USB_MAX_READS && packets >= 1 &&
                    packets <= DV_USB_MAX_PACKETS && packet_size >= 1 &&
                    packet_size <= DV_USB_MAX_PACKET && (endpoint & LIBUSB_ENDPOINT_IN) != 0;
    for (guint i = 0; sane && i < depth && device->phase != PHASE_CLOSING; i++) {
        DvUsbRead *read = dv_usb_read_new(device, (int)packets, packets * packet_size);
        if (read == NULL)
            sane = FALSE;
        else {
            libusb_fill_iso_transfer(read->transfer, device->handle, endpoint, read->buffer,
                                     (int)(packets * packet_size), (int)packets, on_iso, read, 0);
            libusb_set_iso_packet_lengths(read->transfer, (unsigned)packet_size);
            dv_usb_read_submit(read);
        }
    }
    if (!sane)
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "USB device %s: cannot keep %u reads of %u packets of %zu bytes on endpoint "
                    "0x%02x",
                    device->id, depth, packets, packet_size, endpoint);
    return sane;
}
