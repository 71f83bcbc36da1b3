// SPDX-License-Identifier: Apache-2.0
#include "people.h"

#include <darvaza/name_match.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const origin_words[ORIGINS] = {"arabic", "persian", "urdu",      "bengali", "indian",
                                           "turkic", "slavic",  "caucasian", "chinese", "western"};

typedef struct {
    char *native;      /* NULL: written in Latin letters */
    GPtrArray *latins; /* spellings, commonest first */
} Name;
typedef enum { LIST_MALE, LIST_FEMALE, LIST_FAMILY, LIST_PATRONYMIC, LISTS } List;

struct People {
    GPtrArray *names[ORIGINS][LISTS]; /* Name */
    GHashTable *spellings;            /* Arabic word: GPtrArray of Latin ones */
    gboolean real;
};

static void
name_free(gpointer data)
{
    Name *name = data;
    g_free(name->native);
    g_ptr_array_unref(name->latins);
    g_free(name);
}

/* ---- lists */

static gboolean
is_latin(const char *text)
{
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (g_unichar_isalpha(c) && c >= 0x250 && !(c >= 0x1E00 && c < 0x1F00))
            return FALSE;
    }
    return TRUE;
}

/* Arabic script has no short vowels: where no real spelling is known, an A between consonants. */
static char *
with_vowels(const char *latin)
{
    GString *out = g_string_new(NULL);
    for (const char *p = latin; *p; p++) {
        g_string_append_c(out, *p);
        if (!strchr("AEIOUY ", p[0]) && p[1] && !strchr("AEIOUYH ", p[1]) &&
            (p == latin || p[-1] == ' ' || !strchr("AEIOU", p[-1])))
            g_string_append_c(out, 'A');
    }
    return g_string_free(out, FALSE);
}

static char *
arabic_key(const char *text)
{
    GString *out = g_string_new(NULL);
    for (; *text; text = g_utf8_next_char(text)) {
        gunichar c = g_utf8_get_char(text);
        if (c == 0x06CC)
            c = 0x064A;
        else if (c == 0x06A9)
            c = 0x0643;
        else if (c == 0x0622 || c == 0x0623 || c == 0x0625)
            c = 0x0627;
        if (c < 0x064B || c > 0x0652)
            g_string_append_unichar(out, c);
    }
    return g_string_free(out, FALSE);
}

static GPtrArray *
arabic_spellings(const People *people, const char *text)
{
    g_autofree char *key = arabic_key(text);
    GPtrArray *found = g_hash_table_lookup(people->spellings, key);
    if (found == NULL && g_str_has_prefix(key, "ال"))
        found = g_hash_table_lookup(people->spellings, key + strlen("ال"));
    return found;
}

static void
add_name(People *people, Origin origin, List list, const char *text)
{
    g_autofree char *latin = dv_names_romanise(text);
    if (latin == NULL || strlen(latin) < 2 || strlen(latin) > 24)
        return;
    Name *name = g_new0(Name, 1);
    name->latins = g_ptr_array_new_with_free_func(g_free);
    if (!is_latin(text)) {
        name->native = g_strdup(text);
        gboolean arabic = g_utf8_get_char(text) >= 0x600 && g_utf8_get_char(text) < 0x700;
        GPtrArray *known = arabic ? arabic_spellings(people, text) : NULL;
        for (guint i = 0; known && i < known->len; i++)
            g_ptr_array_add(name->latins, g_strdup(g_ptr_array_index(known, i)));
        if (name->latins->len == 0)
            g_ptr_array_add(name->latins, arabic ? with_vowels(latin) : g_strdup(latin));
    } else {
        g_ptr_array_add(name->latins, g_strdup(latin));
    }
    g_ptr_array_add(people->names[origin][list], name);
}

static char **
read_lines(const char *folder, const char *file)
{
    g_autofree char *path = g_build_filename(folder, file, NULL);
    g_autofree char *text = NULL;
    if (!g_file_get_contents(path, &text, NULL, NULL))
        return g_new0(char *, 1);
    return g_strsplit(text, "\n", -1);
}

/* "محمد \t 43 \t mohamed:553 mohammed:297": spellings met at least twice that sound like the first.
 */
