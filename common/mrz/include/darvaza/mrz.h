// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The machine readable zone of travel documents: ICAO Doc 9303 (8th ed.) parts 3 to 7, and the
 * French identity card of 1988-2021. Text in, a judged document out. Nothing here fails: bad
 * traveller data is a verdict with its reasons.
 *
 * Lines are UTF-8; a column is one code point. Fields hold what stands in the zone with outer
 * fillers removed; names and document number with inner '<' as one space, optional data with inner
 * '<' kept. Positions are counted from 1, as Doc 9303 does.
 */
#include <glib.h>

#define DV_MRZ_LINES_MAX 3
#define DV_MRZ_LINE_MAX 44                           /* code points */
#define DV_MRZ_TEXT_MAX 4096                         /* bytes; longer texts are rejected unread */
#define DV_MRZ_FIELD_BYTES (DV_MRZ_LINE_MAX * 4 + 1) /* a whole line of UTF-8 and its NUL */
#define DV_MRZ_CHANGES_MAX 1
#define DV_MRZ_DOUBTFUL_MAX (2 * DV_MRZ_LINE_MAX)

typedef enum {
    DV_MRZ_NONE, /* no Doc 9303 shape */
    DV_MRZ_TD1,
    DV_MRZ_TD2,
    DV_MRZ_TD3,
    DV_MRZ_MRVA,
    DV_MRZ_MRVB,
    DV_MRZ_FRA_ID2, /* French identity card 1988-2021, 2 x 36 */
} DvMrzFormat;

typedef enum {
    DV_MRZ_VALID, /* structure, characters, dates, codes and every check digit follow Doc 9303 */
    DV_MRZ_DEVIATION, /* every check digit is right, something else is outside Doc 9303 */
    DV_MRZ_INVALID,   /* a check digit fails or a field is syntactically wrong */
    DV_MRZ_REJECT,    /* no format has these lines */
} DvMrzVerdict;

typedef enum {
    DV_MRZ_DIGIT_DOCUMENT_NUMBER,
    DV_MRZ_DIGIT_BIRTH_DATE,
    DV_MRZ_DIGIT_EXPIRY_DATE,
    DV_MRZ_DIGIT_OPTIONAL,
    DV_MRZ_DIGIT_COMPOSITE,
    DV_MRZ_DIGITS,
} DvMrzDigit;

typedef enum {
    DV_MRZ_CHECK_ABSENT, /* this format has no such digit */
    DV_MRZ_CHECK_NA,     /* not computable: characters outside the set */
    DV_MRZ_CHECK_OK,
    DV_MRZ_CHECK_OK_ALT, /* right only by a known national practice; a deviation */
    DV_MRZ_CHECK_FAIL,
} DvMrzCheck;

typedef struct {
    guint8 line;   /* 1 .. 3 */
    guint8 column; /* 1 .. 44 */
} DvMrzPosition;

/* One proven substitution. */
typedef struct {
    DvMrzPosition at;
    char from, to;
} DvMrzChange;

/* A check digit that fails and where the misread character may stand. */
typedef struct {
    DvMrzDigit digit;
    guint count; /* entries of doubtful; 0: no single confusion explains it */
    DvMrzPosition doubtful[DV_MRZ_DOUBTFUL_MAX];
} DvMrzFinding;

