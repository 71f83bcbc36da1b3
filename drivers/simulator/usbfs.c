// SPDX-License-Identifier: Apache-2.0
#include "usbfs.h"
#include "gate.h"
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <linux/usbdevice_fs.h>
#include <pthread.h>
#include <string.h>
#include <sys/ioctl.h>
#include <umockdev.h>

#define MAX_URB_BYTES 65536
#define ERRORS_MS 60
#define SILENT_MS 300

typedef struct {
    /* Queues are per open descriptor. Weak: a program that is killed within a request goes without
     * client-vanished, and another client may later stand at its address. */
    GWeakRef client;
    UMockdevIoctlData *data;   /* struct usbdevfs_urb of the client, owned */
    UMockdevIoctlData *buffer; /* owned; NULL for none */
    gboolean done;
} Urb;

typedef struct {
    DvSimBus *bus;
    DvSimModel *model;
    char *port, *node, *syspath;
    UMockdevIoctlBase *handler;
    DvSimGate gate;
    GQueue urbs; /* of Urb, in order of submission */
    gboolean gone;
    gboolean leaving; /* an unplug that takes its time is under way */
    gboolean held;    /* by another program */
    guint fail_reads;
    guint leave_source;
} Device;

struct DvSimBus {
    UMockdevTestbed *testbed;
    GHashTable *devices; /* port -> Device */
    GPtrArray *departed; /* of Device: umockdev's thread may still answer for them */
    guint next_number;
    pthread_mutex_t lock;
};

static struct usbdevfs_urb *
urb_of(const Urb *urb)
{
    return (struct usbdevfs_urb *)(void *)urb->data->data;
}

static void
urb_free(gpointer data)
{
    Urb *urb = data;
    g_weak_ref_clear(&urb->client);
    g_clear_object(&urb->buffer);
    g_object_unref(urb->data);
    g_free(urb);
}

/* client NULL: nobody's any more. */
static gboolean
is_of(Urb *urb, const UMockdevIoctlClient *client)
{
    g_autoptr(GObject) owner = g_weak_ref_get(&urb->client);
    return owner == (const void *)client;
}

static void
drop_urbs_of(GQueue *urbs, const UMockdevIoctlClient *client)
{
    for (GList *at = urbs->head; at != NULL;) {
        GList *next = at->next;
        if (is_of(at->data, client)) {
            urb_free(at->data);
            g_queue_delete_link(urbs, at);
        }
        at = next;
    }
}

static void
end_urb(Urb *urb, int status, int length)
{
    urb_of(urb)->status = status;
    urb_of(urb)->actual_length = length;
    urb->done = TRUE;
}

/* ---- what the host controller does: completes URBs in order as the device has something */

static int
take_out(Device *device, guint8 endpoint, const guint8 *bytes, gsize length)
{
    if (device->model->out != NULL && bytes != NULL)
        device->model->out(device->model, endpoint, bytes, length);
    return (int)length;
}

static void
work_on(Device *device, Urb *urb)
{
    struct usbdevfs_urb *x = urb_of(urb);
    guint8 *bytes = urb->buffer != NULL ? urb->buffer->data : NULL;
    gsize length = x->buffer_length > 0 ? (gsize)x->buffer_length : 0;
    int moved = -EAGAIN;
    if (x->type == USBDEVFS_URB_TYPE_CONTROL)
        moved = bytes != NULL && length >= 8
                    ? dv_sim_control(device->model, bytes, bytes + 8, length - 8)
                    : -EPROTO;
    else if ((x->endpoint & 0x80) == 0)
        moved = take_out(device, x->endpoint, bytes, length);
    else if (device->fail_reads > 0) {
        device->fail_reads--;
        moved = -EPROTO;
    } else if (bytes != NULL)
        moved = dv_sim_in(device->model, x->endpoint, bytes, length);
    if (moved != -EAGAIN)
        end_urb(urb, MIN(moved, 0), MAX(moved, 0));
}

