// SPDX-License-Identifier: Apache-2.0
/* How frames leave a simulated camera: payloads, headers, the sensor's own time, and what lies
 * before it. Times are made up. */
#include "uvc_model.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <turbojpeg.h>

#include <cmocka.h>

#define INTERVAL_US 100000
enum { FID = 1, END = 2, ERROR = 0x40, WIDTH = 64, HEIGHT = 48 };

static const DvSimUvcMode jpeg_mode = {1, 1, TRUE, WIDTH, HEIGHT, {INTERVAL_US * 10}};
static const DvSimUvcMode yuy2_mode = {1, 1, FALSE, WIDTH, HEIGHT, {INTERVAL_US * 10}};
static const DvSimUvcKind bulk = {.version = 0x0110, .bulk = TRUE};
static const DvSimUvcKind iso = {.version = 0x0110};
static const DvSimUvcKind old_iso = {.version = 0x0100, .short_headers = TRUE};

typedef struct {
    DvSimPicture *picture;
    DvSimUvcStream stream;
    gint64 now;
    GByteArray *frame; /* what has come of it */
    guint8 bits;       /* of all its headers, together */
    guint payloads;
} Fixture;

static int
setup(void **state)
{
    Fixture *fixture = g_new0(Fixture, 1);
    fixture->picture = dv_sim_picture_new();
    fixture->frame = g_byte_array_new();
    fixture->now = 1000000;
    dv_sim_uvc_stream_init(&fixture->stream, &bulk, fixture->picture);
    *state = fixture;
    return 0;
}

static int
teardown(void **state)
{
    Fixture *fixture = *state;
    dv_sim_uvc_stream_clear(&fixture->stream);
    dv_sim_picture_free(fixture->picture);
    g_byte_array_unref(fixture->frame);
    g_free(fixture);
    return 0;
}

static void
start(Fixture *fixture, const DvSimUvcKind *kind, const DvSimUvcMode *mode, guint32 payload)
{
    fixture->stream.kind = kind;
    dv_sim_uvc_stream_start(&fixture->stream, mode, mode->intervals[0], payload, fixture->now);
}

static void
take(Fixture *fixture, const guint8 *bytes, int length)
{
    assert_true(length >= 2);
    assert_true(bytes[0] <= length);
    assert_true((bytes[1] & 0x80) != 0);
    fixture->bits |= bytes[1];
    fixture->payloads++;
    g_byte_array_append(fixture->frame, bytes + bytes[0], (guint)(length - bytes[0]));
}

/* All payloads that there are at this time, over requests of that size. */
static void
read_bulk(Fixture *fixture, gsize request)
{
    g_autofree guint8 *buffer = g_malloc(request);
    g_autoptr(GByteArray) payload = g_byte_array_new();
    g_byte_array_set_size(fixture->frame, 0);
    fixture->bits = 0;
    fixture->payloads = 0;
    for (;;) {
        int got = dv_sim_uvc_stream_in(&fixture->stream, buffer, request, fixture->now);
        if (got == -EAGAIN)
            break;
        assert_true(got >= 0);
        g_byte_array_append(payload, buffer, (guint)got);
        /* A transfer that is not full ends a payload, and so does the most that one may have. */
        if ((gsize)got < request || payload->len == fixture->stream.payload) {
            take(fixture, payload->data, (int)payload->len);
            g_byte_array_set_size(payload, 0);
        }
    }
    assert_int_equal(payload->len, 0);
}

static guint
read_packets(Fixture *fixture, gsize size, guint most)
{
    g_autofree guint8 *buffer = g_malloc(size);
    guint empty = 0;
    g_byte_array_set_size(fixture->frame, 0);
    fixture->bits = 0;
    for (guint i = 0; i < most && (fixture->bits & END) == 0; i++) {
        int got = dv_sim_uvc_stream_packet(&fixture->stream, buffer, size, fixture->now);
        assert_true(got >= 0 && (gsize)got <= size);
        if (got > 0)
            take(fixture, buffer, got);
        empty += got == 0;
    }
    return empty;
}

static guint64
number_of(const Fixture *fixture)
{
    guint64 number = 0;
    const GByteArray *frame = fixture->frame;
    assert_true(frame->len > 64);
    assert_int_equal(frame->data[0], 0xff);
    assert_int_equal(frame->data[1], 0xd8);
    assert_int_equal(frame->data[3], 0xfe);
    assert_int_equal(
        sscanf((const char *)frame->data + 6, "darvaza-frame %" G_GUINT64_FORMAT, &number), 1);
    return number;
}

static gboolean
is_whole(const Fixture *fixture)
{
    const GByteArray *frame = fixture->frame;
    int width = 0, height = 0, sampling, space;
    g_autofree guint8 *pixels = g_malloc(WIDTH * HEIGHT);
    tjhandle handle = tjInitDecompress();
    gboolean whole =
        tjDecompressHeader3(handle, frame->data, frame->len, &width, &height, &sampling, &space) ==
            0 &&
        width == WIDTH && height == HEIGHT &&
        tjDecompress2(handle, frame->data, frame->len, pixels, WIDTH, 0, HEIGHT, TJPF_GRAY, 0) == 0;
    tjDestroy(handle);
    return whole;
}

