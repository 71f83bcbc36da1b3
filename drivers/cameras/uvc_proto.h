// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * USB Video Class 1.0, 1.1 and 1.5 as far as a checkpoint needs it: what a camera says it can do,
 * and the bytes by which a stream is agreed on. Pure: no device, no clock. Section numbers are
 * those of the class specification 1.5.
 */
#include <darvaza/driver.h>

enum { DV_UVC_CLASS = 0x0e, DV_UVC_CONTROL = 1, DV_UVC_STREAMING = 2 };

/* Requests (A.8) and what they are sent to: selector << 8, entity or 0 << 8 | interface. */
enum { DV_UVC_TO_INTERFACE = 0x21, DV_UVC_FROM_INTERFACE = 0xa1 };
enum { DV_UVC_SET_CUR = 0x01, DV_UVC_GET_CUR = 0x81 };
enum { DV_UVC_PROBE_CONTROL = 1, DV_UVC_COMMIT_CONTROL = 2 };

#define DV_UVC_MAX_MODES 64
#define DV_UVC_MAX_INTERVALS 16
#define DV_UVC_MAX_ALTERNATES 32

/* One size in one format. */
typedef struct {
    guint8 format_index, frame_index;
    DvFrameFormat format;
    guint16 width, height;
    guint32 max_frame;                       /* bytes, as the descriptor says */
    gboolean continuous;                     /* intervals are least, greatest, step */
    guint interval_count;                    /* at least 1 */
    guint32 intervals[DV_UVC_MAX_INTERVALS]; /* 100 ns each */
} DvUvcMode;

typedef struct {
    guint8 alternate;
    guint32 per_interval; /* bytes that the bus keeps free for it */
} DvUvcAlternate;

typedef struct {
    guint16 version; /* 0x0100, 0x0110, 0x0150 */
    guint8 control_interface, streaming_interface;
    guint8 endpoint;
    gboolean bulk;
    guint8 terminal;  /* the camera terminal; 0: none is described */
    guint32 controls; /* its bmControls, 3.7.2.3 */
    guint mode_count, alternate_count;
    DvUvcMode modes[DV_UVC_MAX_MODES];
    DvUvcAlternate alternates[DV_UVC_MAX_ALTERNATES]; /* isochronous only */
} DvUvcShape;

/* DV_ERROR_INVALID with a sentence where it is no camera that can be used. */
gboolean dv_uvc_find(const DvUsbShape *device, DvUvcShape *shape, GError **error);

/* The mode nearest to the wish and the interval nearest to its rate. Never NULL. */
const DvUvcMode *dv_uvc_choose(const DvUvcShape *shape, const DvFrameWish *wish, guint32 *interval);

/* ---- probe and commit (4.3.1.1) */
#define DV_UVC_PROBE_MAX 48
/* Bytes of it in this version of the class: 26, 34 or 48. */
gsize dv_uvc_probe_length(guint16 version);
/* The next shorter length, for cameras that claim more than they know; 0: there is none. */
gsize dv_uvc_probe_shorter(gsize length);
void dv_uvc_probe_encode(const DvUvcMode *mode, guint32 interval, gsize length,
                         guint8 out[DV_UVC_PROBE_MAX]);

/* What the camera answered, mended where cameras are known to answer nonsense. */
typedef struct {
    const DvUvcMode *mode; /* of the shape */
    guint32 interval;
    gsize frame_size;   /* room that a frame needs, 1..DV_FRAME_MAX */
    gsize payload_size; /* most bytes of one payload with its header */
} DvUvcStream;
gboolean dv_uvc_probe_decode(const DvUvcShape *shape, const guint8 *data, gsize length,
                             DvUvcStream *stream, GError **error);
/* The alternate setting with the least bandwidth that carries such payloads. */
const DvUvcAlternate *dv_uvc_alternate(const DvUvcShape *shape, const DvUvcStream *stream,
                                       GError **error);

/* ---- exposure and focus (4.2.2.1) */
typedef struct {
    guint8 selector;
    guint8 length;
    guint8 bytes[4];
    gboolean attempt; /* a camera may refuse it, as another one of the list does the same */
} DvUvcSetting;
#define DV_UVC_MAX_SETTINGS 6
/* Is it an option, "exposure=auto" or N times 100 us, "focus=auto" or N as the camera counts? */
gboolean dv_uvc_check_option(const char *key, const char *value, GError **error);
/* What must be sent for these options (NULL: not given); lacking names one that this camera does
 * not offer, or is NULL. Returns how many. */
guint dv_uvc_settings(const DvUvcShape *shape, const char *exposure, const char *focus,
                      DvUvcSetting settings[DV_UVC_MAX_SETTINGS], const char **lacking);
