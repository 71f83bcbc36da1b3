// SPDX-License-Identifier: Apache-2.0
#include "uvc_model.h"

enum { INTERFACE = 4, ENDPOINT = 5, ASSOCIATION = 11, CS_INTERFACE = 0x24, CS_ENDPOINT = 0x25 };
enum { VC_HEADER = 1, VC_INPUT = 2, VC_OUTPUT = 3, VC_PROCESSING = 5 };
enum { VS_HEADER = 1, VS_UNCOMPRESSED = 4, VS_MJPEG = 6, VS_COLOUR = 13 };
enum { VIDEO = 14, CONTROL = 1, STREAMING = 2, COLLECTION = 3 };
enum { BULK = 2, INTERRUPT = 3, ISO_ASYNC = 5 };

/* Sections 3.7.2.3 and 3.7.2.5: exposure mode and time, focus, automatic focus; brightness. */
#define CAMERA_CONTROLS (1u << 1 | 1u << 3 | 1u << 5 | 1u << 17)
#define PROCESSING_CONTROLS (1u << 0)
#define MAX_ISO 3072 /* bytes a microframe */

/* The bandwidths that a host may choose from: bytes a packet, packets a microframe. */
static const struct {
    guint16 size, packets;
} alternates[] = {{512, 1}, {1024, 1}, {1024, 2}, {1024, 3}};

static void
put(GByteArray *out, guint32 value, guint bytes)
{
    for (guint i = 0; i < bytes; i++) {
        guint8 byte = (guint8)(value >> 8 * i & 0xff);
        g_byte_array_append(out, &byte, 1);
    }
}

#define PUT8(out, ...)                                                                             \
    do {                                                                                           \
        const guint8 bytes_[] = {__VA_ARGS__};                                                     \
        g_byte_array_append(out, bytes_, sizeof bytes_);                                           \
    } while (0)

/* A length that is known only when what it counts is there. */
static void
set_length(GByteArray *out, guint at, guint from)
{
    out->data[at] = (guint8)((out->len - from) & 0xff);
    out->data[at + 1] = (guint8)((out->len - from) >> 8);
}

const DvSimUvcMode *
dv_sim_uvc_mode(const DvSimUvcKind *kind, guint8 format, guint8 frame)
{
    for (guint i = 0; i < kind->mode_count; i++)
        if (kind->modes[i].format == format && kind->modes[i].frame == frame)
            return &kind->modes[i];
    return NULL;
}

guint32
dv_sim_uvc_max_frame(const DvSimUvcMode *mode)
{
    guint32 pixels = (guint32)mode->width * mode->height;
    return mode->mjpeg ? pixels : pixels * 2;
}

guint32
dv_sim_uvc_payload(const DvSimUvcKind *kind, const DvSimUvcMode *mode, guint32 interval)
{
    if (kind->bulk)
        return kind->bulk_payload;
    /* Seven eighths of the time: a frame must have left before the next one comes. */
    guint32 microframes = MAX(interval / 1250 * 7 / 8, 1);
    guint32 needed = dv_sim_uvc_max_frame(mode) / microframes + DV_SIM_UVC_HEADER_MAX;
    return MIN(needed, MAX_ISO);
}

/* ---- interface 0 */

static void
put_units(GByteArray *out, const DvSimUvcKind *kind)
{
    guint8 control_bytes = kind->version >= 0x0150 ? 3 : 2;
    gboolean standards = kind->version >= 0x0110; /* the field came with 1.1 */
    PUT8(out, 18, CS_INTERFACE, VC_INPUT, DV_SIM_UVC_CAMERA, 0x01, 0x02, 0, 0);
    PUT8(out, 0, 0, 0, 0, 0, 0, 3); /* no zoom */
    put(out, CAMERA_CONTROLS, 3);
    PUT8(out, (guint8)(9 + control_bytes + standards), CS_INTERFACE, VC_PROCESSING);
    PUT8(out, DV_SIM_UVC_PROCESSING, DV_SIM_UVC_CAMERA, 0, 0, control_bytes);
    put(out, PROCESSING_CONTROLS, control_bytes);
    PUT8(out, 0);
    if (standards)
        PUT8(out, 0);
    PUT8(out, 9, CS_INTERFACE, VC_OUTPUT, DV_SIM_UVC_OUTPUT, 0x01, 0x01, 0, DV_SIM_UVC_PROCESSING,
         0);
}

static void
put_control_interface(GByteArray *out, const DvSimUvcKind *kind)
{
    guint8 protocol = kind->version >= 0x0150;
    PUT8(out, 8, ASSOCIATION, 0, 2, VIDEO, COLLECTION, 0, 2);
    PUT8(out, 9, INTERFACE, DV_SIM_UVC_CONTROL_INTERFACE, 0, 1, VIDEO, CONTROL, protocol, 2);
    guint from = out->len;
    PUT8(out, 13, CS_INTERFACE, VC_HEADER);
    put(out, kind->version, 2);
    put(out, 0, 2); /* the length, below */
    put(out, DV_SIM_UVC_CLOCK_HZ, 4);
    PUT8(out, 1, DV_SIM_UVC_STREAMING_INTERFACE);
    put_units(out, kind);
    set_length(out, from + 5, from);
    PUT8(out, 7, ENDPOINT, DV_SIM_UVC_STATUS_IN, INTERRUPT, 16, 0, 6);
    PUT8(out, 5, CS_ENDPOINT, INTERRUPT, 16, 0);
}

