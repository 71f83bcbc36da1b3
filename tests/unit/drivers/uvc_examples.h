// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Cameras written from the class specification, as a host meets them: no device was copied. */
#include "uvc_proto.h"

#define LE16(x) (guint8)((x)&0xff), (guint8)((x) >> 8 & 0xff)
#define LE32(x) LE16(x), LE16((x) >> 16)

/* Header of this version, a camera terminal 1 with these three bytes of controls, an output. */
#define VC_EXTRA(version, c0, c1, c2)                                                              \
    13, 0x24, 1, LE16(version), LE16(40), LE32(48000000), 1, 1, /**/ 18, 0x24, 2, 1, LE16(0x0201), \
        0, 0, LE16(0), LE16(0), LE16(0), 3, c0, c1, c2, /**/ 9, 0x24, 3, 2, LE16(0x0101), 0, 1, 0
#define VS_HEADER(formats) 14, 0x24, 1, formats, LE16(14), 0x81, 0, 2, 0, 0, 0, 1, 0
#define MJPEG_FORMAT(index, frames) 11, 0x24, 6, index, frames, 1, 1, 0, 0, 0, 0
#define YUY2_FORMAT(index, frames)                                                                 \
    27, 0x24, 4, index, frames, 'Y', 'U', 'Y', '2', 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38,      \
        0x9b, 0x71, 16, 1, 0, 0, 0, 0
#define FRAME_HEAD(length, subtype, index, w, h, size)                                             \
    length, 0x24, subtype, index, 0, LE16(w), LE16(h), LE32(1000000), LE32(9000000), LE32(size),   \
        LE32(333333)
/* Frames of 30 and 10 a second; of anything between 5 and 30. */
#define FRAME_TWO(subtype, index, w, h, size)                                                      \
    FRAME_HEAD(34, subtype, index, w, h, size), 2, LE32(333333), LE32(1000000)
#define FRAME_RANGE(subtype, index, w, h, size)                                                    \
    FRAME_HEAD(38, subtype, index, w, h, size), 0, LE32(333333), LE32(2000000), LE32(333333)

static inline DvUsbInterface
uvc_interface(guint8 number, guint8 alternate, guint8 subclass, const guint8 *extra, gsize length)
{
    return (DvUsbInterface){.number = number,
                            .alternate = alternate,
                            .class_code = 0x0e,
                            .subclass = subclass,
                            .extra = extra,
                            .extra_length = length};
}

static inline void
uvc_endpoint(DvUsbInterface *interface, guint8 address, DvUsbPipe pipe, guint32 per_interval)
{
    interface->endpoints[interface->endpoint_count++] =
        (DvUsbEndpoint){.address = address,
                        .pipe = pipe,
                        .max_packet = (guint16)MIN(per_interval, 1024),
                        .per_interval = per_interval};
}
