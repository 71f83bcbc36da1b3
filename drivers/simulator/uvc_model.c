// SPDX-License-Identifier: Apache-2.0
#include "uvc_model.h"
#include <darvaza/clock.h>
#include <errno.h>
#include <string.h>

typedef struct {
    DvSimModel model; /* first */
    const DvSimUvcKind *kind;
    GByteArray *config;    /* owned */
    DvSimPicture *picture; /* owned */
    DvSimUvcControls controls;
    DvSimUvcStream stream;
} Camera;

#define FPS(n) (10000000 / (n))

static const DvSimUvcMode usual_modes[] = {
    {1, 1, TRUE, 1280, 960, {FPS(30), FPS(15), FPS(10)}},
    {1, 2, TRUE, 640, 480, {FPS(30), FPS(15), FPS(10)}},
    {2, 1, FALSE, 640, 480, {FPS(30), FPS(15), FPS(10)}},
    {2, 2, FALSE, 1280, 960, {FPS(5)}},
};
static const DvSimUvcMode yuy2_modes[] = {
    {1, 1, FALSE, 640, 480, {FPS(30), FPS(15), FPS(10)}},
    {1, 2, FALSE, 1280, 960, {FPS(5)}},
};

static void
start(Camera *camera)
{
    guint32 interval = 0, payload = 0;
    const DvSimUvcMode *mode = dv_sim_uvc_committed(&camera->controls, &interval, &payload);
    dv_sim_uvc_stream_start(&camera->stream, mode, interval, payload, dv_clock_mono_us());
}

/* A bulk camera streams from the commitment on, an isochronous one while it has bandwidth. */
static int
camera_control(DvSimModel *model, const guint8 setup[8], guint8 *data, gsize length)
{
    Camera *camera = (Camera *)model;
    camera->controls.committed = FALSE;
    int moved = dv_sim_uvc_request(&camera->controls, setup, data, length);
    if (camera->controls.committed && camera->kind->bulk)
        start(camera);
    return moved;
}

static void
camera_set_interface(DvSimModel *model, guint8 interface, guint8 alternate)
{
    Camera *camera = (Camera *)model;
    if (interface != DV_SIM_UVC_STREAMING_INTERFACE)
        return;
    if (alternate > 0)
        start(camera);
    else
        dv_sim_uvc_stream_stop(&camera->stream);
}

/* Hosts clear the halt of a bulk camera that is not halted to have it stop: the class has no other
 * word for it. */
static void
camera_cleared(DvSimModel *model, guint8 endpoint, gboolean was_halted)
{
    Camera *camera = (Camera *)model;
    if (camera->kind->bulk && endpoint == DV_SIM_UVC_STREAM_IN && !was_halted)
        dv_sim_uvc_stream_stop(&camera->stream);
}

static int
camera_in(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max)
{
    Camera *camera = (Camera *)model;
    if (endpoint != DV_SIM_UVC_STREAM_IN)
        return -EAGAIN;
    return dv_sim_uvc_stream_in(&camera->stream, buffer, max, dv_clock_mono_us());
}

static int
camera_iso(DvSimModel *model, guint8 endpoint, guint8 *buffer, gsize max)
{
    Camera *camera = (Camera *)model;
    (void)endpoint;
    return dv_sim_uvc_stream_packet(&camera->stream, buffer, max, dv_clock_mono_us());
}

static gint64
camera_due(const DvSimModel *model)
{
    return dv_sim_uvc_stream_due(&((const Camera *)model)->stream);
}

static gboolean
camera_listening(const DvSimModel *model)
{
    return ((const Camera *)model)->stream.on;
}

static gboolean
camera_set(DvSimModel *model, const char *key, const char *value)
{
    Camera *camera = (Camera *)model;
    guint64 rate = 0;
    if (strcmp(key, "fps") != 0 || !g_ascii_string_to_unsigned(value, 10, 1, 240, &rate, NULL))
        return FALSE;
    camera->stream.slowest_us = G_USEC_PER_SEC / (gint64)rate;
    return TRUE;
}

static gboolean
camera_show(DvSimModel *model, const char *path, GError **error)
{
    return dv_sim_picture_show(((Camera *)model)->picture, path, error);
}

