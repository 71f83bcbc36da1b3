// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * CSV (RFC 4180, comma) a record at a time: fields in quotes may hold commas, quotes and line
 * breaks. Space around a field does not count.
 */
#include "lines.h"

#define WATCHLIST_CSV_FIELDS_MAX 64u

typedef struct {
    const char *fields[WATCHLIST_CSV_FIELDS_MAX]; /* of the record last returned */
    guint count;
    guint64 line; /* where the record begins */
    /* private */
    guint64 reached;
    GString *text; /* the fields one behind the other, each with its NUL */
    gsize starts[WATCHLIST_CSV_FIELDS_MAX];
    gsize bytes; /* of the record, as it stands in the source */
    int state;
    const char *fault; /* why the record is none; static */
} WatchlistCsv;

void watchlist_csv_init(WatchlistCsv *csv);
void watchlist_csv_clear(WatchlistCsv *csv);
/* As for lines: a record, a bad one (the next may be good), the end, or trouble. Records of one
 * empty field are passed over. */
WatchlistLineResult watchlist_csv_next(WatchlistCsv *csv, WatchlistInput *input, GError **error);
