// SPDX-License-Identifier: Apache-2.0
#include "hid_pos_proto.h"

enum { AT_ID = 0, AT_LENGTH = 1, AT_DATA = 5, AT_MORE = 63 };
enum { REPORT_SCANNED_DATA = 0x02, MORE = 0x01 };

void
dv_hid_pos_reset(DvHidPos *pos)
{
    pos->continued = FALSE;
    dv_zone_reset(&pos->zone);
}

void
dv_hid_pos_push(DvHidPos *pos, const guint8 *report, gsize length, const DvReaderSink *sink)
{
    if (length > 0 && report[AT_ID] != REPORT_SCANNED_DATA)
        return; /* a status or an answer */
    if (length != DV_HID_POS_REPORT || report[AT_LENGTH] > DV_HID_POS_DATA) {
        dv_zone_begin(&pos->zone, sink);
        dv_zone_drop(&pos->zone, "a report came that is not of 64 bytes or overlong", sink);
        dv_hid_pos_reset(pos);
        return;
    }
    dv_zone_push(&pos->zone, report + AT_DATA, report[AT_LENGTH], sink);
    pos->continued = (report[AT_MORE] & MORE) != 0;
    if (!pos->continued)
        dv_zone_end_line(&pos->zone, sink); /* the next report may be the second row */
}

void
dv_hid_pos_idle(DvHidPos *pos, const DvReaderSink *sink)
{
    if (pos->continued)
        dv_zone_drop(&pos->zone, "the reader said that more follows, and nothing came", sink);
    else
        dv_zone_end(&pos->zone, sink);
    dv_hid_pos_reset(pos);
}

void
dv_hid_pos_lost(DvHidPos *pos, const DvReaderSink *sink)
{
    dv_zone_lost(&pos->zone, sink);
    dv_hid_pos_reset(pos);
}
