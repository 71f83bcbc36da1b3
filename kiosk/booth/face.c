// SPDX-License-Identifier: Apache-2.0
/* When a portrait is taken, and what the record says of one that was not. */
#include "booth_private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>

#define GOOD_FRAMES 3 /* nothing speaks against three in a row: the right moment */
#define FRESH_US (2 * G_USEC_PER_SEC)
#define SEEN_US (5 * G_USEC_PER_SEC)
#define GONE_US G_USEC_PER_SEC /* nobody there for so long: the one before has left */

void
dv_face_clear(DvFaceCapture *face)
{
    g_clear_pointer(&face->live, g_bytes_unref);
    g_clear_pointer(&face->document, g_bytes_unref);
    g_clear_pointer(&face->findings, g_strfreev);
    dv_faces_compared_clear(&face->compared);
    *face = (DvFaceCapture){0};
}

void
dv_face_seen_clear(DvFaceSeen *seen)
{
    g_clear_pointer(&seen->portrait, g_bytes_unref);
    g_clear_pointer(&seen->findings, g_strfreev);
    *seen = (DvFaceSeen){0};
}

/* ---- taking ---- */

gboolean
dv_face_awaited(const DvBooth *booth)
{
    return booth->lane.state == DV_LANE_DECIDING && booth->inspection &&
           !booth->inspection->face.live && !booth->inspection->face.skipped;
}

static void
take(DvBooth *booth)
{
    DvFaceCapture *face = &booth->inspection->face;
    g_clear_pointer(&face->live, g_bytes_unref);
    g_strfreev(face->findings);
    face->live = g_bytes_ref(booth->seen.portrait);
    face->findings = g_strdupv(booth->seen.findings);
    face->pose_judged = booth->seen.pose_judged;
    face->skipped = NULL;
    face->takes++;
    dv_face_compare(booth);
    dv_booth_announce(booth);
}

void
dv_face_begin(DvBooth *booth)
{
    dv_face_seen_clear(&booth->seen);
    dv_face_compare(booth);
}

void
dv_face_end(DvBooth *booth)
{
    dv_face_seen_clear(&booth->seen);
    booth->before.lingers = TRUE;
}

/* Somebody far away is in the queue, and nobody who stands at the booth. */
static void
watch_leaving(DvFaceBefore *before, const DvView *view, gint64 at_us)
{
    gboolean gone =
        view->faces == 0 || g_strv_contains((const char *const *)view->findings, "too_far");
    before->gone_us = !gone ? 0 : before->gone_us ? before->gone_us : at_us;
    if (gone && at_us - before->gone_us >= GONE_US)
        before->lingers = FALSE;
}

void
dv_face_look(DvBooth *booth, const DvView *view, gint64 asked_us)
{
    DvFaceSeen *seen = &booth->seen;
    guint good = seen->good;
    dv_face_seen_clear(seen);
    seen->at_us = asked_us;
    seen->faces = view->faces;
    seen->findings = g_strdupv(view->findings);
    seen->pose_judged = view->pose_judged;
    seen->portrait = view->portrait ? g_bytes_ref(view->portrait) : NULL;
    seen->good = view->portrait && view->faces == 1 && !view->findings[0] ? good + 1 : 0;
    watch_leaving(&booth->before, view, asked_us);
    /* Whose face it is that was there all along only the officer can tell. */
    if (seen->good >= GOOD_FRAMES && dv_face_awaited(booth) && !booth->before.lingers)
        take(booth);
}

gboolean
dv_face_take(DvBooth *booth, const char **word, GError **error)
{
    const DvFaceSeen *seen = &booth->seen;
    *word = NULL;
    if (!seen->at_us || dv_clock_mono_us() - seen->at_us > FRESH_US)
        *word = "no_picture";
    else if (seen->faces > 1)
        *word = "several_faces";
    else if (seen->faces == 0 || !seen->portrait)
        *word = "no_face";
    if (!*word) {
        take(booth);
        return TRUE;
    }
    g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "no portrait was taken: %s", *word);
    return FALSE;
}

gboolean
dv_face_skip(DvBooth *booth, const char *reason, GError **error)
{
    static const char *const chosen[] = {
        "CHILD",   "PHYSICAL_TEMPORARY", "PHYSICAL_PERMANENT", "EXEMPT",
        "REFUSED", "OFFICER_SKIPPED"};
    DvFaceCapture *face = &booth->inspection->face;
    for (guint i = 0; i < G_N_ELEMENTS(chosen); i++)
        if (g_str_equal(chosen[i], reason)) {
            g_clear_pointer(&face->live, g_bytes_unref);
            g_clear_pointer(&face->findings, g_strfreev);
            face->skipped = chosen[i];
            face->takes++;
            dv_face_compare(booth);
            dv_booth_announce(booth);
            return TRUE;
        }
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID,
                "a portrait is left out for one of the reasons "
                "of docs/formats/booth-api.md");
    return FALSE;
}

/* ---- cameras ---- */

const char *
dv_face_camera(const DvBooth *booth, const char *name)
{
    if (!g_str_equal(name, "traveller") && !g_str_equal(name, "document"))
        return NULL;
    const char *device = dv_config_string(booth->config, "camera", name);
    return *device ? device : NULL;
}

