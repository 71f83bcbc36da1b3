// SPDX-License-Identifier: Apache-2.0
#include <darvaza/readers.h>

static const char rules_head[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Printed by `darvaza devices --print-udev` from the drivers' identity tables: do not edit.\n"
    "# The daemon's group may open a reader, at /dev/darvaza/reader-PLACE too; ModemManager does "
    "not\n"
    "# probe it for 20 s; the kernel does not put it to sleep between two travellers. What the "
    "kernel\n"
    "# makes of it until the daemon takes it is covered too: a serial port, raw reports, and a\n"
    "# keyboard, which no desktop shall listen to and no other user read. A camera is known by "
    "its\n"
    "# interfaces; on a kiosk each is the kiosk's, and whom it films no other user sees.\n"
    "ACTION==\"remove\", GOTO=\"darvaza_end\"\n";

static const char hwdb_head[] =
    "# SPDX-License-Identifier: Apache-2.0\n"
    "# Printed by `darvaza devices --print-hwdb` from the drivers' identity tables: do not edit.\n"
    "# The same readers for what looks devices up in the hardware database; DARVAZA_READER names "
    "the\n"
    "# driver's family.\n";

/* Two rules: a kernel without power management must not cost the reader its permissions. */
static const char usb_rule[] =
    "SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", ATTR{idVendor}==\"@VID@\", "
    "ATTR{idProduct}==\"@PID@\", MODE=\"0660\", GROUP=\"darvaza\", SYMLINK+=\"darvaza/reader-%k\", "
    "ENV{ID_MM_DEVICE_IGNORE}=\"1\"\n"
    "SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", ATTR{idVendor}==\"@VID@\", "
    "ATTR{idProduct}==\"@PID@\", TEST==\"power/control\", ATTR{power/control}=\"on\"\n";

/* The same for a family that is known by its interfaces; @CLASS@: of the first, as udev lists them
 * (":0e0100:"). */
static const char class_rule[] =
    "SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", ENV{ID_USB_INTERFACES}==\"*:@CLASS@??:*\", "
    "MODE=\"0660\", GROUP=\"darvaza\", SYMLINK+=\"darvaza/camera-%k\"\n"
    "SUBSYSTEM==\"usb\", ENV{DEVTYPE}==\"usb_device\", ENV{ID_USB_INTERFACES}==\"*:@CLASS@??:*\", "
    "TEST==\"power/control\", ATTR{power/control}=\"on\"\n";

/* Whatever the kernel's driver for these makes, until the daemon has it let go. */
static const char video_rule[] = "SUBSYSTEM==\"video4linux\", SUBSYSTEMS==\"usb\", "
                                 "DRIVERS==\"uvcvideo\", MODE=\"0660\", GROUP=\"darvaza\"\n";

static const struct {
    DvKernelFace face;
    const char *rule;
} face_rules[] = {
    {DV_FACE_TTY, "SUBSYSTEM==\"tty\", ATTRS{idVendor}==\"@VID@\", ATTRS{idProduct}==\"@PID@\", "
                  "MODE=\"0660\", GROUP=\"darvaza\", ENV{ID_MM_DEVICE_IGNORE}=\"1\", "
                  "ENV{ID_MM_PORT_IGNORE}=\"1\"\n"},
    {DV_FACE_INPUT,
     "SUBSYSTEM==\"input\", ATTRS{idVendor}==\"@VID@\", ATTRS{idProduct}==\"@PID@\", "
     "MODE=\"0600\", GROUP=\"root\", ENV{LIBINPUT_IGNORE_DEVICE}=\"1\"\n"},
    {DV_FACE_HIDRAW,
     "SUBSYSTEM==\"hidraw\", ATTRS{idVendor}==\"@VID@\", ATTRS{idProduct}==\"@PID@\", "
     "MODE=\"0660\", GROUP=\"darvaza\"\n"},
};

static const char *
tried(const DvUsbId *id)
{
    return id->tried_on_hardware ? "tried on hardware" : "never tried on hardware";
}

static gboolean
has_real_identity(const DvDriver *driver)
{
    for (const DvUsbId *id = driver->ids; id->name != NULL; id++)
        if (!id->test_identity)
            return TRUE;
    return FALSE;
}

/* For each identity outside tests: a comment, then the rules with @VID@ and @PID@ put in. */
static void
append_rule(GString *out, const char *rule, const DvUsbId *id)
{
    g_autofree char *vid = g_strdup_printf("%04x", id->vid);
    g_autofree char *pid = g_strdup_printf("%04x", id->pid);
    g_autoptr(GString) text = g_string_new(rule);
    g_string_replace(text, "@VID@", vid, 0);
    g_string_replace(text, "@PID@", pid, 0);
    g_string_append(out, text->str);
}

static void
append_driver_rules(GString *out, const DvDriver *driver)
{
    g_string_append_printf(out, "\n# %s\n", driver->family);
    for (const DvUsbId *id = driver->ids; id->name != NULL; id++) {
        if (id->test_identity)
            continue;
        g_string_append_printf(out, "# %s (%s; %s)\n", id->name, id->source, tried(id));
        append_rule(out, usb_rule, id);
        for (guint i = 0; i < G_N_ELEMENTS(face_rules); i++)
            if ((driver->faces & face_rules[i].face) != 0)
                append_rule(out, face_rules[i].rule, id);
    }
}

static void
append_class_rules(GString *out, const DvDriver *driver)
{
    g_autofree char *class_code =
        g_strdup_printf("%02x%02x", driver->classes[0].class_code, driver->classes[0].subclass);
    g_autoptr(GString) text = g_string_new(class_rule);
    g_string_replace(text, "@CLASS@", class_code, 0);
    g_string_append_printf(out, "\n# %s, by its interfaces (never tried on hardware)\n%s",
                           driver->family, text->str);
    if ((driver->faces & DV_FACE_VIDEO) != 0)
        g_string_append(out, video_rule);
}

char *
dv_readers_udev_rules(const DvDriver *const *drivers)
{
    GString *out = g_string_new(rules_head);
    for (guint d = 0; drivers[d] != NULL; d++) {
        if (has_real_identity(drivers[d]))
            append_driver_rules(out, drivers[d]);
        if (drivers[d]->classes[0].class_code != 0)
            append_class_rules(out, drivers[d]);
    }
    g_string_append(out, "\nLABEL=\"darvaza_end\"\n");
    return g_string_free(out, FALSE);
}

char *
dv_readers_hwdb(const DvDriver *const *drivers)
{
    GString *out = g_string_new(hwdb_head);
    for (guint d = 0; drivers[d] != NULL; d++)
        for (const DvUsbId *id = drivers[d]->ids; id->name != NULL; id++) {
            if (id->test_identity)
                continue;
            g_string_append_printf(out,
                                   "\n# %s (%s; %s)\n"
                                   "usb:v%04Xp%04X*\n DARVAZA_READER=%s\n ID_MM_DEVICE_IGNORE=1\n"
                                   " ID_AUTOSUSPEND=0\n",
                                   id->name, id->source, tried(id), id->vid, id->pid,
                                   drivers[d]->family);
            if ((drivers[d]->faces & DV_FACE_INPUT) != 0)
                g_string_append_printf(
                    out, "\nevdev:input:b0003v%04Xp%04X*\n LIBINPUT_IGNORE_DEVICE=1\n", id->vid,
                    id->pid);
        }
    return g_string_free(out, FALSE);
}
