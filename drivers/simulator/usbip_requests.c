// SPDX-License-Identifier: Apache-2.0
#include "usbip_private.h"
#include <errno.h>
#include <string.h>

/* A kernel keeps a few dozens in flight, and reads; whoever floods the server is not one. */
#define MAX_REQUESTS 1024
#define MAX_ASKED (32 * 1024 * 1024) /* bytes of buffers, and of answers that nobody reads */

typedef struct {
    DvSimUrb urb; /* first */
    guint32 sequence;
    guint8 *bytes; /* owned */
    gsize size;    /* of them */
} Request;

static void
request_free(gpointer data)
{
    Request *request = data;
    g_free(request->bytes);
    g_free(request->urb.packets);
    g_free(request);
}

void
dv_sim_usbip_drop_all(DvSimDevice *device)
{
    g_queue_clear_full(&device->urbs, request_free);
}

/* ---- results */

static void
put_packets(GByteArray *out, const DvSimUrb *urb)
{
    for (guint i = 0; i < urb->packet_count; i++) {
        const DvSimIsoPacket *packet = &urb->packets[i];
        dv_usbip_put_packet(out, packet->offset, packet->length, packet->actual, packet->status);
    }
}

/* Isochronous bytes travel without the gaps between their packets. */
static void
put_bytes(GByteArray *out, const DvSimUrb *urb)
{
    if (urb->kind != DV_SIM_ISO)
        g_byte_array_append(out, urb->buffer, (guint)urb->actual);
    for (guint i = 0; i < urb->packet_count; i++)
        g_byte_array_append(out, urb->buffer + urb->packets[i].offset,
                            (guint)urb->packets[i].actual);
}

void
dv_sim_usbip_completed(DvSimUsbipLine *line, DvSimUrb *urb)
{
    Request *request = (Request *)urb;
    DvUsbipAnswer answer = {.sequence = request->sequence,
                            .status = urb->status,
                            .actual = urb->actual,
                            .packet_count = urb->packet_count};
    gboolean in =
        urb->kind == DV_SIM_CONTROL ? (urb->setup[0] & 0x80) != 0 : (urb->endpoint & 0x80) != 0;
    for (guint i = 0; i < urb->packet_count; i++)
        answer.error_count += urb->packets[i].status != 0;
    if (line != NULL) {
        line->asked -= request->size;
        dv_usbip_put_answer(line->out, &answer);
        if (in)
            put_bytes(line->out, urb);
        put_packets(line->out, urb);
    }
    request_free(request);
}

/* ---- commands */

static DvSimKind
kind_of(const DvSimModel *model, const DvUsbipCommand *command)
{
    static const DvSimKind kinds[4] = {DV_SIM_CONTROL, DV_SIM_ISO, DV_SIM_BULK, DV_SIM_INTERRUPT};
    DvSimEndpoint endpoint;
    if ((command->endpoint & 15) == 0)
        return DV_SIM_CONTROL;
    if (command->packet_count > 0)
        return DV_SIM_ISO;
    return dv_sim_endpoint(model, command->endpoint, &endpoint) ? kinds[endpoint.attributes & 3]
                                                                : DV_SIM_BULK;
}

static Request *
request_new(const DvSimModel *model, const DvUsbipCommand *command)
{
    Request *request = g_new0(Request, 1);
    DvSimUrb *urb = &request->urb;
    request->sequence = command->sequence;
    request->bytes = g_malloc0(MAX(command->length, 1));
    request->size = command->length;
    urb->kind = kind_of(model, command);
    urb->endpoint = urb->kind == DV_SIM_CONTROL ? 0 : command->endpoint;
    memcpy(urb->setup, command->setup, sizeof urb->setup);
    urb->buffer = request->bytes;
    urb->length = command->length;
    if (command->data != NULL)
        memcpy(request->bytes, command->data, command->length);
    if (urb->kind != DV_SIM_ISO)
        return request;
    urb->packet_count = command->packet_count;
    urb->packets = g_new0(DvSimIsoPacket, MAX(urb->packet_count, 1));
    for (guint i = 0; i < urb->packet_count; i++)
        dv_usbip_packet(command, i, &urb->packets[i].offset, &urb->packets[i].length);
    return request;
}

static void
submit(DvSimUsbipLine *line, const DvUsbipCommand *command)
{
    DvSimDevice *device = line->device;
    if (g_queue_get_length(&device->urbs) >= MAX_REQUESTS ||
        line->asked + line->out->len + command->length > MAX_ASKED) {
        const DvUsbipAnswer full = {.sequence = command->sequence, .status = -ENOMEM};
        dv_usbip_put_answer(line->out, &full);
        return;
    }
    line->asked += command->length;
    dv_sim_device_submit(device, &request_new(device->model, command)->urb);
}

static void
unlink_request(DvSimUsbipLine *line, const DvUsbipCommand *command)
{
    DvSimDevice *device = line->device;
    for (GList *at = device->urbs.head; at != NULL; at = at->next) {
        Request *request = at->data;
        if (request->sequence != command->unlinked)
            continue;
        dv_sim_device_drop(device, &request->urb);
        line->asked -= request->size;
        request_free(request);
        dv_usbip_put_unlinked(line->out, command->sequence, -ECONNRESET);
        return;
    }
    dv_usbip_put_unlinked(line->out, command->sequence, 0);
}

void
dv_sim_usbip_obey(DvSimUsbipLine *line, const DvUsbipCommand *command)
{
    DvSimBus *bus = line->device->bus;
    dv_sim_bus_lock(bus);
    if (command->kind == DV_USBIP_SUBMIT)
        submit(line, command);
    else
        unlink_request(line, command);
    dv_sim_bus_unlock(bus);
}
