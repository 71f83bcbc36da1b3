// SPDX-License-Identifier: Apache-2.0
/*
 * From an MRZ name back to native script. The tables lose letters on the way there, so the way back
 * is a set of candidates: a walk over the name that takes, at each place, every letter whose form
 * begins there, the likelier ones first.
 */
#include "letters.h"
#include <string.h>

#define PLACE_CHOICES_MAX 24
#define MRZ_NAME_MAX 64 /* characters; the longest name field has 39 */

typedef struct {
    gsize length; /* characters of the MRZ name that it stands for */
    gunichar letter;
} Choice;

typedef struct Walk Walk;
/* Fills choices for the place and returns their number, likelier ones first. */
typedef guint (*ChoiceFunc)(const Walk *walk, gsize at, Choice *choices);

struct Walk {
    const char *name; /* upper-case MRZ letters and spaces */
    ChoiceFunc choices;
    DvNamesLanguage language;
    gboolean title_case;
    guint max;
    GString *built;
    GPtrArray *found;
    gboolean dead[MRZ_NAME_MAX + 1]; /* no letters lead from here to the end */
};

static gboolean
starts_word(const Walk *walk, gsize at)
{
    return at == 0 || walk->name[at - 1] == ' ';
}

static gboolean
form_matches(const Walk *walk, gsize at, const char *form, gsize length)
{
    return length > 0 && strncmp(walk->name + at, form, length) == 0;
}

static gboolean
ends_word(const Walk *walk, gsize at)
{
    return walk->name[at] == '\0' || walk->name[at] == ' ';
}

static void
add_found(Walk *walk)
{
    for (guint i = 0; i < walk->found->len; i++)
        if (strcmp(g_ptr_array_index(walk->found, i), walk->built->str) == 0)
            return;
    g_ptr_array_add(walk->found, g_strdup(walk->built->str));
}

/* TRUE if the end was reached; places from which it cannot be are walked once only. */
static gboolean
step(Walk *walk, gsize at)
{
    Choice choices[PLACE_CHOICES_MAX];
    gboolean reached = FALSE;
    if (walk->dead[at] || walk->found->len >= walk->max)
        return !walk->dead[at];
    if (walk->name[at] == '\0') {
        add_found(walk);
        return TRUE;
    }
    gsize mark = walk->built->len;
    guint count = walk->choices(walk, at, choices);
    for (guint i = 0; i < count; i++) {
        gunichar letter = choices[i].letter;
        if (walk->title_case && !starts_word(walk, at))
            letter = g_unichar_tolower(letter);
        g_string_append_unichar(walk->built, letter);
        reached |= step(walk, at + choices[i].length);
        g_string_truncate(walk->built, mark);
    }
    walk->dead[at] = !reached;
    return reached;
}

/* Longer forms before shorter ones; within a length the order in which they were added. */
static guint
add_choice(Choice *choices, guint count, gsize length, gunichar letter)
{
    guint place = count;
    if (count == PLACE_CHOICES_MAX)
        return count;
    while (place > 0 && choices[place - 1].length < length)
        place--;
    for (guint i = count; i > place; i--)
        choices[i] = choices[i - 1];
    choices[place] = (Choice){length, letter};
    return count + 1;
}

static guint
cyrillic_choices(const Walk *walk, gsize at, Choice *choices)
{
    guint count = 0;
    if (walk->name[at] == ' ')
        return add_choice(choices, 0, 1, ' ');
    for (const char *c = dv_names_alphabet(walk->language); *c; c = g_utf8_next_char(c)) {
        gsize length;
        const DvNamesLetter *row = dv_names_letter(g_utf8_get_char(c));
        const char *form =
            dv_names_form(row, walk->language, starts_word(walk, at), FALSE, &length);
        if (form_matches(walk, at, form, length))
            count = add_choice(choices, count, length, row->letter);
    }
    return count;
}

#define SHADDA 0x0651

/* A sequence that repeats the one before may also be that letter with a shadda. */
static gboolean
repeats(const Walk *walk, gsize at, const char *form, gsize length)
{
    return at >= length && strncmp(walk->name + at - length, form, length) == 0;
}

