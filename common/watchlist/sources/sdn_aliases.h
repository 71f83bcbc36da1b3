// SPDX-License-Identifier: Apache-2.0
#pragma once
/* OFAC's alt.csv, kept on disk by the number of the person it belongs to. */
#include "reader.h"

typedef struct SdnAliases SdnAliases;

SdnAliases *sdn_aliases_new(GError **error);
void sdn_aliases_free(SdnAliases *aliases);
/* One record of alt.csv. FALSE: refused (DV_ERROR_INVALID), or the disk (other codes). */
gboolean sdn_aliases_add(SdnAliases *aliases, const WatchlistCsv *record, GError **error);

/* Called once per alias. */
typedef void (*SdnAliasTaker)(const char *name, gboolean is_low, void *data);
gboolean sdn_aliases_find(SdnAliases *aliases, const char *number, SdnAliasTaker take, void *data,
                          GError **error);
