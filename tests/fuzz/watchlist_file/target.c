// SPDX-License-Identifier: Apache-2.0
/*
 * Bytes as a block, as a part of the filter and as a range. Checksums are made to hold, so that
 * what stands behind them is reached: the decoders say "damaged" or give only what the format
 * allows.
 */
#include "keys.h"
#include "store/checksum.h"
#include "store/doc_block.h"
#include "store/filter.h"
#include "store/ranges.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_entry(const DocEntry *entry)
{
    char number[DOC_NUMBER_MAX + 1], folded[DOC_NUMBER_MAX + 1];
    DocKey key;

    doc_entry_number(entry, number);
    g_assert_cmpuint(strlen(number), ==, entry->key.length - 1);
    watchlist_document_fold_key(number, folded);
    doc_key_init(&key, folded);
    for (gsize i = 1; i < key.length; i++)
        g_assert_true(g_ascii_isalnum(key.bytes[i]) || key.bytes[i] == '*');
}

/* What was read can be written, and then reads the same. */
static void
write_again(const GArray *entries)
{
    guint8 block[DOC_BLOCK_MAX];
    DocBlockWriter writer;
    DocBlockReader reader;
    guint fit = 0;

    if (entries->len == 0)
        return;
    doc_block_start(&writer, &g_array_index(entries, DocEntry, 0).key);
    while (fit < entries->len && doc_block_add(&writer, &g_array_index(entries, DocEntry, fit)))
        fit++;
    gsize length = doc_block_finish(&writer, 2, NULL, block);
    g_assert_true(doc_block_open(&reader, block, length, 2));
    for (guint i = 0; i < fit; i++) {
        const DocEntry *entry = &g_array_index(entries, DocEntry, i);
        g_assert_true(doc_block_next(&reader) == DOC_BLOCK_ENTRY);
        g_assert_true(doc_key_compare(&reader.entry.key, &entry->key) == 0 &&
                      reader.entry.letters == entry->letters &&
                      reader.entry.is_alert == entry->is_alert &&
                      reader.entry.target == entry->target);
    }
    g_assert_true(doc_block_next(&reader) == DOC_BLOCK_END);
}

static void
try_block(const guint8 *data, gsize size)
{
    DocBlockReader reader;
    DocBlockResult result;

    if (!doc_block_open(&reader, data, size, 1))
        return;
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(DocEntry));
    while ((result = doc_block_next(&reader)) == DOC_BLOCK_ENTRY) {
        check_entry(&reader.entry);
        g_array_append_val(entries, reader.entry);
    }
    g_assert_true(result == DOC_BLOCK_DAMAGED || entries->len > 0);
    write_again(entries);
    DocKey key;
    doc_key_init(&key, "A1");
    if (doc_block_open(&reader, data, size, 1) && doc_block_seek(&reader, &key))
        while (doc_block_next(&reader) == DOC_BLOCK_ENTRY)
            check_entry(&reader.entry);
}

/* The last eight bytes are what is asked for. */
static void
try_filter(const guint8 *data, gsize size)
{
    guint64 hash = 0;

    for (gsize i = 0; i < MIN(size, 8); i++)
        hash = hash << 8 | data[size - 1 - i];
    filter_ask(data, size, 1, hash);
}

/* Hashes of the bytes, in order: a filter never says no to what it was made of. */
static void
try_filter_of(const guint8 *data, gsize size)
{
    static guint64 hashes[FILTER_KEYS_MAX];
    guint8 part[FILTER_PART_MAX];
    gsize count = 0;

    for (gsize i = 0; i < size; i++)
        hashes[count++] = (guint64)i << 40 | checksum_hash(data + i, 1) >> 24;
    gsize length = filter_build(hashes, count, filter_part(hashes[0], 9), part);
    for (gsize i = 0; i < count; i++)
        g_assert_true(filter_ask(part, length, filter_part(hashes[0], 9), hashes[i]) ==
                      FILTER_MAYBE);
}

static gboolean
count_piece(const char *piece, gpointer data, GError **error)
{
    (void)error;
    g_assert_cmpuint(strlen(piece), <=, DOC_NUMBER_MAX);
    return ++*(guint *)data < 2000;
}

/* FIRST LAST NUMBER; ranges that no row can have are left out, as judging a row does. */
static void
try_range(const guint8 *data, gsize size)
{
    g_autofree char *text = g_strndup(size > 0 ? (const char *)data : "", size);
    g_auto(GStrv) words = g_strsplit(text, " ", 3);
    char keys[3][DOC_NUMBER_MAX + 1], first[DOC_NUMBER_MAX + 1], last[DOC_NUMBER_MAX + 1];
    gboolean folded;
    guint pieces = 0;

    if (g_strv_length(words) != 3)
        return;
    for (int i = 0; i < 3; i++) {
        if (!watchlist_document_normalise(words[i], keys[i]))
            return;
    }
    if (strlen(keys[0]) != strlen(keys[1]) || strcmp(keys[0], keys[1]) > 0)
        return;
    for (gsize i = 0; keys[0][i] != '\0'; i++) {
        if (keys[0][i] != keys[1][i] &&
            !(g_ascii_isdigit(keys[0][i]) && g_ascii_isdigit(keys[1][i])))
            return;
    }
    g_assert_true(range_holds(keys[0], keys[1], keys[0], &folded) && !folded);
    range_holds(keys[0], keys[1], keys[2], &folded);
    watchlist_document_fold_key(keys[0], first);
    watchlist_document_fold_key(keys[1], last);
    g_assert_true(range_pieces(first, last, count_piece, &pieces, NULL) && pieces > 0);
    while (range_widen(keys[2]))
        ;
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    guint8 blob[DOC_BLOCK_MAX + 16];
    gsize length = MIN(size, sizeof blob);

    try_range(data, size);
    if (length < 4)
        return 0;
    memcpy(blob, data, length);
    try_block(blob, length);
    checksum_put(blob, length, 1);
    try_block(blob, length);
    try_filter(blob, length);
    try_filter_of(data, MIN(size, 200));
    return 0;
}
