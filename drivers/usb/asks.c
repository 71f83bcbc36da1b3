// SPDX-License-Identifier: Apache-2.0
/* What a driver asks of its device beside transfers. */
#include "usb.h"
#include <darvaza/error.h>

void *
dv_device_state(DvDevice *device)
{
    return device->state;
}

const char *
dv_device_option(const DvDevice *device, const char *key)
{
    return g_hash_table_lookup(device->options, key);
}

const DvUsbShape *
dv_device_shape(const DvDevice *device)
{
    return &device->shape;
}

gboolean
dv_device_claim(DvDevice *device, guint8 interface_number, GError **error)
{
    if (interface_number >= 32) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "USB device %s: interface %u of at most 31",
                    device->id, interface_number);
        return FALSE;
    }
    int code = libusb_claim_interface(device->handle, interface_number);
    if (code != 0) {
        g_autofree char *what = g_strdup_printf("claiming interface %u", interface_number);
        device->last_code = code;
        g_autofree char *holders = code == LIBUSB_ERROR_BUSY ? dv_usb_holders(device->usb) : NULL;
        if (code == LIBUSB_ERROR_BUSY)
            g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "USB device %s: %s: %s%s",
                        device->id, what,
                        holders != NULL ? "held by " : "another program on this machine holds it",
                        holders != NULL ? holders : "");
        else
            dv_usb_set_error(error, device->id, what, code);
        return FALSE;
    }
    device->claimed |= 1u << interface_number;
    return TRUE;
}

/* libusb 1.0.26 unlocks a mutex that it has not locked when asked for an alternate setting of a
 * device that it knows to be unplugged, and then aborts in libusb_close(). It is asked first, by a
 * call that looks at the same mark and locks nothing. */
static int
set_alternate(DvDevice *device, guint8 interface_number, guint8 alternate)
{
    int code = libusb_kernel_driver_active(device->handle, interface_number);
    if (code == LIBUSB_ERROR_NO_DEVICE)
        return code;
    return libusb_set_interface_alt_setting(device->handle, interface_number, alternate);
}

gboolean
dv_device_set_alternate(DvDevice *device, guint8 interface_number, guint8 alternate, GError **error)
{
    int code = set_alternate(device, interface_number, alternate);
    if (code == 0)
        return TRUE;
    g_autofree char *what =
        g_strdup_printf("choosing setting %u of interface %u (a bus that is full refuses it)",
                        alternate, interface_number);
    device->last_code = code;
    dv_usb_set_error(error, device->id, what, code);
    return FALSE;
}

void
dv_device_clear_halt(DvDevice *device, guint8 endpoint)
{
    libusb_clear_halt(device->handle, endpoint); /* what follows shows whether it helped */
}

static gboolean
on_wake(gpointer data)
{
    DvDevice *device = data;
    device->wake_source = 0;
    device->driver->wake(device);
    return G_SOURCE_REMOVE;
}

void
dv_device_wake(DvDevice *device, guint milliseconds)
{
    if (device->wake_source != 0)
        g_source_remove(device->wake_source);
    device->wake_source = 0;
    if (milliseconds > 0 && device->phase != PHASE_CLOSING)
        device->wake_source = g_timeout_add(milliseconds, on_wake, device);
}
