// SPDX-License-Identifier: Apache-2.0
#include "uvc_model.h"
#include <errno.h>
#include <string.h>

enum { TO_INTERFACE = 0x21, FROM_INTERFACE = 0xa1 };
enum { SET_CUR = 0x01, GET_CUR = 0x81, GET_MIN, GET_MAX, GET_RES, GET_LEN, GET_INFO, GET_DEF };
enum { PROBE = 1, COMMIT = 2, REQUEST_ERROR = 2 };
enum { WRONG_STATE = 2, OUT_OF_RANGE = 4, INVALID_UNIT = 5, INVALID_CONTROL = 6 };
enum { INVALID_REQUEST = 7 };
enum { CAN_GET = 1, CAN_SET = 2, SET_BY_ITSELF = 4 };

/* Places in probe and commit (4.3.1.1). */
enum { FORMAT = 2, FRAME = 3, INTERVAL = 4, MAX_FRAME = 18, MAX_PAYLOAD = 22, CLOCK = 26 };
enum { FRAMING = 30, VERSIONS = 31 };

static guint32
get(const guint8 *bytes, gsize count)
{
    guint32 value = 0;
    for (gsize i = 0; i < count; i++)
        value |= (guint32)bytes[i] << 8 * i;
    return value;
}

static void
put(guint8 *bytes, guint32 value, gsize count)
{
    for (gsize i = 0; i < count; i++)
        bytes[i] = (guint8)(value >> 8 * i & 0xff);
}

static int
refuse(DvSimUvcControls *controls, guint8 error)
{
    controls->error = error;
    return -EPIPE;
}

static int
reply(guint8 *data, gsize length, guint32 value, gsize count)
{
    gsize moved = MIN(length, count);
    put(data, value, moved);
    return (int)moved;
}

/* ---- probe and commit */

gsize
dv_sim_uvc_probe_length(const DvSimUvcKind *kind)
{
    return kind->version >= 0x0150 ? 48 : kind->version >= 0x0110 ? 34 : 26;
}

static guint32
nearest_interval(const DvSimUvcMode *mode, guint32 wanted)
{
    guint32 found = mode->intervals[0];
    for (guint i = 1; i < DV_SIM_UVC_MAX_INTERVALS && mode->intervals[i] != 0; i++)
        if (mode->intervals[i] <= wanted)
            found = mode->intervals[i];
    return found;
}

/* What the camera makes of a wish: what it has not becomes the nearest that it has. */
static void
settle(const DvSimUvcKind *kind, guint8 probe[DV_SIM_UVC_PROBE_MAX])
{
    const DvSimUvcMode *mode = dv_sim_uvc_mode(kind, probe[FORMAT], probe[FRAME]);
    if (mode == NULL)
        mode = dv_sim_uvc_mode(kind, probe[FORMAT], 1);
    if (mode == NULL)
        mode = &kind->modes[0];
    guint32 interval = nearest_interval(mode, get(probe + INTERVAL, 4));
    probe[FORMAT] = mode->format;
    probe[FRAME] = mode->frame;
    put(probe + INTERVAL, interval, 4);
    put(probe + MAX_FRAME, dv_sim_uvc_max_frame(mode), 4);
    put(probe + MAX_PAYLOAD, dv_sim_uvc_payload(kind, mode, interval), 4);
    put(probe + CLOCK, DV_SIM_UVC_CLOCK_HZ, 4);
    probe[FRAMING] = 3; /* payloads say which frame they are of and where it ends */
    for (guint i = 0; i < 3; i++)
        probe[VERSIONS + i] = 1;
}

static int
set_stream(DvSimUvcControls *controls, guint8 selector, const guint8 *data, gsize length)
{
    guint8 wish[DV_SIM_UVC_PROBE_MAX] = {0}, settled[DV_SIM_UVC_PROBE_MAX];
    if (length != dv_sim_uvc_probe_length(controls->kind))
        return refuse(controls, INVALID_REQUEST);
    memcpy(wish, data, length);
    memcpy(settled, wish, sizeof settled);
    settle(controls->kind, settled);
    if (selector == PROBE) {
        memcpy(controls->probe, settled, sizeof settled);
        return (int)length;
    }
    /* A commitment is to something that was offered. */
    if (wish[FORMAT] != settled[FORMAT] || wish[FRAME] != settled[FRAME] ||
        get(wish + INTERVAL, 4) != get(settled + INTERVAL, 4))
        return refuse(controls, OUT_OF_RANGE);
    memcpy(controls->commit, settled, sizeof settled);
    controls->committed = TRUE;
    return (int)length;
}

