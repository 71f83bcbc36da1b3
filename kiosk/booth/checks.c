// SPDX-License-Identifier: Apache-2.0
#include "checks.h"

#include <string.h>

static void
add(DvInspection *inspection, const char *id, DvCheckObligation obligation, DvCheckResult result,
    const char *code, json_t *params)
{
    dv_verdict_add(inspection->verdict, id, obligation, result, code, params);
}

/* ---- the machine readable zone ---- */

static json_t *
failed_digits(const DvMrz *mrz)
{
    json_t *list = json_array();
    for (int i = 0; i < DV_MRZ_DIGITS; i++)
        if (mrz->checks[i] == DV_MRZ_CHECK_FAIL || mrz->checks[i] == DV_MRZ_CHECK_NA)
            json_array_append_new(list, json_string(dv_mrz_digit_word((DvMrzDigit)i)));
    return json_pack("{s:o}", "digits", list);
}

static void
check_digits(DvInspection *inspection, const DvCheckContext *context)
{
    (void)context;
    const char *id = "mrz_check_digits";
    const DvMrz *mrz = inspection->mrz;
    if (!mrz) {
        add(inspection, id, DV_CHECK_OPTIONAL, DV_CHECK_NOT_SUPPORTED, "typed_fields", NULL);
        return;
    }
    if (mrz->verdict == DV_MRZ_REJECT) {
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_FAILED, "no_zone", NULL);
        return;
    }
    for (int i = 0; i < DV_MRZ_DIGITS; i++)
        if (mrz->checks[i] == DV_MRZ_CHECK_FAIL || mrz->checks[i] == DV_MRZ_CHECK_NA) {
            add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_FAILED, "digits_fail",
                failed_digits(mrz));
            return;
        }
    const char *code = "";
    for (guint i = 0; i < inspection->changes->len; i++)
        code = g_array_index(inspection->changes, DvLineChange, i).by_officer ? "digits_corrected"
                                                                              : "digits_repaired";
    /* A digit that does not fit is also what an altered document shows: until somebody has looked
     * at the print, a repair decides what is searched for and not that the document is in order. */
    DvCheckResult result = inspection->changes->len && !inspection->confirmed
                               ? DV_CHECK_UNDETERMINED
                               : DV_CHECK_SUCCESSFUL;
    add(inspection, id, DV_CHECK_MANDATORY, result, code, NULL);
}

static json_t *
sentences(const GPtrArray *list)
{
    json_t *out = json_array();
    for (guint i = 0; i < list->len && i < 8; i++)
        json_array_append_new(out, json_string(g_ptr_array_index(list, i)));
    return json_pack("{s:o}", "list", out);
}

static void
check_structure(DvInspection *inspection, const DvCheckContext *context)
{
    (void)context;
    const char *id = "mrz_structure";
    const DvMrz *mrz = inspection->mrz;
    if (!mrz || mrz->verdict == DV_MRZ_REJECT)
        return;
    /* A wrong check digit is the other check's matter; what remains of INVALID is a field. */
    for (guint i = 0; i < mrz->errors->len; i++)
        if (!g_str_has_prefix(g_ptr_array_index(mrz->errors, i), "check_digit:")) {
            add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_FAILED, "structure_wrong",
                sentences(mrz->errors));
            return;
        }
    if (mrz->deviations->len)
        add(inspection, id, DV_CHECK_OPTIONAL, DV_CHECK_UNDETERMINED, "structure_deviates",
            sentences(mrz->deviations));
    else
        add(inspection, id, DV_CHECK_OPTIONAL, DV_CHECK_SUCCESSFUL, "", NULL);
}

/* ---- the document ---- */

static void
check_kind(DvInspection *inspection, const DvCheckContext *context)
{
    (void)context;
    const char *id = "document_kind";
    const char *code = inspection->traveller.document_code;
    if (inspection->mrz && inspection->mrz->verdict == DV_MRZ_REJECT)
        return;
    if (!*code)
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_FAILED, "no_document", NULL);
    else if (*code == 'V')
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_FAILED, "visa_alone", NULL);
    else
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_SUCCESSFUL, "", NULL);
}

