// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "list_repo.h"

/* Opens the packages that lead to the list's version into a folder of their own in work, and
 * compares rows, state hash and the rows that must be found. The plain files are gone afterwards.
 */
gboolean list_verify_content(const char *lists, const DvTrustList *list,
                             const DvTrustStatement *statement, const char *work, const char *cert,
                             const char *key, GError **error);
