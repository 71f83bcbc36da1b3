// SPDX-License-Identifier: Apache-2.0
#include "checksum.h"

#include <string.h>
#include <xxhash.h>

static guint32
sum(const guint8 *blob, gsize length, guint64 id)
{
    return (guint32)XXH3_64bits_withSeed(blob + 4, length - 4, id);
}

void
checksum_put(guint8 *blob, gsize length, guint64 id)
{
    guint32 value = sum(blob, length, id);

    for (guint i = 0; i < 4; i++)
        blob[i] = (guint8)(value >> (8 * i));
}

gboolean
checksum_holds(const guint8 *blob, gsize length, guint64 id)
{
    guint32 value = 0;

    if (length < 4)
        return FALSE;
    for (guint i = 0; i < 4; i++)
        value |= (guint32)blob[i] << (8 * i);
    return value == sum(blob, length, id);
}

gint64
checksum_texts(guint64 id, const char *const *texts, gsize count)
{
    guint64 value = id;

    /* Each text's final NUL is hashed with it, so that their borders count. */
    for (gsize i = 0; i < count; i++)
        value = XXH3_64bits_withSeed(texts[i], strlen(texts[i]) + 1, value);
    return (gint64)value;
}

guint64
checksum_hash(const void *data, gsize length)
{
    return XXH3_64bits(data, length);
}

void
checksum_wide(const void *data, gsize length, guint64 seed, guint8 out[CHECKSUM_WIDE_SIZE])
{
    XXH128_hash_t hash = XXH3_128bits_withSeed(data, length, seed);

    memcpy(out, &hash, CHECKSUM_WIDE_SIZE);
}
