// SPDX-License-Identifier: Apache-2.0
#include "match.h"

#include "keys.h"
#include "store/person_keys.h"
#include "store/ranges.h"

#include <string.h>

void
question_init(Question *question, const DvWatchlistSubject *subject, gint threshold)
{
    question->subject = subject;
    question->document_key = watchlist_document_key(subject->document_number);
    question->document_fold = watchlist_document_fold(subject->document_number);
    question->person_key =
        watchlist_person_key(subject->surname, subject->given_names, subject->birth_date);
    question->issuing_state = watchlist_state_key(subject->issuing_state);
    question->has_name =
        person_query_init(&question->person, subject->surname, subject->given_names,
                          subject->birth_date, subject->sex, subject->nationality);
    question->threshold = threshold;
}

void
question_clear(Question *question)
{
    g_free(question->document_key);
    g_free(question->document_fold);
    g_free(question->person_key);
    g_free(question->issuing_state);
}

/* How a listed document stands to the question. */
typedef enum {
    NUMBER_OTHER,  /* another number, or another state's */
    NUMBER_FOLDED, /* the same once look-alikes count as equal */
    NUMBER_SAME,   /* the issuer is not known on both sides */
    NUMBER_EXACT,
} NumberMatch;

static NumberMatch
match_number(const Question *question, const char *number, const char *last, const char *state)
{
    g_autofree char *issuer = watchlist_state_key(state);
    char folded[DOC_NUMBER_MAX + 1];
    gboolean look_alike = FALSE;

    if (question->document_key == NULL || *number == '\0' ||
        (*issuer != '\0' && *question->issuing_state != '\0' &&
         !g_str_equal(issuer, question->issuing_state)))
        return NUMBER_OTHER;
    if (*last != '\0') {
        if (!range_holds(number, last, question->document_key, &look_alike))
            return NUMBER_OTHER;
    } else if (!g_str_equal(number, question->document_key)) {
        watchlist_document_fold_key(number, folded);
        if (!g_str_equal(folded, question->document_fold))
            return NUMBER_OTHER;
        look_alike = TRUE;
    }
    if (look_alike)
        return NUMBER_FOLDED;
    return *issuer != '\0' && *question->issuing_state != '\0' ? NUMBER_EXACT : NUMBER_SAME;
}

/* Of the row's documents the one that comes nearest to the question takes its place in the view. */
static NumberMatch
view_document(MatchView *view, const json_t *extra, const Question *question)
{
    const json_t *others = json_object_get(extra, "other_documents");
    NumberMatch best =
        match_number(question, view->columns[COLUMN_DOCUMENT_NUMBER],
                     view->columns[COLUMN_DOCUMENT_LAST], view->columns[COLUMN_ISSUING_STATE]);

    for (gsize i = 0; i < json_array_size(others); i++) {
        const json_t *other = json_array_get(others, i);
        const char *number = dv_json_string_or_null(other, "document_number");
        const char *state = dv_json_string_or_null(other, "issuing_state");
        const char *type = dv_json_string_or_null(other, "document_type");
        NumberMatch match = number != NULL
                                ? match_number(question, number, "", state != NULL ? state : "")
                                : NUMBER_OTHER;
        if (match <= best)
            continue;
        best = match;
        view->columns[COLUMN_DOCUMENT_NUMBER] = number;
        view->columns[COLUMN_ISSUING_STATE] = state != NULL ? state : "";
        view->columns[COLUMN_DOCUMENT_TYPE] = type != NULL ? type : "";
    }
    return best;
}

static gboolean
view_person(MatchView *view, const json_t *extra, const Question *question)
{
    PersonName name;

    if (question->person_key == NULL || !g_str_equal(view->columns[COLUMN_SUBJECT], "person") ||
        !person_keys_find(view->columns, extra, question->person_key, &name))
        return FALSE;
    view->columns[COLUMN_SURNAME] = name.surname;
    view->columns[COLUMN_GIVEN_NAMES] = name.given_names;
    view->columns[COLUMN_NAME] = name.name;
    view->columns[COLUMN_BIRTH_DATE] = name.birth_date;
    view->is_low_alias = name.is_low;
    return TRUE;
}

