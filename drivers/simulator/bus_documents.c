// SPDX-License-Identifier: Apache-2.0
#include "bus_private.h"
#include <darvaza/error.h>

static void
refuse_document(const char *port, GError **error)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "simulator: what is plugged in at %s is no reader of documents", port);
}

gboolean
dv_sim_bus_produce(DvSimBus *bus, const char *port, const guint8 *bytes, gsize length,
                   GError **error)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    if (device == NULL)
        return FALSE;
    gboolean reads = device->model->produce != NULL;
    if (reads)
        device->model->produce(device->model, bytes, length);
    else
        refuse_document(port, error);
    dv_sim_device_advance(device);
    dv_sim_bus_unlock(bus);
    return reads;
}

GBytes *
dv_sim_bus_frame(DvSimBus *bus, const char *port, const char *frame, char **rows, GError **error)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    GByteArray *bytes = NULL;
    if (device == NULL)
        return NULL;
    DvSimModel *model = device->model;
    gboolean reads = model->frame != NULL;
    if (reads)
        bytes = model->frame(model, frame != NULL ? frame : model->default_frame, rows);
    dv_sim_bus_unlock(bus);
    if (bytes != NULL)
        return g_byte_array_free_to_bytes(bytes);
    if (!reads)
        refuse_document(port, error);
    else
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "simulator: the reader at %s has no frame %s", port,
                    frame != NULL ? frame : "that it usually sends");
    return NULL;
}

guint
dv_sim_bus_typed(DvSimBus *bus, const char *port, GError **error)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    guint typed = 0;
    if (device == NULL)
        return 0;
    if (device->model->typed != NULL)
        typed = device->model->typed(device->model);
    dv_sim_bus_unlock(bus);
    return typed;
}

gboolean
dv_sim_bus_types(DvSimBus *bus, const char *port)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, NULL);
    if (device == NULL)
        return FALSE;
    gboolean types = device->model->types != NULL && device->model->types(device->model);
    dv_sim_bus_unlock(bus);
    return types;
}

void
dv_sim_bus_lift(DvSimBus *bus, const char *port)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, NULL);
    if (device == NULL)
        return;
    if (device->model->lifted != NULL)
        device->model->lifted(device->model);
    dv_sim_bus_unlock(bus);
}
