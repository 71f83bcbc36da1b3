// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What darvaza-lists wants is fetched from the centre, chunk by chunk. The bytes are encrypted or
 * public, and judged by darvaza-lists alone. */
#include "centre_link.h"
#include "lists_link.h"

/* Fetches what is wanted, so many chunks at most; *more: something may be wanted still. A service
 * that is not there is no error. DV_ERROR_UNAVAILABLE: the centre cannot be reached. */
gboolean lists_duty(ListsLink *lists, CentreLink *centre, gboolean *more, GError **error);
