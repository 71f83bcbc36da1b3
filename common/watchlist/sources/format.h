// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Which format a source has, and what stands in for a profile. */
#include "input.h"

#include <darvaza/json.h>

/* By the first bytes, of which nothing is taken. FALSE: the source is empty. */
gboolean watchlist_format_detect(const WatchlistInput *input, DvWatchlistFormat *format,
                                 GError **error);
/* For questions: list_id from the file's name. */
json_t *watchlist_profile_for_questions(const char *source_path, gint64 now_us);
