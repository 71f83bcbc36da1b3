// SPDX-License-Identifier: Apache-2.0
/*
 * How rare a word of a name is. A long list knows by its own counts; a short one cannot, so counts
 * are mixed with what is commonly known of names, which weighs as much as PRIOR_NAMES names would.
 */
#include "person.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PRIOR_NAMES 2000.0

/* Of 10,000 persons met, how many bear the name in any spelling: rough, and meant to be. */
typedef struct {
    const char *word;
    guint of_10000;
} CommonWord;
static const CommonWord common_words[] = {
    {"MUHAMMAD", 700}, {"AHMAD", 300},    {"ALI", 350},      {"HUSSEIN", 220},  {"HASSAN", 200},
    {"KHAN", 250},     {"ABDUL", 350},    {"ABDULLAH", 150}, {"IBRAHIM", 120},  {"MUSTAFA", 80},
    {"OMAR", 90},      {"YUSUF", 80},     {"KHALID", 70},    {"SAEED", 80},     {"SAYED", 100},
    {"MAHMUD", 90},    {"HAMID", 70},     {"KARIM", 70},     {"RAHMAN", 120},   {"RAHIM", 70},
    {"ISLAM", 80},     {"UDDIN", 60},     {"HAQ", 60},       {"AZIZ", 60},      {"NASSER", 50},
    {"SALEH", 70},     {"SALIM", 60},     {"JAMAL", 50},     {"KAMAL", 50},     {"MAJID", 50},
    {"HABIB", 40},     {"RASHID", 60},    {"IQBAL", 40},     {"MALIK", 50},     {"SHAH", 70},
    {"GUL", 40},       {"JAN", 50},       {"NUR", 60},       {"FATIMA", 80},    {"MARYAM", 60},
    {"AYSHA", 50},     {"ZAHRA", 50},     {"BEGUM", 60},     {"BIBI", 60},      {"AKHTAR", 50},
    {"KHATUN", 40},    {"ISMAIL", 60},    {"ESMAIL", 40},    {"QASIM", 40},     {"REZA", 80},
    {"MEHDI", 60},     {"AMIR", 60},      {"ABBAS", 60},     {"AKBAR", 50},     {"JAVAD", 30},
    {"HOSSEINI", 50},  {"AHMADI", 40},    {"MOHAMMADI", 60}, {"KARIMI", 30},    {"MUSA", 50},
    {"DAUD", 40},      {"SULEIMAN", 50},  {"YAHYA", 30},     {"ZAKARIA", 20},   {"UTHMAN", 40},
    {"BAKR", 40},      {"HAFIZ", 30},     {"GHULAM", 40},    {"SINGH", 150},    {"KUMAR", 120},
    {"KAUR", 80},      {"SHARMA", 50},    {"DEVI", 60},      {"RAM", 60},       {"LAL", 40},
    {"DAS", 50},       {"ROY", 40},       {"AGHA", 30},      {"AKHUND", 20},    {"HAQQANI", 10},
    {"ZADA", 20},      {"IVANOV", 50},    {"ALEKSANDR", 80}, {"SERGEI", 60},    {"VLADIMIR", 60},
    {"IVAN", 50},      {"ANNA", 50},      {"ELENA", 50},     {"NATALIA", 40},   {"OLGA", 40},
    {"ANDREI", 50},    {"DMITRY", 50},    {"MARIA", 150},    {"JOSE", 120},     {"JUAN", 90},
    {"CARLOS", 70},    {"LUIS", 70},      {"ANTONIO", 60},   {"JESUS", 50},     {"MANUEL", 50},
    {"GARCIA", 100},   {"RODRIGUEZ", 90}, {"GONZALEZ", 80},  {"HERNANDEZ", 80}, {"LOPEZ", 80},
    {"MARTINEZ", 80},  {"PEREZ", 70},     {"SANCHEZ", 60},   {"RAMIREZ", 50},   {"JOHN", 120},
    {"JAMES", 80},     {"DAVID", 90},     {"MICHAEL", 90},   {"ROBERT", 70},    {"WILLIAM", 60},
    {"SMITH", 60},     {"JOHNSON", 40},   {"LI", 100},       {"WANG", 100},     {"ZHANG", 90},
    {"LIU", 60},       {"CHEN", 70},      {"KIM", 120},      {"PARK", 50},      {"LEE", 80},
    {"CHOI", 30},      {"NGUYEN", 60},    {"MEHMET", 50},    {"YILMAZ", 20},    {"OZTURK", 15},
};

typedef struct {
    char skeleton[DV_NAME_SKELETON_MAX + 1];
    guint of_10000;
} CommonSkeleton;
/* Filled once, sorted. */
static CommonSkeleton by_skeleton[G_N_ELEMENTS(common_words)];

static int
compare(const void *a, const void *b)
{
    return strcmp(((const CommonSkeleton *)a)->skeleton, ((const CommonSkeleton *)b)->skeleton);
}

static void
fill(void)
{
    for (gsize i = 0; i < G_N_ELEMENTS(common_words); i++) {
        DvNameWord word;
        dv_name_word_set(&word, common_words[i].word, strlen(common_words[i].word), DV_NAME_WHOLE);
        g_strlcpy(by_skeleton[i].skeleton, word.skeleton, sizeof by_skeleton[i].skeleton);
        by_skeleton[i].of_10000 = common_words[i].of_10000;
    }
    qsort(by_skeleton, G_N_ELEMENTS(by_skeleton), sizeof *by_skeleton, compare);
}

/* Unlisted words: the shorter, the likelier that two of them agree by chance. */
static double
prior_share(const DvNameWord *word)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    CommonSkeleton key = {0};

    pthread_once(&once, fill);
    g_strlcpy(key.skeleton, word->skeleton, sizeof key.skeleton);
    const CommonSkeleton *found =
        bsearch(&key, by_skeleton, G_N_ELEMENTS(by_skeleton), sizeof key, compare);
    if (found != NULL)
        return found->of_10000 / 10000.0;
    return 1.0 / MIN(300.0 * pow(4, word->bones), 100000.0);
}

guint8
person_word_weight(const DvNameWord *word, gint64 count, gint64 names)
{
    double share =
        ((double)count + PRIOR_NAMES * prior_share(word)) / ((double)names + PRIOR_NAMES);

    return (guint8)CLAMP(lrint(-log2(share) * WEIGHT_BIT), 0, 255);
}
