// SPDX-License-Identifier: Apache-2.0
/*
 * darvaza simulate attach: takes a device of a simulator's USB/IP server and gives it to this
 * machine's own kernel, as "usbip attach" does where that is installed.
 */
#include "simulate_attach.h"
#include <darvaza/error.h>
#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_SERVER "127.0.0.1"
#define DEFAULT_PORT 3240
#define VHCI "/sys/devices/platform/vhci_hcd.0"
#define PATIENCE_S 10
enum { BUSID = 32, REQUEST = 8 + BUSID, HEAD = 8, DEVICE = 312 };
enum { AT_BUS = 288, AT_NUMBER = 292, AT_SPEED = 296 };

typedef struct {
    const char *busid, *server, *vhci;
} Wish;

static guint32
get32(const guint8 *bytes)
{
    return (guint32)bytes[0] << 24 | (guint32)bytes[1] << 16 | (guint32)bytes[2] << 8 | bytes[3];
}

/* The first free port of the kernel's virtual host controller that takes devices without
 * SuperSpeed: a line "hs PORT 004 ..." of its status. */
static gboolean
find_free_port(const char *vhci, guint *port, GError **error)
{
    g_autofree char *path = g_build_filename(vhci, "status", NULL), *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL)) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                    "this kernel has no virtual host controller (modprobe vhci-hcd)");
        return FALSE;
    }
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (guint i = 0; lines[i] != NULL; i++) {
        guint state = 0;
        if (sscanf(lines[i], "hs %u %u", port, &state) == 2 && state == 4)
            return TRUE;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                "all ports of the virtual host controller are taken");
    return FALSE;
}

/* Asks for the device; afterwards the connection carries nothing but its requests. */
static gboolean
import(GSocketConnection *connection, const char *busid, guint8 device[DEVICE], GError **error)
{
    guint8 request[REQUEST] = {0x01, 0x11, 0x80, 0x03}, head[HEAD];
    GInputStream *in = g_io_stream_get_input_stream(G_IO_STREAM(connection));
    GOutputStream *out = g_io_stream_get_output_stream(G_IO_STREAM(connection));
    gsize got = 0;
    g_strlcpy((char *)request + HEAD, busid, BUSID);
    if (!g_output_stream_write_all(out, request, sizeof request, NULL, NULL, error) ||
        !g_input_stream_read_all(in, head, sizeof head, &got, NULL, error))
        return FALSE;
    if (got != sizeof head || get32(head) != 0x01110003) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "what answered speaks no USB/IP 1.1.1");
        return FALSE;
    }
    if (get32(head + 4) != 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                    "nothing is plugged in at %s, or it is attached already", busid);
        return FALSE;
    }
    if (!g_input_stream_read_all(in, device, DEVICE, &got, NULL, error))
        return FALSE;
    if (got == DEVICE)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_IO, "the simulator hung up");
    return FALSE;
}

/* The kernel takes the connection over; it stays open when this program ends. */
static gboolean
hand_over(const Wish *wish, guint port, GSocketConnection *connection, const guint8 *device,
          GError **error)
{
    g_autofree char *path = g_build_filename(wish->vhci, "attach", NULL);
    g_autofree char *line = g_strdup_printf(
        "%u %d %u %u", port, g_socket_get_fd(g_socket_connection_get_socket(connection)),
        get32(device + AT_BUS) << 16 | get32(device + AT_NUMBER), get32(device + AT_SPEED));
    int file = open(path, O_WRONLY | O_CLOEXEC);
    gboolean ok = file >= 0 && write(file, line, strlen(line)) == (gssize)strlen(line);
    if (!ok)
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "giving the device to the kernel at %s: %s", path,
                    g_strerror(errno));
    if (file >= 0)
        close(file);
    return ok;
}

static gboolean
attach(const Wish *wish, guint *port, GError **error)
{
    guint8 device[DEVICE];
    g_autoptr(GSocketClient) client = g_socket_client_new();
    if (!find_free_port(wish->vhci, port, error))
        return FALSE;
    g_socket_client_set_timeout(client, PATIENCE_S);
    g_autoptr(GSocketConnection) connection =
        g_socket_client_connect_to_host(client, wish->server, DEFAULT_PORT, NULL, error);
    if (connection == NULL || !import(connection, wish->busid, device, error))
        return FALSE;
    /* The kernel's threads wait as long as it takes. */
    g_socket_set_timeout(g_socket_connection_get_socket(connection), 0);
    g_socket_set_blocking(g_socket_connection_get_socket(connection), TRUE);
    return hand_over(wish, *port, connection, device, error);
}

gboolean
dv_simulate_attach(int argc, char **argv)
{
    Wish wish = {"1-1", DEFAULT_SERVER, VHCI};
    g_autoptr(GError) error = NULL;
    guint port = 0;
    for (int i = 1; i < argc; i++) {
        if (g_str_has_prefix(argv[i], "port="))
            wish.busid = argv[i] + strlen("port=");
        else if (g_str_has_prefix(argv[i], "usbip="))
            wish.server = argv[i] + strlen("usbip=");
        else if (g_str_has_prefix(argv[i], "vhci="))
            wish.vhci = argv[i] + strlen("vhci=");
        else {
            fprintf(stderr, "darvaza simulate: attach has no %s\n", argv[i]);
            return FALSE;
        }
    }
    if (!attach(&wish, &port, &error)) {
        fprintf(stderr, "darvaza simulate: attaching %s of %s: %s\n", wish.busid, wish.server,
                error->message);
        return FALSE;
    }
    printf("ok %u\n", port);
    return TRUE;
}
