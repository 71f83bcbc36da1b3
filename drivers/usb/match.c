// SPDX-License-Identifier: Apache-2.0
/* Which driver a device is for: by its identity, by the configuration's word, by its interfaces. */
#include "usb.h"

const DvUsbId *
dv_usb_match(const DvDriver *const *drivers, guint16 vid, guint16 pid, gboolean test_identity,
             const DvDriver **driver)
{
    for (guint d = 0; drivers[d] != NULL; d++)
        for (const DvUsbId *id = drivers[d]->ids; id->name != NULL; id++)
            if (id->vid == vid && id->pid == pid && (test_identity || !id->test_identity)) {
                *driver = drivers[d];
                return id;
            }
    return NULL;
}

static gboolean
has_interface(const DvUsbShape *shape, const DvUsbClass *wanted)
{
    for (guint i = 0; i < shape->interface_count; i++)
        if (shape->interfaces[i].class_code == wanted->class_code &&
            shape->interfaces[i].subclass == wanted->subclass)
            return TRUE;
    return FALSE;
}

const DvDriver *
dv_usb_match_class(const DvDriver *const *drivers, const DvUsbShape *shape)
{
    for (guint d = 0; drivers[d] != NULL; d++) {
        guint wanted = 0, met = 0;
        for (guint c = 0; c < DV_USB_MAX_CLASSES && drivers[d]->classes[c].class_code != 0; c++) {
            wanted++;
            met += has_interface(shape, &drivers[d]->classes[c]) ? 1 : 0;
        }
        if (wanted > 0 && met == wanted)
            return drivers[d];
    }
    return NULL;
}

const DvDriver *
dv_usb_match_interfaces(const DvDriver *const *drivers, libusb_device *usb, DvUsbId *id)
{
    struct libusb_config_descriptor *config = NULL;
    g_autofree DvUsbShape *shape = g_new0(DvUsbShape, 1);
    if (!dv_usb_describe(usb, shape, &config, NULL))
        return NULL;
    const DvDriver *driver = dv_usb_match_class(drivers, shape);
    libusb_free_config_descriptor(config);
    if (driver != NULL)
        *id = (DvUsbId){.vid = shape->vid,
                        .pid = shape->pid,
                        .name = driver->kind == DV_DEVICE_CAMERA ? "USB camera" : "USB reader",
                        .source = "its interfaces"};
    return driver;
}

const DvDriver *
dv_usb_choose(const DvUsbHost *host, libusb_device *usb, DvUsbId *id)
{
    struct libusb_device_descriptor descriptor;
    const DvDriver *driver = NULL;
    char place[32];
    if (libusb_get_device_descriptor(usb, &descriptor) != 0)
        return NULL;
    guint16 vid = descriptor.idVendor, pid = descriptor.idProduct;
    const DvUsbId *known = dv_usb_match(host->drivers, vid, pid, host->test_identities, &driver);
    if (known == NULL)
        known = dv_usb_settings_match(host->settings, vid, pid, &driver);
    if (known != NULL) {
        *id = *known;
        return driver->kind == DV_DEVICE_CAMERA && host->cameras == DV_USB_CAMERAS_NONE ? NULL
                                                                                        : driver;
    }
    dv_usb_port_path(usb, place, sizeof place);
    if (host->cameras == DV_USB_CAMERAS_NONE ||
        (host->cameras == DV_USB_CAMERAS_LISTED &&
         !dv_usb_settings_lists_camera(host->settings, vid, pid, place)) ||
        dv_usb_match(host->drivers, vid, pid, TRUE, &driver) != NULL) /* simulated, not accepted */
        return NULL;
    return dv_usb_match_interfaces(host->drivers, usb, id);
}

const DvDriver **
dv_usb_join_drivers(const DvDriver *const *some, const DvDriver *const *more)
{
    g_autoptr(GPtrArray) all = g_ptr_array_new();
    for (guint i = 0; some[i] != NULL; i++)
        g_ptr_array_add(all, (gpointer)some[i]);
    for (guint i = 0; more[i] != NULL; i++)
        g_ptr_array_add(all, (gpointer)more[i]);
    g_ptr_array_add(all, NULL);
    return (const DvDriver **)g_ptr_array_steal(all, NULL);
}
