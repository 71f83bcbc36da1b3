// SPDX-License-Identifier: Apache-2.0
#include "ranges.h"

#include "keys.h"

#include <string.h>

/* The digits of a number, by place value: at[0] is where the last one stands. */
typedef struct {
    guint at[DOC_NUMBER_MAX];
    guint count;
} Digits;

static void
find_digits(const char *number, Digits *digits)
{
    digits->count = 0;
    for (gsize i = strlen(number); i > 0; i--) {
        if (g_ascii_isdigit(number[i - 1]))
            digits->at[digits->count++] = (guint)i - 1;
    }
}

static void
set_all(char *number, const Digits *digits, guint count, char digit)
{
    for (guint i = 0; i < count; i++)
        number[digits->at[i]] = digit;
}

/* Adds one to the digits from place on; FALSE: it was the highest. */
static gboolean
add_one(char *number, const Digits *digits, guint place)
{
    for (guint i = place; i < digits->count; i++) {
        char *c = number + digits->at[i];
        if (*c != '9') {
            (*c)++;
            return TRUE;
        }
        *c = '0';
    }
    return FALSE;
}

gboolean
range_pieces(const char *first, const char *last, RangeVisit visit, gpointer data, GError **error)
{
    char from[DOC_NUMBER_MAX + 1], to[DOC_NUMBER_MAX + 1], piece[DOC_NUMBER_MAX + 1];
    Digits digits;

    g_strlcpy(from, first, sizeof from);
    find_digits(from, &digits);
    while (strcmp(from, last) <= 0) {
        guint places = 0;
        /* The largest run that begins here and does not end behind the last. */
        while (places < digits.count && from[digits.at[places]] == '0') {
            g_strlcpy(to, from, sizeof to);
            set_all(to, &digits, places + 1, '9');
            if (strcmp(to, last) > 0)
                break;
            places++;
        }
        g_strlcpy(piece, from, sizeof piece);
        set_all(piece, &digits, places, '*');
        if (!visit(piece, data, error))
            return FALSE;
        if (!add_one(from, &digits, places))
            break;
    }
    return TRUE;
}

gboolean
range_widen(char *number)
{
    for (gsize i = strlen(number); i > 0; i--) {
        if (g_ascii_isdigit(number[i - 1])) {
            number[i - 1] = '*';
            return TRUE;
        }
    }
    return FALSE;
}

/* The same length, the same letters, digits where the range has digits, and these between. */
static gboolean
lies_between(const char *first, const char *last, const char *number)
{
    if (strlen(number) != strlen(first))
        return FALSE;
    for (gsize i = 0; first[i] != '\0'; i++) {
        if (g_ascii_isdigit(first[i]) ? !g_ascii_isdigit(number[i]) : number[i] != first[i])
            return FALSE;
    }
    return strcmp(first, number) <= 0 && strcmp(number, last) <= 0;
}

gboolean
range_holds(const char *first, const char *last, const char *number, gboolean *folded)
{
    char fold[DOC_NUMBER_MAX + 1], as_listed[DOC_NUMBER_MAX + 1], listed_fold[DOC_NUMBER_MAX + 1];

    *folded = FALSE;
    if (strlen(number) != strlen(first))
        return FALSE;
    if (lies_between(first, last, number))
        return TRUE;
    *folded = TRUE;
    watchlist_document_fold_key(number, fold);
    watchlist_document_fold_key(first, listed_fold);
    /* Letters of the range where the question has their look-alike, folded digits elsewhere. */
    g_strlcpy(as_listed, fold, sizeof as_listed);
    for (gsize i = 0; first[i] != '\0'; i++) {
        if (!g_ascii_isdigit(first[i]) && listed_fold[i] == fold[i])
            as_listed[i] = first[i];
    }
    return lies_between(first, last, as_listed);
}
