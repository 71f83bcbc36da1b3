// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Writing a zone: fields to lines, with check digits, long numbers and truncated names. */
#include <darvaza/error.h>
#include <darvaza/mrz.h>

/* NULL strings count as empty. Names are MRZ letters with parts separated by one space; numbers and
 * optional data are A-Z, 0-9, and '<' or a space inside. */
typedef struct {
    DvMrzFormat format;
    const char *document_code; /* "P", "PP", "ID", "V" */
    const char *issuing_state; /* "UTO", "D" */
    const char *nationality;   /* not on the French card */
    const char *surname;
    const char *given_names;
    const char *document_number;
    const char *birth_date;  /* YYMMDD, unknown parts as "<<" */
    const char *expiry_date; /* YYMMDD; not on the French card */
    const char *sex;         /* "F", "M", "<" or NULL */
    const char *optional;
    const char *optional2;  /* TD1 */
    const char *admin_code; /* French card: 6 characters */
    const char *issue_yymm; /* French card: YYMM */
} DvMrzFields;

/* NULL-terminated lines, or NULL with DV_ERROR_INVALID naming the field that is too long for its
 * place or holds a character outside the set. Names are truncated, never refused: Doc 9303-4 4.2.3,
 * 9303-5 4.2.3, 9303-6 4.2.3, 9303-7 4.2.3. Free with g_strfreev. */
char **dv_mrz_compose(const DvMrzFields *fields, GError **error);
