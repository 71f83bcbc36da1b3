// SPDX-License-Identifier: Apache-2.0
#include "alert_draft.h"

#include <string.h>

/* Capitals before a number that are no part of it. */
static gboolean
is_label(const char *word)
{
    static const char *const labels[] = {"NO", "ID", "SSN", "DNI", "NIC", "PP", "NIN", "TIN"};

    for (gsize i = 0; i < G_N_ELEMENTS(labels); i++)
        if (g_str_equal(word, labels[i]))
            return TRUE;
    return FALSE;
}

/* "B", "OB", "TR-P": may begin a number whose digits follow behind a space. */
static gboolean
is_prefix(const char *word)
{
    gsize length = strlen(word);

    return length > 0 && length <= 4 && strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == length &&
           !is_label(word);
}

/* Without what stands in brackets, unless a bracket opens within a word. */
static GString *
without_brackets(const char *text, gboolean *changed)
{
    GString *plain = g_string_new(NULL);

    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '(' && (p == text || p[-1] == ' ')) {
            const char *end = strchr(p, ')');
            *changed = TRUE;
            if (end == NULL)
                break;
            p = end;
        } else {
            g_string_append_c(plain, g_ascii_isspace(*p) ? ' ' : *p);
        }
    }
    return plain;
}

/* The characters of a number; a leading "No" goes where a digit follows. */
static char *
bare_word(const char *word, gboolean *changed)
{
    GString *bare = g_string_new(NULL);
    const char *p = word;

    if (g_ascii_strncasecmp(p, "no", 2) == 0 && strcspn(p, "0123456789") <= 4)
        p += strcspn(p, "0123456789");
    else if (g_str_has_prefix(p, "N\xc2\xb0"))
        p += 3;
    *changed |= p != word;
    for (; *p != '\0'; p++) {
        if (g_ascii_isalnum(*p) || *p == '-' || *p == '<')
            g_string_append_c(bare, *p);
        else
            *changed = TRUE;
    }
    return g_string_free(bare, FALSE);
}

/* The words of a stretch that make its number: those with digits, and a prefix before one. */
static char *
number_of(char *stretch, gboolean *changed)
{
    g_auto(GStrv) words = g_strsplit(stretch, " ", -1);
    GString *number = g_string_new(NULL);

    for (guint i = 0; words[i] != NULL; i++) {
        const char *next = words[i + 1] != NULL ? words[i + 1] : "";
        gboolean digits = strpbrk(words[i], "0123456789") != NULL;
        gboolean prefix = is_prefix(words[i]) && number->len == 0 && g_ascii_isdigit(*next);
        if (*words[i] == '\0')
            continue;
        if (!digits && !prefix) {
            *changed = TRUE;
            if (number->len > 0 &&
                (g_str_has_prefix(words[i], "issued") || g_str_has_prefix(words[i], "expire") ||
                 g_str_equal(words[i], "and") || g_str_equal(words[i], "or")))
                break;
            continue;
        }
        g_autofree char *bare = bare_word(words[i], changed);
        if (number->len > 0 && *bare != '\0')
            g_string_append_c(number, ' ');
        g_string_append(number, bare);
    }
    return g_string_free(number, FALSE);
}

char *
alert_number_from_text(const char *text, gboolean *changed)
{
    *changed = FALSE;
    g_autoptr(GString) plain = without_brackets(text, changed);
    g_auto(GStrv) stretches = g_strsplit_set(plain->str, ",;", -1);

    for (guint i = 0; stretches[i] != NULL; i++) {
        if (strpbrk(stretches[i], "0123456789") == NULL)
            continue;
        *changed |= stretches[i + 1] != NULL || i > 0;
        g_autofree char *number = number_of(stretches[i], changed);
        if (strpbrk(number, "0123456789") != NULL && strlen(number) <= 48)
            return g_steal_pointer(&number);
    }
    return NULL;
}
