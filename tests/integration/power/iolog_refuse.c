// SPDX-License-Identifier: Apache-2.0
/* Ways to change a file that the recorder cannot record. Where one of them is used on a recorded
 * file, the recording would be wrong without anybody noticing: the process ends instead. */
#undef _FILE_OFFSET_BITS
#include "iolog_private.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static void
refuse_fd(int fd, const char *what)
{
    if (iolog_watches(fd, NULL))
        iolog_die(what);
}

static void *
map_here(void *address, gsize length, int protection, int flags, int fd, gint64 offset)
{
    if (fd >= 0 && (flags & MAP_SHARED) != 0 && (protection & PROT_WRITE) != 0)
        refuse_fd(fd, "a shared writable mapping");
    return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
}

void *
mmap(void *address, gsize length, int protection, int flags, int fd, off_t offset)
{
    return map_here(address, length, protection, flags, fd, offset);
}

void *
mmap64(void *address, gsize length, int protection, int flags, int fd, off64_t offset)
{
    return map_here(address, length, protection, flags, fd, offset);
}

static int
open_at(int folder, const char *path, int flags, mode_t mode)
{
    if ((flags & O_ACCMODE) != O_RDONLY && iolog_watches(-1, path))
        iolog_die("openat");
    return (int)syscall(SYS_openat, folder, path, flags, mode);
}

#define OPEN_BODY                                                                                  \
    va_list args;                                                                                  \
    va_start(args, flags);                                                                         \
    mode_t mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;               \
    va_end(args);                                                                                  \
    return open_at(folder, path, flags, mode)

int
openat(int folder, const char *path, int flags, ...)
{
    OPEN_BODY;
}

int
openat64(int folder, const char *path, int flags, ...)
{
    OPEN_BODY;
}

gssize
writev(int fd, const struct iovec *parts, int count)
{
    refuse_fd(fd, "writev");
    return syscall(SYS_writev, fd, parts, count);
}

int
fallocate64(int fd, int mode, off64_t offset, off64_t length)
{
    refuse_fd(fd, "fallocate");
    return (int)syscall(SYS_fallocate, fd, mode, offset, length);
}

int
posix_fallocate64(int fd, off64_t offset, off64_t length)
{
    refuse_fd(fd, "posix_fallocate");
    return syscall(SYS_fallocate, fd, 0, offset, length) == 0 ? 0 : 95; /* EOPNOTSUPP */
}

int
creat64(const char *path, mode_t mode)
{
    if (iolog_watches(-1, path))
        iolog_die("creat");
    return (int)syscall(SYS_openat, AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode);
}

int
link(const char *from, const char *to)
{
    if (iolog_watches(-1, to))
        iolog_die("a second name of a file");
    return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
mkdir(const char *path, mode_t mode)
{
    if (iolog_watches(-1, path))
        iolog_die("a new folder");
    return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}
