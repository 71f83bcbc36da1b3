// SPDX-License-Identifier: Apache-2.0
/* CMS, sealing: SignedData inside AuthEnvelopedData, in the one profile of
 * docs/formats/crossing.md. */
#include "crypto_private.h"
#include <darvaza/error.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#define SIGNATURE_SIZE 71
#define SIGN_TRIES 128

GBytes *
dv_cms_to_der(CMS_ContentInfo *cms)
{
    guint8 *der = NULL;
    int length = i2d_CMS_ContentInfo(cms, &der);
    if (length < 0)
        return NULL;
    GBytes *bytes = g_bytes_new(der, (gsize)length);
    OPENSSL_clear_free(der, (gsize)length);
    return bytes;
}

/* OpenSSL takes no NULL, which is what an empty GBytes holds. */
static BIO *
memory_input(const void *data, gsize length)
{
    return BIO_new_mem_buf(length > 0 ? data : "", (int)length);
}

/* SignedData by key id, with the attributes content type, digest and time, no certificates. */
static GBytes *
sign_once(const void *data, gsize length, const DvKey *key, const DvCert *cert, gboolean *fits)
{
    const unsigned flags = CMS_BINARY | CMS_NOCERTS | CMS_NOSMIMECAP | CMS_USE_KEYID;
    g_autoptr(BIO) in = memory_input(data, length);
    g_autoptr(CMS_ContentInfo) cms =
        CMS_sign(NULL, NULL, NULL, NULL, CMS_PARTIAL | CMS_BINARY | CMS_NOCERTS);
    CMS_SignerInfo *si =
        cms ? CMS_add1_signer(cms, cert->x509, key->pkey, EVP_sha256(), flags) : NULL;
    if (!si || CMS_final(cms, in, NULL, CMS_BINARY) != 1)
        return NULL;
    *fits = ASN1_STRING_length(CMS_SignerInfo_get0_signature(si)) == SIGNATURE_SIZE;
    return dv_cms_to_der(cms);
}

/* A DER-encoded ECDSA signature has 70 to 72 bytes by chance. Signing again until it has 71 makes
 * the sealed size depend on the size of the plaintext alone; choosing among finished signatures
 * tells an onlooker nothing that the signature does not show anyway. */
static GBytes *
sign_to_fixed_size(const void *data, gsize length, const DvKey *key, const DvCert *cert)
{
    for (int i = 0; i < SIGN_TRIES; i++) {
        gboolean fits = FALSE;
        g_autoptr(GBytes) der = sign_once(data, length, key, cert, &fits);
        if (!der || fits)
            return g_steal_pointer(&der);
    }
    return NULL;
}

GBytes *
dv_cms_encrypt(GBytes *plain, const DvCert *recipient)
{
    gsize length;
    const void *data = g_bytes_get_data(plain, &length);
    g_autoptr(BIO) in = memory_input(data, length);
    g_autoptr(CMS_ContentInfo) cms =
        CMS_encrypt(NULL, NULL, EVP_aes_256_gcm(), CMS_PARTIAL | CMS_BINARY);
    CMS_RecipientInfo *ri =
        cms ? CMS_add1_recipient_cert(cms, recipient->x509, CMS_KEY_PARAM | CMS_USE_KEYID) : NULL;
    EVP_PKEY_CTX *ctx = ri ? CMS_RecipientInfo_get0_pkey_ctx(ri) : NULL;
    /* The default of the key derivation would be SHA-1. */
    if (!ctx || EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, EVP_sha256()) != 1 ||
        CMS_final(cms, in, NULL, CMS_BINARY) != 1)
        return NULL;
    return dv_cms_to_der(cms);
}

GBytes *
dv_cms_seal(const void *data, gsize length, const DvKey *signer_key, const DvCert *signer_cert,
            const DvCert *recipient, GError **error)
{
    guint8 ski[DV_SKI_SIZE];
    ERR_clear_error();
    if (length > DV_CMS_MAX / 2) {
        dv_crypto_fail(error, "sealing %" G_GSIZE_FORMAT " bytes: more than the bound", length);
        return NULL;
    }
    if (!dv_cert_ski(recipient, ski) || !dv_cert_ski(signer_cert, ski)) {
        dv_crypto_fail(error, "sealing: a certificate has no subject key identifier");
        return NULL;
    }
    if (!dv_cert_allows(recipient, KU_KEY_AGREEMENT)) {
        dv_crypto_fail(error, "sealing: the recipient's certificate is not one for key agreement");
        return NULL;
    }
    g_autoptr(GBytes) signed_data = sign_to_fixed_size(data, length, signer_key, signer_cert);
    if (!signed_data) {
        dv_crypto_fail(error, "sealing: the signature failed");
        return NULL;
    }
    GBytes *sealed = dv_cms_encrypt(signed_data, recipient);
    if (!sealed)
        dv_crypto_fail(error, "sealing: the encryption failed");
    return sealed;
}

GBytes *
dv_cms_wrap(const void *data, gsize length, const DvCert *recipient, GError **error)
{
    guint8 ski[DV_SKI_SIZE];
    ERR_clear_error();
    if (length > DV_CMS_MAX / 2 || !dv_cert_ski(recipient, ski) ||
        !dv_cert_allows(recipient, KU_KEY_AGREEMENT)) {
        dv_crypto_fail(error, "sealing: too much, or the recipient's certificate is not one with "
                              "a key identifier for key agreement");
        return NULL;
    }
    g_autoptr(GBytes) plain = g_bytes_new_static(data, length);
    GBytes *sealed = dv_cms_encrypt(plain, recipient);
    if (!sealed)
        dv_crypto_fail(error, "sealing: the encryption failed");
    return sealed;
}
