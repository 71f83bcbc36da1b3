// SPDX-License-Identifier: Apache-2.0
#include "camera_client.h"
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAKE_MS 2000

gboolean
camera_start(SimClient *client, const char *port, guint width, guint height, guint fps,
             const char *format, GError **error)
{
    GVariantDict wish;
    g_variant_dict_init(&wish, NULL);
    if (width > 0) {
        g_variant_dict_insert(&wish, "width", "u", width);
        g_variant_dict_insert(&wish, "height", "u", height);
        g_variant_dict_insert(&wish, "fps", "u", fps);
    }
    if (format != NULL)
        g_variant_dict_insert(&wish, "format", "s", format);
    return dv_bus_devices1_call_start_camera_sync(client->proxy, port, g_variant_dict_end(&wish),
                                                  G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
}

void
camera_stop(SimClient *client, const char *port)
{
    g_autoptr(GError) error = NULL;
    if (!dv_bus_devices1_call_stop_camera_sync(client->proxy, port, G_DBUS_CALL_FLAGS_NONE, -1,
                                               NULL, &error))
        g_error("StopCamera: %s", error->message);
}

static guint
jpeg_number(const guint8 *bytes, gsize length)
{
    static const char head[] = "darvaza-frame ";
    g_assert_cmpuint(length, >, 64);
    g_assert_true(bytes[0] == 0xff && bytes[1] == 0xd8);
    g_assert_true(bytes[length - 2] == 0xff && bytes[length - 1] == 0xd9);
    if (bytes[2] != 0xff || bytes[3] != 0xfe || memcmp(bytes + 6, head, strlen(head)) != 0)
        return 0;
    return (guint)g_ascii_strtoull((const char *)bytes + 6 + strlen(head), NULL, 10);
}

static guint
yuy2_number(const guint8 *bytes)
{
    guint number = 0;
    for (guint bit = 0; bit < 32; bit++) /* two pixels a bit, two bytes a pixel, luma first */
        number = number << 1 | (bytes[bit * 4] > 128 ? 1 : 0);
    return number;
}

static void
look_at(int fd, CameraFrame *frame)
{
    struct stat status;
    g_assert_cmpint(fstat(fd, &status), ==, 0);
    g_assert_cmpint(fcntl(fd, F_GET_SEALS) & F_SEAL_WRITE, !=, 0);
    frame->length = (gsize)status.st_size;
    const guint8 *bytes = mmap(NULL, frame->length, PROT_READ, MAP_PRIVATE, fd, 0);
    g_assert_true(bytes != MAP_FAILED);
    if (!frame->mjpeg)
        g_assert_cmpuint(frame->length, ==, (gsize)frame->width * frame->height * 2);
    frame->number = frame->mjpeg ? jpeg_number(bytes, frame->length) : yuy2_number(bytes);
    munmap((void *)bytes, frame->length);
}

gboolean
camera_take(SimClient *client, const char *port, guint64 after, CameraFrame *frame, GError **error)
{
    g_autoptr(GVariant) meta = NULL, handle = NULL;
    g_autoptr(GUnixFDList) list = NULL;
    const char *format = "";
    *frame = (CameraFrame){0};
    if (!dv_bus_devices1_call_take_frame_sync(client->proxy, port, after, TAKE_MS,
                                              G_DBUS_CALL_FLAGS_NONE, -1, NULL, &frame->serial,
                                              &meta, &handle, &list, NULL, error))
        return FALSE;
    g_variant_lookup(meta, "format", "&s", &format);
    g_variant_lookup(meta, "width", "u", &frame->width);
    g_variant_lookup(meta, "height", "u", &frame->height);
    g_variant_lookup(meta, "arrived_us", "x", &frame->arrived_us);
    g_variant_lookup(meta, "dropped", "t", &frame->dropped);
    frame->mjpeg = strcmp(format, "mjpeg") == 0;
    g_assert_true(frame->serial > after);
    int fd = g_unix_fd_list_get(list, g_variant_get_handle(handle), error);
    g_assert_cmpint(fd, >=, 0);
    look_at(fd, frame);
    close(fd);
    return TRUE;
}

void
camera_await(SimClient *client, const char *port, guint64 after, CameraFrame *frame)
{
    g_autoptr(GError) error = NULL;
    for (gint64 end = g_get_monotonic_time() + RIG_PATIENCE_S * G_USEC_PER_SEC;
         !camera_take(client, port, after, frame, &error);) {
        if (g_get_monotonic_time() > end)
            g_error("waited in vain for a frame of %s: %s", port, error->message);
        g_clear_error(&error);
    }
}

gsize
camera_memory_of(GPid process)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/status", process);
    g_autofree char *text = NULL;
    g_assert_true(g_file_get_contents(path, &text, NULL, NULL));
    const char *row = strstr(text, "RssAnon:");
    g_assert_nonnull(row);
    return (gsize)g_ascii_strtoull(row + strlen("RssAnon:"), NULL, 10) * 1024;
}
