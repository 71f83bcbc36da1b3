// SPDX-License-Identifier: Apache-2.0
#include <darvaza/daemon.h>
#include <darvaza/uplink.h>

static gboolean
start(const DvConfig *config, void **state, GError **error)
{
    *state = dv_uplink_new(config, error);
    return *state != NULL;
}

static void
stop(void *state)
{
    dv_uplink_free(state);
}

int
main(int argc, char **argv)
{
    const DvDaemon daemon = {
        .name = "darvaza-uplink",
        .summary = "Carries sealed records to the centre and signed answers back.",
        .keys = dv_uplink_keys,
        .start = start,
        .stop = stop,
    };
    return dv_daemon_main(&daemon, argc, argv);
}
