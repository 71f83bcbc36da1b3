// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The accounts that a booth may sign in with offline (docs/formats/accounts.md). */
#include "private.h"

/* Signed bundle for one registered kiosk: every current officer, second-line officer and supervisor
 * whose checkpoints include the kiosk's. DV_ERROR_DENIED for a kiosk that is not registered. */
GBytes *dv_accounts_issue(DvOpener *opener, const char *kiosk, GError **error);
void dv_accounts_cache_free(void *issued); /* element of DvOpener.bundles */
