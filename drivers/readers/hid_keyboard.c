// SPDX-License-Identifier: Apache-2.0
/*
 * Document readers that type as a keyboard does. The interface is taken from the kernel's driver,
 * so that nothing reaches the desktop: a zone typed into whatever window is open would be a
 * traveller's data in the wrong hands. Opening: claimed -> boot protocol -> no repetition ->
 * reading.
 */
#include "hid.h"
#include "hid_keyboard_proto.h"
#include "sink.h"
#include <darvaza/error.h>
#include <string.h>

#define READ_DEPTH 4

typedef enum { STEP_PROTOCOL, STEP_IDLE } Step;

typedef struct {
    gint64 arrived_us; /* first: sink.h */
    DvHidPlaces places;
    DvKeyboard keyboard;
} State;

/* Sources: usb.ids as shipped by Debian (2025.07.26). */
static const DvUsbId ids[] = {
    {0x0db5, 0x013a, "Access-IS scanner module (keyboard)", "usb.ids", FALSE, FALSE, NULL},
    {0x0c2e, 0x0204, "Honeywell scanner (keyboard)", "usb.ids", FALSE, FALSE, NULL},
    {0x05e0, 0x1200, "Zebra scanner (keyboard)", "usb.ids", FALSE, FALSE, NULL},
    {0x1eab, 0x1303, "Newland EM20/EM30 scanner (keyboard)", "usb.ids", FALSE, FALSE, NULL},
    {0x1eab, 0x1d03, "Newland FM430 scanner (keyboard)", "usb.ids", FALSE, FALSE, NULL},
    {0x1eab, 0x2003, "Newland EM2037 scanner (keyboard)", "usb.ids", FALSE, FALSE, NULL},
    {0x1209, 0x0007, "Simulated keyboard reader", "pid.codes test identity", FALSE, TRUE, NULL},
    {0, 0, NULL, NULL, FALSE, FALSE, NULL},
};

static gboolean
keyboard_check(const char *key, const char *value, GError **error)
{
    DvLayout layout;
    if (strcmp(key, "layout") == 0 && dv_layout_parse(value, &layout))
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "%s=%s: a keyboard reader takes layout=, one of us, de, fr, tr", key, value);
    return FALSE;
}

static gboolean
keyboard_open(DvDevice *device, GError **error)
{
    State *state = dv_device_state(device);
    const DvUsbShape *shape = dv_device_shape(device);
    const char *name = dv_device_option(device, "layout");
    DvLayout layout = DV_LAYOUT_US;
    if (name != NULL)
        dv_layout_parse(name, &layout); /* checked when it was given */
    dv_keyboard_reset(&state->keyboard, layout);
    if (!dv_hid_find(shape, TRUE, &state->places)) {
        g_set_error(
            error, DV_ERROR, DV_ERROR_INVALID,
            "USB device %04x:%04x is no keyboard reader: it has no interface of class 3/1/1 "
            "(boot keyboard) with an interrupt input",
            shape->vid, shape->pid);
        return FALSE;
    }
    if (!dv_device_claim(device, state->places.interface_number, error))
        return FALSE;
    dv_device_control(device, STEP_PROTOCOL, DV_HID_TO_INTERFACE, DV_HID_SET_PROTOCOL, 0,
                      state->places.interface_number, NULL, 0);
    dv_device_control(device, STEP_IDLE, DV_HID_TO_INTERFACE, DV_HID_SET_IDLE, 0,
                      state->places.interface_number, NULL, 0);
    return TRUE;
}

static void
keyboard_control(DvDevice *device, guint tag, const GError *error)
{
    State *state = dv_device_state(device);
    g_autoptr(GError) trouble = NULL;
    /* SET_IDLE is optional (HID 1.11, 7.2.4), and a reader that has no other protocol may refuse
     * SET_PROTOCOL. */
    (void)error;
    if (tag != STEP_IDLE)
        return;
    /* One report fills one packet, so a transfer must not ask for more than that. */
    if (!dv_device_read(device, state->places.in_endpoint, READ_DEPTH, state->places.in_packet,
                        &trouble)) {
        dv_device_fail(device, "%s", trouble->message);
        return;
    }
    dv_device_ready(device);
}

static void
keyboard_input(DvDevice *device, guint8 endpoint, const guint8 *data, gsize length,
               gint64 arrived_us)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = dv_sink_for_device(device, NULL);
    (void)endpoint;
    state->arrived_us = arrived_us;
    dv_keyboard_push(&state->keyboard, data, length, &sink);
}

static void
keyboard_idle(DvDevice *device)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = dv_sink_for_device(device, NULL);
    dv_keyboard_idle(&state->keyboard, &sink);
}

static void
keyboard_lost(DvDevice *device)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = dv_sink_for_device(device, NULL);
    dv_keyboard_lost(&state->keyboard, &sink);
}

const DvDriver dv_hid_keyboard_driver = {
    .family = "hid-keyboard",
    .kind = DV_DEVICE_READER,
    .ids = ids,
    .state_size = sizeof(State),
    .idle_gap_ms = 250, /* scanners can be set to pause between keys */
    .faces = DV_FACE_INPUT | DV_FACE_HIDRAW,
    .check = keyboard_check,
    .open = keyboard_open,
    .control = keyboard_control,
    .input = keyboard_input,
    .idle = keyboard_idle,
    .lost = keyboard_lost,
    .close = keyboard_lost, /* an unfinished document is reported as dropped */
};
