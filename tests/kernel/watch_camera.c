// SPDX-License-Identifier: Apache-2.0
#include "watch_camera.h"
#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAKE_MS 2000
#define HEAD "darvaza-frame "
#define HEAD_AT 6 /* start of image, comment, its length */

static guint64
jpeg_number(const guint8 *bytes, gsize length)
{
    gboolean whole = length > 64 && bytes[0] == 0xff && bytes[1] == 0xd8 &&
                     bytes[length - 2] == 0xff && bytes[length - 1] == 0xd9;
    if (!whole || bytes[2] != 0xff || bytes[3] != 0xfe ||
        memcmp(bytes + HEAD_AT, HEAD, strlen(HEAD)) != 0)
        return 0;
    return g_ascii_strtoull((const char *)bytes + HEAD_AT + strlen(HEAD), NULL, 10);
}

/* 32 bits, two pixels each, two bytes a pixel, luma first. */
static guint64
yuy2_number(const guint8 *bytes, gsize length)
{
    guint64 number = 0;
    for (gsize bit = 0; bit < 32 && bit * 4 < length; bit++)
        number = number << 1 | (bytes[bit * 4] > 128 ? 1 : 0);
    return number;
}

/* The simulator's number of the frame in this file; 0: it is not whole. */
static guint64
number_of(int file, const char *format, gsize *length)
{
    struct stat status;
    if (fstat(file, &status) != 0 || status.st_size <= 0)
        return 0;
    *length = (gsize)status.st_size;
    guint8 *bytes = mmap(NULL, *length, PROT_READ, MAP_PRIVATE, file, 0);
    if (bytes == MAP_FAILED)
        return 0;
    guint64 number =
        strcmp(format, "mjpeg") == 0 ? jpeg_number(bytes, *length) : yuy2_number(bytes, *length);
    munmap(bytes, *length);
    return number;
}

static void
tell_frame(WatchCamera *camera, guint64 serial, GVariant *meta, int file)
{
    const char *format = "";
    guint32 width = 0, height = 0;
    guint64 dropped = 0;
    gsize length = 0;
    g_variant_lookup(meta, "format", "&s", &format);
    g_variant_lookup(meta, "width", "u", &width);
    g_variant_lookup(meta, "height", "u", &height);
    g_variant_lookup(meta, "dropped", "t", &dropped);
    guint64 number = number_of(file, format, &length);
    camera->tell(camera->watch,
                 json_pack("{s:s, s:s, s:I, s:I, s:s, s:i, s:i, s:I, s:I}", "event", "frame",
                           "device", camera->device, "number", (json_int_t)number, "serial",
                           (json_int_t)serial, "format", format, "width", (int)width, "height",
                           (int)height, "bytes", (json_int_t)length, "dropped",
                           (json_int_t)dropped));
}

static void ask(WatchCamera *camera);

static void
on_frame(GObject *source, GAsyncResult *result, gpointer data)
{
    WatchCamera *camera = data;
    g_autoptr(GVariant) meta = NULL, handle = NULL;
    g_autoptr(GUnixFDList) list = NULL;
    g_autoptr(GError) error = NULL;
    camera->asking = FALSE;
    if (dv_bus_devices1_call_take_frame_finish(DV_BUS_DEVICES1(source), &camera->after, &meta,
                                               &handle, &list, result, &error)) {
        int file = g_unix_fd_list_get(list, g_variant_get_handle(handle), NULL);
        guint64 serial = camera->after;
        camera->left = camera->left > 0 ? camera->left - 1 : 0;
        ask(camera); /* first: the next one does not wait for this one's telling */
        tell_frame(camera, serial, meta, file);
        close(file);
        return;
    }
    camera->tell(camera->watch, json_pack("{s:s, s:s, s:s}", "event", "no-frame", "device",
                                          camera->device, "detail", error->message));
    ask(camera);
}

static void
ask(WatchCamera *camera)
{
    if (camera->left == 0 || camera->asking)
        return;
    camera->asking = TRUE;
    dv_bus_devices1_call_take_frame(camera->proxy, camera->device, camera->after, TAKE_MS,
                                    G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, on_frame, camera);
}

static GVariant *
wish_of(char **words)
{
    GVariantDict wish;
    g_variant_dict_init(&wish, NULL);
    g_variant_dict_insert(&wish, "width", "u", (guint32)g_ascii_strtoull(words[2], NULL, 10));
    g_variant_dict_insert(&wish, "height", "u", (guint32)g_ascii_strtoull(words[3], NULL, 10));
    g_variant_dict_insert(&wish, "fps", "u", (guint32)g_ascii_strtoull(words[4], NULL, 10));
    g_variant_dict_insert(&wish, "format", "s", words[5]);
    return g_variant_dict_end(&wish);
}

void
watch_camera_command(WatchCamera *camera, const char *line)
{
    g_auto(GStrv) words = g_strsplit(line, " ", -1);
    guint count = g_strv_length(words);
    g_autoptr(GError) error = NULL;
    if (count == 6 && strcmp(words[0], "start") == 0)
        dv_bus_devices1_call_start_camera_sync(camera->proxy, words[1], wish_of(words),
                                               G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
    else if (count == 2 && strcmp(words[0], "stop") == 0)
        dv_bus_devices1_call_stop_camera_sync(camera->proxy, words[1], G_DBUS_CALL_FLAGS_NONE, -1,
                                              NULL, &error);
    else if (count == 3 && strcmp(words[0], "take") == 0) {
        if (g_strcmp0(camera->device, words[1]) != 0)
            camera->after = 0;
        g_free(camera->device);
        camera->device = g_strdup(words[1]);
        camera->left = (guint)g_ascii_strtoull(words[2], NULL, 10);
        ask(camera);
    } else
        g_set_error(&error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "no such command");
    camera->tell(camera->watch, json_pack("{s:s, s:s, s:s}", "event", "answer", "command", line,
                                          "error", error != NULL ? error->message : ""));
}