static void
read_spellings(People *people, const char *folder)
{
    g_auto(GStrv) lines = read_lines(folder, "variants_derived_arabic_latin.tsv");
    for (guint i = 1; lines[0] && lines[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], "\t", 3);
        if (g_strv_length(fields) < 3)
            continue;
        g_auto(GStrv) spellings = g_strsplit(fields[2], " ", 40);
        g_autoptr(GPtrArray) taken = g_ptr_array_new_with_free_func(g_free);
        g_autofree char *own = dv_names_romanise(fields[0]);
        for (guint s = 0; own && *own && spellings[s]; s++) {
            char *count = strrchr(spellings[s], ':');
            if (count == NULL || strtol(count + 1, NULL, 10) < 2)
                continue;
            *count = '\0';
            char *latin = dv_names_romanise(spellings[s]);
            /* The table has words that stood beside the name; whole-string Levenshtein on its
             * consonants keeps them out without asking the code under test. */
            if (latin && strlen(latin) > 2 && !strchr(latin, ' ') &&
                (latin[0] == own[0] || strchr("AEIOUYW", own[0])))
                g_ptr_array_add(taken, latin);
            else
                g_free(latin);
        }
        if (taken->len > 0)
            g_hash_table_replace(people->spellings, arabic_key(fields[0]), g_ptr_array_ref(taken));
    }
}

typedef struct {
    const char *locale, *attribute;
    Origin origin;
    List list;
} Source;
static const Source sources[] = {
    {"ar_AA", "first_names_male", ORIGIN_ARABIC, LIST_MALE},
    {"ar_AA", "first_names_female", ORIGIN_ARABIC, LIST_FEMALE},
    {"ar_DZ", "first_names_male", ORIGIN_ARABIC, LIST_MALE},
    {"ar_DZ", "first_names_female", ORIGIN_ARABIC, LIST_FEMALE},
    {"ar_AA", "last_names", ORIGIN_ARABIC, LIST_FAMILY},
    {"ar_SA", "last_names", ORIGIN_ARABIC, LIST_FAMILY},
    {"ar_PS", "last_names", ORIGIN_ARABIC, LIST_FAMILY},
    {"ar_DZ", "last_names", ORIGIN_ARABIC, LIST_FAMILY},
    {"fa_IR", "first_names_male", ORIGIN_PERSIAN, LIST_MALE},
    {"fa_IR", "first_names_female", ORIGIN_PERSIAN, LIST_FEMALE},
    {"fa_IR", "last_names", ORIGIN_PERSIAN, LIST_FAMILY},
    {"en_PK", "first_names", ORIGIN_URDU, LIST_MALE},
    {"en_PK", "first_names", ORIGIN_URDU, LIST_FEMALE},
    {"en_PK", "last_names", ORIGIN_URDU, LIST_FAMILY},
    {"en_IN", "first_names_male", ORIGIN_INDIAN, LIST_MALE},
    {"en_IN", "first_names_female", ORIGIN_INDIAN, LIST_FEMALE},
    {"en_IN", "last_names", ORIGIN_INDIAN, LIST_FAMILY},
    {"hi_IN", "first_names_male", ORIGIN_INDIAN, LIST_MALE},
    {"hi_IN", "first_names_female", ORIGIN_INDIAN, LIST_FEMALE},
    {"hi_IN", "last_names", ORIGIN_INDIAN, LIST_FAMILY},
    {"tr_TR", "first_names_male", ORIGIN_TURKIC, LIST_MALE},
    {"tr_TR", "first_names_female", ORIGIN_TURKIC, LIST_FEMALE},
    {"tr_TR", "last_names", ORIGIN_TURKIC, LIST_FAMILY},
    {"az_AZ", "first_names_male", ORIGIN_TURKIC, LIST_MALE},
    {"az_AZ", "first_names_female", ORIGIN_TURKIC, LIST_FEMALE},
    {"az_AZ", "last_names_male", ORIGIN_TURKIC, LIST_FAMILY},
    {"az_AZ", "last_names_unisex", ORIGIN_TURKIC, LIST_FAMILY},
    {"uz_UZ", "first_names_male", ORIGIN_TURKIC, LIST_MALE},
    {"uz_UZ", "first_names_female", ORIGIN_TURKIC, LIST_FEMALE},
    {"uz_UZ", "last_names_male", ORIGIN_TURKIC, LIST_FAMILY},
    {"ru_RU", "first_names_male", ORIGIN_SLAVIC, LIST_MALE},
    {"ru_RU", "first_names_female", ORIGIN_SLAVIC, LIST_FEMALE},
    {"ru_RU", "last_names_male", ORIGIN_SLAVIC, LIST_FAMILY},
    {"ru_RU", "middle_names_male", ORIGIN_SLAVIC, LIST_PATRONYMIC},
    {"uk_UA", "first_names_male", ORIGIN_SLAVIC, LIST_MALE},
    {"uk_UA", "first_names_female", ORIGIN_SLAVIC, LIST_FEMALE},
    {"uk_UA", "last_names_common", ORIGIN_SLAVIC, LIST_FAMILY},
    {"hy_AM", "first_names_male", ORIGIN_CAUCASIAN, LIST_MALE},
    {"hy_AM", "first_names_female", ORIGIN_CAUCASIAN, LIST_FEMALE},
    {"hy_AM", "last_names", ORIGIN_CAUCASIAN, LIST_FAMILY},
    {"ka_GE", "first_names_male", ORIGIN_CAUCASIAN, LIST_MALE},
    {"ka_GE", "first_names_female", ORIGIN_CAUCASIAN, LIST_FEMALE},
    {"ka_GE", "last_names", ORIGIN_CAUCASIAN, LIST_FAMILY},
    {"zh_CN", "first_names_male", ORIGIN_CHINESE, LIST_MALE},
    {"zh_CN", "first_names_female", ORIGIN_CHINESE, LIST_FEMALE},
    {"zh_CN", "last_names", ORIGIN_CHINESE, LIST_FAMILY},
};

