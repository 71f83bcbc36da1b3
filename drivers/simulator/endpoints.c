// SPDX-License-Identifier: Apache-2.0
/* What is in force of a device's configuration. */
#include "model.h"

enum { DESCRIPTOR_INTERFACE = 4, DESCRIPTOR_ENDPOINT = 5 };

const guint8 *
dv_sim_next_descriptor(const DvSimModel *model, const guint8 *at)
{
    const guint8 *end = model->config + model->config_length;
    at += at[0];
    return at + 2 <= end && at[0] >= 2 && at + at[0] <= end ? at : NULL;
}

void
dv_sim_walk(const DvSimModel *model, DvSimWalk each, void *data)
{
    const guint8 *interface = NULL;
    for (const guint8 *at = model->config; at != NULL; at = dv_sim_next_descriptor(model, at)) {
        if (at[1] == DESCRIPTOR_INTERFACE) {
            guint8 number = at[2];
            interface =
                number < DV_SIM_MAX_INTERFACES && model->alternate[number] == at[3] ? at : NULL;
            if (interface != NULL)
                each(interface, NULL, data);
        } else if (at[1] == DESCRIPTOR_ENDPOINT && interface != NULL)
            each(interface, at, data);
    }
}

typedef struct {
    guint8 address;
    DvSimEndpoint *endpoint;
    gboolean high_speed, found;
} Search;

static void
meet_endpoint(const guint8 *interface, const guint8 *endpoint, void *data)
{
    Search *search = data;
    if (endpoint == NULL || endpoint[2] != search->address)
        return;
    guint size = endpoint[4] | (guint)endpoint[5] << 8;
    guint exponent = endpoint[6] > 0 ? endpoint[6] - 1u : 0;
    gboolean iso = (endpoint[3] & 3) == 1;
    search->found = TRUE;
    search->endpoint->attributes = endpoint[3];
    search->endpoint->interface = interface[2];
    search->endpoint->packet_size = (size & 0x7ff) * (1 + (size >> 11 & 3));
    if (search->high_speed)
        search->endpoint->interval_us = 125LL << MIN(exponent, 15);
    else
        search->endpoint->interval_us = iso ? 1000LL << MIN(exponent, 15) : endpoint[6] * 1000LL;
}

gboolean
dv_sim_endpoint(const DvSimModel *model, guint8 address, DvSimEndpoint *endpoint)
{
    Search search = {address, endpoint, model->speed == DV_SIM_HIGH_SPEED, FALSE};
    dv_sim_walk(model, meet_endpoint, &search);
    return search.found;
}