static void
check_expiry(DvInspection *inspection, const DvCheckContext *context)
{
    const char *id = "document_expiry";
    const char *expiry = inspection->traveller.expiry_date;
    if (strlen(expiry) != 10 || strchr(expiry, 'X')) {
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_UNDETERMINED, "no_expiry_date", NULL);
        return;
    }
    GDate today = dv_inspection_today(inspection);
    char now[11];
    g_date_strftime(now, sizeof now, "%Y-%m-%d", &today);
    if (context->clock == DV_CLOCK_SUSPECT)
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_UNDETERMINED, "clock_suspect", NULL);
    else if (strcmp(expiry, now) < 0)
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_FAILED, "expired",
            json_pack("{s:s}", "date", expiry));
    else
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_SUCCESSFUL, "", NULL);
}

gboolean
dv_checks_is_specimen(const DvInspection *inspection)
{
    return g_str_equal(inspection->traveller.issuing_state, "UTO") ||
           g_str_equal(inspection->traveller.nationality, "UTO");
}

static void
check_specimen(DvInspection *inspection, const DvCheckContext *context)
{
    const char *id = "document_specimen";
    if (!dv_checks_is_specimen(inspection))
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_SUCCESSFUL, "", NULL);
    else if (context->training)
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_SUCCESSFUL, "specimen_training", NULL);
    else
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_FAILED, "specimen", NULL);
}

static void
check_issuer(DvInspection *inspection, const DvCheckContext *context)
{
    (void)context;
    const DvTraveller *traveller = &inspection->traveller;
    const char *codes[] = {traveller->issuing_state, traveller->nationality};
    for (guint i = 0; i < G_N_ELEMENTS(codes); i++)
        if (*codes[i] && !dv_mrz_country_is_known(codes[i])) {
            add(inspection, "state_codes", DV_CHECK_OPTIONAL, DV_CHECK_UNDETERMINED,
                "unknown_state", json_pack("{s:s}", "code", codes[i]));
            return;
        }
}

/* ---- watchlists ---- */

gboolean
dv_checks_hit_stops(const DvWatchlistHit *hit)
{
    return !hit->probable &&
           (hit->action == DV_WATCHLIST_STOP_REFER || hit->action == DV_WATCHLIST_SEIZE_DOCUMENT);
}

gboolean
dv_checks_hit_is_quiet(const DvWatchlistHit *hit)
{
    return hit->action == DV_WATCHLIST_DISCREET || hit->action == DV_WATCHLIST_INFO;
}

/* The most that hits of one subject make of a check. Quiet hits are in watchlist_notice. */
static DvCheckResult
result_of_hits(const DvInspection *inspection, gboolean document, int *count)
{
    DvCheckResult result = DV_CHECK_SUCCESSFUL;
    *count = 0;
    for (guint i = 0; i < inspection->watch->hits->len; i++) {
        const DvWatchlistHit *hit = g_ptr_array_index(inspection->watch->hits, i);
        if (hit->is_document != document || dv_checks_hit_is_quiet(hit))
            continue;
        (*count)++;
        if (!hit->probable)
            result = DV_CHECK_FAILED;
        else if (result != DV_CHECK_FAILED)
            result = DV_CHECK_UNDETERMINED; /* S9: a resemblance alone is never a stop */
    }
    return result;
}

/* Why the lists could not say "no hit". */
static void
add_undetermined(DvInspection *inspection, const char *id, DvCheckObligation obligation)
{
    const DvWatchlistAnswer *answer = inspection->watch;
    DvCheckResult result = DV_CHECK_UNDETERMINED;
    const char *code = answer->lists->len ? "list_undetermined" : "no_list";
    for (guint i = 0; i < answer->lists->len; i++) {
        const DvWatchlistList *list = g_ptr_array_index(answer->lists, i);
        if (list->status == DV_WATCHLIST_EXPIRED) {
            code = "list_expired";
        } else if (list->status == DV_WATCHLIST_FAILED) {
            result = DV_CHECK_ABORTED;
            code = "query_failed";
            break;
        }
    }
    add(inspection, id, obligation, result, code,
        json_pack("{s:s}", "because", answer->undetermined_because));
}

static void
check_list(DvInspection *inspection, const char *id, gboolean document, gboolean askable)
{
    int count = 0;
    DvCheckResult hits = result_of_hits(inspection, document, &count);
    if (count)
        add(inspection, id, DV_CHECK_MANDATORY, hits,
            hits == DV_CHECK_FAILED ? "hit" : "possible_hit", json_pack("{s:i}", "count", count));
    else if (!askable)
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_UNDETERMINED, "nothing_to_ask", NULL);
    else if (!inspection->watch->determined)
        add_undetermined(inspection, id, DV_CHECK_MANDATORY);
    else
        add(inspection, id, DV_CHECK_MANDATORY, DV_CHECK_SUCCESSFUL, "", NULL);
}

