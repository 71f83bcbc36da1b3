// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A fresh development PKI in a temporary folder, with the keys that tests need most. */
#include <darvaza/crypto.h>
#include <glib.h>

typedef struct {
    char *dir;             /* as `darvaza pki init` lays it; kiosks KSK-1 and KSK-2 */
    gboolean temporary;    /* the folder goes with the keys */
    DvKey *sign_key;       /* KSK-1 */
    DvCert *sign;          /* KSK-1 */
    DvKey *other_key;      /* KSK-2, sign */
    DvCert *other;         /* KSK-2, sign */
    DvKey *answers_key;    /* KSK-1 */
    DvCert *answers;       /* KSK-1 */
    DvKey *record_key;     /* centre, period P1 */
    DvCert *record;        /* centre, period P1 */
    DvKey *protection_key; /* protection unit */
    DvCert *protection;    /* protection unit */
    DvKey *opener_key;     /* centre's opener */
    DvCert *opener;        /* centre's opener */
    DvKey *receipt_key;    /* Ed25519 */
    DvCert *receipt;       /* Ed25519 */
} DvTestKeys;

/* Ends the test program when anything fails. */
DvTestKeys *dv_test_keys_new(void);
/* Loads the same from an existing folder, which stays when they are freed. */
DvTestKeys *dv_test_keys_load(const char *dir);
void dv_test_keys_free(DvTestKeys *keys);
/* Path of a file in the folder; caller frees. */
char *dv_test_keys_path(const DvTestKeys *keys, const char *relative);
/* rm -r, for temporary folders of tests. */
void dv_test_remove_tree(const char *path);
