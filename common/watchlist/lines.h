// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A source line by line, from a file or from memory, in bounded space. */
#include <darvaza/watchlist_build.h>

typedef struct {
    int fd; /* -1: memory only */
    const char *path;
    guint8 buffer[65536];
    const guint8 *data; /* what is left of the buffer or of the memory */
    gsize left;
    gboolean at_end;
    guint64 number; /* of the line last returned */
    GString *line;
} WatchlistLines;

gboolean watchlist_lines_open(WatchlistLines *lines, const char *path, GError **error);
void watchlist_lines_open_memory(WatchlistLines *lines, const void *data, gsize length);
void watchlist_lines_close(WatchlistLines *lines);

typedef enum {
    WATCHLIST_LINE,     /* lines->line holds one, not empty */
    WATCHLIST_BAD_LINE, /* too long, no UTF-8, or with NUL: error is set, reading may go on */
    WATCHLIST_END,
    WATCHLIST_TROUBLE, /* the file cannot be read: error is set */
} WatchlistLineResult;
WatchlistLineResult watchlist_lines_next(WatchlistLines *lines, GError **error);
