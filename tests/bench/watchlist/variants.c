// SPDX-License-Identifier: Apache-2.0
/* What becomes of a listed name and date on the way to a booth. */
#include "people.h"

#include <string.h>

const char *const variant_words[VARIANTS] = {"same",
                                             "typo",
                                             "other order",
                                             "word dropped",
                                             "word added",
                                             "joined",
                                             "split",
                                             "romanised",
                                             "cut by the zone",
                                             "initial",
                                             "native script",
                                             "date slip",
                                             "part date",
                                             "two typos",
                                             "romanised and date slip",
                                             "typo and date slip"};

static char
letter(GRand *rand)
{
    return (char)('A' + g_rand_int_range(rand, 0, 26));
}

/* One wrong letter in a word of four or more: another, one more, one less, or two swapped. */
static gboolean
typo(GRand *rand, char *name, gsize size)
{
    g_auto(GStrv) words = g_strsplit(name, " ", -1);
    guint count = g_strv_length(words), at = 0;
    for (guint tries = 0; tries < 8; tries++) {
        at = (guint)g_rand_int_range(rand, 0, (gint32)count);
        if (strlen(words[at]) >= 4)
            break;
        if (tries == 7)
            return FALSE;
    }
    GString *word = g_string_new(words[at]);
    gssize place = g_rand_int_range(rand, 0, (gint32)word->len);
    switch (g_rand_int_range(rand, 0, 4)) {
    case 0:
        word->str[place] = letter(rand);
        break;
    case 1:
        g_string_insert_c(word, place, letter(rand));
        break;
    case 2:
        g_string_erase(word, place, 1);
        break;
    default: {
        gsize left = place > 0 ? (gsize)place - 1 : 0;
        char kept = word->str[left];
        word->str[left] = word->str[left + 1];
        word->str[left + 1] = kept;
    }
    }
    g_free(words[at]);
    words[at] = g_string_free(word, FALSE);
    g_autofree char *joined = g_strjoinv(" ", words);
    g_strlcpy(name, joined, size);
    return TRUE;
}

typedef struct {
    const char *from, *to;
} Rule;
/* Spelling habits of offices; a few are applied wherever they fit. */
static const Rule rules[] = {
    {"KH", "H"},  {"KH", "CH"}, {"OU", "U"},  {"OO", "U"},   {"U", "OU"},  {"EE", "I"},
    {"I", "EE"},  {"Q", "K"},   {"Q", "G"},   {"K", "Q"},    {"DJ", "J"},  {"J", "DJ"},
    {"ZH", "J"},  {"SH", "CH"}, {"SH", "S"},  {"CH", "TCH"}, {"YA", "IA"}, {"IA", "YA"},
    {"YU", "IU"}, {"IU", "YU"}, {"Y", "I"},   {"I", "Y"},    {"W", "V"},   {"V", "W"},
    {"DH", "D"},  {"TH", "T"},  {"GH", "G"},  {"E", "I"},    {"I", "E"},   {"O", "U"},
    {"U", "O"},   {"A", "E"},   {"E", "A"},   {"LL", "L"},   {"SS", "S"},  {"MM", "M"},
    {"NN", "N"},  {"TT", "T"},  {"SS", "S"},  {"AH", "A"},   {"EH", "A"},  {"IY", "I"},
    {"AI", "AY"}, {"AY", "AI"}, {"EI", "AY"}, {"X", "KH"},   {"C", "K"},   {"TS", "C"},
    {"PH", "F"},  {"B", "V"},   {"S", "Z"},   {"Z", "S"},    {"AA", "A"},  {"EV", "YEV"},
};