static void
camera_frames(const DvSimModel *model, guint64 *sent, guint64 *dropped)
{
    *sent = ((const Camera *)model)->stream.sent;
    *dropped = ((const Camera *)model)->stream.dropped;
}

static gboolean
camera_spoil(DvSimModel *model, const char *kind, guint count)
{
    static const char *const names[] = {"error", "short", "fid", "eof"};
    DvSimUvcStream *stream = &((Camera *)model)->stream;
    for (guint i = 0; i < G_N_ELEMENTS(names); i++)
        if (strcmp(kind, names[i]) == 0) {
            stream->spoil = (DvSimSpoil)i;
            stream->spoil_count = count;
            return TRUE;
        }
    return FALSE;
}

static void
camera_free(DvSimModel *model)
{
    Camera *camera = (Camera *)model;
    dv_sim_uvc_stream_clear(&camera->stream);
    dv_sim_picture_free(camera->picture);
    g_byte_array_unref(camera->config);
    g_free(camera);
}

static DvSimModel *
camera_new(const DvSimUvcKind *kind, guint16 vid, guint16 pid)
{
    Camera *camera = g_new0(Camera, 1);
    camera->kind = kind;
    camera->config = dv_sim_uvc_describe(kind);
    camera->picture = dv_sim_picture_new();
    dv_sim_uvc_controls_init(&camera->controls, kind);
    dv_sim_uvc_stream_init(&camera->stream, kind, camera->picture);
    camera->model = (DvSimModel){
        .config = camera->config->data,
        .config_length = camera->config->len,
        .speed = DV_SIM_HIGH_SPEED,
        .data_in = DV_SIM_UVC_STREAM_IN,
        .control = camera_control,
        .in = camera_in,
        .iso = kind->bulk ? NULL : camera_iso,
        .due = camera_due,
        .set_interface = camera_set_interface,
        .cleared = camera_cleared,
        .listening = camera_listening,
        .set = camera_set,
        .show = camera_show,
        .frames = camera_frames,
        .spoil = camera_spoil,
        .free = camera_free,
    };
    dv_sim_set_identity(&camera->model, 0xef, vid, pid);
    camera->model.device_descriptor[5] = 2; /* with an association of interfaces */
    camera->model.device_descriptor[6] = 1;
    camera->model.strings[2] = "Simulated camera";
    return &camera->model;
}

DvSimModel *
dv_sim_uvc_bulk_new(guint16 vid, guint16 pid)
{
    static const DvSimUvcKind kind = {.version = 0x0110,
                                      .bulk = TRUE,
                                      .bulk_payload = 32768,
                                      .modes = usual_modes,
                                      .mode_count = G_N_ELEMENTS(usual_modes)};
    return camera_new(&kind, vid, pid);
}

DvSimModel *
dv_sim_uvc_iso_new(guint16 vid, guint16 pid)
{
    static const DvSimUvcKind kind = {
        .version = 0x0110, .modes = usual_modes, .mode_count = G_N_ELEMENTS(usual_modes)};
    return camera_new(&kind, vid, pid);
}

DvSimModel *
dv_sim_uvc_yuy2_new(guint16 vid, guint16 pid)
{
    static const DvSimUvcKind kind = {
        .version = 0x0110, .modes = yuy2_modes, .mode_count = G_N_ELEMENTS(yuy2_modes)};
    return camera_new(&kind, vid, pid);
}

DvSimModel *
dv_sim_uvc_old_new(guint16 vid, guint16 pid)
{
    static const DvSimUvcKind kind = {
        .version = 0x0100, .short_headers = TRUE, .modes = usual_modes, .mode_count = 2};
    return camera_new(&kind, vid, pid);
}

DvSimModel *
dv_sim_uvc_15_new(guint16 vid, guint16 pid)
{
    static const DvSimUvcKind kind = {.version = 0x0150,
                                      .bulk = TRUE,
                                      .bulk_payload = 16384,
                                      .modes = usual_modes,
                                      .mode_count = G_N_ELEMENTS(usual_modes)};
    return camera_new(&kind, vid, pid);
}
