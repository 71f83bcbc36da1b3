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
    gboolean has_name;
    PersonQuery person; /* if has_name; its weights are those of the list being asked */
    gint threshold;     /* of approximate person hits; -1: the list's own */
} Question;
void question_init(Question *question, const DvWatchlistSubject *subject, gint threshold);
void question_clear(Question *question);

/* Adds the list's hits (DvWatchlistHit) to hits. FALSE: the query failed. */
gboolean match_list(const ListStack *stack, Question *question, gint64 now_us, GPtrArray *hits,
                    gboolean *capped, GError **error);
void match_hit_free(gpointer hit);
/* Exact before probable, then force of the action, score, list and alert. */
gint match_compare(gconstpointer a, gconstpointer b);
/* Exact before probable, then score: what stays when there are too many. */
gint match_compare_likeness(gconstpointer a, gconstpointer b);

/* A row as it is held against the question: of its names and documents the one that led to it. */
typedef struct {
    const char *columns[COLUMNS];
    gboolean is_low_alias; /* the name is an alias of low quality */
} MatchView;

/* ---- explain.c: fills reasons, score and probable of a hit */
void explain_hit(DvWatchlistHit *hit, const MatchView *view, const Question *question);
/* The same for an approximate person hit; the view has the name and date that were compared. */
void explain_fuzzy(DvWatchlistHit *hit, const MatchView *view, const PersonCandidate *candidate,
                   const Question *question);
/* A document's hit whose name is like the listed one as well: the better score, both reasons. */
void explain_also(DvWatchlistHit *hit, const MatchView *view, const PersonCandidate *candidate,
                  const Question *question);
/* Adds the reasons of name, date, sex and nationality, compared as an approximate hit compares
 * them. */
void explain_likeness(DvWatchlistHit *hit, const MatchView *view, const Question *question);
/* Takes the reasons of these fields away again. */
void explain_forget_person(DvWatchlistHit *hit);
const char *explain_subject_value(const DvWatchlistSubject *subject, int column);
/* Adds a reason; text is taken over. */
void explain_add(DvWatchlistHit *hit, const char *field, DvWatchlistAgreement agreement,
                 const char *document, const char *listed, char *text);
/* Adds the reason for a side attribute (sex, nationality), compared as in an exact hit. */
void explain_side(DvWatchlistHit *hit, int column, const MatchView *view, const Question *question);
void explain_sort(DvWatchlistHit *hit);
void explain_reason_free(gpointer reason);
