// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Makes keys and certificates; knows nothing of folders. */
#include <glib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free_all)

typedef enum { DV_PKI_P256, DV_PKI_ED25519 } DvPkiKeyKind;

typedef struct {
    DvPkiKeyKind kind;
    const char *common_name;
    const char *unit; /* OU; NULL: none */
    /* X.509 v3 extensions in OpenSSL's notation; NULL: none */
    const char *constraints, *usage, *extended_usage, *alternative_names;
    int days;
} DvPkiProfile;

/* A fresh key and its certificate by the issuer; issuer NULL: self-signed. */
gboolean dv_pki_issue(const DvPkiProfile *profile, X509 *issuer, EVP_PKEY *issuer_key,
                      EVP_PKEY **key, X509 **cert, GError **error);
