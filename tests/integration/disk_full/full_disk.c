// SPDX-License-Identifier: Apache-2.0
/* Both names of each function are defined here, so none may be an alias of the other. */
#undef _FILE_OFFSET_BITS
#include "full_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static FullDisk own = {-1, 0, 0, 0};
static FullDisk *disk = &own;
static char root[4096]; /* "": nowhere */

static void
read_environment(void)
{
    const char *folder = getenv("FULL_DISK_ROOT"), *control = getenv("FULL_DISK_CONTROL");

    if (folder == NULL || control == NULL)
        return;
    int fd = (int)syscall(SYS_openat, AT_FDCWD, control, O_RDWR | O_CLOEXEC, 0);
    void *map = mmap(NULL, sizeof *disk, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED)
        abort(); /* without it a test would see a disk that is never full */
    close(fd);
    disk = map;
    g_strlcpy(root, folder, sizeof root);
}

FullDisk *
full_disk(void)
{
    pthread_once(&once, read_environment);
    return disk;
}

void
full_disk_watch(const char *folder)
{
    g_strlcpy(root, folder, sizeof root);
}

static gboolean
path_is_inside(const char *path)
{
    gsize length = strlen(root);
    return length > 0 && strncmp(path, root, length) == 0 && path[length] == '/';
}

static gboolean
is_inside(int fd)
{
    char name[64], path[4096];
    struct stat info;

    if (root[0] == '\0' || fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))
        return FALSE;
    g_snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    gssize n = readlink(name, path, sizeof path - 1);
    if (n < 0)
        return FALSE;
    path[n] = '\0';
    return path_is_inside(path);
}

typedef enum { ROOM, HALF, NONE } Room;

static Room
take_room(void)
{
    Room room = ROOM;

    pthread_mutex_lock(&lock);
    if (disk->left == 0)
        disk->refused++;
    if (disk->left == 0)
        room = NONE;
    else if (disk->left == 1 && disk->halves != 0)
        room = HALF;
    if (disk->left > 0)
        disk->left--;
    pthread_mutex_unlock(&lock);
    return room;
}

static int
no_room(void)
{
    errno = ENOSPC;
    return -1;
}

static gssize
write_here(int fd, const void *data, gsize length, gint64 offset, gboolean at_offset)
{
    full_disk();
    if (is_inside(fd)) {
        Room room = take_room();
        if (room == NONE)
            return no_room();
        if (room == HALF && length > 1)
            length /= 2;
    }
    return at_offset ? syscall(SYS_pwrite64, fd, data, length, offset)
                     : syscall(SYS_write, fd, data, length);
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

/* Making a file shorter needs no room. */
static int
truncate_here(int fd, gint64 size)
{
    struct stat info;

    full_disk();
    if (is_inside(fd) && fstat(fd, &info) == 0 && size > info.st_size && take_room() == NONE)
        return no_room();
    return (int)syscall(SYS_ftruncate, fd, size);
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

/* A new name needs room in its folder. */
static int
open_here(const char *path, int flags, mode_t mode)
{
    full_disk();
    if ((flags & O_CREAT) != 0 && path_is_inside(path) && access(path, F_OK) != 0 &&
        take_room() == NONE)
        return no_room();
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
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
sync_here(int fd, long number)
{
    full_disk();
    if (disk->sync_fails != 0 && is_inside(fd) && take_room() == NONE)
        return no_room();
    return (int)syscall(number, fd);
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
