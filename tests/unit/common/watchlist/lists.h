// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Lists made on the spot: the source as text, built into a folder of the test's own. */
#include <darvaza/watchlist_build.h>

#define NOW "2026-11-23T12:00:00Z"
/* Made at NOW, stale after a day, over after a week. */
#define PROFILE(id, version, rest)                                                                 \
    "{\"list_id\":\"" id "\",\"title\":\"Test list\",\"owner\":\"Owner\",\"kind\":\"alerts\","     \
    "\"version\":" #version ",\"generated_at\":\"" NOW "\",\"stale_after\":\"P1D\","               \
    "\"expires_at\":\"P7D\"," rest                                                                 \
    "\"defaults\":{\"legal_basis\":\"Act 1\",\"owner\":\"Owner\",\"purpose\":\"Test\","            \
    "\"review_date\":\"2028-01-31\"}}\n"
#define DUTIES                                                                                     \
    "\"legal_basis\":\"Act 1\",\"owner\":\"Owner\",\"purpose\":\"Test\",\"action\":\"INFO\","      \
    "\"review_date\":\"2028-01-31\""

typedef struct {
    char *folder;
    gint64 now_us;
} Lists;

Lists *lists_new(void);
void lists_free(Lists *lists);
/* Builds name.dvlist from source and puts it in force; the report belongs to the caller. NULL:
 * refused, error set. */
DvWatchlistReport *lists_build(Lists *lists, const char *name, const char *source, GError **error);
/* In the folder, list files in its layers. */
char *lists_path(const Lists *lists, const char *file);
