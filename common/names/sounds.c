// SPDX-License-Identifier: Apache-2.0
/*
 * From letters to sounds, skeletons and distances. A sound is one letter: digraphs that stand for
 * one consonant become a small letter, so that a spelling with two letters is one edit away at
 * most.
 */
#include <darvaza/name_match.h>

#include <pthread.h>
#include <string.h>

/* What romanisations and typists interchange, with the cost in twentieths of an edit. */
static const char *const close_pairs[] = {
    "AE4", "AO6", "AI8", "AU8", "EI3", "EO8", "EU8", "IO8", "IU8", "OU2", "IY1", "EY4", "AY8",
    "UW3", "OW4", "UY8", "UV8", "VW2", "BV8", "BW9", "BP8", "PF8", "FV8", "KQ1", "CK2", "CQ3",
    "KG8", "QG5", "Qg6", "Gg1", "Kx6", "Hx2", "Qx7", "Ss5", "SZ5", "Sz8", "SC4", "Sc8", "sc8",
    "Zz6", "Jz3", "JG6", "JY6", "Jc9", "CJ7", "Cc3", "Cs7", "cK9", "ZD6", "Zd3", "Jd9", "JZ6",
    "Dd1", "DT8", "Tt1", "tS4", "td8", "XK5", "Xx4", "XS7", "Xs7", "MN9", "HX5", "gR9", "gH8",
    "LR9", "JI7", "IJ7", "HK9", "dT8", "xg7", "zs8", "nN6",
};

/* Copied from once. */
static guint8 substitute[128][128];
static guint8 leave_out[128];

static void
fill_costs(void)
{
    for (int a = 0; a < 128; a++) {
        for (int b = 0; b < 128; b++)
            substitute[a][b] = a == b ? 0 : DV_NAME_EDIT;
        leave_out[a] = DV_NAME_EDIT;
    }
    for (gsize i = 0; i < G_N_ELEMENTS(close_pairs); i++) {
        int a = close_pairs[i][0], b = close_pairs[i][1];
        substitute[a][b] = substitute[b][a] = (guint8)(close_pairs[i][2] - '0');
    }
    for (const char *c = "AEIOU"; *c != '\0'; c++)
        leave_out[(int)*c] = 6;
    leave_out['Y'] = 6;
    leave_out['W'] = 8;
    leave_out['H'] = 6;
}

static void
prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;

    pthread_once(&once, fill_costs);
}

/* Digraphs that stand for one consonant, after their first letter; longest first. The capital is
 * the sound where it is no small letter; none: they are no digraph (KSH). s SH, c CH, x KH, g GH, z
 * ZH, t TH, d DH, n a last NG. */
typedef struct {
    const char *rest;
    char sound;
} Digraph;
static const Digraph digraphs[26][4] = {
    ['C' - 'A'] = {{"H", 'c'}, {"K", 'K'}},
    ['D' - 'A'] = {{"SCH", 'J'}, {"ZH", 'J'}, {"H", 'd'}, {"J", 'J'}},
    ['E' - 'A'] = {{"E", 'I'}},
    ['G' - 'A'] = {{"H", 'g'}},
    ['K' - 'A'] = {{"SH", 0}, {"SCH", 0}, {"H", 'x'}, {"S", 'X'}},
    ['O' - 'A'] = {{"U", 'U'}, {"O", 'U'}},
    ['P' - 'A'] = {{"H", 'F'}},
    ['S' - 'A'] = {{"CHTSCH", 's'}, {"HCH", 's'}, {"CH", 's'}, {"H", 's'}},
    ['T' - 'A'] = {{"SCH", 'c'}, {"CH", 'c'}, {"H", 't'}},
    ['Z' - 'A'] = {{"H", 'z'}},
};

