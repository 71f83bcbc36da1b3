// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The parts of dv-faces that are plain C. */
#include <darvaza/face.h>

/* A comparison model's side file (docs/formats/face-model.md), checked. */
typedef struct {
    char *model;        /* path of the ONNX file; owned */
    char sha256[65];    /* that the file must have */
    double mean, scale; /* network input = (level - mean) / scale */
} FaceSide;

/* FALSE: state->reason says why; state->on is never set here. */
gboolean face_side_load(const char *path, FaceSide *side, DvFaceComparison *state);
void face_side_clear(FaceSide *side);

/* Compresses to at most most bytes; 0 where that does not do or cannot be. */
gsize jpeg_compress(const guint8 *pixels, guint width, guint height, guint channels, guint quality,
                    guint8 *to, gsize most);
/* Compresses width x height pixels of 1 or 3 channels, without gaps; DV_ERROR_FULL where even the
 * lowest quality does not fit into DV_PORTRAIT_BYTES_MAX. */
gboolean portrait_encode(const guint8 *pixels, guint width, guint height, guint channels,
                         DvPortrait *portrait, GError **error);
