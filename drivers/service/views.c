// SPDX-License-Identifier: Apache-2.0
#include "views.h"
#include "sealed.h"
#include <darvaza/bus.h>
#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <gio/gunixfdlist.h>
#include <unistd.h>

#define JUDGE_MS 200 /* between two frames that are judged, where no other time is wished for */
#define JUDGE_MS_MOST 2000
#define IDLE_SECONDS 10 /* a camera streams on for so long when nobody asks any more */

typedef struct {
    char *id;
    DvFaceView seen; /* the last judgement; not judged: none yet */
    gint64 judged_us;
    guint idle; /* timer */
    struct DvViews *views;
} Watched;

/* A ViewFrame that is not answered yet. */
typedef struct {
    struct DvViews *views; /* NULL: the lane was given back, and the call answered */
    DvBusDevices1 *skeleton;
    GDBusMethodInvocation *invocation;
    char *id;
    guint64 after, serial;
    guint judge_ms; /* how old the last judgement may be */
    gboolean portrait, sent;
    guint deadline;
} Waiting;

struct DvViews {
    DvCameras *cameras;
    DvVisionClient *vision;
    DvPages *pages;
    GPtrArray *watched; /* of Watched, owned */
    GPtrArray *waiting; /* of Waiting; owned by their timer or by the request to darvaza-vision */
};

static void
watched_free(gpointer data)
{
    Watched *watched = data;
    if (watched->idle != 0)
        g_source_remove(watched->idle);
    g_free(watched->id);
    g_free(watched);
}

DvViews *
dv_views_new(DvCameras *cameras, DvVisionClient *vision, DvPages *pages)
{
    DvViews *views = g_new0(DvViews, 1);
    views->cameras = cameras;
    views->vision = vision;
    views->pages = pages;
    views->watched = g_ptr_array_new_with_free_func(watched_free);
    views->waiting = g_ptr_array_new();
    return views;
}

/* ---- answers */

static void
refuse(GDBusMethodInvocation *invocation, DvErrorCode code, const char *id, const char *why)
{
    g_autoptr(GError) error = g_error_new(DV_ERROR, (int)code, "camera %s: %s", id, why);
    dv_bus_return_error(invocation, error);
}

static void
waiting_free(Waiting *waiting)
{
    if (waiting->deadline != 0)
        g_source_remove(waiting->deadline);
    if (waiting->views != NULL)
        g_ptr_array_remove(waiting->views->waiting, waiting);
    g_object_unref(waiting->skeleton);
    g_free(waiting->id);
    g_free(waiting);
}

static Watched *
find(const DvViews *views, const char *id)
{
    for (guint i = 0; i < views->watched->len; i++) {
        Watched *watched = g_ptr_array_index(views->watched, i);
        if (g_str_equal(watched->id, id))
            return watched;
    }
    return NULL;
}

static void
answer(Waiting *waiting, const DvFaceView *view, GBytes *jpeg, GBytes *portrait)
{
    DvViews *views = waiting->views;
    Watched *watched = find(views, waiting->id);
    const DvFaceView nothing = {0};
    g_autoptr(GError) error = NULL;
    gsize length;
    const guint8 *bytes = g_bytes_get_data(jpeg, &length);
    int file = dv_sealed_copy(bytes, length, &error);
    if (file < 0) {
        dv_bus_return_error(waiting->invocation, error);
        return;
    }
    if (view->judged && watched != NULL)
        watched->seen = *view;
    g_autoptr(GUnixFDList) list = g_unix_fd_list_new_from_array(&file, 1);
    dv_bus_devices1_complete_view_frame(
        waiting->skeleton, waiting->invocation, list, waiting->serial,
        dv_view_describe(views->pages, waiting->id, view,
                         watched != NULL ? &watched->seen : &nothing, portrait),
        g_variant_new_handle(0));
}

static void
on_view(const DvFaceView *view, GBytes *jpeg, GBytes *portrait, const GError *error, void *data)
{
    Waiting *waiting = data;
    if (waiting->views != NULL && error != NULL)
        refuse(waiting->invocation, DV_ERROR_UNAVAILABLE, waiting->id, error->message);
    else if (waiting->views != NULL)
        answer(waiting, view, jpeg, portrait);
    waiting_free(waiting);
}

/* ---- frames */

/* Documents are not judged as faces. */
static gboolean
is_to_judge(const Waiting *waiting)
{
    guint guides;
    const DvViews *views = waiting->views;
    Watched *watched = find(views, waiting->id);
    gint64 now = dv_clock_mono_us();
    if (watched == NULL || now - watched->judged_us < (gint64)waiting->judge_ms * 1000 ||
        (views->pages != NULL && dv_pages_guides(views->pages, waiting->id, &guides)))
        return FALSE;
    watched->judged_us = now;
    return TRUE;
}