static guint
arabic_choices(const Walk *walk, gsize at, Choice *choices)
{
    gsize rows, length;
    guint count = 0;
    const DvNamesLetter *table = dv_names_table(DV_NAMES_ARABIC, &rows);
    if (walk->name[at] == ' ')
        return add_choice(choices, 0, 1, ' ');
    for (gsize i = 0; i < rows; i++) {
        if (table[i].forms[0] == '*')
            continue;
        const char *form =
            dv_names_form(&table[i], DV_NAMES_GENERAL, starts_word(walk, at), FALSE, &length);
        if (!form_matches(walk, at, form, length)) {
            form = dv_names_form(&table[i], DV_NAMES_GENERAL, FALSE, TRUE, &length);
            if (!form_matches(walk, at, form, length) || !ends_word(walk, at + length))
                continue;
        }
        if (!starts_word(walk, at) && repeats(walk, at, form, length))
            count = add_choice(choices, count, length, SHADDA);
        count = add_choice(choices, count, length, table[i].letter);
    }
    return count;
}

/* The letter as it stands, then every letter written with two or more characters that begins here:
 * AE may be Ä or Æ. One-character forms (É for E) would drown these; they follow by themselves. */
static guint
latin_choices(const Walk *walk, gsize at, Choice *choices)
{
    gsize rows;
    guint count = 1;
    const DvNamesLetter *table = dv_names_table(DV_NAMES_LATIN, &rows);
    choices[0] = (Choice){1, (guchar)walk->name[at]};
    for (gsize i = 0; i < rows && count < PLACE_CHOICES_MAX; i++)
        for (const char *form = table[i].forms; *form;) {
            gsize length = strcspn(form, "|");
            if (length > 1 && form_matches(walk, at, form, length) && count < PLACE_CHOICES_MAX)
                choices[count++] = (Choice){length, table[i].letter};
            form += length + (form[length] == '|');
        }
    return count;
}

/* Exactly one letter carries a mark: Élodie, Eloďie, ... in the order of places and table rows. */
static void
add_single_marks(Walk *walk)
{
    gsize rows;
    const DvNamesLetter *table = dv_names_table(DV_NAMES_LATIN, &rows);
    for (gsize at = 0; walk->name[at]; at++)
        for (gsize i = 0; i < rows && walk->found->len < walk->max; i++) {
            if (table[i].forms[1] != '\0' && strstr(table[i].forms, "|") == NULL)
                continue;
            const char *last = strrchr(table[i].forms, '|');
            const char *form = last ? last + 1 : table[i].forms;
            if (form[1] != '\0' || form[0] != walk->name[at])
                continue;
            for (gsize c = 0; walk->name[c]; c++) {
                gunichar letter = c == at ? table[i].letter : (guchar)walk->name[c];
                g_string_append_unichar(walk->built,
                                        starts_word(walk, c) ? letter : g_unichar_tolower(letter));
            }
            add_found(walk);
            g_string_truncate(walk->built, 0);
        }
}

/* Upper-case letters with single spaces, or NULL. */
static char *
clean(const char *mrz_name)
{
    if (strlen(mrz_name) > MRZ_NAME_MAX)
        return NULL;
    char *name = dv_names_normalise(mrz_name);
    if (name && (name[0] == '\0' || strlen(name) > MRZ_NAME_MAX))
        g_clear_pointer(&name, g_free);
    return name;
}

static char **
walk_name(const char *mrz_name, Walk walk)
{
    g_autofree char *name = clean(mrz_name);
    walk.name = name;
    walk.max = MIN(walk.max, DV_NAMES_VARIANTS_MAX);
    walk.found = g_ptr_array_new();
    walk.built = g_string_new(NULL);
    if (name) {
        step(&walk, 0);
        if (walk.choices == latin_choices)
            add_single_marks(&walk);
    }
    g_string_free(walk.built, TRUE);
    g_ptr_array_add(walk.found, NULL);
    return (char **)g_ptr_array_free(walk.found, FALSE);
}

char **
dv_names_latin_variants(const char *mrz_name, guint max)
{
    return walk_name(mrz_name, (Walk){.choices = latin_choices, .title_case = TRUE, .max = max});
}

char **
dv_names_cyrillic_variants(const char *mrz_name, DvNamesLanguage language, guint max)
{
    return walk_name(
        mrz_name,
        (Walk){.choices = cyrillic_choices, .language = language, .title_case = TRUE, .max = max});
}

char **
dv_names_arabic_variants(const char *mrz_name, guint max)
{
    return walk_name(mrz_name, (Walk){.choices = arabic_choices, .max = max});
}
