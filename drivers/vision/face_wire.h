// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What is asked and said of faces (docs/formats/vision-ipc.md, kinds 2 to 4). Pure: bytes to values
 * and back. The parent takes the answers for hostile.
 */
#include "wire.h"
#include <darvaza/face.h>
#include <darvaza/face_client.h>

/* Values of a view's request->set. */
enum { FACE_WANT_JUDGED = 1, FACE_WANT_PORTRAIT = 2 };

/* Body of WIRE_VIEW: everything of view but its two pictures, whose lengths are view_length and
 * portrait_length; in the output file they stand one behind the other. */
void face_view_write(const DvFaceView *view, gsize view_length, gsize portrait_length,
                     WireAnswer *answer);
gboolean face_view_parse(const WireAnswer *answer, DvFaceView *view, gsize *view_length,
                         gsize *portrait_length, GError **error);

/* Body of WIRE_COMPARE. */
void face_compared_write(const DvFaceMatch *match, const DvFaceComparison *comparison,
                         WireAnswer *answer);
gboolean face_compared_parse(const WireAnswer *answer, DvFaceMatch *match,
                             DvFaceComparison *comparison, GError **error);

/* Body of WIRE_PAGE: the lengths of the portrait and of the page, which stand one behind the other
 * in the output file; 0: there is none. */
void face_page_write(gsize portrait_length, gsize page_length, WireAnswer *answer);
gboolean face_page_parse(const WireAnswer *answer, gsize *portrait_length, gsize *page_length,
                         GError **error);

/* The image of WIRE_COMPARE: the first portrait's length in four bytes, then both. */
gboolean face_pair_split(const guint8 *bytes, gsize length, gsize *first, GError **error);
