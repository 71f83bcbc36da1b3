// SPDX-License-Identifier: Apache-2.0
#include "face_process.h"
#include "face_wire.h"
#include "faces_private.h"
#include "grey.h"
#include <string.h>

#define VIEW_QUALITY 80
/* Pixels of the larger side that a face's judgement and portrait need: more are decoded at a half
 * or less, so that what is decoded in colour fits into the process's memory. */
#define ENOUGH 1600

/* ---- pictures */

/* enough: pixels of the larger side that the answer needs. */
static DvImage *
decode_colour(const VisionJob *job, guint enough, GError **error)
{
    const WireRequest *request = job->request;
    const guint8 *bytes = job->bytes;
    if (request->format == WIRE_FORMAT_YUY2)
        return dv_image_from_yuy2_colour(bytes, request->length, request->width, request->height,
                                         request->stride, error);
    if (request->format == WIRE_FORMAT_GREY)
        return dv_image_from_grey(bytes, request->length, request->width, request->height,
                                  request->stride, error);
    if (request->length >= 3 && bytes[0] == 0xff && bytes[1] == 0xd8 && bytes[2] == 0xff &&
        request->length <= DV_IMAGE_BYTES_MAX)
        return jpeg_decode_small(bytes, request->length, 3, enough, error);
    return dv_image_decode_colour(bytes, request->length, error);
}

/* ---- a view */

static void
judge(DvFaces *faces, const DvImage *image, DvFaceView *view, DvFaceList *list, GError **error)
{
    DvFaceReport report;
    if (!dv_faces_find(faces, image, list, error) || !dv_faces_judge(image, list, &report, error))
        return;
    view->judged = TRUE;
    view->faces = list->count;
    view->pose_judged = report.pose_judged;
    view->findings = report.count;
    for (guint i = 0; i < report.count; i++)
        view->finding[i] = report.finding[i].code;
    if (list->count == 0)
        return;
    const DvFace *face = &list->face[0];
    view->has_box = TRUE;
    view->box[0] = face->x / image->width;
    view->box[1] = face->y / image->height;
    view->box[2] = face->width / image->width;
    view->box[3] = face->height / image->height;
}

static gboolean
answer_view(const VisionJob *job, WireAnswer *answer, GError **error)
{
    DvFaces *faces = ((const FaceWork *)job->data)->faces;
    guint wanted = faces != NULL ? job->request->set : 0;
    g_autoptr(GError) why = NULL;
    g_autofree DvPortrait *portrait = g_new0(DvPortrait, 1);
    DvFaceView view = {0};
    DvFaceList list = {0};
    gsize length = 0;
    if (job->output == NULL) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "a view needs room to be put");
        return FALSE;
    }
    g_autoptr(DvImage) image = decode_colour(job, wanted ? ENOUGH : DV_VIEW_SIDE_MAX, error);
    if (image == NULL)
        return FALSE;
    if (wanted & FACE_WANT_JUDGED)
        judge(faces, image, &view, &list, &why);
    if (why == NULL && (wanted & FACE_WANT_PORTRAIT) && list.count > 0)
        dv_faces_portrait(image, &list.face[0], portrait, &why);
    if (why != NULL) {
        g_propagate_error(error, g_steal_pointer(&why));
        return FALSE;
    }
    if (!dv_faces_view(image, DV_VIEW_SIDE_MAX, VIEW_QUALITY, job->output, DV_VIEW_BYTES_MAX,
                       &length, &view.width, &view.height, error))
        return FALSE;
    memcpy(job->output + length, portrait->jpeg, portrait->length);
    face_view_write(&view, length, portrait->length, answer);
    return TRUE;
}

/* ---- a comparison */

static gboolean
answer_compare(const VisionJob *job, WireAnswer *answer, GError **error)
{
    DvFaces *faces = ((const FaceWork *)job->data)->faces;
    DvFaceComparison none = {.reason = "faces are not looked for here"};
    DvFaceMatch match = {0};
    gsize first = 0;
    if (!face_pair_split(job->bytes, job->request->length, &first, error))
        return FALSE;
    const guint8 *other = job->bytes + 4 + first;
    g_autoptr(DvImage) a = dv_image_decode_colour(job->bytes + 4, first, error);
    g_autoptr(DvImage) b =
        a != NULL ? dv_image_decode_colour(other, job->request->length - 4 - first, error) : NULL;
    if (b == NULL || (faces != NULL && !dv_faces_compare(faces, a, b, &match, error)))
        return FALSE;
    face_compared_write(&match, faces != NULL ? dv_faces_comparison(faces) : &none, answer);
    return TRUE;
}

/* ---- a document's page */

static gboolean
answer_page(const VisionJob *job, WireAnswer *answer, GError **error)
{
    DvFaces *faces = ((const FaceWork *)job->data)->faces;
    g_autofree DvPortrait *portrait = g_new0(DvPortrait, 1);
    DvReading reading;
    gsize length = 0;
    if (job->output == NULL) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_INVALID, "a page needs room to be put");
        return FALSE;
    }
    g_autoptr(DvImage) image = decode_colour(job, ENOUGH, error);
    if (image == NULL)
        return FALSE;
    g_autoptr(DvImage) grey = image_grey_of(image);
    dv_vision_read(grey, &reading);
    if (faces != NULL && !dv_faces_document(faces, image, &reading, portrait, error))
        return FALSE;
    memcpy(job->output, portrait->jpeg, portrait->length);
    if (!dv_faces_page(image, &reading, job->output + portrait->length, DV_PAGE_BYTES_MAX, &length,
                       error))
        return FALSE;
    face_page_write(portrait->length, length, answer);
    return TRUE;
}

const VisionKind face_kinds[] = {
    {WIRE_VIEW, answer_view}, {WIRE_COMPARE, answer_compare}, {WIRE_PAGE, answer_page}, {0, NULL}};

/* ---- before the rights are given up */

gboolean
face_warm_up(FaceWork *work, GError **error)
{
    g_autoptr(DvImage) image = image_new_as(640, 480, 3);
    g_autofree DvPortrait *portrait = g_new0(DvPortrait, 1);
    g_autofree guint8 *room = g_malloc(DV_VIEW_BYTES_MAX);
    DvFaceList list = {0};
    DvFaceReport report;
    DvFaceMatch match;
    gsize length;
    guint width, height;
    memset(image->pixels, 128, (gsize)640 * 480 * 3);
    if (!dv_faces_view(image, 320, VIEW_QUALITY, room, DV_VIEW_BYTES_MAX, &length, &width, &height,
                       error))
        return FALSE;
    DvReading reading = {.line_count = 2, .has_quad = TRUE};
    memset(reading.lines[0], '<', DV_MRZ_LINE_MAX);
    reading.quad[0] = reading.quad[3] = (DvPoint){20, 450};
    reading.quad[1] = reading.quad[2] = (DvPoint){620, 450};
    if (!dv_faces_page(image, &reading, room, DV_PAGE_BYTES_MAX, &length, error))
        return FALSE;
    if (work->faces == NULL)
        return TRUE;
    if (!dv_faces_find(work->faces, image, &list, error) ||
        !dv_faces_document(work->faces, image, &reading, portrait, error) ||
        !dv_faces_compare(work->faces, image, image, &match, error))
        return FALSE;
    list.count = 1;
    list.face[0] = (DvFace){.x = 200, .y = 100, .width = 200, .height = 200};
    return dv_faces_judge(image, &list, &report, error) &&
           dv_faces_portrait(image, &list.face[0], portrait, error);
}
