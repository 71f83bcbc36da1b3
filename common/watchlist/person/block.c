// SPDX-License-Identifier: Apache-2.0
/* Reading rows of the index, which may be damaged: every length is checked. */
#include "block.h"
#include "store/checksum.h"

#define ENTRY_HEAD 13u

guint16
block_u16(const guint8 *bytes)
{
    return (guint16)(bytes[0] | bytes[1] << 8);
}

guint32
block_u32(const guint8 *bytes)
{
    return (guint32)bytes[0] | (guint32)bytes[1] << 8 | (guint32)bytes[2] << 16 |
           (guint32)bytes[3] << 24;
}

static guint64
block_u64(const guint8 *bytes)
{
    return block_u32(bytes) | (guint64)block_u32(bytes + 4) << 32;
}

gboolean
block_open(Block *block, gint64 id, const void *bytes, int size)
{
    *block = (Block){.bytes = bytes, .size = (gsize)MAX(size, 0)};
    if (bytes == NULL || size < 6 || !checksum_holds(bytes, (gsize)size, (guint64)id))
        return FALSE;
    block->count = block_u16(block->bytes + 4);
    return block->count <= BLOCK_NAMES_MAX && BLOCK_HEAD(block->count) <= block->size;
}

DvNameSignature
block_signature(const Block *block, guint at)
{
    const guint8 *bytes = block->bytes + 6 + at * 16u;

    return (DvNameSignature){{block_u64(bytes), block_u64(bytes + 8)}};
}

gboolean
block_words(BlockEntry *entry)
{
    const guint8 *bytes = entry->packed;
    gsize left = entry->packed_size;
    WeighedName *name = &entry->name_words;

    name->words.count = 0;
    for (guint i = 0; i < entry->packed_count; i++) {
        guint length = left > 2 ? bytes[0] & 31u : 0;
        if (length == 0 || length > DV_NAME_WORD_MAX || left < length + 2u)
            return FALSE;
        dv_name_word_set(&name->words.words[i], (const char *)bytes + 2, length,
                         (DvNamePart)(bytes[0] >> 5 & 3));
        name->weights[i] = bytes[1];
        bytes += length + 2;
        left -= length + 2;
        name->words.count++;
    }
    return TRUE;
}

gboolean
block_entry(const Block *block, guint at, BlockEntry *entry)
{
    guint offset = block_u16(block->bytes + 6 + block->count * 16u + at * 2u);

    if (offset < BLOCK_HEAD(block->count) || offset + ENTRY_HEAD > block->size)
        return FALSE;
    const guint8 *bytes = block->bytes + offset;
    entry->alert = block_u32(bytes);
    entry->name = bytes[4] & 0x7f;
    entry->low_quality = (bytes[4] & 0x80) != 0;
    entry->sex = (char)bytes[5];
    entry->date = (PersonDate){block_u16(bytes + 6), bytes[8], bytes[9]};
    entry->nationality = block_u16(bytes + 10);
    entry->packed_count = bytes[12];
    entry->packed = bytes + ENTRY_HEAD;
    entry->packed_size = block->size - offset - ENTRY_HEAD;
    return entry->packed_count <= DV_NAME_WORDS_MAX;
}

gint64
block_word_key(const DvNameWord *word)
{
    const char *letters = dv_name_word_is_short(word) ? word->sound : word->skeleton;
    guint64 hash = G_GUINT64_CONSTANT(14695981039346656037); /* FNV-1a */

    for (; *letters != '\0'; letters++)
        hash = (hash ^ (guint8)*letters) * G_GUINT64_CONSTANT(1099511628211);
    hash ^= hash >> 29;
    return (gint64)(hash & G_GUINT64_CONSTANT(0x7fffffffffffff00));
}
