// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The face beside the document: the live portrait of the traveller on the lane, the document's own,
 * what was found comparing them, and why a portrait is missing. A finding for the officer; nothing
 * here moves the lane or fails a check.
 */
#include "view.h"

/* Of the traveller on the lane; part of an inspection. */
typedef struct {
    GBytes *live, *document; /* JPEG; NULL: none */
    char **findings;         /* of the live one; NULL: none was taken */
    gboolean pose_judged;
    const char *skipped; /* word of the record's face_missing_2 that the officer chose; static */
    gboolean compared_known;
    guint asked;             /* how often a comparison was asked for; of these portraits */
    gboolean compare_failed; /* every time without an answer */
    DvFacesCompared compared;
    guint takes; /* how often a live one was taken, so that pages see a new one */
} DvFaceCapture;

void dv_face_clear(DvFaceCapture *face);

/* The last frame of the traveller's camera since this traveller came. */
typedef struct {
    gint64 at_us;      /* monotonic clock when it was asked for; 0: none yet */
    guint faces, good; /* good: frames in a row that nothing spoke against */
    GBytes *portrait;
    char **findings;
    gboolean pose_judged;
    gboolean unable; /* nothing here looks for faces */
} DvFaceSeen;

void dv_face_seen_clear(DvFaceSeen *seen);

/* Whether who stands before the camera may still be the traveller of the crossing before. */
typedef struct {
    gboolean lingers;
    gint64 gone_us; /* monotonic clock since when nobody stands there; 0: somebody does */
} DvFaceBefore;
