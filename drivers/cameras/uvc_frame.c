// SPDX-License-Identifier: Apache-2.0
#include "uvc_frame.h"
#include <string.h>

enum { FID = 1, END_OF_FRAME = 2, CAMERA_ERROR = 0x40 };
enum { SOI = 0xd8, EOI = 0xd9, SOS = 0xda, RST0 = 0xd0, RST7 = 0xd7, TEM = 0x01 };

void
dv_uvc_frames_init(DvUvcFrames *frames, DvFrameFormat format, gsize size, gsize max_payload,
                   gsize read_size)
{
    *frames = (DvUvcFrames){
        .format = format,
        .size = size,
        .max_payload = max_payload,
        .read_size = read_size,
    };
}

/* ---- is it whole? */

/* From inside entropy-coded data to the 0xff of the next marker; length when there is none. */
static gsize
next_marker(const guint8 *data, gsize at, gsize length)
{
    while (at + 1 < length) {
        const guint8 *found = memchr(data + at, 0xff, length - 1 - at);
        if (found == NULL)
            break;
        at = (gsize)(found - data);
        guint8 code = data[at + 1];
        if (code != 0x00 && code != 0xff && !(code >= RST0 && code <= RST7))
            return at;
        at += code == 0xff ? 1 : 2;
    }
    return length;
}

gsize
dv_uvc_jpeg_length(const guint8 *data, gsize length)
{
    gsize at = 2;
    if (length < 4 || data[0] != 0xff || data[1] != SOI)
        return 0;
    while (at + 4 <= length || (at + 2 <= length && data[at + 1] == EOI)) {
        guint8 code = data[at + 1];
        if (data[at] != 0xff || code == SOI || code == 0x00 || code == TEM)
            return 0;
        if (code == EOI) {
            gboolean another = at + 4 <= length && data[at + 2] == 0xff && data[at + 3] == SOI;
            return another ? 0 : at + 2;
        }
        if (code == 0xff) { /* fill bytes before a marker */
            at++;
            continue;
        }
        gsize segment = (gsize)data[at + 2] << 8 | data[at + 3];
        if (segment < 2)
            return 0;
        at += 2 + segment;
        if (code == SOS)
            at = next_marker(data, at, length);
    }
    return 0;
}

/* ---- one frame */

static void
begin(DvUvcFrames *frames, guint8 fid, gboolean certain)
{
    frames->fid = fid;
    frames->fid_known = TRUE;
    frames->certain = certain;
    frames->length = 0;
    frames->open = frames->unwanted = frames->ended = frames->stray = FALSE;
    frames->verdict = DV_UVC_BAD_NONE;
    frames->room = NULL;
}

static void
finish(DvUvcFrames *frames, const DvUvcSink *sink)
{
    gsize length = frames->length;
    gboolean judged = frames->open && !frames->unwanted;
    if (judged && frames->verdict == DV_UVC_BAD_NONE) {
        length = frames->format == DV_FRAME_MJPEG
                     ? (frames->room != NULL ? dv_uvc_jpeg_length(frames->room, length) : 0)
                 : length == frames->size ? length
                                          : 0;
        if (length == 0)
            frames->verdict = DV_UVC_BAD_SHORT;
    }
    frames->open = FALSE;
    if (!judged)
        return;
    if (frames->verdict == DV_UVC_BAD_NONE)
        sink->whole(length, sink->data);
    else if (frames->certain) /* the tail of one that began before we listened is no loss */
        sink->bad(frames->verdict, sink->data);
}

static void
spoil(DvUvcFrames *frames, DvUvcBad why)
{
    frames->open = TRUE;
    if (frames->verdict == DV_UVC_BAD_NONE)
        frames->verdict = why;
}

static void
append(DvUvcFrames *frames, const guint8 *data, gsize length, const DvUvcSink *sink)
{
    if (length == 0 || frames->ended || frames->unwanted || frames->verdict != DV_UVC_BAD_NONE)
        return;
    frames->open = TRUE;
    if (frames->room == NULL)
        frames->room = sink->room(sink->data);
    if (frames->room == NULL)
        frames->unwanted = TRUE;
    else if (length > frames->size - frames->length)
        spoil(frames, DV_UVC_BAD_SIZE);
    else {
        memcpy(frames->room + frames->length, data, length);
        frames->length += length;
    }
}

/* ---- payloads */

/* Reads a payload's header; returns its length, 0 when it is none. */
static gsize
take_header(DvUvcFrames *frames, const guint8 *data, gsize length, const DvUvcSink *sink)
{
    if (length < 2 || data[0] < 2 || data[0] > length) {
        if (!frames->ended)
            spoil(frames, DV_UVC_BAD_HEADER);
        return 0;
    }
    guint8 fid = data[1] & FID;
    if (!frames->fid_known)
        begin(frames, fid, FALSE);
    else if (fid != frames->fid) {
        if (!frames->ended)
            finish(frames, sink);
        begin(frames, fid, TRUE);
    } else if (frames->ended && length > data[0] && !frames->stray) {
        frames->stray = TRUE;
        sink->bad(DV_UVC_BAD_STEP, sink->data);
    }
    if ((data[1] & CAMERA_ERROR) != 0 && !frames->ended)
        spoil(frames, DV_UVC_BAD_ERROR);
    return data[0];
}

static void
end_frame(DvUvcFrames *frames, const DvUvcSink *sink)
{
    if (!frames->ended)
        finish(frames, sink);
    frames->ended = TRUE;
    frames->stray = FALSE; /* that one is over: what comes next would be another loss */
}

void
dv_uvc_frames_packet(DvUvcFrames *frames, const guint8 *data, gsize length, const DvUvcSink *sink)
{
    gsize header = length > 0 ? take_header(frames, data, length, sink) : 0;
    if (header == 0)
        return;
    append(frames, data + header, length - header, sink);
    if ((data[1] & END_OF_FRAME) != 0)
        end_frame(frames, sink);
}

void
dv_uvc_frames_bulk(DvUvcFrames *frames, const guint8 *data, gsize length, const DvUvcSink *sink)
{
    if (frames->payload_done > 0)
        append(frames, data, length, sink);
    else if (length > 0) {
        gsize header = take_header(frames, data, length, sink);
        frames->payload_ends_frame = header > 0 && (data[1] & END_OF_FRAME) != 0;
        if (header > 0)
            append(frames, data + header, length - header, sink);
    }
    frames->payload_done += length;
    if (length == frames->read_size && frames->payload_done < frames->max_payload)
        return; /* it goes on in the next read */
    if (frames->payload_ends_frame)
        end_frame(frames, sink);
    frames->payload_ends_frame = FALSE;
    frames->payload_done = 0;
}

void
dv_uvc_frames_lost(DvUvcFrames *frames)
{
    frames->payload_done = 0;
    frames->payload_ends_frame = FALSE;
    if (frames->open) /* between two frames nothing of either need be missing */
        spoil(frames, DV_UVC_BAD_LOST);
}

gsize
dv_uvc_bulk_read_size(gsize payload, gsize packet, gsize most)
{
    gsize packets = packet > 0 && payload % packet == 0 ? payload / packet : 0;
    if (payload <= most)
        return payload;
    for (gsize count = packet > 0 ? most / packet : 0; count >= 8 && packets > 0; count--)
        if (packets % count == 0)
            return count * packet;
    return packet > 0 && packet <= most ? most / packet * packet : most;
}
