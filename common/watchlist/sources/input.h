// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The bytes of a source, from a file or from memory, a bounded piece at a time. */
#include <darvaza/watchlist_import.h>

#define WATCHLIST_PIECE 65536u

typedef struct {
    int fd; /* -1: memory only */
    const char *path;
    guint8 buffer[WATCHLIST_PIECE];
    const guint8 *data; /* what is left of the piece or of the memory */
    gsize left;
    guint64 size, done;           /* of the file, 0 where it cannot be known; read of it so far */
    DvWatchlistProgress progress; /* NULL: nobody looks */
    void *progress_data;
} WatchlistInput;

gboolean watchlist_input_open(WatchlistInput *input, const char *path, GError **error);
void watchlist_input_open_memory(WatchlistInput *input, const void *data, gsize length);
void watchlist_input_close(WatchlistInput *input);
/* Once nothing is left: the next piece. Nothing is left afterwards: that was the end. */
gboolean watchlist_input_fill(WatchlistInput *input, GError **error);
