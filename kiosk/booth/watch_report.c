// SPDX-License-Identifier: Apache-2.0
#include "watch.h"

void
dv_watch_list_free(DvWatchList *list)
{
    if (!list)
        return;
    g_free(list->list_id);
    g_free(list->name);
    g_free(list);
}

void
dv_watch_hit_free(DvWatchHit *hit)
{
    if (!hit)
        return;
    g_free(hit->alert_id);
    g_free(hit->list_id);
    g_free(hit->list_name);
    g_free(hit->review_date);
    json_decref(hit->explanation);
    g_free(hit);
}

void
dv_watch_report_free(DvWatchReport *report)
{
    if (!report)
        return;
    g_free(report->document_list);
    g_free(report->person_list);
    g_ptr_array_unref(report->hits);
    g_ptr_array_unref(report->lists);
    g_free(report);
}

gboolean
dv_watch_hit_stops(const DvWatchHit *hit)
{
    return hit->exact &&
           (g_str_equal(hit->action, "STOP_REFER") || g_str_equal(hit->action, "SEIZE_DOCUMENT"));
}

gboolean
dv_watch_hit_is_quiet(const DvWatchHit *hit)
{
    return g_str_equal(hit->action, "DISCREET") || g_str_equal(hit->action, "INFO");
}
