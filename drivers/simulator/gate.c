// SPDX-License-Identifier: Apache-2.0
#include "gate.h"
#include <darvaza/error.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIPE_SIZE 4096 /* one page: full or empty, nothing between */

gboolean
dv_sim_gate_init(DvSimGate *gate, const char *path, GError **error)
{
    g_autofree char *fresh = g_strconcat(path, ".new", NULL);
    /* Renamed into place, so that a process opening the node always finds one. */
    if (mkfifo(fresh, 0600) != 0 || g_rename(fresh, path) != 0 ||
        (gate->fd = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "simulator: making device node %s: %s", path,
                    g_strerror(errno));
        return FALSE;
    }
    if (fcntl(gate->fd, F_SETPIPE_SZ, PIPE_SIZE) < 0) {
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "simulator: sizing device node %s: %s", path,
                    g_strerror(errno));
        close(gate->fd);
        return FALSE;
    }
    gate->open = TRUE;
    dv_sim_gate_set(gate, FALSE);
    return TRUE;
}

void
dv_sim_gate_set(DvSimGate *gate, gboolean open)
{
    guint8 page[PIPE_SIZE] = {0};
    if (gate->fd < 0 || gate->open == open)
        return;
    gate->open = open;
    if (open)
        while (read(gate->fd, page, sizeof page) > 0)
            continue;
    else
        while (write(gate->fd, page, sizeof page) > 0)
            continue;
}

void
dv_sim_gate_clear(DvSimGate *gate)
{
    if (gate->fd >= 0)
        close(gate->fd);
    gate->fd = -1;
}
