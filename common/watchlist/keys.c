// SPDX-License-Identifier: Apache-2.0
#include "keys.h"

#include <darvaza/clock.h>
#include <darvaza/names.h>

#include <string.h>

#define NUMBER_MAX 48

gboolean
watchlist_document_normalise(const char *number, char *key)
{
    gsize length = 0;

    key[0] = '\0';
    for (const char *p = number != NULL ? number : ""; *p != '\0'; p++) {
        char c = g_ascii_toupper(*p);
        if (c == '<' || c == ' ' || c == '-')
            continue;
        if (!g_ascii_isalnum(c) || length == NUMBER_MAX) {
            key[0] = '\0';
            return FALSE;
        }
        key[length++] = c;
    }
    key[length] = '\0';
    return length > 0;
}

void
watchlist_document_fold_key(const char *key, char *fold)
{
    gsize i = 0;

    for (; key[i] != '\0'; i++) {
        switch (key[i]) {
        case 'O':
            fold[i] = '0';
            break;
        case 'I':
            fold[i] = '1';
            break;
        case 'S':
            fold[i] = '5';
            break;
        case 'B':
            fold[i] = '8';
            break;
        case 'Z':
            fold[i] = '2';
            break;
        default:
            fold[i] = key[i];
            break;
        }
    }
    fold[i] = '\0';
}

char *
watchlist_document_key(const char *number)
{
    char key[NUMBER_MAX + 1];

    return watchlist_document_normalise(number, key) ? g_strdup(key) : NULL;
}

char *
watchlist_document_fold(const char *number)
{
    char key[NUMBER_MAX + 1], fold[NUMBER_MAX + 1];

    if (!watchlist_document_normalise(number, key))
        return NULL;
    watchlist_document_fold_key(key, fold);
    return g_strdup(fold);
}

char *
watchlist_person_key(const char *surname, const char *given_names, const char *birth_date)
{
    gint64 start_us;

    if (!watchlist_date_parse(birth_date, &start_us))
        return NULL;
    g_autofree char *primary = dv_names_normalise(surname != NULL ? surname : "");
    g_autofree char *secondary = dv_names_normalise(given_names != NULL ? given_names : "");
    if (primary == NULL || secondary == NULL || (*primary == '\0' && *secondary == '\0'))
        return NULL;
    return g_strdup_printf("%s<<%s<%s", primary, secondary, birth_date);
}

char *
watchlist_state_key(const char *code)
{
    char *key = g_ascii_strup(code != NULL ? code : "", -1);

    g_strdelimit(key, "<", ' ');
    g_strstrip(key);
    if (g_str_equal(key, "D")) {
        g_free(key);
        return g_strdup("DEU");
    }
    return key;
}

gboolean
watchlist_date_parse(const char *text, gint64 *start_us)
{
    g_autofree char *full = NULL;

    if (text == NULL || strnlen(text, 11) != 10)
        return FALSE;
    full = g_strconcat(text, "T00:00:00Z", NULL);
    return dv_time_parse(full, start_us, NULL);
}

static gboolean
is_part(const char *text, gsize length, gboolean *unknown)
{
    *unknown = strspn(text, "X") >= length;
    for (gsize i = 0; i < length && !*unknown; i++) {
        if (!g_ascii_isdigit(text[i]))
            return FALSE;
    }
    return TRUE;
}

gboolean
watchlist_date_is_partial(const char *text)
{
    gboolean no_year, no_month, no_day;
    gint64 start_us;
    char probe[11];

    if (text == NULL || strnlen(text, 11) != 10 || text[4] != '-' || text[7] != '-' ||
        !is_part(text, 4, &no_year) || !is_part(text + 5, 2, &no_month) ||
        !is_part(text + 8, 2, &no_day))
        return FALSE;
    /* Unknown parts stand for something possible: a leap year, January, the first. */
    g_strlcpy(probe, no_year ? "2000" : text, 5);
    g_strlcat(probe, "-", sizeof probe);
    g_strlcpy(probe + 5, no_month ? "01" : text + 5, 3);
    g_strlcat(probe, "-", sizeof probe);
    g_strlcpy(probe + 8, no_day ? "01" : text + 8, 3);
    return watchlist_date_parse(probe, &start_us);
}

void
watchlist_validity(const char *review, const char *from, const char *until, gint64 *from_us,
                   gint64 *until_us)
{
    gint64 end_us;

    if (!watchlist_date_parse(from, from_us))
        *from_us = G_MININT64;
    if (!watchlist_date_parse(review, until_us))
        *until_us = G_MININT64;
    else
        *until_us += WATCHLIST_DAY_US;
    if (watchlist_date_parse(until, &end_us))
        *until_us = MIN(*until_us, end_us + WATCHLIST_DAY_US);
}
