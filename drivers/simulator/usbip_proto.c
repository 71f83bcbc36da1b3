// SPDX-License-Identifier: Apache-2.0
#include "usbip_proto.h"
#include <string.h>

enum { VERSION = 0x0111, REQUEST_HEAD = 8, IMPORT_REQUEST = 40, HEAD = 48, PACKET = 16 };
enum { ASK_IMPORT = 0x8003, ASK_LIST = 0x8005, GIVE_IMPORT = 0x0003, GIVE_LIST = 0x0005 };
enum { SUBMIT = 1, UNLINK = 2, SUBMITTED = 3, UNLINKED = 4 };
enum { OK = 0, NOT_AVAILABLE = 1, FULL_SPEED = 2, HIGH_SPEED = 3 };
#define NO_PACKETS 0xffffffffu

static guint32
get16(const guint8 *bytes)
{
    return (guint32)bytes[0] << 8 | bytes[1];
}

static guint32
get32(const guint8 *bytes)
{
    return get16(bytes) << 16 | get16(bytes + 2);
}

static void
put8(GByteArray *out, guint8 value)
{
    g_byte_array_append(out, &value, 1);
}

static void
put16(GByteArray *out, guint32 value)
{
    put8(out, (guint8)(value >> 8 & 0xff));
    put8(out, (guint8)(value & 0xff));
}

static void
put32(GByteArray *out, guint32 value)
{
    put16(out, value >> 16);
    put16(out, value & 0xffff);
}

static void
put_zeros(GByteArray *out, guint count)
{
    g_byte_array_set_size(out, out->len + count);
    memset(out->data + out->len - count, 0, count);
}

static void
put_text(GByteArray *out, const char *text, guint size)
{
    guint length = (guint)MIN(strlen(text), size - 1);
    g_byte_array_append(out, (const guint8 *)text, length);
    put_zeros(out, size - length);
}

/* ---- before a device is attached */

gssize
dv_usbip_parse_request(const guint8 *bytes, gsize length, DvUsbipRequest *request)
{
    memset(request, 0, sizeof *request);
    if (length < REQUEST_HEAD)
        return 0;
    guint32 code = get16(bytes + 2);
    if (get16(bytes) != VERSION || (code != ASK_LIST && code != ASK_IMPORT))
        return -1;
    request->wish = code == ASK_LIST ? DV_USBIP_LIST : DV_USBIP_IMPORT;
    if (code == ASK_LIST)
        return REQUEST_HEAD;
    if (length < IMPORT_REQUEST)
        return 0;
    for (guint i = 0; i + 1 < DV_USBIP_BUSID; i++)
        request->busid[i] = (char)bytes[REQUEST_HEAD + i];
    return IMPORT_REQUEST;
}

static void
put_head(GByteArray *out, guint32 code, guint32 status)
{
    put16(out, VERSION);
    put16(out, code);
    put32(out, status);
}

static void
put_device(GByteArray *out, const DvUsbipDevice *device)
{
    const guint8 *d = device->device;
    g_autofree char *path =
        g_strdup_printf("/sys/devices/pci0000:00/0000:00:14.0/usb1/%s", device->busid);
    put_text(out, path, 256);
    put_text(out, device->busid, DV_USBIP_BUSID);
    put32(out, 1);
    put32(out, device->number);
    put32(out, device->high_speed ? HIGH_SPEED : FULL_SPEED);
    put16(out, (guint32)d[9] << 8 | d[8]);
    put16(out, (guint32)d[11] << 8 | d[10]);
    put16(out, (guint32)d[13] << 8 | d[12]);
    g_byte_array_append(out, d + 4, 3);
    put8(out, device->configuration);
    put8(out, d[17]);
    put8(out, device->interface_count);
}

void
dv_usbip_put_list(GByteArray *out, guint count)
{
    put_head(out, GIVE_LIST, OK);
    put32(out, count);
}

void
dv_usbip_put_listed(GByteArray *out, const DvUsbipDevice *device, const guint8 (*interfaces)[3])
{
    put_device(out, device);
    for (guint i = 0; i < device->interface_count; i++) {
        g_byte_array_append(out, interfaces[i], 3);
        put8(out, 0);
    }
}

void
dv_usbip_put_import(GByteArray *out, const DvUsbipDevice *device)
{
    put_head(out, GIVE_IMPORT, device != NULL ? OK : NOT_AVAILABLE);
    if (device != NULL)
        put_device(out, device);
}

/* ---- while it is */

void
dv_usbip_packet(const DvUsbipCommand *command, guint i, gsize *offset, gsize *length)
{
    *offset = get32(command->packets + (gsize)i * PACKET);
    *length = get32(command->packets + (gsize)i * PACKET + 4);
}

static gboolean
packets_fit(const DvUsbipCommand *command)
{
    for (guint i = 0; i < command->packet_count; i++) {
        gsize offset, length;
        dv_usbip_packet(command, i, &offset, &length);
        if (length > command->length || offset > command->length - length)
            return FALSE;
    }
    return TRUE;
}

static gssize
parse_submit(const guint8 *bytes, gsize length, gboolean in, DvUsbipCommand *command)
{
    guint32 size = get32(bytes + 24), packets = get32(bytes + 32);
    if (packets == NO_PACKETS)
        packets = 0;
    if (size > DV_USBIP_MAX_TRANSFER || packets > DV_USBIP_MAX_PACKETS)
        return -1;
    gsize data = in ? 0 : size;
    gsize whole = HEAD + data + (gsize)packets * PACKET;
    if (length < whole)
        return 0;
    command->length = size;
    command->packet_count = packets;
    command->data = data > 0 ? bytes + HEAD : NULL;
    command->packets = bytes + HEAD + data;
    for (guint i = 0; i < sizeof command->setup; i++)
        command->setup[i] = bytes[40 + i];
    return packets_fit(command) ? (gssize)whole : -1;
}

gssize
dv_usbip_parse_command(const guint8 *bytes, gsize length, DvUsbipCommand *command)
{
    memset(command, 0, sizeof *command);
    if (length < HEAD)
        return 0;
    guint32 code = get32(bytes), direction = get32(bytes + 12), endpoint = get32(bytes + 16);
    command->sequence = get32(bytes + 4);
    if (code == UNLINK) {
        command->kind = DV_USBIP_UNLINK;
        command->unlinked = get32(bytes + 20);
        return HEAD;
    }
    if (code != SUBMIT || direction > 1 || endpoint > 15)
        return -1;
    command->kind = DV_USBIP_SUBMIT;
    command->endpoint = (guint8)(endpoint | direction << 7);
    return parse_submit(bytes, length, direction == 1, command);
}

void
dv_usbip_put_answer(GByteArray *out, const DvUsbipAnswer *answer)
{
    put32(out, SUBMITTED);
    put32(out, answer->sequence);
    put_zeros(out, 12);
    put32(out, (guint32)answer->status);
    put32(out, (guint32)answer->actual);
    put32(out, 0);
    put32(out, answer->packet_count);
    put32(out, answer->error_count);
    put_zeros(out, 8);
}

void
dv_usbip_put_packet(GByteArray *out, gsize offset, gsize length, gsize actual, int status)
{
    put32(out, (guint32)offset);
    put32(out, (guint32)length);
    put32(out, (guint32)actual);
    put32(out, (guint32)status);
}

void
dv_usbip_put_unlinked(GByteArray *out, guint32 sequence, int status)
{
    put32(out, UNLINKED);
    put32(out, sequence);
    put_zeros(out, 12);
    put32(out, (guint32)status);
    put_zeros(out, 24);
}
