// SPDX-License-Identifier: Apache-2.0
/*
 * 3M swipe readers, "RTE Native" (RTE6701-OEM integration manual, chapter 9): SOH, length word (low
 * byte first), device byte, type byte, STX, flag, three rows each with CR, ETX, check byte. Missing
 * rows are empty and stand first; short ones are filled up with '_'.
 *
 * What the manual's pages that were at hand leave open is taken leniently, and the rest strictly:
 * whether the length counts SOH, itself and the check byte; whether the word has 8 or 7 bits a
 * byte; whether the check byte (exclusive or) begins with SOH. A block whose check byte disagrees
 * is dropped.
 */
#include "framer.h"

enum { SOH = 0x01, STX = 0x02, ETX = 0x03 };
enum { AT_STX = 4, AT_TEXT = 6 }; /* block[0] is the length's low byte */

static gboolean
length_agrees(const guint8 *block, guint length)
{
    guint by_eight = block[0] | (guint)block[1] << 8;
    guint by_seven = block[0] | (guint)block[1] << 7;
    /* From the bytes between header word and ETX up to the whole block with SOH. */
    guint least = length - 4, most = length + 1;
    return (by_eight >= least && by_eight <= most) || (by_seven >= least && by_seven <= most);
}

static gboolean
check_agrees(const guint8 *block, guint length)
{
    guint8 sum = 0;
    for (guint i = 0; i + 1 < length; i++)
        sum ^= block[i];
    return block[length - 1] == sum || block[length - 1] == (sum ^ SOH);
}

static void
end_block(DvFramer *framer, const DvReaderSink *sink)
{
    DvZone *zone = &framer->zone;
    guint length = framer->length;
    framer->inside = FALSE;
    framer->length = 0;
    if (!check_agrees(framer->block, length)) {
        dv_zone_drop(zone, "a block came whose check byte disagrees", sink);
    } else if (!length_agrees(framer->block, length)) {
        dv_zone_drop(zone, "a block came whose length disagrees", sink);
    } else {
        dv_zone_push(zone, framer->block + AT_TEXT, length - AT_TEXT - 2, sink);
        dv_zone_end(zone, sink);
    }
    dv_zone_reset(zone);
}

static void
soh_byte(DvFramer *framer, guint8 byte, const DvReaderSink *sink)
{
    guint at = framer->length;
    if (!framer->inside) {
        framer->inside = byte == SOH;
        return;
    }
    if (at == AT_STX && byte != STX) { /* that SOH was none */
        framer->length = 0;
        framer->inside = byte == SOH;
        return;
    }
    framer->block[framer->length++] = byte;
    if (at == AT_TEXT)
        dv_zone_begin(&framer->zone, sink);
    if (at > AT_TEXT && framer->block[at - 1] == ETX) {
        end_block(framer, sink);
    } else if (framer->length == DV_FRAMER_MAX_BLOCK) {
        framer->inside = FALSE;
        framer->length = 0;
        dv_zone_drop(&framer->zone, "a block came that does not end", sink);
    }
}

static void
soh_idle(DvFramer *framer, const DvReaderSink *sink)
{
    framer->inside = FALSE;
    framer->length = 0;
    dv_zone_drop(&framer->zone, "the reader began a block and never ended it", sink);
}

const DvFraming dv_framing_soh = {.name = "soh", .byte = soh_byte, .idle = soh_idle};