static void
advance(Device *device)
{
    guint32 waiting = 0; /* endpoints whose first URB has to wait, so the later ones do too */
    gboolean any_done = FALSE;
    drop_urbs_of(&device->urbs, NULL);
    for (GList *at = device->urbs.head; at != NULL; at = at->next) {
        Urb *urb = at->data;
        guint8 endpoint = urb_of(urb)->endpoint;
        guint32 bit = 1u << ((endpoint & 15) | (endpoint & 0x80 ? 16 : 0));
        if (!urb->done && device->gone)
            end_urb(urb, -ESHUTDOWN, 0);
        if (!urb->done && (waiting & bit) == 0)
            work_on(device, urb);
        if (!urb->done)
            waiting |= bit;
        any_done |= urb->done;
    }
    dv_sim_gate_set(&device->gate, any_done || device->gone);
}

/* ---- usbfs requests, on umockdev's thread */

static void
complete(UMockdevIoctlClient *client, int error)
{
    umockdev_ioctl_client_complete(client, error == 0 ? 0 : -1, error);
}

static void
submit_urb(Device *device, UMockdevIoctlClient *client)
{
    UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
    g_autoptr(UMockdevIoctlData) data =
        umockdev_ioctl_data_resolve(argument, 0, sizeof(struct usbdevfs_urb), NULL);
    const struct usbdevfs_urb *x = data != NULL ? (const void *)data->data : NULL;
    if (x == NULL || x->type == USBDEVFS_URB_TYPE_ISO || x->buffer_length < 0 ||
        x->buffer_length > MAX_URB_BYTES) {
        complete(client, EINVAL);
        return;
    }
    Urb *urb = g_new0(Urb, 1);
    g_weak_ref_init(&urb->client, client);
    if (x->buffer_length > 0)
        urb->buffer = umockdev_ioctl_data_resolve(
            data, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer), (gsize)x->buffer_length, NULL);
    urb->data = g_steal_pointer(&data);
    g_queue_push_tail(&device->urbs, urb);
    complete(client, 0);
}

static void
discard_urb(Device *device, UMockdevIoctlClient *client)
{
    gulong address = 0;
    memcpy(&address, umockdev_ioctl_client_get_arg(client)->data, sizeof address);
    for (GList *at = device->urbs.head; at != NULL; at = at->next) {
        Urb *urb = at->data;
        if (is_of(urb, client) && urb->data->client_addr == address && !urb->done) {
            end_urb(urb, -ENOENT, 0);
            complete(client, 0);
            return;
        }
    }
    complete(client, EINVAL);
}

static void
reap_urb(Device *device, UMockdevIoctlClient *client)
{
    for (GList *at = device->urbs.head; at != NULL; at = at->next) {
        Urb *urb = at->data;
        if (!is_of(urb, client) || !urb->done)
            continue;
        g_autoptr(UMockdevIoctlData) pointer = umockdev_ioctl_data_resolve(
            umockdev_ioctl_client_get_arg(client), 0, sizeof(gpointer), NULL);
        if (pointer == NULL) { /* it was killed while it asked */
            complete(client, EFAULT);
            return;
        }
        umockdev_ioctl_data_set_ptr(pointer, 0, urb->data);
        g_queue_delete_link(&device->urbs, at);
        complete(client, 0);
        urb_free(urb);
        return;
    }
    complete(client, device->gone ? ENODEV : EAGAIN);
}

static void
get_capabilities(UMockdevIoctlClient *client)
{
    guint32 capabilities = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION |
                           USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_BULK_SCATTER_GATHER |
                           USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
    g_autoptr(UMockdevIoctlData) data = umockdev_ioctl_data_resolve(
        umockdev_ioctl_client_get_arg(client), 0, sizeof capabilities, NULL);
    if (data != NULL)
        umockdev_ioctl_data_update(data, 0, (guint8 *)&capabilities, sizeof capabilities);
    complete(client, data != NULL ? 0 : EFAULT);
}

