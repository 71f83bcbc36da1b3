// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Shared by the crypto_*.c files only: what is inside the opaque key and certificate. */
#include <darvaza/crypto.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

struct DvKey {
    EVP_PKEY *pkey;
};

struct DvCert {
    X509 *x509;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CMS_ContentInfo, CMS_ContentInfo_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)

/* Sets DV_ERROR_CRYPTO to the sentence, followed by OpenSSL's oldest queued reason if there is one,
 * and empties OpenSSL's queue. Returns FALSE, so that a caller can return it. */
gboolean dv_crypto_fail(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

/* domain || 0x00 || data, what a detached signature is over. */
GByteArray *dv_crypto_message(const char *domain, const void *data, gsize length);

/* The 20 bytes of the certificate's subject key identifier; FALSE when it has none of that size. */
#define DV_SKI_SIZE 20
gboolean dv_cert_ski(const DvCert *cert, guint8 out[DV_SKI_SIZE]);
/* FALSE when the certificate carries a key usage that leaves out the wanted bit (KU_...). */
gboolean dv_cert_allows(const DvCert *cert, guint32 usage);

/* Larger than anything that this project seals; lengths beyond are refused before parsing. */
#define DV_CMS_MAX (4u * 1024u * 1024u)
/* DER of the object; NULL when OpenSSL cannot encode it. */
GBytes *dv_cms_to_der(CMS_ContentInfo *cms);
/* The outer half of dv_cms_seal: AuthEnvelopedData around any bytes. */
GBytes *dv_cms_encrypt(GBytes *plain, const DvCert *recipient);

/*
 * Whether der is exactly one AuthEnvelopedData of this project's profile for the recipient with
 * this key identifier; every byte of it is then either fixed, or authenticated by the tag. OpenSSL
 * alone would accept other ciphers, short tags and several recipients. what_failed names the part.
 */
gboolean dv_cms_envelope_is_ours(const guint8 *der, gsize length, const guint8 ski[DV_SKI_SIZE],
                                 const char **what_failed);
