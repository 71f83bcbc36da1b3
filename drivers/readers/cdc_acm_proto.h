// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What serial document readers say, without USB: where their interfaces are, and how a stream of
 * bytes becomes the rows of a machine readable zone. Pure: bytes and events in, calls out; no
 * clock, no allocation, a fixed bound on everything.
 *
 * Readers differ in how they frame (see hardware-notes/cdc-acm.md): rows end with CR, LF, CRLF or
 * not at all; a document may stand between STX and ETX; short rows may be filled up with '_'; rows
 * may come in one burst or one at a time. So rows are told by their length (ICAO Doc 9303: 3 x 30,
 * 2 x 36, 2 x 44) and never by delimiters alone, and:
 *  - a document is passed on at once when its last row's check digits prove that the rows belong
 *    together in this order;
 *  - otherwise when the reader says that it is over (ETX) or falls silent, if exactly one
 * document's rows stand there. A misread document is passed on too: judging is not done here. What
 * comes before a proven document (the tail of one that was cut) is dropped.
 */
#include <darvaza/driver.h>

#define DV_ACM_MAX_LINE 128 /* bytes of one line before it is given up */
#define DV_ACM_MAX_ROWS 8   /* rows of one burst that are kept */
#define DV_ACM_MAX_ROW 44

typedef struct {
    void (*started)(void *data);
    /* rows: NULL-terminated, valid during the call; two of 36 or 44, or three of 30. */
    void (*document)(const char *const *rows, void *data);
    void (*dropped)(const char *why, void *data); /* a constant sentence */
    void *data;
} DvAcmSink;

typedef struct {
    char line[DV_ACM_MAX_LINE + 1];
    guint line_length;
    gboolean overlong; /* the rest of this line is being skipped */
    char rows[DV_ACM_MAX_ROWS][DV_ACM_MAX_ROW + 1];
    guint row_count;
    gboolean started; /* something printable has come since the last end */
    gboolean odd;     /* something that is no row was among it */
} DvAcmProto;

void dv_acm_proto_reset(DvAcmProto *proto);
void dv_acm_proto_push(DvAcmProto *proto, const guint8 *bytes, gsize length, const DvAcmSink *sink);
/* The reader has been silent for its idle gap. */
void dv_acm_proto_idle(DvAcmProto *proto, const DvAcmSink *sink);
/* Bytes may be missing: forgets what is unfinished and says so. */
void dv_acm_proto_lost(DvAcmProto *proto, const DvAcmSink *sink);

typedef struct {
    guint8 control_interface, data_interface;
    guint8 in_endpoint;
    guint16 in_packet;
} DvAcmPlaces;

/* Finds the communication and data interface (USB CDC 1.2, 5.2.3.2 union descriptor; PSTN 1.2) and
 * its bulk IN endpoint. DV_ERROR_INVALID naming what is missing. */
gboolean dv_acm_find(const DvUsbShape *shape, DvAcmPlaces *places, GError **error);

/* SET_LINE_CODING's data (PSTN 1.2, 6.3.11): bits per second, 1 stop bit, no parity, 8 bits. */
#define DV_ACM_LINE_CODING_SIZE 7
void dv_acm_line_coding(guint32 bits_per_second, guint8 out[DV_ACM_LINE_CODING_SIZE]);
