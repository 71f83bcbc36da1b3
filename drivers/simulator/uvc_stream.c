// SPDX-License-Identifier: Apache-2.0
#include "uvc_model.h"
#include <errno.h>
#include <string.h>

enum { FID = 0x01, END_OF_FRAME = 0x02, HAS_PTS = 0x04, HAS_SCR = 0x08, ERROR = 0x40, EOH = 0x80 };
enum { BARE_HEADER = 2, WHOLE_HEADER = 12 };

void
dv_sim_uvc_stream_init(DvSimUvcStream *stream, const DvSimUvcKind *kind, DvSimPicture *picture)
{
    stream->kind = kind;
    stream->picture = picture;
    stream->frame = g_byte_array_new();
}

void
dv_sim_uvc_stream_clear(DvSimUvcStream *stream)
{
    g_byte_array_unref(stream->frame);
}

void
dv_sim_uvc_stream_stop(DvSimUvcStream *stream)
{
    stream->on = stream->going = stream->owes_end = FALSE;
    stream->payload_left = 0;
}

void
dv_sim_uvc_stream_start(DvSimUvcStream *stream, const DvSimUvcMode *mode, guint32 interval,
                        guint32 payload, gint64 now_us)
{
    dv_sim_uvc_stream_stop(stream);
    stream->on = TRUE;
    stream->mode = mode;
    stream->payload = payload;
    stream->interval_us = interval / 10;
    stream->next_us = now_us + stream->interval_us;
}

static gint64
period_of(const DvSimUvcStream *stream)
{
    return MAX(stream->interval_us, stream->slowest_us);
}

static void
begin_frame(DvSimUvcStream *stream, gint64 now_us)
{
    stream->sent++;
    dv_sim_picture_frame(stream->picture, stream->mode->mjpeg, stream->mode->width,
                         stream->mode->height, stream->sent, stream->frame);
    stream->at = 0;
    stream->payload_left = 0;
    stream->owes_end = FALSE;
    stream->going = TRUE;
    stream->pts = (guint32)(now_us * (DV_SIM_UVC_CLOCK_HZ / G_USEC_PER_SEC));
    stream->spoiling = stream->spoil_count > 0;
    stream->spoiled = FALSE;
    if (stream->spoiling) {
        stream->spoil_count--;
        if (stream->spoil == DV_SIM_SPOIL_SHORT)
            g_byte_array_set_size(stream->frame, stream->frame->len / 2);
    }
    if (!stream->spoiling || stream->spoil != DV_SIM_SPOIL_FID)
        stream->fid ^= FID;
}

/* The sensor's clock goes on whatever the host does. A frame that comes while the one before still
 * waits finds no room. */
static void
tick(DvSimUvcStream *stream, gint64 now_us)
{
    if (!stream->on || now_us < stream->next_us)
        return;
    gint64 period = period_of(stream);
    gint64 exposed = 1 + (now_us - stream->next_us) / period;
    stream->next_us += exposed * period;
    stream->dropped += (guint64)exposed - (stream->going ? 0 : 1);
    if (!stream->going)
        begin_frame(stream, now_us);
}

static gsize
header_size(const DvSimUvcStream *stream)
{
    return stream->kind->short_headers ? BARE_HEADER : WHOLE_HEADER;
}

static void
put(guint8 *bytes, guint32 value, guint count)
{
    for (guint i = 0; i < count; i++)
        bytes[i] = (guint8)(value >> 8 * i & 0xff);
}

/* The header of a payload with so many bytes of the frame after it. */
static void
write_header(DvSimUvcStream *stream, guint8 *out, gsize bytes, gint64 now_us)
{
    gboolean last = stream->going && stream->at + bytes == stream->frame->len;
    guint8 bits = EOH | stream->fid;
    if (last && !(stream->spoiling && stream->spoil == DV_SIM_SPOIL_EOF))
        bits |= END_OF_FRAME;
    if (stream->spoiling && stream->spoil == DV_SIM_SPOIL_ERROR && !stream->spoiled) {
        bits |= ERROR;
        stream->spoiled = TRUE;
    }
    out[0] = (guint8)header_size(stream);
    out[1] = bits;
    if (out[0] == BARE_HEADER)
        return;
    out[1] |= HAS_PTS | HAS_SCR;
    put(out + 2, stream->pts, 4);
    put(out + 6, (guint32)(now_us * (DV_SIM_UVC_CLOCK_HZ / G_USEC_PER_SEC)), 4);
    put(out + 10, (guint32)(now_us / 1000 & 0x7ff), 2); /* the bus's frame number */
}

static void
take(DvSimUvcStream *stream, guint8 *out, gsize bytes)
{
    memcpy(out, stream->frame->data + stream->at, bytes);
    stream->at += bytes;
    if (stream->at == stream->frame->len)
        stream->going = FALSE;
}

int
dv_sim_uvc_stream_packet(DvSimUvcStream *stream, guint8 *buffer, gsize max, gint64 now_us)
{
    gsize header = header_size(stream);
    tick(stream, now_us);
    gsize room = MIN(max, stream->payload);
    if (!stream->on || room <= header)
        return 0;
    if (!stream->going && !stream->kind->short_headers)
        return 0;
    gsize bytes = stream->going ? MIN(room - header, stream->frame->len - stream->at) : 0;
    write_header(stream, buffer, bytes, now_us);
    if (bytes > 0)
        take(stream, buffer + header, bytes);
    return (int)(header + bytes);
}

int
dv_sim_uvc_stream_in(DvSimUvcStream *stream, guint8 *buffer, gsize max, gint64 now_us)
{
    gsize header = header_size(stream), at = 0;
    if (!stream->on || max <= header)
        return -EAGAIN;
    if (stream->owes_end) { /* a transfer of nothing ends the payload */
        stream->owes_end = FALSE;
        return 0;
    }
    tick(stream, now_us);
    if (!stream->going)
        return -EAGAIN;
    if (stream->payload_left == 0) {
        gsize bytes = MIN(stream->payload - header, stream->frame->len - stream->at);
        write_header(stream, buffer, bytes, now_us);
        stream->payload_left = bytes;
        stream->payload_full = header + bytes == stream->payload;
        at = header;
    }
    gsize bytes = MIN(max - at, stream->payload_left);
    stream->payload_left -= bytes;
    stream->owes_end = stream->payload_left == 0 && at + bytes == max && !stream->payload_full;
    take(stream, buffer + at, bytes);
    return (int)(at + bytes);
}

gint64
dv_sim_uvc_stream_due(const DvSimUvcStream *stream)
{
    return stream->on ? stream->next_us : G_MAXINT64;
}
