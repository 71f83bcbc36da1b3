// SPDX-License-Identifier: Apache-2.0
#include "bus_private.h"
#include <darvaza/error.h>
#include <pthread.h>
#include <string.h>

#define ERRORS_MS 60
#define SILENT_MS 300
#define TELL_AGAIN_MS 20

struct DvSimBus {
    DvSimTransport *transport;
    GHashTable *devices; /* port -> DvSimDevice */
    GPtrArray *departed; /* of DvSimDevice: the transport may still answer for them */
    guint next_number;
    pthread_mutex_t lock;
};

void
dv_sim_bus_lock(DvSimBus *bus)
{
    pthread_mutex_lock(&bus->lock);
}

void
dv_sim_bus_unlock(DvSimBus *bus)
{
    pthread_mutex_unlock(&bus->lock);
}

DvSimTransport *
dv_sim_bus_transport(DvSimBus *bus)
{
    return bus->transport;
}

static void
device_free(gpointer data)
{
    DvSimDevice *device = data;
    if (device->leave_source != 0)
        g_source_remove(device->leave_source);
    g_source_destroy(device->wake);
    g_source_unref(device->wake);
    device->bus->transport->forget(device->bus->transport, device);
    g_queue_clear(&device->urbs);
    dv_sim_model_free(device->model);
    g_free(device->port);
    g_free(device);
}

DvSimBus *
dv_sim_bus_new(DvSimTransport *transport)
{
    DvSimBus *bus = g_new0(DvSimBus, 1);
    bus->transport = transport;
    bus->devices = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, device_free);
    bus->departed = g_ptr_array_new_with_free_func(device_free);
    bus->next_number = 2;
    pthread_mutex_init(&bus->lock, NULL);
    return bus;
}

void
dv_sim_bus_free(DvSimBus *bus)
{
    if (bus == NULL)
        return;
    if (bus->transport->stop != NULL)
        bus->transport->stop(bus->transport);
    g_hash_table_unref(bus->devices);
    g_ptr_array_unref(bus->departed);
    bus->transport->free(bus->transport);
    pthread_mutex_destroy(&bus->lock);
    g_free(bus);
}

/* ---- plugging */

static gboolean
dispatch_wake(GSource *source, GSourceFunc callback, gpointer data)
{
    (void)source;
    return callback(data);
}

static gboolean
on_wake(gpointer data)
{
    DvSimDevice *device = data;
    dv_sim_bus_lock(device->bus);
    dv_sim_device_advance(device);
    dv_sim_bus_unlock(device->bus);
    return G_SOURCE_CONTINUE;
}

static DvSimDevice *
device_new(DvSimBus *bus, const char *port, DvSimModel *model)
{
    static GSourceFuncs wake_functions = {.dispatch = dispatch_wake};
    DvSimDevice *device = g_new0(DvSimDevice, 1);
    device->bus = bus;
    device->model = model;
    device->port = g_strdup(port);
    device->number = bus->next_number;
    bus->next_number = device->number == 127 ? 2 : device->number + 1;
    g_queue_init(&device->urbs);
    device->wake = g_source_new(&wake_functions, sizeof(GSource));
    g_source_set_callback(device->wake, on_wake, device, NULL);
    g_source_attach(device->wake, NULL);
    return device;
}

gboolean
dv_sim_bus_plug(DvSimBus *bus, const char *port, DvSimModel *model, GError **error)
{
    if (strlen(port) != 3 || !g_str_has_prefix(port, "1-") || port[2] < '1' || port[2] > '9') {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "simulator: port %s is none of 1-1 to 1-9",
                    port);
        dv_sim_model_free(model);
        return FALSE;
    }
    if (dv_sim_bus_is_plugged(bus, port)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "simulator: port %s is taken", port);
        dv_sim_model_free(model);
        return FALSE;
    }
    DvSimDevice *device = device_new(bus, port, model);
    if (!bus->transport->attach(bus->transport, device, error)) {
        device_free(device);
        return FALSE;
    }
    g_hash_table_insert(bus->devices, device->port, device);
    return TRUE;
}

DvSimDevice *
dv_sim_bus_lock_device(DvSimBus *bus, const char *port, GError **error)
{
    DvSimDevice *device = g_hash_table_lookup(bus->devices, port);
    if (device == NULL || device->leaving) {
        g_set_error(error, DV_ERROR, DV_ERROR_UNAVAILABLE, "simulator: nothing is plugged in at %s",
                    port);
        return NULL;
    }
    dv_sim_bus_lock(bus);
    return device;
}

