// SPDX-License-Identifier: Apache-2.0
#include "umockdev_private.h"
#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <string.h>

typedef struct {
    DvSimUrb urb; /* first */
    DvSimLink *link;
    /* Queues are per open descriptor. NULL once it is no more: a program that is killed within a
     * request goes without client-vanished, and another client may later stand at its address. */
    UMockdevIoctlClient *client;
    UMockdevIoctlData *data;   /* struct usbdevfs_urb of the client, owned */
    UMockdevIoctlData *buffer; /* OUT and control: the client's bytes, owned */
    guint8 *bytes;             /* IN: ours until they are reaped, owned */
} Request;

static struct usbdevfs_urb *
usbfs_of(const Request *request)
{
    return (struct usbdevfs_urb *)(void *)request->data->data;
}

static void on_client_finalized(gpointer data, GObject *client);

static void
request_free(gpointer data)
{
    Request *request = data;
    if (request->client != NULL)
        g_object_weak_unref(G_OBJECT(request->client), on_client_finalized, request);
    g_clear_object(&request->buffer);
    g_object_unref(request->data);
    g_free(request->urb.packets);
    g_free(request->bytes);
    g_free(request);
}

/* Out of whichever queue it is in. */
static void
take_out(DvSimLink *link, Request *request)
{
    dv_sim_bus_lock(link->device->bus);
    dv_sim_device_drop(link->device, &request->urb);
    g_queue_remove(&link->done, request);
    dv_sim_device_advance(link->device);
    dv_sim_bus_unlock(link->device->bus);
}

static void
on_client_finalized(gpointer data, GObject *client)
{
    Request *request = data;
    (void)client;
    request->client = NULL;
    take_out(request->link, request);
    request_free(request);
}

static Request *
find_of(GQueue *queue, const UMockdevIoctlClient *client, gulong address)
{
    for (GList *at = queue->head; at != NULL; at = at->next) {
        Request *request = at->data;
        if (request->client == client && (address == 0 || request->data->client_addr == address))
            return request;
    }
    return NULL;
}

void
dv_sim_urb_drop_all(DvSimLink *link, const UMockdevIoctlClient *client)
{
    Request *request;
    do {
        dv_sim_bus_lock(link->device->bus);
        request = find_of(&link->device->urbs, client, 0);
        if (request == NULL)
            request = find_of(&link->done, client, 0);
        dv_sim_bus_unlock(link->device->bus);
        if (request != NULL) {
            take_out(link, request);
            request_free(request);
        }
    } while (request != NULL);
}

void
dv_sim_urb_clear(DvSimLink *link)
{
    g_queue_clear_full(&link->device->urbs, request_free);
    g_queue_clear_full(&link->done, request_free);
}

/* ---- submitting */

/* The client's URB. Memory is fetched once and kept by its place in the argument, but an
 * isochronous URB says only within how long it is: then all is fetched anew. */
static UMockdevIoctlData *
fetch_urb(UMockdevIoctlClient *client)
{
    UMockdevIoctlData *argument = umockdev_ioctl_client_get_arg(client);
    gulong address = 0;
    memcpy(&address, argument->data, sizeof address);
    UMockdevIoctlData *data =
        umockdev_ioctl_data_resolve(argument, 0, sizeof(struct usbdevfs_urb), NULL);
    const struct usbdevfs_urb *x = data != NULL ? (const void *)data->data : NULL;
    if (x == NULL || x->type != USBDEVFS_URB_TYPE_ISO)
        return data;
    int count = x->number_of_packets;
    g_clear_object(&data);
    if (count < 1 || count > DV_SIM_MAX_ISO_PACKETS || !umockdev_ioctl_data_reload(argument, NULL))
        return NULL;
    memcpy(argument->data, &address, sizeof address);
    return umockdev_ioctl_data_resolve(
        argument, 0,
        sizeof(struct usbdevfs_urb) + (gsize)count * sizeof(struct usbdevfs_iso_packet_desc), NULL);
}

static gboolean
take_packets(Request *request)
{
    const struct usbdevfs_urb *x = usbfs_of(request);
    DvSimUrb *urb = &request->urb;
    urb->packet_count = (guint)x->number_of_packets;
    urb->packets = g_new0(DvSimIsoPacket, urb->packet_count);
    urb->length = 0;
    for (guint i = 0; i < urb->packet_count; i++) {
        urb->packets[i].offset = urb->length;
        urb->packets[i].length = x->iso_frame_desc[i].length;
        if (x->iso_frame_desc[i].length > DV_SIM_MAX_REQUEST)
            return FALSE;
        urb->length += urb->packets[i].length;
    }
    return urb->length <= DV_SIM_MAX_REQUEST;
}

static gboolean
fetch_bytes(Request *request)
{
    DvSimUrb *urb = &request->urb;
    if (urb->length == 0)
        return TRUE;
    request->buffer = umockdev_ioctl_data_resolve(
        request->data, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer), urb->length, NULL);
    if (request->buffer == NULL)
        return FALSE;
    urb->buffer = request->buffer->data;
    return TRUE;
}

static gboolean
take_control(Request *request)
{
    DvSimUrb *urb = &request->urb;
    if (urb->length < sizeof urb->setup || !fetch_bytes(request))
        return FALSE;
    for (guint i = 0; i < sizeof urb->setup; i++)
        urb->setup[i] = urb->buffer[i];
    urb->buffer += sizeof urb->setup;
    urb->length -= sizeof urb->setup;
    return TRUE;
}