static void
clear_halt(Device *device, UMockdevIoctlClient *client)
{
    g_autoptr(UMockdevIoctlData) data =
        umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof(int), NULL);
    if (data != NULL)
        dv_sim_halt(device->model, data->data[0], FALSE);
    complete(client, data != NULL ? 0 : EFAULT);
}

static void
set_kernel(Device *device, gboolean bound)
{
    if (device->model->kernel != NULL)
        device->model->kernel(device->model, bound);
}

static void
claim(Device *device, UMockdevIoctlClient *client)
{
    if (!device->held)
        set_kernel(device, FALSE);
    complete(client, device->held ? EBUSY : 0);
}

/* Detaching the kernel's driver (there is none, but for keyboards, whose claim has done it), and
 * attaching it again. */
static void
kernel_request(Device *device, UMockdevIoctlClient *client)
{
    g_autoptr(UMockdevIoctlData) data = umockdev_ioctl_data_resolve(
        umockdev_ioctl_client_get_arg(client), 0, sizeof(struct usbdevfs_ioctl), NULL);
    const struct usbdevfs_ioctl *request = data != NULL ? (const void *)data->data : NULL;
    if (request != NULL && request->ioctl_code == (int)USBDEVFS_CONNECT)
        set_kernel(device, TRUE);
    complete(client, ENODATA);
}

static gboolean
answer(Device *device, UMockdevIoctlClient *client, gulong request)
{
    switch (request) {
    case USBDEVFS_REAPURB:
    case USBDEVFS_REAPURBNDELAY:
        reap_urb(device, client);
        return TRUE;
    case USBDEVFS_DISCARDURB:
        discard_urb(device, client);
        return TRUE;
    default:
        break;
    }
    if (device->gone) {
        complete(client, ENODEV);
        return TRUE;
    }
    switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
        get_capabilities(client);
        return TRUE;
    case USBDEVFS_SUBMITURB:
        submit_urb(device, client);
        return TRUE;
    case USBDEVFS_CLEAR_HALT:
        clear_halt(device, client);
        return TRUE;
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_DISCONNECT_CLAIM:
        claim(device, client);
        return TRUE;
    case USBDEVFS_RELEASEINTERFACE:
    case USBDEVFS_SETINTERFACE:
    case USBDEVFS_SETCONFIGURATION:
    case USBDEVFS_RESETEP:
    case USBDEVFS_RESET:
        complete(client, 0);
        return TRUE;
    case USBDEVFS_IOCTL:
        kernel_request(device, client);
        return TRUE;
    case USBDEVFS_GETDRIVER:
        complete(client, ENODATA);
        return TRUE;
    default:
        complete(client, ENOTTY);
        return TRUE;
    }
}

static gboolean
on_ioctl(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer data)
{
    Device *device = data;
    gulong request = umockdev_ioctl_client_get_request(client);
    (void)handler;
    pthread_mutex_lock(&device->bus->lock);
    gboolean handled = answer(device, client, request);
    advance(device);
    pthread_mutex_unlock(&device->bus->lock);
    return handled;
}

/* The process closed the node or died: its requests end with it. */
static void
on_vanished(UMockdevIoctlBase *handler, UMockdevIoctlClient *client, gpointer data)
{
    Device *device = data;
    (void)handler;
    pthread_mutex_lock(&device->bus->lock);
    drop_urbs_of(&device->urbs, client);
    advance(device);
    pthread_mutex_unlock(&device->bus->lock);
}

/* ---- plugging */

static void
device_free(gpointer data)
{
    Device *device = data;
    if (device->leave_source != 0)
        g_source_remove(device->leave_source);
    if (device->handler != NULL)
        g_signal_handlers_disconnect_by_data(device->handler, device);
    g_clear_object(&device->handler);
    g_queue_clear_full(&device->urbs, urb_free);
    dv_sim_gate_clear(&device->gate);
    dv_sim_model_free(device->model);
    g_free(device->port);
    g_free(device->node);
    g_free(device->syspath);
    g_free(device);
}

