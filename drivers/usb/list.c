// SPDX-License-Identifier: Apache-2.0
#include "usb.h"
#include <darvaza/error.h>

static void
list_one(const DvDriver *const *drivers, libusb_device *usb, DvDeviceFunc func, void *data)
{
    struct libusb_device_descriptor descriptor;
    const DvDriver *driver = NULL;
    char id[32];
    if (libusb_get_device_descriptor(usb, &descriptor) != 0)
        return;
    DvUsbId identity = {0};
    const DvUsbId *known =
        dv_usb_match(drivers, descriptor.idVendor, descriptor.idProduct, TRUE, &driver);
    if (known != NULL)
        identity = *known;
    else if ((driver = dv_usb_match_interfaces(drivers, usb, &identity)) == NULL)
        return;
    dv_usb_port_path(usb, id, sizeof id);
    DvDeviceInfo info = {
        .id = id,
        .family = driver->family,
        .kind = driver->kind,
        .name = identity.name,
        .vid = identity.vid,
        .pid = identity.pid,
        .tried_on_hardware = identity.tried_on_hardware,
        .state = DV_DEVICE_ATTACHED,
        .detail = "",
    };
    func(&info, data);
}

gboolean
dv_usb_list(const DvDriver *const *drivers, DvDeviceFunc func, void *data, GError **error)
{
    libusb_context *context = NULL;
    libusb_device **list = NULL;
    int code = libusb_init(&context);
    gssize count = code == 0 ? libusb_get_device_list(context, &list) : code;
    if (count < 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "USB: listing devices: %s",
                    libusb_strerror((int)count));
        if (code == 0)
            libusb_exit(context);
        return FALSE;
    }
    for (gssize i = 0; i < count; i++)
        list_one(drivers, list[i], func, data);
    libusb_free_device_list(list, 1);
    libusb_exit(context);
    return TRUE;
}
