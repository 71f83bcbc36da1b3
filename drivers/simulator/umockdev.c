// SPDX-License-Identifier: Apache-2.0
#include "umockdev_private.h"
#include <darvaza/error.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct {
    DvSimTransport transport; /* first */
    UMockdevTestbed *testbed;
} Umockdev;

static UMockdevTestbed *
testbed_of(DvSimTransport *transport)
{
    return ((Umockdev *)transport)->testbed;
}

/* ---- on umockdev's thread */

static gboolean
on_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer data)
{
    DvSimLink *link = data;
    (void)handler;
    dv_sim_usbfs_request(link, client);
    dv_sim_bus_lock(link->device->bus);
    dv_sim_device_advance(link->device);
    dv_sim_bus_unlock(link->device->bus);
    return TRUE;
}

/* The process closed the node or died: its requests end with it. */
static void
on_vanished(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer data)
{
    DvSimLink *link = data;
    (void)handler;
    dv_sim_urb_drop_all(link, client);
    if (link->claimer == client)
        dv_sim_usbfs_unclaim(link);
}

/* ---- the kernel's events: umockdev aborts when one does not fit into a program's socket, and a
 * program that is stopped or busy has room for ten */

static gboolean
listener_has_room(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct pollfd listener = {.fd = socket(AF_UNIX, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0),
                              .events = POLLOUT};
    gboolean room = TRUE; /* a socket that nobody has open any more takes everything */
    if (listener.fd < 0)
        return FALSE;
    g_strlcpy(address.sun_path, path, sizeof address.sun_path);
    if (connect(listener.fd, (struct sockaddr *)&address, sizeof address) == 0)
        room = poll(&listener, 1, 0) == 1 && (listener.revents & POLLOUT) != 0;
    close(listener.fd);
    return room;
}

static gboolean
host_listens(UMockdevTestbed *testbed)
{
    g_autofree char *root = umockdev_testbed_get_root_dir(testbed);
    g_autoptr(GDir) directory = g_dir_open(root, 0, NULL);
    const char *name;
    gboolean room = TRUE;
    while (directory != NULL && room && (name = g_dir_read_name(directory)) != NULL) {
        g_autofree char *path = g_build_filename(root, name, NULL);
        if (g_str_has_prefix(name, "event"))
            room = listener_has_room(path);
    }
    return room;
}

static gboolean
expect_listeners(UMockdevTestbed *testbed, GError **error)
{
    if (host_listens(testbed))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE,
                "simulator: the program has not read the last ten events yet");
    return FALSE;
}

/* ---- slots */

static char *
describe(const DvSimDevice *device)
{
    const DvSimLink *link = device->link;
    const DvSimModel *model = device->model;
    const guint8 *d = model->device_descriptor;
    guint vid = d[8] | (guint)d[9] << 8, pid = d[10] | (guint)d[11] << 8;
    GString *text = g_string_new(NULL);
    g_string_append_printf(
        text,
        "P: %s\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DRIVER=usb\n"
        "E: BUSNUM=001\nE: DEVNUM=%03u\nE: DEVNAME=%s\nE: PRODUCT=%x/%x/100\n"
        "E: ID_VENDOR_ID=%04x\nE: ID_MODEL_ID=%04x\nA: busnum=1\\n\nA: devnum=%u\\n\n"
        "A: bConfigurationValue=%u\\n\nA: speed=%d\\n\nA: idVendor=%04x\\n\nA: idProduct=%04x\\n\n"
        "H: descriptors=",
        link->syspath, device->number, link->node, vid, pid, vid, pid, device->number,
        model->configuration,
        model->speed == DV_SIM_HIGH_SPEED ? DV_SIM_HIGH_SPEED : DV_SIM_FULL_SPEED, vid, pid);
    for (guint i = 0; i < DV_SIM_DEVICE_DESCRIPTOR_SIZE; i++)
        g_string_append_printf(text, "%02x", d[i]);
    for (gsize i = 0; i < model->config_length; i++)
        g_string_append_printf(text, "%02x", model->config[i]);
    g_string_append_c(text, '\n');
    return g_string_free(text, FALSE);
}

/* Where the node is for us, who do not see it as the program does. */
static char *
real_path(UMockdevTestbed *testbed, const DvSimLink *link)
{
    g_autofree char *root = umockdev_testbed_get_root_dir(testbed);
    return g_build_filename(root, link->node, NULL);
}

