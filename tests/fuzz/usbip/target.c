// SPDX-License-Identifier: Apache-2.0
/* What a peer may send to the simulator's USB/IP server: the first byte chooses before or after a
 * device was attached, the rest is a stream. */
#include "usbip_proto.h"
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static gssize
take_request(const guint8 *bytes, gsize length, GByteArray *out)
{
    static const guint8 descriptor[18] = {18, 1, 0, 2};
    static const guint8 interfaces[2][3] = {{2, 2, 1}, {10, 0, 0}};
    DvUsbipRequest request;
    gssize used = dv_usbip_parse_request(bytes, length, &request);
    if (used <= 0)
        return used;
    DvUsbipDevice device = {.number = 2, .device = descriptor, .interface_count = 2};
    g_strlcpy(device.busid, request.busid, sizeof device.busid);
    g_assert_true(memchr(request.busid, 0, sizeof request.busid) != NULL);
    if (request.wish == DV_USBIP_LIST) {
        dv_usbip_put_list(out, 1);
        dv_usbip_put_listed(out, &device, interfaces);
    } else
        dv_usbip_put_import(out, *request.busid != '\0' ? &device : NULL);
    return used;
}

static gssize
take_command(const guint8 *bytes, gsize length, GByteArray *out)
{
    DvUsbipCommand command;
    gssize used = dv_usbip_parse_command(bytes, length, &command);
    if (used <= 0)
        return used;
    if (command.kind == DV_USBIP_UNLINK) {
        dv_usbip_put_unlinked(out, command.sequence, -104);
        return used;
    }
    const DvUsbipAnswer answer = {.sequence = command.sequence,
                                  .packet_count = command.packet_count};
    dv_usbip_put_answer(out, &answer);
    if (command.data != NULL) {
        g_assert_true(command.data + command.length <= bytes + used);
        g_byte_array_append(out, command.data, (guint)command.length);
    }
    for (guint i = 0; i < command.packet_count; i++) {
        gsize offset, part;
        dv_usbip_packet(&command, i, &offset, &part);
        g_assert_true(offset + part <= command.length);
        dv_usbip_put_packet(out, offset, part, 0, 0);
    }
    return used;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    for (size_t at = 1; at < size;) {
        gssize used = data[0] & 1 ? take_command(data + at, size - at, out)
                                  : take_request(data + at, size - at, out);
        if (used <= 0)
            break;
        g_assert_true((gsize)used <= size - at);
        at += (size_t)used;
    }
    return 0;
}
