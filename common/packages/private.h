// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The two layers of a package, each a stream with memory of a fixed size. */
#include <darvaza/packages.h>
#include <stdio.h>

#define HEADER_SIZE 64
#define TAG_SIZE 16
#define NONCE_PREFIX_SIZE 7
#define NONCE_SIZE 12
#define SEALED_CHUNK (DV_PACKAGE_CHUNK + TAG_SIZE)
#define WINDOW_LOG 23 /* 8 MiB */

typedef struct {
    gint64 plain_size;
    guint8 key_id[DV_SHA256_SIZE];
    guint8 nonce_prefix[NONCE_PREFIX_SIZE];
    guint8 bytes[HEADER_SIZE]; /* as they stand in the file: the chunks' additional data */
} PackageHeader;
/* Fills header->bytes from the other members. */
void package_header_write(PackageHeader *header);
/* FALSE when bytes are no header of this format. */
gboolean package_header_read(const guint8 bytes[HEADER_SIZE], PackageHeader *header);

/* ---- chunks: AES-256-GCM */
typedef struct PackageCipher PackageCipher;
PackageCipher *package_cipher_new(const guint8 key[DV_PACKAGE_KEY_SIZE],
                                  const PackageHeader *header);
void package_cipher_free(PackageCipher *cipher);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PackageCipher, package_cipher_free)
/* The next chunk: length bytes in, length + TAG_SIZE out. */
gboolean package_cipher_seal(PackageCipher *cipher, const guint8 *plain, gsize length,
                             gboolean last, guint8 *sealed);
/* The next chunk: length + TAG_SIZE bytes in. FALSE when its tag does not hold. */
gboolean package_cipher_open(PackageCipher *cipher, const guint8 *sealed, gsize length,
                             gboolean last, guint8 *plain);

/* ---- the whole, between any source and any sink */
/* Reads up to length bytes; -1 with error, 0 at the end. */
typedef gssize (*PackageSource)(void *data, guint8 *buffer, gsize length, GError **error);
typedef gboolean (*PackageSink)(void *data, const guint8 *bytes, gsize length, GError **error);

/* level: of zstd. Reads exactly header->plain_size bytes. */
gboolean package_encode(const PackageHeader *header, const guint8 key[DV_PACKAGE_KEY_SIZE],
                        int level, PackageSource source, void *source_data, PackageSink sink,
                        void *sink_data, GError **error);
/* plain_size: the signed one. Hands plain bytes to the sink as they come: what was handed over
 * counts only when OK is returned and its digest is right. */
DvTrustReason package_decode(const guint8 key[DV_PACKAGE_KEY_SIZE], gint64 plain_size,
                             PackageSource source, void *source_data, PackageSink sink,
                             void *sink_data, GError **error);

DvTrustReason package_refuse(GError **error, DvTrustReason reason);
/* The reason for an error of the operating system: NO_SPACE or IO. */
DvTrustReason package_reason_of(const GError *error);

/* ---- the envelopes file */
#define PACKAGE_ENVELOPES "the envelopes of a package"
struct DvPackageEnvelopes {
    char package[DV_TRUST_HEX], content_key_id[DV_TRUST_HEX];
    GTree *kiosks; /* name -> base64 */
};
/* What may name a recipient: as a kiosk. */
gboolean package_name_is_valid(const char *name);
