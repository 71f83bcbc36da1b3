// SPDX-License-Identifier: Apache-2.0
#include "vendor_bulk_proto.h"
#include <darvaza/error.h>

enum { MARK_1 = 0xa5, MARK_2 = 0x5a };
enum { AT_TYPE = 2, AT_SEQUENCE = 3, AT_LENGTH = 4 };

guint16
dv_vendor_crc(const guint8 *bytes, gsize length)
{
    guint crc = 0xffff;
    for (gsize i = 0; i < length; i++) {
        crc ^= (guint)bytes[i] << 8;
        for (guint bit = 0; bit < 8; bit++)
            crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
        crc &= 0xffff;
    }
    return (guint16)crc;
}

static void
send_command(const DvReaderSink *sink, guint8 type, guint8 sequence)
{
    guint8 packet[DV_VENDOR_HEAD + 2] = {MARK_1, MARK_2, type, sequence, 0, 0};
    guint16 crc = dv_vendor_crc(packet + AT_TYPE, DV_VENDOR_HEAD - AT_TYPE);
    packet[DV_VENDOR_HEAD] = (guint8)(crc & 0xff);
    packet[DV_VENDOR_HEAD + 1] = (guint8)(crc >> 8);
    if (sink->send != NULL)
        sink->send(packet, sizeof packet, sink->data);
}

void
dv_vendor_reset(DvVendor *vendor)
{
    *vendor = (DvVendor){.sequence = -1};
    dv_zone_reset(&vendor->zone);
}

static void
take_document(DvVendor *vendor, guint8 sequence, guint length, const DvReaderSink *sink)
{
    gboolean had = vendor->sequence == sequence;
    send_command(sink, DV_VENDOR_ACKNOWLEDGE, sequence);
    if (had) /* the acknowledgement was lost, not the document */
        return;
    vendor->sequence = sequence;
    dv_zone_begin(&vendor->zone, sink);
    dv_zone_push(&vendor->zone, vendor->packet + DV_VENDOR_HEAD, length, sink);
    dv_zone_end(&vendor->zone, sink);
    dv_zone_reset(&vendor->zone);
}

/* Shortens the buffer to what may be the head of a packet behind its first byte. */
static void
resynchronise(DvVendor *vendor)
{
    guint from = 1;
    while (from < vendor->length && vendor->packet[from] != MARK_1)
        from++;
    for (guint i = from; i < vendor->length; i++)
        vendor->packet[i - from] = vendor->packet[i];
    vendor->length -= from;
}

/* Works off what the buffer begins with; FALSE when that needs more bytes. */
static gboolean
step(DvVendor *vendor, const DvReaderSink *sink)
{
    const guint8 *packet = vendor->packet;
    if (vendor->length >= 1 &&
        (packet[0] != MARK_1 || (vendor->length >= 2 && packet[1] != MARK_2))) {
        resynchronise(vendor);
        return TRUE;
    }
    if (vendor->length < DV_VENDOR_HEAD)
        return FALSE;
    guint length = packet[AT_LENGTH] | (guint)packet[AT_LENGTH + 1] << 8;
    if (length > DV_VENDOR_MAX_PAYLOAD) {
        resynchronise(vendor);
        return TRUE;
    }
    if (vendor->length == DV_VENDOR_HEAD && packet[AT_TYPE] == DV_VENDOR_DOCUMENT &&
        vendor->sequence != packet[AT_SEQUENCE])
        dv_zone_begin(&vendor->zone, sink);
    if (vendor->length < DV_VENDOR_HEAD + length + 2)
        return FALSE;
    const guint8 *crc = packet + DV_VENDOR_HEAD + length;
    if ((crc[0] | (guint)crc[1] << 8) ==
        dv_vendor_crc(packet + AT_TYPE, DV_VENDOR_HEAD - AT_TYPE + length)) {
        /* A presence packet says that something lies there; it is read or it is not. */
        if (packet[AT_TYPE] == DV_VENDOR_DOCUMENT)
            take_document(vendor, packet[AT_SEQUENCE], length, sink);
        vendor->length = 0;
        return FALSE;
    }
    dv_zone_drop(&vendor->zone, "a packet came whose check sum disagrees", sink);
    resynchronise(vendor);
    send_command(sink, DV_VENDOR_AGAIN, 0);
    return TRUE;
}

void
dv_vendor_push(DvVendor *vendor, const guint8 *bytes, gsize length, const DvReaderSink *sink)
{
    for (gsize i = 0; i < length; i++) {
        vendor->packet[vendor->length++] = bytes[i];
        while (vendor->length > 0 && step(vendor, sink))
            continue;
    }
}

void
dv_vendor_idle(DvVendor *vendor, const DvReaderSink *sink)
{
    gboolean broken = vendor->length > 0;
    vendor->length = 0;
    dv_zone_drop(&vendor->zone, "the reader began a packet and never ended it", sink);
    if (broken)
        send_command(sink, DV_VENDOR_AGAIN, 0);
}

void
dv_vendor_lost(DvVendor *vendor, const DvReaderSink *sink)
{
    vendor->length = 0;
    dv_zone_lost(&vendor->zone, sink);
    send_command(sink, DV_VENDOR_AGAIN, 0);
}

/* ---- interface */

gboolean
dv_vendor_find(const DvUsbShape *shape, DvVendorPlaces *places, GError **error)
{
    gboolean vendor = FALSE;
    for (guint i = 0; i < shape->interface_count; i++) {
        const DvUsbInterface *interface = &shape->interfaces[i];
        if (interface->class_code != 0xff || interface->alternate != 0)
            continue;
        vendor = TRUE;
        *places = (DvVendorPlaces){.interface_number = interface->number};
        for (guint e = 0; e < interface->endpoint_count; e++) {
            const DvUsbEndpoint *endpoint = &interface->endpoints[e];
            if (endpoint->pipe != DV_USB_BULK)
                continue;
            if ((endpoint->address & 0x80) == 0)
                places->out_endpoint = endpoint->address;
            else
                places->in_endpoint = endpoint->address;
        }
        if (places->in_endpoint != 0 && places->out_endpoint != 0)
            return TRUE;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "USB device %04x:%04x is no bulk reader: %s",
                shape->vid, shape->pid,
                vendor ? "its vendor interface has no bulk input and output"
                       : "it has no interface of class 0xff (vendor)");
    return FALSE;
}
