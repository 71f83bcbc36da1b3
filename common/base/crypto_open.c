// SPDX-License-Identifier: Apache-2.0
/* CMS, opening: nothing is handed out before the profile, the tag and the signature have held. */
#include "crypto_private.h"
#include <darvaza/error.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

/* Exactly one ContentInfo that takes up every byte. */
static CMS_ContentInfo *
parse_exact(const guint8 *der, gsize length)
{
    const guint8 *at = der;
    g_autoptr(CMS_ContentInfo) cms = d2i_CMS_ContentInfo(NULL, &at, (long)length);
    if (!cms || at != der + length)
        return NULL;
    return g_steal_pointer(&cms);
}

static GBytes *
decrypt(const guint8 *der, gsize length, const DvKey *key, const DvCert *cert, GError **error)
{
    g_autoptr(CMS_ContentInfo) cms = parse_exact(der, length);
    g_autoptr(BIO) out = BIO_new(BIO_s_mem());
    if (!cms) {
        dv_crypto_fail(error, "opening: the envelope is not one whole DER object");
        return NULL;
    }
    /* OpenSSL hands out plaintext before it has checked the tag: look at nothing before it says 1.
     */
    gboolean good = CMS_decrypt(cms, key->pkey, cert->x509, NULL, out, CMS_BINARY) == 1;
    char *plain = NULL;
    long plain_length = BIO_get_mem_data(out, &plain);
    GBytes *bytes = good && plain_length >= 0 ? g_bytes_new(plain, (gsize)plain_length) : NULL;
    if (plain && plain_length > 0)
        OPENSSL_cleanse(plain, (gsize)plain_length);
    if (!bytes)
        dv_crypto_fail(error, "opening: the envelope was altered, or is for another key");
    return bytes;
}

/* Content type, digest and time, each once with one value, and nothing unsigned (as RFC 6488
 * section 2.1.6.4 demands of RPKI objects). */
static gboolean
attributes_are_ours(const CMS_SignerInfo *si)
{
    static const int wanted[] = {NID_pkcs9_contentType, NID_pkcs9_messageDigest,
                                 NID_pkcs9_signingTime};
    if (CMS_signed_get_attr_count(si) != G_N_ELEMENTS(wanted) ||
        CMS_unsigned_get_attr_count(si) > 0)
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(wanted); i++) {
        int at = CMS_signed_get_attr_by_NID(si, wanted[i], -1);
        if (at < 0 || X509_ATTRIBUTE_count(CMS_signed_get_attr(si, at)) != 1)
            return FALSE;
    }
    return TRUE;
}

static const char *
signer_trouble(CMS_SignerInfo *si, const DvCert *signer)
{
    ASN1_OCTET_STRING *key_id = NULL;
    X509_ALGOR *digest = NULL, *signature = NULL;
    if (CMS_SignerInfo_get0_signer_id(si, &key_id, NULL, NULL) != 1 || !key_id)
        return "the signer is not named by key identifier";
    if (CMS_SignerInfo_cert_cmp(si, signer->x509) != 0)
        return "the signer is somebody else";
    CMS_SignerInfo_get0_algs(si, NULL, NULL, &digest, &signature);
    if (OBJ_obj2nid(digest->algorithm) != NID_sha256 ||
        OBJ_obj2nid(signature->algorithm) != NID_ecdsa_with_SHA256)
        return "the signature's algorithm is not ECDSA with SHA-256";
    if (!attributes_are_ours(si))
        return "the signature has other attributes than type, digest and time";
    return NULL;
}

/* NULL, or what is wrong with the SignedData beside its signature. */
static const char *
signed_data_trouble(CMS_ContentInfo *cms, const DvCert *signer)
{
    if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
        return "the content is not SignedData";
    if (OBJ_obj2nid(CMS_get0_eContentType(cms)) != NID_pkcs7_data || CMS_is_detached(cms) != 0)
        return "the signed content is not plain data";
    STACK_OF(X509) *certs = CMS_get1_certs(cms);
    STACK_OF(X509_CRL) *crls = CMS_get1_crls(cms);
    gboolean extra = sk_X509_num(certs) > 0 || sk_X509_CRL_num(crls) > 0;
    sk_X509_pop_free(certs, X509_free);
    sk_X509_CRL_pop_free(crls, X509_CRL_free);
    if (extra)
        return "certificates or revocation lists came along";
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    if (sk_CMS_SignerInfo_num(signers) != 1)
        return "there is not exactly one signer";
    return signer_trouble(sk_CMS_SignerInfo_value(signers, 0), signer);
}

