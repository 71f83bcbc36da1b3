// SPDX-License-Identifier: Apache-2.0
#include "transport.h"
#include <darvaza/clock.h>
#include <errno.h>

/* A host that comes late with its next isochronous request has lost what lay between. */
#define ISO_LATE_US 20000

static void
end_urb(DvSimDevice *device, GList *at, int status, gsize actual)
{
    DvSimUrb *urb = at->data;
    DvSimTransport *transport = dv_sim_bus_transport(device->bus);
    g_queue_delete_link(&device->urbs, at);
    urb->status = status;
    urb->actual = actual;
    transport->completed(transport, device, urb);
}

static int
take_out(DvSimDevice *device, const DvSimUrb *urb)
{
    if (device->model->out != NULL && urb->length > 0)
        device->model->out(device->model, urb->endpoint, urb->buffer, urb->length);
    return (int)urb->length;
}

/* ---- isochronous: a packet for every interval, whether the device has something or not */

static gsize
fill_packet(DvSimDevice *device, const DvSimUrb *urb, DvSimIsoPacket *packet, gsize room)
{
    DvSimModel *model = device->model;
    packet->status = 0;
    packet->actual = 0;
    if (room == 0 || model->iso == NULL) /* not in this alternate setting */
        return 0;
    int got =
        model->iso(model, urb->endpoint, urb->buffer + packet->offset, MIN(packet->length, room));
    if (device->fail_reads > 0) { /* the bytes are lost */
        device->fail_reads--;
        packet->status = -EPROTO;
        return 0;
    }
    packet->actual = (gsize)MAX(got, 0);
    return packet->actual;
}

static int
fill_packets(DvSimDevice *device, DvSimUrb *urb)
{
    DvSimEndpoint endpoint;
    gsize moved = 0, room = 0;
    if (dv_sim_endpoint(device->model, urb->endpoint, &endpoint))
        room = endpoint.packet_size;
    for (guint i = 0; i < urb->packet_count; i++)
        moved += fill_packet(device, urb, &urb->packets[i], room);
    return (int)moved;
}

/* The requests of an endpoint follow each other without a gap while the host keeps up. */
static void
give_time(DvSimDevice *device, DvSimUrb *urb)
{
    gint64 now = dv_clock_mono_us();
    guint number = urb->endpoint & 15;
    gint64 from = device->iso_over_us[number];
    DvSimEndpoint endpoint;
    if (!dv_sim_endpoint(device->model, urb->endpoint, &endpoint))
        endpoint.interval_us = 1000;
    if (from < now - ISO_LATE_US)
        from = now;
    urb->over_us = from + (gint64)urb->packet_count * endpoint.interval_us;
    device->iso_over_us[number] = urb->over_us;
}

static int
work_on_iso(DvSimDevice *device, DvSimUrb *urb)
{
    if ((urb->endpoint & 0x80) == 0)
        return -EPROTO;
    if (urb->over_us == 0)
        give_time(device, urb);
    return urb->over_us > dv_clock_mono_us() ? -EAGAIN : fill_packets(device, urb);
}

/* Bytes moved, -EAGAIN when it has to wait, or how it failed. */
static int
work_on(DvSimDevice *device, DvSimUrb *urb)
{
    if (device->gone)
        return -ESHUTDOWN;
    /* What the host sends may have an answer, for a request that was passed by already. */
    device->again |= urb->kind == DV_SIM_CONTROL || (urb->endpoint & 0x80) == 0;
    if (urb->kind == DV_SIM_CONTROL)
        return dv_sim_control(device->model, urb->setup, urb->buffer, urb->length);
    if (urb->kind == DV_SIM_ISO)
        return work_on_iso(device, urb);
    if ((urb->endpoint & 0x80) == 0)
        return take_out(device, urb);
    if (device->fail_reads > 0) {
        device->fail_reads--;
        return -EPROTO;
    }
    return dv_sim_in(device->model, urb->endpoint, urb->buffer, urb->length);
}

/* When something may happen without the host: a main loop's ready time. */
static void
set_wake(DvSimDevice *device)
{
    gint64 at = G_MAXINT64;
    const DvSimModel *model = device->model;
    for (GList *link = device->urbs.head; link != NULL; link = link->next) {
        const DvSimUrb *urb = link->data;
        if (urb->over_us != 0)
            at = MIN(at, urb->over_us);
        else if (urb->endpoint == model->data_in && model->due != NULL)
            at = MIN(at, model->due(model));
    }
    if (device->again)
        at = 0;
    g_source_set_ready_time(device->wake, at == G_MAXINT64 ? -1 : at);
}

/* Walks no further than the last one at the start: a transport may submit anew whatever ends. */
static void
walk(DvSimDevice *device)
{
    guint32 waiting = 0; /* endpoints whose first request has to wait, so the later ones do too */
    guint left = g_queue_get_length(&device->urbs);
    for (GList *at = device->urbs.head; left > 0; left--) {
        GList *next = left > 1 ? at->next : NULL;
        const DvSimUrb *urb = at->data;
        guint32 bit = 1u << ((urb->endpoint & 15) | (urb->endpoint & 0x80 ? 16 : 0));
        int moved = (waiting & bit) != 0 ? -EAGAIN : work_on(device, at->data);
        if (moved == -EAGAIN)
            waiting |= bit;
        else
            end_urb(device, at, MIN(moved, 0), (gsize)MAX(moved, 0));
        at = next;
    }
}

void
dv_sim_device_advance(DvSimDevice *device)
{
    DvSimTransport *transport = dv_sim_bus_transport(device->bus);
    if (device->advancing)
        return;
    device->advancing = TRUE;
    device->again = FALSE;
    walk(device);
    device->advancing = FALSE;
    set_wake(device);
    if (transport->settled != NULL)
        transport->settled(transport, device);
}

void
dv_sim_device_submit(DvSimDevice *device, DvSimUrb *urb)
{
    urb->status = 0;
    urb->actual = 0;
    urb->over_us = 0;
    g_queue_push_tail(&device->urbs, urb);
    device->again |= device->advancing;
    dv_sim_device_advance(device);
}

void
dv_sim_device_cancel(DvSimDevice *device, DvSimUrb *urb)
{
    GList *at = g_queue_find(&device->urbs, urb);
    if (at == NULL)
        return;
    end_urb(device, at, -ENOENT, 0);
    dv_sim_device_advance(device);
}

void
dv_sim_device_drop(DvSimDevice *device, DvSimUrb *urb)
{
    g_queue_remove(&device->urbs, urb);
}
