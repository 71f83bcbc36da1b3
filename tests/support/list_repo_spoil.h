// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Ways in which a package can be rightly signed and wrong. */
#include "list_repo.h"

/* One bit in the middle of the file, before sizes and digests are signed. */
void list_repo_garble(const char *path, DvTrustPackage *made);
/* What is signed of a package, made untrue. */
void list_repo_spoil(DvTrustPackage *package, ListRepoSpoil spoil);
