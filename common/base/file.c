// SPDX-License-Identifier: Apache-2.0
#include <darvaza/error.h>
#include <darvaza/file.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void
close_fd(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}
#define AUTO_FD __attribute__((cleanup(close_fd))) int

GBytes *
dv_file_read(const char *path, gsize max, GError **error)
{
    AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        dv_error_set_errno(error, errno, "cannot open %s", path);
        return NULL;
    }

    g_autoptr(GByteArray) bytes = g_byte_array_new();
    guint8 chunk[65536];
    for (;;) {
        gssize n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            dv_error_set_errno(error, errno, "cannot read %s", path);
            return NULL;
        }
        if (n == 0)
            break;
        if ((gsize)n > max - bytes->len) {
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                        "%s is larger than the %" G_GSIZE_FORMAT " bytes allowed", path, max);
            return NULL;
        }
        g_byte_array_append(bytes, chunk, (guint)n);
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

static gboolean
write_all(int fd, const guint8 *data, gsize length)
{
    while (length > 0) {
        gssize n = write(fd, data, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return FALSE;
        data += n;
        length -= (gsize)n;
    }
    return TRUE;
}

static gboolean
sync_folder(const char *folder, GError **error)
{
    AUTO_FD fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) != 0) {
        dv_error_set_errno(error, errno, "cannot make the folder %s durable", folder);
        return FALSE;
    }
    return TRUE;
}

static gboolean
put_in_place(const char *temporary, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);

    if (rename(temporary, path) != 0) {
        dv_error_set_errno(error, errno, "cannot put %s in place", path);
        unlink(temporary);
        return FALSE;
    }
    return sync_folder(folder, error);
}

static gboolean
fill_temporary(int fd, const char *path, const void *data, gsize length, int mode, GError **error)
{
    if (fchmod(fd, (mode_t)mode) != 0 || !write_all(fd, data, length) || fsync(fd) != 0) {
        dv_error_set_errno(error, errno, "cannot write %s", path);
        return FALSE;
    }
    return TRUE;
}

gboolean
dv_file_write(const char *path, const void *data, gsize length, int mode, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *temporary = g_strdup_printf("%s/.%s.XXXXXX", folder, base);
    AUTO_FD fd = mkostemp(temporary, O_CLOEXEC);

    if (fd < 0) {
        dv_error_set_errno(error, errno, "cannot create a file beside %s", path);
        return FALSE;
    }
    if (!fill_temporary(fd, path, data, length, mode, error)) {
        unlink(temporary);
        return FALSE;
    }
    return put_in_place(temporary, path, error);
}

gboolean
dv_file_put(const char *temporary, const char *path, int mode, GError **error)
{
    AUTO_FD fd = open(temporary, O_RDONLY | O_CLOEXEC);

    if (fd < 0 || fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0) {
        dv_error_set_errno(error, errno, "cannot make %s durable", temporary);
        unlink(temporary);
        return FALSE;
    }
    return put_in_place(temporary, path, error);
}

gboolean
dv_file_make_dir(const char *path, int mode, GError **error)
{
    struct stat info;

    if (stat(path, &info) == 0) {
        if (S_ISDIR(info.st_mode))
            return TRUE;
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "%s exists and is no folder", path);
        return FALSE;
    }

    g_autofree char *parent = g_path_get_dirname(path);
    if (!g_str_equal(parent, path) && !dv_file_make_dir(parent, mode, error))
        return FALSE;
    if (mkdir(path, (mode_t)mode) != 0 && errno != EEXIST) {
        dv_error_set_errno(error, errno, "cannot make the folder %s", path);
        return FALSE;
    }
    return sync_folder(parent, error);
}
