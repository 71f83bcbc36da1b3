// SPDX-License-Identifier: Apache-2.0
#include "cameras.h"
#include "sealed.h"
#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <darvaza/log.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *id;
    guint64 serial;      /* of the last frame before it was stopped */
    guint64 sent;        /* of the last frame that was handed on */
    guint ahead;         /* handed on since the client last showed that it has them */
    DvFrameStore *store; /* NULL: nobody wants its frames */
    gboolean started;    /* by the client */
    guint wanted;        /* by the service itself: DvWantedBy */
} Camera;

/* A TakeFrame that is not answered yet. */
typedef struct {
    DvCameras *cameras;
    DvBusDevices1 *skeleton;           /* a reference */
    GDBusMethodInvocation *invocation; /* owned until answered */
    Camera *camera;
    guint64 after;
    guint deadline;
} Take;

struct DvCameras {
    DvCamerasStream stream;
    void *data;
    GPtrArray *known;  /* of Camera, owned; places stay known, without their frames */
    GPtrArray *takes;  /* of Take */
    GCancellable *end; /* of the answers on their way */
    gboolean sending;  /* an answer with a frame has not left yet */
};

static void
camera_free(gpointer data)
{
    Camera *camera = data;
    dv_frame_store_free(camera->store);
    g_free(camera->id);
    g_free(camera);
}

DvCameras *
dv_cameras_new(DvCamerasStream stream, void *data)
{
    DvCameras *cameras = g_new0(DvCameras, 1);
    cameras->stream = stream;
    cameras->data = data;
    cameras->known = g_ptr_array_new_with_free_func(camera_free);
    cameras->takes = g_ptr_array_new();
    cameras->end = g_cancellable_new();
    return cameras;
}

static Camera *
find(const DvCameras *cameras, const char *id)
{
    for (guint i = 0; i < cameras->known->len; i++) {
        Camera *camera = g_ptr_array_index(cameras->known, i);
        if (strcmp(camera->id, id) == 0)
            return camera;
    }
    return NULL;
}

/* ---- answers */

static void
refuse(GDBusMethodInvocation *invocation, DvErrorCode code, const char *id, const char *why)
{
    g_autoptr(GError) error = g_error_new(DV_ERROR, (int)code, "camera %s: %s", id, why);
    dv_bus_return_error(invocation, error);
}

static void
take_free(Take *take)
{
    if (take->deadline != 0)
        g_source_remove(take->deadline);
    g_object_unref(take->skeleton);
    g_free(take);
}

static void
take_refuse(Take *take, DvErrorCode code, const char *why)
{
    g_ptr_array_remove(take->cameras->takes, take);
    refuse(take->invocation, code, take->camera->id, why);
    take_free(take);
}

static GVariant *
describe(const DvStoredFrame *frame)
{
    GVariantDict dict;
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "format", "s",
                          frame->info.format == DV_FRAME_MJPEG ? "mjpeg" : "yuy2");
    g_variant_dict_insert(&dict, "width", "u", (guint)frame->info.width);
    g_variant_dict_insert(&dict, "height", "u", (guint)frame->info.height);
    g_variant_dict_insert(&dict, "arrived_us", "x", frame->arrived_us);
    g_variant_dict_insert(&dict, "dropped", "t", frame->dropped);
    return g_variant_dict_end(&dict);
}

static void serve(DvCameras *cameras);

