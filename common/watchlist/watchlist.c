// SPDX-License-Identifier: Apache-2.0
#include "match.h"
#include "set.h"

#include <darvaza/clock.h>
#include <darvaza/log.h>
#include <darvaza/watchlist.h>

#include <string.h>

/* Clocks of owner and booth may differ by this much without anybody being wrong. */
#define CLOCK_SLACK_US (G_GINT64_CONSTANT(300) * G_USEC_PER_SEC)

struct DvWatchlist {
    ListSet *set;
    gboolean training;
    gint person_threshold;
    gint64 floor_us;
};

DvWatchlist *
dv_watchlist_open(const char *folder, gboolean training, GError **error)
{
    ListSet *set = list_set_open_folder(folder, error);

    if (set == NULL)
        return NULL;
    DvWatchlist *lists = g_new0(DvWatchlist, 1);
    lists->set = set;
    lists->training = training;
    lists->person_threshold = -1;
    return lists;
}

DvWatchlist *
dv_watchlist_open_files(const char *const *paths, gboolean training)
{
    DvWatchlist *lists = g_new0(DvWatchlist, 1);

    lists->set = list_set_open_files(paths);
    lists->training = training;
    lists->person_threshold = -1;
    return lists;
}

void
dv_watchlist_free(DvWatchlist *lists)
{
    if (lists == NULL)
        return;
    list_set_free(lists->set);
    g_free(lists);
}

void
dv_watchlist_set_training(DvWatchlist *lists, gboolean training)
{
    lists->training = training;
}

ListSet *
watchlist_set(DvWatchlist *lists, gboolean *training)
{
    *training = lists->training;
    return lists->set;
}

void
dv_watchlist_set_person_threshold(DvWatchlist *lists, gint threshold)
{
    lists->person_threshold = CLAMP(threshold, -1, 1000);
}

void
dv_watchlist_set_clock_floor(DvWatchlist *lists, gint64 floor_us)
{
    lists->floor_us = floor_us;
}

/* ---- answers */

static void
list_free(gpointer data)
{
    DvWatchlistList *list = data;

    g_free(list->list_id);
    g_free(list->title);
    g_free(list->owner);
    g_free(list->explanation);
    g_free(list->state_hash);
    g_free(list);
}

void
dv_watchlist_answer_free(DvWatchlistAnswer *answer)
{
    if (answer == NULL)
        return;
    g_ptr_array_unref(answer->lists);
    g_ptr_array_unref(answer->hits);
    g_free(answer->undetermined_because);
    g_free(answer->notice);
    g_free(answer);
}

static DvWatchlistAnswer *
new_answer(void)
{
    DvWatchlistAnswer *answer = g_new0(DvWatchlistAnswer, 1);

    answer->lists = g_ptr_array_new_with_free_func(list_free);
    answer->hits = g_ptr_array_new_with_free_func(match_hit_free);
    answer->determined = TRUE;
    answer->undetermined_because = g_strdup("");
    return answer;
}

/* The first reason stays first; further ones follow it. */
static void
undetermine(DvWatchlistAnswer *answer, const char *because)
{
    answer->determined = FALSE;
    char *joined = *answer->undetermined_because == '\0'
                       ? g_strdup(because)
                       : g_strdup_printf("%s; %s", answer->undetermined_because, because);
    g_free(answer->undetermined_because);
    answer->undetermined_because = joined;
}

static void
fail_list(DvWatchlistAnswer *answer, DvWatchlistList *list, const char *why)
{
    g_autofree char *because = g_strdup_printf("list %s could not be asked", list->list_id);

    list->status = DV_WATCHLIST_FAILED;
    g_free(list->explanation);
    list->explanation = g_strdup_printf("List %s could not be asked: %s", list->list_id, why);
    undetermine(answer, because);
}

