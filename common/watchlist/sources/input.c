// SPDX-License-Identifier: Apache-2.0
#include "input.h"

#include <darvaza/error.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
watchlist_input_open(WatchlistInput *input, const char *path, GError **error)
{
    struct stat status;

    memset(input, 0, sizeof *input);
    input->path = path;
    input->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (input->fd < 0) {
        dv_error_set_errno(error, errno, "cannot open %s", path);
        return FALSE;
    }
    if (fstat(input->fd, &status) == 0 && S_ISREG(status.st_mode))
        input->size = (guint64)status.st_size;
    return TRUE;
}

void
watchlist_input_open_memory(WatchlistInput *input, const void *data, gsize length)
{
    memset(input, 0, sizeof *input);
    input->fd = -1;
    input->data = data;
    input->left = length;
}

void
watchlist_input_close(WatchlistInput *input)
{
    if (input->fd >= 0)
        close(input->fd);
    input->fd = -1;
    input->left = 0;
}

gboolean
watchlist_input_fill(WatchlistInput *input, GError **error)
{
    gssize n = 0;

    if (input->fd >= 0) {
        do
            n = read(input->fd, input->buffer, sizeof input->buffer);
        while (n < 0 && errno == EINTR);
        if (n < 0) {
            dv_error_set_errno(error, errno, "cannot read %s", input->path);
            return FALSE;
        }
    }
    input->data = input->buffer;
    input->left = (gsize)n;
    input->done += (guint64)n;
    if (input->progress != NULL)
        input->progress(input->done, input->size, input->progress_data);
    return TRUE;
}