static void
vanish(DvSimDevice *device)
{
    dv_sim_bus_lock(device->bus);
    device->gone = TRUE;
    dv_sim_device_advance(device);
    dv_sim_bus_unlock(device->bus);
}

static gboolean
on_leave(gpointer data)
{
    DvSimDevice *device = data;
    DvSimBus *bus = device->bus;
    device->leave_source = 0;
    vanish(device);
    if (!bus->transport->detach(bus->transport, device)) {
        device->leave_source = g_timeout_add(TELL_AGAIN_MS, on_leave, device);
        return G_SOURCE_REMOVE;
    }
    g_hash_table_steal(bus->devices, device->port);
    g_ptr_array_add(bus->departed, device);
    return G_SOURCE_REMOVE;
}

gboolean
dv_sim_bus_unplug(DvSimBus *bus, const char *port, DvSimUnplug shape, GError **error)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    if (device == NULL)
        return FALSE;
    device->leaving = TRUE;
    device->shape = shape;
    if (shape == DV_SIM_ERRORS)
        device->fail_reads = G_MAXUINT;
    device->gone = shape != DV_SIM_ERRORS;
    dv_sim_device_advance(device);
    dv_sim_bus_unlock(bus);
    if (shape == DV_SIM_GONE)
        on_leave(device);
    else
        device->leave_source =
            g_timeout_add(shape == DV_SIM_SILENT ? SILENT_MS : ERRORS_MS, on_leave, device);
    return TRUE;
}

/* ---- what a host sees of its own */

static gboolean
refuse(const char *what, GError **error)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "simulator: this transport has no %s", what);
    return FALSE;
}

gboolean
dv_sim_bus_announce(DvSimBus *bus, const char *port, GError **error)
{
    DvSimTransport *transport = bus->transport;
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    if (device == NULL)
        return FALSE;
    dv_sim_bus_unlock(bus);
    return transport->announce != NULL ? transport->announce(transport, device, error)
                                       : refuse("announcements", error);
}

gboolean
dv_sim_bus_permit(DvSimBus *bus, const char *port, gboolean permitted, GError **error)
{
    DvSimTransport *transport = bus->transport;
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    if (device == NULL)
        return FALSE;
    dv_sim_bus_unlock(bus);
    return transport->permit != NULL ? transport->permit(transport, device, permitted, error)
                                     : refuse("file modes", error);
}

gboolean
dv_sim_bus_hold(DvSimBus *bus, const char *port, gboolean held, GError **error)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, error);
    if (device == NULL)
        return FALSE;
    device->held = held;
    dv_sim_bus_unlock(bus);
    return TRUE;
}

/* ---- what is there */

const char *
dv_sim_bus_model(DvSimBus *bus, const char *port)
{
    const DvSimDevice *device = g_hash_table_lookup(bus->devices, port);
    return device != NULL ? device->model->name : NULL;
}

gboolean
dv_sim_bus_is_plugged(DvSimBus *bus, const char *port)
{
    return g_hash_table_contains(bus->devices, port);
}

gboolean
dv_sim_bus_is_listening(DvSimBus *bus, const char *port, gboolean *halted)
{
    DvSimDevice *device = dv_sim_bus_lock_device(bus, port, NULL);
    gboolean asked = FALSE;
    if (device == NULL)
        return FALSE;
    DvSimModel *model = device->model;
    for (GList *at = device->urbs.head; at != NULL; at = at->next)
        asked |= ((const DvSimUrb *)at->data)->endpoint == model->data_in;
    gboolean listening = asked && model->listening(model);
    if (halted != NULL)
        *halted = dv_sim_is_halted(model, model->data_in);
    dv_sim_bus_unlock(bus);
    return listening;
}

char **
dv_sim_bus_ports(DvSimBus *bus)
{
    g_autoptr(GList) keys =
        g_list_sort(g_hash_table_get_keys(bus->devices), (GCompareFunc)(void (*)(void))g_strcmp0);
    g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
    for (GList *at = keys; at != NULL; at = at->next)
        g_strv_builder_add(builder, at->data);
    return g_strv_builder_end(builder);
}
