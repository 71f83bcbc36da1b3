// SPDX-License-Identifier: Apache-2.0
/* darvaza devices --frames: what a camera sees, for whoever mounts it. Takes the lane while it
 * looks, as frames go to the lane's holder alone. */
#include "devices_frames.h"
#include "commands.h"
#include "dv-devices1.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <gio/gunixfdlist.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define OBJECT_PATH "/org/darvaza/Devices1"
#define PATIENCE_MS 5000

/* 1280x960 or 1280x960@30, and nothing behind it. */
static gboolean
parse_size(const char *text, guint *width, guint *height, guint *fps)
{
    int sides = 0, rate = 0;
    if (sscanf(text, "%5ux%5u%n", width, height, &sides) != 2)
        return FALSE;
    if (text[sides] == '\0')
        return TRUE;
    return sscanf(text + sides, "@%3u%n", fps, &rate) == 1 && text[sides + rate] == '\0';
}

static GVariant *
make_wish(const DvFramesWish *wish, GError **error)
{
    guint width = 0, height = 0, fps = 0;
    GVariantDict dict;
    if (wish->size != NULL && !parse_size(wish->size, &width, &height, &fps)) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "%s is no size like 1280x960 or 1280x960@30",
                    wish->size);
        return NULL;
    }
    g_variant_dict_init(&dict, NULL);
    if (wish->size != NULL) {
        g_variant_dict_insert(&dict, "width", "u", width);
        g_variant_dict_insert(&dict, "height", "u", height);
        g_variant_dict_insert(&dict, "fps", "u", fps);
    }
    if (wish->format != NULL)
        g_variant_dict_insert(&dict, "format", "s", wish->format);
    return g_variant_ref_sink(g_variant_dict_end(&dict));
}

static gboolean
keep(const DvFramesWish *wish, guint64 serial, const char *format, int fd, gsize length,
     GError **error)
{
    if (wish->folder == NULL || length == 0)
        return TRUE;
    g_autofree char *name = g_strdup_printf("frame-%06" G_GUINT64_FORMAT ".%s", serial,
                                            strcmp(format, "mjpeg") == 0 ? "jpg" : "yuy2");
    g_autofree char *path = g_build_filename(wish->folder, name, NULL);
    char *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "frame %" G_GUINT64_FORMAT " cannot be mapped",
                    serial);
        return FALSE;
    }
    gboolean kept = g_file_set_contents(path, bytes, (gssize)length, error);
    munmap(bytes, length);
    return kept;
}

static gboolean
report(const DvFramesWish *wish, guint64 serial, GVariant *meta, int fd, GError **error)
{
    const char *format = "";
    guint32 width = 0, height = 0;
    guint64 dropped = 0;
    gint64 arrived_us = 0;
    struct stat status = {0};
    g_variant_lookup(meta, "format", "&s", &format);
    g_variant_lookup(meta, "width", "u", &width);
    g_variant_lookup(meta, "height", "u", &height);
    g_variant_lookup(meta, "dropped", "t", &dropped);
    g_variant_lookup(meta, "arrived_us", "x", &arrived_us);
    if (fstat(fd, &status) != 0 || !keep(wish, serial, format, fd, (gsize)status.st_size, error))
        return FALSE;
    json_t *row = json_pack("{s:I, s:s, s:i, s:i, s:I, s:I, s:I}", "serial", (json_int_t)serial,
                            "format", format, "width", (int)width, "height", (int)height, "bytes",
                            (json_int_t)status.st_size, "dropped", (json_int_t)dropped,
                            "arrived_us", (json_int_t)arrived_us);
    json_dumpf(row, stdout, JSON_COMPACT | JSON_SORT_KEYS);
    putchar('\n');
    fflush(stdout);
    json_decref(row);
    return TRUE;
}

static gboolean
take_one(DvBusDevices1 *proxy, const DvFramesWish *wish, guint64 *serial, GError **error)
{
    g_autoptr(GUnixFDList) list = NULL;
    g_autoptr(GVariant) meta = NULL, handle = NULL;
    if (!dv_bus_devices1_call_take_frame_sync(proxy, wish->camera, *serial, PATIENCE_MS,
                                              G_DBUS_CALL_FLAGS_NONE, 2 * PATIENCE_MS, NULL, serial,
                                              &meta, &handle, &list, NULL, error)) {
        dv_bus_restore_error(error);
        return FALSE;
    }
    int fd = list != NULL ? g_unix_fd_list_get(list, g_variant_get_handle(handle), error) : -1;
    if (fd < 0)
        return FALSE;
    gboolean good = report(wish, *serial, meta, fd, error);
    close(fd);
    return good;
}

static gboolean
take_all(DvBusDevices1 *proxy, const DvFramesWish *wish, GVariant *dict, GError **error)
{
    guint64 serial = 0;
    if (!dv_bus_devices1_call_claim_lane_sync(proxy, wish->lane, G_DBUS_CALL_FLAGS_NONE,
                                              PATIENCE_MS, NULL, error) ||
        !dv_bus_devices1_call_start_camera_sync(proxy, wish->camera, dict, G_DBUS_CALL_FLAGS_NONE,
                                                PATIENCE_MS, NULL, error)) {
        dv_bus_restore_error(error);
        return FALSE;
    }
    for (int i = 0; i < wish->count; i++)
        if (!take_one(proxy, wish, &serial, error))
            return FALSE;
    return TRUE;
}

int
dv_devices_frames(const DvFramesWish *wish)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(DvBusDevices1) proxy = NULL;
    g_autoptr(GVariant) dict = make_wish(wish, &error);
    if (dict == NULL) {
        fprintf(stderr, "darvaza devices: %s\n", error->message);
        return DV_EXIT_USAGE;
    }
    g_autoptr(GDBusConnection) connection = dv_bus_connect(wish->socket_path, PATIENCE_MS, &error);
    if (connection != NULL)
        proxy = dv_bus_devices1_proxy_new_sync(
            connection, G_DBUS_PROXY_FLAGS_DO_NOT_LOAD_PROPERTIES, NULL, OBJECT_PATH, NULL, &error);
    if (proxy == NULL || !take_all(proxy, wish, dict, &error)) {
        fprintf(stderr, "darvaza devices: %s\n",
                error != NULL ? error->message : "the daemon sent no frame");
        return DV_EXIT_FAILED;
    }
    return DV_EXIT_OK;
}
