// SPDX-License-Identifier: Apache-2.0
#include <darvaza/readers.h>

static const char head[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Printed by `darvaza devices --print-udev` from the drivers' identity tables: do not edit.\n"
    "# The daemon's group may open a reader; ModemManager does not probe it for 20 s; the kernel\n"
    "# does not put it to sleep between two travellers. The kernel's own serial port, which is\n"
    "# there until the daemon takes the device, is covered too.\n"
    "ACTION==\"remove\", GOTO=\"darvaza_end\"\n";

static const char serial_rule[] =
    "SUBSYSTEM==\"tty\", ATTRS{idVendor}==\"%04x\", ATTRS{idProduct}==\"%04x\", MODE=\"0660\", "
    "GROUP=\"darvaza\", ENV{ID_MM_DEVICE_IGNORE}=\"1\"\n";

char *
dv_readers_udev_rules(const DvDriver *const *drivers)
{
    GString *out = g_string_new(head);
    for (guint d = 0; drivers[d] != NULL; d++) {
        g_string_append_printf(out, "\n# %s\n", drivers[d]->family);
        for (const DvUsbId *id = drivers[d]->ids; id->name != NULL; id++) {
            if (id->test_identity)
                continue;
            g_string_append_printf(out, "# %s (%s; %s)\n", id->name, id->source,
                                   id->tried_on_hardware ? "tried on hardware"
                                                         : "never tried on hardware");
            g_string_append_printf(
                out,
                "SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", ATTR{idVendor}==\"%04x\", "
                "ATTR{idProduct}==\"%04x\", MODE=\"0660\", GROUP=\"darvaza\", "
                "ENV{ID_MM_DEVICE_IGNORE}=\"1\", TEST==\"power/control\", "
                "ATTR{power/control}=\"on\"\n",
                id->vid, id->pid);
            g_string_append_printf(out, serial_rule, id->vid, id->pid);
        }
    }
    g_string_append(out, "\nLABEL=\"darvaza_end\"\n");
    return g_string_free(out, FALSE);
}