static void
on_sent(GObject *source, GAsyncResult *result, gpointer data)
{
    g_autoptr(GError) error = NULL;
    gboolean sent = g_dbus_connection_flush_finish(G_DBUS_CONNECTION(source), result, &error);
    if (!sent && g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return; /* the cameras are no more */
    DvCameras *cameras = data;
    cameras->sending = FALSE;
    serve(cameras);
}

static void
answer(DvCameras *cameras, Take *take, const DvStoredFrame *frame)
{
    g_autoptr(GError) error = NULL;
    int fd = dv_sealed_copy(frame->bytes, frame->length, &error);
    if (fd < 0) {
        dv_log_warning("camera %s: %s", take->camera->id, error->message);
        take_refuse(take, DV_ERROR_FULL, "its frame could not be handed on");
        return;
    }
    g_autoptr(GUnixFDList) list = g_unix_fd_list_new_from_array(&fd, 1);
    GDBusConnection *connection = g_dbus_method_invocation_get_connection(take->invocation);
    take->camera->sent = frame->serial;
    take->camera->ahead++;
    /* The next answer waits until this one has left for the socket. */
    cameras->sending = TRUE;
    g_object_ref(connection);
    dv_bus_devices1_complete_take_frame(take->skeleton, take->invocation, list, frame->serial,
                                        describe(frame), g_variant_new_handle(0));
    g_dbus_connection_flush(connection, cameras->end, on_sent, cameras);
    g_object_unref(connection);
    g_ptr_array_remove(cameras->takes, take);
    take_free(take);
}

/* Answers who waits for what is there, in the order in which they asked. */
static void
serve(DvCameras *cameras)
{
    for (guint i = 0; i < cameras->takes->len && !cameras->sending; i++) {
        Take *take = g_ptr_array_index(cameras->takes, i);
        const DvStoredFrame *frame = dv_frame_store_newest(take->camera->store);
        if (frame->bytes != NULL && frame->serial > take->after) {
            answer(cameras, take, frame);
            i--; /* it has left the list; 0 wraps back */
        }
    }
}

static gboolean
on_deadline(gpointer data)
{
    Take *take = data;
    take->deadline = 0;
    take_refuse(take, DV_ERROR_UNAVAILABLE, "no newer frame within the time");
    return G_SOURCE_REMOVE;
}

/* ---- calls */

static gboolean
take_number(GVariant *wish, const char *key, guint most, guint *number)
{
    g_autoptr(GVariant) value = g_variant_lookup_value(wish, key, NULL);
    if (value == NULL)
        return TRUE;
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_UINT32))
        return FALSE;
    *number = g_variant_get_uint32(value);
    return *number <= most;
}

static gboolean
parse_wish(GVariant *dict, DvFrameWish *wish)
{
    const char *format = NULL;
    *wish = (DvFrameWish){0};
    if (g_variant_lookup(dict, "format", "&s", &format)) {
        wish->format = strcmp(format, "mjpeg") == 0  ? DV_FRAME_MJPEG
                       : strcmp(format, "yuy2") == 0 ? DV_FRAME_YUY2
                                                     : DV_FRAME_ANY;
        if (wish->format == DV_FRAME_ANY)
            return FALSE;
    }
    return take_number(dict, "width", G_MAXUINT16, &wish->width) &&
           take_number(dict, "height", G_MAXUINT16, &wish->height) &&
           take_number(dict, "fps", 1000, &wish->fps);
}

static Camera *
make_known(DvCameras *cameras, const char *id)
{
    Camera *camera = find(cameras, id);
    guint started = 0;
    for (guint i = 0; i < cameras->known->len; i++)
        started += ((Camera *)g_ptr_array_index(cameras->known, i))->store != NULL ? 1 : 0;
    if (started >= DV_CAMERAS_MAX && (camera == NULL || camera->store == NULL))
        return NULL;
    if (camera == NULL) {
        camera = g_new0(Camera, 1);
        camera->id = g_strdup(id);
        g_ptr_array_add(cameras->known, camera);
    }
    return camera;
}

static void
stream(DvCameras *cameras, Camera *camera, const DvFrameWish *wish)
{
    if (camera->store == NULL)
        camera->store = dv_frame_store_new(camera->serial);
    cameras->stream(camera->id, wish, cameras->data);
}

void
dv_cameras_start(DvCameras *cameras, DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation,
                 const char *id, GVariant *dict)
{
    DvFrameWish wish;
    if (!parse_wish(dict, &wish)) {
        refuse(invocation, DV_ERROR_INVALID, id, "no camera has what is wished for");
        return;
    }
    Camera *camera = make_known(cameras, id);
    if (camera == NULL) {
        refuse(invocation, DV_ERROR_FULL, id, "too many cameras are started");
        return;
    }
    camera->started = TRUE;
    stream(cameras, camera, &wish);
    dv_bus_devices1_complete_start_camera(skeleton, invocation);
}

