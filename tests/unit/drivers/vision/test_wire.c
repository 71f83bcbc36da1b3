// SPDX-License-Identifier: Apache-2.0
/* What crosses to darvaza-vision and back: whole, or refused. */
#include "expect.h"
#include "wire.h"
#include <string.h>

static const WireRequest raw_request = {.kind = WIRE_READ_MRZ,
                                        .id = 0xfffffffe,
                                        .format = WIRE_FORMAT_YUY2,
                                        .width = 640,
                                        .height = 480,
                                        .stride = 1280,
                                        .length = 640 * 480 * 2,
                                        .set = 3,
                                        .wants_output = TRUE};

static void
request_comes_back(void **state)
{
    guint8 bytes[WIRE_REQUEST_SIZE];
    WireRequest back;
    (void)state;
    wire_request_write(&raw_request, bytes);
    assert_true(wire_request_parse(bytes, sizeof bytes, &back, NULL));
    assert_memory_equal(&back, &raw_request, sizeof back);
}

static void
requests_refused(void **state)
{
    /* place, byte: each breaks one rule of docs/formats/vision-ipc.md */
    static const guint8 lies[][2] = {{0, 'x'}, {4, 0},  {6, 1},   {12, 0}, {12, 9}, {18, 1},
                                     {22, 1},  {24, 0}, {28, 99}, {30, 2}, {35, 9}, {39, 1},
                                     {36, 1},  {38, 1}, {15, 1},  {29, 1}, {31, 1}, {37, 1}};
    guint8 bytes[WIRE_REQUEST_SIZE + 1] = {0};
    WireRequest back;
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_autoptr(GError) error = NULL;
        wire_request_write(&raw_request, bytes);
        bytes[lies[i][0]] = lies[i][1];
        if (lies[i][0] == 24)
            bytes[25] = 0;
        if (wire_request_parse(bytes, WIRE_REQUEST_SIZE, &back, &error))
            fail_msg("byte %u as %u was taken", lies[i][0], lies[i][1]);
        assert_int_equal(error->code, DV_ERROR_INVALID);
    }
    wire_request_write(&raw_request, bytes);
    for (gsize length = 0; length <= sizeof bytes; length++)
        assert_int_equal(wire_request_parse(bytes, length, &back, NULL),
                         length == WIRE_REQUEST_SIZE);
}

static DvReading
example(void)
{
    DvReading reading = {.line_count = 2,
                         .corrections = 1,
                         .has_quad = TRUE,
                         .quad = {{1.5, 2}, {1000.25, -3}, {999, 80}, {0, 81}},
                         .width = 1280,
                         .height = 960,
                         .ms = 12.5};
    g_strlcpy(reading.lines[0], "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
              sizeof reading.lines[0]);
    g_strlcpy(reading.lines[1], "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
              sizeof reading.lines[1]);
    for (guint i = 0; i < 44; i++)
        reading.confidence[0][i] = reading.confidence[1][i] = 1;
    return reading;
}

static void
reading_comes_back(void **state)
{
    DvReading reading = example(), back;
    WireAnswer answer = {.id = 7, .kind = WIRE_READ_MRZ, .output = 99}, again;
    guint8 bytes[WIRE_ANSWER_MAX];
    (void)state;
    wire_reading_write(&reading, &answer);
    gsize length = wire_answer_write(&answer, bytes);
    assert_true(wire_answer_parse(bytes, length, &again, NULL));
    assert_int_equal(again.id, 7);
    assert_int_equal(again.output, 99);
    assert_true(wire_reading_parse(&again, &back, NULL));
    assert_int_equal(back.line_count, 2);
    assert_string_equal(back.lines[0], reading.lines[0]);
    assert_string_equal(back.lines[1], reading.lines[1]);
    assert_true(back.quad[1].x == 1000.25 && back.quad[1].y == -3);
    assert_true(back.confidence[1][43] == 1 && back.confidence[2][0] == 0);
    assert_int_equal(back.corrections, 1);
    assert_string_equal(back.reason, "");
}

static void
answers_refused(void **state)
{
    DvReading reading = example();
    WireAnswer answer = {.id = 7, .kind = WIRE_READ_MRZ}, again;
    guint8 bytes[WIRE_ANSWER_MAX + 1] = {0};
    (void)state;
    wire_reading_write(&reading, &answer);
    gsize length = wire_answer_write(&answer, bytes);
    for (gsize cut = 0; cut < length; cut++) {
        DvReading back;
        gboolean taken =
            wire_answer_parse(bytes, cut, &again, NULL) && wire_reading_parse(&again, &back, NULL);
        assert_false(taken);
    }
    assert_false(wire_answer_parse(bytes, sizeof bytes, &again, NULL));
    bytes[15] = 0xff; /* more output than the file has room for */
    assert_false(wire_answer_parse(bytes, length, &again, NULL));
}

/* A process that was taken over may say anything; none of it becomes a reading. */
static void
nonsense_is_no_reading(void **state)
{
    WireAnswer answer = {.kind = WIRE_READ_MRZ};
    DvReading reading = example(), back;
    (void)state;
    g_strlcpy(reading.lines[1], "L898902C36UTO7408122F1204159ZE184226B<<<<<1\n",
              sizeof reading.lines[1]);
    wire_reading_write(&reading, &answer);
    assert_false(wire_reading_parse(&answer, &back, NULL));
    reading = example();
    reading.lines[1][40] = '\0'; /* lines of two lengths */
    wire_reading_write(&reading, &answer);
    assert_false(wire_reading_parse(&answer, &back, NULL));
    reading = example();
    g_strlcpy(reading.reason, "read and refused at once", sizeof reading.reason);
    wire_reading_write(&reading, &answer);
    assert_false(wire_reading_parse(&answer, &back, NULL));
    reading = (DvReading){.reason = "\xff\xfe"};
    wire_reading_write(&reading, &answer);
    assert_false(wire_reading_parse(&answer, &back, NULL));
    reading = (DvReading){.reason = "no zone was found", .guides = DV_GUIDES_ALL + 1};
    wire_reading_write(&reading, &answer);
    assert_false(wire_reading_parse(&answer, &back, NULL));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_comes_back),     cmocka_unit_test(requests_refused),
        cmocka_unit_test(reading_comes_back),     cmocka_unit_test(answers_refused),
        cmocka_unit_test(nonsense_is_no_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