DvSimBus *
dv_sim_bus_new(void)
{
    DvSimBus *bus = g_new0(DvSimBus, 1);
    bus->testbed = umockdev_testbed_new();
    bus->devices = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, device_free);
    bus->departed = g_ptr_array_new_with_free_func(device_free);
    bus->next_number = 2;
    pthread_mutex_init(&bus->lock, NULL);
    return bus;
}

void
dv_sim_bus_free(DvSimBus *bus)
{
    if (bus == NULL)
        return;
    g_object_unref(bus->testbed); /* ends umockdev's thread first */
    g_hash_table_unref(bus->devices);
    g_ptr_array_unref(bus->departed);
    pthread_mutex_destroy(&bus->lock);
    g_free(bus);
}

static char *
describe(const Device *device, guint number)
{
    const guint8 *d = device->model->device_descriptor;
    guint vid = d[8] | (guint)d[9] << 8, pid = d[10] | (guint)d[11] << 8;
    GString *text = g_string_new(NULL);
    g_string_append_printf(
        text,
        "P: %s\nN: bus/usb/001/%03u\nE: SUBSYSTEM=usb\nE: DEVTYPE=usb_device\nE: DRIVER=usb\n"
        "E: BUSNUM=001\nE: DEVNUM=%03u\nE: DEVNAME=%s\nE: PRODUCT=%x/%x/100\n"
        "E: ID_VENDOR_ID=%04x\nE: ID_MODEL_ID=%04x\nA: busnum=1\\n\nA: devnum=%u\\n\n"
        "A: bConfigurationValue=%u\\n\nA: speed=12\\n\nA: idVendor=%04x\\n\nA: idProduct=%04x\\n\n"
        "H: descriptors=",
        device->syspath, number, number, device->node, vid, pid, vid, pid, number,
        device->model->configuration, vid, pid);
    for (guint i = 0; i < DV_SIM_DEVICE_DESCRIPTOR_SIZE; i++)
        g_string_append_printf(text, "%02x", d[i]);
    for (gsize i = 0; i < device->model->config_length; i++)
        g_string_append_printf(text, "%02x", device->model->config[i]);
    g_string_append_c(text, '\n');
    return g_string_free(text, FALSE);
}

static gboolean
attach(DvSimBus *bus, Device *device, guint number, GError **error)
{
    g_autofree char *root = umockdev_testbed_get_root_dir(bus->testbed);
    g_autofree char *path = g_build_filename(root, device->node, NULL);
    g_autofree char *description = describe(device, number);
    g_autoptr(GError) trouble = NULL;
    device->handler = umockdev_ioctl_base_new();
    g_signal_connect(device->handler, "handle-ioctl", G_CALLBACK(on_ioctl), device);
    g_signal_connect(device->handler, "client-vanished", G_CALLBACK(on_vanished), device);
    if (!umockdev_testbed_attach_ioctl(bus->testbed, device->node, device->handler, &trouble) ||
        !umockdev_testbed_add_from_string(bus->testbed, description, &trouble)) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "simulator: attaching a device at %s: %s",
                    device->port, trouble->message);
        return FALSE;
    }
    return dv_sim_gate_init(&device->gate, path, error);
}

gboolean
dv_sim_bus_plug(DvSimBus *bus, const char *port, DvSimModel *model, GError **error)
{
    if (strlen(port) != 3 || !g_str_has_prefix(port, "1-") || port[2] < '1' || port[2] > '9') {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "simulator: port %s is none of 1-1 to 1-9",
                    port);
        dv_sim_model_free(model);
        return FALSE;
    }
    if (dv_sim_bus_is_plugged(bus, port)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "simulator: port %s is taken", port);
        dv_sim_model_free(model);
        return FALSE;
    }
    /* A kernel gives every plugging a new number too, until it wraps. */
    guint number = bus->next_number;
    bus->next_number = number == 127 ? 2 : number + 1;
    Device *device = g_new0(Device, 1);
    device->bus = bus;
    device->model = model;
    device->port = g_strdup(port);
    device->node = g_strdup_printf("/dev/bus/usb/001/%03u", number);
    device->syspath = g_strdup_printf("/devices/pci0000:00/0000:00:14.0/usb1/%s", port);
    device->gate.fd = -1;
    g_queue_init(&device->urbs);
    if (!attach(bus, device, number, error)) {
        device_free(device);
        return FALSE;
    }
    pthread_mutex_lock(&bus->lock);
    g_hash_table_insert(bus->devices, device->port, device);
    advance(device);
    pthread_mutex_unlock(&bus->lock);
    return TRUE;
}

