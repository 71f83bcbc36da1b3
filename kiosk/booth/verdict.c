// SPDX-License-Identifier: Apache-2.0
#include "verdict.h"

static void
clear_check(void *data)
{
    DvCheck *check = data;
    json_decref(check->params);
}

DvVerdict *
dv_verdict_new(void)
{
    DvVerdict *verdict = g_new0(DvVerdict, 1);
    verdict->checks = g_array_new(FALSE, TRUE, sizeof(DvCheck));
    g_array_set_clear_func(verdict->checks, clear_check);
    return verdict;
}

void
dv_verdict_free(DvVerdict *verdict)
{
    if (!verdict)
        return;
    g_array_unref(verdict->checks);
    g_free(verdict);
}

void
dv_verdict_add(DvVerdict *verdict, const char *id, DvCheckObligation obligation,
               DvCheckResult result, const char *code, json_t *params)
{
    DvCheck check = {.id = id,
                     .result = result,
                     .obligation = obligation,
                     .code = code,
                     .params = params,
                     .start_ms = -1,
                     .end_ms = -1};
    g_array_append_val(verdict->checks, check);
}

void
dv_verdict_stamp(DvVerdict *verdict, int start_ms, int end_ms)
{
    for (guint i = 0; i < verdict->checks->len; i++) {
        DvCheck *check = &g_array_index(verdict->checks, DvCheck, i);
        if (check->start_ms >= 0)
            continue;
        check->start_ms = MAX(start_ms, 0);
        check->end_ms = MAX(end_ms, check->start_ms);
    }
}

const DvCheck *
dv_verdict_find(const DvVerdict *verdict, const char *id)
{
    for (guint i = 0; i < verdict->checks->len; i++) {
        const DvCheck *check = &g_array_index(verdict->checks, DvCheck, i);
        if (g_str_equal(check->id, id))
            return check;
    }
    return NULL;
}

DvCheckResult
dv_verdict_total(const DvVerdict *verdict)
{
    gboolean seen[DV_CHECK_ABORTED + 1] = {FALSE};
    for (guint i = 0; i < verdict->checks->len; i++) {
        const DvCheck *check = &g_array_index(verdict->checks, DvCheck, i);
        if (check->obligation == DV_CHECK_INFORMATIONAL)
            continue;
        if (check->result == DV_CHECK_NOT_SUPPORTED && check->obligation == DV_CHECK_MANDATORY)
            seen[DV_CHECK_UNDETERMINED] = TRUE;
        else
            seen[check->result] = TRUE;
    }
    static const DvCheckResult worst_first[] = {DV_CHECK_FAILED, DV_CHECK_ABORTED,
                                                DV_CHECK_UNDETERMINED, DV_CHECK_SUCCESSFUL};
    for (guint i = 0; i < G_N_ELEMENTS(worst_first); i++)
        if (seen[worst_first[i]])
            return worst_first[i];
    return DV_CHECK_UNDETERMINED;
}

const char *
dv_check_result_word(DvCheckResult result)
{
    static const char *const words[] = {
        "?", "SUCCESSFUL", "FAILED", "UNDETERMINED", "NOT_SUPPORTED", "ABORTED"};
    return words[result <= DV_CHECK_ABORTED ? result : 0];
}

const char *
dv_check_obligation_word(DvCheckObligation obligation)
{
    static const char *const words[] = {"MANDATORY", "OPTIONAL", "INFORMATIONAL"};
    return words[obligation];
}