const char *
dv_face_camera_state(const DvBooth *booth, const char *name)
{
    const char *device = dv_face_camera(booth, name);
    if (!device)
        return "none";
    g_autoptr(json_t) list = dv_devices_client_list(booth->devices);
    for (gsize i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        if (g_strcmp0(json_string_value(json_object_get(one, "id")), device) == 0 &&
            g_strcmp0(json_string_value(json_object_get(one, "kind")), "camera") == 0)
            return g_strcmp0(json_string_value(json_object_get(one, "state")), "ready") == 0
                       ? "ready"
                       : "fault";
    }
    return "away";
}

/* ---- the record ---- */

/* The officer's own reason first; else what the booth itself knows of it. */
const char *
dv_face_missing(const DvBooth *booth)
{
    const DvFaceCapture *face = &booth->inspection->face;
    const DvFaceSeen *seen = &booth->seen;
    if (face->live)
        return NULL;
    if (face->skipped)
        return face->skipped;
    const char *state = dv_face_camera_state(booth, "traveller");
    if (g_str_equal(state, "none"))
        return "NO_CAMERA";
    if (!g_str_equal(state, "ready"))
        return "DEVICE";
    if (seen->at_us && dv_clock_mono_us() - seen->at_us < SEEN_US && seen->faces != 1)
        return seen->faces == 0 ? "NO_FACE" : "SEVERAL_FACES";
    return seen->unable ? "DEVICE" : "OFFICER_SKIPPED";
}

static json_t *
words_of(char **words)
{
    json_t *list = json_array();
    for (guint i = 0; words && words[i]; i++)
        json_array_append_new(list, json_string(words[i]));
    return list;
}

/* Not supported: no model, or not two portraits. Aborted: asked for, and no answer came. */
static int
comparison_result(const DvBooth *booth)
{
    static const int results[] = {DV_CHECK_NOT_SUPPORTED, DV_CHECK_UNDETERMINED,
                                  DV_CHECK_SUCCESSFUL, DV_CHECK_FAILED};
    const DvFaceCapture *face = &booth->inspection->face;
    if (face->compared_known)
        return results[face->compared.result];
    return face->asked && !booth->compares_none ? DV_CHECK_ABORTED : DV_CHECK_NOT_SUPPORTED;
}

json_t *
dv_face_record(const DvBooth *booth)
{
    const DvFaceCapture *face = &booth->inspection->face;
    const DvFacesCompared *compared = &face->compared;
    const char *missing = dv_face_missing(booth);
    gboolean scored = face->compared_known && compared->result >= DV_FACES_ABOVE;
    json_t *object =
        json_pack("{s:o, s:o, s:i, s:o, s:o, s:b, s:n}", "score",
                  scored ? json_integer(compared->score) : json_null(), "threshold",
                  scored ? json_integer(compared->threshold) : json_null(), "result",
                  comparison_result(booth), "missing", missing ? json_string(missing) : json_null(),
                  "findings", words_of(face->findings), "pose_judged",
                  face->live && face->pose_judged, "model");
    if (scored)
        json_object_set_new(object, "model",
                            json_pack("{s:s, s:s, s:s, s:i, s:i}", "name", compared->model,
                                      "licence", compared->licence, "measured_on",
                                      compared->measured_on, "false_match_per_million",
                                      (int)compared->false_match, "false_non_match_per_million",
                                      (int)compared->false_non_match));
    return object;
}

static void
add_portrait(json_t *list, const char *kind, GBytes *jpeg)
{
    if (!jpeg)
        return;
    gsize length;
    const guchar *bytes = g_bytes_get_data(jpeg, &length);
    g_autofree char *text = g_base64_encode(bytes, length);
    json_array_append_new(list, json_pack("{s:s, s:s}", "kind", kind, "jpeg", text));
}

json_t *
dv_face_record_portraits(const DvBooth *booth)
{
    json_t *list = json_array();
    add_portrait(list, "LIVE", booth->inspection->face.live);
    add_portrait(list, "DOCUMENT", booth->inspection->face.document);
    return list;
}

/* ---- what pages see ---- */

static json_t *
compared_json(const DvFaceCapture *face)
{
    static const char *const words[] = {"off", "no_face", "above", "below"};
    const DvFacesCompared *compared = &face->compared;
    if (face->compare_failed)
        return json_pack("{s:s}", "result", "failed");
    if (!face->compared_known)
        return json_null();
    return json_pack("{s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:i, s:i}", "result",
                     words[compared->result], "reason", compared->reason, "score", compared->score,
                     "threshold", compared->threshold, "model", compared->model, "licence",
                     compared->licence, "measured_on", compared->measured_on, "false_match",
                     (int)compared->false_match, "false_non_match", (int)compared->false_non_match);
}

json_t *
dv_face_view(const DvBooth *booth)
{
    const DvFaceCapture *face = &booth->inspection->face;
    const char *missing = dv_face_missing(booth);
    return json_pack("{s:b, s:b, s:b, s:i, s:o, s:b, s:o, s:b, s:o}", "lingers",
                     booth->before.lingers, "live", face->live != NULL, "document",
                     face->document != NULL, "takes", (int)face->takes, "findings",
                     words_of(face->findings), "pose_judged", face->pose_judged, "missing",
                     missing ? json_string(missing) : json_null(), "skipped", face->skipped != NULL,
                     "compared", compared_json(face));
}
