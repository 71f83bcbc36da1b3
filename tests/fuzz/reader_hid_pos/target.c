// SPDX-License-Identifier: Apache-2.0
/* What a reader with HID reports may send. Items: 0xff silence, 0xfe a disturbed line, anything
 * else the length (low 7 bits) of a report that follows. */
#include "hid_pos_proto.h"
#include "reader_events.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    Seen seen = {FALSE, FALSE};
    const DvReaderSink sink = seen_sink(&seen);
    DvHidPos pos;
    dv_hid_pos_reset(&pos);
    for (size_t at = 0; at < size;) {
        guint8 item = data[at++];
        if (item == 0xff)
            dv_hid_pos_idle(&pos, &sink);
        else if (item == 0xfe)
            dv_hid_pos_lost(&pos, &sink);
        if (item >= 0xfe) {
            g_assert_false(pos.zone.started);
            continue;
        }
        size_t length = item & 127;
        length = MIN(length, size - at);
        dv_hid_pos_push(&pos, data + at, length, &sink);
        at += length;
    }
    return 0;
}
