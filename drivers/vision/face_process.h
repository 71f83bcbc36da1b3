// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What darvaza-vision answers about faces. */
#include "process.h"
#include <darvaza/face.h>

/* The rows for ProcessBounds.more; data is a FaceWork. */
extern const VisionKind face_kinds[];

/* NULL faces: views without judgement, no comparison, no portrait of a document. */
typedef struct {
    DvFaces *faces;
} FaceWork;

/* Everything once, on a picture of nobody: what OpenCV loads, allocates or asks the system for is
 * there before the process gives up its rights. */
gboolean face_warm_up(FaceWork *work, GError **error);
