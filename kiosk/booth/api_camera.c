// SPDX-License-Identifier: Apache-2.0
/* The officer's live view, and the pictures of the traveller and the document on the lane. */
#include "booth_private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>

#define WAIT_MS 1000
#define JUDGE_SOON_MS 200 /* while a portrait is awaited: five a second find the right moment */
#define JUDGE_MS 500      /* else only advice is wanted, which nobody reads faster */
#define VIEWS_MAX 8

/* A request that waits for a frame. The booth may end before the frame comes. */
typedef struct {
    DvBooth *booth; /* NULL: it has ended, and so has the request */
    DvRequest *request;
    gboolean of_traveller;
    char *crossing_id; /* on the lane when it was asked for; NULL: none */
    gint64 asked_us;   /* monotonic clock */
} Waiting;

static void
waiting_free(Waiting *waiting)
{
    g_free(waiting->crossing_id);
    g_free(waiting);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Waiting, waiting_free)

static const char *
crossing_now(const DvBooth *booth)
{
    return booth->inspection ? booth->inspection->crossing_id : NULL;
}

static void
add_view_header(DvRequest *request, const DvView *view, gboolean lingers)
{
    json_t *findings = json_array();
    if (lingers && view->faces == 1 && !view->findings[0])
        json_array_append_new(findings, json_string("last_traveller"));
    for (guint i = 0; view->findings[i]; i++)
        json_array_append_new(findings, json_string(view->findings[i]));
    g_autoptr(json_t) what = json_pack(
        "{s:I, s:i, s:i, s:i, s:o}", "serial", (json_int_t)view->serial, "width", (int)view->width,
        "height", (int)view->height, "faces", (int)view->faces, "findings", findings);
    if (view->has_box)
        json_object_set_new(
            what, "box",
            json_pack("[f, f, f, f]", view->box[0], view->box[1], view->box[2], view->box[3]));
    g_autofree char *text = json_dumps(what, JSON_COMPACT | JSON_REAL_PRECISION(6));
    dv_request_add_header(request, "X-Darvaza-View", text);
}

static void
on_view(const DvView *view, const GError *error, void *data)
{
    g_autoptr(Waiting) waiting = data;
    DvBooth *booth = waiting->booth;
    if (!booth)
        return;
    g_ptr_array_remove_fast(booth->views, waiting);
    if (error) {
        dv_request_error(waiting->request, 503, "no_picture", "no frame came: %s", error->message);
        return;
    }
    /* Whoever was signed in when it was asked may have left meanwhile. */
    if (!dv_sessions_current(booth->sessions)) {
        dv_request_error(waiting->request, 401, "signed_out", "nobody is signed in here");
        return;
    }
    /* A frame that was asked for while another traveller was on the lane says nothing of this one.
     */
    gboolean counts =
        waiting->of_traveller && g_strcmp0(waiting->crossing_id, crossing_now(booth)) == 0;
    if (counts && view->judged)
        dv_face_look(booth, view, waiting->asked_us);
    else if (counts)
        booth->seen.unable = g_strv_contains((const char *const *)view->findings, "unjudged");
    add_view_header(waiting->request, view,
                    waiting->of_traveller && booth->before.lingers && dv_face_awaited(booth));
    dv_request_reply(waiting->request, 200, "image/jpeg", view->jpeg);
}

