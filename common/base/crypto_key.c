// SPDX-License-Identifier: Apache-2.0
/* Private keys, certificates, and detached signatures by them. */
#include "crypto_private.h"
#include <darvaza/error.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

static BIO *
open_pem(const char *path, GError **error)
{
    errno = 0;
    BIO *bio = BIO_new_file(path, "rb");
    if (!bio) {
        int saved = errno;
        ERR_clear_error();
        g_set_error(error, DV_ERROR, DV_ERROR_IO, "reading the PEM file %s: %s", path,
                    saved ? g_strerror(saved) : "cannot be opened");
    }
    return bio;
}

/* The two kinds of key that this project makes and takes. */
static gboolean
kind_is_ours(const EVP_PKEY *pkey)
{
    if (EVP_PKEY_is_a(pkey, "ED25519"))
        return TRUE;
    char group[32] = "";
    return EVP_PKEY_is_a(pkey, "EC") &&
           EVP_PKEY_get_group_name(pkey, group, sizeof group, NULL) == 1 &&
           (strcmp(group, "prime256v1") == 0 || strcmp(group, "P-256") == 0);
}

/* A daemon must never stand waiting for a passphrase on its terminal. */
static int
no_passphrase(char *buffer, int size, int writing, void *data)
{
    (void)buffer, (void)size, (void)writing, (void)data;
    return -1;
}

DvKey *
dv_key_load(const char *pem_path, GError **error)
{
    g_autoptr(BIO) bio = open_pem(pem_path, error);
    if (!bio)
        return NULL;
    g_autoptr(EVP_PKEY) pkey = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    if (!pkey) {
        dv_crypto_fail(error, "%s holds no unencrypted private key in PEM", pem_path);
        return NULL;
    }
    if (!kind_is_ours(pkey)) {
        dv_crypto_fail(error, "the private key in %s is neither P-256 nor Ed25519", pem_path);
        return NULL;
    }
    DvKey *key = g_new0(DvKey, 1);
    key->pkey = g_steal_pointer(&pkey);
    return key;
}

void
dv_key_free(DvKey *key)
{
    if (!key)
        return;
    EVP_PKEY_free(key->pkey);
    g_free(key);
}

static DvCert *
read_cert(BIO *bio, const char *where, GError **error)
{
    g_autoptr(X509) x509 = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    if (!x509) {
        dv_crypto_fail(error, "%s holds no certificate in PEM", where);
        return NULL;
    }
    g_autoptr(X509) second = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    if (second) {
        dv_crypto_fail(error, "%s holds more than one certificate", where);
        return NULL;
    }
    ERR_clear_error(); /* "no start line" was the hoped-for answer */
    const EVP_PKEY *pkey = X509_get0_pubkey(x509);
    if (!pkey || !kind_is_ours(pkey)) {
        dv_crypto_fail(error, "the certificate in %s has neither a P-256 nor an Ed25519 key",
                       where);
        return NULL;
    }
    DvCert *cert = g_new0(DvCert, 1);
    cert->x509 = g_steal_pointer(&x509);
    return cert;
}

DvCert *
dv_cert_load(const char *pem_path, GError **error)
{
    g_autoptr(BIO) bio = open_pem(pem_path, error);
    return bio ? read_cert(bio, pem_path, error) : NULL;
}

DvCert *
dv_cert_from_pem(const void *pem, gsize length, GError **error)
{
    if (length > 64 * 1024) {
        dv_crypto_fail(error, "a certificate of %" G_GSIZE_FORMAT " bytes is too large", length);
        return NULL;
    }
    g_autoptr(BIO) bio = BIO_new_mem_buf(pem, (int)length);
    return read_cert(bio, "the given text", error);
}

void
dv_cert_free(DvCert *cert)
{
    if (!cert)
        return;
    X509_free(cert->x509);
    g_free(cert);
}