static Device *
find(DvSimBus *bus, const char *port, GError **error)
{
    Device *device = g_hash_table_lookup(bus->devices, port);
    if (device == NULL || device->leaving) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "simulator: nothing is plugged in at %s",
                    port);
        return NULL;
    }
    return device;
}

static void
send_removal(Device *device)
{
    DvSimBus *bus = device->bus;
    g_autofree char *path = g_strconcat("/sys", device->syspath, NULL);
    umockdev_testbed_uevent(bus->testbed, path, "remove");
    umockdev_testbed_remove_device(bus->testbed, path);
    umockdev_testbed_detach_ioctl(bus->testbed, device->node, NULL);
    pthread_mutex_lock(&bus->lock);
    g_hash_table_steal(bus->devices, device->port);
    g_ptr_array_add(bus->departed, device);
    dv_sim_gate_clear(&device->gate); /* open for ever: libusb has its own end */
    pthread_mutex_unlock(&bus->lock);
}

static void
vanish(Device *device)
{
    pthread_mutex_lock(&device->bus->lock);
    device->gone = TRUE;
    advance(device);
    pthread_mutex_unlock(&device->bus->lock);
}

static gboolean
on_leave(gpointer data)
{
    Device *device = data;
    device->leave_source = 0;
    vanish(device);
    send_removal(device);
    return G_SOURCE_REMOVE;
}

gboolean
dv_sim_bus_unplug(DvSimBus *bus, const char *port, DvSimUnplug shape, GError **error)
{
    Device *device = find(bus, port, error);
    if (device == NULL)
        return FALSE;
    device->leaving = TRUE;
    if (shape == DV_SIM_GONE) {
        on_leave(device);
        return TRUE;
    }
    if (shape == DV_SIM_SILENT) {
        vanish(device);
        device->leave_source = g_timeout_add(SILENT_MS, on_leave, device);
        return TRUE;
    }
    pthread_mutex_lock(&bus->lock);
    device->fail_reads = G_MAXUINT;
    advance(device);
    pthread_mutex_unlock(&bus->lock);
    device->leave_source = g_timeout_add(ERRORS_MS, on_leave, device);
    return TRUE;
}

gboolean
dv_sim_bus_announce(DvSimBus *bus, const char *port, GError **error)
{
    Device *device = find(bus, port, error);
    if (device == NULL)
        return FALSE;
    g_autofree char *path = g_strconcat("/sys", device->syspath, NULL);
    umockdev_testbed_uevent(bus->testbed, path, "add");
    return TRUE;
}

gboolean
dv_sim_bus_stall(DvSimBus *bus, const char *port, GError **error)
{
    Device *device = find(bus, port, error);
    if (device == NULL)
        return FALSE;
    pthread_mutex_lock(&bus->lock);
    dv_sim_halt(device->model, device->model->data_in, TRUE);
    advance(device);
    pthread_mutex_unlock(&bus->lock);
    return TRUE;
}

gboolean
dv_sim_bus_fail_reads(DvSimBus *bus, const char *port, guint count, GError **error)
{
    Device *device = find(bus, port, error);
    if (device == NULL)
        return FALSE;
    pthread_mutex_lock(&bus->lock);
    device->fail_reads = count;
    advance(device);
    pthread_mutex_unlock(&bus->lock);
    return TRUE;
}

gboolean
dv_sim_bus_permit(DvSimBus *bus, const char *port, gboolean permitted, GError **error)
{
    Device *device = find(bus, port, error);
    if (device == NULL)
        return FALSE;
    g_autofree char *root = umockdev_testbed_get_root_dir(bus->testbed);
    g_autofree char *path = g_build_filename(root, device->node, NULL);
    if (g_chmod(path, permitted ? 0600 : 0) == 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_IO, "simulator: changing the mode of %s: %s", path,
                g_strerror(errno));
    return FALSE;
}