static void
bulk_frames(void **state)
{
    static const gsize requests[] = {64, 100, 256, 512, 4096};
    Fixture *fixture = *state;
    start(fixture, &bulk, &jpeg_mode, 256);
    read_bulk(fixture, 512);
    assert_int_equal(fixture->frame->len, 0); /* none is due yet */
    guint8 fid = 0xff;
    for (guint i = 0; i < G_N_ELEMENTS(requests); i++) {
        fixture->now += INTERVAL_US;
        read_bulk(fixture, requests[i]);
        assert_int_equal(number_of(fixture), i + 1);
        assert_true(is_whole(fixture));
        assert_int_equal(fixture->payloads, (fixture->frame->len + 243) / 244);
        assert_true((fixture->bits & END) != 0);
        assert_int_not_equal(fixture->bits & FID, fid);
        fid = fixture->bits & FID;
    }
    assert_int_equal(fixture->stream.dropped, 0);
}

/* A payload that ends with a full request is ended by an empty one, else the host would wait. */
static void
bulk_payload_as_long_as_a_request(void **state)
{
    Fixture *fixture = *state;
    start(fixture, &bulk, &jpeg_mode, 65536);
    fixture->now += INTERVAL_US;
    g_autofree guint8 *buffer = g_malloc(65536);
    int length = dv_sim_uvc_stream_in(&fixture->stream, buffer, 65536, fixture->now);
    assert_true(length > 512);
    fixture->now += INTERVAL_US; /* the next is as long: one digit */
    assert_int_equal(dv_sim_uvc_stream_in(&fixture->stream, buffer, (gsize)length, fixture->now),
                     length);
    assert_int_equal(dv_sim_uvc_stream_in(&fixture->stream, buffer, (gsize)length, fixture->now),
                     0);
    assert_int_equal(dv_sim_uvc_stream_in(&fixture->stream, buffer, (gsize)length, fixture->now),
                     -EAGAIN);
}

static void
isochronous_frames(void **state)
{
    Fixture *fixture = *state;
    start(fixture, &iso, &jpeg_mode, 3072);
    assert_int_equal(read_packets(fixture, 512, 10), 10); /* empty packets before the first */
    for (guint i = 1; i <= 3; i++) {
        fixture->now += INTERVAL_US;
        fixture->payloads = 0;
        assert_int_equal(read_packets(fixture, 512, 1000), 0);
        assert_int_equal(number_of(fixture), i);
        assert_true(is_whole(fixture));
        assert_int_equal(fixture->payloads, (fixture->frame->len + 499) / 500);
    }
}

static void
headers_alone_in_an_old_camera(void **state)
{
    Fixture *fixture = *state;
    guint8 packet[512];
    start(fixture, &old_iso, &jpeg_mode, 512);
    assert_int_equal(dv_sim_uvc_stream_packet(&fixture->stream, packet, 512, fixture->now), 2);
    assert_int_equal(packet[0], 2);
    assert_int_equal(packet[1] & END, 0);
    fixture->now += INTERVAL_US;
    read_packets(fixture, 512, 1000);
    assert_int_equal(number_of(fixture), 1);
    assert_true(is_whole(fixture));
}

static void
yuy2_frames(void **state)
{
    Fixture *fixture = *state;
    start(fixture, &iso, &yuy2_mode, 3072);
    for (guint i = 1; i <= 5; i++) {
        guint32 number = 0;
        fixture->now += INTERVAL_US;
        read_packets(fixture, 1024, 1000);
        assert_int_equal(fixture->frame->len, WIDTH * HEIGHT * 2);
        for (guint bit = 0; bit < 32; bit++) {
            guint8 luma = fixture->frame->data[4 * bit];
            assert_true(luma == 235 || luma == 16);
            assert_int_equal(luma, fixture->frame->data[4 * bit + 2]);
            number = number << 1 | (luma == 235);
        }
        assert_int_equal(number, i);
    }
}

/* The sensor does not wait. What was begun is finished; what came meanwhile is lost and counted;
 * numbers count what was sent. */
static void
slow_host(void **state)
{
    Fixture *fixture = *state;
    guint8 packet[300];
    start(fixture, &iso, &jpeg_mode, 300);
    fixture->now += INTERVAL_US;
    int got = dv_sim_uvc_stream_packet(&fixture->stream, packet, 300, fixture->now);
    assert_int_equal(got, 300);
    fixture->now += 5 * INTERVAL_US + INTERVAL_US / 2;
    read_packets(fixture, 300, 1000); /* the rest of the first */
    assert_int_equal(fixture->stream.dropped, 5);
    assert_int_equal(read_packets(fixture, 300, 5), 5);
    fixture->now += INTERVAL_US / 2;
    read_packets(fixture, 300, 1000);
    assert_int_equal(number_of(fixture), 2);
    assert_int_equal(fixture->stream.sent, 2);
}

