// SPDX-License-Identifier: Apache-2.0
#include "bus_private.h"
#include <darvaza/error.h>

/* As dv_sim_bus_lock_device(), and it is a camera. */
static DvSimModel *
lock_camera(DvSimBus *bus, const char *port, GError **error)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    if (device == NULL)
        return NULL;
    if (device->model->show != NULL)
        return device->model;
    dv_sim_bus_unlock(bus);
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "simulator: what is plugged in at %s is no camera", port);
    return NULL;
}

gboolean
dv_sim_bus_show(DvSimBus *bus, const char *port, const char *path, GError **error)
{
    DvSimModel *model = lock_camera(bus, port, error);
    if (model == NULL)
        return FALSE;
    gboolean ok = model->show(model, path, error);
    dv_sim_bus_unlock(bus);
    return ok;
}

gboolean
dv_sim_bus_frames(DvSimBus *bus, const char *port, guint64 *sent, guint64 *dropped, GError **error)
{
    const DvSimModel *model = lock_camera(bus, port, error);
    if (model == NULL)
        return FALSE;
    model->frames(model, sent, dropped);
    dv_sim_bus_unlock(bus);
    return TRUE;
}

gboolean
dv_sim_bus_spoil(DvSimBus *bus, const char *port, const char *kind, guint count, GError **error)
{
    DvSimModel *model = lock_camera(bus, port, error);
    if (model == NULL)
        return FALSE;
    gboolean ok = model->spoil(model, kind, count);
    dv_sim_bus_unlock(bus);
    if (!ok)
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "simulator: spoiling frames: kind is none of error, short, fid, eof");
    return ok;
}

gboolean
dv_sim_bus_set_rate(DvSimBus *bus, const char *port, const char *rate, GError **error)
{
    DvSimModel *model = lock_camera(bus, port, error);
    if (model == NULL)
        return FALSE;
    gboolean ok = model->set(model, "fps", rate);
    dv_sim_bus_unlock(bus);
    if (!ok)
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "simulator: %s is no rate of 1 to 240 frames a second", rate);
    return ok;
}

char *
dv_sim_bus_camera(DvSimBus *bus)
{
    g_auto(GStrv) ports = dv_sim_bus_ports(bus);
    for (guint i = 0; ports[i] != NULL; i++)
        if (lock_camera(bus, ports[i], NULL) != NULL) {
            dv_sim_bus_unlock(bus);
            return g_strdup(ports[i]);
        }
    return NULL;
}