/* What the client asks for, as the bus understands it. */
static gboolean
take_up(Request *request)
{
    static const DvSimKind kinds[] = {
        [USBDEVFS_URB_TYPE_ISO] = DV_SIM_ISO,
        [USBDEVFS_URB_TYPE_INTERRUPT] = DV_SIM_INTERRUPT,
        [USBDEVFS_URB_TYPE_CONTROL] = DV_SIM_CONTROL,
        [USBDEVFS_URB_TYPE_BULK] = DV_SIM_BULK,
    };
    const struct usbdevfs_urb *x = usbfs_of(request);
    DvSimUrb *urb = &request->urb;
    if (x->type >= G_N_ELEMENTS(kinds) || x->buffer_length < 0 ||
        x->buffer_length > DV_SIM_MAX_REQUEST)
        return FALSE;
    urb->kind = kinds[x->type];
    urb->endpoint = x->endpoint;
    urb->length = (gsize)x->buffer_length;
    if (urb->kind == DV_SIM_CONTROL)
        return take_control(request);
    if (urb->kind == DV_SIM_ISO && !take_packets(request))
        return FALSE;
    if ((urb->endpoint & 0x80) == 0)
        return fetch_bytes(request);
    /* What comes in is kept here until it is reaped: the client's memory is touched as far as there
     * is something to say, and no sooner. */
    request->bytes = g_malloc(urb->length);
    urb->buffer = request->bytes;
    return TRUE;
}

void
dv_sim_urb_submit(DvSimLink *link, UMockdevIoctlClient *client)
{
    UMockdevIoctlData *data = fetch_urb(client);
    if (data == NULL) {
        dv_sim_usbfs_answer(client, EFAULT);
        return;
    }
    Request *request = g_new0(Request, 1);
    request->data = data;
    request->link = link;
    if (!take_up(request)) {
        request_free(request);
        dv_sim_usbfs_answer(client, EINVAL);
        return;
    }
    request->client = client;
    g_object_weak_ref(G_OBJECT(client), on_client_finalized, request);
    dv_sim_bus_lock(link->device->bus);
    dv_sim_device_submit(link->device, &request->urb);
    dv_sim_bus_unlock(link->device->bus);
    dv_sim_usbfs_answer(client, 0);
}

void
dv_sim_urb_completed(DvSimLink *link, DvSimUrb *urb)
{
    g_queue_push_tail(&link->done, urb);
}

void
dv_sim_urb_discard(DvSimLink *link, UMockdevIoctlClient *client)
{
    gulong address = 0;
    memcpy(&address, umockdev_ioctl_client_get_arg(client)->data, sizeof address);
    dv_sim_bus_lock(link->device->bus);
    Request *request = find_of(&link->device->urbs, client, address);
    if (request != NULL)
        dv_sim_device_cancel(link->device, &request->urb);
    dv_sim_bus_unlock(link->device->bus);
    dv_sim_usbfs_answer(client, request != NULL ? 0 : EINVAL);
}

/* ---- reaping */

/* How far into the buffer there is something. */
static gsize
extent(const DvSimUrb *urb)
{
    gsize end = urb->kind == DV_SIM_ISO ? 0 : urb->actual;
    for (guint i = 0; i < urb->packet_count; i++)
        if (urb->packets[i].actual > 0)
            end = urb->packets[i].offset + urb->packets[i].actual;
    return end;
}

static gboolean
hand_over_bytes(const Request *request)
{
    gsize length = extent(&request->urb);
    if (request->bytes == NULL || length == 0)
        return TRUE;
    g_autoptr(UMockdevIoctlData) buffer = umockdev_ioctl_data_resolve(
        request->data, G_STRUCT_OFFSET(struct usbdevfs_urb, buffer), length, NULL);
    if (buffer == NULL)
        return FALSE;
    memcpy(buffer->data, request->bytes, length);
    return TRUE;
}

static gboolean
hand_over(const Request *request, UMockdevIoctlClient *client)
{
    const DvSimUrb *urb = &request->urb;
    struct usbdevfs_urb *x = usbfs_of(request);
    g_autoptr(UMockdevIoctlData) pointer = umockdev_ioctl_data_resolve(
        umockdev_ioctl_client_get_arg(client), 0, sizeof(gpointer), NULL);
    if (pointer == NULL || !hand_over_bytes(request))
        return FALSE;
    x->status = urb->status;
    x->actual_length = (int)urb->actual;
    x->error_count = 0;
    for (guint i = 0; i < urb->packet_count; i++) {
        x->iso_frame_desc[i].actual_length = (guint)urb->packets[i].actual;
        x->iso_frame_desc[i].status = (guint)urb->packets[i].status;
        x->error_count += urb->packets[i].status != 0;
    }
    umockdev_ioctl_data_set_ptr(pointer, 0, request->data);
    return TRUE;
}

void
dv_sim_urb_reap(DvSimLink *link, UMockdevIoctlClient *client)
{
    dv_sim_bus_lock(link->device->bus);
    gboolean gone = link->device->gone;
    Request *request = find_of(&link->done, client, 0);
    g_queue_remove(&link->done, request);
    dv_sim_bus_unlock(link->device->bus);
    int error = gone ? ENODEV : EAGAIN; /* EFAULT: it was killed while it asked */
    if (request != NULL)
        error = hand_over(request, client) ? 0 : EFAULT;
    dv_sim_usbfs_answer(client, error);
    g_clear_pointer(&request, request_free);
}
