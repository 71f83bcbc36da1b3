// SPDX-License-Identifier: Apache-2.0
/* darvaza devices: what is attached, as darvaza-devices sees it or, without it, as libusb does. */
#include "commands.h"
#include "devices_frames.h"
#include "dv-devices1.h"
#include <darvaza/bus.h>
#include <darvaza/cameras.h>
#include <darvaza/readers.h>
#include <darvaza/usbio.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define OBJECT_PATH "/org/darvaza/Devices1"
#define PATIENCE_MS 5000

typedef struct {
    gboolean json;
    guint count;
} Printer;

static void
print_json(const DvDeviceInfo *device)
{
    json_t *row = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:i, s:i}", "id", device->id, "family", device->family,
        "kind", dv_device_kind_word(device->kind), "name", device->name, "state",
        dv_device_state_word(device->state), "detail", device->detail, "tried_on_hardware",
        (int)device->tried_on_hardware, "vid", (int)device->vid, "pid", (int)device->pid);
    json_dumpf(row, stdout, JSON_COMPACT | JSON_SORT_KEYS);
    putchar('\n');
    json_decref(row);
}

static void
print_device(const DvDeviceInfo *device, void *data)
{
    Printer *printer = data;
    printer->count++;
    if (printer->json) {
        print_json(device);
        return;
    }
    printf("%-8s %04x:%04x  %-8s %-8s %s%s%s%s\n", device->id, device->vid, device->pid,
           device->family, dv_device_state_word(device->state), device->name,
           device->tried_on_hardware ? "" : "  [never tried on hardware]",
           *device->detail != '\0' ? "\n         " : "", device->detail);
}

static DvDeviceState
state_of(const char *word)
{
    for (DvDeviceState state = DV_DEVICE_OPENING; state < DV_DEVICE_GONE; state++)
        if (strcmp(word, dv_device_state_word(state)) == 0)
            return state;
    return DV_DEVICE_GONE;
}

static void
print_row(GVariant *row, Printer *printer)
{
    DvDeviceInfo device = {.id = "", .family = "", .name = "", .detail = ""};
    const char *kind = "", *state = "";
    gboolean tried = FALSE;
    g_variant_lookup(row, "id", "&s", &device.id);
    g_variant_lookup(row, "family", "&s", &device.family);
    g_variant_lookup(row, "name", "&s", &device.name);
    g_variant_lookup(row, "detail", "&s", &device.detail);
    g_variant_lookup(row, "vid", "q", &device.vid);
    g_variant_lookup(row, "pid", "q", &device.pid);
    g_variant_lookup(row, "kind", "&s", &kind);
    g_variant_lookup(row, "state", "&s", &state);
    g_variant_lookup(row, "tried_on_hardware", "b", &tried);
    device.tried_on_hardware = tried;
    device.kind = strcmp(kind, "camera") == 0 ? DV_DEVICE_CAMERA : DV_DEVICE_READER;
    device.state = state_of(state);
    print_device(&device, printer);
}

static gboolean
list_by_daemon(const char *socket_path, Printer *printer, GError **error)
{
    g_autoptr(GDBusConnection) connection = dv_bus_connect(socket_path, PATIENCE_MS, error);
    g_autoptr(GVariant) rows = NULL;
    if (connection == NULL)
        return FALSE;
    g_autoptr(DvBusDevices1) proxy = dv_bus_devices1_proxy_new_sync(
        connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL, OBJECT_PATH, NULL, error);
    if (proxy == NULL || !dv_bus_devices1_call_list_devices_sync(proxy, G_DBUS_CALL_FLAGS_NONE,
                                                                 PATIENCE_MS, &rows, NULL, error)) {
        dv_bus_restore_error(error);
        return FALSE;
    }
    for (gsize i = 0; i < g_variant_n_children(rows); i++) {
        g_autoptr(GVariant) row = g_variant_get_child_value(rows, i);
        print_row(row, printer);
    }
    return TRUE;
}

