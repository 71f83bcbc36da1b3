// SPDX-License-Identifier: Apache-2.0
/*
 * DESKO: <SOD><STX>row CR row CR [row CR]<ETX><EOD>, also after a read error; the bytes can be set
 * (maker's manual). SOD and EOD stand beside the frame and are left out with everything else there;
 * much text there means that start= and end= are not what the reader was set to, and that is said.
 */
#include "framer.h"

#define MAX_BESIDE 8

static void
outside(DvFramer *framer, guint8 byte, const DvReaderSink *sink)
{
    if (byte < 0x20 || framer->outside > MAX_BESIDE)
        return;
    if (++framer->outside > MAX_BESIDE)
        dv_zone_begin(&framer->zone, sink);
}

static void
stx_byte(DvFramer *framer, guint8 byte, const DvReaderSink *sink)
{
    if (byte == framer->start) {
        dv_zone_drop(&framer->zone,
                     framer->inside ? "a frame began before the last one ended"
                                    : "text came beside the frames of the reader",
                     sink);
        dv_zone_reset(&framer->zone);
        framer->inside = TRUE;
        framer->outside = 0;
    } else if (!framer->inside) {
        outside(framer, byte, sink);
    } else if (byte == framer->end) {
        framer->inside = FALSE;
        dv_zone_end(&framer->zone, sink);
    } else if (byte < 0x20 || (framer->row >= 0 && byte == (guint)framer->row)) {
        dv_zone_end_line(&framer->zone, sink);
    } else {
        dv_zone_add(&framer->zone, byte, sink);
    }
}

static void
stx_idle(DvFramer *framer, const DvReaderSink *sink)
{
    const char *why = framer->inside ? "the reader began a frame and never ended it"
                                     : "text came without a frame: start= and end= are not what "
                                       "this reader was set to";
    dv_zone_drop(&framer->zone, why, sink);
    dv_zone_reset(&framer->zone);
    framer->inside = FALSE;
    framer->outside = 0;
}

const DvFraming dv_framing_stx = {.name = "stx", .byte = stx_byte, .idle = stx_idle};
