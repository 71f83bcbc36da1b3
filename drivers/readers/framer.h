// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * How serial readers frame what they say, and what they must be told. A framer is one row of a
 * table and one file framer_<name>.c; which one a device speaks stands in the driver's identity
 * table or in the configuration (framer=...). Pure, like zone.h, which makes rows of the text
 * within.
 *
 *   lines  rows ended by control bytes or run together; STX and ETX end a document
 *   stx    rows between a start and an end byte (start=, end=, row=: hexadecimal), nothing beside
 *   soh    SOH, length, header, STX, flag, rows, ETX, check byte (3M swipe readers)
 *   tlv    tag, length, value; the reader is armed or asked (mode=arm, mode=inquire: ELYCTIS)
 *   syn    lines, after commands SYN M CR ... (setup=, trigger=yes: Honeywell, Access-IS)
 */
#include "zone.h"

#define DV_FRAMER_MAX_BLOCK 512 /* bytes of one block or command */

typedef struct DvFraming DvFraming;

typedef struct {
    const DvFraming *framing;
    DvZone zone;
    /* options */
    guint8 start, end;
    gint row;             /* one more byte that ends a row; -1: none */
    gboolean inquire;     /* tlv: asked instead of armed */
    gboolean trigger;     /* syn */
    const char *commands; /* syn: separated by commas; borrowed */
    /* state */
    guint8 block[DV_FRAMER_MAX_BLOCK];
    guint length;
    gboolean inside;    /* a frame or block has begun */
    gboolean skipping;  /* out of step: until silence */
    gboolean status;    /* syn: the byte after an answer's status */
    guint awaited;      /* syn: answers to commands */
    guint outside;      /* stx: text bytes beside frames since the last silence */
    gboolean delivered; /* tlv: a document was passed on and lies there still */
    guint64 digest;     /* tlv: of that document's text */
} DvFramer;

/* Looks a value up by its key; NULL when it was not given. */
typedef const char *(*DvFramerLookup)(const char *key, const void *data);

/* options are looked up once; the text of setup= must outlive the framer. DV_ERROR_INVALID names
 * the key. The framer starts with nothing unfinished. */
gboolean dv_framer_init(DvFramer *framer, DvFramerLookup lookup, const void *data, GError **error);
/* TRUE when the reader must be sent something. */
gboolean dv_framer_sends(const DvFramer *framer);
/* Is this a key that a serial reader knows, with a value that it takes? */
gboolean dv_framer_check(const char *key, const char *value, GError **error);
/* The host listens from now on. */
void dv_framer_listen(DvFramer *framer, const DvReaderSink *sink);
void dv_framer_push(DvFramer *framer, const guint8 *bytes, gsize length, const DvReaderSink *sink);
/* The reader has been silent for its idle gap. */
void dv_framer_idle(DvFramer *framer, const DvReaderSink *sink);
/* Bytes may be missing. */
void dv_framer_lost(DvFramer *framer, const DvReaderSink *sink);

/* ---- for framers */
struct DvFraming {
    const char *name;
    gboolean sends;
    void (*listen)(DvFramer *framer, const DvReaderSink *sink); /* may be NULL */
    void (*byte)(DvFramer *framer, guint8 byte, const DvReaderSink *sink);
    void (*idle)(DvFramer *framer, const DvReaderSink *sink);
    void (*lost)(DvFramer *framer,
                 const DvReaderSink *sink); /* after the common part; may be NULL */
};
extern const DvFraming dv_framing_lines, dv_framing_stx, dv_framing_soh, dv_framing_tlv,
    dv_framing_syn;
void dv_framer_send(const DvReaderSink *sink, const guint8 *bytes, gsize length);