/* letters ends with NUL. */
static char
next_sound(const char *letters, gsize *taken)
{
    const Digraph *row = digraphs[letters[0] - 'A'];

    for (guint i = 0; i < 4 && row[i].rest != NULL; i++) {
        const char *rest = row[i].rest;
        gsize length = 0;
        while (rest[length] != '\0' && letters[1 + length] == rest[length])
            length++;
        if (rest[length] == '\0') {
            *taken = row[i].sound != 0 ? length + 1 : 1;
            return row[i].sound != 0 ? row[i].sound : letters[0];
        }
    }
    if (letters[0] == 'N' && letters[1] == 'G' && letters[2] == '\0') {
        *taken = 2; /* WANG, ZHANG: one sound, and only at the end */
        return 'n';
    }
    *taken = 1;
    return letters[0];
}

/* The skeleton's letter for every sound, 0 for vowels and half vowels. */
static const char bones[128] = {
    ['B'] = 'B', ['C'] = 'K', ['D'] = 'D', ['F'] = 'F', ['G'] = 'G', ['H'] = 'H', ['J'] = 'J',
    ['K'] = 'K', ['L'] = 'L', ['M'] = 'M', ['N'] = 'N', ['P'] = 'B', ['Q'] = 'K', ['R'] = 'R',
    ['S'] = 'S', ['T'] = 'T', ['V'] = 'V', ['X'] = 'K', ['Z'] = 'S', ['s'] = 'S', ['c'] = 'C',
    ['x'] = 'H', ['g'] = 'G', ['z'] = 'J', ['t'] = 'T', ['d'] = 'D', ['n'] = 'N',
};

static void
add_bone(DvNameWord *word, char letter)
{
    if (letter == '\0' || word->bones == DV_NAME_SKELETON_MAX ||
        (word->bones > 0 && word->skeleton[word->bones - 1] == letter))
        return;
    word->skeleton[word->bones++] = letter;
    word->letters |= 1u << (letter - 'A');
}

/* Vowels carry a skeleton's first letter only, where all of them count as one. */
static void
add_skeleton(DvNameWord *word)
{
    for (guint i = 0; i < word->sounds; i++) {
        char letter = bones[(guchar)word->sound[i]];
        if (i == 0 && letter == '\0')
            letter = word->sound[0] == 'Y' ? 'Y' : word->sound[0] == 'W' ? 'V' : 'A';
        if (word->sound[i] == 'H' && i > 0 && i + 1 == word->sounds)
            letter = '\0';
        add_bone(word, letter);
    }
}

/* A Slavic name as German and Polish write it: W is V there, J is Y. Asked of every word that is
 * read, so that words without these letters must cost nothing. */
static gboolean
is_western_slavic(const char *word, gsize length)
{
    static const struct {
        char letters[6];
        guint8 length;
    } endings[] = {{"OW", 2},    {"EW", 2},    {"OWA", 3},   {"EWA", 3},
                   {"OWSKI", 5}, {"EWSKI", 5}, {"OWSKY", 5}, {"EWSKY", 5},
                   {"OWICZ", 5}, {"EWICZ", 5}, {"IJ", 2},    {"EJ", 2}};
    static const char *const others[] = {"ANDREW", "BARTHOLOMEW", "MATHEW", "MATTHEW"};
    const char *end = word + length;

    if (length < 4 || (memchr(word, 'W', length) == NULL && memchr(word, 'J', length) == NULL))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(endings); i++) {
        gsize size = endings[i].length;
        if (end[-1] != endings[i].letters[size - 1] || length < size ||
            memcmp(end - size, endings[i].letters, size) != 0)
            continue;
        for (gsize k = 0; k < G_N_ELEMENTS(others); k++) {
            if (strcmp(word, others[k]) == 0)
                return FALSE;
        }
        return TRUE;
    }
    return strstr(word, "TSCH") != NULL;
}

/* A first TS is the Z of others; the first W is a consonant everywhere. */
static char
sound_at(const char *word, gsize at, gboolean western, gsize *taken)
{
    if (at == 0 && word[0] == 'T' && word[1] == 'S' && word[2] != 'C' && word[2] != 'H') {
        *taken = 2;
        return 'Z';
    }
    char sound = next_sound(word + at, taken);
    if (western && sound == 'W')
        return 'V';
    return western && sound == 'J' && *taken == 1 ? 'Y' : sound;
}

