// SPDX-License-Identifier: Apache-2.0
/* Frames out of payloads, whole ones and spoiled ones: only whole ones come out. */
#include "uvc_frame.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ROOM 64
/* The smallest thing with the shape of a JPEG: a comment with one letter, a scan of two bytes. */
#define JPEG(letter)                                                                               \
    0xff, 0xd8, 0xff, 0xfe, 0, 3, letter, 0xff, 0xda, 0, 2, 0x11, 0xff, 0x00, 0xff, 0xd9

typedef struct {
    DvUvcFrames frames;
    guint8 room[ROOM];
    gboolean refuse;
    GString *got; /* the letter of each frame; '!' and its reason for each bad one */
} Fixture;

static guint8 *
on_room(void *data)
{
    Fixture *fixture = data;
    return fixture->refuse ? NULL : fixture->room;
}

static void
on_whole(gsize length, void *data)
{
    Fixture *fixture = data;
    g_string_append_c(fixture->got, length > 6 ? (char)fixture->room[6] : '?');
}

static void
on_bad(DvUvcBad why, void *data)
{
    Fixture *fixture = data;
    g_string_append_printf(fixture->got, "!%d", (int)why);
}

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->got = g_string_new(NULL);
    dv_uvc_frames_init(&fixture->frames, DV_FRAME_MJPEG, ROOM, 0, 0);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    g_string_free(fixture->got, TRUE);
    g_free(fixture);
    return 0;
}

static DvUvcSink
sink_of(Fixture *fixture)
{
    return (DvUvcSink){on_room, on_whole, on_bad, fixture};
}

/* info: 1 the FID bit, 2 the end, 0x40 an error. */
static void
payload(Fixture *fixture, guint8 info, const guint8 *body, gsize length)
{
    const DvUvcSink sink = sink_of(fixture);
    g_autofree guint8 *bytes = g_malloc(length + 2);
    bytes[0] = 2;
    bytes[1] = (guint8)(0x80 | info);
    if (length > 0)
        memcpy(bytes + 2, body, length);
    dv_uvc_frames_packet(&fixture->frames, bytes, length + 2, &sink);
}

/* A frame in two payloads, the second of which ends it. */
static void
frame(Fixture *fixture, guint8 fid, char letter)
{
    const guint8 jpeg[] = {JPEG((guint8)letter)};
    payload(fixture, fid, jpeg, 7);
    payload(fixture, fid | 2, jpeg + 7, sizeof jpeg - 7);
}

static void
expect(Fixture *fixture, const char *got)
{
    assert_string_equal(fixture->got->str, got);
}

static void
test_frames_in_order(void **state)
{
    frame(*state, 0, 'a');
    frame(*state, 1, 'b');
    frame(*state, 0, 'c');
    expect(*state, "abc");
}

/* Some cameras never set the end bit; the next frame's first payload then ends it. */
static void
test_the_fid_alone_ends_a_frame(void **state)
{
    static const guint8 a[] = {JPEG('a')}, b[] = {JPEG('b')};
    payload(*state, 0, a, sizeof a);
    payload(*state, 1, b, 5);
    expect(*state, "a");
    payload(*state, 1, b + 5, sizeof b - 5);
    payload(*state, 0, NULL, 0);
    expect(*state, "ab");
}

static void
test_empty_payloads_change_nothing(void **state)
{
    frame(*state, 0, 'a');
    payload(*state, 0, NULL, 0);
    payload(*state, 2, NULL, 0);
    payload(*state, 1, NULL, 0);
    frame(*state, 1, 'b');
    expect(*state, "ab");
}

/* Listening begins in the middle: that frame is no loss, and the next is whole. */
static void
test_the_first_tail_is_not_counted(void **state)
{
    static const guint8 jpeg[] = {JPEG('x')};
    payload(*state, 2, jpeg + 7, sizeof jpeg - 7);
    frame(*state, 1, 'a');
    expect(*state, "a");
}

static void
test_every_way_to_spoil_one(void **state)
{
    static const guint8 jpeg[] = {JPEG('x')}, junk[ROOM] = {0};
    const DvUvcSink sink = sink_of(*state);
    Fixture *fixture = *state;
    frame(fixture, 0, 'a');
    payload(fixture, 1 | 0x40, jpeg, 7); /* marked by the camera */
    payload(fixture, 1 | 2, jpeg + 7, sizeof jpeg - 7);
    expect(fixture, "a!2");
    payload(fixture, 0 | 2, jpeg, 9); /* cut */
    expect(fixture, "a!2!5");
    payload(fixture, 1, jpeg, 7); /* a part lost on the bus */
    dv_uvc_frames_lost(&fixture->frames);
    payload(fixture, 1 | 2, jpeg + 7, sizeof jpeg - 7);
    expect(fixture, "a!2!5!3");
    payload(fixture, 0, jpeg, 7); /* larger than it may be */
    payload(fixture, 0, junk, sizeof junk);
    payload(fixture, 0 | 2, junk, 3);
    expect(fixture, "a!2!5!3!4");
    payload(fixture, 1, jpeg, 7); /* a header that is none */
    dv_uvc_frames_packet(&fixture->frames, (const guint8 *)"\x09\x80", 2, &sink);
    payload(fixture, 1 | 2, jpeg + 7, sizeof jpeg - 7);
    expect(fixture, "a!2!5!3!4!1");
    frame(fixture, 0, 'b');
    payload(fixture, 0, jpeg, sizeof jpeg); /* behind the end, and the FID has not changed */
    payload(fixture, 0 | 2, jpeg, sizeof jpeg);
    expect(fixture, "a!2!5!3!4!1b!6");
    frame(fixture, 1, 'c');
    expect(fixture, "a!2!5!3!4!1b!6c");
}

