// SPDX-License-Identifier: Apache-2.0
/*
 * The one shape of AuthEnvelopedData (RFC 5083, RFC 5753, RFC 5084) that this project makes and
 * takes. OpenSSL's reader is liberal: it takes other ciphers in place of AES-GCM, tags of a few
 * bytes, any number of recipients, and BER. Here everything that carries no secret is compared
 * byte by byte, so that no alteration can pass as another way to say the same.
 */
#include "crypto_private.h"
#include <string.h>

typedef struct {
    const guint8 *at;
    gsize left;
} Reader;

static const guint8 *
take(Reader *reader, gsize count)
{
    if (reader->left < count)
        return NULL;
    const guint8 *start = reader->at;
    reader->at += count;
    reader->left -= count;
    return start;
}

static gboolean
take_fixed(Reader *reader, const guint8 *expected, gsize count)
{
    const guint8 *bytes = take(reader, count);
    return bytes && memcmp(bytes, expected, count) == 0;
}

/* A tag and its length in the shortest form (X.690 section 10.1), content within the reader. */
static gboolean
take_header(Reader *reader, guint8 tag, gsize *length)
{
    const guint8 *start = take(reader, 2);
    if (!start || start[0] != tag)
        return FALSE;
    *length = start[1];
    if (start[1] >= 0x80) {
        gsize octets = start[1] & 0x7fu;
        const guint8 *digits = octets >= 1 && octets <= 4 ? take(reader, octets) : NULL;
        if (!digits || digits[0] == 0)
            return FALSE;
        *length = 0;
        for (gsize i = 0; i < octets; i++)
            *length = *length << 8 | digits[i];
        if (*length < 0x80)
            return FALSE;
    }
    return *length <= reader->left;
}

/* A header whose content runs to the end of the reader. */
static gboolean
take_rest_header(Reader *reader, guint8 tag)
{
    gsize length;
    return take_header(reader, tag, &length) && length == reader->left;
}

/* version 0, one KeyAgreeRecipientInfo version 3, an ephemeral public key ... */
static const guint8 recipient_start[] = {
    0x02, 0x01, 0x00,                                                 /* version 0 */
    0x31, 0x81, 0xb6, 0xa1, 0x81, 0xb3,                               /* one recipient: [1] */
    0x02, 0x01, 0x03,                                                 /* version 3 */
    0xa0, 0x51, 0xa1, 0x4f,                                           /* originatorKey */
    0x30, 0x09, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, /* id-ecPublicKey */
    0x03, 0x42, 0x00, 0x04,                                           /* uncompressed point */
};
/* ... of 64 bytes, dhSinglePass-stdDH-sha256kdf-scheme with id-aes256-wrap, subject key id ... */
static const guint8 recipient_scheme[] = {
    0x30, 0x15, 0x06, 0x06, 0x2b, 0x81, 0x04, 0x01, 0x0b, 0x01,                   /* the scheme */
    0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2d, /* aes256-wrap */
    0x30, 0x44, 0x30, 0x42, 0xa0, 0x16, 0x04, 0x14, /* one key, rKeyId of 20 bytes */
};
/* ... and the wrapped key of 40 bytes. */
static const guint8 wrapped_key_header[] = {0x04, 0x28};
/* Plain data under AES-256-GCM: nonce of 12 ... */
static const guint8 content_start[] = {
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01,             /* id-data */
    0x30, 0x1e, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2e, /* aes256-GCM */
    0x30, 0x11, 0x04, 0x0c, /* nonce of 12 bytes */
};
/* ... and tag of 16 bytes. */
static const guint8 content_tag_length[] = {0x02, 0x01, 0x10};
static const guint8 tag_header[] = {0x04, 0x10};

static gboolean
recipient_is_ours(Reader *reader, const guint8 ski[DV_SKI_SIZE], const char **what_failed)
{
    *what_failed = "the envelope is not sealed in this project's profile to exactly one recipient";
    if (!take_fixed(reader, recipient_start, sizeof recipient_start) || !take(reader, 64) ||
        !take_fixed(reader, recipient_scheme, sizeof recipient_scheme))
        return FALSE;
    const guint8 *named = take(reader, DV_SKI_SIZE);
    if (!named || memcmp(named, ski, DV_SKI_SIZE) != 0) {
        *what_failed = "the envelope is sealed to another key than the one at hand";
        return FALSE;
    }
    return take_fixed(reader, wrapped_key_header, sizeof wrapped_key_header) && take(reader, 40);
}

static gboolean
content_is_ours(Reader *reader, const char **what_failed)
{
    *what_failed = "the envelope's content is not AES-256-GCM with a tag of 16 bytes";
    gsize info_length, cipher_length;
    if (!take_header(reader, 0x30, &info_length))
        return FALSE;
    Reader info = {reader->at, info_length};
    if (!take_fixed(&info, content_start, sizeof content_start) || !take(&info, 12) ||
        !take_fixed(&info, content_tag_length, sizeof content_tag_length) ||
        !take_header(&info, 0x80, &cipher_length) || cipher_length != info.left)
        return FALSE;
    take(reader, info_length);
    return take_fixed(reader, tag_header, sizeof tag_header) && take(reader, 16) &&
           reader->left == 0;
}

gboolean
dv_cms_envelope_is_ours(const guint8 *der, gsize length, const guint8 ski[DV_SKI_SIZE],
                        const char **what_failed)
{
    static const guint8 type[] = {0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86, 0xf7,
                                  0x0d, 0x01, 0x09, 0x10, 0x01, 0x17};
    Reader reader = {der, length};
    *what_failed = "the envelope is not one whole AuthEnvelopedData in DER";
    if (!take_rest_header(&reader, 0x30) || !take_fixed(&reader, type, sizeof type) ||
        !take_rest_header(&reader, 0xa0) || !take_rest_header(&reader, 0x30))
        return FALSE;
    return recipient_is_ours(&reader, ski, what_failed) && content_is_ours(&reader, what_failed);
}
