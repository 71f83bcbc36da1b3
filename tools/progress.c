// SPDX-License-Identifier: Apache-2.0
#include "progress.h"

#include <darvaza/clock.h>
#include <stdio.h>
#include <unistd.h>

#define BAR_WIDTH 24
#define QUIET_US G_USEC_PER_SEC                         /* shorter work needs no bar */
#define REDRAW_US (G_USEC_PER_SEC / 10)                 /* of the bar */
#define LINE_US (G_GINT64_CONSTANT(5) * G_USEC_PER_SEC) /* between plain lines */

static void
append_amount(GString *line, DvProgressUnit unit, guint64 amount)
{
    if (unit == DV_PROGRESS_ROWS)
        g_string_append_printf(line, "%" G_GUINT64_FORMAT " rows", amount);
    else if (amount < 1000000)
        g_string_append_printf(line, "%.1f kB", (double)amount / 1e3);
    else if (amount < 1000000000)
        g_string_append_printf(line, "%.1f MB", (double)amount / 1e6);
    else
        g_string_append_printf(line, "%.2f GB", (double)amount / 1e9);
}

static void
append_time(GString *line, gint64 seconds)
{
    if (seconds < 120)
        g_string_append_printf(line, "%" G_GINT64_FORMAT " s", seconds);
    else
        g_string_append_printf(line, "%" G_GINT64_FORMAT " min", (seconds + 30) / 60);
}

char *
dv_progress_line(const char *what, DvProgressUnit unit, guint64 done, guint64 total,
                 gint64 elapsed_us)
{
    GString *line = g_string_new(what);
    double rate = (double)done * G_USEC_PER_SEC / (double)elapsed_us;

    g_string_append_c(line, ' ');
    if (total > 0) {
        int filled = (int)((double)MIN(done, total) / (double)total * BAR_WIDTH);
        g_string_append_c(line, '[');
        for (int i = 0; i < BAR_WIDTH; i++)
            g_string_append_c(line, i < filled ? '#' : ' ');
        g_string_append_printf(line, "] %3d %% ",
                               (int)((double)MIN(done, total) / (double)total * 100));
    }
    append_amount(line, unit, done);
    if (total > 0) {
        g_string_append(line, " of ");
        append_amount(line, unit, total);
    }
    g_string_append(line, ", ");
    append_amount(line, unit, (guint64)rate);
    g_string_append(line, "/s");
    if (total > done && rate > 0) {
        g_string_append(line, ", ");
        append_time(line, (gint64)((double)(total - done) / rate) + 1);
        g_string_append(line, " left");
    }
    return g_string_free(line, FALSE);
}

void
dv_progress_begin(DvProgress *progress, const char *what, DvProgressUnit unit)
{
    *progress = (DvProgress){.what = what,
                             .unit = unit,
                             .is_terminal = isatty(STDERR_FILENO),
                             .started_us = dv_clock_mono_us()};
}

void
dv_progress_update(DvProgress *progress, guint64 done, guint64 total)
{
    gint64 now_us = dv_clock_mono_us(), elapsed_us = now_us - progress->started_us;
    gint64 pause_us = progress->is_terminal ? REDRAW_US : LINE_US;

    if (elapsed_us < QUIET_US || now_us - MAX(progress->shown_us, progress->started_us) < pause_us)
        return;
    g_autofree char *line =
        dv_progress_line(progress->what, progress->unit, done, total, elapsed_us);
    if (progress->is_terminal)
        fprintf(stderr, "\r%s\033[K", line);
    else
        fprintf(stderr, "%s\n", line);
    fflush(stderr);
    progress->shown_us = now_us;
    progress->shown = TRUE;
}

void
dv_progress_callback(guint64 done, guint64 total, void *data)
{
    dv_progress_update(data, done, total);
}

void
dv_progress_end(DvProgress *progress)
{
    if (progress->shown && progress->is_terminal)
        fputs("\r\033[K", stderr);
    progress->shown = FALSE;
}
