// SPDX-License-Identifier: Apache-2.0
/* From a package to a layer. Bytes are believed in this order: the chunk's tag, then zstd's frame;
 * nothing is produced beyond the signed size. */
#include "private.h"
#include <darvaza/error.h>
#include <string.h>
#include <zstd.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ZSTD_DCtx, ZSTD_freeDCtx)

typedef struct {
    PackageSource source;
    void *source_data;
    PackageSink sink;
    void *sink_data;
    ZSTD_DCtx *zstd;
    gint64 left; /* plain bytes that may still come */
    gboolean frame_ended;
    guint8 *ahead; /* one sealed chunk and a byte, to see whether another chunk follows */
    gsize ahead_length;
    guint8 *chunk;
    guint8 *out;
} Decoder;

static void
decoder_clear(Decoder *decoder)
{
    ZSTD_freeDCtx(decoder->zstd);
    g_free(decoder->ahead);
    g_free(decoder->chunk);
    g_free(decoder->out);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Decoder, decoder_clear)

DvTrustReason
package_refuse(GError **error, DvTrustReason reason)
{
    g_set_error(error, DV_ERROR, DV_ERROR_INVALID, "the package: %s",
                dv_trust_reason_sentence(reason));
    return reason;
}

DvTrustReason
package_reason_of(const GError *error)
{
    return g_error_matches(error, DV_ERROR, DV_ERROR_FULL) ? DV_TRUST_NO_SPACE : DV_TRUST_IO;
}

/* Fills up to length bytes as far as the source goes; -1 with error. */
static gssize
read_full(Decoder *decoder, guint8 *buffer, gsize length, GError **error)
{
    gsize done = 0;
    while (done < length) {
        gssize count = decoder->source(decoder->source_data, buffer + done, length - done, error);
        if (count < 0)
            return -1;
        if (count == 0)
            break;
        done += (gsize)count;
    }
    return (gssize)done;
}

/* One round of the decompressor on a decrypted chunk. */
static DvTrustReason
unpack_some(Decoder *decoder, ZSTD_inBuffer *in, GError **error)
{
    GError *local = NULL;
    ZSTD_outBuffer out = {decoder->out, DV_PACKAGE_CHUNK, 0};
    gsize hint = ZSTD_decompressStream(decoder->zstd, &out, in);
    if (ZSTD_isError(hint))
        return package_refuse(error, DV_TRUST_UNDECODABLE);
    if ((gint64)out.pos > decoder->left)
        return package_refuse(error, DV_TRUST_BLOATED);
    decoder->left -= (gint64)out.pos;
    decoder->frame_ended = hint == 0;
    if (out.pos == 0 || decoder->sink(decoder->sink_data, decoder->out, out.pos, &local))
        return DV_TRUST_OK;
    DvTrustReason reason = package_reason_of(local);
    g_propagate_error(error, local);
    return reason;
}

/* The decompressor may hold bytes back after it has taken the whole chunk: it has given all when it
 * did not fill its output. */
static DvTrustReason
unpack_chunk(Decoder *decoder, gsize length, GError **error)
{
    ZSTD_inBuffer in = {decoder->chunk, length, 0};
    DvTrustReason reason = DV_TRUST_OK;
    gint64 before;
    do {
        if (decoder->frame_ended) /* something stands behind the one frame */
            return package_refuse(error, DV_TRUST_BLOATED);
        before = decoder->left;
        reason = unpack_some(decoder, &in, error);
    } while (reason == DV_TRUST_OK &&
             (in.pos < in.size ||
              (!decoder->frame_ended && before - decoder->left == DV_PACKAGE_CHUNK)));
    return reason;
}

static DvTrustReason
open_chunk(Decoder *decoder, PackageCipher *cipher, gboolean last, GError **error)
{
    gsize sealed = last ? decoder->ahead_length : SEALED_CHUNK;
    if (sealed <= TAG_SIZE)
        return package_refuse(error, DV_TRUST_TRUNCATED);
    if (!package_cipher_open(cipher, decoder->ahead, sealed - TAG_SIZE, last, decoder->chunk))
        return package_refuse(error, DV_TRUST_UNDECODABLE);
    return unpack_chunk(decoder, sealed - TAG_SIZE, error);
}

static DvTrustReason
read_failed(GError **error, GError *local)
{
    DvTrustReason reason = package_reason_of(local);
    g_propagate_error(error, local);
    return reason;
}

static DvTrustReason
open_chunks(Decoder *decoder, PackageCipher *cipher, GError **error)
{
    GError *local = NULL;
    gboolean last = FALSE;
    while (!last) {
        gssize count = read_full(decoder, decoder->ahead + decoder->ahead_length,
                                 SEALED_CHUNK + 1 - decoder->ahead_length, &local);
        if (count < 0)
            return read_failed(error, local);
        decoder->ahead_length += (gsize)count;
        last = decoder->ahead_length <= SEALED_CHUNK;
        DvTrustReason reason = open_chunk(decoder, cipher, last, error);
        if (reason != DV_TRUST_OK)
            return reason;
        decoder->ahead[0] = decoder->ahead[SEALED_CHUNK];
        decoder->ahead_length = 1;
    }
    return decoder->frame_ended && decoder->left == 0 ? DV_TRUST_OK
                                                      : package_refuse(error, DV_TRUST_TRUNCATED);
}

static DvTrustReason
read_header(Decoder *decoder, const guint8 key[DV_PACKAGE_KEY_SIZE], gint64 plain_size,
            PackageHeader *header, GError **error)
{
    GError *local = NULL;
    guint8 bytes[HEADER_SIZE];
    char id[DV_TRUST_HEX];
    gssize count = read_full(decoder, bytes, HEADER_SIZE, &local);
    if (count < 0)
        return read_failed(error, local);
    if (count < HEADER_SIZE)
        return package_refuse(error, DV_TRUST_TRUNCATED);
    if (!package_header_read(bytes, header) || header->plain_size != plain_size)
        return package_refuse(error, DV_TRUST_MALFORMED);
    dv_package_key_id(key, id);
    g_autofree char *named = dv_hex(header->key_id, sizeof header->key_id);
    return strcmp(id, named) == 0 ? DV_TRUST_OK : package_refuse(error, DV_TRUST_WRONG_KEY);
}

DvTrustReason
package_decode(const guint8 key[DV_PACKAGE_KEY_SIZE], gint64 plain_size, PackageSource source,
               void *source_data, PackageSink sink, void *sink_data, GError **error)
{
    PackageHeader header;
    g_auto(Decoder) decoder = {.source = source,
                               .source_data = source_data,
                               .sink = sink,
                               .sink_data = sink_data,
                               .zstd = ZSTD_createDCtx(),
                               .left = plain_size,
                               .ahead = g_malloc(SEALED_CHUNK + 1),
                               .chunk = g_malloc(DV_PACKAGE_CHUNK),
                               .out = g_malloc(DV_PACKAGE_CHUNK)};
    DvTrustReason reason = read_header(&decoder, key, plain_size, &header, error);
    if (reason != DV_TRUST_OK)
        return reason;
    ZSTD_DCtx_setParameter(decoder.zstd, ZSTD_d_windowLogMax, WINDOW_LOG);
    g_autoptr(PackageCipher) cipher = package_cipher_new(key, &header);
    return open_chunks(&decoder, cipher, error);
}
