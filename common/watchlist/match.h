// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Asking one list file, and saying why a row matched. */
#include "list_file.h"

/* The question in the forms that rows are stored under, made once for all lists. */
typedef struct {
    const DvWatchlistSubject *subject;
    char *document_key, *document_fold, *person_key; /* NULL: not asked */
    char *issuing_state;                             /* as watchlist_state_key */
} Question;
void question_init(Question *question, const DvWatchlistSubject *subject);
void question_clear(Question *question);

/* Adds the list's hits (DvWatchlistHit) to hits. FALSE: the query failed. */
gboolean match_list(ListFile *file, const Question *question, gint64 now_us, GPtrArray *hits,
                    gboolean *capped, GError **error);
void match_hit_free(gpointer hit);
/* Exact before probable, then force of the action, score, list and alert. */
gint match_compare(gconstpointer a, gconstpointer b);

/* ---- explain.c: fills reasons, score and probable of a hit from the row that ask stands on */
void explain_hit(DvWatchlistHit *hit, sqlite3_stmt *row, const Question *question);
void explain_reason_free(gpointer reason);
const char *match_column(sqlite3_stmt *row, int column); /* "" for NULL */