static gboolean
attach(DvSimTransport *transport, DvSimDevice *device, GError **error)
{
    UMockdevTestbed *testbed = testbed_of(transport);
    g_autoptr(GError) trouble = NULL;
    DvSimLink *link = g_new0(DvSimLink, 1);
    link->device = device;
    link->node = g_strdup_printf("/dev/bus/usb/001/%03u", device->number);
    link->syspath = g_strdup_printf("/devices/pci0000:00/0000:00:14.0/usb1/%s", device->port);
    link->gate.fd = -1;
    g_queue_init(&link->done);
    device->link = link;
    link->handler = umockdev_ioctl_base_new();
    g_signal_connect(link->handler, "handle-ioctl", G_CALLBACK(on_ioctl), link);
    g_signal_connect(link->handler, "client-vanished", G_CALLBACK(on_vanished), link);
    g_autofree char *description = describe(device);
    g_autofree char *path = real_path(testbed, link);
    g_autofree char *folder = g_path_get_dirname(path);
    /* The node is ours from the start: adding the device sends the kernel's event, and what the
     * program opens then must not be a plain file, which is always ready. */
    g_mkdir_with_parents(folder, 0755);
    if (!expect_listeners(testbed, error) || !dv_sim_gate_init(&link->gate, path, error))
        return FALSE;
    if (!umockdev_testbed_attach_ioctl(testbed, link->node, link->handler, &trouble) ||
        !umockdev_testbed_add_from_string(testbed, description, &trouble)) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "simulator: attaching a device at %s: %s",
                    device->port, trouble->message);
        return FALSE;
    }
    dv_sim_bus_lock(device->bus); /* requests may have come already */
    dv_sim_device_advance(device);
    dv_sim_bus_unlock(device->bus);
    return TRUE;
}

static gboolean
detach(DvSimTransport *transport, DvSimDevice *device)
{
    UMockdevTestbed *testbed = testbed_of(transport);
    DvSimLink *link = device->link;
    if (!host_listens(testbed))
        return FALSE;
    g_autofree char *path = g_strconcat("/sys", link->syspath, NULL);
    umockdev_testbed_uevent(testbed, path, "remove");
    umockdev_testbed_remove_device(testbed, path);
    g_autofree char *node = real_path(testbed, link);
    g_unlink(node);
    umockdev_testbed_detach_ioctl(testbed, link->node, NULL);
    dv_sim_bus_lock(device->bus);
    dv_sim_gate_clear(&link->gate); /* open for ever: libusb has its own end */
    dv_sim_bus_unlock(device->bus);
    return TRUE;
}

static void
completed(DvSimTransport *transport, DvSimDevice *device, DvSimUrb *urb)
{
    (void)transport;
    dv_sim_urb_completed(device->link, urb);
}

static void
settled(DvSimTransport *transport, DvSimDevice *device)
{
    DvSimLink *link = device->link;
    (void)transport;
    dv_sim_gate_set(&link->gate, device->gone || !g_queue_is_empty(&link->done));
}

static gboolean
announce(DvSimTransport *transport, DvSimDevice *device, GError **error)
{
    const DvSimLink *link = device->link;
    g_autofree char *path = g_strconcat("/sys", link->syspath, NULL);
    if (!expect_listeners(testbed_of(transport), error))
        return FALSE;
    umockdev_testbed_uevent(testbed_of(transport), path, "add");
    return TRUE;
}

static gboolean
permit(DvSimTransport *transport, DvSimDevice *device, gboolean permitted, GError **error)
{
    g_autofree char *path = real_path(testbed_of(transport), device->link);
    if (g_chmod(path, permitted ? 0600 : 0) == 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_IO, "simulator: changing the mode of %s: %s", path,
                g_strerror(errno));
    return FALSE;
}

static void
stop(DvSimTransport *transport)
{
    g_clear_object(&((Umockdev *)transport)->testbed); /* ends its thread */
}

static void
forget(DvSimTransport *transport, DvSimDevice *device)
{
    DvSimLink *link = device->link;
    (void)transport;
    g_signal_handlers_disconnect_by_data(link->handler, link);
    g_object_unref(link->handler);
    dv_sim_urb_clear(link);
    dv_sim_usbfs_unclaim(link);
    dv_sim_gate_clear(&link->gate);
    g_free(link->node);
    g_free(link->syspath);
    g_free(link);
}

static void
transport_free(DvSimTransport *transport)
{
    g_free(transport);
}

DvSimTransport *
dv_sim_umockdev_new(void)
{
    Umockdev *umockdev = g_new0(Umockdev, 1);
    umockdev->transport = (DvSimTransport){
        .attach = attach,
        .detach = detach,
        .completed = completed,
        .settled = settled,
        .announce = announce,
        .permit = permit,
        .stop = stop,
        .forget = forget,
        .free = transport_free,
    };
    umockdev->testbed = umockdev_testbed_new();
    return &umockdev->transport;
}
