// SPDX-License-Identifier: Apache-2.0
/*
 * Evidence of names, in bits: each pair of words adds as much as the word is rare, less what their
 * spellings differ; words that only one side has were omitted, words that both sides have and that
 * do not pair contradict.
 */
#include "person.h"

#include <math.h>
#include <string.h>

#define EDIT_BITS 3.5     /* what one wrong letter takes off a pair */
#define DISTANCE_BITS 2.5 /* and off the whole */
#define OMITTED_BITS 2.5  /* a word that one side does not have */
#define CONTRADICTED 6.0  /* a word on either side, and they are not the same */
#define CONFLICT_BITS 2.0 /* that beside two words that agree: relatives have such names */
#define JOINED_BITS 0.7   /* two words were written as one */
#define CROSSED_BITS 1.4  /* a surname is the other side's given name */
#define LONE_BITS 2.5     /* one word of several is all that agrees */
#define INITIAL_BITS 3.5  /* the most that a single letter is worth */

/* What a pair's bits are worth in the whole. Very common words are worth nothing, and beyond what a
 * register can tell, rarer is hardly better: words of one name come together, by origin and by
 * family, so that their bits do not simply add up. Found by fitting; docs/person-match.md. */
#define COMMON_BITS 3.0
#define RARE_BITS 10.0
#define WORTH_EACH 1.1
#define WORTH_BEYOND 0.2
#define WORTH_THIRD 0.35 /* of a third word and further ones */

static double
worth(double gain, guint before)
{
    if (gain <= 0)
        return gain;
    double bits = WORTH_EACH * CLAMP(gain - COMMON_BITS, 0, RARE_BITS - COMMON_BITS) +
                  WORTH_BEYOND * MAX(gain - RARE_BITS, 0);
    return before < 2 ? bits : bits * WORTH_THIRD;
}

/* In short words every letter counts, and they stand close together. */
#define SHORT_COST 2.2
#define SHORT_BITS 1.0
#define SKELETON_COST 0.6 /* the consonants are the same */

/* A name of short words alone, as romanised Chinese has them, stands close to many others. */
#define SHORT_NAME_BITS 5.5

typedef struct {
    double gain;
    PersonPair pair;
} Option;
#define OPTIONS_MAX 160

typedef struct {
    const WeighedName *asked, *listed;
    Option options[OPTIONS_MAX];
    guint count;
} Aligner;

/* The most that two words may differ and still be taken for one, by their length. */
static guint
limit_for(const DvNameWord *a, const DvNameWord *b)
{
    guint length = MAX(a->sounds, b->sounds);

    return MIN(length * DV_NAME_EDIT * 3 / 10 + 4, 2 * DV_NAME_EDIT + 10);
}

/* Cheap and never wrong by much: words whose skeletons have hardly a letter in common are not
 * worth a closer look. */
static gboolean
may_pair(const DvNameWord *a, const DvNameWord *b)
{
    int few = MIN(__builtin_popcount(a->letters), __builtin_popcount(b->letters));
    int shared = __builtin_popcount(a->letters & b->letters);

    return shared * 2 >= few || (few <= 2 && ABS(a->sounds - b->sounds) <= 1);
}

/* A word that was cut off at the end of its field begins like the whole one. */
static gboolean
begins(const DvNameWord *open, const DvNameWord *whole)
{
    return open->open && open->length > 0 && open->length < whole->length &&
           strncmp(open->text, whole->text, open->length) == 0;
}

/* Surname for given name and the other way round, where both sides tell them apart. */
static gboolean
is_crossed(const DvNameWord *a, const DvNameWord *b)
{
    return a->part != DV_NAME_WHOLE && b->part != DV_NAME_WHOLE && a->part != b->part;
}

static void
add_option(Aligner *aligner, const DvNameWord *a, const DvNameWord *b, double weight,
           PersonPair pair)
{
    double cost = 0;

    if (begins(a, b)) {
        cost = a->length < 3 ? 0.6 * weight : 0.5;
    } else if ((a->length == 1 || b->length == 1) && a->length != b->length) {
        if (a->text[0] != b->text[0])
            return;
        cost = MAX(weight - INITIAL_BITS, 0);
    } else {
        if (!may_pair(a, b))
            return;
        guint distance = dv_name_distance(a, b, limit_for(a, b));
        if (distance == DV_NAME_FAR)
            return;
        pair.distance = (guint8)MIN(distance, 255);
        cost = distance * EDIT_BITS / DV_NAME_EDIT;
        if (dv_name_word_is_short(a) || dv_name_word_is_short(b)) {
            cost = distance > 0 ? cost * SHORT_COST + SHORT_BITS : 0;
        } else if (a->bones == b->bones && strcmp(a->skeleton, b->skeleton) == 0) {
            cost *= SKELETON_COST;
        }
    }
    if (pair.asked_words + pair.listed_words > 2)
        cost += JOINED_BITS;
    else if (is_crossed(a, b))
        cost += CROSSED_BITS;
    if (weight - cost > -CONTRADICTED && aligner->count < OPTIONS_MAX)
        aligner->options[aligner->count++] = (Option){weight - cost, pair};
}

static double
weight_of(const WeighedName *name, guint word)
{
    return (double)name->weights[word] / WEIGHT_BIT;
}

