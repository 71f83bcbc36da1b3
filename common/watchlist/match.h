// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Asking one list, and saying why a row matched. */
#include "store/stack.h"

/* Candidates of one question to one layer; more than this set the answer's "capped". */
#define LIST_CANDIDATES 1000

/* The question in the forms that rows are stored under, made once for all lists. */
typedef struct {
    const DvWatchlistSubject *subject;
    char *document_key, *document_fold, *person_key; /* NULL: not asked */
    char *issuing_state;                             /* as watchlist_state_key */
} Question;
void question_init(Question *question, const DvWatchlistSubject *subject);
void question_clear(Question *question);

/* Adds the list's hits (DvWatchlistHit) to hits. FALSE: the query failed. */
gboolean match_list(const ListStack *stack, const Question *question, gint64 now_us,
                    GPtrArray *hits, gboolean *capped, GError **error);
void match_hit_free(gpointer hit);
/* Exact before probable, then force of the action, score, list and alert. */
gint match_compare(gconstpointer a, gconstpointer b);

/* A row as it is held against the question: of its names and documents the one that led to it. */
typedef struct {
    const char *columns[COLUMNS];
    gboolean is_low_alias; /* the name is an alias of low quality */
} MatchView;

/* ---- explain.c: fills reasons, score and probable of a hit */
void explain_hit(DvWatchlistHit *hit, const MatchView *view, const Question *question);
void explain_reason_free(gpointer reason);
