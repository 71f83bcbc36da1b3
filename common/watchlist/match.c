// SPDX-License-Identifier: Apache-2.0
#include "match.h"

#include "keys.h"

#include <string.h>

void
question_init(Question *question, const DvWatchlistSubject *subject)
{
    question->subject = subject;
    question->document_key = watchlist_document_key(subject->document_number);
    question->document_fold = watchlist_document_fold(subject->document_number);
    question->person_key =
        watchlist_person_key(subject->surname, subject->given_names, subject->birth_date);
    question->issuing_state = watchlist_state_key(subject->issuing_state);
}

void
question_clear(Question *question)
{
    g_free(question->document_key);
    g_free(question->document_fold);
    g_free(question->person_key);
    g_free(question->issuing_state);
}

const char *
match_column(sqlite3_stmt *row, int column)
{
    const char *text = (const char *)sqlite3_column_text(row, column);

    return text != NULL ? text : "";
}

/* Which of the three ways led to this row; the strongest wins. FALSE: the number is the same, but
 * another state's. */
static gboolean
classify(sqlite3_stmt *row, const Question *question, DvWatchlistMatch *match)
{
    g_autofree char *issuer = watchlist_state_key(match_column(row, COLUMN_ISSUING_STATE));
    gboolean other_issuer = *issuer != '\0' && *question->issuing_state != '\0' &&
                            !g_str_equal(issuer, question->issuing_state);
    gboolean person = question->person_key != NULL &&
                      g_str_equal(match_column(row, ASK_PERSON_KEY), question->person_key);
    gboolean same = !other_issuer && question->document_key != NULL &&
                    g_str_equal(match_column(row, ASK_DOCUMENT_KEY), question->document_key);
    gboolean folded = !other_issuer && question->document_fold != NULL &&
                      g_str_equal(match_column(row, ASK_DOCUMENT_FOLD), question->document_fold);

    if (same && *issuer != '\0' && *question->issuing_state != '\0')
        *match = DV_WATCHLIST_EXACT_DOCUMENT;
    else if (person)
        *match = DV_WATCHLIST_EXACT_PERSON;
    else if (same)
        *match = DV_WATCHLIST_EXACT_DOCUMENT; /* the explanation makes it probable */
    else
        *match = DV_WATCHLIST_FOLDED_DOCUMENT;
    return same || person || folded;
}

static DvWatchlistAction
parse_action(const char *word)
{
    for (int i = 0; i < DV_WATCHLIST_ACTIONS; i++) {
        if (g_str_equal(word, dv_watchlist_action_word((DvWatchlistAction)i)))
            return (DvWatchlistAction)i;
    }
    /* A list file is checked when it is built; should a word be unknown all the same, the officer
     * is asked to refer rather than left without an answer. */
    return DV_WATCHLIST_STOP_REFER;
}

static char *
listed_name(sqlite3_stmt *row)
{
    const char *surname = match_column(row, COLUMN_SURNAME);
    const char *given = match_column(row, COLUMN_GIVEN_NAMES);

    if (*surname != '\0' && *given != '\0')
        return g_strdup_printf("%s, %s", surname, given);
    return g_strdup(*surname != '\0' ? surname : given);
}

static char *
listed_document(sqlite3_stmt *row)
{
    const char *number = match_column(row, COLUMN_DOCUMENT_NUMBER);
    const char *issuer = match_column(row, COLUMN_ISSUING_STATE);

    return *number != '\0' ? g_strstrip(g_strdup_printf("%s %s", number, issuer)) : g_strdup("");
}

static DvWatchlistHit *
make_hit(const ListFile *file, sqlite3_stmt *row, DvWatchlistMatch match, const Question *question)
{
    DvWatchlistHit *hit = g_new0(DvWatchlistHit, 1);

    hit->list_id = g_strdup(file->list_id);
    hit->list_title = g_strdup(file->title);
    hit->list_version = file->version;
    hit->alert_id = g_strdup(match_column(row, COLUMN_ALERT_ID));
    hit->is_document = g_str_equal(match_column(row, COLUMN_SUBJECT), "document");
    hit->match = match;
    hit->action = parse_action(match_column(row, COLUMN_ACTION));
    hit->confirm_with_owner = file->kind == DV_WATCHLIST_KIND_LOST_STOLEN;
    hit->is_training = file->is_training;
    hit->legal_basis = g_strdup(match_column(row, COLUMN_LEGAL_BASIS));
    hit->owner = g_strdup(match_column(row, COLUMN_OWNER));
    hit->purpose = g_strdup(match_column(row, COLUMN_PURPOSE));
    hit->review_date = g_strdup(match_column(row, COLUMN_REVIEW_DATE));
    hit->reason = g_strdup(match_column(row, COLUMN_REASON));
    hit->listed_name = listed_name(row);
    hit->listed_document = listed_document(row);
    explain_hit(hit, row, question);
    return hit;
}

void
match_hit_free(gpointer data)
{
    DvWatchlistHit *hit = data;

    g_free(hit->list_id);
    g_free(hit->list_title);
    g_free(hit->alert_id);
    g_free(hit->legal_basis);
    g_free(hit->owner);
    g_free(hit->purpose);
    g_free(hit->review_date);
    g_free(hit->reason);
    g_free(hit->listed_name);
    g_free(hit->listed_document);
    g_ptr_array_unref(hit->reasons);
    g_free(hit);
}

gint
match_compare(gconstpointer a, gconstpointer b)
{
    const DvWatchlistHit *x = *(DvWatchlistHit *const *)a, *y = *(DvWatchlistHit *const *)b;

    if (x->probable != y->probable)
        return x->probable ? 1 : -1;
    if (x->action != y->action)
        return (gint)x->action - (gint)y->action;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    gint list = strcmp(x->list_id, y->list_id);
    return list != 0 ? list : strcmp(x->alert_id, y->alert_id);
}

gboolean
match_list(ListFile *file, const Question *question, gint64 now_us, GPtrArray *hits,
           gboolean *capped, GError **error)
{
    sqlite3_stmt *ask = file->ask;
    guint candidates = 0;
    gboolean row = FALSE;

    sqlite3_bind_text(ask, 1, question->document_key, -1, SQLITE_STATIC);
    sqlite3_bind_text(ask, 2, question->document_fold, -1, SQLITE_STATIC);
    sqlite3_bind_text(ask, 3, question->person_key, -1, SQLITE_STATIC);
    sqlite3_bind_int64(ask, 4, now_us);
    for (;;) {
        DvWatchlistMatch match;
        if (!dv_sqlite_step(ask, &row, error)) {
            sqlite3_clear_bindings(ask);
            return FALSE;
        }
        if (!row)
            break;
        if (++candidates > LIST_CANDIDATES)
            *capped = TRUE;
        else if (classify(ask, question, &match))
            g_ptr_array_add(hits, make_hit(file, ask, match, question));
    }
    /* Nothing of a traveller stays behind in the statement. */
    sqlite3_clear_bindings(ask);
    return TRUE;
}
