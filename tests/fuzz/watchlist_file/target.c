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

static void
try_block(const guint8 *data, gsize size)
{
    DocBlockReader reader;
    DocBlockResult result;
    guint entries = 0;

    if (!doc_block_open(&reader, data, size, 1))
        return;
    while ((result = doc_block_next(&reader)) == DOC_BLOCK_ENTRY) {
        check_entry(&reader.entry);
        entries++;
    }
    g_assert_true(result == DOC_BLOCK_DAMAGED || entries > 0);
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
    return 0;
}