static void
read_faker(People *people, const char *folder)
{
    g_auto(GStrv) lines = read_lines(folder, "names_faker_silkroute.tsv");
    for (guint i = 0; lines[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(lines[i], "\t", 4);
        if (g_strv_length(fields) < 3)
            continue;
        for (gsize s = 0; s < G_N_ELEMENTS(sources); s++)
            if (strcmp(sources[s].locale, fields[0]) == 0 &&
                strcmp(sources[s].attribute, fields[1]) == 0)
                add_name(people, sources[s].origin, sources[s].list, fields[2]);
    }
}

static void
read_plain(People *people, const char *folder, const char *file, Origin origin, List list)
{
    g_auto(GStrv) lines = read_lines(folder, file);
    for (guint i = 0; lines[i]; i++)
        add_name(people, origin, list, lines[i]);
}

static const char western[] = " US GB CA AU DE FR ES IT PT BR MX AR NL BE SE NO DK PL CZ HU ";

static void
read_countries(People *people, const char *folder)
{
    g_auto(GStrv) given = read_lines(folder, "names_common_forenames_by_country.csv");
    g_auto(GStrv) family = read_lines(folder, "names_common_surnames_by_country.csv");
    for (guint i = 0; given[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(given[i], ",", -1);
        guint count = g_strv_length(fields);
        g_autofree char *mark = g_strdup_printf(" %s ", fields[0] ? fields[0] : "");
        if (count == 12 && strstr(western, mark))
            add_name(people, ORIGIN_WESTERN, fields[9][0] == 'F' ? LIST_FEMALE : LIST_MALE,
                     fields[11]);
    }
    for (guint i = 0; family[i]; i++) {
        g_auto(GStrv) fields = g_strsplit(family[i], ",", -1);
        g_autofree char *mark = g_strdup_printf(" %s ", fields[0] ? fields[0] : "");
        if (g_strv_length(fields) >= 6 && strstr(western, mark))
            add_name(people, ORIGIN_WESTERN, LIST_FAMILY, fields[5]);
        if (g_strv_length(fields) >= 6 && strcmp(fields[0], "TR") == 0)
            add_name(people, ORIGIN_TURKIC, LIST_FAMILY, fields[5]);
    }
}

/* Names that nobody bears, for machines without the lists. */
static void
invent(People *people, Origin origin, List list, guint count)
{
    static const char *const onset[] = {"B", "D", "F", "G",  "H", "J", "K", "KH", "L", "M",
                                        "N", "R", "S", "SH", "T", "Z", "V", "Y",  "P", "CH"};
    static const char *const vowel[] = {"A", "E", "I", "O", "U", "AA", "EI"};
    static const char *const coda[] = {"", "N", "R", "L", "M", "S", "D", "K"};
    g_autoptr(GRand) rand = g_rand_new_with_seed(100u * origin + list);
    for (guint i = 0; i < count; i++) {
        GString *word = g_string_new(NULL);
        for (int s = 0; s < 2 + (int)(i % 2); s++)
            g_string_append_printf(
                word, "%s%s%s",
                onset[(g_rand_int_range(rand, 0, 12) + (int)origin) % (int)G_N_ELEMENTS(onset)],
                vowel[g_rand_int_range(rand, 0, G_N_ELEMENTS(vowel))],
                coda[g_rand_int_range(rand, 0, G_N_ELEMENTS(coda))]);
        add_name(people, origin, list, word->str);
        g_string_free(word, TRUE);
    }
}

/* Family names made of given ones where the lists have few: Persian -ZADEH, Turkish -OGLU. */
static void
derive_families(People *people, Origin origin, const char *const suffixes[])
{
    GPtrArray *male = people->names[origin][LIST_MALE];
    for (guint i = 0; i < male->len; i++) {
        const Name *name = g_ptr_array_index(male, i);
        g_autofree char *word =
            g_strconcat(g_ptr_array_index(name->latins, 0),
                        suffixes[i % g_strv_length((char **)(void *)suffixes)], NULL);
        if (strlen(word) <= 18 && i % 2 == 0)
            add_name(people, origin, LIST_FAMILY, word);
    }
}

static void
shuffle(GPtrArray *names, guint32 seed)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    for (guint i = names->len; i > 1; i--) {
        guint j = (guint)g_rand_int_range(rand, 0, (gint32)i);
        gpointer kept = names->pdata[i - 1];
        names->pdata[i - 1] = names->pdata[j];
        names->pdata[j] = kept;
    }
}

static void
read_all(People *people, const char *folder)
{
    static const char *const persian[] = {"I", "ZADEH", "PUR", "NEZHAD", "IAN", NULL};
    static const char *const turkic[] = {"OGLU", "OV", "BEKOV", "ER", "KAYA", NULL};
    read_spellings(people, folder);
    read_faker(people, folder);
    read_plain(people, folder, "names_persian_male_en.txt", ORIGIN_PERSIAN, LIST_MALE);
    read_plain(people, folder, "names_persian_female_en.txt", ORIGIN_PERSIAN, LIST_FEMALE);
    read_plain(people, folder, "names_bangla_male_first_names.txt", ORIGIN_BENGALI, LIST_MALE);
    read_plain(people, folder, "names_bangla_female_first_names.txt", ORIGIN_BENGALI, LIST_FEMALE);
    read_plain(people, folder, "names_bangla_last_names.txt", ORIGIN_BENGALI, LIST_FAMILY);
    read_countries(people, folder);
    derive_families(people, ORIGIN_PERSIAN, persian);
    derive_families(people, ORIGIN_TURKIC, turkic);
}

People *
people_new(const char *folder)
{
    People *people = g_new0(People, 1);
    people->spellings =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
    for (int o = 0; o < ORIGINS; o++)
        for (int l = 0; l < LISTS; l++)
            people->names[o][l] = g_ptr_array_new_with_free_func(name_free);
    if (folder)
        read_all(people, folder);
    people->real = folder != NULL && people->names[ORIGIN_ARABIC][LIST_MALE]->len > 0;
    for (int o = 0; o < ORIGINS; o++)
        for (int l = 0; l < LISTS; l++) {
            if (people->names[o][l]->len == 0 && l != LIST_PATRONYMIC)
                invent(people, (Origin)o, (List)l, 600);
            shuffle(people->names[o][l], 1000u + (guint)o * 10u + (guint)l);
        }
    return people;
}

void
people_free(People *people)
{
    for (int o = 0; o < ORIGINS; o++)
        for (int l = 0; l < LISTS; l++)
            g_ptr_array_unref(people->names[o][l]);
    g_hash_table_unref(people->spellings);
    g_free(people);
}

gboolean
people_are_real(const People *people)
{
    return people->real;
}

/* ---- drawing */

/* Common names are common: the n-th is drawn in proportion to 1 / (n + 20) ^ 0.7, roughly. */
static int
draw_place(GRand *rand, const GPtrArray *names)
{
    double u = g_rand_double(rand), n = names->len;
    double a = pow(20, 0.3), b = pow(n + 20, 0.3);
    int place = (int)(pow(a + u * (b - a), 1 / 0.3) - 20);
    return CLAMP(place, 0, (int)names->len - 1);
}

static const Name *
name_at(const People *people, Origin origin, List list, int place)
{
    return g_ptr_array_index(people->names[origin][list], (guint)place);
}

/* The commonest spelling, and sometimes another. */
static const char *
spelling(GRand *rand, const Name *name)
{
    guint at = 0;
    while (at + 1 < name->latins->len && g_rand_double(rand) < 0.35)
        at++;
    return g_ptr_array_index(name->latins, at);
}

static List
list_of(const Person *person, gboolean family, int at)
{
    if (!family)
        return person->sex == 'F' && at == 0               ? LIST_FEMALE
               : person->origin == ORIGIN_SLAVIC && at > 0 ? LIST_PATRONYMIC
               : at > 0 && person->origin == ORIGIN_ARABIC ? LIST_MALE
               : person->sex == 'F'                        ? LIST_FEMALE
                                                           : LIST_MALE;
    return LIST_FAMILY;
}

static void
append(char *text, gsize size, const char *word)
{
    if (text[0])
        g_strlcat(text, " ", size);
    g_strlcat(text, word, size);
}

static void
write_words(const People *people, GRand *rand, const Person *person, char surname[96],
            char given_names[96])
{
    surname[0] = given_names[0] = '\0';
    for (int i = 0; i < PERSON_WORDS_MAX; i++) {
        if (person->given[i] >= 0)
            append(given_names, 96,
                   spelling(rand, name_at(people, person->origin, list_of(person, FALSE, i),
                                          person->given[i])));
        if (person->family[i] >= 0)
            append(surname, 96,
                   spelling(rand, name_at(people, person->origin, LIST_FAMILY, person->family[i])));
    }
    if (person->origin == ORIGIN_SLAVIC && person->sex == 'F' &&
        (g_str_has_suffix(surname, "OV") || g_str_has_suffix(surname, "EV") ||
         g_str_has_suffix(surname, "IN")))
        g_strlcat(surname, "A", 96);
}

static void
write_native(const People *people, Person *person)
{
    person->native[0] = '\0';
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < PERSON_WORDS_MAX; i++) {
            int place = pass == 0 ? person->given[i] : person->family[i];
            if (place < 0)
                continue;
            const Name *name =
                name_at(people, person->origin, list_of(person, pass == 1, i), place);
            if (name->native == NULL) {
                person->native[0] = '\0';
                return;
            }
            append(person->native, sizeof person->native, name->native);
        }
}

