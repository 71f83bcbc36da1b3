// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The builder's inside, for the reader of sources. */
#include "source.h"

/* As dv_watchlist_builder_new; takes over profile, also on error. */
DvWatchlistBuilder *builder_new(WatchlistProfile *profile, const char *const *below,
                                const char *out_path, GError **error);
DvWatchlistReport *builder_report_new(void);
void builder_report_refuse(DvWatchlistReport *report, guint64 line, const char *text);
