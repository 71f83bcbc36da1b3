// SPDX-License-Identifier: Apache-2.0
/*
 * What a camera may send. First byte modulo 4:
 * 0: its descriptors, as control interface's (length byte, bytes), then the streaming interface's
 * to the end; a stream is then agreed on, with the last bytes as the camera's answer. 1, 2:
 * payloads as isochronous packets, or as bulk reads, of MJPEG; second byte: bit 7 YUY2, low bits
 * size of a read. Then pieces: length byte, bytes; length 0xff: a part was lost. 3: options, "KEY
 * VALUE".
 */
#include "uvc_frame.h"
#include "uvc_proto.h"
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM 96

/* ---- frames */

typedef struct {
    guint8 *room; /* of exactly ROOM bytes, so that one more is seen */
    DvFrameFormat format;
    guint whole, bad;
} Seen;

static guint8 *
on_room(void *data)
{
    Seen *seen = data;
    return (seen->whole + seen->bad) % 7 == 6 ? NULL : seen->room;
}

static void
on_whole(gsize length, void *data)
{
    Seen *seen = data;
    g_assert_cmpuint(length, <=, ROOM);
    if (seen->format == DV_FRAME_YUY2)
        g_assert_cmpuint(length, ==, ROOM);
    else
        g_assert_true(length >= 4 && seen->room[0] == 0xff && seen->room[1] == 0xd8 &&
                      seen->room[length - 2] == 0xff && seen->room[length - 1] == 0xd9);
    seen->whole++;
}

static void
on_bad(DvUvcBad why, void *data)
{
    Seen *seen = data;
    g_assert_true(why > DV_UVC_BAD_NONE && why < DV_UVC_BAD_COUNT);
    seen->bad++;
}

static void
feed_frames(const uint8_t *data, size_t size, gboolean bulk)
{
    g_autofree guint8 *room = g_malloc(ROOM);
    Seen seen = {room, size > 0 && (data[0] & 0x80) != 0 ? DV_FRAME_YUY2 : DV_FRAME_MJPEG, 0, 0};
    const DvUvcSink sink = {on_room, on_whole, on_bad, &seen};
    gsize read_size = size > 0 ? (data[0] & 0x7f) + 1u : 1;
    DvUvcFrames frames;
    dv_uvc_frames_init(&frames, seen.format, ROOM, 3 * read_size, read_size);
    for (size_t at = 1; at < size;) {
        gsize length = data[at++];
        if (length == 0xff) {
            dv_uvc_frames_lost(&frames);
            continue;
        }
        length = MIN(length, size - at);
        if (bulk)
            length = MIN(length, read_size);
        g_autofree guint8 *exact = g_memdup2(data + at, length);
        if (bulk)
            dv_uvc_frames_bulk(&frames, exact, length, &sink);
        else
            dv_uvc_frames_packet(&frames, exact, length, &sink);
        at += length;
        g_assert_cmpuint(frames.length, <=, ROOM);
    }
    if (size > 1)
        g_assert_cmpuint(dv_uvc_jpeg_length(data + 1, size - 1), <, size);
    g_assert_cmpuint(dv_uvc_bulk_read_size(size * 97, read_size, 65536), <=, 65536);
}

/* ---- descriptors and what is agreed on */

static void
agree(const DvUvcShape *shape, const uint8_t *data, size_t size)
{
    DvUvcSetting settings[DV_UVC_MAX_SETTINGS];
    guint8 probe[DV_UVC_PROBE_MAX];
    const char *lacking;
    guint32 interval;
    gsize length = dv_uvc_probe_length(shape->version);
    g_autoptr(GError) error = NULL, narrow = NULL;
    DvFrameWish wish = {data[0] * 16u, data[size - 1] * 16u, data[size / 2],
                        (DvFrameFormat)(data[0] % 3)};
    const DvUvcMode *mode = dv_uvc_choose(shape, &wish, &interval);
    g_assert_nonnull(mode);
    dv_uvc_probe_encode(mode, interval, length, probe);
    DvUvcStream stream;
    while (length > 0) {
        g_clear_error(&error);
        memcpy(probe + 18, data + size - MIN(size, 8), MIN(size, 8));
        if (dv_uvc_probe_decode(shape, probe, length, &stream, &error)) {
            g_assert_true(stream.frame_size > 0 && stream.frame_size <= DV_FRAME_MAX);
            if (!shape->bulk)
                dv_uvc_alternate(shape, &stream, narrow == NULL ? &narrow : NULL);
        } else
            g_assert_nonnull(error);
        length = dv_uvc_probe_shorter(length);
    }
    g_clear_error(&error);
    dv_uvc_probe_decode(shape, data, MIN(size, DV_UVC_PROBE_MAX), &stream, &error);
    g_assert_cmpuint(dv_uvc_settings(shape, "300", "auto", settings, &lacking), <=,
                     DV_UVC_MAX_SETTINGS);
    g_assert_cmpuint(dv_uvc_settings(shape, "auto", "7", settings, &lacking), <=,
                     DV_UVC_MAX_SETTINGS);
}

static void
feed_descriptors(const uint8_t *data, size_t size)
{
    g_autofree DvUsbShape *device = g_new0(DvUsbShape, 1);
    DvUvcShape shape;
    g_autoptr(GError) error = NULL;
    gsize control = size > 0 ? MIN(data[0], size - 1) : 0;
    gsize streaming = size > 0 ? size - 1 - control : 0;
    g_autofree guint8 *vc = g_memdup2(data + 1, control);
    g_autofree guint8 *vs = g_memdup2(data + 1 + control, streaming);
    device->interface_count = 4;
    for (guint i = 0; i < 4; i++) {
        DvUsbInterface *interface = &device->interfaces[i];
        *interface = (DvUsbInterface){.number = i > 0,
                                      .alternate = (guint8)(i > 1 ? i - 1 : 0),
                                      .class_code = 14,
                                      .subclass = i > 0 ? 2 : 1};
        interface->endpoint_count = i != 1 || size % 2 == 0;
        interface->endpoints[0] = (DvUsbEndpoint){
            .address = 0x81, .pipe = i == 1 ? DV_USB_BULK : DV_USB_ISO, .per_interval = 512 * i};
    }
    device->interfaces[0].extra = vc;
    device->interfaces[0].extra_length = control;
    if (size % 4 == 0) { /* some have it behind the endpoint */
        device->interfaces[1].endpoints[0].extra = vs;
        device->interfaces[1].endpoints[0].extra_length = streaming;
    } else {
        device->interfaces[1].extra = vs;
        device->interfaces[1].extra_length = streaming;
    }
    if (dv_uvc_find(device, &shape, &error))
        agree(&shape, data, size);
    else
        g_assert_nonnull(error);
}

static void
feed_option(const uint8_t *data, size_t size)
{
    g_autofree char *text = g_strndup((const char *)data, size);
    g_autoptr(GError) error = NULL;
    char *space = strchr(text, ' ');
    if (space == NULL)
        return;
    *space = '\0';
    g_assert_true(dv_uvc_check_option(text, space + 1, &error) == (error == NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    switch (data[0] % 4) {
    case 0:
        feed_descriptors(data + 1, size - 1);
        break;
    case 3:
        feed_option(data + 1, size - 1);
        break;
    default:
        feed_frames(data + 1, size - 1, data[0] % 4 == 2);
        break;
    }
    return 0;
}