/* Which of the ways led to this row; the strongest wins. FALSE: none did. */
static gboolean
classify(MatchView *view, const json_t *extra, const Question *question, DvWatchlistMatch *match)
{
    NumberMatch number = view_document(view, extra, question);
    gboolean person = view_person(view, extra, question);

    if (number == NUMBER_EXACT)
        *match = DV_WATCHLIST_EXACT_DOCUMENT;
    else if (person)
        *match = DV_WATCHLIST_EXACT_PERSON;
    else if (number == NUMBER_SAME)
        *match = DV_WATCHLIST_EXACT_DOCUMENT; /* the explanation makes it probable */
    else
        *match = DV_WATCHLIST_FOLDED_DOCUMENT;
    return person || number != NUMBER_OTHER;
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
listed_name(const char *const *columns)
{
    const char *surname = columns[COLUMN_SURNAME], *given = columns[COLUMN_GIVEN_NAMES];

    if (*columns[COLUMN_NAME] != '\0')
        return g_strdup(columns[COLUMN_NAME]);
    if (*surname != '\0' && *given != '\0')
        return g_strdup_printf("%s, %s", surname, given);
    return g_strdup(*surname != '\0' ? surname : given);
}

static char *
listed_document(const char *const *columns)
{
    const char *number = columns[COLUMN_DOCUMENT_NUMBER], *last = columns[COLUMN_DOCUMENT_LAST];

    if (*number == '\0')
        return g_strdup("");
    return g_strchomp(g_strconcat(number, *last != '\0' ? "-" : "", last, " ",
                                  columns[COLUMN_ISSUING_STATE], NULL));
}

static DvWatchlistHit *
make_hit(const ListMeta *meta, const ListRow *row, const MatchView *view, DvWatchlistMatch match)
{
    DvWatchlistHit *hit = g_new0(DvWatchlistHit, 1);

    hit->list_id = g_strdup(meta->list_id);
    hit->list_title = g_strdup(meta->title);
    hit->list_version = meta->version;
    hit->alert_id = g_strdup(row->columns[COLUMN_ALERT_ID]);
    hit->is_document = g_str_equal(row->columns[COLUMN_SUBJECT], "document");
    hit->match = match;
    hit->action = parse_action(row->columns[COLUMN_ACTION]);
    hit->confirm_with_owner = meta->kind == DV_WATCHLIST_KIND_LOST_STOLEN;
    hit->is_training = meta->is_training;
    hit->legal_basis = g_strdup(row->columns[COLUMN_LEGAL_BASIS]);
    hit->owner = g_strdup(row->columns[COLUMN_OWNER]);
    hit->purpose = g_strdup(row->columns[COLUMN_PURPOSE]);
    hit->review_date = g_strdup(row->columns[COLUMN_REVIEW_DATE]);
    hit->reason = g_strdup(row->columns[COLUMN_REASON]);
    hit->listed_name = listed_name(row->columns);
    hit->listed_document = listed_document(view->columns);
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

    if (x->probable == y->probable && x->action != y->action)
        return (gint)x->action - (gint)y->action;
    return match_compare_likeness(a, b);
}

gint
match_compare_likeness(gconstpointer a, gconstpointer b)
{
    const DvWatchlistHit *x = *(DvWatchlistHit *const *)a, *y = *(DvWatchlistHit *const *)b;

    if (x->probable != y->probable)
        return x->probable ? 1 : -1;
    if (x->score != y->score)
        return x->score < y->score ? 1 : -1;
    if (x->action != y->action)
        return (gint)x->action - (gint)y->action;
    gint list = strcmp(x->list_id, y->list_id);
    return list != 0 ? list : strcmp(x->alert_id, y->alert_id);
}

/* ---- one list */

typedef struct {
    const ListStack *stack;
    guint layer;
    const Question *question;
    gint64 now_us;
    GPtrArray *hits;
    GArray *seen; /* alerts of this layer that were looked at, gint64 */
    guint candidates;
    gboolean *capped;
} Search;

/* FALSE: the search has had enough of this layer. */
static gboolean
may_look(Search *search)
{
    if (++search->candidates <= LIST_CANDIDATES)
        return TRUE;
    *search->capped = TRUE;
    return FALSE;
}

/* *hidden: the row is not valid now, or a layer above has taken it away. */
static gboolean
counts(const Search *search, const ListRow *row, gboolean *hidden, GError **error)
{
    *hidden = search->now_us < row->from_us || search->now_us >= row->until_us;
    return *hidden || list_stack_hides(search->stack, search->layer, row->columns[COLUMN_ALERT_ID],
                                       hidden, error);
}

static gboolean
consider(Search *search, const ListRow *row, GError **error)
{
    const char *text = row->columns[COLUMN_EXTRA];
    MatchView view = {.is_low_alias = FALSE};
    DvWatchlistMatch match;
    gboolean hidden;

    if (!counts(search, row, &hidden, error))
        return FALSE;
    if (hidden)
        return TRUE;
    g_autoptr(json_t) extra =
        *text != '\0' ? dv_json_parse(text, strlen(text), DV_WATCHLIST_LINE_MAX, error) : NULL;
    if (*text != '\0' && extra == NULL)
        return FALSE;
    memcpy(view.columns, row->columns, sizeof view.columns);
    if (classify(&view, extra, search->question, &match)) {
        DvWatchlistHit *hit = make_hit(list_stack_meta(search->stack), row, &view, match);
        explain_hit(hit, &view, search->question);
        g_ptr_array_add(search->hits, hit);
    }
    return TRUE;
}

static gboolean
consider_alert(Search *search, gint64 alert, GError **error)
{
    ListRow row;

    for (guint i = 0; i < search->seen->len; i++) {
        if (g_array_index(search->seen, gint64, i) == alert)
            return TRUE;
    }
    g_array_append_val(search->seen, alert);
    return list_file_alert(list_stack_layer(search->stack, search->layer), alert, &row, error) &&
           consider(search, &row, error);
}

static gboolean
visit_document(gpointer data, const DocEntry *entry, GError **error)
{
    Search *search = data;
    ListRow row;

    if (!may_look(search))
        return TRUE;
    if (entry->is_alert)
        return consider_alert(search, (gint64)entry->target, error);
    return list_file_entry_row(list_stack_layer(search->stack, search->layer), entry, &row,
                               error) &&
           consider(search, &row, error);
}

static gboolean
search_documents(Search *search, ListFile *file, GError **error)
{
    char number[DOC_NUMBER_MAX + 1];
    DocKey key;

    if (search->question->document_fold == NULL)
        return TRUE;
    g_strlcpy(number, search->question->document_fold, sizeof number);
    do {
        doc_key_init(&key, number);
        if (!list_file_find(file, &key, visit_document, search, error))
            return FALSE;
    } while (list_file_meta(file)->ranges > 0 && range_widen(number));
    return TRUE;
}

static gboolean
search_persons(Search *search, ListFile *file, GError **error)
{
    g_autoptr(GArray) alerts = NULL;

    if (search->question->person_key == NULL)
        return TRUE;
    alerts = g_array_new(FALSE, FALSE, sizeof(gint64));
    if (!list_file_persons(file, search->question->person_key, LIST_CANDIDATES + 1, alerts, error))
        return FALSE;
    for (guint i = 0; i < alerts->len && may_look(search); i++) {
        if (!consider_alert(search, g_array_index(alerts, gint64, i), error))
            return FALSE;
    }
    return TRUE;
}

/* ---- names that are like the one asked for */

static guint
threshold_for(const Question *question, const ListMeta *meta, DvWatchlistAction action)
{
    if (question->threshold >= 0)
        return (guint)question->threshold;
    if (meta->thresholds[action] > 0)
        return meta->thresholds[action];
    return meta->person_threshold > 0 ? meta->person_threshold
                                      : person_default_threshold(&question->person);
}

static guint
least_threshold(const Question *question, const ListMeta *meta)
{
    guint least = threshold_for(question, meta, (DvWatchlistAction)0);

    for (int i = 1; i < DV_WATCHLIST_ACTIONS; i++)
        least = MIN(least, threshold_for(question, meta, (DvWatchlistAction)i));
    return least;
}

static DvWatchlistHit *
hit_already(const GPtrArray *hits, const ListMeta *meta, const char *alert_id)
{
    for (guint i = 0; i < hits->len; i++) {
        DvWatchlistHit *hit = g_ptr_array_index(hits, i);
        if (g_str_equal(hit->alert_id, alert_id) && g_str_equal(hit->list_id, meta->list_id))
            return hit;
    }
    return NULL;
}

/* Only a document that leaves a doubt gains by a name that is like the listed one. */
static gboolean
gains_by_name(const DvWatchlistHit *hit)
{
    return hit->probable && hit->match != DV_WATCHLIST_EXACT_PERSON &&
           hit->match != DV_WATCHLIST_FUZZY_PERSON;
}

/* The name that was found takes the place of the row's own. */
static void
view_candidate(MatchView *view, const json_t *extra, const PersonCandidate *candidate, char *date,
               gsize size)
{
    PersonName name;

    if (person_keys_name(view->columns, extra, candidate->name, &name)) {
        view->columns[COLUMN_SURNAME] = name.surname;
        view->columns[COLUMN_GIVEN_NAMES] = name.given_names;
        view->columns[COLUMN_NAME] = name.name;
    }
    view->is_low_alias = candidate->low_quality;
    person_date_text(candidate->date, date, size);
    view->columns[COLUMN_BIRTH_DATE] = date;
}

static gboolean
consider_candidate(Search *search, const PersonCandidate *candidate, GError **error)
{
    const ListMeta *meta = list_stack_meta(search->stack);
    MatchView view = {.is_low_alias = FALSE};
    gboolean hidden;
    char date[PERSON_DATE_SIZE];
    ListRow row;

    if (!list_file_alert(list_stack_layer(search->stack, search->layer), candidate->alert, &row,
                         error) ||
        !counts(search, &row, &hidden, error))
        return FALSE;
    DvWatchlistHit *before = hit_already(search->hits, meta, row.columns[COLUMN_ALERT_ID]);
    if (hidden || (before != NULL && !gains_by_name(before)) ||
        candidate->score <
            threshold_for(search->question, meta, parse_action(row.columns[COLUMN_ACTION])))
        return TRUE;
    const char *text = row.columns[COLUMN_EXTRA];
    g_autoptr(json_t) extra =
        *text != '\0' ? dv_json_parse(text, strlen(text), DV_WATCHLIST_LINE_MAX, error) : NULL;
    if (*text != '\0' && extra == NULL)
        return FALSE;
    memcpy(view.columns, row.columns, sizeof view.columns);
    view_candidate(&view, extra, candidate, date, sizeof date);
    if (before != NULL) {
        explain_also(before, &view, candidate, search->question);
        return TRUE;
    }
    DvWatchlistHit *hit = make_hit(meta, &row, &view, DV_WATCHLIST_FUZZY_PERSON);
    g_free(hit->listed_name);
    hit->listed_name = listed_name(view.columns);
    explain_fuzzy(hit, &view, candidate, search->question);
    g_ptr_array_add(search->hits, hit);
    return TRUE;
}

static gboolean
search_names(Search *search, ListFile *file, guint threshold, GError **error)
{
    g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(PersonCandidate));

    if (!person_index_find(list_file_person_index(file), &search->question->person, threshold,
                           found, search->capped, error))
        return FALSE;
    for (guint i = 0; i < found->len; i++) {
        if (!consider_candidate(search, &g_array_index(found, PersonCandidate, i), error))
            return FALSE;
    }
    return TRUE;
}

