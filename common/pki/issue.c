// SPDX-License-Identifier: Apache-2.0
#include "issue.h"
#include <darvaza/crypto.h>
#include <darvaza/error.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

static EVP_PKEY *
make_key(DvPkiKeyKind kind)
{
    return kind == DV_PKI_ED25519 ? EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")
                                  : EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
}

/* 127 random bits: never negative, never guessed. */
static gboolean
set_serial(X509 *cert)
{
    guint8 raw[16];
    dv_random(raw, sizeof raw);
    raw[0] = (guint8)((raw[0] & 0x7f) | 0x40);
    BIGNUM *number = BN_bin2bn(raw, sizeof raw, NULL);
    gboolean good = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return good;
}

static gboolean
add_name(X509_NAME *name, const char *field, const char *text)
{
    return !text || X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                                               (const unsigned char *)text, -1, -1, 0) == 1;
}

static gboolean
add_extension(X509V3_CTX *ctx, X509 *cert, int nid, const char *value)
{
    if (!value)
        return TRUE;
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, value);
    gboolean good = extension && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return good;
}

static gboolean
add_extensions(X509 *cert, X509 *issuer, const DvPkiProfile *profile)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer ? issuer : cert, cert, NULL, NULL, 0);
    return add_extension(&ctx, cert, NID_basic_constraints, profile->constraints) &&
           add_extension(&ctx, cert, NID_key_usage, profile->usage) &&
           add_extension(&ctx, cert, NID_ext_key_usage, profile->extended_usage) &&
           add_extension(&ctx, cert, NID_subject_alt_name, profile->alternative_names) &&
           add_extension(&ctx, cert, NID_subject_key_identifier, "hash") &&
           add_extension(&ctx, cert, NID_authority_key_identifier, issuer ? "keyid:always" : NULL);
}

static gboolean
fill(X509 *cert, EVP_PKEY *key, X509 *issuer, const DvPkiProfile *profile)
{
    X509_NAME *name = X509_get_subject_name(cert);
    /* A day back: a kiosk's clock may be behind the one that issued. */
    return X509_set_version(cert, X509_VERSION_3) == 1 && set_serial(cert) &&
           X509_time_adj_ex(X509_getm_notBefore(cert), -1, 0, NULL) &&
           X509_time_adj_ex(X509_getm_notAfter(cert), profile->days, 0, NULL) &&
           add_name(name, "O", "Darvaza development PKI") && add_name(name, "OU", profile->unit) &&
           add_name(name, "CN", profile->common_name) &&
           X509_set_issuer_name(cert, issuer ? X509_get_subject_name(issuer) : name) == 1 &&
           X509_set_pubkey(cert, key) == 1 && add_extensions(cert, issuer, profile);
}

gboolean
dv_pki_issue(const DvPkiProfile *profile, X509 *issuer, EVP_PKEY *issuer_key, EVP_PKEY **key,
             X509 **cert, GError **error)
{
    g_autoptr(EVP_PKEY) fresh = make_key(profile->kind);
    g_autoptr(X509) made = X509_new();
    if (!fresh || !made || !fill(made, fresh, issuer, profile) ||
        X509_sign(made, issuer_key ? issuer_key : fresh, EVP_sha256()) <= 0) {
        const char *reason = ERR_reason_error_string(ERR_get_error());
        g_set_error(error, DV_ERROR, DV_ERROR_CRYPTO, "making the certificate \"%s\": %s",
                    profile->common_name, reason ? reason : "OpenSSL gave no reason");
        ERR_clear_error();
        return FALSE;
    }
    *key = g_steal_pointer(&fresh);
    *cert = g_steal_pointer(&made);
    return TRUE;
}
