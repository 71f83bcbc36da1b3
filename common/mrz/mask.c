// SPDX-License-Identifier: Apache-2.0
/* Character classes by field, and which check digits cover a place. */
#include "zone.h"
#include <darvaza/mrz_mask.h>
#include <string.h>

typedef enum { CLASS_LETTERS, CLASS_DIGITS, CLASS_BOTH, CLASS_CODE, CLASS_SEX } Class;

static const Class classes[DV_MRZ_FIELDS] = {
    [FIELD_CODE] = CLASS_CODE,      [FIELD_STATE] = CLASS_LETTERS,
    [FIELD_NAME] = CLASS_LETTERS,   [FIELD_GIVEN] = CLASS_LETTERS,
    [FIELD_NUMBER] = CLASS_BOTH,    [FIELD_NATIONALITY] = CLASS_LETTERS,
    [FIELD_BIRTH] = CLASS_DIGITS,   [FIELD_SEX] = CLASS_SEX,
    [FIELD_EXPIRY] = CLASS_DIGITS,  [FIELD_OPTIONAL] = CLASS_BOTH,
    [FIELD_OPTIONAL2] = CLASS_BOTH, [FIELD_ADMIN] = CLASS_BOTH,
    [FIELD_ISSUED] = CLASS_DIGITS,
};

static gboolean
is_in(DvMrzRange range, guint line, guint column)
{
    return range.length > 0 && range.line == line && column >= range.column &&
           column < (guint)range.column + range.length;
}

static gboolean
class_takes(Class class, guint place, char c)
{
    gboolean letter = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
    switch (class) {
    case CLASS_LETTERS:
        return letter || c == '<';
    case CLASS_DIGITS:
        return digit || c == '<';
    case CLASS_CODE:
        return letter || (place > 0 && (digit || c == '<'));
    case CLASS_SEX:
        return strchr("MFX<", c) != NULL;
    case CLASS_BOTH:
    default:
        return letter || digit || c == '<';
    }
}

guint
dv_mrz_format_lines(DvMrzFormat format)
{
    const DvMrzLayout *layout = dv_mrz_layout(format);
    return layout ? layout->lines : 0;
}

guint
dv_mrz_format_length(DvMrzFormat format)
{
    const DvMrzLayout *layout = dv_mrz_layout(format);
    return layout ? layout->length : 0;
}

gboolean
dv_mrz_may_stand(DvMrzFormat format, guint line, guint column, char c)
{
    const DvMrzLayout *layout = dv_mrz_layout(format);
    if (layout == NULL || c == '\0' || !dv_mrz_is_legal((gunichar)(guchar)c))
        return FALSE;
    for (DvMrzDigit digit = 0; digit < DV_MRZ_DIGITS; digit++)
        if (is_in(layout->digits[digit], line, column))
            return class_takes(CLASS_DIGITS, 0, c);
    for (DvMrzField field = 0; field < DV_MRZ_FIELDS; field++)
        if (is_in(layout->fields[field], line, column))
            return class_takes(classes[field], column - layout->fields[field].column, c);
    return TRUE;
}

guint
dv_mrz_proofs(DvMrzFormat format, guint line, guint column)
{
    const DvMrzLayout *layout = dv_mrz_layout(format);
    guint proofs = 0;
    if (layout == NULL)
        return 0;
    for (DvMrzDigit digit = 0; digit < DV_MRZ_DIGIT_COMPOSITE; digit++)
        if (is_in(layout->digits[digit], line, column) ||
            (layout->digits[digit].length > 0 &&
             is_in(layout->fields[dv_mrz_digit_field(digit)], line, column)))
            proofs++;
    for (guint i = 0; i < DV_MRZ_COMPOSITE_PARTS; i++)
        proofs += is_in(layout->composite[i], line, column) ? 1 : 0;
    return proofs + (is_in(layout->digits[DV_MRZ_DIGIT_COMPOSITE], line, column) ? 1 : 0);
}

gboolean
dv_mrz_digits_hold(DvMrzFormat format, const char *const *lines)
{
    DvMrzZone zone = {.layout = dv_mrz_layout(format)};
    DvMrzDigitCheck checks[DV_MRZ_DIGITS];
    if (zone.layout == NULL)
        return FALSE;
    for (guint line = 0; line < zone.layout->lines; line++)
        for (guint column = 0; column < zone.layout->length; column++)
            zone.cells[line][column] = (guchar)lines[line][column];
    dv_zone_check(&zone, checks);
    for (DvMrzDigit digit = 0; digit < DV_MRZ_DIGITS; digit++)
        if (checks[digit].state == DV_MRZ_CHECK_FAIL || checks[digit].state == DV_MRZ_CHECK_NA)
            return FALSE;
    return TRUE;
}
