// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * From a reader's text to the rows of a machine readable zone, the same for every family. Pure:
 * bytes and events in, calls out; no clock, no allocation, a fixed bound on everything.
 *
 * Readers differ in how they part rows (hardware-notes/): CR, LF, CRLF or nothing; STX and ETX
 * around a document; short rows filled up with '_', also when they are run together; rows in one
 * burst or one at a time. So rows are told by their length (ICAO Doc 9303: 3 x 30, 2 x 36, 2 x 44)
 * and never by delimiters alone, and:
 *  - a document is passed on at once when its last row's check digits prove that the rows belong
 *    together in this order;
 *  - otherwise when the reader says that it is over or falls silent, if exactly one document's rows
 *    stand there. A misread document is passed on too: judging is not done here. What comes before
 * a proven document (the tail of one that was cut) is dropped.
 */
#include <glib.h>

#define DV_ZONE_MAX_LINE                                                                           \
    144                    /* bytes of one line before it is given up: three rows filled up to 44 */
#define DV_ZONE_MAX_ROWS 8 /* rows of one burst that are kept */
#define DV_ZONE_MAX_ROW 44

/* What a parser reports. Every document and every failure is preceded by one started. */
typedef struct {
    void (*started)(void *data);
    /* rows: NULL-terminated, valid during the call; two of 36 or 44, or three of 30. */
    void (*document)(const char *const *rows, void *data);
    void (*dropped)(const char *why, void *data); /* a constant sentence */
    /* Bytes that the host owes the reader. NULL where the family sends nothing. */
    void (*send)(const guint8 *bytes, gsize length, void *data);
    /* The reader does not take what it was told; a constant sentence. NULL as for send. */
    void (*refused)(const char *why, void *data);
    void *data;
} DvReaderSink;

typedef struct {
    char line[DV_ZONE_MAX_LINE + 1];
    guint line_length;
    gboolean overlong; /* the rest of this line is being skipped */
    char rows[DV_ZONE_MAX_ROWS][DV_ZONE_MAX_ROW + 1];
    guint row_count;
    gboolean started; /* something has come since the last end */
    gboolean odd;     /* something that is no row was among it */
} DvZone;

void dv_zone_reset(DvZone *zone);
/* Text: STX and ETX end a document, every other control byte ends a line, NUL is padding. */
void dv_zone_push(DvZone *zone, const guint8 *bytes, gsize length, const DvReaderSink *sink);
/* One printable byte; a byte that no MRZ has keeps its place as '?'. */
void dv_zone_add(DvZone *zone, guint8 byte, const DvReaderSink *sink);
void dv_zone_end_line(DvZone *zone, const DvReaderSink *sink);
/* Something has begun whose text comes later (a frame's head): reports it once. */
void dv_zone_begin(DvZone *zone, const DvReaderSink *sink);
/* The reader is done, by its own word or because it is silent. */
void dv_zone_end(DvZone *zone, const DvReaderSink *sink);
/* Forgets what is unfinished; says why if anything was. */
void dv_zone_drop(DvZone *zone, const char *why, const DvReaderSink *sink);
/* Bytes may be missing. */
void dv_zone_lost(DvZone *zone, const DvReaderSink *sink);
