// SPDX-License-Identifier: Apache-2.0
/* Both sides of darvaza-vision's socket: a request, or an answer and the reading in it. What is
 * taken comes back the same when it is written again. */
#include "wire.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_request(const guint8 *data, gsize size)
{
    WireRequest request;
    guint8 again[WIRE_REQUEST_SIZE];
    if (!wire_request_parse(data, size, &request, NULL))
        return;
    wire_request_write(&request, again);
    g_assert_true(size == sizeof again && memcmp(again, data, size) == 0);
    g_assert_cmpuint(request.length, <=, WIRE_RAW_MAX);
}

static void
check_answer(const guint8 *data, gsize size)
{
    static WireAnswer answer, second;
    DvReading reading, back;
    if (!wire_answer_parse(data, size, &answer, NULL))
        return;
    g_assert_cmpuint(answer.output, <=, WIRE_OUTPUT_MAX);
    static guint8 again[WIRE_ANSWER_MAX];
    g_assert_true(wire_answer_write(&answer, again) == size && memcmp(again, data, size) == 0);
    if (!wire_reading_parse(&answer, &reading, NULL))
        return;
    g_assert_true((reading.line_count == 0) == (reading.reason[0] != '\0'));
    wire_reading_write(&reading, &second);
    g_assert_true(wire_reading_parse(&second, &back, NULL));
    g_assert_cmpint(memcmp(back.lines[0], reading.lines[0], sizeof back.lines[0]), ==, 0);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    check_request(data, size);
    check_answer(data, size);
    return 0;
}
