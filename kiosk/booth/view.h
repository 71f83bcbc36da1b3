// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What the device service's cameras show, and how alike two faces are, as far as the booth looks:
 * it checks sizes and words and decodes no image. Bytes come from darvaza-vision, which compressed
 * them itself.
 */
#include "devices_client.h"

#define DV_VIEW_BYTES_MAX (256 * 1024)
#define DV_VIEW_SIDE_MAX 640
#define DV_VIEW_FINDINGS_MAX 16
#define DV_FACE_JPEG_MAX (20 * 1024)

typedef struct {
    guint64 serial;
    GBytes *jpeg;
    gboolean judged; /* this frame itself was looked at; else the rest is what was seen before */
    guint width, height, faces;
    gboolean has_box;
    double box[4]; /* left, top, width, height; 0 to 1 */
    char **findings;
    gboolean pose_judged;
    GBytes *portrait; /* NULL: none */
} DvView;

/* Exactly one of view and error is there. Both belong to the caller of this. */
typedef void (*DvViewDone)(const DvView *view, const GError *error, void *data);
/* judge_ms: how old the last judgement may be. Calls done once, from the main loop, or at once with
 * DV_ERROR_UNAVAILABLE while the device service is away. */
void dv_devices_client_view(DvDevicesClient *client, const char *device, guint64 after,
                            guint wait_ms, gboolean portrait, guint judge_ms, DvViewDone done,
                            void *data);

typedef enum { DV_FACES_OFF, DV_FACES_NO_FACE, DV_FACES_ABOVE, DV_FACES_BELOW } DvFacesResult;

typedef struct {
    DvFacesResult result;
    gint score, threshold;              /* thousandths; ABOVE and BELOW alone */
    guint false_match, false_non_match; /* of a million, as the operator states; likewise */
    char *reason, *model, *licence, *measured_on; /* never NULL */
} DvFacesCompared;

void dv_faces_compared_clear(DvFacesCompared *compared);
typedef void (*DvCompareDone)(const DvFacesCompared *compared, const GError *error, void *data);
void dv_devices_client_compare(DvDevicesClient *client, GBytes *one, GBytes *other,
                               DvCompareDone done, void *data);

/* Whether bytes may be handed on as a JPEG of at most max bytes: begin and end, nothing more. NULL
 * otherwise. */
GBytes *dv_view_jpeg(const void *data, gsize length, gsize max);
/* An "ay" member of a dictionary, by the same rule. NULL: absent or unfit. */
GBytes *dv_view_jpeg_of(GVariant *dict, const char *key, gsize max);
