// SPDX-License-Identifier: Apache-2.0
/*
 * Cameras of the USB Video Class. Open: both interfaces are taken, so that no other program films
 * who stands there; nothing flows. Somebody wants frames: probe -> commit, and behind it in the
 * same queue exposure and focus; as soon as the commit is answered, alternate setting (isochronous)
 * and reading, so that a camera that is slow to set its focus shows its picture meanwhile. Nobody
 * any more: reads end -> alternate setting 0, or for bulk a cleared halt, which is how hosts tell
 * such a camera to stop.
 *
 *   IDLE --stream--> PROBING --answer--> COMMITTING --done--> STREAMING --stop--> STOPPING --> IDLE
 *
 * Whatever goes wrong on the way fails the device, which the transport closes and opens again:
 * there is one way back to a stream, and it is the one that every plugging in takes.
 */
#include "registry.h"
#include "uvc_frame.h"
#include "uvc_proto.h"

#define ISO_DEPTH 8    /* requests of ... */
#define ISO_PACKETS 32 /* ... 4 ms each on a high-speed bus */
#define BULK_DEPTH 6
#define BULK_MOST 65536
#define NO_FRAME_MS 4000 /* a camera that brings no whole frame for so long has failed */

typedef enum { IDLE, PROBING, COMMITTING, STREAMING, STOPPING } Phase;
typedef enum { TAG_PROPOSE, TAG_ANSWER, TAG_COMMIT, TAG_SETTING } Tag;

typedef struct {
    DvUvcShape shape;
    Phase phase;
    gboolean wanted;  /* somebody wants frames */
    gboolean changed; /* in another way than is being agreed on */
    gboolean refused; /* the camera did not take the proposal */
    DvFrameWish wish;
    gsize probe_length;
    DvUvcStream stream;
    DvUvcFrames frames;
    gint64 arrived_us; /* of the bytes that are looked at */
    guint64 whole;     /* frames since the last look of the watch */
    DvUvcSetting settings[DV_UVC_MAX_SETTINGS];
} State;

/* Any camera is met by its interfaces; the table has the simulator's only, because a name in it
 * would open a camera that nobody listed. */
static const DvUsbId ids[] = {
    {0x1209, 0x000a, "Simulated camera, bulk", "pid.codes test identity", FALSE, TRUE, NULL},
    {0x1209, 0x000b, "Simulated camera, isochronous", "pid.codes test identity", FALSE, TRUE, NULL},
    {0x1209, 0x000c, "Simulated camera, YUY2 only", "pid.codes test identity", FALSE, TRUE, NULL},
    {0x1209, 0x000d, "Simulated camera, UVC 1.0", "pid.codes test identity", FALSE, TRUE, NULL},
    {0x1209, 0x000e, "Simulated camera, UVC 1.5", "pid.codes test identity", FALSE, TRUE, NULL},
    {0, 0, NULL, NULL, FALSE, FALSE, NULL},
};

/* ---- frames */

static guint8 *
on_room(void *data)
{
    const State *state = dv_device_state(data);
    return dv_device_frame_room(data, state->frames.size);
}

static void
on_whole(gsize length, void *data)
{
    State *state = dv_device_state(data);
    const DvUvcMode *mode = state->stream.mode;
    const DvFrameInfo frame = {mode->format, mode->width, mode->height};
    state->whole++;
    dv_device_frame_done(data, &frame, length, state->arrived_us);
}

static void
on_bad(DvUvcBad why, void *data)
{
    (void)why;
    dv_device_frame_dropped(data);
}

static void
uvc_input(DvDevice *device, guint8 endpoint, const guint8 *data, gsize length, gint64 arrived_us)
{
    const DvUvcSink sink = {on_room, on_whole, on_bad, device};
    State *state = dv_device_state(device);
    (void)endpoint;
    state->arrived_us = arrived_us;
    dv_uvc_frames_bulk(&state->frames, data, length, &sink);
}

static void
uvc_packet(DvDevice *device, guint8 endpoint, const guint8 *data, gsize length,
           DvPacketStatus status, gint64 arrived_us)
{
    const DvUvcSink sink = {on_room, on_whole, on_bad, device};
    State *state = dv_device_state(device);
    (void)endpoint;
    state->arrived_us = arrived_us;
    if (status == DV_PACKET_LOST)
        dv_uvc_frames_lost(&state->frames);
    else
        dv_uvc_frames_packet(&state->frames, data, length, &sink);
}

