// SPDX-License-Identifier: Apache-2.0
#include "volume.h"

#include <darvaza/error.h>
#include <darvaza/file.h>

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define DEPTH_MAX 16 /* devices upon devices */
#define UUID_MAX 256

static gboolean
is_crypt(const char *device)
{
    g_autofree char *path = g_build_filename(device, "dm", "uuid", NULL);
    g_autoptr(GBytes) uuid = dv_file_read(path, UUID_MAX, NULL);
    gsize length = 0;
    const char *text = uuid != NULL ? g_bytes_get_data(uuid, &length) : NULL;

    return length > strlen("CRYPT-") && memcmp(text, "CRYPT-", strlen("CRYPT-")) == 0;
}

static gboolean stands_on_crypt(const char *device, guint depth);

/* All of them, and at least one: half a mirror in the clear is in the clear. */
static gboolean
slaves_are_crypt(const char *device, guint depth)
{
    g_autofree char *folder = g_build_filename(device, "slaves", NULL);
    g_autoptr(GDir) slaves = g_dir_open(folder, 0, NULL);
    guint count = 0;

    for (const char *name; slaves != NULL && (name = g_dir_read_name(slaves)) != NULL; count++) {
        g_autofree char *slave = g_build_filename(folder, name, NULL);
        if (!stands_on_crypt(slave, depth + 1))
            return FALSE;
    }
    return count > 0;
}

static gboolean
stands_on_crypt(const char *device, guint depth)
{
    if (depth > DEPTH_MAX)
        return FALSE;
    if (is_crypt(device) || slaves_are_crypt(device, depth))
        return TRUE;
    /* A partition has nothing of its own; its folder lies within the whole device's. */
    g_autofree char *partition = g_build_filename(device, "partition", NULL);
    if (!g_file_test(partition, G_FILE_TEST_EXISTS))
        return FALSE;
    g_autofree char *whole = g_build_filename(device, "..", NULL);
    return is_crypt(whole) || slaves_are_crypt(whole, depth);
}

gboolean
lists_device_is_encrypted(guint device_major, guint device_minor, const char *sysfs)
{
    g_autofree char *device =
        g_strdup_printf("%s/dev/block/%u:%u", sysfs, device_major, device_minor);
    return stands_on_crypt(device, 0);
}

static gboolean
look_at(const char *folder, const char *sysfs, gboolean may_be_absent, gboolean *encrypted,
        GError **error)
{
    struct stat info;

    if (stat(folder, &info) == 0) {
        *encrypted = lists_device_is_encrypted(major(info.st_dev), minor(info.st_dev), sysfs);
        return TRUE;
    }
    if (errno == ENOENT && may_be_absent)
        return TRUE;
    dv_error_set_errno(error, errno, "cannot look at the folder %s", folder);
    return FALSE;
}

gboolean
lists_volume_is_encrypted(const char *folder, const char *sysfs, gboolean *encrypted,
                          GError **error)
{
    /* Another volume may be mounted at each, or a link lead to one. */
    static const char *const below[] = {"layers", "download", "stage", "trust"};

    if (!look_at(folder, sysfs, FALSE, encrypted, error))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(below) && *encrypted; i++) {
        g_autofree char *path = g_build_filename(folder, below[i], NULL);
        if (!look_at(path, sysfs, TRUE, encrypted, error))
            return FALSE;
    }
    return TRUE;
}