typedef struct {
    DvMrzFormat format;
    DvMrzVerdict verdict; /* of the zone as read, never of a repaired one */
    char *reason;         /* REJECT: why; else NULL */
    guint line_count;
    char lines[DV_MRZ_LINES_MAX][DV_MRZ_FIELD_BYTES];

    /* As it stands in the zone. */
    char document_code[DV_MRZ_FIELD_BYTES]; /* "P", "PD", "I", "VC" */
    char issuing_state[DV_MRZ_FIELD_BYTES]; /* "D", "UTO" */
    char nationality[DV_MRZ_FIELD_BYTES];
    char surname[DV_MRZ_FIELD_BYTES];         /* primary identifier, "" if the zone has none */
    char given_names[DV_MRZ_FIELD_BYTES];     /* secondary identifier */
    char document_number[DV_MRZ_FIELD_BYTES]; /* whole, also when longer than 9 characters */
    char document_number_check[8];            /* its check digit as read */
    char birth_date[32];                      /* YYMMDD as read, '<' kept */
    char expiry_date[32];
    char sex[8];                         /* "F", "M", "<" or what stands there */
    char optional[DV_MRZ_FIELD_BYTES];   /* without a long number's continuation */
    char optional2[DV_MRZ_FIELD_BYTES];  /* TD1 line 2 */
    char admin_code[DV_MRZ_FIELD_BYTES]; /* French card: department and office */
    char issue_yymm[32];                 /* French card: year and month of issue */
    gboolean name_possibly_truncated;    /* last position of the name field is a letter */

    /* Decoded. ISO dates are "YYYY-MM-DD"; unknown parts stay "XX" ("1996-08-XX", "XXXX-08-12");
     * "" where the field is no date. */
    char birth_date_iso[12];  /* never after today */
    char expiry_date_iso[12]; /* up to 15 years ahead of today, else past: TR-03135 5.7.1 */
    /* MRZ_information for Basic Access Control (Doc 9303-11, 4.3.2): number padded to 9, birth and
     * expiry, each with its check digit. "" for visas and the French card. */
    char bac_mrz_information[DV_MRZ_FIELD_BYTES];

    DvMrzCheck checks[DV_MRZ_DIGITS];
    GPtrArray *errors;     /* (char *) "check_digit:composite got 0 want 5"; never NULL */
    GPtrArray *deviations; /* (char *) "nationality unknown code COU"; never NULL */
    GArray *findings;      /* (DvMrzFinding); never NULL, empty where every digit holds */

    /* A reading error whose correction the check digits prove (see mrz_repair.h). The fields above
     * stay as read; dv_mrz_parse_lines(corrected_lines) gives the corrected ones. */
    gboolean repaired;
    guint change_count;
    DvMrzChange changes[DV_MRZ_CHANGES_MAX];
    char corrected_lines[DV_MRZ_LINES_MAX][DV_MRZ_FIELD_BYTES];
    DvMrzVerdict corrected_verdict;
} DvMrz;

/* Parses 1 to 3 lines separated by CR, LF or CRLF (empty lines and outer spaces are dropped). Any
 * bytes are taken; what is no zone gives REJECT with reason. length -1: up to NUL. today decides
 * centuries. Never NULL; free with dv_mrz_free. */
DvMrz *dv_mrz_parse(const char *text, gssize length, const GDate *today);
/* The same for lines already split; they are taken exactly as they are. */
DvMrz *dv_mrz_parse_lines(const char *const *lines, guint count, const GDate *today);
void dv_mrz_free(DvMrz *mrz);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvMrz, dv_mrz_free)

/* Words as they stand in JSON: "TD3", "deviation", "birth_date", "ok_alt". Static. */
const char *dv_mrz_format_word(DvMrzFormat format);
const char *dv_mrz_verdict_word(DvMrzVerdict verdict);
const char *dv_mrz_digit_word(DvMrzDigit digit);
const char *dv_mrz_check_word(DvMrzCheck check);
gboolean dv_mrz_format_parse(const char *word, DvMrzFormat *format);

/* Doc 9303-3, 4.9: weights 7 3 1, '<' 0, digits their value, A 10 ... Z 35. The digit as '0'..'9',
 * or 0 where a character is outside the set. */
char dv_mrz_check_digit(const char *text, gsize length);

/* Doc 9303-3, 5: ISO 3166-1 codes and Doc 9303's own ("D", "GBN", "UNO", "XXB", "UTO"...).
 * Code without fillers. */
gboolean dv_mrz_country_is_known(const char *code);
/* English short name or NULL; static. */
const char *dv_mrz_country_name(const char *code);
/* Code for another system (ISO 3166-1 alpha-3): "D" gives "DEU", all others themselves. */
const char *dv_mrz_country_iso(const char *code);
/* Doc 9303-4, 4.4: P with one of the second letters in force from 2026, or none. */
gboolean dv_mrz_passport_code_is_known(const char *document_code);