static gboolean
apply_rules(GRand *rand, char *name, gsize size, int times)
{
    gboolean changed = FALSE;
    for (int tries = 0; tries < 60 && times > 0; tries++) {
        const Rule *rule = &rules[g_rand_int_range(rand, 0, G_N_ELEMENTS(rules))];
        char *found = strstr(name, rule->from);
        if (found == NULL)
            continue;
        g_autofree char *after = g_strdup_printf("%.*s%s%s", (int)(found - name), name, rule->to,
                                                 found + strlen(rule->from));
        g_strlcpy(name, after, size);
        changed = TRUE;
        times--;
    }
    return changed;
}

static void
set_date(Asked *asked, guint year, guint month, guint day)
{
    g_snprintf(asked->birth_date, sizeof asked->birth_date, "%04u-%02u-%02u", year % 10000,
               month % 100, day % 100);
}

static gboolean
slip_date(GRand *rand, const Person *p, Asked *asked)
{
    if (p->day == 0)
        return FALSE;
    switch (g_rand_int_range(rand, 0, 6)) {
    case 0:
        if (p->day > 12 || p->day == p->month)
            return FALSE;
        set_date(asked, p->year, p->day, p->month);
        return TRUE;
    case 1:
        set_date(asked, p->year, p->month, p->day > 1 ? p->day - 1 : p->day + 1);
        return TRUE;
    case 2:
        set_date(asked, p->year, p->month % 12 + 1, p->day);
        return p->month != 12;
    case 3:
        set_date(asked, p->year + (g_rand_boolean(rand) ? 1 : -1u), p->month, p->day);
        return TRUE;
    case 4: {
        guint digit = (guint)g_rand_int_range(rand, 0, 10);
        set_date(asked, p->year - p->year % 10 + digit, p->month, p->day);
        return digit != p->year % 10;
    }
    default: {
        guint tens = p->year / 10 % 10, ones = p->year % 10;
        set_date(asked, p->year - tens * 10 - ones + ones * 10 + tens, p->month, p->day);
        return tens != ones && p->year / 100 == 19;
    }
    }
}

static gboolean
drop_word(GRand *rand, Asked *asked)
{
    char *name = strchr(asked->given_names, ' ') ? asked->given_names : asked->surname;
    char *blank = strchr(name, ' ');
    if (blank == NULL)
        return FALSE;
    if (name == asked->surname && g_rand_boolean(rand)) {
        g_autofree char *rest = g_strdup(blank + 1);
        g_strlcpy(name, rest, sizeof asked->surname);
        return TRUE;
    }
    char *last = strrchr(name, ' ');
    *last = '\0';
    return TRUE;
}

static gboolean
join_words(Asked *asked)
{
    char *name = strchr(asked->given_names, ' ') ? asked->given_names : asked->surname;
    char *blank = strchr(name, ' ');
    if (blank == NULL)
        return FALSE;
    g_autofree char *rest = g_strdup(blank + 1);
    g_strlcpy(blank, rest, 90 - (gsize)(blank - name));
    return TRUE;
}

static gboolean
split_word(GRand *rand, Asked *asked)
{
    gboolean given = strlen(asked->given_names) > strlen(asked->surname);
    char *name = given ? asked->given_names : asked->surname;
    gsize size = given ? sizeof asked->given_names : sizeof asked->surname,
          length = strcspn(name, " ");
    if (length < 7)
        return FALSE;
    int at = g_rand_int_range(rand, 3, (gint32)length - 2);
    g_autofree char *split = g_strdup_printf("%.*s %s", at, name, name + at);
    g_strlcpy(name, split, size);
    return TRUE;
}

/* A TD3 zone holds 39 characters of surname, two fillers, given names. */
static gboolean
cut(Asked *asked)
{
    gsize primary = strlen(asked->surname), secondary = strlen(asked->given_names);
    if (primary > 30 || primary + 2 + secondary <= 39)
        return FALSE;
    asked->given_names[39 - primary - 2] = '\0';
    return asked->given_names[39 - primary - 3] != ' ';
}

static gboolean
initial(Asked *asked)
{
    char *blank = strrchr(asked->given_names, ' ');
    if (blank == NULL || blank[1] == '\0')
        return FALSE;
    blank[2] = '\0';
    return TRUE;
}