static void
judge_age(DvWatchlistAnswer *answer, DvWatchlistList *list, const ListMeta *meta, gint64 now_us)
{
    g_autofree char *expires = dv_time_format(meta->expires_us);

    list->status = DV_WATCHLIST_FRESH;
    list->explanation = g_strdup("");
    if (now_us >= meta->expires_us) {
        g_autofree char *because =
            g_strdup_printf("list %s expired on %.10s", meta->list_id, expires);
        list->status = DV_WATCHLIST_EXPIRED;
        g_free(list->explanation);
        list->explanation =
            g_strdup_printf("List %s expired on %.10s and was not asked.", meta->list_id, expires);
        undetermine(answer, because);
    } else if (now_us >= meta->stale_us) {
        list->status = DV_WATCHLIST_STALE;
        g_free(list->explanation);
        list->explanation =
            g_strdup_printf("List %s is old; it is used until %.10s.", meta->list_id, expires);
    }
}

static DvWatchlistList *
describe(DvWatchlistAnswer *answer, const SetList *asked, gint64 now_us)
{
    DvWatchlistList *list = g_new0(DvWatchlistList, 1);

    g_ptr_array_add(answer->lists, list);
    list->list_id = g_strdup(asked->name);
    list->age_s = -1;
    if (asked->stack == NULL) {
        list->title = g_strdup("");
        list->owner = g_strdup("");
        list->state_hash = g_strdup("");
        fail_list(answer, list, asked->trouble);
        return list;
    }
    const ListMeta *meta = list_stack_meta(asked->stack);
    list->title = g_strdup(meta->title);
    list->owner = g_strdup(meta->owner);
    list->kind = meta->kind;
    list->version = meta->version;
    list->is_training = meta->is_training;
    list->rows = meta->rows;
    list->documents = meta->documents;
    list->persons = meta->persons;
    list->expires_us = meta->expires_us;
    list->state_hash = dv_hex(meta->state.sum, DV_SHA256_SIZE);
    list->age_s = MAX(now_us - meta->generated_us, 0) / G_USEC_PER_SEC;
    judge_age(answer, list, meta, now_us);
    return list;
}

/* Two files of one list: which one counts is not for this program to guess. */
static gboolean
stands_twice(const GPtrArray *all, const SetList *asked)
{
    for (guint i = 0; i < all->len && asked->stack != NULL; i++) {
        const SetList *other = g_ptr_array_index(all, i);
        if (other != asked && other->stack != NULL && g_str_equal(other->name, asked->name))
            return TRUE;
    }
    return FALSE;
}

static void
ask_list(const GPtrArray *all, const SetList *asked, Question *question, gint64 now_us,
         DvWatchlistAnswer *answer)
{
    g_autoptr(GError) error = NULL;
    DvWatchlistList *list = describe(answer, asked, now_us);

    if (list->status == DV_WATCHLIST_FAILED)
        return;
    if (stands_twice(all, asked)) {
        fail_list(answer, list, "it stands in two files");
        return;
    }
    if (question == NULL || list->status == DV_WATCHLIST_EXPIRED)
        return;
    if (!match_list(asked->stack, question, now_us, answer->hits, &answer->capped, &error)) {
        dv_log_warning("watchlist %s: %s", list->list_id, error->message);
        fail_list(answer, list, error->message);
    }
}

static gint
by_id(gconstpointer a, gconstpointer b)
{
    return strcmp((*(DvWatchlistList *const *)a)->list_id, (*(DvWatchlistList *const *)b)->list_id);
}

/* Without a clock that can be trusted no validity can be judged. */
static void
judge_clock(const DvWatchlist *lists, gint64 now_us, DvWatchlistAnswer *answer)
{
    const GPtrArray *all = list_set_lists(lists->set);
    gint64 floor_us = lists->floor_us;

    for (guint i = 0; all != NULL && i < all->len; i++) {
        const SetList *list = g_ptr_array_index(all, i);
        if (list->stack != NULL)
            floor_us = MAX(floor_us, list_stack_meta(list->stack)->generated_us);
    }
    if (now_us + CLOCK_SLACK_US >= floor_us)
        return;
    g_autofree char *floor_text = dv_time_format(floor_us);
    g_autofree char *because = g_strdup_printf("the clock is wrong: it was %s already", floor_text);
    undetermine(answer, because);
}

