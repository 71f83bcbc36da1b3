// SPDX-License-Identifier: Apache-2.0
#include "usb.h"
#include <darvaza/error.h>

const char *
dv_device_state_word(DvDeviceState state)
{
    static const char *const words[] = {"opening", "ready", "fault", "gone", "attached"};
    return words[state];
}

const char *
dv_device_kind_word(DvDeviceKind kind)
{
    return kind == DV_DEVICE_READER ? "reader" : "camera";
}

void
dv_usb_port_path(libusb_device *usb, char *out, gsize size)
{
    guint8 ports[7]; /* USB allows a depth of seven */
    int count = libusb_get_port_numbers(usb, ports, G_N_ELEMENTS(ports));
    int used = g_snprintf(out, size, "%u", libusb_get_bus_number(usb));
    for (int i = 0; i < count && used > 0 && (gsize)used < size; i++)
        used += g_snprintf(out + used, size - (gsize)used, "%c%u", i == 0 ? '-' : '.', ports[i]);
}

guint32
dv_usb_bytes_per_interval(const guint8 *extra, gsize length, DvUsbPipe pipe, guint16 packet_field)
{
    enum { COMPANION = 0x30, COMPANION_SIZE = 6 };
    const guint32 max_packet = packet_field & 0x7ff;
    for (gsize at = 0; at + 2 <= length && extra[at] >= 2 && at + extra[at] <= length;
         at += extra[at]) {
        const guint8 *companion = extra + at;
        if (companion[1] != COMPANION || companion[0] < COMPANION_SIZE)
            continue;
        guint32 stated = companion[4] | (guint32)companion[5] << 8;
        guint32 bursts = pipe == DV_USB_ISO ? (companion[3] & 3u) + 1 : 1;
        return stated != 0 ? stated : max_packet * (companion[2] + 1u) * bursts;
    }
    return max_packet * (1u + (packet_field >> 11 & 3));
}

static void
describe_endpoint(const struct libusb_endpoint_descriptor *from, DvUsbEndpoint *to)
{
    to->address = from->bEndpointAddress;
    to->pipe = (DvUsbPipe)(from->bmAttributes & 3);
    to->max_packet = from->wMaxPacketSize & 0x7ff;
    to->extra = from->extra;
    to->extra_length = from->extra_length > 0 ? (gsize)from->extra_length : 0;
    to->per_interval =
        dv_usb_bytes_per_interval(to->extra, to->extra_length, to->pipe, from->wMaxPacketSize);
}

static void
describe_alternate(const struct libusb_interface_descriptor *from, DvUsbInterface *to)
{
    to->number = from->bInterfaceNumber;
    to->alternate = from->bAlternateSetting;
    to->class_code = from->bInterfaceClass;
    to->subclass = from->bInterfaceSubClass;
    to->protocol = from->bInterfaceProtocol;
    to->extra = from->extra;
    to->extra_length = from->extra_length > 0 ? (gsize)from->extra_length : 0;
    for (guint i = 0; i < from->bNumEndpoints && i < DV_USB_MAX_ENDPOINTS; i++)
        describe_endpoint(&from->endpoint[i], &to->endpoints[to->endpoint_count++]);
}

gboolean
dv_usb_describe(libusb_device *usb, DvUsbShape *shape, struct libusb_config_descriptor **config,
                GError **error)
{
    struct libusb_device_descriptor descriptor;
    char id[32];
    dv_usb_port_path(usb, id, sizeof id);
    int code = libusb_get_device_descriptor(usb, &descriptor);
    if (code == 0)
        code = libusb_get_active_config_descriptor(usb, config);
    /* The event of a device that was plugged in may come before the kernel has configured it, which
     * it then does with the first (seen with a real kernel). */
    if (code == LIBUSB_ERROR_NOT_FOUND)
        code = libusb_get_config_descriptor(usb, 0, config);
    if (code != 0) {
        dv_usb_set_error(error, id, "reading its descriptors", code);
        return FALSE;
    }
    shape->vid = descriptor.idVendor;
    shape->pid = descriptor.idProduct;
    shape->interface_count = 0;
    for (guint i = 0; i < (*config)->bNumInterfaces; i++) {
        const struct libusb_interface *interface = &(*config)->interface[i];
        for (int a = 0; a < interface->num_altsetting; a++)
            if (shape->interface_count < DV_USB_MAX_INTERFACES)
                describe_alternate(&interface->altsetting[a],
                                   &shape->interfaces[shape->interface_count++]);
    }
    return TRUE;
}

void
dv_usb_info(const DvDevice *device, DvDeviceInfo *info)
{
    *info = (DvDeviceInfo){
        .id = device->id,
        .family = device->driver->family,
        .kind = device->driver->kind,
        .name = device->identity.name,
        .vid = device->identity.vid,
        .pid = device->identity.pid,
        .tried_on_hardware = device->identity.tried_on_hardware,
        .state = device->shown,
        .detail = device->detail != NULL ? device->detail : "",
        .documents = device->documents,
        .frames = device->frames,
        .dropped = device->dropped,
    };
}

void
dv_usb_set_error(GError **error, const char *id, const char *what, int code)
{
    g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "USB device %s: %s: %s", id, what,
                libusb_strerror(code));
}
