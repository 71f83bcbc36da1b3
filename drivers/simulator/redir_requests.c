// SPDX-License-Identifier: Apache-2.0
#include "redir_private.h"
#include <errno.h>
#include <string.h>

enum { SET_CONFIGURATION = 9, SET_INTERFACE = 11, TO_INTERFACE = 1, DIR_IN = 0x80 };

#define RETRY_MS 8 /* a controller asks an interrupt endpoint again after that */
#define ISO_BACKLOG                                                                                \
    (4 * 1024 * 1024) /* bytes; what a host does not fetch is lost on the bus too                  \
                       */
#define MAX_ISO_REQUESTS 64
/* QEMU keeps packets of 60 ms and throws them away when its guest is slower than the bus, as an
 * emulated one often is. A host that finds none takes that for an empty one: so of empty packets
 * only every fourth is sent, and there is room when the guest is late. */
#define ISO_EMPTY_SHARE 4

typedef struct {
    DvSimUrb urb; /* first */
    guint64 id;
    gboolean stream;
    struct usb_redir_control_packet_header control;
    struct usb_redir_bulk_packet_header bulk;
    struct usb_redir_interrupt_packet_header interrupt;
} Request;

static guint
index_of(guint8 endpoint)
{
    return (endpoint & 15u) | (endpoint & DIR_IN ? 16u : 0);
}

static Request *
request_new(DvSimKind kind, guint8 endpoint, guint64 id, gsize length)
{
    Request *request = g_new0(Request, 1);
    request->urb.kind = kind;
    request->urb.endpoint = endpoint;
    request->urb.length = length;
    request->urb.buffer = length > 0 ? g_malloc0(length) : NULL;
    request->id = id;
    return request;
}

static void
request_free(Request *request)
{
    g_free(request->urb.buffer);
    g_free(request->urb.packets);
    g_free(request);
}

static void
submit(DvSimRedirLine *line, Request *request)
{
    DvSimDevice *device = line->device;
    dv_sim_bus_lock(device->bus);
    dv_sim_device_submit(device, &request->urb);
    dv_sim_bus_unlock(device->bus);
}

/* Takes the data that came with a packet; the library's buffer is freed. */
static void
take_data(DvSimRedirLine *line, Request *request, uint8_t *data, int length)
{
    gsize moved = MIN((gsize)MAX(length, 0), request->urb.length);
    if (data != NULL && moved > 0)
        memcpy(request->urb.buffer, data, moved);
    if (data != NULL)
        usbredirparser_free_packet_data(line->parser, data);
}

static guint8
status_of(const DvSimUrb *urb)
{
    switch (urb->status) {
    case 0:
        return usb_redir_success;
    case -EPIPE:
        return usb_redir_stall;
    case -ENOENT:
        return usb_redir_cancelled;
    default:
        return usb_redir_ioerror;
    }
}

/* ---- answers */

static void
answer_control(DvSimRedirLine *line, Request *request)
{
    DvSimUrb *urb = &request->urb;
    gboolean in = (request->control.endpoint & DIR_IN) != 0;
    request->control.status = status_of(urb);
    request->control.length = (guint16)(in || urb->status != 0 ? urb->actual : urb->length);
    usbredirparser_send_control_packet(line->parser, request->id, &request->control,
                                       in && urb->actual > 0 ? urb->buffer : NULL,
                                       in ? (int)urb->actual : 0);
}

static void
answer_bulk(DvSimRedirLine *line, Request *request)
{
    DvSimUrb *urb = &request->urb;
    gboolean in = (urb->endpoint & DIR_IN) != 0;
    request->bulk.status = status_of(urb);
    request->bulk.length = (guint16)(urb->actual & 0xffff);
    request->bulk.length_high = (guint16)(urb->actual >> 16);
    usbredirparser_send_bulk_packet(line->parser, request->id, &request->bulk,
                                    in && urb->actual > 0 ? urb->buffer : NULL,
                                    in ? (int)urb->actual : 0);
}

static void
answer_interrupt(DvSimRedirLine *line, Request *request)
{
    request->interrupt.status = status_of(&request->urb);
    request->interrupt.length = (guint16)request->urb.actual;
    usbredirparser_send_interrupt_packet(line->parser, request->id, &request->interrupt, NULL, 0);
}