static gboolean
romanise(const People *people, GRand *rand, const Person *person, Asked *asked)
{
    char surname[96], given[96];
    if (g_rand_boolean(rand) && people_respell(people, rand, person, surname, given)) {
        g_strlcpy(asked->surname, surname, sizeof asked->surname);
        g_strlcpy(asked->given_names, given, sizeof asked->given_names);
        return TRUE;
    }
    gboolean a = apply_rules(rand, asked->surname, 90, g_rand_int_range(rand, 0, 3));
    gboolean b = apply_rules(rand, asked->given_names, 90, g_rand_int_range(rand, 1, 3));
    return a || b;
}

static gboolean
add_word(const People *people, GRand *rand, const Person *person, Asked *asked)
{
    Person other;
    people_draw(people, rand, (int)person->origin, &other);
    g_autofree char *given = g_strdup_printf(
        "%s %.*s", asked->given_names, (int)strcspn(other.given_names, " "), other.given_names);
    g_strlcpy(asked->given_names, given, sizeof asked->given_names);
    return TRUE;
}

void
asked_init(Asked *asked, const Person *person)
{
    *asked = (Asked){.nationality = person->nationality};
    g_strlcpy(asked->surname, person->surname, sizeof asked->surname);
    g_strlcpy(asked->given_names, person->given_names, sizeof asked->given_names);
    asked->sex[0] = person->sex;
    if (person->year == 0)
        g_strlcpy(asked->birth_date, "XXXX-XX-XX", sizeof asked->birth_date);
    else if (person->day == 0)
        g_snprintf(asked->birth_date, sizeof asked->birth_date, "%04u-XX-XX", person->year % 10000);
    else
        set_date(asked, person->year, person->month, person->day);
}

gboolean
variant_make(const People *people, GRand *rand, const Person *person, Variant variant, Asked *asked)
{
    gboolean surname = strlen(person->surname) >= 4 && g_rand_boolean(rand);
    asked_init(asked, person);
    switch (variant) {
    case VARIANT_SAME:
        return TRUE;
    case VARIANT_TYPO:
        return typo(rand, surname ? asked->surname : asked->given_names, 90);
    case VARIANT_TWO_TYPOS:
        return typo(rand, asked->surname, 90) && typo(rand, asked->given_names, 90);
    case VARIANT_ORDER:
        g_strlcpy(asked->surname, person->given_names, sizeof asked->surname);
        g_strlcpy(asked->given_names, person->surname, sizeof asked->given_names);
        return TRUE;
    case VARIANT_DROPPED:
        return drop_word(rand, asked);
    case VARIANT_ADDED:
        return add_word(people, rand, person, asked);
    case VARIANT_JOINED:
        return join_words(asked);
    case VARIANT_SPLIT:
        return split_word(rand, asked);
    case VARIANT_ROMANISED:
        return romanise(people, rand, person, asked);
    case VARIANT_CUT:
        return cut(asked);
    case VARIANT_INITIAL:
        return initial(asked);
    case VARIANT_NATIVE:
        g_strlcpy(asked->surname, person->native, sizeof asked->surname);
        asked->given_names[0] = '\0';
        return person->native[0] != '\0';
    case VARIANT_DATE:
        return slip_date(rand, person, asked);
    case VARIANT_DATE_PART:
        g_snprintf(asked->birth_date, sizeof asked->birth_date, "%04u-%02u-XX",
                   person->year % 10000, person->month % 100);
        return person->day != 0;
    case VARIANT_ROMANISED_DATE:
        return romanise(people, rand, person, asked) && slip_date(rand, person, asked);
    case VARIANT_TYPO_DATE:
        return typo(rand, surname ? asked->surname : asked->given_names, 90) &&
               slip_date(rand, person, asked);
    case VARIANTS:
        break;
    }
    return FALSE;
}