static void
stop(DvCameras *cameras, Camera *camera, const char *why)
{
    if (camera->store == NULL)
        return;
    for (guint i = cameras->takes->len; i > 0; i--) {
        Take *take = g_ptr_array_index(cameras->takes, i - 1);
        if (take->camera == camera)
            take_refuse(take, DV_ERROR_UNAVAILABLE, why);
    }
    camera->started = FALSE;
    camera->sent = camera->ahead = 0;
    if (camera->wanted != 0)
        return;
    cameras->stream(camera->id, NULL, cameras->data); /* before the room that it fills goes */
    camera->serial = dv_frame_store_newest(camera->store)->serial;
    g_clear_pointer(&camera->store, dv_frame_store_free);
}

void
dv_cameras_stop(DvCameras *cameras, DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation,
                const char *id)
{
    Camera *camera = find(cameras, id);
    if (camera != NULL)
        stop(cameras, camera, "it was stopped");
    dv_bus_devices1_complete_stop_camera(skeleton, invocation);
}

void
dv_cameras_take(DvCameras *cameras, DvBusDevices1 *skeleton, GDBusMethodInvocation *invocation,
                const char *id, guint64 after, guint wait_ms)
{
    Camera *camera = find(cameras, id);
    if (camera == NULL || camera->store == NULL) {
        refuse(invocation, DV_ERROR_INVALID, id, "it is not started");
        return;
    }
    if (cameras->takes->len >= DV_CAMERAS_WAITING) {
        refuse(invocation, DV_ERROR_FULL, id, "too many calls wait for frames");
        return;
    }
    /* A frame in a socket that nobody reads is this process's memory: who asks on without naming
     * what came is taken for one that does not listen. */
    if (after >= camera->sent)
        camera->ahead = 0;
    if (camera->ahead >= DV_CAMERAS_AHEAD) {
        refuse(invocation, DV_ERROR_FULL, id, "the frames before were not taken");
        return;
    }
    Take *take = g_new0(Take, 1);
    take->cameras = cameras;
    take->skeleton = g_object_ref(skeleton);
    take->invocation = invocation;
    take->camera = camera;
    take->after = after;
    take->deadline = g_timeout_add(MIN(wait_ms, DV_CAMERAS_WAIT_MS), on_deadline, take);
    g_ptr_array_add(cameras->takes, take);
    serve(cameras);
}

gboolean
dv_cameras_want(DvCameras *cameras, DvWantedBy who, const char *id, const DvFrameWish *wish)
{
    Camera *camera = wish != NULL ? make_known(cameras, id) : find(cameras, id);
    if (camera == NULL)
        return FALSE;
    camera->wanted = wish != NULL ? camera->wanted | who : camera->wanted & ~(guint)who;
    if (!camera->started && wish != NULL)
        stream(cameras, camera, wish);
    else if (!camera->started)
        stop(cameras, camera, "the lane was given back");
    return TRUE;
}

const DvStoredFrame *
dv_cameras_newest(const DvCameras *cameras, const char *id)
{
    const Camera *camera = find(cameras, id);
    return camera != NULL && camera->store != NULL ? dv_frame_store_newest(camera->store) : NULL;
}

void
dv_cameras_release(DvCameras *cameras)
{
    for (guint i = 0; i < cameras->known->len; i++)
        stop(cameras, g_ptr_array_index(cameras->known, i), "the lane was given back");
    /* What the one before does not read must not keep the next one waiting. */
    g_cancellable_cancel(cameras->end);
    g_object_unref(cameras->end);
    cameras->end = g_cancellable_new();
    cameras->sending = FALSE;
}

/* ---- frames */

guint8 *
dv_cameras_room(DvCameras *cameras, const char *id, gsize size)
{
    Camera *camera = find(cameras, id);
    return camera != NULL && camera->store != NULL ? dv_frame_store_room(camera->store, size)
                                                   : NULL;
}

void
dv_cameras_frame(DvCameras *cameras, const DvDeviceInfo *device, const DvFrameInfo *frame,
                 gsize length, gint64 arrived_us)
{
    Camera *camera = find(cameras, device->id);
    if (camera == NULL || camera->store == NULL)
        return;
    dv_frame_store_keep(camera->store, frame, length, arrived_us, device->dropped);
    serve(cameras);
}

void
dv_cameras_free(DvCameras *cameras)
{
    if (cameras == NULL)
        return;
    dv_cameras_release(cameras);
    g_cancellable_cancel(cameras->end);
    g_object_unref(cameras->end);
    g_ptr_array_unref(cameras->takes);
    g_ptr_array_unref(cameras->known);
    g_free(cameras);
}