/* ---- streams */

static void
end_stream(DvSimRedirStream *stream)
{
    if (stream->retry != 0)
        g_source_remove(stream->retry);
    stream->retry = 0;
}

static void
ask_again(DvSimRedirStream *stream)
{
    DvSimEndpoint endpoint;
    if (!dv_sim_endpoint(stream->line->device->model, stream->endpoint, &endpoint))
        return;
    Request *request = request_new(DV_SIM_INTERRUPT, stream->endpoint, 0, endpoint.packet_size);
    request->stream = TRUE;
    submit(stream->line, request);
}

static gboolean
on_retry(gpointer data)
{
    DvSimRedirStream *stream = data;
    if (stream->line->device == NULL) {
        stream->retry = 0;
        return G_SOURCE_REMOVE;
    }
    if (dv_sim_is_halted(stream->line->device->model, stream->endpoint))
        return G_SOURCE_CONTINUE;
    stream->retry = 0;
    ask_again(stream);
    return G_SOURCE_REMOVE;
}

/* After a halt or an error the stream stays and pauses: QEMU takes no notice of one that ends until
 * the next packet. A host that asks a halted endpoint again starts it anew and is told again. */
static void
stream_interrupt(DvSimRedirLine *line, DvSimDevice *device, Request *request)
{
    DvSimUrb *urb = &request->urb;
    DvSimRedirStream *stream = &line->streams[index_of(urb->endpoint)];
    struct usb_redir_interrupt_packet_header head = {urb->endpoint, status_of(urb),
                                                     (guint16)urb->actual};
    usbredirparser_send_interrupt_packet(line->parser, stream->next_id++, &head,
                                         urb->actual > 0 ? urb->buffer : NULL, (int)urb->actual);
    if (urb->status == 0) {
        dv_sim_device_submit(device, urb);
        return;
    }
    end_stream(stream);
    stream->retry = g_timeout_add(RETRY_MS, on_retry, stream);
    request_free(request);
}

static void
stream_iso(DvSimRedirLine *line, DvSimDevice *device, Request *request)
{
    DvSimUrb *urb = &request->urb;
    DvSimRedirStream *stream = &line->streams[index_of(urb->endpoint)];
    gboolean lost = usbredirparser_get_bufferered_output_size(line->parser) > ISO_BACKLOG;
    for (guint i = 0; !lost && i < urb->packet_count; i++) {
        DvSimIsoPacket *packet = &urb->packets[i];
        gboolean empty = packet->actual == 0 && packet->status == 0;
        if (empty && ++stream->empty % ISO_EMPTY_SHARE != 0)
            continue;
        struct usb_redir_iso_packet_header head = {
            urb->endpoint, packet->status == 0 ? usb_redir_success : usb_redir_ioerror,
            (guint16)packet->actual};
        usbredirparser_send_iso_packet(line->parser, stream->next_id++, &head,
                                       packet->actual > 0 ? urb->buffer + packet->offset : NULL,
                                       (int)packet->actual);
    }
    dv_sim_device_submit(device, urb);
}

void
dv_sim_redir_completed(DvSimTransport *transport, DvSimDevice *device, DvSimUrb *urb)
{
    Request *request = (Request *)urb;
    DvSimRedirLine *line = device->link;
    (void)transport;
    /* Of a device that is gone nothing is heard. */
    if (urb->status == -ESHUTDOWN || line->parser == NULL) {
        request_free(request);
        return;
    }
    if (request->stream && urb->status != -ENOENT) {
        if (urb->kind == DV_SIM_ISO)
            stream_iso(line, device, request);
        else
            stream_interrupt(line, device, request);
        return;
    }
    if (urb->kind == DV_SIM_CONTROL)
        answer_control(line, request);
    else if (urb->kind == DV_SIM_BULK)
        answer_bulk(line, request);
    else if (!request->stream)
        answer_interrupt(line, request);
    request_free(request);
}

