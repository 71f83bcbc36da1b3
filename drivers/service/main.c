// SPDX-License-Identifier: Apache-2.0
#include <darvaza/daemon.h>
#include <darvaza/device_service.h>
#include <darvaza/readers.h>

static gboolean
start(const DvConfig *config, void **state, GError **error)
{
    *state = dv_device_service_new(config, dv_reader_drivers(), error);
    return *state != NULL;
}

static void
stop(void *state)
{
    dv_device_service_free(state);
}

int
main(int argc, char **argv)
{
    const DvDaemon daemon = {
        .name = "darvaza-devices",
        .summary = "Owns the kiosk's document readers and offers what they read.",
        .keys = dv_device_service_keys,
        .start = start,
        .stop = stop,
    };
    return dv_daemon_main(&daemon, argc, argv);
}
