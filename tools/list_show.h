// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What a signed file says, in plain words: a signer sees it before the key is used. */
#include <darvaza/trust.h>

void dv_list_print_root(const DvTrustRoot *root);
/* Prints any of the four kinds and says which it is. FALSE with DV_ERROR_INVALID. changes_path: a
 * draft's diff.json, for a release; NULL or missing: not shown. */
gboolean dv_list_show(GBytes *file, const char *changes_path, DvTrustRole *role, GError **error);
/* Largest of the four kinds. */
#define DV_LIST_FILE_MAX DV_TRUST_RELEASE_MAX