static void
slower_than_agreed(void **state)
{
    Fixture *fixture = *state;
    start(fixture, &bulk, &jpeg_mode, 4096);
    fixture->stream.slowest_us = 4 * INTERVAL_US;
    fixture->now += 12 * INTERVAL_US;
    for (guint i = 0; i < 12; i++) {
        fixture->now += INTERVAL_US;
        read_bulk(fixture, 4096);
    }
    assert_int_equal(fixture->stream.sent, 3); /* the one that was due, and one in four */
}

static void
spoiled_frames(void **state)
{
    static const DvSimSpoil kinds[] = {DV_SIM_SPOIL_ERROR, DV_SIM_SPOIL_SHORT, DV_SIM_SPOIL_FID,
                                       DV_SIM_SPOIL_EOF};
    Fixture *fixture = *state;
    start(fixture, &bulk, &jpeg_mode, 256);
    fixture->now += INTERVAL_US;
    read_bulk(fixture, 512);
    for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
        guint8 before = fixture->bits & FID;
        guint length = fixture->frame->len;
        fixture->stream.spoil = kinds[i];
        fixture->stream.spoil_count = 1;
        fixture->now += INTERVAL_US;
        read_bulk(fixture, 512);
        assert_int_equal((fixture->bits & ERROR) != 0, kinds[i] == DV_SIM_SPOIL_ERROR);
        assert_int_equal(fixture->frame->len, kinds[i] == DV_SIM_SPOIL_SHORT ? length / 2 : length);
        assert_int_equal((fixture->bits & FID) == before, kinds[i] == DV_SIM_SPOIL_FID);
        assert_int_equal((fixture->bits & END) == 0, kinds[i] == DV_SIM_SPOIL_EOF);
        fixture->now += INTERVAL_US; /* and the next is good again */
        read_bulk(fixture, 512);
        assert_true(is_whole(fixture));
        assert_int_equal(fixture->bits & (ERROR | END), END);
        assert_int_equal(number_of(fixture), 2 * i + 3);
    }
}

static void
stopped(void **state)
{
    Fixture *fixture = *state;
    guint8 buffer[512];
    start(fixture, &bulk, &jpeg_mode, 256);
    dv_sim_uvc_stream_stop(&fixture->stream);
    fixture->now += INTERVAL_US;
    assert_int_equal(dv_sim_uvc_stream_in(&fixture->stream, buffer, 512, fixture->now), -EAGAIN);
    assert_int_equal(dv_sim_uvc_stream_packet(&fixture->stream, buffer, 512, fixture->now), 0);
    assert_true(dv_sim_uvc_stream_due(&fixture->stream) == G_MAXINT64);
}

/* ---- what lies before it */

/* A file of the very size goes out as it is but for the comment; others are scaled. */
static void
a_file_is_shown(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GByteArray) card = g_byte_array_new(), shown = g_byte_array_new();
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "darvaza-XXXXXX.jpg", NULL);
    g_autoptr(GError) error = NULL;
    int file = g_mkstemp(path);
    assert_true(file >= 0);
    dv_sim_picture_frame(fixture->picture, TRUE, 320, 200, 7, card);
    assert_true(g_file_set_contents(path, (const char *)card->data, card->len, NULL));
    assert_true(dv_sim_picture_show(fixture->picture, path, NULL));
    dv_sim_picture_frame(fixture->picture, TRUE, 320, 200, 8, shown);
    guint comment = 2 + (guint)shown->data[5];
    assert_int_equal(shown->len, card->len + comment);
    assert_memory_equal(shown->data + 2 + comment, card->data + 2, card->len - 2);
    dv_sim_picture_frame(fixture->picture, TRUE, WIDTH, HEIGHT, 9, fixture->frame);
    assert_true(is_whole(fixture));
    assert_int_equal(number_of(fixture), 9);
    g_unlink(path);
    assert_false(dv_sim_picture_show(fixture->picture, path, &error));
    assert_non_null(error);
    dv_sim_picture_frame(fixture->picture, TRUE, 320, 200, 8, card);
    assert_int_equal(card->len, shown->len); /* what was there stays */
    g_close(file, NULL);
}

static void
no_jpeg_is_refused(void **state)
{
    Fixture *fixture = *state;
    g_autoptr(GError) error = NULL;
    g_autofree char *path = g_build_filename(g_get_tmp_dir(), "darvaza-XXXXXX.jpg", NULL);
    int file = g_mkstemp(path);
    assert_true(file >= 0);
    assert_true(g_file_set_contents(path, "no picture", -1, NULL));
    assert_false(dv_sim_picture_show(fixture->picture, path, &error));
    assert_non_null(strstr(error->message, "no JPEG file"));
    g_unlink(path);
    g_close(file, NULL);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(bulk_frames),
        T(bulk_payload_as_long_as_a_request),
        T(isochronous_frames),
        T(headers_alone_in_an_old_camera),
        T(yuy2_frames),
        T(slow_host),
        T(slower_than_agreed),
        T(spoiled_frames),
        T(stopped),
        T(a_file_is_shown),
        T(no_jpeg_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
