// SPDX-License-Identifier: Apache-2.0
#include "umockdev_private.h"
#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>

void
dv_sim_usbfs_answer(UMockdevIoctlClient *client, int error)
{
    umockdev_ioctl_client_complete(client, error == 0 ? 0 : -1, error);
}

/* The structure that the ioctl points to; NULL when the client was killed within it. */
static UMockdevIoctlData *
fetch(UMockdevIoctlClient *client, gsize size)
{
    return umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, size, NULL);
}

static int
get_capabilities(UMockdevIoctlClient *client)
{
    guint32 capabilities = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_BULK_CONTINUATION |
                           USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_BULK_SCATTER_GATHER |
                           USBDEVFS_CAP_REAP_AFTER_DISCONNECT;
    g_autoptr(UMockdevIoctlData) data = fetch(client, sizeof capabilities);
    if (data == NULL)
        return EFAULT;
    umockdev_ioctl_data_update(data, 0, (guint8 *)&capabilities, sizeof capabilities);
    return 0;
}

static int
clear_halt(DvSimDevice *device, UMockdevIoctlClient *client)
{
    g_autoptr(UMockdevIoctlData) data = fetch(client, sizeof(guint));
    if (data == NULL)
        return EFAULT;
    dv_sim_bus_lock(device->bus);
    dv_sim_clear_halt(device->model, data->data[0]);
    dv_sim_bus_unlock(device->bus);
    return 0;
}

static void
set_kernel(DvSimDevice *device, gboolean bound)
{
    dv_sim_bus_lock(device->bus);
    if (device->model->kernel != NULL)
        device->model->kernel(device->model, bound);
    dv_sim_bus_unlock(device->bus);
}

/* ---- claiming: whoever does has the alternate settings, and leaves 0 behind */

static void
on_claimer_finalized(gpointer data, GObject *client)
{
    DvSimLink *link = data;
    (void)client;
    link->claimer = NULL;
    dv_sim_usbfs_unclaim(link);
}

void
dv_sim_usbfs_unclaim(DvSimLink *link)
{
    DvSimDevice *device = link->device;
    if (link->claimer != NULL)
        g_object_weak_unref(G_OBJECT(link->claimer), on_claimer_finalized, link);
    link->claimer = NULL;
    dv_sim_bus_lock(device->bus);
    for (guint8 i = 0; i < DV_SIM_MAX_INTERFACES; i++)
        dv_sim_release(device->model, i);
    dv_sim_bus_unlock(device->bus);
}

static int
claim(DvSimLink *link, UMockdevIoctlClient *client)
{
    if (link->device->held)
        return EBUSY;
    set_kernel(link->device, FALSE);
    if (link->claimer != client) {
        if (link->claimer != NULL)
            g_object_weak_unref(G_OBJECT(link->claimer), on_claimer_finalized, link);
        link->claimer = client;
        g_object_weak_ref(G_OBJECT(client), on_claimer_finalized, link);
    }
    return 0;
}

static int
release(DvSimDevice *device, UMockdevIoctlClient *client)
{
    g_autoptr(UMockdevIoctlData) data = fetch(client, sizeof(guint));
    if (data == NULL)
        return EFAULT;
    dv_sim_bus_lock(device->bus);
    dv_sim_release(device->model, data->data[0]);
    dv_sim_bus_unlock(device->bus);
    return 0;
}

static int
set_interface(DvSimDevice *device, UMockdevIoctlClient *client)
{
    g_autoptr(UMockdevIoctlData) data = fetch(client, sizeof(struct usbdevfs_setinterface));
    const struct usbdevfs_setinterface *wish = data != NULL ? (const void *)data->data : NULL;
    if (wish == NULL)
        return EFAULT;
    const guint8 setup[8] = {0x01, 11, (guint8)wish->altsetting, 0, (guint8)wish->interface};
    dv_sim_bus_lock(device->bus);
    int moved = dv_sim_control(device->model, setup, NULL, 0);
    dv_sim_bus_unlock(device->bus);
    return moved < 0 ? EINVAL : 0;
}

static int
reset(DvSimDevice *device)
{
    dv_sim_bus_lock(device->bus);
    dv_sim_reset(device->model);
    dv_sim_bus_unlock(device->bus);
    return 0;
}

/* Detaching the kernel's driver (there is none, but for keyboards, whose claim has done it), and
 * attaching it again. */
static int
kernel_request(DvSimDevice *device, UMockdevIoctlClient *client)
{
    g_autoptr(UMockdevIoctlData) data = fetch(client, sizeof(struct usbdevfs_ioctl));
    const struct usbdevfs_ioctl *request = data != NULL ? (const void *)data->data : NULL;
    if (request != NULL && request->ioctl_code == (int)USBDEVFS_CONNECT)
        set_kernel(device, TRUE);
    return ENODATA;
}

/* What is answered at once: an errno or 0. */
static int
answer(DvSimLink *link, UMockdevIoctlClient *client, gulong request)
{
    switch (request) {
    case USBDEVFS_GET_CAPABILITIES:
        return get_capabilities(client);
    case USBDEVFS_CLEAR_HALT:
        return clear_halt(link->device, client);
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_DISCONNECT_CLAIM:
        return claim(link, client);
    case USBDEVFS_RELEASEINTERFACE:
        return release(link->device, client);
    case USBDEVFS_SETINTERFACE:
        return set_interface(link->device, client);
    case USBDEVFS_SETCONFIGURATION:
    case USBDEVFS_RESET:
        return reset(link->device);
    case USBDEVFS_RESETEP:
        return 0;
    case USBDEVFS_IOCTL:
        return kernel_request(link->device, client);
    case USBDEVFS_GETDRIVER:
        return ENODATA;
    default:
        return ENOTTY;
    }
}

void
dv_sim_usbfs_request(DvSimLink *link, UMockdevIoctlClient *client)
{
    gulong request = umockdev_ioctl_client_get_request(client);
    if (request == USBDEVFS_REAPURB || request == USBDEVFS_REAPURBNDELAY)
        dv_sim_urb_reap(link, client);
    else if (request == USBDEVFS_DISCARDURB)
        dv_sim_urb_discard(link, client);
    else if (link->device->gone)
        dv_sim_usbfs_answer(client, ENODEV);
    else if (request == USBDEVFS_SUBMITURB)
        dv_sim_urb_submit(link, client);
    else
        dv_sim_usbfs_answer(client, answer(link, client, request));
}
