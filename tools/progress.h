// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * How far a long piece of work has come, on stderr: a bar that redraws itself where that is a
 * terminal, otherwise a plain line now and then. Work of less than a second shows nothing.
 */
#include <glib.h>

typedef enum { DV_PROGRESS_BYTES, DV_PROGRESS_ROWS } DvProgressUnit;

typedef struct {
    const char *what; /* "reading list.csv"; borrowed */
    DvProgressUnit unit;
    gboolean is_terminal;
    gint64 started_us, shown_us;
    gboolean shown;
} DvProgress;

void dv_progress_begin(DvProgress *progress, const char *what, DvProgressUnit unit);
/* May be called as often as one likes. total 0: not known. */
void dv_progress_update(DvProgress *progress, guint64 done, guint64 total);
/* Clears the bar. */
void dv_progress_end(DvProgress *progress);
/* The same as a DvWatchlistProgress; data is the DvProgress. */
void dv_progress_callback(guint64 done, guint64 total, void *data);

/* The line that stands now, without its end ("reading x  [####    ] 50 % 1.0 MB of 2.0 MB, 1.0
 * MB/s, 1 s left"). elapsed_us > 0. Caller frees. */
char *dv_progress_line(const char *what, DvProgressUnit unit, guint64 done, guint64 total,
                       gint64 elapsed_us);