/* The likeliest stay, whatever is to be done about them: a strong action must not push a weak name
 * before a near-certain one. */
static void
keep_likeliest(DvWatchlistAnswer *answer)
{
    if (answer->hits->len <= DV_WATCHLIST_HITS_MAX)
        return;
    g_ptr_array_sort(answer->hits, match_compare_likeness);
    g_ptr_array_set_size(answer->hits, DV_WATCHLIST_HITS_MAX);
    answer->capped = TRUE;
}

static DvWatchlistAnswer *
answer_all(DvWatchlist *lists, Question *question, gint64 now_us)
{
    DvWatchlistAnswer *answer = new_answer();

    list_set_refresh(lists->set);
    const GPtrArray *all = list_set_lists(lists->set);
    const char *notice = list_set_notice(lists->set), *trouble = list_set_trouble(lists->set);
    answer->release = list_set_release(lists->set);
    answer->notice = g_strdup(notice != NULL ? notice : "");
    judge_clock(lists, now_us, answer);
    for (guint i = 0; all != NULL && i < all->len; i++) {
        const SetList *list = g_ptr_array_index(all, i);
        if (list->stack == NULL || !list_stack_meta(list->stack)->is_training == !lists->training)
            ask_list(all, list, question, now_us, answer);
    }
    if (trouble != NULL)
        undetermine(answer, trouble);
    else if (answer->lists->len == 0)
        undetermine(answer, lists->training ? "there is no training watchlist on this machine"
                                            : "there is no watchlist on this machine");
    g_ptr_array_sort(answer->lists, by_id);
    keep_likeliest(answer);
    g_ptr_array_sort(answer->hits, match_compare);
    return answer;
}

static gboolean
is_given(const char *value)
{
    return value != NULL && *value != '\0';
}

/* Up to here every name is compared, whatever is known of the birth date. */
#define PERSONS_COMPARED (PERSON_SCAN_WITHOUT_DATE / 2)

/* A name that was read but cannot be asked for must not pass for one that is not listed. */
static void
judge_question(DvWatchlistAnswer *answer, const Question *question)
{
    const DvWatchlistSubject *subject = question->subject;
    gboolean persons = FALSE, documents = FALSE, many = FALSE;

    for (guint i = 0; i < answer->lists->len; i++) {
        const DvWatchlistList *list = g_ptr_array_index(answer->lists, i);
        persons |= list->persons > 0;
        many |= list->persons > PERSONS_COMPARED;
        documents |= list->documents > 0;
    }
    answer->asked_document = question->document_key != NULL;
    answer->asked_person = question->has_name;
    if (!answer->asked_document && !answer->asked_person) {
        undetermine(answer, "there is neither a document number nor a name to ask for");
        return;
    }
    if (!answer->asked_person && persons &&
        (is_given(subject->surname) || is_given(subject->given_names)))
        undetermine(answer, "the name is none that can be looked up");
    if (answer->asked_person && many && question->person.date.year == 0)
        undetermine(answer, "without a year of birth only rare names can be found in a long list");
    if (!answer->asked_document && documents && is_given(subject->document_number))
        undetermine(answer, "the document number is none that can be looked up");
}

DvWatchlistAnswer *
dv_watchlist_check(DvWatchlist *lists, const DvWatchlistSubject *subject, gint64 now_us)
{
    Question question;

    question_init(&question, subject, lists->person_threshold);
    DvWatchlistAnswer *answer = answer_all(lists, &question, now_us);
    judge_question(answer, &question);
    question_clear(&question);
    return answer;
}

DvWatchlistAnswer *
dv_watchlist_status(DvWatchlist *lists, gint64 now_us)
{
    return answer_all(lists, NULL, now_us);
}
