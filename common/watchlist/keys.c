// SPDX-License-Identifier: Apache-2.0
#include "keys.h"

#include <darvaza/clock.h>
#include <darvaza/names.h>

#include <string.h>

#define NUMBER_MAX 64

char *
watchlist_document_key(const char *number)
{
    char key[NUMBER_MAX + 1];
    gsize length = 0;

    for (const char *p = number != NULL ? number : ""; *p != '\0'; p++) {
        char c = g_ascii_toupper(*p);
        if (c == '<' || c == ' ' || c == '-')
            continue;
        if (!g_ascii_isalnum(c) || length == NUMBER_MAX)
            return NULL;
        key[length++] = c;
    }
    return length > 0 ? g_strndup(key, length) : NULL;
}

char *
watchlist_document_fold(const char *number)
{
    static const char from[] = "OISBZ", to[] = "01582";
    char *key = watchlist_document_key(number);

    for (char *p = key; p != NULL && *p != '\0'; p++) {
        const char *found = strchr(from, *p);
        if (found != NULL)
            *p = to[found - from];
    }
    return key;
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
