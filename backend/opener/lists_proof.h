// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Reads the layers of drafts in a thread of its own: their bytes must be those that the release
 * names (plain_sha256), what they say of themselves what the owner signed, and their rows must give
 * the signed state hash. A stack that was read row by row once is only hashed the next time.
 */
#include "lists.h"

typedef struct DvListsProof DvListsProof;

/* read_before: a set of strings, kept between proofs; touched by one proof at a time. */
DvListsProof *dv_lists_proof_new(GHashTable *read_before);
/* Every list of the draft. DV_ERROR_CRYPTO when its layers are not those of its lists. */
gboolean dv_lists_proof_add(DvListsProof *proof, const DvDraft *draft, GError **error);
gboolean dv_lists_proof_start(DvListsProof *proof, GError **error);
gboolean dv_lists_proof_is_done(const DvListsProof *proof);
/* Waits for the thread. FALSE with DV_ERROR_CRYPTO (another layer) or DV_ERROR_CORRUPT. */
gboolean dv_lists_proof_end(DvListsProof *proof, GError **error);
/* Waits for the thread, which stops at the next list. */
void dv_lists_proof_free(DvListsProof *proof);