/* How rare a name is, the list says as a whole. */
static gboolean
weigh(const ListStack *stack, Question *question, GError **error)
{
    PersonIndex *indexes[STACK_LAYERS_MAX];

    for (guint i = 0; i < stack->layers->len; i++)
        indexes[i] = list_file_person_index(list_stack_layer(stack, i));
    return person_query_weigh(&question->person, indexes, stack->layers->len, error);
}

gboolean
match_list(const ListStack *stack, Question *question, gint64 now_us, GPtrArray *hits,
           gboolean *capped, GError **error)
{
    g_autoptr(GArray) seen = g_array_new(FALSE, FALSE, sizeof(gint64));
    guint layers = stack->layers->len;

    for (guint i = 0; i < layers; i++) {
        ListFile *file = list_stack_layer(stack, i);
        Search search = {stack, i, question, now_us, hits, seen, 0, capped};
        g_array_set_size(seen, 0);
        if (!search_documents(&search, file, error) || !search_persons(&search, file, error))
            return FALSE;
    }
    if (!question->has_name || list_stack_meta(stack)->persons == 0)
        return TRUE;
    if (!weigh(stack, question, error))
        return FALSE;
    guint threshold = least_threshold(question, list_stack_meta(stack));
    for (guint i = 0; i < layers; i++) {
        Search search = {stack, i, question, now_us, hits, seen, 0, capped};
        if (!search_names(&search, list_stack_layer(stack, i), threshold, error))
            return FALSE;
    }
    return TRUE;
}
