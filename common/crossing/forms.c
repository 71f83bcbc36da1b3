// SPDX-License-Identifier: Apache-2.0
/* What texts may look like. Each is pure: a text in, yes or no out. */
#include "schema.h"
#include <darvaza/clock.h>
#include <darvaza/crypto.h>
#include <string.h>

#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

static gboolean
only(const char *text, const char *allowed)
{
    return text[strspn(text, allowed)] == 0;
}

gboolean
dv_form_uuid(const char *text)
{
    return dv_uuid_is_valid(text);
}

gboolean
dv_form_time(const char *text)
{
    gint64 wall_us;
    if (!dv_time_parse(text, &wall_us, NULL))
        return FALSE;
    g_autofree char *again = dv_time_format(wall_us); /* one way to write one moment */
    return strcmp(again, text) == 0;
}

/* Two places of digits, or both X where that is allowed; -1 for neither, 0 for unknown. */
static int
two_digits(const char *at, gboolean may_be_unknown)
{
    if (may_be_unknown && at[0] == 'X' && at[1] == 'X')
        return 0;
    if (!g_ascii_isdigit(at[0]) || !g_ascii_isdigit(at[1]))
        return -1;
    int value = (at[0] - '0') * 10 + at[1] - '0';
    return value > 0 ? value : -1;
}

/* Year, month and day, 0 where unknown; FALSE when the text is no such date. */
static gboolean
date_parts(const char *text, gboolean partial, int *year, int *month, int *day)
{
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-')
        return FALSE;
    if (partial && strncmp(text, "XXXX", 4) == 0) {
        *year = 0;
    } else {
        for (int i = 0; i < 4; i++)
            if (!g_ascii_isdigit(text[i]))
                return FALSE;
        *year = (int)g_ascii_strtoll(text, NULL, 10);
        if (*year < 1)
            return FALSE;
    }
    *month = two_digits(text + 5, partial);
    *day = two_digits(text + 8, partial);
    return *month >= 0 && *day >= 0;
}

static gboolean
date_is_valid(const char *text, gboolean partial)
{
    int year, month, day;
    if (!date_parts(text, partial, &year, &month, &day))
        return FALSE;
    /* Unknown parts are taken as the most permissive ones: a leap year, a month of 31 days. */
    return g_date_valid_dmy((GDateDay)(day ? day : 1), (GDateMonth)(month ? month : 1),
                            (GDateYear)(year ? year : 2000));
}

gboolean
dv_form_date(const char *text)
{
    return date_is_valid(text, FALSE);
}

gboolean
dv_form_partial_date(const char *text)
{
    return date_is_valid(text, TRUE);
}

gboolean
dv_form_country(const char *text)
{
    gsize length = strlen(text);
    return length >= 1 && length <= 3 && only(text, UPPER);
}

gboolean
dv_form_id(const char *text)
{
    return only(text, UPPER LOWER DIGITS "._-");
}

gboolean
dv_form_account(const char *text)
{
    return only(text, LOWER DIGITS "._-");
}

gboolean
dv_form_kiosk(const char *text)
{
    return text[0] != '-' && only(text, UPPER LOWER DIGITS "-");
}

gboolean
dv_form_sha256(const char *text)
{
    return strlen(text) == 2 * DV_SHA256_SIZE && only(text, DIGITS "abcdef");
}

gboolean
dv_form_code(const char *text)
{
    return only(text, UPPER DIGITS "_-");
}

gboolean
dv_form_jpeg(const char *text)
{
    gsize length = strlen(text), body = strspn(text, UPPER LOWER DIGITS "+/");
    if (!g_str_has_prefix(text, "/9j/") || length % 4 != 0 || length - body > 2 ||
        strspn(text + body, "=") != length - body)
        return FALSE;
    /* One way to write the same bytes: the bits that padding leaves over are zero. */
    gsize size;
    g_autofree guchar *bytes = g_base64_decode(text, &size);
    g_autofree char *again = g_base64_encode(bytes, size);
    return strcmp(again, text) == 0;
}
