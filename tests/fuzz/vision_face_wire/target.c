// SPDX-License-Identifier: Apache-2.0
/* What darvaza-vision says of faces, as its parent takes it: first byte which, then the length of
 * the output (three bytes), then the body. What is taken comes back the same when written again. */
#include "face_wire.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_view(const WireAnswer *answer)
{
    static WireAnswer second;
    DvFaceView view;
    gsize length, portrait;
    if (!face_view_parse(answer, &view, &length, &portrait, NULL))
        return;
    g_assert_cmpuint(length + portrait, ==, answer->output);
    g_assert_cmpuint(view.findings, <=, DV_FACE_FINDINGS_MAX);
    face_view_write(&view, length, portrait, &second);
    g_assert_true(second.length == answer->length &&
                  memcmp(second.body, answer->body, answer->length) == 0);
}

static void
check_compared(const WireAnswer *answer)
{
    static WireAnswer second;
    DvFaceMatch match;
    DvFaceComparison comparison;
    if (!face_compared_parse(answer, &match, &comparison, NULL))
        return;
    g_assert_true(match.result < DV_FACE_MATCH_ABOVE || comparison.measured_on[0] != '\0');
    face_compared_write(&match, &comparison, &second);
    g_assert_true(second.length == answer->length &&
                  memcmp(second.body, answer->body, answer->length) == 0);
}

static void
check_page(const WireAnswer *answer)
{
    static WireAnswer second;
    gsize portrait, page;
    if (!face_page_parse(answer, &portrait, &page, NULL))
        return;
    g_assert_cmpuint(portrait, <=, DV_PORTRAIT_BYTES_MAX);
    g_assert_cmpuint(page, <=, DV_PAGE_BYTES_MAX);
    face_page_write(portrait, page, &second);
    g_assert_true(second.output == answer->output && second.length == answer->length &&
                  memcmp(second.body, answer->body, answer->length) == 0);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    static WireAnswer answer;
    gsize first;
    if (size < 4 || size - 4 > WIRE_BODY_MAX)
        return 0;
    answer.output = (gsize)data[1] | (gsize)data[2] << 8 | (gsize)data[3] << 16;
    answer.length = size - 4;
    memcpy(answer.body, data + 4, size - 4);
    check_view(&answer);
    check_compared(&answer);
    check_page(&answer);
    if (face_pair_split(data, size, &first, NULL))
        g_assert_cmpuint(4 + first, <, size);
    return 0;
}
