// SPDX-License-Identifier: Apache-2.0
/*
 * Devices for a Linux kernel over USB/IP: a server on a TCP port of this machine, which the
 * kernel's vhci_hcd takes devices from (usbip attach, darvaza simulate attach). One connection, one
 * device.
 */
#include "usbip_private.h"
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

typedef struct {
    DvSimTransport transport; /* first */
    GSocketService *service;  /* owned */
    guint16 port;
    GPtrArray *devices; /* of DvSimDevice, borrowed: those plugged in */
    GPtrArray *lines;   /* of DvSimUsbipLine, owned: everyone connected */
} Usbip;

/* ---- what is asked before a device is attached */

typedef struct {
    DvUsbipDevice device;
    guint8 interfaces[DV_SIM_MAX_INTERFACES][3];
} Description;

static void
meet_interface(const guint8 *interface, const guint8 *endpoint, void *data)
{
    Description *about = data;
    guint8 at = about->device.interface_count;
    if (endpoint != NULL || at >= DV_SIM_MAX_INTERFACES)
        return;
    memcpy(about->interfaces[at], interface + 5, 3);
    about->device.interface_count++;
}

static Description
describe(const DvSimDevice *device)
{
    const DvSimModel *model = device->model;
    Description about = {.device = {.number = device->number,
                                    .high_speed = model->speed == DV_SIM_HIGH_SPEED,
                                    .device = model->device_descriptor,
                                    .configuration = model->configuration}};
    g_strlcpy(about.device.busid, device->port, sizeof about.device.busid);
    dv_sim_walk(model, meet_interface, &about);
    return about;
}

static DvSimUsbipLine *
line_of(const Usbip *usbip, const DvSimDevice *device)
{
    for (guint i = 0; i < usbip->lines->len; i++) {
        DvSimUsbipLine *line = g_ptr_array_index(usbip->lines, i);
        if (line->device == device)
            return line;
    }
    return NULL;
}

static void
list(const Usbip *usbip, DvSimUsbipLine *line)
{
    guint count = 0;
    for (guint pass = 0; pass < 2; pass++) {
        if (pass == 1)
            dv_usbip_put_list(line->out, count);
        for (guint i = 0; i < usbip->devices->len; i++) {
            const DvSimDevice *device = g_ptr_array_index(usbip->devices, i);
            if (line_of(usbip, device) != NULL)
                continue;
            count++;
            Description about = describe(device);
            if (pass == 1)
                dv_usbip_put_listed(line->out, &about.device, (const guint8(*)[3])about.interfaces);
        }
    }
}

static void
import(const Usbip *usbip, DvSimUsbipLine *line, const char *busid)
{
    for (guint i = 0; i < usbip->devices->len; i++) {
        DvSimDevice *device = g_ptr_array_index(usbip->devices, i);
        if (strcmp(device->port, busid) == 0 && line_of(usbip, device) == NULL && !device->gone)
            line->device = device;
    }
    if (line->device == NULL) {
        dv_usbip_put_import(line->out, NULL);
        return;
    }
    Description about = describe(line->device);
    dv_usbip_put_import(line->out, &about.device);
}

/* ---- one peer */

static void
line_free(gpointer data)
{
    DvSimUsbipLine *line = data;
    if (line->device != NULL) {
        dv_sim_bus_lock(line->device->bus);
        dv_sim_usbip_drop_all(line->device);
        if (!line->device->gone)
            dv_sim_reset(line->device->model);
        dv_sim_bus_unlock(line->device->bus);
    }
    g_source_destroy(line->reads);
    g_source_unref(line->reads);
    if (line->writes != NULL) {
        g_source_destroy(line->writes);
        g_source_unref(line->writes);
    }
    g_io_stream_close(G_IO_STREAM(line->connection), NULL, NULL);
    g_object_unref(line->connection);
    g_byte_array_unref(line->in);
    g_byte_array_unref(line->out);
    g_free(line);
}

static gboolean
on_room(GSocket *socket, GIOCondition condition, gpointer data)
{
    DvSimUsbipLine *line = data;
    (void)socket;
    (void)condition;
    g_clear_pointer(&line->writes, g_source_unref);
    dv_sim_usbip_flush(line);
    return G_SOURCE_REMOVE;
}

void
dv_sim_usbip_flush(DvSimUsbipLine *line)
{
    GSocket *socket = g_socket_connection_get_socket(line->connection);
    g_autoptr(GError) error = NULL;
    while (line->writes == NULL && line->out->len > 0) {
        gssize sent = g_socket_send_with_blocking(socket, (const char *)line->out->data,
                                                  line->out->len, FALSE, NULL, &error);
        if (sent > 0)
            g_byte_array_remove_range(line->out, 0, (guint)sent);
        else if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
            line->writes = g_socket_create_source(socket, G_IO_OUT, NULL);
            g_source_set_callback(line->writes, (GSourceFunc)(void (*)(void))on_room, line, NULL);
            g_source_attach(line->writes, NULL);
        } else { /* on_bytes meets the end */
            g_byte_array_set_size(line->out, 0);
            g_socket_shutdown(socket, TRUE, TRUE, NULL);
        }
    }
}

/* One request or command of those that have come: bytes, 0 when it is not whole, -1 when it is
 * nothing. */
