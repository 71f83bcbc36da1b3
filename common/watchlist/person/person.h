// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The person index of a list file: names by birth date, with signatures to sift by, and word
 * postings for questions without a date. Tables and rows: docs/formats/watchlist-file.md. How a
 * score comes about: docs/person-match.md.
 */
#include <darvaza/name_match.h>
#include <darvaza/sqlite.h>
#include <darvaza/watchlist.h>

/* ---- dates */
typedef struct {
    guint16 year;      /* 0: unknown */
    guint8 month, day; /* 0: unknown */
} PersonDate;
/* FALSE: no date (then all unknown). Takes YYYY-MM-DD with X for unknown digits. */
gboolean person_date_parse(const char *text, PersonDate *date);

/* As it stands in a list: YYYY-MM-DD with XX for what is unknown; "" for none. */
#define PERSON_DATE_SIZE 16
void person_date_text(PersonDate date, char *text, gsize size);

typedef enum {
    DATE_SAME,
    DATE_SAME_PART,  /* all that both sides know is the same, but one knows less */
    DATE_SWAPPED,    /* day and month */
    DATE_NEAR,       /* a day or two, a month or a year away */
    DATE_ONE_DIGIT,  /* one digit is another */
    DATE_TRANSPOSED, /* two neighbouring digits stand in the other order */
    DATE_OTHER_DAY,  /* the year agrees, day and month do not */
    DATE_OTHER,      /* contradicts */
    DATE_UNKNOWN,    /* one side knows nothing */
} PersonDateKind;
PersonDateKind person_date_compare(PersonDate asked, PersonDate listed);
/* Evidence in bits: how much likelier this pair of dates is for one person than for two. */
double person_date_bits(PersonDateKind kind, PersonDate asked, PersonDate listed);
/* Every date that the asked one may stand for, best evidence first. */
#define PERSON_DATES_MAX 160
guint person_date_candidates(PersonDate asked, PersonDate dates[PERSON_DATES_MAX]);

/* ---- evidence of names */
/* Weights are in eighths of a bit: -log2 of the share of listed names that have such a word. */
#define WEIGHT_BIT 8
typedef struct {
    DvNameWords words;
    guint8 weights[DV_NAME_WORDS_MAX];
} WeighedName;
/* How words of a question and a listed name were paired, for the explanation. */
typedef struct {
    guint8 asked, listed;             /* first word of each side */
    guint8 asked_words, listed_words; /* 2: two words were read as one */
    guint8 distance;                  /* DV_NAME_EDIT-ths */
} PersonPair;
typedef struct {
    PersonPair pairs[DV_NAME_WORDS_MAX];
    guint count;
    double bits;
} PersonAlignment;
void person_names_align(const WeighedName *asked, const WeighedName *listed,
                        PersonAlignment *result);
/* What a name can weigh at most. */
double person_name_weight(const WeighedName *name);
/* The weight of a word whose skeleton count of the list's names have. */
guint8 person_word_weight(const DvNameWord *word, gint64 count, gint64 names);

/* ---- the question, made once for all lists */
typedef struct {
    WeighedName name; /* weights are the list's, set by person_query_weigh */
    gint64 names;     /* of the list */
    DvNameSignature signature;
    PersonDate date;
    char sex;            /* 'F', 'M', 'X', or 0 */
    guint16 nationality; /* person_nationality, 0: none */
    guint date_count;
    PersonDate dates[PERSON_DATES_MAX];
} PersonQuery;
/* FALSE: there is no name to ask for. NULL or "": not known. */
gboolean person_query_init(PersonQuery *query, const char *surname, const char *given_names,
                           const char *birth_date, const char *sex, const char *nationality);
/* A three-letter code as a number; 0: none. */
guint16 person_nationality(const char *code);

/* ---- writing */
typedef struct {
    const char *surname, *given_names; /* or all of it in surname */
    gboolean low_quality;
} PersonEntryName;
typedef struct {
    const PersonEntryName *names; /* the row's own first, then its aliases in order */
    guint name_count;
    const char *const *birth_dates; /* "" and NULL: unknown */
    guint date_count;
    const char *sex;
    const char *const *nationalities;
    guint nationality_count;
} PersonEntry;
typedef struct PersonWriter PersonWriter;
/* Makes the tables in db; its rows fit pages of 4,096 bytes. folder: for nameless files while it is
 * written. Within one transaction of the caller's it is fast. */
PersonWriter *person_writer_new(sqlite3 *db, const char *folder, GError **error);
gboolean person_writer_add(PersonWriter *writer, gint64 alert, const PersonEntry *entry,
                           GError **error);
gboolean person_writer_finish(PersonWriter *writer, GError **error);
void person_writer_free(PersonWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PersonWriter, person_writer_free)

/* ---- asking */
typedef struct {
    gint64 alert;
    guint score; /* 0..999 */
    guint8 name; /* which of the entry's names: 0 its own, else alias name - 1 */
    gboolean low_quality;
    PersonDate date; /* the listed one that was compared */
    PersonDateKind date_kind;
    double name_bits;
} PersonCandidate;
typedef struct PersonIndex PersonIndex;
/* NULL with error; a list without persons has an index all the same. db must outlive it. */
PersonIndex *person_index_open(sqlite3 *db, GError **error);
void person_index_free(PersonIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PersonIndex, person_index_free)
gint64 person_index_names(const PersonIndex *index);
/* Weighs the question's words by how rare they are in a list, which may have several layers, each
 * with an index of its own. Once per list, before the layers are asked. */
gboolean person_query_weigh(PersonQuery *query, PersonIndex *const *indexes, guint count,
                            GError **error);
#define PERSON_SCAN_WITHOUT_DATE 20000 /* names; an index up to here is read whole */
/* Of a question that was weighed, where neither the list nor the caller says another: lower on
 * short lists when it has no date (docs/person-match.md). */
guint person_default_threshold(const PersonQuery *query);
/* Adds the best candidate of every alert that reaches threshold (0..1000), best first, at most
 * PERSON_CANDIDATES_MAX; *capped is set when there were more. A damaged index is DV_ERROR_CORRUPT.
 */
#define PERSON_CANDIDATES_MAX 200
gboolean person_index_find(PersonIndex *index, const PersonQuery *query, guint threshold,
                           GArray *candidates, gboolean *capped, GError **error);

/* Threshold of a question with a date where neither the profile nor the caller gives one. */
#define PERSON_THRESHOLD DV_WATCHLIST_PERSON_THRESHOLD
