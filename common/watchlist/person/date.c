// SPDX-License-Identifier: Apache-2.0
/* Birth dates: what slips of a pen, a typist or a calendar make of one, and what that is worth. */
#include "person.h"

#include <math.h>
#include <string.h>

static gboolean
parse_part(const char *text, guint digits, guint *value)
{
    *value = 0;
    for (guint i = 0; i < digits; i++) {
        if (text[i] == 'X') {
            *value = 0;
            return TRUE;
        }
        if (!g_ascii_isdigit(text[i]))
            return FALSE;
        *value = *value * 10 + (guint)(text[i] - '0');
    }
    return TRUE;
}

gboolean
person_date_parse(const char *text, PersonDate *date)
{
    guint year, month, day;

    char whole[11];

    *date = (PersonDate){0};
    if (text == NULL || strnlen(text, 11) > 10)
        return FALSE;
    /* "1961" and "1961-05" say as much as "1961-XX-XX" and "1961-05-XX". */
    g_strlcpy(whole, text, sizeof whole);
    if (strlen(whole) == 4 || strlen(whole) == 7)
        g_strlcat(whole, &"-XX-XX"[strlen(whole) - 4], sizeof whole);
    text = whole;
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' || !parse_part(text, 4, &year) ||
        !parse_part(text + 5, 2, &month) || !parse_part(text + 8, 2, &day) || month > 12 ||
        day > 31)
        return FALSE;
    date->year = (guint16)year;
    date->month = year != 0 ? (guint8)month : 0;
    date->day = date->month != 0 ? (guint8)day : 0;
    return date->year != 0;
}

void
person_date_text(PersonDate date, char *text, gsize size)
{
    *text = '\0';
    if (date.year == 0)
        return;
    g_snprintf(text, size, "%04u-XX-XX", date.year % 10000u);
    if (date.month != 0)
        g_snprintf(text + 5, size - 5, "%02u-XX", date.month % 100u);
    if (date.month != 0 && date.day != 0)
        g_snprintf(text + 8, size - 8, "%02u", date.day % 100u);
}

static void
digits_of(PersonDate date, guint8 digits[8])
{
    guint value = date.year * 10000u + date.month * 100u + date.day;

    for (guint i = 8; i > 0; i--, value /= 10)
        digits[i - 1] = (guint8)(value % 10);
}

static guint
count_differences(const guint8 a[8], const guint8 b[8], guint places[8])
{
    guint count = 0;

    for (guint i = 0; i < 8; i++) {
        if (a[i] != b[i])
            places[count++] = i;
    }
    return count;
}

static gboolean
is_near(PersonDate a, PersonDate b)
{
    int years = a.year - b.year, months = a.month - b.month, days = a.day - b.day;

    if (years == 0 && months == 0)
        return ABS(days) <= 2;
    if (days != 0)
        return FALSE;
    return (years == 0 && ABS(months) == 1) || (months == 0 && ABS(years) == 1);
}

static PersonDateKind
compare_whole(PersonDate asked, PersonDate listed)
{
    guint8 a[8], b[8];
    guint places[8];

    digits_of(asked, a);
    digits_of(listed, b);
    guint count = count_differences(a, b, places);
    if (count == 0)
        return DATE_SAME;
    if (asked.year == listed.year && asked.month == listed.day && asked.day == listed.month)
        return DATE_SWAPPED;
    if (is_near(asked, listed))
        return DATE_NEAR;
    if (count == 1)
        return DATE_ONE_DIGIT;
    if (count == 2 && places[1] == places[0] + 1 && a[places[0]] == b[places[1]] &&
        a[places[1]] == b[places[0]])
        return DATE_TRANSPOSED;
    return asked.year == listed.year ? DATE_OTHER_DAY : DATE_OTHER;
}

PersonDateKind
person_date_compare(PersonDate asked, PersonDate listed)
{
    if (asked.year == 0 || listed.year == 0)
        return DATE_UNKNOWN;
    if (asked.day != 0 && listed.day != 0)
        return compare_whole(asked, listed);
    if (asked.year != listed.year)
        return ABS(asked.year - listed.year) == 1 ? DATE_NEAR : DATE_OTHER;
    if (asked.month != 0 && listed.month != 0 && asked.month != listed.month)
        return ABS(asked.month - listed.month) == 1 ? DATE_NEAR : DATE_OTHER_DAY;
    return asked.day == listed.day && asked.month == listed.month ? DATE_SAME : DATE_SAME_PART;
}

/* Births spread over some sixty years. */
#define YEAR_BITS 5.4
#define MONTH_BITS 3.2
#define DAY_BITS 4.4

/* The first of January stands for "not known" in many registers. */
static gboolean
is_stand_in(PersonDate date)
{
    return date.month == 1 && date.day == 1;
}

#define STAND_IN_BITS 0.5 /* for month and day together */

/* Of two dates that agree: the month may mean nothing. A month alone is known, though a register
 * that writes 1 January for it may have meant the year. */