/* ---- interface 1 */

static void
put_frame(GByteArray *out, const DvSimUvcMode *mode)
{
    guint count = 0;
    while (count < DV_SIM_UVC_MAX_INTERVALS && mode->intervals[count] != 0)
        count++;
    guint32 bytes = dv_sim_uvc_max_frame(mode);
    guint32 slowest = 10000000 / mode->intervals[count - 1];
    guint32 fastest = 10000000 / mode->intervals[0];
    PUT8(out, (guint8)(26 + 4 * count), CS_INTERFACE,
         mode->mjpeg ? VS_MJPEG + 1 : VS_UNCOMPRESSED + 1);
    PUT8(out, mode->frame, 0);
    put(out, mode->width, 2);
    put(out, mode->height, 2);
    put(out, bytes * 8 * slowest, 4);
    put(out, bytes * 8 * fastest, 4);
    put(out, bytes, 4);
    put(out, mode->intervals[0], 4);
    PUT8(out, (guint8)count);
    for (guint i = 0; i < count; i++)
        put(out, mode->intervals[i], 4);
}

static guint8
frames_of(const DvSimUvcKind *kind, guint8 format)
{
    guint8 count = 0;
    while (dv_sim_uvc_mode(kind, format, (guint8)(count + 1)) != NULL)
        count++;
    return count;
}

static void
put_format(GByteArray *out, const DvSimUvcKind *kind, guint8 format)
{
    static const guint8 yuy2[16] = {'Y',  'U',  'Y',  '2',  0x00, 0x00, 0x10, 0x00,
                                    0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71};
    guint8 frames = frames_of(kind, format);
    if (dv_sim_uvc_mode(kind, format, 1)->mjpeg) {
        PUT8(out, 11, CS_INTERFACE, VS_MJPEG, format, frames, 0, 1, 4, 3, 0, 0);
    } else {
        PUT8(out, 27, CS_INTERFACE, VS_UNCOMPRESSED, format, frames);
        g_byte_array_append(out, yuy2, sizeof yuy2);
        PUT8(out, 16, 1, 4, 3, 0, 0);
    }
    for (guint8 i = 1; i <= frames; i++)
        put_frame(out, dv_sim_uvc_mode(kind, format, i));
    PUT8(out, 6, CS_INTERFACE, VS_COLOUR, 1, 1, 4);
}

static void
put_formats(GByteArray *out, const DvSimUvcKind *kind)
{
    guint from = out->len;
    guint8 formats = 0;
    while (frames_of(kind, (guint8)(formats + 1)) > 0)
        formats++;
    PUT8(out, (guint8)(13 + formats), CS_INTERFACE, VS_HEADER, formats, 0, 0, DV_SIM_UVC_STREAM_IN);
    PUT8(out, 0, DV_SIM_UVC_OUTPUT, 0, 0, 0, 1);
    for (guint8 i = 0; i < formats; i++)
        PUT8(out, 0);
    for (guint8 i = 1; i <= formats; i++)
        put_format(out, kind, i);
    set_length(out, from + 4, from);
}

static void
put_streaming_interface(GByteArray *out, const DvSimUvcKind *kind)
{
    guint8 protocol = kind->version >= 0x0150;
    PUT8(out, 9, INTERFACE, DV_SIM_UVC_STREAMING_INTERFACE, 0, kind->bulk ? 1 : 0, VIDEO, STREAMING,
         protocol, 0);
    put_formats(out, kind);
    if (kind->bulk) {
        PUT8(out, 7, ENDPOINT, DV_SIM_UVC_STREAM_IN, BULK, 0x00, 0x02, 0);
        return;
    }
    for (guint8 i = 0; i < G_N_ELEMENTS(alternates); i++) {
        guint size = alternates[i].size | (alternates[i].packets - 1u) << 11;
        PUT8(out, 9, INTERFACE, DV_SIM_UVC_STREAMING_INTERFACE, (guint8)(i + 1), 1, VIDEO,
             STREAMING, protocol, 0);
        PUT8(out, 7, ENDPOINT, DV_SIM_UVC_STREAM_IN, ISO_ASYNC);
        put(out, size, 2);
        PUT8(out, 1);
    }
}

GByteArray *
dv_sim_uvc_describe(const DvSimUvcKind *kind)
{
    GByteArray *out = g_byte_array_new();
    PUT8(out, 9, 2, 0, 0, 2, 1, 0, 0x80, 250);
    put_control_interface(out, kind);
    put_streaming_interface(out, kind);
    set_length(out, 2, 0);
    return out;
}
