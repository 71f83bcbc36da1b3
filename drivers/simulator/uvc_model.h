// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A simulated camera: USB Video Class 1.0, 1.1 and 1.5 from the camera's side. Section numbers are
 * those of the class specification 1.5. The parts: what it says of itself (uvc_descriptors.c), what
 * is agreed with it (uvc_controls.c), how frames leave (uvc_stream.c), what lies before it
 * (uvc_picture.c).
 */
#include "model.h"
#include "uvc_picture.h"

enum { DV_SIM_UVC_STREAM_IN = 0x81, DV_SIM_UVC_STATUS_IN = 0x83 };
enum { DV_SIM_UVC_CAMERA = 1, DV_SIM_UVC_PROCESSING = 2, DV_SIM_UVC_OUTPUT = 3 };
enum { DV_SIM_UVC_CONTROL_INTERFACE = 0, DV_SIM_UVC_STREAMING_INTERFACE = 1 };

#define DV_SIM_UVC_CLOCK_HZ 15000000
#define DV_SIM_UVC_PROBE_MAX 48
#define DV_SIM_UVC_HEADER_MAX 12
#define DV_SIM_UVC_MAX_INTERVALS 3

typedef struct {
    guint8 format, frame; /* indices as the descriptors have them */
    gboolean mjpeg;       /* else YUY2 */
    guint16 width, height;
    guint32 intervals[DV_SIM_UVC_MAX_INTERVALS]; /* 100 ns each, the shortest first; 0: no more */
} DvSimUvcMode;

typedef struct {
    guint16 version; /* bcdUVC */
    gboolean bulk;
    gboolean short_headers; /* of 2 bytes, and one without data where others send an empty packet */
    guint bulk_payload;     /* the most bytes of one payload */
    const DvSimUvcMode *modes;
    guint mode_count;
} DvSimUvcKind;

/* The most bytes that a frame of the mode may have. */
guint32 dv_sim_uvc_max_frame(const DvSimUvcMode *mode);
/* What the mode needs of a payload at that rate: the transfer or, isochronous, the packet. */
guint32 dv_sim_uvc_payload(const DvSimUvcKind *kind, const DvSimUvcMode *mode, guint32 interval);
/* NULL for indices that the camera does not have. */
const DvSimUvcMode *dv_sim_uvc_mode(const DvSimUvcKind *kind, guint8 format, guint8 frame);
/* The configuration with everything in it. Caller owns it. */
GByteArray *dv_sim_uvc_describe(const DvSimUvcKind *kind);

/* ---- controls (4.2, 4.3) */
typedef enum {
    DV_SIM_UVC_EXPOSURE_MODE, /* 1: by hand, 8: by itself */
    DV_SIM_UVC_EXPOSURE,      /* 100 us each */
    DV_SIM_UVC_FOCUS,
    DV_SIM_UVC_FOCUS_AUTO,
    DV_SIM_UVC_BRIGHTNESS,
    DV_SIM_UVC_VALUES
} DvSimUvcValue;

typedef struct {
    const DvSimUvcKind *kind;
    guint8 error; /* of the last request; 4.2.1.2 */
    gint32 values[DV_SIM_UVC_VALUES];
    guint8 probe[DV_SIM_UVC_PROBE_MAX], commit[DV_SIM_UVC_PROBE_MAX];
    gboolean committed; /* since the last time that this was set to FALSE */
} DvSimUvcControls;

void dv_sim_uvc_controls_init(DvSimUvcControls *controls, const DvSimUvcKind *kind);
/* Bytes of probe and commit in this version of the class. */
gsize dv_sim_uvc_probe_length(const DvSimUvcKind *kind);
/* As DvSimModel's control. */
int dv_sim_uvc_request(DvSimUvcControls *controls, const guint8 setup[8], guint8 *data,
                       gsize length);
/* What was committed. */
const DvSimUvcMode *dv_sim_uvc_committed(const DvSimUvcControls *controls, guint32 *interval,
                                         guint32 *payload);

/* ---- the stream (2.4.3) */
typedef enum {
    DV_SIM_SPOIL_ERROR, /* a payload says that there was an error */
    DV_SIM_SPOIL_SHORT, /* half of the frame is missing */
    DV_SIM_SPOIL_FID,   /* the frame does not say that it is another one */
    DV_SIM_SPOIL_EOF,   /* nor that it is at its end */
} DvSimSpoil;

typedef struct {
    const DvSimUvcKind *kind;
    DvSimPicture *picture; /* borrowed */
    gboolean on;
    const DvSimUvcMode *mode;
    guint32 payload;
    gint64 interval_us, next_us; /* the sensor's clock */
    gint64 slowest_us;           /* frames come no faster than this */
    guint64 sent, dropped;       /* frames begun; frames for which there was no room */
    GByteArray *frame;           /* owned; goes out now */
    gsize at;                    /* of it */
    gboolean going;
    gsize payload_left;    /* bulk: of a payload that is larger than a request */
    gboolean payload_full; /* bulk: it has as many bytes as payloads may have */
    gboolean owes_end;     /* bulk: a payload filled its request and must be seen to end */
    guint8 fid;
    guint32 pts;
    guint spoil_count;
    DvSimSpoil spoil;
    gboolean spoiling, spoiled; /* this frame; and it has been done */
} DvSimUvcStream;

void dv_sim_uvc_stream_init(DvSimUvcStream *stream, const DvSimUvcKind *kind,
                            DvSimPicture *picture);
void dv_sim_uvc_stream_clear(DvSimUvcStream *stream);
void dv_sim_uvc_stream_start(DvSimUvcStream *stream, const DvSimUvcMode *mode, guint32 interval,
                             guint32 payload, gint64 now_us);
void dv_sim_uvc_stream_stop(DvSimUvcStream *stream);
/* Bulk: part of a payload as far as the request goes, or -EAGAIN. */
int dv_sim_uvc_stream_in(DvSimUvcStream *stream, guint8 *buffer, gsize max, gint64 now_us);
/* Isochronous: a packet; 0 is an empty one. */
int dv_sim_uvc_stream_packet(DvSimUvcStream *stream, guint8 *buffer, gsize max, gint64 now_us);
/* When the sensor has its next frame; G_MAXINT64: never. */
gint64 dv_sim_uvc_stream_due(const DvSimUvcStream *stream);