static gboolean
stands_in(PersonDate a, PersonDate b)
{
    return is_stand_in(a) || is_stand_in(b);
}

static double
same_bits(PersonDate a, PersonDate b)
{
    double bits = YEAR_BITS;

    if (a.month != 0 && b.month != 0)
        bits += stands_in(a, b) ? STAND_IN_BITS : MONTH_BITS;
    if (a.day != 0 && b.day != 0 && !is_stand_in(a))
        bits += DAY_BITS;
    return bits;
}

/* A slip in a date that may stand for "not known" says less than the same date would. Two of them
 * are compared by their years: what day and month would have told is taken off. */
static double
slip_bits(double bits, PersonDate asked, PersonDate listed)
{
    if (is_stand_in(asked) && is_stand_in(listed))
        return bits - (MONTH_BITS + DAY_BITS - STAND_IN_BITS);
    return stands_in(asked, listed) ? MIN(bits, YEAR_BITS) : bits;
}

double
person_date_bits(PersonDateKind kind, PersonDate asked, PersonDate listed)
{
    gboolean whole = asked.day != 0 && listed.day != 0;

    switch (kind) {
    case DATE_SAME:
    case DATE_SAME_PART:
        return same_bits(asked, listed);
    case DATE_SWAPPED:
        return slip_bits(7.5, asked, listed);
    case DATE_NEAR:
        return whole ? slip_bits(6.5, asked, listed) : 0.5;
    case DATE_ONE_DIGIT:
        return slip_bits(5.2, asked, listed);
    case DATE_TRANSPOSED:
        return slip_bits(6.7, asked, listed);
    case DATE_OTHER_DAY:
        return is_stand_in(asked) || is_stand_in(listed) ? 4.0 : -0.5;
    case DATE_OTHER:
        if (whole)
            return -12.0;
        return ABS(asked.year - listed.year) <= 3 ? -3.0 : -8.0; /* estimates of a year */
    case DATE_UNKNOWN:
        break;
    }
    return 0;
}

typedef struct {
    PersonDate asked, *dates;
    guint count;
} Candidates;

static guint
days_in(guint month)
{
    return month == 2 ? 29 : (month == 4 || month == 6 || month == 9 || month == 11) ? 30 : 31;
}

static void
add(Candidates *found, guint year, guint month, guint day)
{
    PersonDate date = {(guint16)year, (guint8)month, (guint8)day};

    if (month > 12 || (month > 0 && day > days_in(month)) || (day > 0 && month == 0) ||
        year < 1850 || year > 2150 || found->count == PERSON_DATES_MAX)
        return;
    for (guint i = 0; i < found->count; i++) {
        PersonDate other = found->dates[i];
        if (other.year == date.year && other.month == date.month && other.day == date.day)
            return;
    }
    found->dates[found->count++] = date;
}

static void
add_whole(Candidates *found, const guint8 d[8])
{
    guint month = d[4] * 10u + d[5], day = d[6] * 10u + d[7];

    if (month > 0 && day > 0)
        add(found, d[0] * 1000u + d[1] * 100u + d[2] * 10u + d[3], month, day);
}

static void
add_digit_slips(Candidates *found)
{
    guint8 digits[8];

    digits_of(found->asked, digits);
    for (guint i = 1; i < 8; i++) {
        guint8 kept = digits[i], before = digits[i - 1];
        digits[i] = before;
        digits[i - 1] = kept;
        add_whole(found, digits);
        digits[i - 1] = before;
        for (guint8 digit = 0; digit < 10; digit++) {
            digits[i] = digit;
            add_whole(found, digits);
        }
        digits[i] = kept;
    }
}

static void
add_near(Candidates *found)
{
    PersonDate a = found->asked;

    for (guint by = 1; by <= 2; by++) {
        add(found, a.year, a.month, MAX(a.day + by, 1));
        if (a.day > by)
            add(found, a.year, a.month, a.day - by);
    }
    add(found, a.year, a.month + 1u, a.day);
    if (a.month > 1)
        add(found, a.year, a.month - 1u, a.day);
    add(found, a.year + 1u, a.month, a.day);
    add(found, a.year - 1u, a.month, a.day);
}

guint
person_date_candidates(PersonDate asked, PersonDate dates[PERSON_DATES_MAX])
{
    Candidates found = {asked, dates, 0};

    if (asked.year == 0 || asked.day == 0)
        return 0;
    add(&found, asked.year, asked.month, asked.day);
    if (asked.day <= 12)
        add(&found, asked.year, asked.day, asked.month);
    add(&found, asked.year, asked.month, 0);
    add(&found, asked.year, 0, 0);
    add_near(&found);
    add(&found, asked.year, 1, 1);
    add_digit_slips(&found);
    add(&found, asked.year + 1u, 0, 0);
    add(&found, asked.year - 1u, 0, 0);
    return found.count;
}
