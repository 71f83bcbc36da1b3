// SPDX-License-Identifier: Apache-2.0
/* The simulator's reference reader: vendor class, bulk both ways; protocol in vendor_bulk_proto.h.
 */
#include "sink.h"
#include "vendor_bulk_proto.h"

#define READ_DEPTH 4
#define READ_SIZE 1024

typedef struct {
    gint64 arrived_us; /* first: sink.h */
    DvVendorPlaces places;
    DvVendor vendor;
} State;

static const DvUsbId ids[] = {
    {0x1209, 0x0009, "Simulated bulk reader", "pid.codes test identity", FALSE, TRUE, NULL},
    {0, 0, NULL, NULL, FALSE, FALSE, NULL},
};

static void
on_send(const guint8 *bytes, gsize length, void *data)
{
    const State *state = dv_device_state(data);
    dv_device_write(data, state->places.out_endpoint, bytes, length);
}

static gboolean
vendor_open(DvDevice *device, GError **error)
{
    State *state = dv_device_state(device);
    dv_vendor_reset(&state->vendor);
    if (!dv_vendor_find(dv_device_shape(device), &state->places, error) ||
        !dv_device_claim(device, state->places.interface_number, error))
        return FALSE;
    dv_device_control(device, 0, DV_VENDOR_TO_INTERFACE, DV_VENDOR_START, DV_VENDOR_VERSION,
                      state->places.interface_number, NULL, 0);
    return TRUE;
}

static void
vendor_control(DvDevice *device, guint tag, const GError *error)
{
    State *state = dv_device_state(device);
    g_autoptr(GError) trouble = NULL;
    (void)tag;
    if (error != NULL) {
        dv_device_fail(device, "it does not start with version %d of the protocol: %s",
                       DV_VENDOR_VERSION, error->message);
        return;
    }
    if (!dv_device_read(device, state->places.in_endpoint, READ_DEPTH, READ_SIZE, &trouble)) {
        dv_device_fail(device, "%s", trouble->message);
        return;
    }
    dv_device_ready(device);
}

static void
vendor_input(DvDevice *device, guint8 endpoint, const guint8 *data, gsize length, gint64 arrived_us)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = dv_sink_for_device(device, on_send);
    (void)endpoint;
    state->arrived_us = arrived_us;
    dv_vendor_push(&state->vendor, data, length, &sink);
}

static void
vendor_idle(DvDevice *device)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = dv_sink_for_device(device, on_send);
    dv_vendor_idle(&state->vendor, &sink);
}

static void
vendor_lost(DvDevice *device)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = dv_sink_for_device(device, on_send);
    dv_vendor_lost(&state->vendor, &sink);
}

const DvDriver dv_vendor_bulk_driver = {
    .family = "vendor-bulk",
    .kind = DV_DEVICE_READER,
    .ids = ids,
    .state_size = sizeof(State),
    .idle_gap_ms = 120,
    .open = vendor_open,
    .control = vendor_control,
    .input = vendor_input,
    .idle = vendor_idle,
    .lost = vendor_lost,
    .close = vendor_lost, /* an unfinished document is reported as dropped */
};
