// SPDX-License-Identifier: Apache-2.0
#include "hid.h"

static gboolean
is_boot_keyboard(const DvUsbInterface *interface)
{
    return interface->subclass == DV_HID_SUBCLASS_BOOT &&
           interface->protocol == DV_HID_PROTOCOL_KEYBOARD;
}

gboolean
dv_hid_find(const DvUsbShape *shape, gboolean keyboard, DvHidPlaces *places)
{
    for (guint i = 0; i < shape->interface_count; i++) {
        const DvUsbInterface *interface = &shape->interfaces[i];
        if (interface->class_code != DV_HID_CLASS || interface->alternate != 0 ||
            is_boot_keyboard(interface) != keyboard)
            continue;
        for (guint e = 0; e < interface->endpoint_count; e++) {
            const DvUsbEndpoint *endpoint = &interface->endpoints[e];
            if (endpoint->pipe != DV_USB_INTERRUPT || (endpoint->address & 0x80) == 0 ||
                endpoint->max_packet == 0)
                continue;
            *places = (DvHidPlaces){interface->number, endpoint->address, endpoint->max_packet};
            return TRUE;
        }
    }
    return FALSE;
}
