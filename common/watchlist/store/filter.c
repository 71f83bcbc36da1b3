// SPDX-License-Identifier: Apache-2.0
#include "filter.h"

#include "checksum.h"

#include <string.h>

enum { HEADER = 8 }; /* checksum, seed; little-endian */
#define CELLS_MAX (FILTER_PART_MAX - HEADER)

guint32
filter_part(guint64 hash, guint32 parts)
{
    return (guint32)(((hash >> 32) * parts) >> 32);
}

/* The finalizer of MurmurHash3: every bit of the seed counts for every bit of the result. */
static guint64
mix(guint64 hash, guint32 seed)
{
    guint64 h = hash + seed * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);

    h ^= h >> 33;
    h *= G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
    h ^= h >> 33;
    h *= G_GUINT64_CONSTANT(0xc4ceb9fe1a85ec53);
    return h ^ h >> 33;
}

static guint32
reduce(guint32 value, guint32 n)
{
    return (guint32)(((guint64)value * n) >> 32);
}

/* The three cells of a key, one in each third. */
static void
cells_of(guint64 mixed, guint32 third, guint32 cells[3])
{
    cells[0] = reduce((guint32)mixed, third);
    cells[1] = third + reduce((guint32)(mixed << 21 | mixed >> 43), third);
    cells[2] = 2 * third + reduce((guint32)(mixed << 42 | mixed >> 22), third);
}

static guint8
fingerprint(guint64 mixed)
{
    return (guint8)(mixed ^ mixed >> 32);
}

/* ---- building */

typedef struct {
    guint64 keys[CELLS_MAX]; /* xor of the keys that use the cell */
    guint16 uses[CELLS_MAX];
    guint32 queue[CELLS_MAX];
    struct {
        guint64 mixed;
        guint32 cell;
    } order[FILTER_KEYS_MAX]; /* keys in the order in which a cell became theirs alone */
} Peel;

static void
drop(Peel *peel, guint64 mixed, guint32 third, guint *queued)
{
    guint32 cells[3];

    cells_of(mixed, third, cells);
    for (int i = 0; i < 3; i++) {
        peel->keys[cells[i]] ^= mixed;
        if (--peel->uses[cells[i]] == 1)
            peel->queue[(*queued)++] = cells[i];
    }
}

/* FALSE: some keys share their cells in a ring; another seed will do. */
static gboolean
peel_keys(Peel *peel, const guint64 *hashes, gsize count, guint32 seed, guint32 third)
{
    guint queued = 0;
    gsize done = 0;
    guint32 cells[3];

    memset(peel->keys, 0, sizeof peel->keys);
    memset(peel->uses, 0, sizeof peel->uses);
    for (gsize k = 0; k < count; k++) {
        guint64 mixed = mix(hashes[k], seed);
        cells_of(mixed, third, cells);
        for (int i = 0; i < 3; i++) {
            peel->keys[cells[i]] ^= mixed;
            peel->uses[cells[i]]++;
        }
    }
    for (guint32 i = 0; i < 3 * third; i++) {
        if (peel->uses[i] == 1)
            peel->queue[queued++] = i;
    }
    while (queued > 0) {
        guint32 cell = peel->queue[--queued];
        if (peel->uses[cell] != 1)
            continue;
        guint64 mixed = peel->keys[cell];
        peel->order[done].mixed = mixed;
        peel->order[done++].cell = cell;
        drop(peel, mixed, third, &queued);
    }
    return done == count;
}

gsize
filter_build(const guint64 *hashes, gsize count, guint32 part, guint8 out[FILTER_PART_MAX])
{
    g_autofree Peel *peel = g_new(Peel, 1);
    guint32 third = (guint32)(32 + count + count * 23 / 100) / 3 + 1, seed = 0, cells[3];
    guint8 *values = out + HEADER;

    g_assert(count <= FILTER_KEYS_MAX && 3 * third <= CELLS_MAX);
    while (!peel_keys(peel, hashes, count, seed, third))
        seed++;
    memset(out, 0, HEADER + 3 * third);
    for (gsize k = count; k > 0; k--) {
        guint64 mixed = peel->order[k - 1].mixed;
        guint8 value = fingerprint(mixed);
        cells_of(mixed, third, cells);
        for (int i = 0; i < 3; i++)
            value ^= cells[i] != peel->order[k - 1].cell ? values[cells[i]] : 0;
        values[peel->order[k - 1].cell] = value;
    }
    for (guint i = 0; i < 4; i++)
        out[4 + i] = (guint8)(seed >> (8 * i));
    checksum_put(out, HEADER + 3 * third, part);
    return HEADER + 3 * third;
}

FilterResult
filter_ask(const guint8 *data, gsize length, guint32 part, guint64 hash)
{
    guint32 seed = 0, cells[3];

    if (length < HEADER + 3 || length > FILTER_PART_MAX || (length - HEADER) % 3 != 0 ||
        !checksum_holds(data, length, part))
        return FILTER_DAMAGED;
    for (guint i = 0; i < 4; i++)
        seed |= (guint32)data[4 + i] << (8 * i);
    guint64 mixed = mix(hash, seed);
    cells_of(mixed, (guint32)(length - HEADER) / 3, cells);
    const guint8 *values = data + HEADER;
    return (values[cells[0]] ^ values[cells[1]] ^ values[cells[2]]) == fingerprint(mixed)
               ? FILTER_MAYBE
               : FILTER_NO;
}
