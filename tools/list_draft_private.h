// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Between the files that make a draft. */
#include "list_draft.h"
#include <darvaza/json.h>
#include <darvaza/watchlist_rows.h>

typedef struct {
    const DraftPlan *plan;
    gint64 number;
    char *folder; /* drafts/R.part */
    DvTrustRelease *release;
    json_t *current; /* lists with their layers, for current.json */
    json_t *diffs;   /* what changes, for diff.json */
} Draft;

/* A path in the draft; the caller frees. */
char *draft_path(const Draft *draft, const char *name);
/* Packages, envelopes and layers of a new version. before: the list as released; NULL: new. */
gboolean draft_add_packages(Draft *draft, const char *path, const DvWatchlistInfo *info,
                            const DvTrustList *before, DvTrustList *list, GError **error);
/* The same of a list that stays as it is. */
gboolean draft_keep_packages(Draft *draft, const DvTrustList *before, DvTrustList *list,
                             GError **error);
/* A delta layer from the stack to the list file at path, both whole; add_only says whether it
 * takes nothing away. *made stays FALSE where the layers cannot carry one. */
gboolean draft_make_delta(Draft *draft, char **stack, const char *path, const DvWatchlistInfo *info,
                          const char *out_path, gboolean *made, gboolean *add_only, GError **error);
/* What changes, for people, added to draft->diffs. stack NULL: a new list. */
gboolean draft_add_diff(Draft *draft, char **stack, const char *path, GError **error);
/* The profile of a list file as its source gave it, with every value resolved. The caller owns it.
 */
json_t *list_profile_of(const char *path, GError **error);
