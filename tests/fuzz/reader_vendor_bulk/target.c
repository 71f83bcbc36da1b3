// SPDX-License-Identifier: Apache-2.0
/*
 * What the reference reader may send. First byte 0: second byte = length of the pieces; then the
 * stream, in which 0xff stands for silence and 0xfe for a disturbed line (0xfd escapes: the next
 * byte as it is). Byte 1: the same, and check sums are made right. Otherwise: interfaces as class,
 * alternate, count of endpoints, (address, pipe) each.
 */
#include "reader_events.h"
#include "vendor_bulk_proto.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Puts the check sum behind every packet whose head stands in the bytes. */
static void
mend(GByteArray *bytes)
{
    for (guint at = 0; at + DV_VENDOR_HEAD + 2 <= bytes->len; at++) {
        guint8 *packet = bytes->data + at;
        guint length = packet[4] | (guint)packet[5] << 8;
        if (packet[0] != 0xa5 || packet[1] != 0x5a || at + DV_VENDOR_HEAD + length + 2 > bytes->len)
            continue;
        guint16 crc = dv_vendor_crc(packet + 2, DV_VENDOR_HEAD - 2 + length);
        packet[DV_VENDOR_HEAD + length] = (guint8)(crc & 0xff);
        packet[DV_VENDOR_HEAD + length + 1] = (guint8)(crc >> 8);
        at += DV_VENDOR_HEAD + length + 1;
    }
}

static void
push_all(DvVendor *vendor, GByteArray *bytes, gboolean mended, guint piece,
         const DvReaderSink *sink)
{
    if (mended)
        mend(bytes);
    for (guint at = 0; at < bytes->len; at += piece)
        dv_vendor_push(vendor, bytes->data + at, MIN(piece, bytes->len - at), sink);
    g_byte_array_set_size(bytes, 0);
}

static void
feed_stream(const uint8_t *data, size_t size, gboolean mended)
{
    Seen seen = {FALSE, FALSE};
    const DvReaderSink sink = seen_sink(&seen);
    DvVendor vendor;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    guint piece = size > 0 ? (data[0] & 63) + 1u : 1;
    dv_vendor_reset(&vendor);
    for (size_t at = 1; at < size; at++) {
        guint8 item = data[at];
        if (item == 0xfd && at + 1 < size)
            item = data[++at];
        else if (item >= 0xfe) {
            push_all(&vendor, bytes, mended, piece, &sink);
            if (item == 0xff)
                dv_vendor_idle(&vendor, &sink);
            else
                dv_vendor_lost(&vendor, &sink);
            g_assert_false(vendor.zone.started);
            continue;
        }
        g_byte_array_append(bytes, &item, 1);
    }
    push_all(&vendor, bytes, mended, piece, &sink);
    g_assert_cmpuint(vendor.length, <, DV_VENDOR_MAX_PACKET);
}

static guint8
take(const uint8_t **data, size_t *size)
{
    if (*size == 0)
        return 0;
    (*size)--;
    return *(*data)++;
}

static void
feed_descriptors(const uint8_t *data, size_t size)
{
    DvUsbShape shape = {0};
    DvVendorPlaces places;
    g_autoptr(GError) error = NULL;
    while (size > 0 && shape.interface_count < DV_USB_MAX_INTERFACES) {
        DvUsbInterface *interface = &shape.interfaces[shape.interface_count++];
        interface->class_code = take(&data, &size);
        interface->alternate = take(&data, &size);
        interface->endpoint_count = take(&data, &size) % (DV_USB_MAX_ENDPOINTS + 1);
        for (guint i = 0; i < interface->endpoint_count; i++) {
            interface->endpoints[i].address = take(&data, &size);
            interface->endpoints[i].pipe = (DvUsbPipe)(take(&data, &size) & 3);
        }
    }
    if (dv_vendor_find(&shape, &places, &error))
        g_assert_true((places.in_endpoint & 0x80) != 0 && (places.out_endpoint & 0x80) == 0);
    else
        g_assert_nonnull(error);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] <= 1)
        feed_stream(data + 1, size - 1, data[0] == 1);
    else
        feed_descriptors(data + 1, size - 1);
    return 0;
}