static void
default_probe(const DvSimUvcKind *kind, guint8 request, guint8 out[DV_SIM_UVC_PROBE_MAX])
{
    const DvSimUvcMode *last = &kind->modes[kind->mode_count - 1];
    memset(out, 0, DV_SIM_UVC_PROBE_MAX);
    out[FORMAT] = request == GET_MAX ? last->format : 1;
    out[FRAME] = request == GET_MAX ? last->frame : 1;
    /* The longest interval is the greatest value. */
    put(out + INTERVAL, request == GET_MAX ? G_MAXUINT32 : 0, 4);
    settle(kind, out);
}

static int
get_stream(DvSimUvcControls *controls, guint8 selector, guint8 request, guint8 *data, gsize length)
{
    gsize whole = dv_sim_uvc_probe_length(controls->kind);
    guint8 answer[DV_SIM_UVC_PROBE_MAX];
    if (request == GET_LEN)
        return reply(data, length, (guint32)whole, 2);
    if (request == GET_INFO)
        return reply(data, length, CAN_GET | CAN_SET, 1);
    if (request == GET_CUR)
        memcpy(answer, selector == PROBE ? controls->probe : controls->commit, sizeof answer);
    else if (selector == PROBE && (request == GET_MIN || request == GET_MAX || request == GET_DEF))
        default_probe(controls->kind, request, answer);
    else
        return refuse(controls, INVALID_REQUEST);
    gsize moved = MIN(length, whole);
    memcpy(data, answer, moved);
    return (int)moved;
}

const DvSimUvcMode *
dv_sim_uvc_committed(const DvSimUvcControls *controls, guint32 *interval, guint32 *payload)
{
    *interval = get(controls->commit + INTERVAL, 4);
    *payload = get(controls->commit + MAX_PAYLOAD, 4);
    return dv_sim_uvc_mode(controls->kind, controls->commit[FORMAT], controls->commit[FRAME]);
}

/* ---- values of the camera terminal and the processing unit */

typedef struct {
    guint8 entity, selector, bytes;
    gint32 least, most, step, usual;
} Range;

/* By DvSimUvcValue. The mode's step is the set of those that there are (4.2.2.1.2). */
static const Range ranges[DV_SIM_UVC_VALUES] = {
    [DV_SIM_UVC_EXPOSURE_MODE] = {DV_SIM_UVC_CAMERA, 0x02, 1, 1, 8, 1 | 8, 8},
    [DV_SIM_UVC_EXPOSURE] = {DV_SIM_UVC_CAMERA, 0x04, 4, 1, 5000, 1, 156},
    [DV_SIM_UVC_FOCUS] = {DV_SIM_UVC_CAMERA, 0x06, 2, 0, 250, 5, 50},
    [DV_SIM_UVC_FOCUS_AUTO] = {DV_SIM_UVC_CAMERA, 0x08, 1, 0, 1, 1, 1},
    [DV_SIM_UVC_BRIGHTNESS] = {DV_SIM_UVC_PROCESSING, 0x02, 2, -64, 64, 1, 0},
};

/* The camera sets it itself, and the host must not. */
static gboolean
is_automatic(const DvSimUvcControls *controls, DvSimUvcValue value)
{
    if (value == DV_SIM_UVC_EXPOSURE)
        return controls->values[DV_SIM_UVC_EXPOSURE_MODE] != 1;
    return value == DV_SIM_UVC_FOCUS && controls->values[DV_SIM_UVC_FOCUS_AUTO] != 0;
}

