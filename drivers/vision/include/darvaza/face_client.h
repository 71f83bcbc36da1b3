// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Faces, asked of darvaza-vision by its parent. No image is decoded on this side. */
#include <darvaza/face.h>
#include <darvaza/vision_client.h>

#define DV_VIEW_SIDE_MAX 640 /* pixels */
#define DV_VIEW_BYTES_MAX (256 * 1024)

/* What was seen on a frame. */
typedef struct {
    guint width, height; /* of the compressed view */
    gboolean judged;     /* the rest is known */
    guint faces;
    gboolean has_box;
    double box[4]; /* of the largest face: left, top, width, height as parts of the image */
    gboolean pose_judged;
    guint findings;
    DvFaceCode finding[DV_FACE_FINDINGS_MAX];
} DvFaceView;

/* view is NULL where error is set. jpeg: the frame, compressed again; portrait: NULL unless wanted
 * and there. Both belong to the caller of this. */
typedef void (*DvFaceViewDone)(const DvFaceView *view, GBytes *jpeg, GBytes *portrait,
                               const GError *error, void *data);
/* Compresses a frame again; judged: also looks for faces and what speaks against a portrait;
 * portrait (with judged): also cuts it. As dv_vision_client_read otherwise. */
gboolean dv_vision_client_view(DvVisionClient *client, const DvVisionImage *image, gboolean judged,
                               gboolean portrait, DvFaceViewDone done, void *data, GError **error);

typedef void (*DvFaceComparedDone)(const DvFaceMatch *match, const DvFaceComparison *comparison,
                                   const GError *error, void *data);
/* Two portraits (JPEG). */
gboolean dv_vision_client_compare(DvVisionClient *client, GBytes *one, GBytes *other,
                                  DvFaceComparedDone done, void *data, GError **error);

/* What a document's page shows beside the zone, compressed by darvaza-vision: its portrait and the
 * page itself; each NULL where it was not found. */
typedef void (*DvFacePageDone)(GBytes *portrait, GBytes *page, const GError *error, void *data);
gboolean dv_vision_client_page(DvVisionClient *client, const DvVisionImage *image,
                               DvFacePageDone done, void *data, GError **error);
