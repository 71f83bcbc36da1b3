// SPDX-License-Identifier: Apache-2.0
/* Check digits: Doc 9303-3, 4.9. */
#include "zone.h"

gboolean
dv_mrz_is_legal(gunichar c)
{
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '<';
}

static guint
value_of(gunichar c)
{
    if (c == '<')
        return 0;
    return c <= '9' ? c - '0' : c - 'A' + 10;
}

void
dv_mrz_sum_add(DvMrzSum *sum, gunichar c)
{
    static const guint weights[] = {7, 3, 1};
    if (dv_mrz_is_legal(c))
        sum->sum += value_of(c) * weights[sum->count % 3];
    else
        sum->bad = TRUE;
    sum->count++;
}

void
dv_mrz_sum_range(DvMrzSum *sum, const DvMrzZone *zone, DvMrzRange range)
{
    for (guint i = 0; i < range.length; i++)
        dv_mrz_sum_add(sum, dv_zone_at(zone, range, i));
}

char
dv_mrz_sum_digit(const DvMrzSum *sum)
{
    return sum->bad ? '\0' : (char)('0' + sum->sum % 10);
}

char
dv_mrz_check_digit(const char *text, gsize length)
{
    DvMrzSum sum = {0};
    for (gsize i = 0; i < length; i++)
        dv_mrz_sum_add(&sum, (guchar)text[i]);
    return dv_mrz_sum_digit(&sum);
}

guint
dv_zone_continuation(const DvMrzZone *zone)
{
    const DvMrzLayout *layout = zone->layout;
    DvMrzRange number = layout->fields[FIELD_NUMBER], optional = layout->fields[FIELD_OPTIONAL];
    if (!layout->long_numbers ||
        dv_zone_at(zone, layout->digits[DV_MRZ_DIGIT_DOCUMENT_NUMBER], 0) != '<' ||
        dv_zone_at(zone, number, number.length - 1u) == '<')
        return 0;
    guint length = 0;
    while (length < optional.length && dv_zone_at(zone, optional, length) != '<')
        length++;
    return length >= 2 ? length : 0; /* at least one character and the check digit */
}

static void
settle(DvMrzDigitCheck *check, const DvMrzSum *sum)
{
    check->want = dv_mrz_sum_digit(sum);
    check->state = check->got == (guchar)check->want ? DV_MRZ_CHECK_OK : DV_MRZ_CHECK_FAIL;
}

/* The filler in the digit's place is left out of a long number's sum (Doc 9303-5, 4.2.4); an older
 * Portuguese practice counts it, which moves the weights. */
static void
check_long_number(const DvMrzZone *zone, guint continuation, DvMrzDigitCheck *check)
{
    const DvMrzLayout *layout = zone->layout;
    DvMrzRange rest = layout->fields[FIELD_OPTIONAL];
    rest.length = (guint8)(continuation - 1);
    DvMrzSum sum = {0};
    dv_mrz_sum_range(&sum, zone, layout->fields[FIELD_NUMBER]);
    DvMrzSum with_filler = sum;
    dv_mrz_sum_range(&sum, zone, rest);
    check->got = dv_zone_at(zone, rest, rest.length);
    settle(check, &sum);
    if (check->state == DV_MRZ_CHECK_OK)
        return;
    dv_mrz_sum_add(&with_filler, '<');
    dv_mrz_sum_range(&with_filler, zone, rest);
    if (check->got == (guchar)dv_mrz_sum_digit(&with_filler))
        check->state = DV_MRZ_CHECK_OK_ALT;
}

static void
check_field(const DvMrzZone *zone, DvMrzDigit digit, DvMrzDigitCheck *check)
{
    DvMrzRange field = zone->layout->fields[dv_mrz_digit_field(digit)];
    DvMrzSum sum = {0};
    dv_mrz_sum_range(&sum, zone, field);
    settle(check, &sum);
    /* Doc 9303-4, 4.2.2.2: an unused field may have '<' in its digit's place. */
    if (digit == DV_MRZ_DIGIT_OPTIONAL && check->got == '<' && dv_zone_is_empty(zone, field))
        check->state = DV_MRZ_CHECK_OK;
}

static void
check_composite(const DvMrzZone *zone, DvMrzDigitCheck *check)
{
    DvMrzSum sum = {0};
    for (guint i = 0; i < DV_MRZ_COMPOSITE_PARTS; i++)
        dv_mrz_sum_range(&sum, zone, zone->layout->composite[i]);
    settle(check, &sum);
}

void
dv_zone_check(const DvMrzZone *zone, DvMrzDigitCheck checks[DV_MRZ_DIGITS])
{
    guint continuation = dv_zone_continuation(zone);
    for (DvMrzDigit digit = 0; digit < DV_MRZ_DIGITS; digit++) {
        DvMrzRange place = zone->layout->digits[digit];
        DvMrzDigitCheck *check = &checks[digit];
        *check = (DvMrzDigitCheck){.state = DV_MRZ_CHECK_ABSENT};
        if (place.length == 0)
            continue;
        check->got = dv_zone_at(zone, place, 0);
        if (digit == DV_MRZ_DIGIT_COMPOSITE)
            check_composite(zone, check);
        else if (digit == DV_MRZ_DIGIT_DOCUMENT_NUMBER && continuation)
            check_long_number(zone, continuation, check);
        else
            check_field(zone, digit, check);
    }
}