/* A FID that does not change for three frames: two of them belong to nothing, and each is a loss.
 */
static void
test_a_fid_that_stands_still(void **state)
{
    frame(*state, 0, 'a');
    frame(*state, 0, 'x');
    frame(*state, 0, 'y');
    frame(*state, 1, 'b');
    expect(*state, "a!6!6b");
}

/* A FID that changes in the middle makes two frames of one; neither is a picture. */
static void
test_a_false_step(void **state)
{
    static const guint8 jpeg[] = {JPEG('x')};
    frame(*state, 0, 'a');
    payload(*state, 1, jpeg, 7);
    payload(*state, 0 | 2, jpeg + 7, sizeof jpeg - 7);
    frame(*state, 1, 'b');
    expect(*state, "a!5!5b");
}

/* Two pictures under one FID whose border was lost make no picture. */
static void
test_two_in_one(void **state)
{
    static const guint8 twice[] = {JPEG('x'), JPEG('y')};
    frame(*state, 0, 'a');
    payload(*state, 1 | 2, twice, sizeof twice);
    frame(*state, 0, 'b');
    expect(*state, "a!5b");
}

static void
test_what_is_lost_between_frames_spoils_none(void **state)
{
    Fixture *fixture = *state;
    frame(fixture, 0, 'a');
    dv_uvc_frames_lost(&fixture->frames);
    frame(fixture, 1, 'b');
    expect(fixture, "ab");
}

static void
test_an_unwanted_frame_is_not_counted(void **state)
{
    Fixture *fixture = *state;
    frame(fixture, 0, 'a');
    fixture->refuse = TRUE;
    frame(fixture, 1, 'b');
    fixture->refuse = FALSE;
    frame(fixture, 0, 'c');
    expect(fixture, "ac");
}

static void
test_yuy2_has_its_size(void **state)
{
    static const guint8 pixels[9] = {0, 1, 2, 3, 4, 5, 'q', 7, 8};
    Fixture *fixture = *state;
    dv_uvc_frames_init(&fixture->frames, DV_FRAME_YUY2, 8, 0, 0);
    payload(fixture, 0 | 2, pixels, 8);
    payload(fixture, 1 | 2, pixels, 7);
    payload(fixture, 0 | 2, pixels, 9);
    payload(fixture, 1, pixels, 4);
    payload(fixture, 1 | 2, pixels + 4, 4);
    expect(fixture, "q!5!4q");
}

/* ---- bulk */

/* Reads of read_size as a host makes them of these payloads: each ends with a short read unless it
 * has the greatest length. */
static void
bulk(Fixture *fixture, const guint8 *bytes, gsize length)
{
    const DvUvcSink sink = sink_of(fixture);
    gsize size = fixture->frames.read_size, at = 0;
    for (; length - at >= size; at += size) {
        g_autofree guint8 *exact = g_memdup2(bytes + at, size);
        dv_uvc_frames_bulk(&fixture->frames, exact, size, &sink);
    }
    if (at < length || length < fixture->frames.max_payload) {
        g_autofree guint8 *exact = g_memdup2(bytes + at, length - at);
        dv_uvc_frames_bulk(&fixture->frames, exact, length - at, &sink);
    }
}

static void
test_bulk_payloads(void **state)
{
    static const guint8 one[] = {2, 0x80 | 2, JPEG('a')};
    static const guint8 next[] = {2, 0x81 | 2, JPEG('b')};
    static const gsize sizes[] = {2, 3, 6, 9, 18, 40};
    Fixture *fixture = *state;
    for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        for (guint most = sizeof one; most < sizeof one + 2; most++) {
            g_string_set_size(fixture->got, 0);
            dv_uvc_frames_init(&fixture->frames, DV_FRAME_MJPEG, ROOM, most, sizes[i]);
            bulk(fixture, one, sizeof one);
            bulk(fixture, next, sizeof next);
            bulk(fixture, one, sizeof one);
            expect(fixture, "aba");
        }
}

static void
test_bulk_frames_of_several_payloads(void **state)
{
    static const guint8 jpeg[] = {JPEG('a')};
    guint8 first[2 + 10] = {2, 0x80}, last[2 + sizeof jpeg - 10] = {2, 0x80 | 2};
    Fixture *fixture = *state;
    memcpy(first + 2, jpeg, 10);
    memcpy(last + 2, jpeg + 10, sizeof jpeg - 10);
    dv_uvc_frames_init(&fixture->frames, DV_FRAME_MJPEG, ROOM, sizeof first, 4);
    bulk(fixture, first, sizeof first);
    bulk(fixture, last, sizeof last);
    expect(fixture, "a");
}

