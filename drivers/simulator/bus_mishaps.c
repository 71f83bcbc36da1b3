// SPDX-License-Identifier: Apache-2.0
#include "bus_private.h"
#include <darvaza/error.h>

gboolean
dv_sim_bus_stall(DvSimBus *bus, const char *port, GError **error)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    if (device == NULL)
        return FALSE;
    gboolean halts = device->model->iso == NULL;
    if (halts)
        dv_sim_halt(device->model, device->model->data_in, TRUE);
    else
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "simulator: the endpoint at %s is isochronous and never halts", port);
    dv_sim_device_advance(device);
    dv_sim_bus_unlock(bus);
    return halts;
}

gboolean
dv_sim_bus_sleep(DvSimBus *bus, const char *port, GError **error)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    if (device == NULL)
        return FALSE;
    device->gone = TRUE;
    dv_sim_device_advance(device);
    device->gone = FALSE;
    dv_sim_reset(device->model);
    if (device->model->kernel != NULL)
        device->model->kernel(device->model, TRUE);
    dv_sim_bus_unlock(bus);
    return TRUE;
}

gboolean
dv_sim_bus_fail_reads(DvSimBus *bus, const char *port, guint count, GError **error)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    if (device == NULL)
        return FALSE;
    device->fail_reads = count;
    dv_sim_device_advance(device);
    dv_sim_bus_unlock(bus);
    return TRUE;
}
