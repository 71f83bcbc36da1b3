// SPDX-License-Identifier: Apache-2.0
/* The header, and the chunks under AES-256-GCM. */
#include "private.h"
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

static const guint8 magic[8] = {'D', 'V', 'P', 'K', 'G', 0x00, 0x01, 0x10};

struct PackageCipher {
    EVP_CIPHER_CTX *ctx;
    guint8 key[DV_PACKAGE_KEY_SIZE];
    PackageHeader header;
    guint32 next;
};

void
dv_package_key_id(const guint8 key[DV_PACKAGE_KEY_SIZE], char id[DV_TRUST_HEX])
{
    static const char domain[] = "darvaza list content key v1"; /* its NUL is the separator */
    guint8 text[sizeof domain + DV_PACKAGE_KEY_SIZE], digest[DV_SHA256_SIZE];
    for (gsize i = 0; i < sizeof text; i++)
        text[i] = i < sizeof domain ? (guint8)domain[i] : key[i - sizeof domain];
    dv_sha256(text, sizeof text, digest);
    OPENSSL_cleanse(text, sizeof text);
    g_autofree char *hex = dv_hex(digest, sizeof digest);
    g_strlcpy(id, hex, DV_TRUST_HEX);
}

void
package_header_write(PackageHeader *header)
{
    for (int i = 0; i < HEADER_SIZE; i++)
        header->bytes[i] = 0;
    for (int i = 0; i < 8; i++) {
        header->bytes[i] = magic[i];
        header->bytes[8 + i] = (guint8)((guint64)header->plain_size >> (56 - 8 * i));
    }
    for (int i = 0; i < DV_SHA256_SIZE; i++)
        header->bytes[16 + i] = header->key_id[i];
    for (int i = 0; i < NONCE_PREFIX_SIZE; i++)
        header->bytes[48 + i] = header->nonce_prefix[i];
}

gboolean
package_header_read(const guint8 bytes[HEADER_SIZE], PackageHeader *header)
{
    guint64 size = 0;
    for (int i = 0; i < 8; i++)
        size = size << 8 | bytes[8 + i];
    if (size > (guint64)DV_PACKAGE_PLAIN_MAX)
        return FALSE;
    header->plain_size = (gint64)size;
    for (int i = 0; i < DV_SHA256_SIZE; i++)
        header->key_id[i] = bytes[16 + i];
    for (int i = 0; i < NONCE_PREFIX_SIZE; i++)
        header->nonce_prefix[i] = bytes[48 + i];
    package_header_write(header); /* magic and zeros must be as we write them */
    return memcmp(header->bytes, bytes, HEADER_SIZE) == 0;
}

PackageCipher *
package_cipher_new(const guint8 key[DV_PACKAGE_KEY_SIZE], const PackageHeader *header)
{
    PackageCipher *cipher = g_new0(PackageCipher, 1);
    cipher->ctx = EVP_CIPHER_CTX_new();
    cipher->header = *header;
    for (gsize i = 0; i < DV_PACKAGE_KEY_SIZE; i++)
        cipher->key[i] = key[i];
    return cipher;
}

void
package_cipher_free(PackageCipher *cipher)
{
    if (!cipher)
        return;
    EVP_CIPHER_CTX_free(cipher->ctx);
    OPENSSL_cleanse(cipher->key, sizeof cipher->key);
    g_free(cipher);
}

/* prefix || counter || last: a chunk fits in its own place only, and only the last one ends. */
static gboolean
start_chunk(PackageCipher *cipher, gboolean last, int encrypt)
{
    guint8 nonce[NONCE_SIZE];
    int ignored;
    if (cipher->next == G_MAXUINT32)
        return FALSE;
    for (int i = 0; i < NONCE_PREFIX_SIZE; i++)
        nonce[i] = cipher->header.nonce_prefix[i];
    for (int i = 0; i < 4; i++)
        nonce[NONCE_PREFIX_SIZE + i] = (guint8)(cipher->next >> (24 - 8 * i));
    nonce[NONCE_SIZE - 1] = last ? 1 : 0;
    cipher->next++;
    return EVP_CipherInit_ex2(cipher->ctx, EVP_aes_256_gcm(), cipher->key, nonce, encrypt, NULL) ==
               1 &&
           EVP_CipherUpdate(cipher->ctx, NULL, &ignored, cipher->header.bytes, HEADER_SIZE) == 1;
}

gboolean
package_cipher_seal(PackageCipher *cipher, const guint8 *plain, gsize length, gboolean last,
                    guint8 *sealed)
{
    int count = 0, rest = 0;
    gboolean good =
        start_chunk(cipher, last, 1) &&
        EVP_CipherUpdate(cipher->ctx, sealed, &count, plain, (int)length) == 1 &&
        EVP_CipherFinal_ex(cipher->ctx, sealed + count, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher->ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE, sealed + length) == 1;
    ERR_clear_error();
    return good;
}

gboolean
package_cipher_open(PackageCipher *cipher, const guint8 *sealed, gsize length, gboolean last,
                    guint8 *plain)
{
    int count = 0, rest = 0;
    guint8 tag[TAG_SIZE];
    for (int i = 0; i < TAG_SIZE; i++)
        tag[i] = sealed[length + (gsize)i];
    gboolean good = start_chunk(cipher, last, 0) &&
                    EVP_CipherUpdate(cipher->ctx, plain, &count, sealed, (int)length) == 1 &&
                    EVP_CIPHER_CTX_ctrl(cipher->ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) == 1 &&
                    EVP_CipherFinal_ex(cipher->ctx, plain + count, &rest) == 1;
    ERR_clear_error();
    return good;
}
