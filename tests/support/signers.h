// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Invented signers of lists: keys made at run time, and files signed by any of them. */
#include <darvaza/trust.h>
#include <glib.h>

typedef enum {
    SIGNER_ROOT_1,
    SIGNER_ROOT_2,
    SIGNER_ROOT_3,
    SIGNER_OWNER,
    SIGNER_RELEASE_1,
    SIGNER_RELEASE_2,
    SIGNER_RELEASE_3,
    SIGNER_TIMESTAMP,
    SIGNER_STRANGER, /* in no role */
    SIGNERS,
} DvTestSigner;

typedef struct {
    DvKey *keys[SIGNERS];
    char ids[SIGNERS][DV_TRUST_HEX];
} DvTestSigners;

#define SIGNED_BY(signer) (1u << (signer))
#define SIGNED_ROOT (SIGNED_BY(SIGNER_ROOT_1) | SIGNED_BY(SIGNER_ROOT_2))
#define SIGNED_OWNER SIGNED_BY(SIGNER_OWNER)
#define SIGNED_RELEASE (SIGNED_BY(SIGNER_RELEASE_1) | SIGNED_BY(SIGNER_RELEASE_2))
#define SIGNED_TIMESTAMP SIGNED_BY(SIGNER_TIMESTAMP)

/* Ends the test program when anything fails, as everything here. */
DvTestSigners *dv_test_signers_new(void);
/* The same with keys that are the same in every run, for golden bytes. */
DvTestSigners *dv_test_signers_fixed(void);
void dv_test_signers_free(DvTestSigners *signers);

/* A root of that version: root 2 of 3, release 2 of 3, timestamp 1, the owner for each list of the
 * NULL-terminated ids. Runs a year from issued_us. To be altered before it is made. */
DvTrustRoot *dv_test_root(const DvTestSigners *signers, gint64 version, gint64 issued_us,
                          const char *const *list_ids);
/* The file with the signatures of a mask of SIGNED_BY, whether or not they may sign it. Takes the
 * file over. */
GBytes *dv_test_signed(const DvTestSigners *signers, GBytes *file, DvTrustRole role, guint mask);
/* SHA-256 in hexadecimal. */
void dv_test_digest(GBytes *bytes, char out[DV_TRUST_HEX]);
