// SPDX-License-Identifier: Apache-2.0
#pragma once
/* One question of darvaza watchlist check: read strictly, so that a slip is not taken for "unknown"
 * and answered with "no hit". */
#include <darvaza/json.h>
#include <darvaza/mrz.h>
#include <darvaza/watchlist.h>

typedef struct {
    DvWatchlistSubject subject; /* points into the members below and the object */
    DvMrz *mrz;                 /* NULL: not asked by its zone */
    char birth_date[12], sex[2], nationality[4], issuing_state[4], document_type[3];
} DvWatchlistQuery;

/* FALSE: refused (DV_ERROR_INVALID); the message names the member and the rule. The query borrows
 * from object. */
gboolean dv_watchlist_query_read(DvWatchlistQuery *query, const json_t *object, gint64 now_us,
                                 GError **error);
void dv_watchlist_query_clear(DvWatchlistQuery *query);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DvWatchlistQuery, dv_watchlist_query_clear)

/* A field of the zone whose check digit fails proves nothing: hits that rest on it become probable,
 * and without a hit the answer is undetermined. */
void dv_watchlist_query_doubt(const DvWatchlistQuery *query, DvWatchlistAnswer *answer);
/* {"verdict", "errors"} of the zone; NULL without one. The caller owns it. */
json_t *dv_watchlist_query_mrz_json(const DvWatchlistQuery *query);
/* The answer is undetermined for one more reason. */
void dv_watchlist_query_undetermine(DvWatchlistAnswer *answer, const char *why);