static gssize
take_one(DvSimUsbipLine *line)
{
    DvUsbipRequest request;
    DvUsbipCommand command;
    gssize used;
    if (line->device != NULL) {
        used = dv_usbip_parse_command(line->in->data, line->in->len, &command);
        if (used > 0)
            dv_sim_usbip_obey(line, &command);
        return used;
    }
    used = dv_usbip_parse_request(line->in->data, line->in->len, &request);
    if (used > 0 && request.wish == DV_USBIP_LIST)
        list(line->owner, line);
    else if (used > 0)
        import(line->owner, line, request.busid);
    return used;
}

static gboolean
take_all(DvSimUsbipLine *line)
{
    gssize used;
    while ((used = take_one(line)) > 0)
        g_byte_array_remove_range(line->in, 0, (guint)used);
    return used == 0 && line->in->len <= DV_USBIP_MAX_COMMAND;
}

static gboolean
on_bytes(GSocket *socket, GIOCondition condition, gpointer data)
{
    DvSimUsbipLine *line = data;
    Usbip *usbip = line->owner;
    char bytes[65536];
    g_autoptr(GError) error = NULL;
    (void)condition;
    gssize got = g_socket_receive_with_blocking(socket, bytes, sizeof bytes, FALSE, NULL, &error);
    if (got < 0 && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        return G_SOURCE_CONTINUE;
    if (got > 0)
        g_byte_array_append(line->in, (const guint8 *)bytes, (guint)got);
    if (got <= 0 || !take_all(line)) {
        g_ptr_array_remove(usbip->lines, line);
        return G_SOURCE_REMOVE;
    }
    dv_sim_usbip_flush(line);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_incoming(GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
    Usbip *usbip = data;
    GSocket *socket = g_socket_connection_get_socket(connection);
    (void)service;
    (void)source;
    DvSimUsbipLine *line = g_new0(DvSimUsbipLine, 1);
    g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
    line->owner = usbip;
    line->connection = g_object_ref(connection);
    line->in = g_byte_array_new();
    line->out = g_byte_array_new();
    line->reads = g_socket_create_source(socket, G_IO_IN, NULL);
    g_source_set_callback(line->reads, (GSourceFunc)(void (*)(void))on_bytes, line, NULL);
    g_source_attach(line->reads, NULL);
    g_ptr_array_add(usbip->lines, line);
    return TRUE;
}

/* ---- slots */

static gboolean
attach(DvSimTransport *transport, DvSimDevice *device, GError **error)
{
    (void)error;
    /* The kernel that has it is a real one: nothing is typed in its place. */
    if (device->model->kernel != NULL)
        device->model->kernel(device->model, FALSE);
    g_ptr_array_add(((Usbip *)transport)->devices, device);
    return TRUE;
}

static gboolean
detach(DvSimTransport *transport, DvSimDevice *device)
{
    Usbip *usbip = (Usbip *)transport;
    DvSimUsbipLine *line = line_of(usbip, device);
    g_ptr_array_remove(usbip->devices, device);
    if (line != NULL)
        g_ptr_array_remove(usbip->lines, line); /* the kernel takes the end for an unplugging */
    return TRUE;
}

static void
completed(DvSimTransport *transport, DvSimDevice *device, DvSimUrb *urb)
{
    dv_sim_usbip_completed(line_of((Usbip *)transport, device), urb);
}

static void
settled(DvSimTransport *transport, DvSimDevice *device)
{
    DvSimUsbipLine *line = line_of((Usbip *)transport, device);
    if (line != NULL)
        dv_sim_usbip_flush(line);
}

static void
stop(DvSimTransport *transport)
{
    Usbip *usbip = (Usbip *)transport;
    g_socket_service_stop(usbip->service);
    g_socket_listener_close(G_SOCKET_LISTENER(usbip->service));
    g_ptr_array_set_size(usbip->lines, 0);
}

static void
forget(DvSimTransport *transport, DvSimDevice *device)
{
    g_ptr_array_remove(((Usbip *)transport)->devices, device);
}

static void
usbip_free(DvSimTransport *transport)
{
    Usbip *usbip = (Usbip *)transport;
    g_object_unref(usbip->service);
    g_ptr_array_unref(usbip->devices);
    g_ptr_array_unref(usbip->lines);
    g_free(usbip);
}

guint16
dv_sim_usbip_port(const DvSimTransport *transport)
{
    return ((const Usbip *)transport)->port;
}

static gboolean
listen_on(Usbip *usbip, guint16 port, GError **error)
{
    g_autoptr(GInetAddress) here = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
    g_autoptr(GSocketAddress) address = g_inet_socket_address_new(here, port), got = NULL;
    g_autoptr(GError) trouble = NULL;
    if (!g_socket_listener_add_address(G_SOCKET_LISTENER(usbip->service), address,
                                       G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &got,
                                       &trouble)) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "simulator: USB/IP on port %u: %s", port,
                    trouble->message);
        return FALSE;
    }
    usbip->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(got));
    g_signal_connect(usbip->service, "incoming", G_CALLBACK(on_incoming), usbip);
    dv_log_info("USB/IP on port %u of this machine", usbip->port);
    return TRUE;
}

DvSimTransport *
dv_sim_usbip_new(guint16 port, GError **error)
{
    Usbip *usbip = g_new0(Usbip, 1);
    usbip->transport = (DvSimTransport){
        .attach = attach,
        .detach = detach,
        .completed = completed,
        .settled = settled,
        .stop = stop,
        .forget = forget,
        .free = usbip_free,
    };
    usbip->service = g_socket_service_new();
    usbip->devices = g_ptr_array_new();
    usbip->lines = g_ptr_array_new_with_free_func(line_free);
    if (listen_on(usbip, port, error))
        return &usbip->transport;
    usbip_free(&usbip->transport);
    return NULL;
}
