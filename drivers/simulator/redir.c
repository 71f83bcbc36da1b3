// SPDX-License-Identifier: Apache-2.0
/*
 * Devices for a QEMU guest: one unix socket for each port of the guest's host controller, which
 * QEMU connects to (-chardev socket,id=p1,path=FOLDER/1-1.sock,reconnect=1 -device
 * usb-redir,chardev=p1,port=1). The protocol is usbredir 0.7's; the library reads and writes it.
 */
#include "redir_private.h"
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define LINES 9

typedef struct {
    DvSimTransport transport; /* first */
    DvSimRedirLine lines[LINES];
} Redir;

/* ---- the socket */

static int
read_socket(void *priv, uint8_t *data, int count)
{
    DvSimRedirLine *line = priv;
    g_autoptr(GError) error = NULL;
    GSocket *socket = g_socket_connection_get_socket(line->connection);
    gssize got = g_socket_receive(socket, (char *)data, (gsize)count, NULL, &error);
    if (got > 0)
        return (int)got;
    return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ? 0 : -1;
}

static int
write_socket(void *priv, uint8_t *data, int count)
{
    DvSimRedirLine *line = priv;
    g_autoptr(GError) error = NULL;
    GSocket *socket = g_socket_connection_get_socket(line->connection);
    gssize sent = g_socket_send(socket, (char *)data, (gsize)count, NULL, &error);
    if (sent >= 0)
        return (int)sent;
    return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) ? 0 : -1;
}

static void
log_parser(void *priv, int level, const char *message)
{
    const DvSimRedirLine *line = priv;
    if (level <= usbredirparser_warning)
        dv_log_warning("%s: %s", line->path, message);
}

static void
end_source(GSource **source)
{
    if (*source == NULL)
        return;
    g_source_destroy(*source);
    g_clear_pointer(source, g_source_unref);
}

static void
hang_up(DvSimRedirLine *line)
{
    if (line->connection == NULL)
        return;
    if (line->device != NULL) {
        dv_sim_bus_lock(line->device->bus);
        dv_sim_redir_drop_all(line, line->device);
        dv_sim_reset(line->device->model);
        dv_sim_bus_unlock(line->device->bus);
    }
    end_source(&line->reads);
    end_source(&line->writes);
    g_io_stream_close(G_IO_STREAM(line->connection), NULL, NULL);
    g_clear_object(&line->connection);
    usbredirparser_destroy(line->parser);
    line->parser = NULL;
    line->greeted = FALSE;
}

static gboolean
on_room(GSocket *socket, GIOCondition condition, gpointer data)
{
    DvSimRedirLine *line = data;
    (void)socket;
    (void)condition;
    end_source(&line->writes);
    dv_sim_redir_flush(line);
    return G_SOURCE_REMOVE;
}

void
dv_sim_redir_flush(DvSimRedirLine *line)
{
    if (line->parser == NULL || line->writes != NULL)
        return;
    GSocket *socket = g_socket_connection_get_socket(line->connection);
    if (usbredirparser_do_write(line->parser) != 0) {
        g_socket_shutdown(socket, TRUE, TRUE, NULL); /* on_bytes meets the end */
        return;
    }
    if (usbredirparser_has_data_to_write(line->parser) == 0)
        return;
    line->writes = g_socket_create_source(socket, G_IO_OUT, NULL);
    g_source_set_callback(line->writes, (GSourceFunc)(void (*)(void))on_room, line, NULL);
    g_source_attach(line->writes, NULL);
}

static gboolean
on_bytes(GSocket *socket, GIOCondition condition, gpointer data)
{
    DvSimRedirLine *line = data;
    (void)socket;
    (void)condition;
    if (usbredirparser_do_read(line->parser) == usbredirparser_read_io_error) {
        hang_up(line);
        return G_SOURCE_REMOVE;
    }
    dv_sim_redir_flush(line);
    return G_SOURCE_CONTINUE;
}

