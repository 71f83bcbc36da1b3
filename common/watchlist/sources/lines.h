// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A source line by line, in bounded space. */
#include "input.h"

typedef struct {
    WatchlistInput *input;
    guint64 number; /* of the line last returned */
    GString *line;
} WatchlistLines;

void watchlist_lines_init(WatchlistLines *lines, WatchlistInput *input);
void watchlist_lines_clear(WatchlistLines *lines);

typedef enum {
    WATCHLIST_LINE,     /* lines->line holds one, not empty */
    WATCHLIST_BAD_LINE, /* too long, no UTF-8, or with NUL: error is set, reading may go on */
    WATCHLIST_END,
    WATCHLIST_TROUBLE, /* the file cannot be read: error is set */
} WatchlistLineResult;
WatchlistLineResult watchlist_lines_next(WatchlistLines *lines, GError **error);
