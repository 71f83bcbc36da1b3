// SPDX-License-Identifier: Apache-2.0
/* Where each format keeps what. One table row per format; nothing else knows columns. */
#include "zone.h"

/* clang-format off */
static const DvMrzLayout layouts[] = {
    [DV_MRZ_TD1] = { /* Doc 9303-5, 4.2.2 */
        .format = DV_MRZ_TD1, .lines = 3, .length = 30, .long_numbers = TRUE,
        .fields = {
            [FIELD_CODE]        = {1, 1, 2},   [FIELD_STATE]       = {1, 3, 3},
            [FIELD_NUMBER]      = {1, 6, 9},   [FIELD_OPTIONAL]    = {1, 16, 15},
            [FIELD_BIRTH]       = {2, 1, 6},   [FIELD_SEX]         = {2, 8, 1},
            [FIELD_EXPIRY]      = {2, 9, 6},   [FIELD_NATIONALITY] = {2, 16, 3},
            [FIELD_OPTIONAL2]   = {2, 19, 11}, [FIELD_NAME]        = {3, 1, 30},
        },
        .digits = {
            [DV_MRZ_DIGIT_DOCUMENT_NUMBER] = {1, 15, 1}, [DV_MRZ_DIGIT_BIRTH_DATE] = {2, 7, 1},
            [DV_MRZ_DIGIT_EXPIRY_DATE]     = {2, 15, 1}, [DV_MRZ_DIGIT_COMPOSITE]  = {2, 30, 1},
        },
        .composite = {{1, 6, 25}, {2, 1, 7}, {2, 9, 7}, {2, 19, 11}},
    },
    [DV_MRZ_TD2] = { /* Doc 9303-6, 4.2.2 */
        .format = DV_MRZ_TD2, .lines = 2, .length = 36, .long_numbers = TRUE,
        .fields = {
            [FIELD_CODE]        = {1, 1, 2},   [FIELD_STATE]       = {1, 3, 3},
            [FIELD_NAME]        = {1, 6, 31},  [FIELD_NUMBER]      = {2, 1, 9},
            [FIELD_NATIONALITY] = {2, 11, 3},  [FIELD_BIRTH]       = {2, 14, 6},
            [FIELD_SEX]         = {2, 21, 1},  [FIELD_EXPIRY]      = {2, 22, 6},
            [FIELD_OPTIONAL]    = {2, 29, 7},
        },
        .digits = {
            [DV_MRZ_DIGIT_DOCUMENT_NUMBER] = {2, 10, 1}, [DV_MRZ_DIGIT_BIRTH_DATE] = {2, 20, 1},
            [DV_MRZ_DIGIT_EXPIRY_DATE]     = {2, 28, 1}, [DV_MRZ_DIGIT_COMPOSITE]  = {2, 36, 1},
        },
        .composite = {{2, 1, 10}, {2, 14, 7}, {2, 22, 14}},
    },
    [DV_MRZ_TD3] = { /* Doc 9303-4, 4.2.2 */
        .format = DV_MRZ_TD3, .lines = 2, .length = 44,
        .fields = {
            [FIELD_CODE]        = {1, 1, 2},   [FIELD_STATE]       = {1, 3, 3},
            [FIELD_NAME]        = {1, 6, 39},  [FIELD_NUMBER]      = {2, 1, 9},
            [FIELD_NATIONALITY] = {2, 11, 3},  [FIELD_BIRTH]       = {2, 14, 6},
            [FIELD_SEX]         = {2, 21, 1},  [FIELD_EXPIRY]      = {2, 22, 6},
            [FIELD_OPTIONAL]    = {2, 29, 14},
        },
        .digits = {
            [DV_MRZ_DIGIT_DOCUMENT_NUMBER] = {2, 10, 1}, [DV_MRZ_DIGIT_BIRTH_DATE] = {2, 20, 1},
            [DV_MRZ_DIGIT_EXPIRY_DATE]     = {2, 28, 1}, [DV_MRZ_DIGIT_OPTIONAL]   = {2, 43, 1},
            [DV_MRZ_DIGIT_COMPOSITE]       = {2, 44, 1},
        },
        .composite = {{2, 1, 10}, {2, 14, 7}, {2, 22, 22}},
    },
    [DV_MRZ_MRVA] = { /* Doc 9303-7, 4.2.2 */
        .format = DV_MRZ_MRVA, .lines = 2, .length = 44,
        .fields = {
            [FIELD_CODE]        = {1, 1, 2},   [FIELD_STATE]       = {1, 3, 3},
            [FIELD_NAME]        = {1, 6, 39},  [FIELD_NUMBER]      = {2, 1, 9},
            [FIELD_NATIONALITY] = {2, 11, 3},  [FIELD_BIRTH]       = {2, 14, 6},
            [FIELD_SEX]         = {2, 21, 1},  [FIELD_EXPIRY]      = {2, 22, 6},
            [FIELD_OPTIONAL]    = {2, 29, 16},
        },
        .digits = {
            [DV_MRZ_DIGIT_DOCUMENT_NUMBER] = {2, 10, 1}, [DV_MRZ_DIGIT_BIRTH_DATE] = {2, 20, 1},
            [DV_MRZ_DIGIT_EXPIRY_DATE]     = {2, 28, 1},
        },
    },
    [DV_MRZ_MRVB] = { /* Doc 9303-7, 5.2.2 */
        .format = DV_MRZ_MRVB, .lines = 2, .length = 36,
        .fields = {
            [FIELD_CODE]        = {1, 1, 2},   [FIELD_STATE]       = {1, 3, 3},
            [FIELD_NAME]        = {1, 6, 31},  [FIELD_NUMBER]      = {2, 1, 9},
            [FIELD_NATIONALITY] = {2, 11, 3},  [FIELD_BIRTH]       = {2, 14, 6},
            [FIELD_SEX]         = {2, 21, 1},  [FIELD_EXPIRY]      = {2, 22, 6},
            [FIELD_OPTIONAL]    = {2, 29, 8},
        },
        .digits = {
            [DV_MRZ_DIGIT_DOCUMENT_NUMBER] = {2, 10, 1}, [DV_MRZ_DIGIT_BIRTH_DATE] = {2, 20, 1},
            [DV_MRZ_DIGIT_EXPIRY_DATE]     = {2, 28, 1},
        },
    },
    [DV_MRZ_FRA_ID2] = { /* French identity card 1988-2021: a national format of 2 x 36 */
        .format = DV_MRZ_FRA_ID2, .lines = 2, .length = 36,
        .fields = {
            [FIELD_CODE]        = {1, 1, 2},   [FIELD_STATE]       = {1, 3, 3},
            [FIELD_NAME]        = {1, 6, 25},  [FIELD_ADMIN]       = {1, 31, 6},
            [FIELD_NUMBER]      = {2, 1, 12},  [FIELD_ISSUED]      = {2, 1, 4},
            [FIELD_GIVEN]       = {2, 14, 14}, [FIELD_BIRTH]       = {2, 28, 6},
            [FIELD_SEX]         = {2, 35, 1},
        },
        .digits = {
            [DV_MRZ_DIGIT_DOCUMENT_NUMBER] = {2, 13, 1}, [DV_MRZ_DIGIT_BIRTH_DATE] = {2, 34, 1},
            [DV_MRZ_DIGIT_COMPOSITE]       = {2, 36, 1},
        },
        .composite = {{1, 1, 36}, {2, 1, 35}},
    },
};
/* clang-format on */