void
dv_name_word_set(DvNameWord *word, const char *letters, gsize length, DvNamePart part)
{
    gsize taken = 0;

    *word = (DvNameWord){.part = (guint8)part};
    length = MIN(length, DV_NAME_WORD_MAX);
    for (gsize i = 0; i < length; i++) {
        if (!g_ascii_isupper(letters[i]))
            length = i;
        else
            word->text[i] = letters[i];
    }
    word->length = (guint8)length;
    gboolean western = is_western_slavic(word->text, length);
    for (gsize at = 0; at < length; at += taken) {
        char sound = sound_at(word->text, at, western, &taken);
        if (word->sounds == 0 || word->sound[word->sounds - 1] != sound)
            word->sound[word->sounds++] = sound;
    }
    add_skeleton(word);
}

static void
set_bit(DvNameSignature *signature, char a, char b)
{
    guint hash = ((guint)(guchar)a * 31u + (guint)(guchar)b) * 2654435761u >> 25;

    signature->bits[hash >> 6] |= G_GUINT64_CONSTANT(1) << (hash & 63);
}

void
dv_name_signature(const DvNameWords *words, DvNameSignature *signature)
{
    *signature = (DvNameSignature){0};
    for (guint w = 0; w < words->count; w++) {
        const DvNameWord *word = &words->words[w];
        char before = '^';
        for (guint i = 0; i < word->bones; i++) {
            set_bit(signature, before, word->skeleton[i]);
            before = word->skeleton[i];
        }
        if (!word->open)
            set_bit(signature, before, '$');
    }
}

/* The cost of leaving out a sound: nothing much at a word's end for a vowel (Ivanov, Ivanova). */
static guint
skip_cost(const DvNameWord *word, guint at)
{
    guint cost = leave_out[(guchar)word->sound[at]];

    return cost < DV_NAME_EDIT && at + 1 == word->sounds ? cost / 2 : cost;
}

static guint
best(const DvNameWord *a, const DvNameWord *b, guint i, guint j,
     guint rows[3][DV_NAME_WORD_MAX + 1])
{
    const guint *before = rows[(i + 2) % 3];
    guint *now = rows[i % 3];
    char x = a->sound[i - 1], y = b->sound[j - 1];
    guint cost = before[j - 1] + substitute[(guchar)x][(guchar)y];

    cost = MIN(cost, before[j] + skip_cost(a, i - 1));
    cost = MIN(cost, now[j - 1] + skip_cost(b, j - 1));
    if (i > 1 && j > 1 && x == b->sound[j - 2] && a->sound[i - 2] == y && x != y)
        cost = MIN(cost, rows[(i + 1) % 3][j - 2] + 16);
    return cost;
}

guint
dv_name_distance(const DvNameWord *a, const DvNameWord *b, guint limit)
{
    guint rows[3][DV_NAME_WORD_MAX + 1];

    if (a->length == b->length && strcmp(a->text, b->text) == 0)
        return 0;
    prepare();
    rows[0][0] = 0;
    for (guint j = 1; j <= b->sounds; j++)
        rows[0][j] = rows[0][j - 1] + skip_cost(b, j - 1);
    for (guint i = 1; i <= a->sounds; i++) {
        guint *now = rows[i % 3], lowest;
        now[0] = rows[(i + 2) % 3][0] + skip_cost(a, i - 1);
        lowest = now[0];
        for (guint j = 1; j <= b->sounds; j++) {
            now[j] = best(a, b, i, j, rows);
            lowest = MIN(lowest, now[j]);
        }
        if (lowest > limit)
            return DV_NAME_FAR;
    }
    guint distance = rows[a->sounds % 3][b->sounds];
    return distance <= limit ? distance : DV_NAME_FAR;
}