gboolean
dv_sim_bus_hold(DvSimBus *bus, const char *port, gboolean held, GError **error)
{
    Device *device = find(bus, port, error);
    if (device == NULL)
        return FALSE;
    pthread_mutex_lock(&bus->lock);
    device->held = held;
    pthread_mutex_unlock(&bus->lock);
    return TRUE;
}

gboolean
dv_sim_bus_produce(DvSimBus *bus, const char *port, const guint8 *bytes, gsize length,
                   GError **error)
{
    Device *device = find(bus, port, error);
    if (device == NULL)
        return FALSE;
    pthread_mutex_lock(&bus->lock);
    device->model->produce(device->model, bytes, length);
    advance(device);
    pthread_mutex_unlock(&bus->lock);
    return TRUE;
}

GBytes *
dv_sim_bus_frame(DvSimBus *bus, const char *port, const char *frame, char **rows, GError **error)
{
    Device *device = find(bus, port, error);
    if (device == NULL)
        return NULL;
    pthread_mutex_lock(&bus->lock);
    DvSimModel *model = device->model;
    GByteArray *bytes = model->frame(model, frame != NULL ? frame : model->default_frame, rows);
    pthread_mutex_unlock(&bus->lock);
    if (bytes != NULL)
        return g_byte_array_free_to_bytes(bytes);
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "simulator: the reader at %s has no frame %s",
                port, frame);
    return NULL;
}

guint
dv_sim_bus_typed(DvSimBus *bus, const char *port, GError **error)
{
    Device *device = find(bus, port, error);
    guint typed = 0;
    if (device == NULL)
        return 0;
    pthread_mutex_lock(&bus->lock);
    if (device->model->typed != NULL)
        typed = device->model->typed(device->model);
    pthread_mutex_unlock(&bus->lock);
    return typed;
}

gboolean
dv_sim_bus_types(DvSimBus *bus, const char *port)
{
    Device *device = find(bus, port, NULL);
    if (device == NULL || device->model->types == NULL)
        return FALSE;
    pthread_mutex_lock(&bus->lock);
    gboolean types = device->model->types(device->model);
    pthread_mutex_unlock(&bus->lock);
    return types;
}

void
dv_sim_bus_lift(DvSimBus *bus, const char *port)
{
    Device *device = find(bus, port, NULL);
    if (device == NULL || device->model->lifted == NULL)
        return;
    pthread_mutex_lock(&bus->lock);
    device->model->lifted(device->model);
    pthread_mutex_unlock(&bus->lock);
}

gboolean
dv_sim_bus_is_plugged(DvSimBus *bus, const char *port)
{
    return g_hash_table_contains(bus->devices, port);
}

gboolean
dv_sim_bus_is_listening(DvSimBus *bus, const char *port, gboolean *halted)
{
    Device *device = find(bus, port, NULL);
    gboolean listening = FALSE;
    if (device == NULL)
        return FALSE;
    pthread_mutex_lock(&bus->lock);
    guint8 endpoint = device->model->data_in;
    for (GList *at = device->urbs.head; at != NULL; at = at->next)
        listening |= urb_of(at->data)->endpoint == endpoint;
    listening = listening && device->model->listening(device->model);
    if (halted != NULL)
        *halted = dv_sim_is_halted(device->model, endpoint);
    pthread_mutex_unlock(&bus->lock);
    return listening;
}

char **
dv_sim_bus_ports(DvSimBus *bus)
{
    g_autoptr(GList) keys =
        g_list_sort(g_hash_table_get_keys(bus->devices), (GCompareFunc)(void (*)(void))g_strcmp0);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    for (GList *at = keys; at != NULL; at = at->next)
        g_strv_builder_add(builder, at->data);
    return g_strv_builder_end(builder);
}
