// SPDX-License-Identifier: Apache-2.0
#include <darvaza/cameras.h>
#include <darvaza/daemon.h>
#include <darvaza/device_service.h>
#include <darvaza/readers.h>
#include <darvaza/usbio.h>

typedef struct {
    const DvDriver **drivers;
    DvDeviceService *service;
} State;

static void
stop(void *data)
{
    State *state = data;
    if (state == NULL) /* it did not start */
        return;
    dv_device_service_free(state->service);
    g_free(state->drivers);
    g_free(state);
}

static gboolean
start(const DvConfig *config, void **data, GError **error)
{
    State *state = g_new0(State, 1);
    state->drivers = dv_usb_join_drivers(dv_reader_drivers(), dv_camera_drivers());
    state->service = dv_device_service_new(config, state->drivers, error);
    if (state->service == NULL) {
        stop(state);
        return FALSE;
    }
    *data = state;
    return TRUE;
}

int
main(int argc, char **argv)
{
    const DvDaemon daemon = {
        .name = "darvaza-devices",
        .summary = "Owns the kiosk's document readers and cameras, offers what they see.",
        .keys = dv_device_service_keys,
        .start = start,
        .stop = stop,
    };
    return dv_daemon_main(&daemon, argc, argv);
}
