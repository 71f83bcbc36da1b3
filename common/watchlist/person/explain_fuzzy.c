// SPDX-License-Identifier: Apache-2.0
/* Why a listed name was taken for the traveller's, word by word and in plain words. */
#include "match.h"

#include <string.h>

/* The names of both sides, cut into words as they were compared. */
typedef struct {
    WeighedName asked, listed;
    PersonAlignment alignment;
    guint asked_left, listed_left; /* sets of words that found no partner */
} Compared;

static guint
span(guint first, guint words)
{
    return ((1u << words) - 1) << first;
}

static void
compare_names(Compared *compared, const MatchView *view, const Question *question)
{
    const char *whole = view->columns[COLUMN_NAME];
    const char *given = view->columns[COLUMN_GIVEN_NAMES];
    WeighedName *listed = &compared->listed;

    compared->asked = question->person.name;
    listed->words.count = 0;
    dv_name_words_add(&listed->words, *whole != '\0' ? whole : view->columns[COLUMN_SURNAME],
                      *whole == '\0' && *given != '\0' ? DV_NAME_SURNAME : DV_NAME_WHOLE);
    dv_name_words_add(&listed->words, *whole == '\0' ? given : NULL, DV_NAME_GIVEN);
    /* Rarity decided about the hit; for the words of the reasons all weigh the same. */
    memset(listed->weights, 255, sizeof listed->weights);
    person_names_align(&compared->asked, listed, &compared->alignment);
    compared->asked_left = span(0, compared->asked.words.count);
    compared->listed_left = span(0, listed->words.count);
    for (guint i = 0; i < compared->alignment.count; i++) {
        const PersonPair *pair = &compared->alignment.pairs[i];
        compared->asked_left &= ~span(pair->asked, pair->asked_words);
        compared->listed_left &= ~span(pair->listed, pair->listed_words);
    }
}

/* ---- one field */

typedef struct {
    const char *field, *label;
    DvNamePart part;
    int column;
} NameField;
static const NameField split_fields[] = {
    {"surname", "Surname", DV_NAME_SURNAME, COLUMN_SURNAME},
    {"given_names", "Given names", DV_NAME_GIVEN, COLUMN_GIVEN_NAMES},
};
static const NameField whole_field = {"name", "Name", DV_NAME_WHOLE, COLUMN_NAME};

static gboolean
is_of(const NameField *field, const DvNameWord *word)
{
    return field->part == DV_NAME_WHOLE || word->part == field->part;
}

static void
say(GString *text, const char *format, const char *a, const char *b)
{
    if (text->len > 0)
        g_string_append(text, "; ");
    g_string_append_printf(text, "'%s'", a);
    g_string_append(text, format);
    if (b != NULL)
        g_string_append_printf(text, " '%s'", b);
}

static char *
words_text(const DvNameWords *words, guint first, guint count)
{
    return count == 2
               ? g_strdup_printf("%s %s", words->words[first].text, words->words[first + 1].text)
               : g_strdup(words->words[first].text);
}

static void
say_pair(GString *text, const Compared *compared, const PersonPair *pair)
{
    const DvNameWord *asked = &compared->asked.words.words[pair->asked];
    const DvNameWord *listed = &compared->listed.words.words[pair->listed];
    g_autofree char *a = words_text(&compared->asked.words, pair->asked, pair->asked_words);
    g_autofree char *b = words_text(&compared->listed.words, pair->listed, pair->listed_words);

    if (pair->asked_words != pair->listed_words)
        say(text,
            pair->asked_words == 2 ? " is written in two words; listed in one:"
                                   : " is written in one word; listed in two:",
            a, b);
    else if (strcmp(a, b) != 0 && asked->open && g_str_has_prefix(b, a))
        say(text, " may be cut off by the zone; listed", a, b);
    else if (strcmp(a, b) != 0 && (asked->length == 1 || listed->length == 1))
        say(text, " is taken for the initial, or the name, of the listed", a, b);
    else if (strcmp(a, b) != 0)
        say(text, " is read as a spelling of the listed", a, b);
    else if (asked->part != DV_NAME_WHOLE && listed->part != DV_NAME_WHOLE &&
             asked->part != listed->part)
        say(text,
            asked->part == DV_NAME_SURNAME ? " is listed as a given name"
                                           : " is listed as a surname",
            a, NULL);
}

/* Words without a partner. TRUE: there were some. */
static gboolean
say_left(GString *text, const NameField *field, const DvNameWords *words, guint left,
         const char *format)
{
    gboolean any = FALSE;

    for (guint i = 0; i < words->count; i++) {
        if ((left & 1u << i) == 0 || !is_of(field, &words->words[i]))
            continue;
        say(text, format, words->words[i].text, NULL);
        any = TRUE;
    }
    return any;
}

