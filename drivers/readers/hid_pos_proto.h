// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Readers with 64-byte HID reports: [0] report id 2, [1] length of the data (at most 56), [2..4]
 * AIM symbology identifier, [5..60] data, [61] the maker's symbology, [62] 0, [63] bit 0: more
 * follows (Access-IS' manual; HID POS usage tables 1.02, scanned data report). A zone of two rows
 * of 44 takes two reports or more.
 */
#include "zone.h"

#define DV_HID_POS_REPORT 64
#define DV_HID_POS_DATA 56 /* bytes of data in one report */

typedef struct {
    gboolean continued; /* the last report said that more follows */
    DvZone zone;
} DvHidPos;

void dv_hid_pos_reset(DvHidPos *pos);
/* One report; one that is not of this form ends what had begun. */
void dv_hid_pos_push(DvHidPos *pos, const guint8 *report, gsize length, const DvReaderSink *sink);
void dv_hid_pos_idle(DvHidPos *pos, const DvReaderSink *sink);
void dv_hid_pos_lost(DvHidPos *pos, const DvReaderSink *sink);
