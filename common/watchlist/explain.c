// SPDX-License-Identifier: Apache-2.0
#include "keys.h"
#include "match.h"
#include "store/ranges.h"

#include <darvaza/names.h>

/* What a contradiction in a side attribute takes off a hit's score. */
enum { EXACT_SCORE = 1000, FOLDED_SCORE = 800, LESS_FOR_DOUBT = 100, LESS_FOR_CONTRADICTION = 200 };

/* A field as the officer reads it. */
typedef struct {
    const char *field;
    const char *label; /* as the officer reads it */
    int column;
} Field;

static const Field document_fields[] = {
    {"document_number", "Document number", COLUMN_DOCUMENT_NUMBER},
    {"issuing_state", "Issuing state", COLUMN_ISSUING_STATE},
    {"document_type", "Document type", COLUMN_DOCUMENT_TYPE},
};
static const Field person_fields[] = {
    {"surname", "Surname", COLUMN_SURNAME},
    {"given_names", "Given names", COLUMN_GIVEN_NAMES},
    {"name", "Name", COLUMN_NAME},
    {"birth_date", "Birth date", COLUMN_BIRTH_DATE},
    {"sex", "Sex", COLUMN_SEX},
    {"nationality", "Nationality", COLUMN_NATIONALITY},
};

void
explain_reason_free(gpointer data)
{
    DvWatchlistReason *reason = data;

    g_free(reason->document_value);
    g_free(reason->listed_value);
    g_free(reason->text);
    g_free(reason);
}

const char *
explain_subject_value(const DvWatchlistSubject *subject, int column)
{
    const char *value = NULL;

    switch (column) {
    case COLUMN_DOCUMENT_NUMBER:
        value = subject->document_number;
        break;
    case COLUMN_ISSUING_STATE:
        value = subject->issuing_state;
        break;
    case COLUMN_DOCUMENT_TYPE:
        value = subject->document_type;
        break;
    case COLUMN_SURNAME:
        value = subject->surname;
        break;
    case COLUMN_GIVEN_NAMES:
        value = subject->given_names;
        break;
    case COLUMN_BIRTH_DATE:
        value = subject->birth_date;
        break;
    case COLUMN_SEX:
        value = subject->sex;
        break;
    case COLUMN_NATIONALITY:
        value = subject->nationality;
        break;
    default:
        break;
    }
    return value != NULL ? value : "";
}

static char *
whole_name(const DvWatchlistSubject *subject)
{
    return g_strstrip(g_strconcat(explain_subject_value(subject, COLUMN_SURNAME), " ",
                                  explain_subject_value(subject, COLUMN_GIVEN_NAMES), NULL));
}

/* The form in which a field's values are compared; NULL: cannot be compared. Caller frees. */
static char *
comparable(int column, const char *value)
{
    switch (column) {
    case COLUMN_DOCUMENT_NUMBER:
        return watchlist_document_key(value);
    case COLUMN_ISSUING_STATE:
    case COLUMN_NATIONALITY:
        return watchlist_state_key(value);
    case COLUMN_DOCUMENT_TYPE:
        /* The second letter tells kinds of passport apart, and states use it as they like. */
        return g_strndup(value, 1);
    case COLUMN_SURNAME:
    case COLUMN_GIVEN_NAMES:
    case COLUMN_NAME:
        return dv_names_normalise(value);
    default:
        return g_strdup(value);
    }
}

/* '<' in the zone, X elsewhere: the sex is not specified, which contradicts nothing. */
static gboolean
is_unspecified(const char *sex)
{
    return *sex == '<' || *sex == 'X';
}

static DvWatchlistAgreement
compare(int column, const char *document, const char *listed)
{
    if (*document == '\0' || *listed == '\0')
        return DV_WATCHLIST_OMITTED;
    if (column == COLUMN_SEX && (is_unspecified(document) || is_unspecified(listed)))
        return DV_WATCHLIST_OMITTED;
    g_autofree char *a = comparable(column, document);
    g_autofree char *b = comparable(column, listed);
    if (a != NULL && g_strcmp0(a, b) == 0)
        return DV_WATCHLIST_AGREES;
    if (column == COLUMN_DOCUMENT_NUMBER) {
        g_autofree char *x = watchlist_document_fold(document);
        g_autofree char *y = watchlist_document_fold(listed);
        if (x != NULL && g_strcmp0(x, y) == 0)
            return DV_WATCHLIST_SIMILAR;
    }
    return DV_WATCHLIST_CONTRADICTS;
}