static int
list(const char *socket_path, Printer *printer)
{
    g_autoptr(GError) error = NULL;
    g_autofree const DvDriver **drivers =
        dv_usb_join_drivers(dv_reader_drivers(), dv_camera_drivers());
    gboolean listed = socket_path != NULL ? list_by_daemon(socket_path, printer, &error)
                                          : dv_usb_list(drivers, print_device, printer, &error);
    if (!listed) {
        fprintf(stderr, "darvaza devices: %s\n", error->message);
        return DV_EXIT_FAILED;
    }
    if (printer->count == 0) {
        fputs("no reader and no camera\n", stderr);
        return DV_EXIT_FAILED;
    }
    return DV_EXIT_OK;
}

int
dv_command_devices(int argc, char **argv)
{
    Printer printer = {FALSE, 0};
    g_autofree char *socket_path = NULL;
    g_autofree char *camera = NULL, *size = NULL, *format = NULL, *lane = NULL, *folder = NULL;
    gboolean print_udev = FALSE, print_hwdb = FALSE;
    int frames = 0;
    const GOptionEntry entries[] = {
        {"socket", 0, 0, G_OPTION_ARG_FILENAME, &socket_path,
         "Ask the daemon at this socket; without it, look at the bus directly", "SOCKET"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &printer.json, "One JSON object per device and line",
         NULL},
        {"print-udev", 0, 0, G_OPTION_ARG_NONE, &print_udev,
         "Print the udev rules for all supported devices and end", NULL},
        {"print-hwdb", 0, 0, G_OPTION_ARG_NONE, &print_hwdb,
         "Print the hardware database's entries for them and end", NULL},
        {"frames", 0, 0, G_OPTION_ARG_INT, &frames,
         "Take so many frames from --camera, one JSON object per frame and line", "N"},
        {"camera", 0, 0, G_OPTION_ARG_STRING, &camera, "The camera's place, as listed", "PLACE"},
        {"size", 0, 0, G_OPTION_ARG_STRING, &size, "The nearest to this is taken", "WxH[@FPS]"},
        {"format", 0, 0, G_OPTION_ARG_STRING, &format, "Only this format, where there is a choice",
         "mjpeg|yuy2"},
        {"lane", 0, 0, G_OPTION_ARG_STRING, &lane,
         "The daemon's lane, held while it looks, so not beside a booth (default lane-1)", "NAME"},
        {"out", 0, 0, G_OPTION_ARG_FILENAME, &folder, "Keep the frames in this folder", "DIR"},
        {NULL},
    };
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) error = NULL;
    g_option_context_set_summary(
        context, "Lists the attached document readers and cameras, or shows what a camera sees.\n"
                 "Exit status: 0 there is one, 1 there is none or the list could "
                 "not be had, 2 bad use.");
    g_option_context_add_main_entries(context, entries, NULL);
    g_set_prgname("darvaza devices");
    if (!g_option_context_parse(context, &argc, &argv, &error) || argc > 1) {
        fprintf(stderr, "darvaza devices: %s\n",
                error != NULL ? error->message : "takes no further words");
        return DV_EXIT_USAGE;
    }
    if (print_udev || print_hwdb) {
        g_autofree const DvDriver **drivers =
            dv_usb_join_drivers(dv_reader_drivers(), dv_camera_drivers());
        g_autofree char *text =
            print_udev ? dv_readers_udev_rules(drivers) : dv_readers_hwdb(drivers);
        fputs(text, stdout);
        return DV_EXIT_OK;
    }
    if (frames == 0 && camera == NULL)
        return list(socket_path, &printer);
    if (frames < 1 || camera == NULL || socket_path == NULL) {
        fputs("darvaza devices: --frames N goes with --camera PLACE and --socket SOCKET\n", stderr);
        return DV_EXIT_USAGE;
    }
    const DvFramesWish wish = {socket_path, camera, size, format, lane != NULL ? lane : "lane-1",
                               folder,      frames};
    return dv_devices_frames(&wish);
}
