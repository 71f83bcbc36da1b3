// SPDX-License-Identifier: Apache-2.0
/* The C library's functions, replaced. Everything that touches the recorded folder runs under one
 * lock together with its entry, so that the log's order is the kernel's; only a sync is recorded as
 * two entries around the call, because others may write meanwhile. System calls are made directly,
 * so that nothing here calls itself. Both names of each function are defined, so none may be an
 * alias of the other. */
#undef _FILE_OFFSET_BITS
#include "iolog_private.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- opening */

static int
open_here(const char *path, int flags, mode_t mode)
{
    iolog_lock();
    const char *relative = iolog_inside(path);
    gboolean fresh = relative != NULL && (flags & O_CREAT) != 0 && access(path, F_OK) != 0;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    if (fd >= 0 && relative != NULL && (flags & O_ACCMODE) != O_RDONLY) {
        int number = errno;
        if (fresh)
            iolog_note_created(fd, relative);
        else if ((flags & O_TRUNC) != 0)
            iolog_put(IOLOG_TRUNCATE, iolog_file_of(fd), 0, 0, NULL, 0);
        errno = number;
    }
    iolog_unlock();
    return fd;
}

#define OPEN_BODY                                                                                  \
    va_list args;                                                                                  \
    va_start(args, flags);                                                                         \
    mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;               \
    va_end(args);                                                                                  \
    return open_here(path, flags, mode)

int
open(const char *path, int flags, ...)
{
    OPEN_BODY;
}

int
open64(const char *path, int flags, ...)
{
    OPEN_BODY;
}

static int
temporary_here(char *template, int flags)
{
    int (*real)(char *, int) = (int (*)(char *, int))dlsym(RTLD_NEXT, "mkostemp64");

    iolog_lock();
    int fd = real(template, flags);
    const char *relative = fd >= 0 ? iolog_inside(template) : NULL;
    if (relative != NULL)
        iolog_note_created(fd, relative);
    iolog_unlock();
    return fd;
}

int
mkostemp(char *template, int flags)
{
    return temporary_here(template, flags);
}

int
mkostemp64(char *template, int flags)
{
    return temporary_here(template, flags);
}

/* ---- data */

static gssize
write_here(int fd, const void *data, gsize length, gint64 offset, gboolean at_offset)
{
    iolog_lock();
    guint64 file = iolog_file_of(fd);
    if (file == 0 && !at_offset) { /* a pipe or socket may block, and must not hold the lock */
        iolog_unlock();
        return syscall(SYS_write, fd, data, length);
    }
    if (!at_offset) {
        gboolean appends = (fcntl(fd, F_GETFL) & O_APPEND) != 0;
        offset = lseek(fd, 0, appends ? SEEK_END : SEEK_CUR);
    }
    gssize n = at_offset ? syscall(SYS_pwrite64, fd, data, length, offset)
                         : syscall(SYS_write, fd, data, length);
    if (file != 0 && n > 0)
        iolog_put(IOLOG_WRITE, file, offset, 0, data, (gsize)n);
    iolog_unlock();
    return n;
}

gssize
write(int fd, const void *data, gsize length)
{
    return write_here(fd, data, length, 0, FALSE);
}

gssize
pwrite(int fd, const void *data, gsize length, off_t offset)
{
    return write_here(fd, data, length, offset, TRUE);
}

gssize
pwrite64(int fd, const void *data, gsize length, off64_t offset)
{
    return write_here(fd, data, length, offset, TRUE);
}

static int
truncate_here(int fd, gint64 size)
{
    iolog_lock();
    guint64 file = iolog_file_of(fd);
    int result = (int)syscall(SYS_ftruncate, fd, size);
    if (file != 0 && result == 0)
        iolog_put(IOLOG_TRUNCATE, file, size, 0, NULL, 0);
    iolog_unlock();
    return result;
}

int
ftruncate(int fd, off_t size)
{
    return truncate_here(fd, size);
}

int
ftruncate64(int fd, off64_t size)
{
    return truncate_here(fd, size);
}

/* ---- syncing */

/* The recorded folder that this descriptor is, as a relative path. */
static gboolean
folder_of(int fd, char *relative, gsize size)
{
    char path[4096];
    struct stat info;
    const char *within = NULL;

    if (fstat(fd, &info) != 0 || !S_ISDIR(info.st_mode))
        return FALSE;
    within = iolog_path_of(fd, path, sizeof path);
    if (within == NULL)
        return FALSE;
    g_strlcpy(relative, within, size);
    return TRUE;
}

static int
sync_here(int fd, long number)
{
    char folder[4096];

    iolog_lock();
    guint64 file = iolog_file_of(fd);
    gboolean is_folder = file == 0 && folder_of(fd, folder, sizeof folder);
    gint64 begin = 0;
    if (file != 0)
        begin = iolog_put(IOLOG_SYNC_BEGIN, file, 0, 0, NULL, 0);
    else if (is_folder)
        begin = iolog_put(IOLOG_DIR_BEGIN, 0, 0, 0, folder, strlen(folder) + 1);
    iolog_unlock();

    int result = (int)syscall(number, fd);

    iolog_lock();
    if (result == 0 && file != 0)
        iolog_put(IOLOG_SYNC_END, file, 0, begin, NULL, 0);
    else if (result == 0 && is_folder)
        iolog_put(IOLOG_DIR_END, 0, 0, begin, folder, strlen(folder) + 1);
    iolog_unlock();
    return result;
}

int
fsync(int fd)
{
    return sync_here(fd, SYS_fsync);
}

int
fdatasync(int fd)
{
    return sync_here(fd, SYS_fdatasync);
}

/* ---- names */

int
rename(const char *from, const char *to)
{
    iolog_lock();
    const char *old = iolog_inside(from), *new = iolog_inside(to);
    if ((old == NULL) != (new == NULL))
        iolog_die("a rename into or out of the folder");
    int result = (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
    if (old != NULL && result == 0) {
        g_autofree char *both = g_strdup_printf("%s%c%s", old, '\n', new);
        gsize length = strlen(both) + 1;
        both[strlen(old)] = '\0';
        iolog_put(IOLOG_RENAME, 0, 0, 0, both, length);
    }
    iolog_unlock();
    return result;
}

int
unlink(const char *path)
{
    iolog_lock();
    const char *relative = iolog_inside(path);
    int result = (int)syscall(SYS_unlinkat, AT_FDCWD, path, 0);
    if (relative != NULL && result == 0)
        iolog_put(IOLOG_UNLINK, 0, 0, 0, relative, strlen(relative) + 1);
    iolog_unlock();
    return result;
}