static void
pair_words(Aligner *aligner)
{
    const DvNameWords *a = &aligner->asked->words, *b = &aligner->listed->words;

    for (guint8 i = 0; i < a->count; i++) {
        for (guint8 j = 0; j < b->count; j++)
            add_option(aligner, &a->words[i], &b->words[j],
                       MIN(weight_of(aligner->asked, i), weight_of(aligner->listed, j)),
                       (PersonPair){i, j, 1, 1, 0});
    }
}

/* Two words of one name against one of the other. */
static void
pair_joined(Aligner *aligner, gboolean asked_has_two)
{
    const WeighedName *two = asked_has_two ? aligner->asked : aligner->listed;
    const WeighedName *one = asked_has_two ? aligner->listed : aligner->asked;

    for (guint8 i = 0; i + 1u < two->words.count; i++) {
        if (is_crossed(&two->words.words[i], &two->words.words[i + 1]))
            continue; /* nobody writes a surname and a given name as one */
        const DvNameWord *first = &two->words.words[i], *second = first + 1;
        guint length = first->length + second->length, bones = first->bones + second->bones;
        DvNameWord joined;
        gboolean made = FALSE;
        for (guint8 j = 0; j < one->words.count; j++) {
            const DvNameWord *other = &one->words.words[j];
            if (((other->length + 3u < length || other->length > length + 3u) &&
                 (other->bones + 1u < bones || other->bones > bones)) ||
                (!made && !dv_name_word_join(&joined, first, second)))
                continue;
            made = TRUE;
            double weight = MIN(weight_of(two, i) + weight_of(two, i + 1), weight_of(one, j));
            if (asked_has_two)
                add_option(aligner, &joined, other, weight, (PersonPair){i, j, 2, 1, 0});
            else
                add_option(aligner, other, &joined, weight, (PersonPair){j, i, 1, 2, 0});
        }
    }
}

static guint
span(guint first, guint words)
{
    return ((1u << words) - 1) << first;
}

static gboolean
is_short_pair(const Aligner *aligner, const PersonPair *pair)
{
    return pair->asked_words + pair->listed_words == 2 &&
           dv_name_word_is_short(&aligner->asked->words.words[pair->asked]) &&
           dv_name_word_is_short(&aligner->listed->words.words[pair->listed]);
}

static gboolean
all_short(const Aligner *aligner, const PersonAlignment *result)
{
    for (guint i = 0; i < result->count; i++) {
        if (!is_short_pair(aligner, &result->pairs[i]))
            return FALSE;
    }
    return TRUE;
}

/* The best options that do not stand in each other's way. */
static void
choose(Aligner *aligner, PersonAlignment *result, guint *asked_used, guint *listed_used)
{
    for (;;) {
        const Option *best = NULL;
        for (guint i = 0; i < aligner->count; i++) {
            const Option *option = &aligner->options[i];
            if ((span(option->pair.asked, option->pair.asked_words) & *asked_used) != 0 ||
                (span(option->pair.listed, option->pair.listed_words) & *listed_used) != 0)
                continue;
            if (best == NULL || option->gain > best->gain)
                best = option;
        }
        if (best == NULL || result->count == DV_NAME_WORDS_MAX)
            return;
        *asked_used |= span(best->pair.asked, best->pair.asked_words);
        *listed_used |= span(best->pair.listed, best->pair.listed_words);
        result->bits +=
            worth(best->gain, result->count) - best->pair.distance * DISTANCE_BITS / DV_NAME_EDIT;
        result->pairs[result->count++] = best->pair;
    }
}

void
person_names_align(const WeighedName *asked, const WeighedName *listed, PersonAlignment *result)
{
    Aligner aligner = {.asked = asked, .listed = listed};
    guint asked_used = 0, listed_used = 0;

    result->count = 0;
    result->bits = 0;
    aligner.count = 0;
    pair_words(&aligner);
    pair_joined(&aligner, TRUE);
    pair_joined(&aligner, FALSE);
    choose(&aligner, result, &asked_used, &listed_used);
    if (all_short(&aligner, result))
        result->bits -= SHORT_NAME_BITS;
    guint left_asked = asked->words.count - (guint)__builtin_popcount(asked_used);
    guint left_listed = listed->words.count - (guint)__builtin_popcount(listed_used);
    guint both = MIN(left_asked, left_listed);
    result->bits -= both * CONTRADICTED;
    if (both > 0 && result->count > 1)
        result->bits -= CONFLICT_BITS;
    result->bits -= (left_asked + left_listed - 2 * both) * OMITTED_BITS;
    if (result->count == 1 && result->pairs[0].asked_words + result->pairs[0].listed_words == 2 &&
        MAX(asked->words.count, listed->words.count) > 1)
        result->bits -= LONE_BITS;
}

double
person_name_weight(const WeighedName *name)
{
    guint8 weights[DV_NAME_WORDS_MAX];
    double bits = 0;

    for (guint i = 0; i < name->words.count; i++) {
        guint at = i;
        for (; at > 0 && weights[at - 1] < name->weights[i]; at--)
            weights[at] = weights[at - 1];
        weights[at] = name->weights[i];
    }
    for (guint i = 0; i < name->words.count; i++)
        bits += worth((double)weights[i] / WEIGHT_BIT, i);
    return bits;
}
