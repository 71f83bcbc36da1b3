// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * People who do not exist: names drawn from name lists by origin, independently for the register
 * and for the travellers, and what typists, romanisations and machine-readable zones make of them.
 */
#include <glib.h>

typedef enum {
    ORIGIN_ARABIC,
    ORIGIN_PERSIAN,
    ORIGIN_URDU,
    ORIGIN_BENGALI,
    ORIGIN_INDIAN,
    ORIGIN_TURKIC,
    ORIGIN_SLAVIC,
    ORIGIN_CAUCASIAN,
    ORIGIN_CHINESE,
    ORIGIN_WESTERN,
    ORIGINS,
} Origin;
extern const char *const origin_words[ORIGINS];

#define PERSON_WORDS_MAX 4
typedef struct {
    Origin origin;
    char sex;
    const char *nationality;
    guint year, month, day; /* 0: unknown */
    /* Places in the lists that the words were drawn from, -1: none. */
    int given[PERSON_WORDS_MAX], family[PERSON_WORDS_MAX];
    char surname[96], given_names[96];
    char native[384]; /* the whole name in its own script, "" where the lists have none */
} Person;

typedef struct People People;
/* Name lists from folder (the shared data's watchlist folder), or invented syllables for NULL. */
People *people_new(const char *folder);
void people_free(People *people);
gboolean people_are_real(const People *people);
void people_draw(const People *people, GRand *rand, int origin, Person *person);
/* Another spelling of the person's words, as another office would write them. FALSE: there is none.
 */
gboolean people_respell(const People *people, GRand *rand, const Person *person, char surname[96],
                        char given_names[96]);

typedef enum {
    VARIANT_SAME,
    VARIANT_TYPO,
    VARIANT_ORDER,
    VARIANT_DROPPED,
    VARIANT_ADDED,
    VARIANT_JOINED,
    VARIANT_SPLIT,
    VARIANT_ROMANISED,
    VARIANT_CUT,
    VARIANT_INITIAL,
    VARIANT_NATIVE,
    VARIANT_DATE,
    VARIANT_DATE_PART,
    VARIANT_TWO_TYPOS, /* from here on: two changes at once */
    VARIANT_ROMANISED_DATE,
    VARIANT_TYPO_DATE,
    VARIANTS,
} Variant;
extern const char *const variant_words[VARIANTS];

typedef struct {
    char surname[400], given_names[96], birth_date[16], sex[2];
    const char *nationality;
} Asked;
/* What is asked for a person as listed. */
void asked_init(Asked *asked, const Person *person);
/* FALSE: this person has no such variant (no long name to cut, no word to drop). */
gboolean variant_make(const People *people, GRand *rand, const Person *person, Variant variant,
                      Asked *asked);