static void
uvc_lost(DvDevice *device)
{
    State *state = dv_device_state(device);
    dv_uvc_frames_lost(&state->frames);
}

/* ---- agreeing on a stream */

static void
propose(DvDevice *device)
{
    State *state = dv_device_state(device);
    guint8 probe[DV_UVC_PROBE_MAX];
    guint32 interval;
    const DvUvcMode *mode = dv_uvc_choose(&state->shape, &state->wish, &interval);
    dv_uvc_probe_encode(mode, interval, state->probe_length, probe);
    state->phase = PROBING;
    state->changed = state->refused = FALSE;
    dv_device_control(device, TAG_PROPOSE, DV_UVC_TO_INTERFACE, DV_UVC_SET_CUR,
                      DV_UVC_PROBE_CONTROL << 8, state->shape.streaming_interface, probe,
                      state->probe_length);
    dv_device_control_in(device, TAG_ANSWER, DV_UVC_FROM_INTERFACE, DV_UVC_GET_CUR,
                         DV_UVC_PROBE_CONTROL << 8, state->shape.streaming_interface,
                         state->probe_length);
}

static void
set_up(DvDevice *device)
{
    State *state = dv_device_state(device);
    const char *lacking = NULL;
    guint count = dv_uvc_settings(&state->shape, dv_device_option(device, "exposure"),
                                  dv_device_option(device, "focus"), state->settings, &lacking);
    for (guint i = 0; i < count; i++)
        dv_device_control(device, TAG_SETTING + i, DV_UVC_TO_INTERFACE, DV_UVC_SET_CUR,
                          (guint16)(state->settings[i].selector << 8),
                          (guint16)(state->shape.terminal << 8 | state->shape.control_interface),
                          state->settings[i].bytes, state->settings[i].length);
    if (lacking != NULL) {
        g_autofree char *note = g_strdup_printf("this camera offers no setting of %s", lacking);
        dv_device_note(device, note);
    }
}

static void
take_answer(DvDevice *device, const GError *error)
{
    State *state = dv_device_state(device);
    g_autoptr(GError) trouble = NULL;
    gsize length, shorter = dv_uvc_probe_shorter(state->probe_length);
    const guint8 *answer = dv_device_reply(device, &length);
    if (!state->wanted) {
        state->phase = IDLE;
        return;
    }
    if (state->changed) {
        propose(device);
        return;
    }
    if ((error != NULL || state->refused) && shorter > 0) {
        state->probe_length = shorter;
        propose(device);
        return;
    }
    if (error != NULL || state->refused) {
        dv_device_fail(device, "it does not agree on a stream: %s",
                       error != NULL ? error->message : "it takes no proposal");
        return;
    }
    if (!dv_uvc_probe_decode(&state->shape, answer, length, &state->stream, &trouble)) {
        dv_device_fail(device, "%s", trouble->message);
        return;
    }
    state->phase = COMMITTING;
    dv_device_control(device, TAG_COMMIT, DV_UVC_TO_INTERFACE, DV_UVC_SET_CUR,
                      DV_UVC_COMMIT_CONTROL << 8, state->shape.streaming_interface, answer,
                      MIN(length, state->probe_length));
    set_up(device);
}

/* ---- starting and stopping */

static gboolean
start_iso(DvDevice *device, GError **error)
{
    State *state = dv_device_state(device);
    const DvUvcAlternate *at = dv_uvc_alternate(&state->shape, &state->stream, error);
    if (at == NULL)
        return FALSE;
    dv_uvc_frames_init(&state->frames, state->stream.mode->format, state->stream.frame_size, 0, 0);
    return dv_device_set_alternate(device, state->shape.streaming_interface, at->alternate,
                                   error) &&
           dv_device_read_iso(device, state->shape.endpoint, ISO_DEPTH, ISO_PACKETS,
                              at->per_interval, error);
}

static gsize
packet_size(const DvDevice *device, guint8 endpoint)
{
    const DvUsbShape *shape = dv_device_shape(device);
    for (guint i = 0; i < shape->interface_count; i++)
        for (guint e = 0; e < shape->interfaces[i].endpoint_count; e++)
            if (shape->interfaces[i].endpoints[e].address == endpoint)
                return shape->interfaces[i].endpoints[e].max_packet;
    return 0;
}