char *
dv_cert_common_name(const DvCert *cert)
{
    const X509_NAME *name = X509_get_subject_name(cert->x509);
    int at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    /* Two common names would let two readers see two different owners. */
    if (at < 0 || X509_NAME_get_index_by_NID(name, NID_commonName, at) >= 0)
        return g_strdup("");
    unsigned char *text = NULL;
    int length = ASN1_STRING_to_UTF8(
        &text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry((X509_NAME *)name, at)));
    if (length < 0)
        return g_strdup("");
    gboolean clean = g_utf8_validate((char *)text, length, NULL); /* also refuses a NUL */
    char *copy = clean ? g_strndup((char *)text, (gsize)length) : g_strdup("");
    OPENSSL_free(text);
    return copy;
}

char *
dv_cert_fingerprint(const DvCert *cert)
{
    guint8 digest[DV_SHA256_SIZE];
    if (X509_digest(cert->x509, EVP_sha256(), digest, NULL) != 1)
        g_error("SHA-256 over a certificate failed");
    return dv_hex(digest, sizeof digest);
}

gboolean
dv_cert_ski(const DvCert *cert, guint8 out[DV_SKI_SIZE])
{
    const ASN1_OCTET_STRING *ski = X509_get0_subject_key_id(cert->x509);
    if (!ski || ASN1_STRING_length(ski) != DV_SKI_SIZE)
        return FALSE;
    const guint8 *bytes = ASN1_STRING_get0_data(ski);
    for (int i = 0; i < DV_SKI_SIZE; i++)
        out[i] = bytes[i];
    return TRUE;
}

gboolean
dv_cert_allows(const DvCert *cert, guint32 usage)
{
    return (X509_get_key_usage(cert->x509) & usage) == usage; /* all bits when it names none */
}

/* domain || 0x00 || data: no domain is a prefix of another one's message. */
GByteArray *
dv_crypto_message(const char *domain, const void *data, gsize length)
{
    GByteArray *bytes = g_byte_array_sized_new((guint)(strlen(domain) + 1 + length));
    g_byte_array_append(bytes, (const guint8 *)domain, (guint)strlen(domain) + 1);
    g_byte_array_append(bytes, data, (guint)length);
    return bytes;
}

static const EVP_MD *
digest_for(const EVP_PKEY *pkey)
{
    return EVP_PKEY_is_a(pkey, "ED25519") ? NULL : EVP_sha256();
}

GBytes *
dv_sign(const DvKey *key, const char *domain, const void *data, gsize length, GError **error)
{
    g_return_val_if_fail(length < G_MAXUINT / 2, NULL);
    g_autoptr(GByteArray) text = dv_crypto_message(domain, data, length);
    g_autoptr(EVP_MD_CTX) ctx = EVP_MD_CTX_new();
    guint8 signature[128];
    gsize size = sizeof signature;
    if (EVP_DigestSignInit(ctx, NULL, digest_for(key->pkey), NULL, key->pkey) != 1 ||
        EVP_DigestSign(ctx, signature, &size, text->data, text->len) != 1) {
        dv_crypto_fail(error, "signing a \"%s\"", domain);
        return NULL;
    }
    return g_bytes_new(signature, size);
}

gboolean
dv_verify(const DvCert *cert, const char *domain, const void *data, gsize length, const void *sig,
          gsize sig_length, GError **error)
{
    if (length >= G_MAXUINT / 2 || sig_length > 128)
        return dv_crypto_fail(error, "the \"%s\" or its signature is too large", domain);
    if (!dv_cert_allows(cert, KU_DIGITAL_SIGNATURE))
        return dv_crypto_fail(error, "the certificate for the \"%s\" is not one for signatures",
                              domain);
    g_autoptr(GByteArray) text = dv_crypto_message(domain, data, length);
    g_autoptr(EVP_MD_CTX) ctx = EVP_MD_CTX_new();
    EVP_PKEY *pkey = X509_get0_pubkey(cert->x509);
    if (EVP_DigestVerifyInit(ctx, NULL, digest_for(pkey), NULL, pkey) != 1 ||
        EVP_DigestVerify(ctx, sig, sig_length, text->data, text->len) != 1) {
        ERR_clear_error();
        return dv_crypto_fail(error, "the signature on the \"%s\" is not by the expected key",
                              domain);
    }
    return TRUE;
}