/* only NULL: those of every kind and endpoint. */
static void
drop_requests(DvSimDevice *device, const guint8 *only)
{
    for (GList *at = device->urbs.head; at != NULL;) {
        Request *request = at->data;
        at = at->next;
        if (only != NULL && (!request->stream || request->urb.endpoint != *only))
            continue;
        dv_sim_device_drop(device, &request->urb);
        request_free(request);
    }
}

void
dv_sim_redir_drop_all(DvSimRedirLine *line, DvSimDevice *device)
{
    for (guint i = 0; i < DV_SIM_REDIR_ENDPOINTS; i++)
        end_stream(&line->streams[i]);
    drop_requests(device, NULL);
}

/* ---- what a host is told of a device */

typedef struct {
    struct usb_redir_interface_info_header interfaces;
    struct usb_redir_ep_info_header endpoints;
} Tables;

static void
meet(const guint8 *interface, const guint8 *endpoint, void *data)
{
    Tables *tables = data;
    if (endpoint == NULL) {
        guint i = tables->interfaces.interface_count;
        if (i >= G_N_ELEMENTS(tables->interfaces.interface))
            return;
        tables->interfaces.interface[i] = interface[2];
        tables->interfaces.interface_class[i] = interface[5];
        tables->interfaces.interface_subclass[i] = interface[6];
        tables->interfaces.interface_protocol[i] = interface[7];
        tables->interfaces.interface_count = i + 1;
        return;
    }
    guint i = index_of(endpoint[2]);
    tables->endpoints.type[i] = endpoint[3] & 3;
    tables->endpoints.interval[i] = endpoint[6];
    tables->endpoints.interface[i] = interface[2];
    tables->endpoints.max_packet_size[i] = (guint16)(endpoint[4] | endpoint[5] << 8);
}

static void
send_tables(DvSimRedirLine *line)
{
    Tables tables = {0};
    if (line->device == NULL)
        return;
    memset(tables.endpoints.type, usb_redir_type_invalid, sizeof tables.endpoints.type);
    tables.endpoints.type[0] = tables.endpoints.type[16] = usb_redir_type_control;
    tables.endpoints.max_packet_size[0] = tables.endpoints.max_packet_size[16] = 64;
    dv_sim_walk(line->device->model, meet, &tables);
    usbredirparser_send_interface_info(line->parser, &tables.interfaces);
    usbredirparser_send_ep_info(line->parser, &tables.endpoints);
}

void
dv_sim_redir_announce(DvSimRedirLine *line)
{
    if (!line->greeted || line->device == NULL)
        return;
    const guint8 *d = line->device->model->device_descriptor;
    struct usb_redir_device_connect_header connect = {
        line->device->model->speed == DV_SIM_HIGH_SPEED ? usb_redir_speed_high
                                                        : usb_redir_speed_full,
        d[4],
        d[5],
        d[6],
        (guint16)(d[8] | d[9] << 8),
        (guint16)(d[10] | d[11] << 8),
        (guint16)(d[12] | d[13] << 8)};
    send_tables(line);
    usbredirparser_send_device_connect(line->parser, &connect);
}

/* ---- what a host asks for */

static void
on_hello(void *priv, struct usb_redir_hello_header *hello)
{
    DvSimRedirLine *line = priv;
    (void)hello;
    line->greeted = TRUE;
    dv_sim_redir_announce(line);
}

static void
on_reset(void *priv)
{
    DvSimRedirLine *line = priv;
    if (line->device == NULL)
        return;
    dv_sim_bus_lock(line->device->bus);
    dv_sim_reset(line->device->model);
    dv_sim_bus_unlock(line->device->bus);
}

/* A standard request that has a message of its own. */
static guint8
ask(DvSimRedirLine *line, guint8 recipient, guint8 request, guint8 value, guint8 index)
{
    const guint8 setup[8] = {recipient, request, value, 0, index, 0, 0, 0};
    if (line->device == NULL)
        return usb_redir_ioerror;
    dv_sim_bus_lock(line->device->bus);
    int moved =
        line->device->gone ? -ESHUTDOWN : dv_sim_control(line->device->model, setup, NULL, 0);
    dv_sim_device_advance(line->device);
    dv_sim_bus_unlock(line->device->bus);
    return moved >= 0 ? usb_redir_success : usb_redir_stall;
}

