// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What a signed file says, in plain words: a signer sees it before the key is used. */
#include <darvaza/trust.h>

void dv_list_print_root(const DvTrustRoot *root);
/* Prints any of the four kinds, with the digest of what is signed, and says which it is. FALSE with
 * DV_ERROR_INVALID. folder: of a draft: the statements that a release names by their digests, and
 * of diff.json what fits these; what does not is not shown. */
gboolean dv_list_show(GBytes *file, const char *folder, DvTrustRole *role, GError **error);
/* Largest of the four kinds. */
#define DV_LIST_FILE_MAX DV_TRUST_RELEASE_MAX
