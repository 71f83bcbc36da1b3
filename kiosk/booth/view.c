// SPDX-License-Identifier: Apache-2.0
#include "view.h"

#include "dv-devices1.h"

#include <darvaza/bus.h>
#include <darvaza/error.h>
#include <fcntl.h>
#include <gio/gunixfdlist.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define COMPARE_MS 5000
#define ANSWER_MS 3000 /* beyond what was asked to be waited */
#define TEXT_MAX 200

typedef struct {
    DvViewDone view;
    DvCompareDone compare;
    void *data;
} Asked;

static Asked *
asked_new(DvViewDone view, DvCompareDone compare, void *data)
{
    Asked *asked = g_new0(Asked, 1);
    *asked = (Asked){view, compare, data};
    return asked;
}

/* ---- bytes ---- */

GBytes *
dv_view_jpeg(const void *data, gsize length, gsize max)
{
    const guint8 *bytes = data;
    if (length < 5 || length > max || bytes[0] != 0xff || bytes[1] != 0xd8 || bytes[2] != 0xff ||
        bytes[length - 2] != 0xff || bytes[length - 1] != 0xd9)
        return NULL;
    return g_bytes_new(data, length);
}

GBytes *
dv_view_jpeg_of(GVariant *dict, const char *key, gsize max)
{
    g_autoptr(GVariant) value = g_variant_lookup_value(dict, key, G_VARIANT_TYPE_BYTESTRING);
    gsize length = 0;
    const void *data = value ? g_variant_get_fixed_array(value, &length, 1) : NULL;
    return data ? dv_view_jpeg(data, length, max) : NULL;
}

/* Sealed, or its size and content could change while they are looked at. */
static GBytes *
read_sealed(int fd)
{
    const int wanted = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    struct stat status;
    int seals = fcntl(fd, F_GET_SEALS);
    if (seals < 0 || (seals & wanted) != wanted || fstat(fd, &status) != 0 || status.st_size <= 0 ||
        status.st_size > DV_VIEW_BYTES_MAX)
        return NULL;
    gsize length = (gsize)status.st_size;
    g_autofree guint8 *bytes = g_malloc(length);
    if (pread(fd, bytes, length, 0) != (gssize)length)
        return NULL;
    return dv_view_jpeg(bytes, length, DV_VIEW_BYTES_MAX);
}

/* ---- a frame ---- */

static gboolean
is_word(const char *text)
{
    gsize length = strlen(text);
    return length > 0 && length <= 32 &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == length;
}

/* Words alone: the page looks them up, and the record keeps them. */
static char **
findings_of(GVariant *meta)
{
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
    g_autofree const char **words = NULL;
    g_variant_lookup(meta, "findings", "^a&s", &words);
    for (guint i = 0; words && words[i] && kept->len < DV_VIEW_FINDINGS_MAX; i++)
        if (is_word(words[i]))
            g_ptr_array_add(kept, g_strdup(words[i]));
    g_ptr_array_add(kept, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&kept), FALSE);
}

static gboolean
is_part(double value)
{
    return value >= -1 &&
           value <= 2; /* a face may reach out of the image; not a number is neither */
}

static void
take_meta(DvView *view, GVariant *meta)
{
    double *box = view->box;
    g_variant_lookup(meta, "width", "u", &view->width);
    g_variant_lookup(meta, "height", "u", &view->height);
    g_variant_lookup(meta, "judged", "b", &view->judged);
    g_variant_lookup(meta, "faces", "u", &view->faces);
    g_variant_lookup(meta, "pose_judged", "b", &view->pose_judged);
    view->has_box = g_variant_lookup(meta, "box", "(dddd)", &box[0], &box[1], &box[2], &box[3]) &&
                    is_part(box[0]) && is_part(box[1]) && is_part(box[2]) && is_part(box[3]);
    view->findings = findings_of(meta);
    view->portrait = dv_view_jpeg_of(meta, "portrait", DV_FACE_JPEG_MAX);
}

static void
view_clear(DvView *view)
{
    g_clear_pointer(&view->jpeg, g_bytes_unref);
    g_clear_pointer(&view->portrait, g_bytes_unref);
    g_clear_pointer(&view->findings, g_strfreev);
}

static void
hand_on(const Asked *asked, guint64 serial, GVariant *meta, GVariant *handle, GUnixFDList *fds)
{
    g_autoptr(GError) error = NULL;
    DvView view = {.serial = serial};
    gint index = g_variant_get_handle(handle);
    gint fd = fds && index >= 0 && index < g_unix_fd_list_get_length(fds)
                  ? g_unix_fd_list_get(fds, index, NULL)
                  : -1;
    view.jpeg = fd >= 0 ? read_sealed(fd) : NULL;
    if (fd >= 0)
        close(fd);
    take_meta(&view, meta);
    if (!view.jpeg || view.width == 0 || view.height == 0 || view.width > DV_VIEW_SIDE_MAX ||
        view.height > DV_VIEW_SIDE_MAX)
        g_set_error(&error, DV_ERROR, DV_ERROR_INVALID,
                    "the device service sent a frame that is none");
    asked->view(error ? NULL : &view, error, asked->data);
    view_clear(&view);
}