static void
on_configuration(void *priv, uint64_t id, struct usb_redir_set_configuration_header *wish)
{
    DvSimRedirLine *line = priv;
    struct usb_redir_configuration_status_header status = {
        ask(line, 0, SET_CONFIGURATION, wish->configuration, 0), wish->configuration};
    send_tables(line);
    usbredirparser_send_configuration_status(line->parser, id, &status);
}

static void
on_which_configuration(void *priv, uint64_t id)
{
    DvSimRedirLine *line = priv;
    gboolean there = line->device != NULL;
    struct usb_redir_configuration_status_header status = {
        there ? usb_redir_success : usb_redir_ioerror,
        there ? line->device->model->configuration : 0};
    usbredirparser_send_configuration_status(line->parser, id, &status);
}

static void
on_setting(void *priv, uint64_t id, struct usb_redir_set_alt_setting_header *wish)
{
    DvSimRedirLine *line = priv;
    struct usb_redir_alt_setting_status_header status = {
        ask(line, TO_INTERFACE, SET_INTERFACE, wish->alt, wish->interface), wish->interface,
        wish->alt};
    send_tables(line);
    usbredirparser_send_alt_setting_status(line->parser, id, &status);
}

static void
on_which_setting(void *priv, uint64_t id, struct usb_redir_get_alt_setting_header *which)
{
    DvSimRedirLine *line = priv;
    gboolean there = line->device != NULL && which->interface < DV_SIM_MAX_INTERFACES;
    struct usb_redir_alt_setting_status_header status = {
        there ? usb_redir_success : usb_redir_ioerror, which->interface,
        there ? line->device->model->alternate[which->interface] : 0};
    usbredirparser_send_alt_setting_status(line->parser, id, &status);
}

static void
on_control(void *priv, uint64_t id, struct usb_redir_control_packet_header *head, uint8_t *data,
           int length)
{
    DvSimRedirLine *line = priv;
    Request *request = request_new(DV_SIM_CONTROL, 0, id, head->length);
    const guint8 setup[8] = {head->requesttype,
                             head->request,
                             (guint8)(head->value & 0xff),
                             (guint8)(head->value >> 8),
                             (guint8)(head->index & 0xff),
                             (guint8)(head->index >> 8),
                             (guint8)(head->length & 0xff),
                             (guint8)(head->length >> 8)};
    memcpy(request->urb.setup, setup, sizeof setup);
    request->control = *head;
    take_data(line, request, data, length);
    if (line->device != NULL)
        submit(line, request);
    else
        request_free(request);
}

static void
on_bulk(void *priv, uint64_t id, struct usb_redir_bulk_packet_header *head, uint8_t *data,
        int length)
{
    DvSimRedirLine *line = priv;
    gsize asked = head->length | (gsize)head->length_high << 16;
    Request *request = request_new(DV_SIM_BULK, head->endpoint, id, MIN(asked, DV_SIM_MAX_REQUEST));
    request->bulk = *head;
    take_data(line, request, data, length);
    if (line->device != NULL)
        submit(line, request);
    else
        request_free(request);
}

static void
on_interrupt(void *priv, uint64_t id, struct usb_redir_interrupt_packet_header *head, uint8_t *data,
             int length)
{
    DvSimRedirLine *line = priv;
    Request *request = request_new(DV_SIM_INTERRUPT, head->endpoint, id, head->length);
    request->interrupt = *head;
    take_data(line, request, data, length);
    if (line->device != NULL)
        submit(line, request);
    else
        request_free(request);
}

static void
on_cancel(void *priv, uint64_t id)
{
    DvSimRedirLine *line = priv;
    DvSimDevice *device = line->device;
    if (device == NULL)
        return;
    dv_sim_bus_lock(device->bus);
    for (GList *at = device->urbs.head; at != NULL; at = at->next) {
        Request *request = at->data;
        if (request->id == id && !request->stream) {
            dv_sim_device_cancel(device, &request->urb);
            break;
        }
    }
    dv_sim_bus_unlock(device->bus);
}

