// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Names in a form in which spellings of one name come close: words of A-Z from any script, without
 * particles and titles, each with its sounds, its consonant skeleton and a distance between sounds.
 * For approximate comparison only; exact keys are dv_names_normalise's.
 */
#include <darvaza/names.h>

#define DV_NAME_WORDS_MAX 8
#define DV_NAME_WORD_MAX 23 /* letters; longer words are cut */
#define DV_NAME_SKELETON_MAX 15

typedef enum { DV_NAME_WHOLE, DV_NAME_SURNAME, DV_NAME_GIVEN } DvNamePart;

typedef struct {
    char text[DV_NAME_WORD_MAX + 1];  /* A-Z */
    char sound[DV_NAME_WORD_MAX + 1]; /* one letter a sound */
    char skeleton[DV_NAME_SKELETON_MAX + 1];
    guint8 length, sounds, bones; /* of text, sound, skeleton */
    guint8 part;                  /* DvNamePart */
    gboolean open;                /* its end may have been cut off (DvNameWords.cut) */
    guint32 letters;              /* set of the skeleton's letters */
} DvNameWord;

typedef struct {
    DvNameWord words[DV_NAME_WORDS_MAX];
    guint count;
} DvNameWords;

/* Bits of the skeletons' letter pairs: names that sound alike share most of them. */
typedef struct {
    guint64 bits[2];
} DvNameSignature;

/* A-Z words parted by single spaces, as the name is commonly written in Latin letters rather than
 * as Doc 9303 would (ح is H, not XH; Ш is SH). Scripts that this room has no table for go through
 * ICU.
 * "" where nothing is left. NULL: no UTF-8, or longer than DV_NAMES_MAX_BYTES. Caller frees. */
char *dv_names_romanise(const char *text);

/* Adds a name's words, at most DV_NAME_WORDS_MAX in all. Particles ("AL", "BIN", "VAN DE") and
 * titles
 * ("SHEIKH", "COLONEL") are left out unless nothing else would be left. NULL adds nothing. */
void dv_name_words_add(DvNameWords *words, const char *text, DvNamePart part);
/* A name as a machine-readable zone holds it, whose end is cut where it fills a zone's field (39,
 * 31 or 30 characters): the last word is then marked open. */
void dv_name_words_mark_cut(DvNameWords *words, const char *surname, const char *given_names);
/* One word from its letters A-Z. */
void dv_name_word_set(DvNameWord *word, const char *letters, gsize length, DvNamePart part);
/* A word of so few consonants that its vowels tell it apart from others. */
static inline gboolean
dv_name_word_is_short(const DvNameWord *word)
{
    return word->bones <= 2 && word->sounds <= 4;
}
/* Two words written as one ("ABDUL" + "RAHMAN"). FALSE: too long. */
gboolean dv_name_word_join(DvNameWord *joined, const DvNameWord *a, const DvNameWord *b);

void dv_name_signature(const DvNameWords *words, DvNameSignature *signature);
static inline guint
dv_name_signature_count(const DvNameSignature *a)
{
    return (guint)(__builtin_popcountll(a->bits[0]) + __builtin_popcountll(a->bits[1]));
}
static inline guint
dv_name_signature_shared(const DvNameSignature *a, const DvNameSignature *b)
{
    return (guint)(__builtin_popcountll(a->bits[0] & b->bits[0]) +
                   __builtin_popcountll(a->bits[1] & b->bits[1]));
}

#define DV_NAME_EDIT 20       /* what one letter wrong costs */
#define DV_NAME_FAR G_MAXUINT /* not the same word by any spelling */
/* How far two words' sounds are apart, in DV_NAME_EDIT-ths of a wrong letter: vowels and letters
 * that romanisations interchange cost less. DV_NAME_FAR beyond limit. */
guint dv_name_distance(const DvNameWord *a, const DvNameWord *b, guint limit);
