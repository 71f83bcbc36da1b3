// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The private keys of one opener, and the public certificates that it trusts. Nothing outside this
 * process ever holds the former. */
#include <darvaza/crypto.h>
#include <darvaza/opener.h>

typedef struct {
    DvKey *key;
    DvCert *cert;
} DvKeyPair;

typedef struct {
    DvKeyPair opener;     /* signs answers, decisions, audit heads */
    DvKeyPair protection; /* protection unit's opener only */
    GHashTable *records;  /* period -> DvKeyPair; centre's opener only */
    char *trust_dir;
} DvKeyring;

DvKeyring *dv_keyring_load(const DvOpenerOptions *options, GError **error);
void dv_keyring_free(DvKeyring *keyring);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvKeyring, dv_keyring_free)

/* The key of a period; DV_ERROR_UNAVAILABLE when this opener has none of it. */
const DvKeyPair *dv_keyring_record(const DvKeyring *keyring, const char *period, GError **error);
/* trust/kiosks/<kiosk>/<which>.pem ("sign", "answers"), read at each use so that a new kiosk needs
 * no restart. DV_ERROR_DENIED for a kiosk that is not there. */
DvCert *dv_keyring_kiosk(const DvKeyring *keyring, const char *kiosk, const char *which,
                         GError **error);