static gboolean
on_incoming(GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
    static const int able[] = {usb_redir_cap_connect_device_version,
                               usb_redir_cap_ep_info_max_packet_size, usb_redir_cap_64bits_ids,
                               usb_redir_cap_32bits_bulk_length};
    DvSimRedirLine *line = data;
    guint32 caps[USB_REDIR_CAPS_SIZE] = {0};
    GSocket *socket = g_socket_connection_get_socket(connection);
    (void)service;
    (void)source;
    hang_up(line);
    line->connection = g_object_ref(connection);
    g_socket_set_blocking(socket, FALSE);
    line->parser = usbredirparser_create();
    line->parser->priv = line;
    line->parser->log_func = log_parser;
    line->parser->read_func = read_socket;
    line->parser->write_func = write_socket;
    dv_sim_redir_serve(line);
    for (guint i = 0; i < G_N_ELEMENTS(able); i++)
        usbredirparser_caps_set_cap(caps, able[i]);
    usbredirparser_init(line->parser, "darvaza-simulator", caps, USB_REDIR_CAPS_SIZE,
                        usbredirparser_fl_usb_host);
    line->reads = g_socket_create_source(socket, G_IO_IN, NULL);
    g_source_set_callback(line->reads, (GSourceFunc)(void (*)(void))on_bytes, line, NULL);
    g_source_attach(line->reads, NULL);
    dv_sim_redir_flush(line);
    return TRUE;
}

/* ---- the transport's slots */

static gboolean
attach(DvSimTransport *transport, DvSimDevice *device, GError **error)
{
    Redir *redir = (Redir *)transport;
    DvSimRedirLine *line = &redir->lines[device->port[2] - '1'];
    (void)error;
    device->link = line;
    line->device = device;
    /* There is a kernel in the guest: what it makes of a keyboard is its own matter. */
    if (device->model->kernel != NULL)
        device->model->kernel(device->model, FALSE);
    dv_sim_redir_announce(line);
    dv_sim_redir_flush(line);
    return TRUE;
}

/* Without an answer to what was asked; after a silence the whole line goes, as when the program
 * that serves the device dies. The host then connects anew. */
static gboolean
detach(DvSimTransport *transport, DvSimDevice *device)
{
    DvSimRedirLine *line = device->link;
    (void)transport;
    dv_sim_bus_lock(device->bus);
    dv_sim_redir_drop_all(line, device);
    dv_sim_bus_unlock(device->bus);
    line->device = NULL;
    if (device->shape == DV_SIM_SILENT)
        hang_up(line);
    else if (line->greeted)
        usbredirparser_send_device_disconnect(line->parser);
    dv_sim_redir_flush(line);
    return TRUE;
}

static void
settled(DvSimTransport *transport, DvSimDevice *device)
{
    (void)transport;
    dv_sim_redir_flush(device->link);
}

static void
forget(DvSimTransport *transport, DvSimDevice *device)
{
    DvSimRedirLine *line = device->link;
    (void)transport;
    if (line == NULL || line->device != device)
        return;
    dv_sim_redir_drop_all(line, device);
    line->device = NULL;
}

static void
free_transport(DvSimTransport *transport)
{
    Redir *redir = (Redir *)transport;
    for (guint i = 0; i < LINES; i++) {
        DvSimRedirLine *line = &redir->lines[i];
        hang_up(line);
        if (line->service != NULL) {
            g_socket_service_stop(line->service);
            g_socket_listener_close(G_SOCKET_LISTENER(line->service));
            g_object_unref(line->service);
            g_unlink(line->path);
        }
        g_free(line->path);
    }
    g_free(redir);
}

static gboolean
listen_at(DvSimRedirLine *line, GError **error)
{
    g_autoptr(GSocketAddress) address = g_unix_socket_address_new(line->path);
    g_autoptr(GError) trouble = NULL;
    line->service = g_socket_service_new();
    g_unlink(line->path);
    mode_t before = umask(0177);
    gboolean bound = g_socket_listener_add_address(G_SOCKET_LISTENER(line->service), address,
                                                   G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT,
                                                   NULL, NULL, &trouble);
    umask(before);
    if (!bound) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "simulator: socket %s for a guest's port: %s",
                    line->path, trouble->message);
        return FALSE;
    }
    g_signal_connect(line->service, "incoming", G_CALLBACK(on_incoming), line);
    return TRUE;
}

DvSimTransport *
dv_sim_redir_new(const char *folder, GError **error)
{
    Redir *redir = g_new0(Redir, 1);
    gboolean ok = TRUE;
    redir->transport = (DvSimTransport){.attach = attach,
                                        .detach = detach,
                                        .completed = dv_sim_redir_completed,
                                        .settled = settled,
                                        .forget = forget,
                                        .free = free_transport};
    for (guint i = 0; ok && i < LINES; i++) {
        g_autofree char *name = g_strdup_printf("1-%u.sock", i + 1);
        redir->lines[i].path = g_build_filename(folder, name, NULL);
        ok = listen_at(&redir->lines[i], error);
    }
    if (ok)
        return &redir->transport;
    free_transport(&redir->transport);
    return NULL;
}
