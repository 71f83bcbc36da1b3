// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Makes the draft of a release: packages, envelopes, statements, the unsigned release, and what
 * people look at before they sign. */
#include "list_repo.h"
#include <darvaza/watchlist.h>

typedef struct {
    ListRepo *repo;
    GPtrArray *lists;       /* char *: new list files */
    GPtrArray *statements;  /* char *: signed statement files, where the owner signed elsewhere */
    GPtrArray *canary;      /* char *: kiosks */
    GArray *steps;          /* guint */
    const char *kiosks;     /* folder of <ID>/lists.pem */
    const char *centre;     /* certificate of the centre's own lists key; NULL: none */
    const DvKey *owner_key; /* signs statements right here; NULL: they are in statements */
    gint64 days;            /* of the release */
    gboolean urgent;
    gboolean whole; /* new full packages even where an update would do */
} DraftPlan;

/* The new release's number, or 0 with an error; then nothing of it is left. */
gint64 list_draft_make(const DraftPlan *plan, GError **error);

/* The owner's statement of a list file, unsigned, for 30 days from now: with rows that must be
 * found: up to four alerts on the invented state UTO whose id begins with CANARY-.
 * legal_basis, purpose: NULL: those of the first row. DV_ERROR_INVALID where no row must be found.
 */
GBytes *list_statement_make(const char *path, const char *legal_basis, const char *purpose,
                            GError **error);
/* Signed by the key, which root must allow for this list. */
GBytes *list_statement_sign(GBytes *statement, const DvTrustRoot *root, const DvKey *key,
                            GError **error);
/* Whether the question yields the alert: a row that must be found. */
gboolean list_finds(DvWatchlist *lists, const json_t *query, const char *alert_id);
