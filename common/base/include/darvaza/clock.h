// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The one clock. Everything that needs the time asks here, so that a test can move it. */
#include <glib.h>

typedef struct {
    gint64 (*wall_us)(void *data); /* microseconds since 1970-01-01 UTC; may jump */
    gint64 (*mono_us)(void *data); /* microseconds of a clock that never jumps */
    void *data;
} DvClock;

gint64 dv_clock_wall_us(void);
gint64 dv_clock_mono_us(void);

/* Replaces the clock (NULL: the system's). The struct is copied; data must outlive its use. For
 * tests and for daemons started with DARVAZA_CLOCK_SHIFT_S in a build with fault points. */
void dv_clock_install(const DvClock *clock);

typedef enum { DV_CLOCK_SYNCED, DV_CLOCK_UNSYNCED, DV_CLOCK_SUSPECT } DvClockQuality;
/* SYNCED when the kernel says so (adjtimex); SUSPECT when the wall clock lies before floor_us, the
 * latest time that somebody trusted vouched for (0: none known). */
DvClockQuality dv_clock_quality(gint64 floor_us);
const char *dv_clock_quality_word(DvClockQuality quality); /* "SYNCED" ... as in a record */

/* RFC 3339 in UTC with milliseconds, "2026-11-23T19:02:48.123Z". Caller frees. */
char *dv_time_format(gint64 wall_us);
/* Parses exactly that form (milliseconds optional). DV_ERROR_INVALID otherwise. */
gboolean dv_time_parse(const char *text, gint64 *wall_us, GError **error);
/* Local offset from UTC in minutes at that time. */
int dv_time_offset_minutes(gint64 wall_us);