static char *
sentence(const Field *field, DvWatchlistAgreement agreement, const char *document)
{
    gboolean by_document =
        *document == '\0' || (field->column == COLUMN_SEX && is_unspecified(document));

    switch (agreement) {
    case DV_WATCHLIST_AGREES:
        return g_strdup_printf("%s: the same as listed.", field->label);
    case DV_WATCHLIST_SIMILAR:
        return g_strdup_printf("%s: the same as listed if look-alikes (O/0, I/1, S/5, B/8, Z/2) "
                               "were confused.",
                               field->label);
    case DV_WATCHLIST_CONTRADICTS:
        return g_strdup_printf("%s: not the one listed.", field->label);
    case DV_WATCHLIST_OMITTED:
        break;
    }
    return g_strdup_printf("%s: %s.", field->label,
                           by_document ? "not given by the document" : "not given by the list");
}

/* ---- a range of numbers in place of one */

static gboolean
is_range(const Field *field, const MatchView *view)
{
    return field->column == COLUMN_DOCUMENT_NUMBER && *view->columns[COLUMN_DOCUMENT_LAST] != '\0';
}

static DvWatchlistAgreement
compare_range(const char *document, const MatchView *view)
{
    g_autofree char *number = watchlist_document_key(document);
    gboolean folded;

    if (number == NULL)
        return DV_WATCHLIST_OMITTED;
    if (!range_holds(view->columns[COLUMN_DOCUMENT_NUMBER], view->columns[COLUMN_DOCUMENT_LAST],
                     number, &folded))
        return DV_WATCHLIST_CONTRADICTS;
    return folded ? DV_WATCHLIST_SIMILAR : DV_WATCHLIST_AGREES;
}

static char *
range_text(const MatchView *view)
{
    return g_strconcat(view->columns[COLUMN_DOCUMENT_NUMBER], "-",
                       view->columns[COLUMN_DOCUMENT_LAST], NULL);
}

static char *
range_sentence(const Field *field, DvWatchlistAgreement agreement, const MatchView *view)
{
    g_autofree char *range = range_text(view);

    if (agreement == DV_WATCHLIST_SIMILAR)
        return g_strdup_printf("%s: within the listed range %s if look-alikes (O/0, I/1, S/5, "
                               "B/8, Z/2) were confused.",
                               field->label, range);
    return g_strdup_printf("%s: %s the listed range %s.", field->label,
                           agreement == DV_WATCHLIST_AGREES ? "within" : "not within", range);
}

void
explain_add(DvWatchlistHit *hit, const char *field, DvWatchlistAgreement agreement,
            const char *document, const char *listed, char *text)
{
    DvWatchlistReason *reason = g_new0(DvWatchlistReason, 1);

    reason->field = field;
    reason->agreement = agreement;
    reason->document_value = g_strdup(document);
    reason->listed_value = g_strdup(listed);
    reason->text = text;
    g_ptr_array_add(hit->reasons, reason);
}

static DvWatchlistAgreement
add_reason(DvWatchlistHit *hit, const Field *field, const MatchView *view,
           const DvWatchlistSubject *subject)
{
    g_autofree char *whole = field->column == COLUMN_NAME ? whole_name(subject) : NULL;
    const char *document = whole != NULL ? whole : explain_subject_value(subject, field->column);
    const char *listed = view->columns[field->column];
    gboolean in_range = is_range(field, view);
    DvWatchlistAgreement agreement =
        in_range ? compare_range(document, view) : compare(field->column, document, listed);

    if (*document == '\0' && *listed == '\0')
        return agreement;
    g_autofree char *range = in_range ? range_text(view) : NULL;
    explain_add(hit, field->field, agreement, document, in_range ? range : listed,
                in_range ? range_sentence(field, agreement, view)
                         : sentence(field, agreement, document));
    return agreement;
}

void
explain_side(DvWatchlistHit *hit, int column, const MatchView *view, const Question *question)
{
    for (gsize i = 0; i < G_N_ELEMENTS(person_fields); i++) {
        if (person_fields[i].column == column)
            add_reason(hit, &person_fields[i], view, question->subject);
    }
}

static void
lower(DvWatchlistHit *hit, guint by)
{
    hit->score -= MIN(hit->score, by);
}

/* A number alone does not make a document: issuer and type must not speak against it, and an issuer
 * must be known on both sides, or the hit is only probable. */
static void
explain_document(DvWatchlistHit *hit, const MatchView *view, const Question *question)
{
    for (gsize i = 0; i < G_N_ELEMENTS(document_fields); i++) {
        const Field *field = &document_fields[i];
        DvWatchlistAgreement agreement = add_reason(hit, field, view, question->subject);
        if (hit->match == DV_WATCHLIST_EXACT_PERSON)
            continue;
        if (agreement == DV_WATCHLIST_CONTRADICTS) {
            hit->probable = TRUE;
            lower(hit, LESS_FOR_CONTRADICTION);
        } else if (agreement == DV_WATCHLIST_OMITTED && field->column == COLUMN_ISSUING_STATE) {
            hit->probable = TRUE;
            lower(hit, LESS_FOR_DOUBT);
        }
    }
}