/* The pipe halts in the middle: that frame is gone, the payload after it begins anew. */
static void
test_bulk_halt(void **state)
{
    static const guint8 one[] = {2, 0x80 | 2, JPEG('a')};
    static const guint8 next[] = {2, 0x81 | 2, JPEG('b')};
    Fixture *fixture = *state;
    const DvUvcSink sink = sink_of(fixture);
    dv_uvc_frames_init(&fixture->frames, DV_FRAME_MJPEG, ROOM, 100, 8);
    bulk(fixture, next, sizeof next);
    dv_uvc_frames_bulk(&fixture->frames, one, 8, &sink);
    dv_uvc_frames_lost(&fixture->frames);
    bulk(fixture, next, sizeof next);
    bulk(fixture, one, sizeof one);
    expect(fixture, "b!3ba");
}

static void
test_bulk_read_sizes(void **state)
{
    const struct {
        gsize payload, packet, expected;
    } rows[] = {
        {16384, 512, 16384},
        {3000, 512, 3000},
        {65536, 512, 65536},
        {131072, 512, 65536},
        {614402, 512, 65536},
        {512 * 130, 512, 33280},
        {512 * 131, 512, 65536} /* a prime number of packets */,
        {512 * 192, 512, 49152},
        {70000, 0, 65536},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++)
        assert_int_equal(dv_uvc_bulk_read_size(rows[i].payload, rows[i].packet, 65536),
                         rows[i].expected);
}

/* ---- pictures */

static void
test_jpeg_walk(void **state)
{
    static const guint8 good[] = {JPEG('a')};
    static const guint8 padded[] = {JPEG('a'), 0, 0, 0};
    static const guint8 filled[] = {0xff, 0xd8, 0xff, 0xff, 0xff, 0xda, 0, 2, 9, 0xff, 0xff, 0xd9};
    static const guint8 restarts[] = {0xff, 0xd8, 0xff, 0xda, 0,    2, 9,    0xff,
                                      0xd0, 1,    0xff, 0xd7, 0xff, 0, 0xff, 0xd9};
    static const guint8 scans[] = {0xff, 0xd8, 0xff, 0xda, 0, 2, 9, 0xff, 0xc4,
                                   0,    2,    0xff, 0xda, 0, 2, 7, 0xff, 0xd9};
    static const guint8 bare[] = {0xff, 0xd8, 0xff, 0xd9};
    static const guint8 inside[] = {0xff, 0xd8, 0xff, 0xda, 0, 2, 9, 0xff, 0xd8, 7, 0xff, 0xd9};
    static const guint8 long_segment[] = {0xff, 0xd8, 0xff, 0xe0, 0xff, 0xff, 0xff, 0xd9};
    static const guint8 short_segment[] = {0xff, 0xd8, 0xff, 0xe0, 0, 1, 0xff, 0xd9};
    static const guint8 no_marker[] = {0xff, 0xd8, 0x00, 0xe0, 0, 2, 0xff, 0xd9};
    static const guint8 no_start[] = {0xff, 0xd9, 0xff, 0xd9};
    const struct {
        const guint8 *data;
        gsize length, expected;
    } rows[] = {
        {good, sizeof good, sizeof good},
        {padded, sizeof padded, sizeof good},
        {filled, sizeof filled, sizeof filled},
        {restarts, sizeof restarts, sizeof restarts},
        {scans, sizeof scans, sizeof scans},
        {bare, sizeof bare, sizeof bare},
        {inside, sizeof inside, 0},
        {long_segment, sizeof long_segment, 0},
        {short_segment, sizeof short_segment, 0},
        {no_marker, sizeof no_marker, 0},
        {no_start, sizeof no_start, 0},
    };
    (void)state;
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree guint8 *exact = g_memdup2(rows[i].data, rows[i].length);
        assert_int_equal(dv_uvc_jpeg_length(exact, rows[i].length), rows[i].expected);
    }
    for (gsize cut = 0; cut < sizeof good; cut++) {
        g_autofree guint8 *exact = g_memdup2(good, cut);
        assert_int_equal(dv_uvc_jpeg_length(exact, cut), 0);
    }
}

int
main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        WITH(test_frames_in_order),
        WITH(test_the_fid_alone_ends_a_frame),
        WITH(test_empty_payloads_change_nothing),
        WITH(test_the_first_tail_is_not_counted),
        WITH(test_every_way_to_spoil_one),
        WITH(test_a_fid_that_stands_still),
        WITH(test_a_false_step),
        WITH(test_two_in_one),
        WITH(test_what_is_lost_between_frames_spoils_none),
        WITH(test_an_unwanted_frame_is_not_counted),
        WITH(test_yuy2_has_its_size),
        WITH(test_bulk_payloads),
        WITH(test_bulk_frames_of_several_payloads),
        WITH(test_bulk_halt),
        cmocka_unit_test(test_bulk_read_sizes),
        cmocka_unit_test(test_jpeg_walk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
