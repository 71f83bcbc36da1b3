// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Frames out of payloads (UVC 1.5, 2.4.3.2): each payload has a header whose FID bit changes with
 * every frame and whose EOF bit ends one. Outside bytes: a frame that is not whole in every respect
 * that can be judged is dropped and counted, never given on. Pure: no device, no clock.
 */
#include <darvaza/driver.h>

typedef enum {
    DV_UVC_BAD_NONE,
    DV_UVC_BAD_HEADER, /* a payload whose header is none */
    DV_UVC_BAD_ERROR,  /* the camera itself marked it */
    DV_UVC_BAD_LOST,   /* the bus lost a part */
    DV_UVC_BAD_SIZE,   /* more than a frame may have */
    DV_UVC_BAD_SHORT,  /* not the bytes of a whole picture */
    DV_UVC_BAD_STEP,   /* data behind a frame's end that belongs to no other */
    DV_UVC_BAD_COUNT
} DvUvcBad;

typedef struct {
    /* Room of DvUvcFrames.size bytes, asked for once a frame; NULL: this frame is not wanted. */
    guint8 *(*room)(void *data);
    void (*whole)(gsize length, void *data);
    void (*bad)(DvUvcBad why, void *data);
    void *data;
} DvUvcSink;

typedef struct {
    /* Set by init. */
    DvFrameFormat format;
    gsize size;        /* most bytes of a frame; all of them for YUY2 */
    gsize max_payload; /* bulk: a payload ends there or with a short read */
    gsize read_size;   /* bulk: of one read */
    /* The frame that is arriving. */
    guint8 *room;
    gsize length;
    gboolean open; /* something of it has come */
    gboolean unwanted;
    gboolean certain; /* it was seen from its beginning, so it must be whole */
    gboolean ended;   /* it is over; what comes next has another FID */
    gboolean stray;   /* something came nevertheless, and was counted, up to its own end */
    gboolean fid_known;
    guint8 fid;
    DvUvcBad verdict;
    gsize payload_done; /* bulk: bytes of the payload that have come */
    gboolean payload_ends_frame;
} DvUvcFrames;

void dv_uvc_frames_init(DvUvcFrames *frames, DvFrameFormat format, gsize size, gsize max_payload,
                        gsize read_size);
/* One payload, as an isochronous packet brings it. */
void dv_uvc_frames_packet(DvUvcFrames *frames, const guint8 *data, gsize length,
                          const DvUvcSink *sink);
/* What one bulk read of read_size brought; nothing, too, as that may end a payload. */
void dv_uvc_frames_bulk(DvUvcFrames *frames, const guint8 *data, gsize length,
                        const DvUvcSink *sink);
/* Bytes are missing from here on. */
void dv_uvc_frames_lost(DvUvcFrames *frames);

/* Bytes to read at once, at most so many, so that a payload ends where a read does; packet: of the
 * endpoint. */
gsize dv_uvc_bulk_read_size(gsize payload, gsize packet, gsize most);

/* Length of the JPEG picture at the beginning of data up to its end mark, walking its segments; 0:
 * it is not whole, or another one stands behind it. */
gsize dv_uvc_jpeg_length(const guint8 *data, gsize length);
