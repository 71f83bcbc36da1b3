// SPDX-License-Identifier: Apache-2.0
/* Document readers that report as a point-of-sale scanner does; protocol in hid_pos_proto.h. */
#include "hid.h"
#include "hid_pos_proto.h"
#include "sink.h"
#include <darvaza/error.h>

#define READ_DEPTH 4

typedef struct {
    gint64 arrived_us; /* first: sink.h */
    DvHidPlaces places;
    DvHidPos pos;
} State;

/* Sources: usb.ids as shipped by Debian (2025.07.26). */
static const DvUsbId ids[] = {
    {0x0db5, 0x013b, "Access-IS scanner module (HID)", "usb.ids", FALSE, FALSE, NULL},
    {0x1eab, 0x1310, "Newland EM20/EM30 scanner (HID POS)", "usb.ids", FALSE, FALSE, NULL},
    {0x1eab, 0x1d10, "Newland FM430 scanner (HID POS)", "usb.ids", FALSE, FALSE, NULL},
    {0x1eab, 0x2010, "Newland EM2037 scanner (HID POS)", "usb.ids", FALSE, FALSE, NULL},
    {0x1209, 0x0008, "Simulated HID reader", "pid.codes test identity", FALSE, TRUE, NULL},
    {0, 0, NULL, NULL, FALSE, FALSE, NULL},
};

static gboolean
pos_open(DvDevice *device, GError **error)
{
    State *state = dv_device_state(device);
    const DvUsbShape *shape = dv_device_shape(device);
    dv_hid_pos_reset(&state->pos);
    if (!dv_hid_find(shape, FALSE, &state->places) ||
        state->places.in_packet != DV_HID_POS_REPORT) {
        g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                    "USB device %04x:%04x is no HID reader: it has no HID interface with an "
                    "interrupt input of %d bytes",
                    shape->vid, shape->pid, DV_HID_POS_REPORT);
        return FALSE;
    }
    if (!dv_device_claim(device, state->places.interface_number, error))
        return FALSE;
    dv_device_control(device, 0, DV_HID_TO_INTERFACE, DV_HID_SET_IDLE, 0,
                      state->places.interface_number, NULL, 0);
    return TRUE;
}

static void
pos_control(DvDevice *device, guint tag, const GError *error)
{
    State *state = dv_device_state(device);
    g_autoptr(GError) trouble = NULL;
    (void)tag;
    (void)error; /* SET_IDLE is optional (HID 1.11, 7.2.4) */
    if (!dv_device_read(device, state->places.in_endpoint, READ_DEPTH, DV_HID_POS_REPORT,
                        &trouble)) {
        dv_device_fail(device, "%s", trouble->message);
        return;
    }
    dv_device_ready(device);
}

static void
pos_input(DvDevice *device, guint8 endpoint, const guint8 *data, gsize length, gint64 arrived_us)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = dv_sink_for_device(device, NULL);
    (void)endpoint;
    state->arrived_us = arrived_us;
    dv_hid_pos_push(&state->pos, data, length, &sink);
}

static void
pos_idle(DvDevice *device)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = dv_sink_for_device(device, NULL);
    dv_hid_pos_idle(&state->pos, &sink);
}

static void
pos_lost(DvDevice *device)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = dv_sink_for_device(device, NULL);
    dv_hid_pos_lost(&state->pos, &sink);
}

const DvDriver dv_hid_pos_driver = {
    .family = "hid-pos",
    .kind = DV_DEVICE_READER,
    .ids = ids,
    .state_size = sizeof(State),
    .idle_gap_ms = 120,
    .faces = DV_FACE_HIDRAW,
    .open = pos_open,
    .control = pos_control,
    .input = pos_input,
    .idle = pos_idle,
    .lost = pos_lost,
    .close = pos_lost, /* an unfinished document is reported as dropped */
};