/* A list that has the whole name in one is not told about the parts, and the other way round. */
static gboolean
is_told(const Field *field, const MatchView *view)
{
    gboolean whole = *view->columns[COLUMN_NAME] != '\0';

    if (field->column == COLUMN_NAME)
        return whole;
    return !whole || (field->column != COLUMN_SURNAME && field->column != COLUMN_GIVEN_NAMES);
}

/* Sex never decides alone, but a name and date with another sex are more likely somebody else. A
 * nationality changes and is not held against a match. */
static void
explain_person(DvWatchlistHit *hit, const MatchView *view, const Question *question)
{
    const DvWatchlistSubject *subject = question->subject;

    if (view->is_low_alias) {
        hit->probable = TRUE;
        lower(hit, LESS_FOR_CONTRADICTION);
    }
    for (gsize i = 0; i < G_N_ELEMENTS(person_fields); i++) {
        const Field *field = &person_fields[i];
        if (!is_told(field, view))
            continue;
        DvWatchlistAgreement agreement = add_reason(hit, field, view, subject);
        if (agreement != DV_WATCHLIST_CONTRADICTS)
            continue;
        if (field->column == COLUMN_SEX) {
            hit->probable = TRUE;
            lower(hit, LESS_FOR_CONTRADICTION);
        } else if (field->column == COLUMN_NATIONALITY) {
            lower(hit, LESS_FOR_DOUBT);
        }
    }
}

/* ---- an exact name and date that many travellers share */

static gboolean
agrees(const DvWatchlistHit *hit, const char *field)
{
    for (guint i = 0; i < hit->reasons->len; i++) {
        const DvWatchlistReason *reason = g_ptr_array_index(hit->reasons, i);
        if (g_str_equal(reason->field, field))
            return reason->agreement == DV_WATCHLIST_AGREES;
    }
    return FALSE;
}

static void
doubt(DvWatchlistHit *hit, const char *field, const char *text)
{
    hit->probable = TRUE;
    lower(hit, LESS_FOR_DOUBT);
    explain_add(hit, field, DV_WATCHLIST_SIMILAR, "", "", g_strdup(text));
}

/* Where a day is not known registers write the first of January, and many people have one word for
 * a name: such an equality is sure only if something else agrees. */
static void
doubt_common(DvWatchlistHit *hit, const Question *question)
{
    const PersonDate date = question->person.date;

    if (hit->match != DV_WATCHLIST_EXACT_PERSON || agrees(hit, "document_number") ||
        (agrees(hit, "sex") && agrees(hit, "nationality")))
        return;
    if (date.month == 1 && date.day == 1)
        doubt(hit, "birth_date",
              "Birth date: the first of January, which stands for an unknown day in many "
              "registers.");
    if (question->person.name.words.count < 2)
        doubt(hit, "name", "Name: one word alone, which many people may bear.");
}

void
explain_forget_person(DvWatchlistHit *hit)
{
    for (guint i = hit->reasons->len; i > 0; i--) {
        const DvWatchlistReason *reason = g_ptr_array_index(hit->reasons, i - 1);
        for (gsize f = 0; f < G_N_ELEMENTS(person_fields); f++) {
            if (!g_str_equal(reason->field, person_fields[f].field))
                continue;
            g_ptr_array_remove_index(hit->reasons, i - 1);
            break;
        }
    }
}

static gint
by_agreement(gconstpointer a, gconstpointer b)
{
    const DvWatchlistReason *x = *(DvWatchlistReason *const *)a;
    const DvWatchlistReason *y = *(DvWatchlistReason *const *)b;

    return (gint)x->agreement - (gint)y->agreement;
}

void
explain_sort(DvWatchlistHit *hit)
{
    g_ptr_array_sort(hit->reasons, by_agreement);
}

void
explain_hit(DvWatchlistHit *hit, const MatchView *view, const Question *question)
{
    hit->reasons = g_ptr_array_new_with_free_func(explain_reason_free);
    hit->probable = hit->match == DV_WATCHLIST_FOLDED_DOCUMENT;
    hit->score = hit->probable ? FOLDED_SCORE : EXACT_SCORE;
    if (hit->match == DV_WATCHLIST_EXACT_PERSON) {
        explain_person(hit, view, question);
        explain_document(hit, view, question);
        doubt_common(hit, question);
    } else {
        explain_document(hit, view, question);
        explain_likeness(hit, view, question);
    }
    explain_sort(hit);
}