static int
set_value(DvSimUvcControls *controls, DvSimUvcValue value, const guint8 *data, gsize length)
{
    const Range *range = &ranges[value];
    if (length != range->bytes)
        return refuse(controls, INVALID_REQUEST);
    if (is_automatic(controls, value))
        return refuse(controls, WRONG_STATE);
    gint64 wanted = get(data, length);
    if (range->least < 0 && wanted >= 1LL << (8 * length - 1))
        wanted -= 1LL << 8 * length;
    gboolean mode = value == DV_SIM_UVC_EXPOSURE_MODE;
    if (mode ? wanted != 1 && wanted != 8 : wanted < range->least || wanted > range->most)
        return refuse(controls, OUT_OF_RANGE);
    controls->values[value] = (gint32)wanted;
    return (int)length;
}

static int
get_value(DvSimUvcControls *controls, DvSimUvcValue value, guint8 request, guint8 *data,
          gsize length)
{
    const Range *range = &ranges[value];
    guint8 set = is_automatic(controls, value) ? CAN_SET | SET_BY_ITSELF : CAN_SET;
    gint32 answer = 0;
    if (request == GET_INFO)
        return reply(data, length, (guint32)CAN_GET | set, 1);
    if (request == GET_LEN)
        return reply(data, length, range->bytes, 2);
    if (request == GET_CUR)
        answer = controls->values[value];
    else if (request == GET_MIN)
        answer = range->least;
    else if (request == GET_MAX)
        answer = range->most;
    else if (request == GET_RES)
        answer = range->step;
    else if (request == GET_DEF)
        answer = range->usual;
    else
        return refuse(controls, INVALID_REQUEST);
    return reply(data, length, (guint32)answer, range->bytes);
}

/* ---- which is meant */

static int
entity_request(DvSimUvcControls *controls, const guint8 setup[8], guint8 *data, gsize length)
{
    gboolean known = setup[5] >= DV_SIM_UVC_CAMERA && setup[5] <= DV_SIM_UVC_OUTPUT;
    for (guint i = 0; i < DV_SIM_UVC_VALUES; i++)
        if (ranges[i].entity == setup[5] && ranges[i].selector == setup[3])
            return setup[0] == TO_INTERFACE ? set_value(controls, i, data, length)
                                            : get_value(controls, i, setup[1], data, length);
    return refuse(controls, known ? INVALID_CONTROL : INVALID_UNIT);
}

static int
stream_request(DvSimUvcControls *controls, const guint8 setup[8], guint8 *data, gsize length)
{
    if (setup[3] != PROBE && setup[3] != COMMIT)
        return refuse(controls, INVALID_CONTROL);
    return setup[0] == TO_INTERFACE ? set_stream(controls, setup[3], data, length)
                                    : get_stream(controls, setup[3], setup[1], data, length);
}

int
dv_sim_uvc_request(DvSimUvcControls *controls, const guint8 setup[8], guint8 *data, gsize length)
{
    gboolean set = setup[0] == TO_INTERFACE && setup[1] == SET_CUR;
    gboolean get_something =
        setup[0] == FROM_INTERFACE && setup[1] >= GET_CUR && setup[1] <= GET_DEF;
    if (!set && !get_something)
        return refuse(controls, INVALID_REQUEST);
    if (setup[4] == DV_SIM_UVC_CONTROL_INTERFACE && setup[5] == 0 && setup[3] == REQUEST_ERROR &&
        setup[1] == GET_CUR)
        return reply(data, length, controls->error, 1);
    int moved = setup[4] == DV_SIM_UVC_CONTROL_INTERFACE
                    ? entity_request(controls, setup, data, length)
                    : stream_request(controls, setup, data, length);
    if (moved >= 0)
        controls->error = 0;
    return moved;
}

void
dv_sim_uvc_controls_init(DvSimUvcControls *controls, const DvSimUvcKind *kind)
{
    controls->kind = kind;
    for (guint i = 0; i < DV_SIM_UVC_VALUES; i++)
        controls->values[i] = ranges[i].usual;
    default_probe(kind, GET_DEF, controls->probe);
    memcpy(controls->commit, controls->probe, sizeof controls->commit);
}
