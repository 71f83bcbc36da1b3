// SPDX-License-Identifier: Apache-2.0
/* From a layer to a package: zstd, then chunks. */
#include "private.h"
#include <darvaza/error.h>
#include <zstd.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ZSTD_CCtx, ZSTD_freeCCtx)

typedef struct {
    PackageCipher *cipher;
    PackageSink sink;
    void *sink_data;
    guint8 *chunk; /* compressed bytes, up to one chunk, held back until more is known to follow */
    gsize filled;
    guint8 *sealed;
} Encoder;

static void
encoder_clear(Encoder *encoder)
{
    package_cipher_free(encoder->cipher);
    g_free(encoder->chunk);
    g_free(encoder->sealed);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Encoder, encoder_clear)

static gboolean
put_chunk(Encoder *encoder, gboolean last, GError **error)
{
    if (!package_cipher_seal(encoder->cipher, encoder->chunk, encoder->filled, last,
                             encoder->sealed)) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_CRYPTO, "making a package: OpenSSL failed");
        return FALSE;
    }
    gsize length = encoder->filled + TAG_SIZE;
    encoder->filled = 0;
    return encoder->sink(encoder->sink_data, encoder->sealed, length, error);
}

/* Everything of one input through the compressor, straight into the chunk; at the end until it has
 * nothing more. A full chunk goes out only when more is to follow, because the last one must say
 * that it is the last: the end of a frame always adds something. */
static gboolean
compress_some(ZSTD_CCtx *zstd, Encoder *encoder, const guint8 *bytes, gsize length, gboolean end,
              GError **error)
{
    ZSTD_inBuffer in = {bytes, length, 0};
    gsize left = 0;
    do {
        if (encoder->filled == DV_PACKAGE_CHUNK && !put_chunk(encoder, FALSE, error))
            return FALSE;
        ZSTD_outBuffer out = {encoder->chunk, DV_PACKAGE_CHUNK, encoder->filled};
        left = ZSTD_compressStream2(zstd, &out, &in, end ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) {
            g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "making a package: %s",
                        ZSTD_getErrorName(left));
            return FALSE;
        }
        encoder->filled = out.pos;
    } while (end ? left > 0 : in.pos < in.size);
    return TRUE;
}

static gboolean
compress_all(ZSTD_CCtx *zstd, Encoder *encoder, gint64 size, PackageSource source,
             void *source_data, GError **error)
{
    g_autofree guint8 *buffer = g_malloc(DV_PACKAGE_CHUNK);
    gint64 done = 0;
    gssize count;
    while ((count = source(source_data, buffer, DV_PACKAGE_CHUNK, error)) > 0) {
        done += count;
        if (!compress_some(zstd, encoder, buffer, (gsize)count, FALSE, error))
            return FALSE;
    }
    if (count < 0)
        return FALSE;
    if (done != size) {
        g_set_error_literal(error, DV_ERROR, DV_ERROR_CONFLICT,
                            "making a package: the layer changed its size meanwhile");
        return FALSE;
    }
    return compress_some(zstd, encoder, NULL, 0, TRUE, error);
}

gboolean
package_encode(const PackageHeader *header, const guint8 key[DV_PACKAGE_KEY_SIZE], int level,
               PackageSource source, void *source_data, PackageSink sink, void *sink_data,
               GError **error)
{
    g_auto(Encoder) encoder = {.cipher = package_cipher_new(key, header),
                               .sink = sink,
                               .sink_data = sink_data,
                               .chunk = g_malloc(DV_PACKAGE_CHUNK),
                               .sealed = g_malloc(SEALED_CHUNK)};
    g_autoptr(ZSTD_CCtx) zstd = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_compressionLevel, level);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_windowLog, WINDOW_LOG);
    ZSTD_CCtx_setParameter(zstd, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setPledgedSrcSize(zstd, (unsigned long long)header->plain_size);
    return sink(sink_data, header->bytes, HEADER_SIZE, error) &&
           compress_all(zstd, &encoder, header->plain_size, source, source_data, error) &&
           put_chunk(&encoder, TRUE, error);
}
