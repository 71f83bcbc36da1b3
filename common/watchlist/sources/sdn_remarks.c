// SPDX-License-Identifier: Apache-2.0
#include "sdn_remarks.h"

#include <string.h>

typedef struct {
    int year, month, day; /* 0: unknown */
} Day;

static const char *
skip_space(const char *p)
{
    return p + strspn(p, " ");
}

/* Digits up to most of them; -1: none, or more. */
static int
take_number(const char **p, gsize most)
{
    gsize length = strspn(*p, "0123456789");
    int number = 0;

    if (length == 0 || length > most)
        return -1;
    for (gsize i = 0; i < length; i++)
        number = number * 10 + ((*p)[i] - '0');
    *p += length;
    return number;
}

static int
take_month(const char **p)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++) {
        if (g_ascii_strncasecmp(*p, months + 3 * i, 3) != 0)
            continue;
        *p += strspn(*p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
        return i + 1;
    }
    return 0;
}

/* "10 Dec 1948", "Dec 1948" or "1948". */
static gboolean
take_day(const char **p, Day *day)
{
    const char *at = skip_space(*p);

    *day = (Day){0};
    if (g_ascii_isdigit(*at) && strspn(at, "0123456789") <= 2)
        day->day = take_number(&at, 2);
    at = skip_space(at);
    day->month = take_month(&at);
    at = skip_space(at);
    day->year = take_number(&at, 4);
    *p = at;
    return day->year >= 1000 && (day->day == 0 || day->month > 0);
}

static gboolean
take_word(const char **p, const char *word)
{
    const char *at = skip_space(*p);

    if (g_ascii_strncasecmp(at, word, strlen(word)) != 0)
        return FALSE;
    *p = at + strlen(word);
    return TRUE;
}

/* FALSE: not understood. */
static gboolean
take_birth(AlertDraft *draft, const char *text)
{
    gboolean about = take_word(&text, "circa ") || take_word(&text, "approximately ");
    Day from, to;

    if (!take_day(&text, &from))
        return FALSE;
    if (take_word(&text, "to ") || take_word(&text, "-")) {
        if (!take_day(&text, &to) || *skip_space(text) != '\0')
            return FALSE;
        alert_draft_birth_years(draft, from.year, to.year);
        return TRUE;
    }
    if (*skip_space(text) != '\0')
        return FALSE;
    if (about)
        alert_draft_birth_about(draft, from.year);
    else
        alert_draft_birth(draft, from.year, from.month, from.day);
    return TRUE;
}

/* "'EL PATRON'": names in quotes here are the list's weak aliases. */
static gboolean
take_alias(AlertDraft *draft, const char *text)
{
    g_autofree char *name = g_strdup(skip_space(text));
    gsize length = strlen(name);
    gboolean quoted = length > 2 && name[0] == '\'' && name[length - 1] == '\'';

    if (quoted)
        name[length - 1] = '\0';
    alert_draft_alias(draft, quoted ? name + 1 : name, quoted);
    return TRUE;
}

static gboolean
take_sex(AlertDraft *draft, const char *text)
{
    const char *word = skip_space(text);

    if (!g_str_equal(word, "Male") && !g_str_equal(word, "Female"))
        return FALSE;
    alert_draft_set(draft, "sex", *word == 'M' ? "M" : "F");
    return TRUE;
}

static gboolean
take_nationality(AlertDraft *draft, const char *text)
{
    alert_draft_nationality(draft, skip_space(text));
    return TRUE;
}

/* "AH330349 (Colombia) issued ...": the country is the last thing in brackets. */
static gboolean
take_document(AlertDraft *draft, const char *type, const char *text)
{
    g_autofree char *number = g_strdup(text);
    char *open = strrchr(number, '('), *close = open != NULL ? strchr(open, ')') : NULL;
    const char *country = "";

    if (close != NULL && open > number && open[-1] == ' ' &&
        (close[1] == '\0' || close[1] == ' ')) {
        *open = *close = '\0';
        country = open + 1;
    } else {
        char *issued = strstr(number, " issued "), *expires = strstr(number, " expires ");
        if (expires != NULL)
            *expires = '\0';
        if (issued != NULL)
            *issued = '\0';
    }
    alert_draft_document(draft, type, number, country);
    return TRUE;
}

static gboolean
take_passport(AlertDraft *draft, const char *text)
{
    return take_document(draft, "P", text);
}

static gboolean
take_identity(AlertDraft *draft, const char *text)
{
    return take_document(draft, "I", text);
}

/* How a remark begins, and who takes the rest of it. Longer beginnings first. */
static const struct {
    const char *begins;
    gboolean (*take)(AlertDraft *draft, const char *rest);
} kinds[] = {
    {"DOB ", take_birth},
    {"a.k.a. ", take_alias},
    {"Gender ", take_sex},
    {"nationality ", take_nationality},
    {"citizen ", take_nationality},
    {"Passport Booklet: ", take_passport},
    {"Passport ", take_passport},
    {"Travel Document Number ", take_passport},
    {"National ID No. ", take_identity},
    {"National Foreign ID Number ", take_identity},
    {"Identification Number ", take_identity},
    {"Cedula No. ", take_identity},
    {"D.N.I. ", take_identity},
    {"Numero de Identidad ", take_identity},
    {"Residency Number ", take_identity},
};

/* "Turkish Identification Number 374": kinds of documents with another word or two before them. */
static gboolean
take_other_document(AlertDraft *draft, const char *text)
{
    static const struct {
        const char *name;
        gboolean (*take)(AlertDraft *draft, const char *rest);
    } names[] = {
        {" Passport ", take_passport},
        {" Identification Number ", take_identity},
        {" ID Card ", take_identity},
        {" ID No. ", take_identity},
    };

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        const char *found = strstr(text, names[i].name);
        if (found != NULL && found - text < 40 &&
            strcspn(text, "0123456789(,:'") > (gsize)(found - text))
            return names[i].take(draft, found + strlen(names[i].name));
    }
    return FALSE;
}

static gboolean
take_remark(AlertDraft *draft, const char *remark)
{
    const char *text = g_str_has_prefix(remark, "alt. ") ? remark + 5 : remark;

    for (gsize i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_str_has_prefix(text, kinds[i].begins))
            return kinds[i].take(draft, text + strlen(kinds[i].begins));
    return take_other_document(draft, text);
}

void
watchlist_sdn_remarks(AlertDraft *draft, const char *remarks)
{
    g_auto(GStrv) parts = g_strsplit(remarks, ";", -1);

    for (guint i = 0; parts[i] != NULL; i++) {
        char *remark = g_strstrip(parts[i]);
        gsize length = strlen(remark);
        if (parts[i + 1] == NULL && length > 0 && remark[length - 1] == '.')
            remark[length - 1] = '\0';
        if (!take_remark(draft, remark)) {
            if (g_str_has_prefix(remark, "DOB ") || g_str_has_prefix(remark, "alt. DOB "))
                watchlist_item_change(draft->item,
                                      "a birth date that is no date stands in the reason only");
            alert_draft_reason(draft, NULL, remark);
        }
    }
}