void
dv_api_view(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    const char *name = dv_request_param(request, "camera"),
               *after = dv_request_query(request, "after");
    const char *device = dv_face_camera(booth, name);
    guint64 serial = 0;
    if (!device) {
        dv_request_error(request, 404, "no_camera", "this lane has no such camera");
        return;
    }
    if (after && !g_ascii_string_to_unsigned(after, 10, 0, G_MAXINT64, &serial, NULL)) {
        dv_request_error(request, 400, "invalid", "after is the number of a frame");
        return;
    }
    if (booth->views->len >= VIEWS_MAX) {
        dv_request_error(request, 503, "no_picture", "too many pages ask for frames");
        return;
    }
    Waiting *waiting = g_new0(Waiting, 1);
    *waiting = (Waiting){.booth = booth,
                         .request = request,
                         .of_traveller = g_str_equal(name, "traveller"),
                         .crossing_id = g_strdup(crossing_now(booth)),
                         .asked_us = dv_clock_mono_us()};
    g_ptr_array_add(booth->views, waiting);
    dv_request_suspend(request);
    dv_devices_client_view(booth->devices, device, serial, WAIT_MS,
                           waiting->of_traveller && booth->lane.state == DV_LANE_DECIDING,
                           dv_face_awaited(booth) || booth->before.lingers ? JUDGE_SOON_MS
                                                                           : JUDGE_MS,
                           on_view, waiting);
}

void
dv_api_views_end(DvBooth *booth)
{
    for (guint i = 0; booth->views && i < booth->views->len; i++) {
        Waiting *waiting = g_ptr_array_index(booth->views, i);
        dv_request_error(waiting->request, 503, "no_picture", "the booth is ending");
        waiting->booth = NULL;
    }
    g_clear_pointer(&booth->views, g_ptr_array_unref);
}

/* ---- portraits ---- */

static DvInspection *
on_lane(DvRequest *request, DvBooth *booth, const char *crossing_id)
{
    if (booth->lane.state == DV_LANE_DECIDING && booth->inspection &&
        g_strcmp0(booth->inspection->crossing_id, crossing_id) == 0)
        return booth->inspection;
    dv_request_error(request, 409, "not_on_lane", "this crossing is not on the lane");
    return NULL;
}

void
dv_api_portrait(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    const char *kind = dv_request_param(request, "kind");
    const DvInspection *inspection = on_lane(request, booth, dv_request_param(request, "id"));
    if (!inspection)
        return;
    GBytes *jpeg = g_str_equal(kind, "live")       ? inspection->face.live
                   : g_str_equal(kind, "document") ? inspection->face.document
                                                   : NULL;
    if (jpeg)
        dv_request_reply(request, 200, "image/jpeg", jpeg);
    else
        dv_request_error(request, 404, "no_portrait", "there is no such portrait");
}

/* What the camera's lines were read from: "zone" or "page". */
void
dv_api_scan(DvRequest *request, void *data)
{
    DvBooth *booth = data;
    const DvInspection *inspection = on_lane(request, booth, dv_request_param(request, "id"));
    if (!inspection)
        return;
    GBytes *jpeg = dv_scan_part(&inspection->scan, dv_request_param(request, "part"));
    if (jpeg)
        dv_request_reply(request, 200, "image/jpeg", jpeg);
    else
        dv_request_error(request, 404, "no_scan", "there is no such image of the document");
}

static void
reply_state(DvRequest *request, DvBooth *booth)
{
    g_autoptr(json_t) state = dv_state_view(booth);
    dv_request_reply_json(request, 200, state);
}

/* {crossing_id, skip?}: takes the portrait that the camera shows now, or says why there is none. */
void
dv_api_take_portrait(DvRequest *request, void *data)
{
    static const char *const known[] = {"crossing_id", "skip", NULL};
    DvBooth *booth = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(json_t) body = dv_request_json(request);
    if (!body)
        return;
    if (!dv_json_only(body, known, "portrait", &error)) {
        dv_request_reply_gerror(request, error);
        return;
    }
    if (!on_lane(request, booth, dv_json_string_or_null(body, "crossing_id")))
        return;
    const char *skip = dv_json_string_or_null(body, "skip"), *word = NULL;
    if (skip ? dv_face_skip(booth, skip, &error) : dv_face_take(booth, &word, &error))
        reply_state(request, booth);
    else if (word)
        dv_request_error(request, 409, word, "%s", error->message);
    else
        dv_request_reply_gerror(request, error);
}
