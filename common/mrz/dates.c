// SPDX-License-Identifier: Apache-2.0
/* Dates of two-digit years: Doc 9303-3, 4.8; centuries as BSI TR-03135-1, 5.7.1. */
#include "zone.h"
#include <string.h>

#define UNKNOWN (-1)
#define BAD (-2)
#define EXPIRY_WINDOW_YEARS 15

typedef struct {
    int year, month, day; /* two digits, UNKNOWN or BAD */
} Parts;

static int
pair(const char *text)
{
    if (text[0] == '<' && text[1] == '<')
        return UNKNOWN;
    if (!g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[1]))
        return BAD;
    return (text[0] - '0') * 10 + (text[1] - '0');
}

/* The longest that the month can be in any century's year. */
static int
longest_month(const Parts *parts)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (parts->month == UNKNOWN)
        return 31;
    if (parts->month == 2 && (parts->year == UNKNOWN || parts->year % 4 == 0))
        return 29;
    return days[parts->month - 1];
}

static gboolean
split(const char *yymmdd, Parts *parts)
{
    if (strlen(yymmdd) != 6)
        return FALSE;
    *parts = (Parts){pair(yymmdd), pair(yymmdd + 2), pair(yymmdd + 4)};
    if (parts->year == BAD || parts->month == BAD || parts->day == BAD)
        return FALSE;
    if (parts->month != UNKNOWN && (parts->month < 1 || parts->month > 12))
        return FALSE;
    return parts->day == UNKNOWN || (parts->day >= 1 && parts->day <= longest_month(parts));
}

DvMrzDateKind
dv_mrz_date_kind(const char *yymmdd, gboolean parts_may_be_unknown)
{
    Parts parts;
    if (!split(yymmdd, &parts))
        return DATE_BAD;
    int unknown = (parts.year == UNKNOWN) + (parts.month == UNKNOWN) + (parts.day == UNKNOWN);
    if (unknown == 3)
        return DATE_UNKNOWN;
    if (unknown == 0)
        return DATE_KNOWN;
    return parts_may_be_unknown ? DATE_PARTLY : DATE_BAD;
}

/* Orders a date whose later parts may be unknown against a limit: those count as the earliest. */
static gboolean
is_after(int year, const Parts *parts, const GDate *limit)
{
    int limit_year = g_date_get_year(limit), limit_month = (int)g_date_get_month(limit);
    int month = parts->month == UNKNOWN ? 1 : parts->month;
    int day = parts->day == UNKNOWN ? 1 : parts->day;
    if (year != limit_year)
        return year > limit_year;
    if (month != limit_month)
        return month > limit_month;
    return day > g_date_get_day(limit);
}

/* The latest year ending in these two digits for which the date exists and is not after limit. */
static int
latest_year(const Parts *parts, const GDate *limit)
{
    int year = g_date_get_year(limit) / 100 * 100 + parts->year;
    while (is_after(year, parts, limit) ||
           (parts->month == 2 && parts->day == 29 && !g_date_is_leap_year((GDateYear)year)))
        year -= 100;
    return year;
}

static void
put_part(GString *text, int value, const char *separator)
{
    g_string_append(text, separator);
    if (value == UNKNOWN)
        g_string_append(text, "XX");
    else
        g_string_append_printf(text, "%02d", value);
}

static void
write_iso(const Parts *parts, const GDate *limit, char out[12])
{
    g_autoptr(GString) text = g_string_new(NULL);
    if (parts->year == UNKNOWN)
        g_string_append(text, "XXXX");
    else
        g_string_append_printf(text, "%04d", latest_year(parts, limit));
    put_part(text, parts->month, "-");
    put_part(text, parts->day, "-");
    g_strlcpy(out, text->str, 12);
}

void
dv_mrz_birth_iso(const char *yymmdd, const GDate *today, char out[12])
{
    Parts parts;
    out[0] = '\0';
    if (split(yymmdd, &parts))
        write_iso(&parts, today, out);
}

void
dv_mrz_expiry_iso(const char *yymmdd, const GDate *today, char out[12])
{
    Parts parts;
    out[0] = '\0';
    if (dv_mrz_date_kind(yymmdd, FALSE) != DATE_KNOWN || !split(yymmdd, &parts))
        return;
    GDate limit = *today;
    g_date_add_years(&limit, EXPIRY_WINDOW_YEARS);
    write_iso(&parts, &limit, out);
}
