// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Rows of the index. A block is one row of person_block and fits one page of 4,096 bytes:
 *   u32 checksum of the rest; u16 count; count signatures of 16 bytes; count u16 offsets of entries
 * from the block's start; entries: u32 alert; u8 name (bit 7: low quality); u8 sex; u16 year; u8
 * month; u8 day; u16 nationality; u8 words; words times: u8 part << 5 | length, u8 weight, letters.
 * All little-endian. Names stand in the order of their birth dates, unknown parts first; a place is
 * block << 8 | number in the block. person_year has one row a year (0: unknown): u32 places where
 * the days of the year begin (month * 32 + day), and where the last one ends.
 */
#include "person.h"

#define BLOCK_MAX 4000
#define BLOCK_NAMES_MAX 200
#define BLOCK_HEAD(count) (6u + (count)*18u)
#define YEAR_DAYS (13 * 32)
#define POSTINGS_MAX 4000 /* bytes of a person_word row */
#define POSTINGS_ROWS 16  /* rows of one word at most; a commoner word has a count alone */

typedef struct {
    guint32 alert;
    guint8 name;
    gboolean low_quality;
    char sex;
    PersonDate date;
    guint16 nationality;
    WeighedName name_words;
    const guint8 *packed; /* the words, until block_words has read them */
    gsize packed_size;
    guint packed_count;
} BlockEntry;

/* A block as read; the bytes are SQLite's until the statement moves. */
typedef struct {
    const guint8 *bytes;
    gsize size;
    guint count;
} Block;
/* FALSE: damaged. */
gboolean block_open(Block *block, gint64 id, const void *bytes, int size);
DvNameSignature block_signature(const Block *block, guint at);
/* All but the words. FALSE: damaged. */
gboolean block_entry(const Block *block, guint at, BlockEntry *entry);
gboolean block_words(BlockEntry *entry);
/* The key of a word's count and postings, by skeleton, of a short word by sound; its low byte is
 * free for the row's number. */
gint64 block_word_key(const DvNameWord *word);
guint32 block_u32(const guint8 *bytes);
guint16 block_u16(const guint8 *bytes);
