// SPDX-License-Identifier: Apache-2.0
#include "booth_private.h"

#include <darvaza/clock.h>
#include <darvaza/error.h>
#include <darvaza/log.h>

/* A move that the table or an invariant forbids here is a mistake of this program, not of anybody
 * outside: say so loudly and stop working rather than record something wrong. */
static void
move(DvBooth *booth, DvLaneState to)
{
    g_autoptr(GError) error = NULL;
    if (dv_lane_move(&booth->lane, to, &error))
        return;
    dv_log_warning("lane: %s", error->message);
    dv_flow_fault(booth, error->message);
}

static void
drop_inspection(DvBooth *booth)
{
    g_clear_pointer(&booth->inspection, dv_inspection_free);
    booth->lane.has_crossing = booth->lane.has_verdict = FALSE;
    booth->lane.recorded_seq = 0;
    booth->shown_us = 0;
    dv_face_seen_clear(&booth->seen);
}

static gboolean
is_busy(const DvBooth *booth)
{
    return booth->lane.state == DV_LANE_CHECKING || booth->lane.state == DV_LANE_DECIDING ||
           booth->lane.state == DV_LANE_FAULT;
}

void
dv_flow_fault(DvBooth *booth, const char *reason)
{
    g_free(booth->fault);
    booth->fault = g_strdup(reason);
    booth->lane.fault = booth->fault;
    if (dv_lane_allows(booth->lane.state, DV_LANE_FAULT)) {
        g_autoptr(GError) error = NULL;
        if (!dv_lane_move(&booth->lane, DV_LANE_FAULT, &error))
            dv_log_warning("lane: %s", error->message);
    }
    dv_log_warning("lane: fault: %s", reason);
    dv_booth_announce(booth);
}

gboolean
dv_flow_recover(DvBooth *booth, GError **error)
{
    if (booth->lane.state != DV_LANE_FAULT) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "the lane is not in fault");
        return FALSE;
    }
    DvOutboxHead head;
    if (!dv_outbox_head(booth->outbox, &head, error))
        return FALSE;
    gboolean kept = booth->lane.has_crossing && booth->lane.has_verdict;
    if (!kept)
        drop_inspection(booth);
    booth->lane.fault = NULL;
    move(booth, kept ? DV_LANE_DECIDING : DV_LANE_IDLE);
    dv_booth_announce(booth);
    return TRUE;
}

void
dv_flow_forget_recorded(DvBooth *booth)
{
    g_clear_pointer(&booth->recorded.crossing_id, g_free);
    g_clear_pointer(&booth->recorded.decision, g_free);
    if (booth->lane.state != DV_LANE_RECORDED)
        return;
    drop_inspection(booth);
    move(booth, DV_LANE_IDLE);
}

/* ---- reading ---- */

void
dv_flow_reading(DvBooth *booth)
{
    if (!dv_sessions_current(booth->sessions) || is_busy(booth))
        return; /* what comes of it is answered when it is there */
    if (booth->lane.state == DV_LANE_READING)
        return;
    drop_inspection(booth);
    move(booth, DV_LANE_READING);
    dv_booth_announce(booth);
}

void
dv_flow_reading_failed(DvBooth *booth)
{
    if (booth->lane.state == DV_LANE_READING)
        move(booth, DV_LANE_IDLE);
    dv_booth_notice(booth, "reading_failed");
}

static GBytes *
keep(GBytes *picture)
{
    return picture ? g_bytes_ref(picture) : NULL;
}

void
dv_flow_document(DvBooth *booth, const DvDeviceDocument *document)
{
    if (!dv_sessions_current(booth->sessions)) {
        /* Nobody answers for it, so nothing of it is kept. */
        if (booth->lane.state == DV_LANE_READING)
            move(booth, DV_LANE_IDLE);
        dv_booth_notice(booth, "nobody_signed_in");
        return;
    }
    if (is_busy(booth)) {
        const DvInspection *now = booth->inspection;
        gboolean same = now && now->raw_lines &&
                        g_strv_equal((const char *const *)now->raw_lines, document->lines);
        dv_booth_notice(booth, same ? "same_document" : "second_document");
        return;
    }
    DvInspection *inspection =
        dv_inspection_new_lines(DV_ENTRY_MRZ, document->lines, document->arrived_us);
    inspection->face.document = keep(document->portrait);
    inspection->scan = (DvScan){document->by_camera, document->corrections, keep(document->zone),
                                keep(document->page)};
    g_autoptr(GError) error = NULL;
    if (!dv_flow_begin(booth, inspection, &error)) {
        dv_inspection_free(inspection);
        dv_log_warning("lane: %s", error->message);
    }
}

/* ---- checking ---- */

static void
set_default(char **place, const char *value)
{
    if (!*place)
        *place = g_strdup(value);
}

static void
set_movement_defaults(DvBooth *booth)
{
    DvMovement *movement = &booth->inspection->movement;
    set_default(&movement->direction, dv_config_string(booth->config, "lane", "direction"));
    set_default(&movement->mode, dv_config_string(booth->config, "lane", "mode"));
    set_default(&movement->purpose, dv_config_string(booth->config, "lane", "purpose"));
    set_default(&movement->traveller_class,
                dv_config_string(booth->config, "lane", "traveller_class"));
}

static void
run_checks(DvBooth *booth)
{
    DvInspection *inspection = booth->inspection;
    const DvTraveller *traveller = &inspection->traveller;
    DvWatchlistSubject subject = {
        .surname = traveller->surname,
        .given_names = traveller->given_names,
        .birth_date = traveller->birth_date,
        .sex = traveller->sex,
        .nationality = traveller->nationality,
        .document_number = traveller->document_number,
        .issuing_state = traveller->issuing_state,
        .document_type = traveller->document_code,
    };
    inspection->asked_us = dv_clock_mono_us();
    inspection->watch = dv_watchlist_check(booth->lists, &subject, inspection->event_us);
    inspection->answered_us = dv_clock_mono_us();
    DvCheckContext context = {booth->training, dv_booth_clock_quality(booth)};
    dv_checks_run(inspection, &context);
    booth->lane.has_verdict = TRUE;
    move(booth, DV_LANE_DECIDING);
    dv_booth_announce(booth);
}

gboolean
dv_flow_begin(DvBooth *booth, DvInspection *inspection, GError **error)
{
    if (is_busy(booth)) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT,
                    "another traveller is on the lane; decide that crossing first");
        return FALSE;
    }
    drop_inspection(booth);
    booth->inspection = inspection;
    booth->lane.has_crossing = TRUE;
    booth->notice.code = NULL;
    set_movement_defaults(booth);
    dv_face_begin(booth);
    move(booth, DV_LANE_CHECKING);
    if (booth->lane.state == DV_LANE_CHECKING)
        run_checks(booth);
    return TRUE;
}

gboolean
dv_flow_correct(DvBooth *booth, const char *const *lines, GError **error)
{
    if (booth->lane.state != DV_LANE_DECIDING) {
        g_set_error(error, DV_ERROR, DV_ERROR_CONFLICT, "there is no document to correct");
        return FALSE;
    }
    if (!dv_inspection_correct(booth->inspection, lines, error))
        return FALSE;
    booth->lane.has_verdict = FALSE;
    move(booth, DV_LANE_CHECKING);
    if (booth->lane.state == DV_LANE_CHECKING)
        run_checks(booth);
    return TRUE;
}