static const char *const nationalities[ORIGINS][4] = {
    {"IRQ", "SYR", "EGY", "YEM"}, {"IRN", "IRN", "AFG", "TJK"}, {"PAK", "PAK", "AFG", "PAK"},
    {"BGD", "BGD", "BGD", "IND"}, {"IND", "IND", "NPL", "IND"}, {"TUR", "UZB", "AZE", "KGZ"},
    {"RUS", "UKR", "RUS", "BLR"}, {"ARM", "GEO", "ARM", "GEO"}, {"CHN", "CHN", "CHN", "TWN"},
    {"USA", "GBR", "DEU", "FRA"},
};

void
people_draw(const People *people, GRand *rand, int origin, Person *person)
{
    *person =
        (Person){.origin = (Origin)(origin >= 0 ? origin : g_rand_int_range(rand, 0, ORIGINS))};
    person->sex = g_rand_double(rand) < 0.35 ? 'F' : 'M';
    person->nationality = nationalities[person->origin][g_rand_int_range(rand, 0, 4)];
    person->year = (guint)g_rand_int_range(rand, 1945, 2006);
    person->month = (guint)g_rand_int_range(rand, 1, 13);
    person->day = (guint)g_rand_int_range(rand, 1, 29);
    double more = person->origin == ORIGIN_SLAVIC || person->origin == ORIGIN_ARABIC ? 0.8 : 0.3;
    gboolean second = person->origin != ORIGIN_CHINESE && g_rand_double(rand) < more;
    gboolean two_families = g_rand_double(rand) < (person->origin == ORIGIN_WESTERN ? 0.2 : 0.08);
    for (int i = 0; i < PERSON_WORDS_MAX; i++) {
        gboolean third = i == 2 && person->origin == ORIGIN_ARABIC && g_rand_double(rand) < 0.4;
        person->given[i] = person->family[i] = -1;
        if (i == 0 || (i == 1 && second) || third) {
            GPtrArray *list = people->names[person->origin][list_of(person, FALSE, i)];
            if (list->len > 0)
                person->given[i] = draw_place(rand, list);
        }
        if (i == 0 || (i == 1 && two_families))
            person->family[i] = draw_place(rand, people->names[person->origin][LIST_FAMILY]);
    }
    write_words(people, rand, person, person->surname, person->given_names);
    write_native(people, person);
}

gboolean
people_respell(const People *people, GRand *rand, const Person *person, char surname[96],
               char given_names[96])
{
    for (int i = 0; i < 4; i++) {
        write_words(people, rand, person, surname, given_names);
        if (strcmp(surname, person->surname) != 0 || strcmp(given_names, person->given_names) != 0)
            return TRUE;
    }
    return FALSE;
}
