// SPDX-License-Identifier: Apache-2.0
#include "day_input.h"
#include <stdio.h>

gboolean
dv_tool_parse_day(const char *text, GDate *day)
{
    int year, month, date, end = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &date, &end) != 3 || end != 10 ||
        text[end] != '\0' || year < 1900)
        return FALSE;
    if (!g_date_valid_dmy((GDateDay)date, (GDateMonth)month, (GDateYear)year))
        return FALSE;
    g_date_set_dmy(day, (GDateDay)date, (GDateMonth)month, (GDateYear)year);
    return TRUE;
}
