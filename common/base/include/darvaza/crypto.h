// SPDX-License-Identifier: Apache-2.0
#pragma once
/* OpenSSL: hashes, randomness, Ed25519 and P-256 signatures, CMS. */
#include <glib.h>

#define DV_SHA256_SIZE 32
#define DV_ED25519_SIG_SIZE 64

void dv_sha256(const void *data, gsize length, guint8 out[DV_SHA256_SIZE]);
/* Fills with random bytes; ends the process if the system has none. */
void dv_random(void *out, gsize length);
/* Random UUID version 4 (RFC 9562), lower case. Caller frees. */
char *dv_uuid_new(void);
gboolean dv_uuid_is_valid(const char *text);
/* Lower-case hexadecimal. Caller frees. */
char *dv_hex(const void *data, gsize length);
/* FALSE unless text is exactly 2*length hexadecimal digits. */
gboolean dv_hex_parse(const char *text, guint8 *out, gsize length);
/* Comparison whose time does not depend on content. */
gboolean dv_equal_secret(const void *a, const void *b, gsize length);

/* A private key or certificate from PEM. */
typedef struct DvKey DvKey;
typedef struct DvCert DvCert;
DvKey *dv_key_load(const char *pem_path, GError **error);
void dv_key_free(DvKey *key);
DvCert *dv_cert_load(const char *pem_path, GError **error);
DvCert *dv_cert_from_pem(const void *pem, gsize length, GError **error);
void dv_cert_free(DvCert *cert);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvKey, dv_key_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvCert, dv_cert_free)
/* Subject common name; caller frees. */
char *dv_cert_common_name(const DvCert *cert);
/* SHA-256 of the certificate's DER in hexadecimal; caller frees. */
char *dv_cert_fingerprint(const DvCert *cert);

/* Detached signatures over domain || 0x00 || data; domain is a constant such as
 * "darvaza receipt v1". Ed25519 keys give 64 bytes, P-256 keys DER-encoded ECDSA with SHA-256. */
GBytes *dv_sign(const DvKey *key, const char *domain, const void *data, gsize length,
                GError **error);
/* DV_ERROR_CRYPTO when the signature is not this certificate's over this domain and data. */
gboolean dv_verify(const DvCert *cert, const char *domain, const void *data, gsize length,
                   const void *sig, gsize sig_length, GError **error);

/*
 * CMS (RFC 5652) as docs/formats/crossing.md says: SignedData (P-256, SHA-256, signer by key id, no
 * certificates inside unless asked) within AuthEnvelopedData (RFC 5083; AES-256-GCM, ECDH P-256
 * with SHA-256 KDF, recipient by subject key id). DER.
 */
GBytes *dv_cms_seal(const void *data, gsize length, const DvKey *signer_key,
                    const DvCert *signer_cert, const DvCert *recipient, GError **error);
/* Opens and verifies; nothing is returned unless both held. The signer must be exactly signer_cert,
 * one signer, no trailing bytes. DV_ERROR_CRYPTO says which step failed. */
GBytes *dv_cms_open(const void *der, gsize length, const DvKey *recipient_key,
                    const DvCert *recipient_cert, const DvCert *signer_cert, GError **error);

/* ---- Ed25519 keys without certificates, as the signers of watchlists hold them. */
#define DV_ED25519_PUBLIC_SIZE 32
DvKey *dv_key_new_ed25519(GError **error);
/* FALSE with DV_ERROR_CRYPTO unless the key is Ed25519. */
gboolean dv_key_public(const DvKey *key, guint8 out[DV_ED25519_PUBLIC_SIZE], GError **error);
/* PKCS #8 in PEM, to a new file of mode 0600 (DV_ERROR_CONFLICT when it exists), encrypted with
 * AES-256 under the passphrase (NULL or "": not). */
gboolean dv_key_save_new(const DvKey *key, const char *pem_path, const char *passphrase,
                         GError **error);
/* Like dv_key_load, for a file that dv_key_save_new made with a passphrase (NULL: none). */
DvKey *dv_key_load_protected(const char *pem_path, const char *passphrase, GError **error);
/* Whether the PEM file says that its key is encrypted. */
gboolean dv_key_is_protected(const char *pem_path);
/* Like dv_verify, with a raw public key. FALSE when the signature does not hold. */
gboolean dv_verify_raw(const guint8 public_key[DV_ED25519_PUBLIC_SIZE], const char *domain,
                       const void *data, gsize length, const guint8 signature[DV_ED25519_SIG_SIZE]);

/* A small secret to one recipient: the AuthEnvelopedData of dv_cms_seal without a signature inside.
 * What was opened must be proven genuine by other means. */
GBytes *dv_cms_wrap(const void *data, gsize length, const DvCert *recipient, GError **error);
GBytes *dv_cms_unwrap(const void *der, gsize length, const DvKey *key, const DvCert *cert,
                      GError **error);