static gboolean
start_bulk(DvDevice *device, GError **error)
{
    State *state = dv_device_state(device);
    gsize read_size = dv_uvc_bulk_read_size(state->stream.payload_size,
                                            packet_size(device, state->shape.endpoint), BULK_MOST);
    dv_uvc_frames_init(&state->frames, state->stream.mode->format, state->stream.frame_size,
                       state->stream.payload_size, read_size);
    return dv_device_read(device, state->shape.endpoint, BULK_DEPTH, read_size, error);
}

static void
start(DvDevice *device)
{
    State *state = dv_device_state(device);
    g_autoptr(GError) error = NULL;
    state->phase = STREAMING;
    state->whole = 0;
    if (!(state->shape.bulk ? start_bulk(device, &error) : start_iso(device, &error))) {
        dv_device_fail(device, "%s", error->message);
        return;
    }
    dv_device_wake(device, NO_FRAME_MS);
}

static void
stop(DvDevice *device)
{
    State *state = dv_device_state(device);
    state->phase = STOPPING;
    dv_device_wake(device, 0);
    dv_device_stop_reads(device, state->shape.endpoint);
}

static void
uvc_stopped(DvDevice *device, guint8 endpoint)
{
    State *state = dv_device_state(device);
    g_autoptr(GError) error = NULL;
    if (state->shape.bulk)
        dv_device_clear_halt(device, endpoint);
    else if (!dv_device_set_alternate(device, state->shape.streaming_interface, 0, &error)) {
        dv_device_fail(device, "%s", error->message);
        return;
    }
    state->phase = IDLE;
    if (state->wanted)
        propose(device);
}

static void
take_commit(DvDevice *device, const GError *error)
{
    State *state = dv_device_state(device);
    if (error != NULL)
        dv_device_fail(device, "it does not start the stream: %s", error->message);
    else if (!state->wanted)
        state->phase = IDLE;
    else if (state->changed)
        propose(device);
    else
        start(device);
}

static void
uvc_control(DvDevice *device, guint tag, const GError *error)
{
    State *state = dv_device_state(device);
    switch (tag) {
    case TAG_PROPOSE:
        state->refused = error != NULL;
        break;
    case TAG_ANSWER:
        take_answer(device, error);
        break;
    case TAG_COMMIT:
        take_commit(device, error);
        break;
    default:
        if (error != NULL && !state->settings[tag - TAG_SETTING].attempt)
            dv_device_note(device, "this camera refuses the exposure or focus it was told");
        break;
    }
}

static void
uvc_stream(DvDevice *device, const DvFrameWish *wish)
{
    State *state = dv_device_state(device);
    gboolean same = wish != NULL && state->wanted && wish->width == state->wish.width &&
                    wish->height == state->wish.height && wish->fps == state->wish.fps &&
                    wish->format == state->wish.format;
    if (same)
        return;
    state->wanted = wish != NULL;
    state->changed = TRUE;
    if (wish != NULL)
        state->wish = *wish;
    if (state->phase == STREAMING)
        stop(device);
    else if (state->phase == IDLE && state->wanted)
        propose(device);
}

static void
uvc_wake(DvDevice *device)
{
    State *state = dv_device_state(device);
    if (state->whole == 0) {
        dv_device_fail(device, "no whole frame within %d s", NO_FRAME_MS / 1000);
        return;
    }
    state->whole = 0;
    dv_device_wake(device, NO_FRAME_MS);
}

static gboolean
uvc_open(DvDevice *device, GError **error)
{
    State *state = dv_device_state(device);
    if (!dv_uvc_find(dv_device_shape(device), &state->shape, error) ||
        !dv_device_claim(device, state->shape.control_interface, error) ||
        !dv_device_claim(device, state->shape.streaming_interface, error) ||
        (!state->shape.bulk &&
         !dv_device_set_alternate(device, state->shape.streaming_interface, 0, error)))
        return FALSE;
    state->probe_length = dv_uvc_probe_length(state->shape.version);
    dv_device_ready(device);
    return TRUE;
}

const DvDriver dv_uvc_driver = {
    .family = "uvc",
    .kind = DV_DEVICE_CAMERA,
    .ids = ids,
    .state_size = sizeof(State),
    .faces = DV_FACE_VIDEO,
    .classes = {{DV_UVC_CLASS, DV_UVC_CONTROL}, {DV_UVC_CLASS, DV_UVC_STREAMING}},
    .empty_input = TRUE,
    .check = dv_uvc_check_option,
    .open = uvc_open,
    .control = uvc_control,
    .input = uvc_input,
    .lost = uvc_lost,
    .packet = uvc_packet,
    .stopped = uvc_stopped,
    .wake = uvc_wake,
    .stream = uvc_stream,
};
