// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A block of listed document numbers, sorted and front-coded, at most a page of the database:
 * docs/formats/watchlist-file.md, "Blocks". Pure: bytes in, entries out; every byte is checked.
 */
#include <glib.h>

#define DOC_BLOCK_MAX 4048u /* such a row fits into one page of 4,096 bytes */
#define DOC_BLOCK_RUN 64u   /* entries that follow from each other; then one stands for itself */
#define DOC_NUMBER_MAX 48u
#define DOC_KEY_MAX (1u + DOC_NUMBER_MAX)

/* What numbers are sorted by: the length of the number, then its folded characters. A '*' stands
 * for any digit: a range of numbers is a few such keys. */
typedef struct {
    guint8 bytes[DOC_KEY_MAX];
    gsize length;
} DocKey;
/* number: normalised and folded, 1 to DOC_NUMBER_MAX characters. */
void doc_key_init(DocKey *key, const char *folded);
int doc_key_compare(const DocKey *a, const DocKey *b);

typedef struct {
    DocKey key;
    guint64 letters; /* bit i: character i is the letter (O I S B Z) of its digit (0 1 5 8 2) */
    gboolean is_alert;
    guint64 target; /* row of alert, else of doc_class */
} DocEntry;
/* The number as it is listed. */
void doc_entry_number(const DocEntry *entry, char number[DOC_NUMBER_MAX + 1]);
/* letters of a number. */
guint64 doc_letters(const char *number);

/* ---- writing */
typedef struct {
    guint8 body[DOC_BLOCK_MAX];
    gsize length; /* of body */
    guint count;
    guint16 runs[DOC_BLOCK_MAX / DOC_BLOCK_RUN]; /* where each run but the first begins */
    DocEntry last;
    DocKey low; /* length 0: the first block */
} DocBlockWriter;
void doc_block_start(DocBlockWriter *writer, const DocKey *low);
/* Entries in order of their keys. FALSE: the block is full; finish it and start another. */
gboolean doc_block_add(DocBlockWriter *writer, const DocEntry *entry);
/* The block as row id; high: the key of the next block's first entry, NULL for the last block. */
gsize doc_block_finish(DocBlockWriter *writer, guint64 id, const DocKey *high,
                       guint8 out[DOC_BLOCK_MAX]);

/* ---- reading */
typedef struct {
    const guint8 *at, *body, *end;
    const guint8 *runs; /* two bytes each: where in body the second run begins, the third ... */
    guint count, done;  /* entries; those given or passed over */
    DocKey low, high;   /* length 0: no bound */
    DocEntry entry;     /* the one last given */
} DocBlockReader;
/* FALSE: the bytes are not the block id as it was written. data must outlive the reader. */
gboolean doc_block_open(DocBlockReader *reader, const guint8 *data, gsize length, guint64 id);
/* Passes over runs that end before the key. FALSE: damage. */
gboolean doc_block_seek(DocBlockReader *reader, const DocKey *key);
typedef enum { DOC_BLOCK_ENTRY, DOC_BLOCK_END, DOC_BLOCK_DAMAGED } DocBlockResult;
DocBlockResult doc_block_next(DocBlockReader *reader);