static void
on_view(GObject *source, GAsyncResult *result, void *user_data)
{
    g_autofree Asked *asked = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GUnixFDList) fds = NULL;
    g_autoptr(GVariant) meta = NULL, handle = NULL;
    guint64 serial = 0;
    if (dv_bus_devices1_call_view_frame_finish(DV_BUS_DEVICES1(source), &serial, &meta, &handle,
                                               &fds, result, &error)) {
        hand_on(asked, serial, meta, handle, fds);
        return;
    }
    dv_bus_restore_error(&error);
    asked->view(NULL, error, asked->data);
}

void
dv_devices_client_view(DvDevicesClient *client, const char *device, guint64 after, guint wait_ms,
                       gboolean portrait, guint judge_ms, DvViewDone done, void *data)
{
    GCancellable *cancel = NULL;
    DvBusDevices1 *proxy = dv_devices_client_proxy(client, &cancel);
    if (!proxy) {
        g_autoptr(GError) error =
            g_error_new_literal(DV_ERROR, DV_ERROR_UNAVAILABLE, "the device service is away");
        done(NULL, error, data);
        return;
    }
    GVariantBuilder want;
    g_variant_builder_init(&want, G_VARIANT_TYPE("a{sv}"));
    g_variant_builder_add(&want, "{sv}", "portrait", g_variant_new_boolean(portrait));
    g_variant_builder_add(&want, "{sv}", "judge_ms", g_variant_new_uint32(judge_ms));
    dv_bus_devices1_call_view_frame(proxy, device, after, wait_ms, g_variant_builder_end(&want),
                                    G_DBUS_CALL_FLAGS_NONE, (gint)wait_ms + ANSWER_MS, NULL, cancel,
                                    on_view, asked_new(done, NULL, data));
}

/* ---- two faces ---- */

static char *
text_of(GVariant *dict, const char *key)
{
    const char *text = "";
    g_variant_lookup(dict, key, "&s", &text);
    g_autofree char *cut = g_strndup(text, TEXT_MAX);
    char *valid = g_utf8_make_valid(cut, -1);
    for (char *at = valid; *at; at++)
        if (g_ascii_iscntrl(*at))
            *at = ' ';
    return valid;
}

static gboolean
take_result(DvFacesCompared *compared, GVariant *answer)
{
    static const char *const words[] = {"off", "no_face", "above", "below"};
    const char *word = "";
    g_variant_lookup(answer, "result", "&s", &word);
    guint at = 0;
    while (at < G_N_ELEMENTS(words) && !g_str_equal(words[at], word))
        at++;
    if (at == G_N_ELEMENTS(words))
        return FALSE;
    compared->result = (DvFacesResult)at;
    if (at < DV_FACES_ABOVE)
        return TRUE;
    g_variant_lookup(answer, "score", "i", &compared->score);
    g_variant_lookup(answer, "threshold", "i", &compared->threshold);
    g_variant_lookup(answer, "false_match", "u", &compared->false_match);
    g_variant_lookup(answer, "false_non_match", "u", &compared->false_non_match);
    /* What it says must fit together, or it says nothing. */
    return ABS(compared->score) <= 1000 && ABS(compared->threshold) <= 1000 &&
           compared->false_match <= 1000000 && compared->false_non_match <= 1000000 &&
           (compared->score >= compared->threshold) == (at == DV_FACES_ABOVE) && *compared->model &&
           *compared->licence && *compared->measured_on;
}

void
dv_faces_compared_clear(DvFacesCompared *compared)
{
    g_free(compared->reason);
    g_free(compared->model);
    g_free(compared->licence);
    g_free(compared->measured_on);
    *compared = (DvFacesCompared){0};
}

static void
on_compared(GObject *source, GAsyncResult *result, void *user_data)
{
    g_autofree Asked *asked = user_data;
    g_autoptr(GError) error = NULL;
    g_autoptr(GVariant) answer = NULL;
    if (!dv_bus_devices1_call_compare_faces_finish(DV_BUS_DEVICES1(source), &answer, result,
                                                   &error)) {
        dv_bus_restore_error(&error);
        asked->compare(NULL, error, asked->data);
        return;
    }
    DvFacesCompared compared = {.reason = text_of(answer, "reason"),
                                .model = text_of(answer, "model"),
                                .licence = text_of(answer, "licence"),
                                .measured_on = text_of(answer, "measured_on")};
    if (!take_result(&compared, answer))
        g_set_error(&error, DV_ERROR, DV_ERROR_INVALID,
                    "the device service gave a comparison that contradicts itself");
    asked->compare(error ? NULL : &compared, error, asked->data);
    dv_faces_compared_clear(&compared);
}

static GVariant *
bytes_variant(GBytes *bytes)
{
    return g_variant_new_from_bytes(G_VARIANT_TYPE_BYTESTRING, bytes, TRUE);
}

void
dv_devices_client_compare(DvDevicesClient *client, GBytes *one, GBytes *other, DvCompareDone done,
                          void *data)
{
    GCancellable *cancel = NULL;
    DvBusDevices1 *proxy = dv_devices_client_proxy(client, &cancel);
    if (!proxy) {
        g_autoptr(GError) error =
            g_error_new_literal(DV_ERROR, DV_ERROR_UNAVAILABLE, "the device service is away");
        done(NULL, error, data);
        return;
    }
    dv_bus_devices1_call_compare_faces(proxy, bytes_variant(one), bytes_variant(other),
                                       G_DBUS_CALL_FLAGS_NONE, COMPARE_MS, cancel, on_compared,
                                       asked_new(NULL, done, data));
}
