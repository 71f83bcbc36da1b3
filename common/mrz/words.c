// SPDX-License-Identifier: Apache-2.0
/* Enumerations as the words of docs/formats/mrz-json.md. */
#include <darvaza/mrz.h>

static const char *const formats[] = {
    [DV_MRZ_NONE] = "NONE",       [DV_MRZ_TD1] = "TD1",   [DV_MRZ_TD2] = "TD2",
    [DV_MRZ_TD3] = "TD3",         [DV_MRZ_MRVA] = "MRVA", [DV_MRZ_MRVB] = "MRVB",
    [DV_MRZ_FRA_ID2] = "FRA_ID2",
};

static const char *const verdicts[] = {
    [DV_MRZ_VALID] = "valid",
    [DV_MRZ_DEVIATION] = "deviation",
    [DV_MRZ_INVALID] = "invalid",
    [DV_MRZ_REJECT] = "reject",
};

static const char *const digits[] = {
    [DV_MRZ_DIGIT_DOCUMENT_NUMBER] = "document_number",
    [DV_MRZ_DIGIT_BIRTH_DATE] = "birth_date",
    [DV_MRZ_DIGIT_EXPIRY_DATE] = "expiry_date",
    [DV_MRZ_DIGIT_OPTIONAL] = "optional",
    [DV_MRZ_DIGIT_COMPOSITE] = "composite",
};

static const char *const checks[] = {
    [DV_MRZ_CHECK_ABSENT] = "absent", [DV_MRZ_CHECK_NA] = "n/a",    [DV_MRZ_CHECK_OK] = "ok",
    [DV_MRZ_CHECK_OK_ALT] = "ok_alt", [DV_MRZ_CHECK_FAIL] = "fail",
};

const char *
dv_mrz_format_word(DvMrzFormat format)
{
    return formats[format];
}

const char *
dv_mrz_verdict_word(DvMrzVerdict verdict)
{
    return verdicts[verdict];
}

const char *
dv_mrz_digit_word(DvMrzDigit digit)
{
    return digits[digit];
}

const char *
dv_mrz_check_word(DvMrzCheck check)
{
    return checks[check];
}

gboolean
dv_mrz_format_parse(const char *word, DvMrzFormat *format)
{
    for (gsize i = 0; i < G_N_ELEMENTS(formats); i++)
        if (g_strcmp0(formats[i], word) == 0) {
            *format = (DvMrzFormat)i;
            return TRUE;
        }
    return FALSE;
}
