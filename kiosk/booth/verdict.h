// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Checks and their total, in the terms of BSI TR-03135-1 section 6: each check has one of five
 * results and an obligation; informational checks never reach the total.
 */
#include <glib.h>
#include <jansson.h>

typedef enum {
    DV_CHECK_SUCCESSFUL = 1,
    DV_CHECK_FAILED = 2,
    DV_CHECK_UNDETERMINED = 3,
    DV_CHECK_NOT_SUPPORTED = 4,
    DV_CHECK_ABORTED = 5,
} DvCheckResult;

typedef enum {
    DV_CHECK_MANDATORY,
    DV_CHECK_OPTIONAL,
    DV_CHECK_INFORMATIONAL,
} DvCheckObligation;

typedef struct {
    const char *id; /* static: "watchlist_document" */
    DvCheckResult result;
    DvCheckObligation obligation;
    const char
        *code; /* static: why, a key of the page's catalogues; "" when there is nothing to say */
    json_t *params;       /* what the sentence of code needs; NULL or owned */
    int start_ms, end_ms; /* since the document arrived */
} DvCheck;

typedef struct {
    GArray *checks; /* DvCheck */
} DvVerdict;

DvVerdict *dv_verdict_new(void);
void dv_verdict_free(DvVerdict *verdict);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvVerdict, dv_verdict_free)

/* Adds a check; id and code are static, params is taken over (may be NULL). */
void dv_verdict_add(DvVerdict *verdict, const char *id, DvCheckObligation obligation,
                    DvCheckResult result, const char *code, json_t *params);
/* Sets both times of every check added since the last call. */
void dv_verdict_stamp(DvVerdict *verdict, int start_ms, int end_ms);
const DvCheck *dv_verdict_find(const DvVerdict *verdict, const char *id);

/*
 * failed > aborted > undetermined > successful, given at least one successful; a verdict without
 * any is undetermined. A mandatory check that is not supported has not been done, so it counts as
 * undetermined; an optional one counts for nothing.
 */
DvCheckResult dv_verdict_total(const DvVerdict *verdict);

const char *dv_check_result_word(DvCheckResult result);             /* "SUCCESSFUL" ... */
const char *dv_check_obligation_word(DvCheckObligation obligation); /* "MANDATORY" ... */