const DvMrzLayout *
dv_mrz_layout(DvMrzFormat format)
{
    return format == DV_MRZ_NONE ? NULL : &layouts[format];
}

DvMrzField
dv_mrz_digit_field(DvMrzDigit digit)
{
    static const DvMrzField fields[] = {
        [DV_MRZ_DIGIT_DOCUMENT_NUMBER] = FIELD_NUMBER, [DV_MRZ_DIGIT_BIRTH_DATE] = FIELD_BIRTH,
        [DV_MRZ_DIGIT_EXPIRY_DATE] = FIELD_EXPIRY,     [DV_MRZ_DIGIT_OPTIONAL] = FIELD_OPTIONAL,
        [DV_MRZ_DIGIT_COMPOSITE] = DV_MRZ_FIELDS,
    };
    return fields[digit];
}

gunichar
dv_zone_at(const DvMrzZone *zone, DvMrzRange range, guint index)
{
    return zone->cells[range.line - 1][range.column - 1 + index];
}

gboolean
dv_zone_is_empty(const DvMrzZone *zone, DvMrzRange range)
{
    for (guint i = 0; i < range.length; i++)
        if (dv_zone_at(zone, range, i) != '<')
            return FALSE;
    return TRUE;
}

void
dv_zone_text(const DvMrzZone *zone, DvMrzRange range, char *out)
{
    for (guint i = 0; i < range.length; i++)
        out += g_unichar_to_utf8(dv_zone_at(zone, range, i), out);
    *out = '\0';
}
