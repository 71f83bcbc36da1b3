// SPDX-License-Identifier: Apache-2.0
#include "sealed.h"
#include <darvaza/error.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static gboolean
fill(int fd, const guint8 *bytes, gsize length)
{
    while (length > 0) {
        gssize written = write(fd, bytes, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return FALSE;
        bytes += written;
        length -= (gsize)written;
    }
    return fcntl(fd, F_ADD_SEALS, SEALS) == 0;
}

int
dv_sealed_copy(const guint8 *bytes, gsize length, GError **error)
{
    int fd = memfd_create("darvaza-frame", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && fill(fd, bytes, length))
        return fd;
    dv_error_set_errno(error, errno, "sealing a frame of %zu bytes", length);
    if (fd >= 0)
        close(fd);
    return -1;
}
