// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What a document camera's frames amount to, frame by frame: a document when two frames say the
 * same, once for as long as it lies there, and advice that stands still long enough to be followed.
 * Pure: readings and their times in, events out.
 */
#include <darvaza/vision.h>

typedef enum {
    DV_AGREEMENT_STARTED = 1,  /* a first frame was read */
    DV_AGREEMENT_DOCUMENT = 2, /* a second frame agrees */
    DV_AGREEMENT_FAILED = 4,   /* what had started was taken away before a second frame agreed */
    DV_AGREEMENT_GUIDES = 8,   /* the advice has changed */
} DvAgreementEvent;

#define DV_AGREEMENT_LOOK_BACK 5 /* frames of which advice needs more than half */

/* What one frame said. */
typedef struct {
    guint8 guides; /* DvGuide */
    gboolean zone; /* one was seen, read or not */
} DvAdvice;

typedef struct {
    DvReading candidate, reported; /* without lines: there is none */
    guint candidate_age;           /* frames since */
    guint without;                 /* frames in a row that show no zone */
    gint64 seen_us;                /* time of the last frame that shows one */
    gboolean started;
    gboolean lifted; /* no zone was seen for a moment since reported was */
    guint guides;    /* DvGuide, as last told */
    DvAdvice said[DV_AGREEMENT_LOOK_BACK];
    guint said_at;
} DvAgreement;

/* DvAgreementEvent flags. With DOCUMENT, reported holds what both frames say. at_us: when the frame
 * was taken, of a clock that never jumps. */
guint dv_agreement_take(DvAgreement *agreement, const DvReading *reading, gint64 at_us);
/* Whether the document that was told lies there: no more is to be done with it. */
gboolean dv_agreement_lies(const DvAgreement *agreement);