static void
stop_stream(DvSimRedirLine *line, guint8 address)
{
    end_stream(&line->streams[index_of(address)]);
    if (line->device == NULL)
        return;
    dv_sim_bus_lock(line->device->bus);
    drop_requests(line->device, &address);
    dv_sim_bus_unlock(line->device->bus);
}

/* FALSE when the device has no such endpoint now. */
static gboolean
start_stream(DvSimRedirLine *line, guint8 address, DvSimEndpoint *endpoint)
{
    DvSimRedirStream *stream = &line->streams[index_of(address)];
    stop_stream(line, address);
    if (line->device == NULL || (address & DIR_IN) == 0 ||
        !dv_sim_endpoint(line->device->model, address, endpoint))
        return FALSE;
    stream->line = line;
    stream->endpoint = address;
    stream->next_id = 0;
    return TRUE;
}

static void
on_start_interrupt(void *priv, uint64_t id,
                   struct usb_redir_start_interrupt_receiving_header *start)
{
    DvSimRedirLine *line = priv;
    DvSimEndpoint endpoint;
    gboolean ok = start_stream(line, start->endpoint, &endpoint);
    struct usb_redir_interrupt_receiving_status_header status = {
        ok ? usb_redir_success : usb_redir_inval, start->endpoint};
    usbredirparser_send_interrupt_receiving_status(line->parser, id, &status);
    if (ok)
        ask_again(&line->streams[index_of(start->endpoint)]);
}

static void
on_stop_interrupt(void *priv, uint64_t id, struct usb_redir_stop_interrupt_receiving_header *stop)
{
    DvSimRedirLine *line = priv;
    struct usb_redir_interrupt_receiving_status_header status = {usb_redir_success, stop->endpoint};
    stop_stream(line, stop->endpoint);
    usbredirparser_send_interrupt_receiving_status(line->parser, id, &status);
}

static Request *
iso_request(guint8 address, guint packets, gsize size)
{
    Request *request = request_new(DV_SIM_ISO, address, 0, packets * size);
    request->stream = TRUE;
    request->urb.packet_count = packets;
    request->urb.packets = g_new0(DvSimIsoPacket, packets);
    for (guint i = 0; i < packets; i++) {
        request->urb.packets[i].offset = i * size;
        request->urb.packets[i].length = size;
    }
    return request;
}

static void
on_start_iso(void *priv, uint64_t id, struct usb_redir_start_iso_stream_header *start)
{
    DvSimRedirLine *line = priv;
    DvSimEndpoint endpoint;
    gboolean ok = start_stream(line, start->endpoint, &endpoint) && start->pkts_per_urb > 0;
    struct usb_redir_iso_stream_status_header status = {ok ? usb_redir_success : usb_redir_inval,
                                                        start->endpoint};
    usbredirparser_send_iso_stream_status(line->parser, id, &status);
    for (guint i = 0; ok && i < MIN(start->no_urbs, MAX_ISO_REQUESTS); i++)
        submit(line, iso_request(start->endpoint, start->pkts_per_urb, endpoint.packet_size));
}

static void
on_stop_iso(void *priv, uint64_t id, struct usb_redir_stop_iso_stream_header *stop)
{
    DvSimRedirLine *line = priv;
    struct usb_redir_iso_stream_status_header status = {usb_redir_success, stop->endpoint};
    stop_stream(line, stop->endpoint);
    usbredirparser_send_iso_stream_status(line->parser, id, &status);
}

void
dv_sim_redir_serve(DvSimRedirLine *line)
{
    struct usbredirparser *parser = line->parser;
    parser->hello_func = on_hello;
    parser->reset_func = on_reset;
    parser->set_configuration_func = on_configuration;
    parser->get_configuration_func = on_which_configuration;
    parser->set_alt_setting_func = on_setting;
    parser->get_alt_setting_func = on_which_setting;
    parser->control_packet_func = on_control;
    parser->bulk_packet_func = on_bulk;
    parser->interrupt_packet_func = on_interrupt;
    parser->cancel_data_packet_func = on_cancel;
    parser->start_interrupt_receiving_func = on_start_interrupt;
    parser->stop_interrupt_receiving_func = on_stop_interrupt;
    parser->start_iso_stream_func = on_start_iso;
    parser->stop_iso_stream_func = on_stop_iso;
}
