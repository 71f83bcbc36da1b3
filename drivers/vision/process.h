// SPDX-License-Identifier: Apache-2.0
#pragma once
/* darvaza-vision: one request after the other from a socket, each answered or died of. */
#include "wire.h"

typedef struct {
    const WireRequest *request;
    const guint8 *bytes; /* request->length of them */
    guint8 *output;      /* WIRE_OUTPUT_MAX bytes to write to; NULL: none is wanted */
    void *data;          /* of the process */
} VisionJob;

/* Fills body, length and output of the answer; FALSE with a sentence where it cannot be done. */
typedef gboolean (*VisionHandler)(const VisionJob *job, WireAnswer *answer, GError **error);

typedef struct {
    guint kind; /* 0 ends a table */
    VisionHandler handler;
} VisionKind;

typedef struct {
    gsize memory;           /* bytes beyond what start needed */
    guint cpu_ms;           /* of one request */
    const VisionKind *more; /* what is answered beside reading zones; NULL: nothing */
    void *data;             /* handed to these with each job */
} ProcessBounds;

/* Confines itself, then serves socket until the peer closes it. FALSE where something failed that
 * is not a request's fault. */
gboolean vision_process_run(int socket, const ProcessBounds *bounds, GError **error);
