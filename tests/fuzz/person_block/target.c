// SPDX-License-Identifier: Apache-2.0
/* A block of names whose checksum holds and whose contents are anything. */
#include "person/block.h"
#include "store/checksum.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
read_entries(const Block *block)
{
    for (guint i = 0; i < block->count; i++) {
        BlockEntry entry;
        block_signature(block, i);
        if (!block_entry(block, i, &entry) || !block_words(&entry))
            continue;
        g_assert_cmpuint(entry.name_words.words.count, <=, DV_NAME_WORDS_MAX);
        for (guint w = 0; w < entry.name_words.words.count; w++) {
            const DvNameWord *word = &entry.name_words.words.words[w];
            g_assert_cmpuint(word->length, <=, DV_NAME_WORD_MAX);
            /* The lowest byte of a key is left for the number of a row. */
            g_assert_cmpint(block_word_key(word) & 0xff, ==, 0);
        }
    }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    g_autofree guint8 *bytes = g_malloc0(size + 4);
    Block block;

    for (gsize i = 0; i < size; i++)
        bytes[4 + i] = data[i];
    checksum_put(bytes, size + 4, 7);
    g_assert_false(block_open(&block, 8, bytes, (int)size + 4));
    if (block_open(&block, 7, bytes, (int)size + 4))
        read_entries(&block);
    return 0;
}
