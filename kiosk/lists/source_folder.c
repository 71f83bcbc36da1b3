// SPDX-License-Identifier: Apache-2.0
/* A stick or a folder. Its names are ours (digests and numbers), so nothing of it chooses a path.
 */
#include "source.h"

#include <darvaza/error.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    ListsSource source;
    char *folder;
} FolderSource;

static gssize
read_at(int fd, guint8 *data, gsize max, gint64 offset)
{
    gsize done = 0;

    while (done < max) {
        gssize n = pread(fd, data + done, max - done, (off_t)(offset + (gint64)done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (gsize)n;
    }
    return (gssize)done;
}

/* A pipe or a device under an expected name must not hang the service. */
static int
open_file(const char *path)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd >= 0 && (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode))) {
        close(fd);
        errno = ENOENT;
        return -1;
    }
    return fd;
}

static DvTrustReason
read_folder(ListsSource *source, const char *kind, const char *name, gint64 offset, gsize max,
            GBytes **bytes, GError **error)
{
    const FolderSource *self = (FolderSource *)source;
    g_autofree char *path = g_build_filename(self->folder, name, NULL);
    g_autofree guint8 *data = g_malloc(max);
    (void)kind;

    int fd = open_file(path);
    if (fd < 0) {
        gboolean absent = errno == ENOENT || errno == ENOTDIR;
        dv_error_set_errno(error, errno, "cannot open %s", path);
        return absent ? DV_TRUST_ABSENT : DV_TRUST_UNAVAILABLE;
    }
    gssize length = read_at(fd, data, max, offset);
    int problem = errno;
    close(fd);
    if (length < 0) {
        dv_error_set_errno(error, problem, "cannot read %s", path);
        return DV_TRUST_IO;
    }
    *bytes = g_bytes_new(data, (gsize)length);
    return DV_TRUST_OK;
}

ListsSource *
lists_source_folder_new(const char *folder)
{
    FolderSource *self = g_new0(FolderSource, 1);

    self->source.read = read_folder;
    self->source.word = "the folder";
    self->folder = g_strdup(folder);
    return &self->source;
}

void
lists_source_folder_free(ListsSource *source)
{
    FolderSource *self = (FolderSource *)source;

    if (self == NULL)
        return;
    g_free(self->folder);
    g_free(self);
}