/* Sends the newest frame to be compressed where it is new to who waits. */
static void
serve(Waiting *waiting)
{
    DvViews *views = waiting->views;
    g_autoptr(GError) error = NULL;
    const DvStoredFrame *frame = dv_cameras_newest(views->cameras, waiting->id);
    if (waiting->sent || frame == NULL || frame->bytes == NULL || frame->serial <= waiting->after)
        return;
    gboolean yuy2 = frame->info.format == DV_FRAME_YUY2;
    int file = dv_sealed_copy(frame->bytes, frame->length, &error);
    const DvVisionImage image = {.format = yuy2 ? DV_VISION_YUY2 : DV_VISION_FILE,
                                 .width = yuy2 ? frame->info.width : 0,
                                 .height = yuy2 ? frame->info.height : 0,
                                 .stride = yuy2 ? frame->info.width * 2u : 0,
                                 .file = file,
                                 .length = frame->length};
    waiting->serial = frame->serial;
    waiting->sent = file >= 0 && dv_vision_client_view(views->vision, &image, is_to_judge(waiting),
                                                       waiting->portrait, on_view, waiting, &error);
    if (file >= 0)
        close(file);
    if (waiting->sent) {
        g_source_remove(waiting->deadline);
        waiting->deadline = 0;
        return;
    }
    refuse(waiting->invocation, DV_ERROR_UNAVAILABLE, waiting->id, error->message);
    waiting_free(waiting);
}

void
dv_views_frame(DvViews *views, const char *camera)
{
    for (guint i = views->waiting->len; i > 0; i--) {
        Waiting *waiting = g_ptr_array_index(views->waiting, i - 1);
        if (g_str_equal(waiting->id, camera))
            serve(waiting);
    }
}

static gboolean
on_deadline(gpointer data)
{
    Waiting *waiting = data;
    waiting->deadline = 0;
    refuse(waiting->invocation, DV_ERROR_UNAVAILABLE, waiting->id, "no newer frame came in time");
    waiting_free(waiting);
    return G_SOURCE_REMOVE;
}

/* ---- which cameras stream for this */

static gboolean
on_idle(gpointer data)
{
    Watched *watched = data;
    DvViews *views = watched->views;
    watched->idle = 0;
    dv_cameras_want(views->cameras, DV_WANTED_BY_VIEWS, watched->id, NULL);
    g_ptr_array_remove(views->watched, watched);
    return G_SOURCE_REMOVE;
}

/* FALSE where the camera cannot be started. */
static gboolean
watch(DvViews *views, const char *id)
{
    /* Twice as many as are shown: the newest is then always new. */
    static const DvFrameWish wish = {.width = 1280, .height = 960, .fps = 30};
    Watched *watched = find(views, id);
    if (!dv_cameras_want(views->cameras, DV_WANTED_BY_VIEWS, id, &wish))
        return FALSE;
    if (watched == NULL) {
        watched = g_new0(Watched, 1);
        watched->id = g_strdup(id);
        watched->views = views;
        g_ptr_array_add(views->watched, watched);
    }
    if (watched->idle != 0)
        g_source_remove(watched->idle);
    watched->idle = g_timeout_add_seconds(IDLE_SECONDS, on_idle, watched);
    return TRUE;
}

void
dv_views_view(DvViews *views, DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation,
              const char *id, guint64 after, guint wait_ms, GVariant *want)
{
    gboolean portrait = FALSE;
    guint judge_ms = JUDGE_MS;
    g_variant_lookup(want, "portrait", "b", &portrait);
    g_variant_lookup(want, "judge_ms", "u", &judge_ms);
    if (views->waiting->len >= DV_VIEWS_WAITING || !watch(views, id)) {
        refuse(invocation, DV_ERROR_FULL, id, "too much is asked of it already");
        return;
    }
    Waiting *waiting = g_new0(Waiting, 1);
    *waiting = (Waiting){.views = views,
                         .skeleton = g_object_ref(skeleton),
                         .invocation = invocation,
                         .id = g_strdup(id),
                         .after = after,
                         .judge_ms = CLAMP(judge_ms, JUDGE_MS, JUDGE_MS_MOST),
                         .portrait = portrait};
    waiting->deadline = g_timeout_add(MIN(wait_ms, DV_VIEWS_WAIT_MS), on_deadline, waiting);
    g_ptr_array_add(views->waiting, waiting);
    serve(waiting);
}

/* ---- life */

void
dv_views_release(DvViews *views)
{
    while (views->waiting->len > 0) {
        Waiting *waiting = g_ptr_array_index(views->waiting, views->waiting->len - 1);
        refuse(waiting->invocation, DV_ERROR_DENIED, waiting->id, "the lane was given back");
        if (waiting->sent) { /* darvaza-vision's answer frees it */
            g_ptr_array_remove(views->waiting, waiting);
            waiting->views = NULL;
        } else {
            waiting_free(waiting);
        }
    }
    for (guint i = 0; i < views->watched->len; i++) {
        const Watched *watched = g_ptr_array_index(views->watched, i);
        dv_cameras_want(views->cameras, DV_WANTED_BY_VIEWS, watched->id, NULL);
    }
    g_ptr_array_set_size(views->watched, 0);
}

void
dv_views_free(DvViews *views)
{
    if (views == NULL)
        return;
    dv_views_release(views);
    g_ptr_array_unref(views->watched);
    g_ptr_array_unref(views->waiting);
    g_free(views);
}