static gboolean
signature_holds(CMS_ContentInfo *cms, const DvCert *signer, BIO *out)
{
    STACK_OF(X509) *certs = sk_X509_new_null();
    if (!certs || sk_X509_push(certs, signer->x509) <= 0) {
        sk_X509_free(certs);
        return FALSE;
    }
    /* The certificate was handed over by the caller, who trusts it; no chain is asked for. */
    int result = CMS_verify(cms, certs, NULL, NULL, out,
                            CMS_BINARY | CMS_NOINTERN | CMS_NO_SIGNER_CERT_VERIFY);
    sk_X509_free(certs);
    return result == 1;
}

static GBytes *
verify(GBytes *signed_der, const DvCert *signer, GError **error)
{
    gsize length;
    const guint8 *der = g_bytes_get_data(signed_der, &length);
    g_autoptr(CMS_ContentInfo) cms = parse_exact(der, length);
    g_autoptr(GBytes) again = cms ? dv_cms_to_der(cms) : NULL;
    if (!again || !g_bytes_equal(again, signed_der)) {
        dv_crypto_fail(error, "opening: the content is not one whole object in DER");
        return NULL;
    }
    const char *trouble = signed_data_trouble(cms, signer);
    if (trouble) {
        ERR_clear_error();
        dv_crypto_fail(error, "opening: %s", trouble);
        return NULL;
    }
    g_autoptr(BIO) out = BIO_new(BIO_s_mem());
    gboolean good = signature_holds(cms, signer, out);
    char *data = NULL;
    long data_length = BIO_get_mem_data(out, &data);
    GBytes *content = good && data_length >= 0 ? g_bytes_new(data, (gsize)data_length) : NULL;
    if (!content)
        dv_crypto_fail(error, "opening: the signature does not hold");
    return content;
}

GBytes *
dv_cms_open(const void *der, gsize length, const DvKey *recipient_key, const DvCert *recipient_cert,
            const DvCert *signer_cert, GError **error)
{
    guint8 ski[DV_SKI_SIZE];
    const char *trouble = NULL;
    ERR_clear_error();
    if (length > DV_CMS_MAX) {
        dv_crypto_fail(error, "opening %" G_GSIZE_FORMAT " bytes: more than the bound", length);
        return NULL;
    }
    if (!dv_cert_ski(recipient_cert, ski)) {
        dv_crypto_fail(error, "opening: the recipient's certificate has no subject key identifier");
        return NULL;
    }
    if (!dv_cert_allows(signer_cert, KU_DIGITAL_SIGNATURE)) {
        dv_crypto_fail(error, "opening: the signer's certificate is not one for signatures");
        return NULL;
    }
    if (!dv_cms_envelope_is_ours(der, length, ski, &trouble)) {
        dv_crypto_fail(error, "opening: %s", trouble);
        return NULL;
    }
    g_autoptr(GBytes) signed_der = decrypt(der, length, recipient_key, recipient_cert, error);
    return signed_der ? verify(signed_der, signer_cert, error) : NULL;
}

GBytes *
dv_cms_unwrap(const void *der, gsize length, const DvKey *key, const DvCert *cert, GError **error)
{
    guint8 ski[DV_SKI_SIZE];
    const char *trouble =
        "the certificate has no subject key identifier, or there are too many bytes";
    ERR_clear_error();
    if (length > DV_CMS_MAX || !dv_cert_ski(cert, ski) ||
        !dv_cms_envelope_is_ours(der, length, ski, &trouble)) {
        dv_crypto_fail(error, "opening: %s", trouble);
        return NULL;
    }
    return decrypt(der, length, key, cert, error);
}
