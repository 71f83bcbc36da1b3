// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The zone as a grid of code points, and where each format keeps its fields. Private to this room.
 * Lines and columns count from 1, as in Doc 9303.
 */
#include <darvaza/mrz.h>

typedef struct {
    guint8 line, column, length; /* length 0: the format has no such field */
} DvMrzRange;

typedef enum {
    FIELD_CODE,
    FIELD_STATE,
    FIELD_NAME,
    FIELD_GIVEN, /* only where given names have a field of their own (French card) */
    FIELD_NUMBER,
    FIELD_NATIONALITY,
    FIELD_BIRTH,
    FIELD_SEX,
    FIELD_EXPIRY,
    FIELD_OPTIONAL,
    FIELD_OPTIONAL2,
    FIELD_ADMIN,
    FIELD_ISSUED,
    DV_MRZ_FIELDS,
} DvMrzField;

#define DV_MRZ_COMPOSITE_PARTS 4

typedef struct {
    DvMrzFormat format;
    guint8 lines, length;
    DvMrzRange fields[DV_MRZ_FIELDS];
    DvMrzRange digits[DV_MRZ_DIGITS]; /* where each check digit stands */
    DvMrzRange composite[DV_MRZ_COMPOSITE_PARTS];
    gboolean long_numbers; /* a number may go on in the optional data */
} DvMrzLayout;

/* NULL for DV_MRZ_NONE. */
const DvMrzLayout *dv_mrz_layout(DvMrzFormat format);
/* The field that a digit protects; DV_MRZ_FIELDS for the composite. */
DvMrzField dv_mrz_digit_field(DvMrzDigit digit);

typedef struct {
    const DvMrzLayout *layout;
    gunichar cells[DV_MRZ_LINES_MAX][DV_MRZ_LINE_MAX];
} DvMrzZone;

/* The code point at a place of a range, index from 0. */
gunichar dv_zone_at(const DvMrzZone *zone, DvMrzRange range, guint index);
gboolean dv_zone_is_empty(const DvMrzZone *zone, DvMrzRange range); /* fillers only */
/* UTF-8 of a range as it stands; out holds DV_MRZ_FIELD_BYTES. */
void dv_zone_text(const DvMrzZone *zone, DvMrzRange range, char *out);
/* A-Z, 0-9, '<' (Doc 9303-3, 4.3). */
gboolean dv_mrz_is_legal(gunichar c);

/* Sum of a weighted run, for digits that run over several ranges. */
typedef struct {
    guint sum, count;
    gboolean bad; /* met a character outside the set */
} DvMrzSum;
void dv_mrz_sum_add(DvMrzSum *sum, gunichar c);
void dv_mrz_sum_range(DvMrzSum *sum, const DvMrzZone *zone, DvMrzRange range);
char dv_mrz_sum_digit(const DvMrzSum *sum); /* 0 if bad */

/* Characters of a document number that stand in the optional data, its check digit included; 0 if
 * the number is not a long one (Doc 9303-5 note j, 9303-6 note j). */
guint dv_zone_continuation(const DvMrzZone *zone);

typedef struct {
    DvMrzCheck state;
    gunichar got;
    char want;
} DvMrzDigitCheck;
/* Every check digit of the zone; ABSENT where the format has none. */
void dv_zone_check(const DvMrzZone *zone, DvMrzDigitCheck checks[DV_MRZ_DIGITS]);

/* Fields, dates and names. */
void dv_zone_read(const DvMrzZone *zone, DvMrz *mrz, const GDate *today);
/* Errors and deviations beyond check digits, in the order of docs/formats/mrz-json.md. */
void dv_zone_judge(const DvMrzZone *zone, DvMrz *mrz);

/* Two-digit dates (dates.c). birth: parts may be unknown. */
typedef enum { DATE_BAD, DATE_KNOWN, DATE_PARTLY, DATE_UNKNOWN } DvMrzDateKind;
DvMrzDateKind dv_mrz_date_kind(const char *yymmdd, gboolean parts_may_be_unknown);
void dv_mrz_birth_iso(const char *yymmdd, const GDate *today, char out[12]);
void dv_mrz_expiry_iso(const char *yymmdd, const GDate *today, char out[12]);

/* Parses a zone whose format is known, without looking for repairs. */
DvMrz *dv_mrz_from_zone(const DvMrzZone *zone, const GDate *today);
/* Checks, errors and repair of a parsed zone (repair.c). */
void dv_zone_repair(const DvMrzZone *zone, DvMrz *mrz, const GDate *today);