static void
check_lists(DvInspection *inspection, const DvCheckContext *context)
{
    (void)context;
    const DvTraveller *traveller = &inspection->traveller;
    gboolean named = *traveller->surname || *traveller->given_names;
    check_list(inspection, "watchlist_document", TRUE, *traveller->document_number);
    check_list(inspection, "watchlist_person", FALSE, named);
    int quiet = 0;
    for (guint i = 0; i < inspection->watch->hits->len; i++)
        quiet += dv_checks_hit_is_quiet(g_ptr_array_index(inspection->watch->hits, i)) ? 1 : 0;
    /* S10: informational, so that nothing of it reaches total or colour. */
    if (quiet)
        add(inspection, "watchlist_notice", DV_CHECK_INFORMATIONAL, DV_CHECK_FAILED, "notice",
            json_pack("{s:i}", "count", quiet));
    else if (!inspection->watch->determined)
        add_undetermined(inspection, "watchlist_notice", DV_CHECK_INFORMATIONAL);
    else
        add(inspection, "watchlist_notice", DV_CHECK_INFORMATIONAL, DV_CHECK_SUCCESSFUL, "", NULL);
}

/* ---- what this booth cannot do, said aloud; S16: none of it holds up a crossing ---- */

static void
check_rest(DvInspection *inspection, const DvCheckContext *context)
{
    add(inspection, "chip_authenticity", DV_CHECK_OPTIONAL, DV_CHECK_NOT_SUPPORTED, "no_device",
        NULL);
    add(inspection, "optical_security", DV_CHECK_OPTIONAL, DV_CHECK_NOT_SUPPORTED, "no_device",
        NULL);
    /* What a model finds stands with the portraits and never among what the verdict is made of. */
    add(inspection, "face", DV_CHECK_OPTIONAL, DV_CHECK_NOT_SUPPORTED, "by_eye", NULL);
    if (context->clock == DV_CLOCK_SUSPECT)
        add(inspection, "clock", DV_CHECK_MANDATORY, DV_CHECK_UNDETERMINED, "clock_suspect", NULL);
    else if (context->clock == DV_CLOCK_UNSYNCED)
        add(inspection, "clock", DV_CHECK_INFORMATIONAL, DV_CHECK_UNDETERMINED, "clock_unsynced",
            NULL);
    else
        add(inspection, "clock", DV_CHECK_INFORMATIONAL, DV_CHECK_SUCCESSFUL, "", NULL);
}

void
dv_checks_run(DvInspection *inspection, const DvCheckContext *context)
{
    static void (*const rows[])(DvInspection *, const DvCheckContext *) = {
        check_digits,   check_structure, check_kind,  check_expiry,
        check_specimen, check_issuer,    check_lists, check_rest,
    };
    dv_verdict_free(inspection->verdict);
    inspection->verdict = dv_verdict_new();
    for (guint i = 0; i < G_N_ELEMENTS(rows); i++) {
        gint64 from = dv_clock_mono_us();
        rows[i](inspection, context);
        gint64 to = dv_clock_mono_us();
        if (rows[i] == check_lists) { /* the question took time, not reading its answer */
            from = inspection->asked_us;
            to = inspection->answered_us;
        }
        dv_verdict_stamp(inspection->verdict, (int)((from - inspection->arrived_us) / 1000),
                         (int)((to - inspection->arrived_us) / 1000));
    }
}

gboolean
dv_checks_stop_stands(const DvInspection *inspection)
{
    for (guint i = 0; i < inspection->watch->hits->len; i++)
        if (dv_checks_hit_stops(g_ptr_array_index(inspection->watch->hits, i)))
            return TRUE;
    return FALSE;
}

DvPriority
dv_checks_priority(const DvInspection *inspection, gboolean referred)
{
    DvPriority priority = DV_PRIORITY_ROUTINE;
    if (referred || dv_verdict_total(inspection->verdict) != DV_CHECK_SUCCESSFUL)
        priority = DV_PRIORITY_REVIEW;
    for (guint i = 0; i < inspection->watch->hits->len; i++) {
        const DvWatchlistHit *hit = g_ptr_array_index(inspection->watch->hits, i);
        DvPriority own = dv_checks_hit_stops(hit) ? DV_PRIORITY_STOP
                         : hit->probable          ? DV_PRIORITY_POSSIBLE
                                                  : DV_PRIORITY_HIT;
        priority = MAX(priority, own);
    }
    return priority;
}