static void
explain_name(DvWatchlistHit *hit, const NameField *field, const Compared *compared,
             const char *document, const char *listed)
{
    g_autoptr(GString) text = g_string_new(NULL);
    DvWatchlistAgreement agreement = DV_WATCHLIST_AGREES;

    if (*document == '\0' && *listed == '\0')
        return;
    if (*document == '\0' || *listed == '\0') {
        explain_add(hit, field->field, DV_WATCHLIST_OMITTED, document, listed,
                    g_strdup_printf("%s: not given by the %s.", field->label,
                                    *document == '\0' ? "document" : "list"));
        return;
    }
    for (guint i = 0; i < compared->alignment.count; i++) {
        const PersonPair *pair = &compared->alignment.pairs[i];
        if (is_of(field, &compared->asked.words.words[pair->asked]))
            say_pair(text, compared, pair);
    }
    if (text->len > 0)
        agreement = DV_WATCHLIST_SIMILAR;
    gboolean more = say_left(text, field, &compared->asked.words, compared->asked_left,
                             " is not in the listed name");
    gboolean less = say_left(text, field, &compared->listed.words, compared->listed_left,
                             " is listed and not in the document");
    if (more && less)
        agreement = DV_WATCHLIST_CONTRADICTS;
    else if ((more || less) && agreement == DV_WATCHLIST_AGREES)
        agreement = DV_WATCHLIST_OMITTED;
    explain_add(
        hit, field->field, agreement, document, listed,
        g_strdup_printf("%s: %s.", field->label, text->len > 0 ? text->str : "the same as listed"));
}

static char *
whole_name(const char *surname, const char *given)
{
    return g_strstrip(g_strconcat(surname, " ", given, NULL));
}

static void
explain_names(DvWatchlistHit *hit, const MatchView *view, const Question *question)
{
    const DvWatchlistSubject *subject = question->subject;
    const char *surname = explain_subject_value(subject, COLUMN_SURNAME);
    const char *given = explain_subject_value(subject, COLUMN_GIVEN_NAMES);
    const char *listed = view->columns[COLUMN_NAME];
    gboolean split = *given != '\0' && *listed == '\0';
    Compared compared;

    compare_names(&compared, view, question);
    for (gsize i = 0; split && i < G_N_ELEMENTS(split_fields); i++) {
        const NameField *field = &split_fields[i];
        explain_name(hit, field, &compared, explain_subject_value(subject, field->column),
                     view->columns[field->column]);
    }
    if (split)
        return;
    g_autofree char *document = whole_name(surname, given);
    g_autofree char *row_name =
        whole_name(view->columns[COLUMN_SURNAME], view->columns[COLUMN_GIVEN_NAMES]);
    explain_name(hit, &whole_field, &compared, document, *listed != '\0' ? listed : row_name);
}

/* ---- the date */

static const struct {
    DvWatchlistAgreement agreement;
    const char *text;
} dates[] = {
    [DATE_SAME] = {DV_WATCHLIST_AGREES, "the same as listed"},
    [DATE_SAME_PART] = {DV_WATCHLIST_SIMILAR, "the same as far as it is known"},
    [DATE_SWAPPED] = {DV_WATCHLIST_SIMILAR, "day and month are swapped"},
    [DATE_NEAR] = {DV_WATCHLIST_SIMILAR, "next to the listed day, month or year"},
    [DATE_ONE_DIGIT] = {DV_WATCHLIST_SIMILAR, "one digit differs from the listed date"},
    [DATE_TRANSPOSED] = {DV_WATCHLIST_SIMILAR, "two digits stand in the other order"},
    [DATE_OTHER_DAY] = {DV_WATCHLIST_CONTRADICTS, "the listed year, but not the listed day"},
    [DATE_OTHER] = {DV_WATCHLIST_CONTRADICTS, "not the one listed"},
    [DATE_UNKNOWN] = {DV_WATCHLIST_OMITTED, "not given by the list"},
};

static void
explain_date(DvWatchlistHit *hit, const MatchView *view, const Question *question)
{
    const char *birth = explain_subject_value(question->subject, COLUMN_BIRTH_DATE);
    const char *listed = view->columns[COLUMN_BIRTH_DATE];
    PersonDate date;

    if (*birth == '\0' && *listed == '\0')
        return;
    person_date_parse(listed, &date);
    PersonDateKind kind = person_date_compare(question->person.date, date);
    gboolean not_asked = kind == DATE_UNKNOWN && question->person.date.year == 0;
    explain_add(hit, "birth_date", dates[kind].agreement, birth, listed,
                g_strdup_printf("Birth date: %s.",
                                not_asked ? "not given by the document" : dates[kind].text));
}

void
explain_likeness(DvWatchlistHit *hit, const MatchView *view, const Question *question)
{
    explain_names(hit, view, question);
    explain_date(hit, view, question);
    explain_side(hit, COLUMN_SEX, view, question);
    explain_side(hit, COLUMN_NATIONALITY, view, question);
    if (view->is_low_alias)
        explain_add(hit, "name", DV_WATCHLIST_SIMILAR, "", "",
                    g_strdup("Listed name: an alias that the list's owner holds to be weak."));
}

void
explain_also(DvWatchlistHit *hit, const MatchView *view, const PersonCandidate *candidate,
             const Question *question)
{
    explain_forget_person(hit);
    hit->score = MAX(hit->score, candidate->score);
    explain_likeness(hit, view, question);
    explain_sort(hit);
}

void
explain_fuzzy(DvWatchlistHit *hit, const MatchView *view, const PersonCandidate *candidate,
              const Question *question)
{
    hit->reasons = g_ptr_array_new_with_free_func(explain_reason_free);
    hit->probable = TRUE;
    hit->score = candidate->score;
    explain_likeness(hit, view, question);
    explain_sort(hit);
}
