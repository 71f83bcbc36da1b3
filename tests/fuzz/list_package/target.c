// SPDX-License-Identifier: Apache-2.0
/*
 * First byte: 'W' the rest is a package under a fixed key, for a signed size of 1,000; 'Z' the rest
 * is what somebody with the key put inside, sealed here rightly, so that zstd's side is reached;
 * 'P' a layer that is packed and must come back; 'E' envelopes.
 */
#include "private.h"
#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

#define SIGNED_SIZE 1000

static const guint8 key[DV_PACKAGE_KEY_SIZE] = "an invented key of 32 bytes ...";

typedef struct {
    const guint8 *at;
    gsize left;
} Input;

static gssize
give(void *data, guint8 *buffer, gsize length, GError **error)
{
    Input *input = data;
    gsize count = MIN(length, input->left);
    (void)error;
    for (gsize i = 0; i < count; i++)
        buffer[i] = input->at[i];
    input->at += count;
    input->left -= count;
    return (gssize)count;
}

static gboolean
keep(void *data, const guint8 *bytes, gsize length, GError **error)
{
    (void)error;
    g_byte_array_append(data, bytes, (guint)length);
    return TRUE;
}

static PackageHeader
header_for(gsize plain_size)
{
    PackageHeader header = {.plain_size = (gint64)plain_size};
    char id[DV_TRUST_HEX];
    dv_package_key_id(key, id);
    dv_hex_parse(id, header.key_id, sizeof header.key_id);
    package_header_write(&header);
    return header;
}

static DvTrustReason
decode(const guint8 *data, gsize size, gsize plain_size, GByteArray *out)
{
    g_autoptr(GError) error = NULL;
    Input input = {data, size};
    DvTrustReason reason = package_decode(key, (gint64)plain_size, give, &input, keep, out, &error);
    g_assert_true((reason == DV_TRUST_OK) == (error == NULL));
    g_assert_cmpuint(out->len, <=, plain_size);
    if (reason == DV_TRUST_OK)
        g_assert_cmpuint(out->len, ==, plain_size);
    return reason;
}

static void
decode_stream(const guint8 *stream, gsize size)
{
    PackageHeader header = header_for(SIGNED_SIZE);
    g_autoptr(PackageCipher) cipher = package_cipher_new(key, &header);
    g_autoptr(GByteArray) sealed = g_byte_array_new();
    g_autoptr(GByteArray) out = g_byte_array_new();
    guint8 *chunk = g_malloc(SEALED_CHUNK);
    g_byte_array_append(sealed, header.bytes, HEADER_SIZE);
    for (gsize at = 0; at < size; at += DV_PACKAGE_CHUNK) {
        gsize part = MIN(DV_PACKAGE_CHUNK, size - at);
        g_assert_true(package_cipher_seal(cipher, stream + at, part, at + part == size, chunk));
        g_byte_array_append(sealed, chunk, (guint)(part + TAG_SIZE));
    }
    g_free(chunk);
    decode(sealed->data, sealed->len, SIGNED_SIZE, out);
}

static void
there_and_back(const guint8 *plain, gsize size)
{
    PackageHeader header = header_for(size);
    g_autoptr(GByteArray) sealed = g_byte_array_new();
    g_autoptr(GByteArray) out = g_byte_array_new();
    Input input = {plain, size};
    g_assert_true(package_encode(&header, key, 1, give, &input, keep, sealed, NULL));
    g_assert_cmpint(decode(sealed->data, sealed->len, size, out), ==, DV_TRUST_OK);
    g_assert_true(out->len == size && memcmp(out->data, plain, size) == 0);
}

static void
read_envelopes(const guint8 *data, gsize size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GBytes) file = g_bytes_new(data, size);
    g_autoptr(DvPackageEnvelopes) envelopes = dv_package_envelopes_read(file, &error);
    if (!envelopes) {
        g_assert_nonnull(error);
        return;
    }
    g_autoptr(GBytes) again = dv_package_envelopes_make(envelopes, &error);
    g_autoptr(DvPackageEnvelopes) same = dv_package_envelopes_read(again, &error);
    g_autofree const char **names = dv_package_envelopes_names(envelopes);
    for (gsize i = 0; names[i]; i++)
        g_assert_true(dv_package_envelopes_has(same, names[i]));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
    if (size == 0)
        return 0;
    g_autoptr(GByteArray) out = g_byte_array_new();
    if (data[0] == 'W')
        decode(data + 1, size - 1, SIGNED_SIZE, out);
    else if (data[0] == 'Z')
        decode_stream(data + 1, size - 1);
    else if (data[0] == 'P' && size > 1)
        there_and_back(data + 1, size - 1);
    else if (data[0] == 'E')
        read_envelopes(data + 1, size - 1);
    return 0;
}
