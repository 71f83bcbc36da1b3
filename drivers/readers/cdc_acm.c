// SPDX-License-Identifier: Apache-2.0
/*
 * Document readers that present themselves as a serial port (USB CDC, abstract control model).
 * Opening: interfaces claimed -> DTR off -> line coding -> DTR and RTS on -> reading. DTR goes off
 * first so that a reader throws away what it kept from before: a document laid while nobody was
 * listening must not appear in front of the next traveller.
 */
#include "cdc_acm_proto.h"
#include <darvaza/error.h>

#define BITS_PER_SECOND 115200 /* most readers ignore it; those that do not are shipped with it */
#define READ_DEPTH 4
#define READ_SIZE 512

enum { REQUEST_TYPE_CLASS_INTERFACE = 0x21 };
enum { SET_LINE_CODING = 0x20, SET_CONTROL_LINE_STATE = 0x22 };
enum { LINES_OFF = 0, LINES_DTR_RTS = 3 };
typedef enum { STEP_QUIET, STEP_CODING, STEP_LISTEN } Step;

typedef struct {
    DvAcmPlaces places;
    DvAcmProto proto;
    gint64 arrived_us;
} State;

/* Sources: usb.ids is https://usb-ids.gowdy.us/read/UD/ as shipped by Debian's usb.ids package. */
static const DvUsbId ids[] = {
    {0x0db5, 0x0139, "Access-IS scanner module (serial)", "usb.ids", FALSE, FALSE},
    {0x0acd, 0x0630, "ID TECH reader (serial)", "usb.ids", FALSE, FALSE},
    {0x0c2e, 0x0700, "Honeywell scanner (serial)", "usb.ids", FALSE, FALSE},
    {0x0c2e, 0x0720, "Honeywell scanner (serial)", "usb.ids", FALSE, FALSE},
    {0x05e0, 0x1701, "Zebra scanner (serial)", "usb.ids", FALSE, FALSE},
    {0x1209, 0x0001, "Simulated serial reader", "pid.codes test identity", FALSE, TRUE},
    {0, 0, NULL, NULL, FALSE, FALSE},
};

static void
on_started(void *data)
{
    dv_device_reading(data);
}

static void
on_document(const char *const *rows, void *data)
{
    State *state = dv_device_state(data);
    dv_device_document(data, rows, state->arrived_us);
}

static void
on_dropped(const char *why, void *data)
{
    dv_device_dropped(data, why);
}

static DvAcmSink
sink_for(DvDevice *device)
{
    return (DvAcmSink){on_started, on_document, on_dropped, device};
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
    dv_acm_proto_reset(&state->proto);
    if (!dv_acm_find(dv_device_shape(device), &state->places, error) ||
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
}

static void
acm_input(DvDevice *device, guint8 endpoint, const guint8 *data, gsize length, gint64 arrived_us)
{
    State *state = dv_device_state(device);
    DvAcmSink sink = sink_for(device);
    (void)endpoint;
    state->arrived_us = arrived_us;
    dv_acm_proto_push(&state->proto, data, length, &sink);
}

static void
acm_idle(DvDevice *device)
{
    State *state = dv_device_state(device);
    DvAcmSink sink = sink_for(device);
    dv_acm_proto_idle(&state->proto, &sink);
}

static void
acm_lost(DvDevice *device)
{
    State *state = dv_device_state(device);
    DvAcmSink sink = sink_for(device);
    dv_acm_proto_lost(&state->proto, &sink);
}

const DvDriver dv_cdc_acm_driver = {
    .family = "cdc-acm",
    .kind = DV_DEVICE_READER,
    .ids = ids,
    .state_size = sizeof(State),
    .idle_gap_ms = 120,
    .open = acm_open,
    .control = acm_control,
    .input = acm_input,
    .idle = acm_idle,
    .lost = acm_lost,
    .close = acm_lost, /* an unfinished document is reported as dropped */
};
