// SPDX-License-Identifier: Apache-2.0
/* Hashes, randomness, identifiers, hexadecimal. */
#include "crypto_private.h"
#include <darvaza/error.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <string.h>

gboolean
dv_crypto_fail(GError **error, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *sentence = g_strdup_vprintf(format, args);
    va_end(args);
    unsigned long code = ERR_get_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    if (reason)
        g_set_error(error, DV_ERROR, DV_ERROR_CRYPTO, "%s: %s", sentence, reason);
    else
        g_set_error_literal(error, DV_ERROR, DV_ERROR_CRYPTO, sentence);
    return FALSE;
}

void
dv_sha256(const void *data, gsize length, guint8 out[DV_SHA256_SIZE])
{
    /* Fetched once: looking it up costs more than hashing a row. */
    static gsize sha256 = 0;

    if (g_once_init_enter(&sha256))
        g_once_init_leave(&sha256, (gsize)EVP_MD_fetch(NULL, "SHA256", NULL));
    /* Cannot fail for a digest of the default provider; a process without SHA-256 cannot go on. */
    if (EVP_Digest(data, length, out, NULL, (const EVP_MD *)sha256, NULL) != 1)
        g_error("SHA-256 is not available in this OpenSSL");
}

void
dv_random(void *out, gsize length)
{
    g_assert(length <= G_MAXINT);
    if (RAND_bytes(out, (int)length) != 1)
        g_error("the system gives no random bytes");
}

char *
dv_uuid_new(void)
{
    guint8 raw[16];
    dv_random(raw, sizeof raw);
    raw[6] = (guint8)((raw[6] & 0x0f) | 0x40); /* version 4 */
    raw[8] = (guint8)((raw[8] & 0x3f) | 0x80); /* the variant of RFC 9562 */
    g_autofree char *hex = dv_hex(raw, sizeof raw);
    return g_strdup_printf("%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

gboolean
dv_uuid_is_valid(const char *text)
{
    if (!text || strlen(text) != 36)
        return FALSE;
    for (int i = 0; i < 36; i++) {
        gboolean dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !strchr("0123456789abcdef", text[i]))
            return FALSE;
    }
    return text[14] >= '1' && text[14] <= '8' && strchr("89ab", text[19]) != NULL;
}

char *
dv_hex(const void *data, gsize length)
{
    static const char digits[] = "0123456789abcdef";
    const guint8 *bytes = data;
    char *text = g_malloc(2 * length + 1);
    for (gsize i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * length] = 0;
    return text;
}

gboolean
dv_hex_parse(const char *text, guint8 *out, gsize length)
{
    if (!text || strlen(text) != 2 * length)
        return FALSE;
    for (gsize i = 0; i < 2 * length; i++)
        if (!g_ascii_isxdigit(text[i]))
            return FALSE;
    for (gsize i = 0; i < length; i++)
        out[i] = (guint8)((g_ascii_xdigit_value(text[2 * i]) << 4) |
                          g_ascii_xdigit_value(text[2 * i + 1]));
    return TRUE;
}

gboolean
dv_equal_secret(const void *a, const void *b, gsize length)
{
    return CRYPTO_memcmp(a, b, length) == 0;
}
