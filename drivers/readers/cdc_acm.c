// SPDX-License-Identifier: Apache-2.0
/*
 * Document readers that present themselves as a serial port (USB CDC, abstract control model).
 * Opening: interfaces claimed -> DTR off -> line coding -> DTR and RTS on -> reading. DTR goes off
 * first so that a reader throws away what it kept from before: a document laid while nobody was
 * listening must not appear in front of the next traveller.
 */
#include "cdc_acm_proto.h"
#include "framer.h"
#include "sink.h"
#include <darvaza/error.h>

#define BITS_PER_SECOND 115200 /* most readers ignore it; those that do not are shipped with it */
#define READ_DEPTH 4
#define READ_SIZE 512

enum { REQUEST_TYPE_CLASS_INTERFACE = 0x21 };
enum { SET_LINE_CODING = 0x20, SET_CONTROL_LINE_STATE = 0x22 };
enum { LINES_OFF = 0, LINES_DTR_RTS = 3 };
typedef enum { STEP_QUIET, STEP_CODING, STEP_LISTEN } Step;

typedef struct {
    gint64 arrived_us; /* first: sink.h */
    DvAcmPlaces places;
    DvFramer framer;
} State;

/* Sources: usb.ids as shipped by Debian (2025.07.26). */
static const DvUsbId ids[] = {
    {0x0db5, 0x0139, "Access-IS scanner module (serial)", "usb.ids", FALSE, FALSE, NULL},
    {0x0c2e, 0x0700, "Honeywell scanner (serial, speaks only)", "usb.ids", FALSE, FALSE, NULL},
    {0x0c2e, 0x0720, "Honeywell scanner (serial)", "usb.ids", FALSE, FALSE, NULL},
    {0x05e0, 0x1701, "Zebra scanner (serial)", "usb.ids", FALSE, FALSE, NULL},
    {0x1eab, 0x1306, "Newland EM20/EM30 scanner (serial)", "usb.ids", FALSE, FALSE, NULL},
    {0x1eab, 0x1d06, "Newland FM430 scanner (serial)", "usb.ids", FALSE, FALSE, NULL},
    {0x1eab, 0x2006, "Newland EM2037 scanner (serial)", "usb.ids", FALSE, FALSE, NULL},
    {0x1209, 0x0001, "Simulated serial reader", "pid.codes test identity", FALSE, TRUE, NULL},
    {0x1209, 0x0002, "Simulated serial reader, framed", "pid.codes test identity", FALSE, TRUE,
     "framer=stx"},
    {0x1209, 0x0003, "Simulated swipe reader", "pid.codes test identity", FALSE, TRUE,
     "framer=soh"},
    {0x1209, 0x0004, "Simulated reader, armed", "pid.codes test identity", FALSE, TRUE,
     "framer=tlv"},
    {0x1209, 0x0005, "Simulated reader, asked", "pid.codes test identity", FALSE, TRUE,
     "framer=tlv mode=inquire"},
    {0x1209, 0x0006, "Simulated scanner with commands", "pid.codes test identity", FALSE, TRUE,
     "framer=syn setup=ocrena1! trigger=yes"},
    {0, 0, NULL, NULL, FALSE, FALSE, NULL},
};

static void
on_send(const guint8 *bytes, gsize length, void *data)
{
    const State *state = dv_device_state(data);
    dv_device_write(data, state->places.out_endpoint, bytes, length);
}

static DvReaderSink
sink_for(DvDevice *device)
{
    return dv_sink_for_device(device, on_send);
}

static const char *
look_up(const char *key, const void *data)
{
    return dv_device_option(data, key);
}

static gboolean
find_places(DvDevice *device, State *state, GError **error)
{
    if (!dv_acm_find(dv_device_shape(device), &state->places, error))
        return FALSE;
    if (!dv_framer_sends(&state->framer) || state->places.out_endpoint != 0)
        return TRUE;
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "this serial reader has no bulk output, and framer=%s must tell it things",
                state->framer.framing->name);
    return FALSE;
}

static void
set_lines(DvDevice *device, Step step, guint16 lines)
{
    State *state = dv_device_state(device);
    dv_device_control(device, step, REQUEST_TYPE_CLASS_INTERFACE, SET_CONTROL_LINE_STATE, lines,
                      state->places.control_interface, NULL, 0);
}

static gboolean
acm_open(DvDevice *device, GError **error)
{
    State *state = dv_device_state(device);
    guint8 coding[DV_ACM_LINE_CODING_SIZE];
    if (!dv_framer_init(&state->framer, look_up, device, error) ||
        !find_places(device, state, error) ||
        !dv_device_claim(device, state->places.control_interface, error) ||
        !dv_device_claim(device, state->places.data_interface, error))
        return FALSE;
    dv_acm_line_coding(BITS_PER_SECOND, coding);
    set_lines(device, STEP_QUIET, LINES_OFF);
    dv_device_control(device, STEP_CODING, REQUEST_TYPE_CLASS_INTERFACE, SET_LINE_CODING, 0,
                      state->places.control_interface, coding, sizeof coding);
    set_lines(device, STEP_LISTEN, LINES_DTR_RTS);
    return TRUE;
}

static void
acm_control(DvDevice *device, guint tag, const GError *error)
{
    State *state = dv_device_state(device);
    g_autoptr(GError) trouble = NULL;
    /* Readers without a real serial line may refuse line settings (PSTN 1.2, table 4: a capability
     * bit); what counts is that data comes. */
    (void)error;
    if (tag != STEP_LISTEN)
        return;
    if (!dv_device_read(device, state->places.in_endpoint, READ_DEPTH, READ_SIZE, &trouble)) {
        dv_device_fail(device, "%s", trouble->message);
        return;
    }
    dv_device_ready(device);
    DvReaderSink sink = sink_for(device);
    dv_framer_listen(&state->framer, &sink);
}

static void
acm_input(DvDevice *device, guint8 endpoint, const guint8 *data, gsize length, gint64 arrived_us)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = sink_for(device);
    (void)endpoint;
    state->arrived_us = arrived_us;
    dv_framer_push(&state->framer, data, length, &sink);
}

static void
acm_idle(DvDevice *device)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = sink_for(device);
    dv_framer_idle(&state->framer, &sink);
}

static void
acm_lost(DvDevice *device)
{
    State *state = dv_device_state(device);
    DvReaderSink sink = sink_for(device);
    dv_framer_lost(&state->framer, &sink);
}

const DvDriver dv_cdc_acm_driver = {
    .family = "cdc-acm",
    .kind = DV_DEVICE_READER,
    .ids = ids,
    .state_size = sizeof(State),
    .idle_gap_ms = 120,
    .faces = DV_FACE_TTY,
    .check = dv_framer_check,
    .open = acm_open,
    .control = acm_control,
    .input = acm_input,
    .idle = acm_idle,
    .lost = acm_lost,
    .close = acm_lost, /* an unfinished document is reported as dropped */
};
