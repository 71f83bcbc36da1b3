// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What the parts of darvaza-booth share. One thread, one main loop: nothing here is locked. */
#include "answers.h"
#include "checks.h"
#include "decide.h"
#include "devices_client.h"
#include "inspection.h"
#include "lane.h"
#include "pages.h"
#include "sessions.h"
#include "uplink_service.h"

#include <darvaza/accounts.h>
#include <darvaza/booth.h>
#include <darvaza/config.h>
#include <darvaza/crossing.h>
#include <darvaza/httpd.h>
#include <darvaza/outbox.h>
#include <darvaza/watchlist.h>

/* Shown for a while beside the state: something happened that is no state. */
typedef struct {
    const char *code; /* key of the page's catalogues; static; NULL: none */
    gint64 at_us;     /* monotonic clock */
} DvNotice;

/* The crossing that was recorded last, for the screen. */
typedef struct {
    char *crossing_id, *decision; /* as asked for: shown to this officer, for a moment */
    const char *kept;             /* the sealed body's own word, shown from then on */
    gint64 at_us;                 /* monotonic clock */
    gint64 epoch, seq;
    int duration_ms; /* document laid to recorded */
} DvRecorded;

/* A crossing of this shift. Memory only: a stolen kiosk yields none. */
typedef struct {
    char *crossing_id, *shift_id, *label, *decision; /* label: name and number for the officer */
    gint64 epoch, seq, event_us;
} DvRecent;

struct DvBooth {
    const DvConfig *config; /* belongs to the caller */
    gboolean training;
    DvKey *sign_key, *answers_key;
    DvCert *sign_cert, *answers_cert, *record_cert, *protection_cert, *opener_cert, *receipt_cert;
    DvSealKeys seal_keys;
    char *kiosk;

    DvLane lane;
    char *fault;
    DvInspection *inspection;
    DvFaceSeen seen;
    DvFaceBefore before;
    gboolean compares_none; /* the last comparison's answer: no model is installed */
    GPtrArray *views;       /* requests that wait for a frame (api_camera.c) */
    DvRecorded recorded;
    DvNotice notice;
    gint64 shown_us; /* monotonic clock when the verdict was first handed to a page */

    DvSessions *sessions;
    DvAccounts *accounts;
    DvDevicesClient *devices;
    DvOutbox *outbox;
    DvAnswers *answers;
    DvWatchlist *lists;
    DvUplinkService *uplink;
    DvHttpd *httpd;
    DvPages *pages;
    GPtrArray *recent; /* DvRecent, newest last */
    gboolean online;
    char *link_detail;
    guint tick_id;
    guint64 version; /* of the state that pages see */
    guint announce_id, ticks;
};

/* ---- flow.c: what moves the lane */
void dv_flow_reading(DvBooth *booth);
void dv_flow_reading_failed(DvBooth *booth);
void dv_flow_document(DvBooth *booth, const DvDeviceDocument *document);
/* Takes over the inspection when TRUE. DV_ERROR_CONFLICT: another traveller is on the lane. */
gboolean dv_flow_begin(DvBooth *booth, DvInspection *inspection, GError **error);
gboolean dv_flow_correct(DvBooth *booth, const char *const *lines, GError **error);
/* Tries to leave the fault state: back to deciding when a crossing is kept, else to idle. */
gboolean dv_flow_recover(DvBooth *booth, GError **error);
/* The last crossing leaves the screen with the officer who decided it. */
void dv_flow_forget_recorded(DvBooth *booth);
/* Puts the lane into fault; reason becomes the officer's sentence. */
void dv_flow_fault(DvBooth *booth, const char *reason);

/* ---- flow_decide.c */
typedef struct {
    const char *crossing_id, *decision, *note, *language;     /* note and language may be NULL */
    const char *direction, *mode, *purpose, *traveller_class; /* NULL: as the lane has it */
} DvDecisionRequest;
/* Judges, seals, and returns TRUE only once the outbox holds the record durably; an id that it
 * holds already is answered with its numbers. On DV_ERROR_FULL and the like the lane still
 * decides and nothing is lost. *word is set to a static word for a refusal by the table. */
gboolean dv_flow_decide(DvBooth *booth, const DvDecisionRequest *request, const DvSession *officer,
                        DvOutboxPlace *place, const char **word, GError **error);

/* ---- face.c */
/* A traveller came to the lane: what was seen before is another's. */
void dv_face_begin(DvBooth *booth);
/* face_compare.c: asks for a comparison of the two portraits, where there are two. */
void dv_face_compare(DvBooth *booth);
/* The crossing on the lane is over: its traveller still stands there until nobody was seen. */
void dv_face_end(DvBooth *booth);
/* A judged frame of the traveller's camera, asked for at that time of the monotonic clock; takes
 * the portrait by itself at the right moment. */
void dv_face_look(DvBooth *booth, const DvView *view, gint64 asked_us);
/* Whether the traveller on the lane has neither a portrait nor a reason against one. */
gboolean dv_face_awaited(const DvBooth *booth);
/* Both need an inspection. *word: static word of a refusal. */
gboolean dv_face_take(DvBooth *booth, const char **word, GError **error);
gboolean dv_face_skip(DvBooth *booth, const char *reason, GError **error);
/* The device of the camera "traveller" or "document"; NULL: none is configured. */
const char *dv_face_camera(const DvBooth *booth, const char *name);
/* "none": not configured. "away": not plugged in. "fault". "ready". Static. */
const char *dv_face_camera_state(const DvBooth *booth, const char *name);
/* Word of face_missing_2; NULL: there is a live portrait. Needs an inspection, as do the next. */
const char *dv_face_missing(const DvBooth *booth);
json_t *dv_face_record(const DvBooth *booth);
json_t *dv_face_record_portraits(const DvBooth *booth);
json_t *dv_face_view(const DvBooth *booth);

/* ---- record_build.c */
/* The record's body (docs/formats/record.md) and, for a protection referral, the compartment. */
json_t *dv_record_build(const DvBooth *booth, const DvDecisionRow *row,
                        const DvDecisionRequest *request, const DvSession *officer);
/* The lists as records and heartbeats name them. */
json_t *dv_record_watchlists(const DvWatchlistAnswer *answer);
json_t *dv_record_build_protection(const DvBooth *booth, const DvDecisionRow *row,
                                   const DvDecisionRequest *request);

/* ---- state_view.c: what pages see */
json_t *dv_state_view(DvBooth *booth);
json_t *dv_state_recent(DvBooth *booth, const char *shift_id);

/* ---- booth.c */
/* Sends the state to every page, once per turn of the main loop. */
void dv_booth_announce(DvBooth *booth);
void dv_booth_notice(DvBooth *booth, const char *code);
DvClockQuality dv_booth_clock_quality(const DvBooth *booth);

/* ---- api.c: the table of routes */
extern const DvRoute dv_booth_routes[];
gboolean dv_booth_guard(DvRequest *request, const DvRoute *route, void *data);
/* Handlers, one file per subject: api_session.c, api_lane.c, api_camera.c. */
void dv_api_sign_in(DvRequest *request, void *data);
void dv_api_sign_out(DvRequest *request, void *data);
void dv_api_session(DvRequest *request, void *data);
void dv_api_state(DvRequest *request, void *data);
void dv_api_events(DvRequest *request, void *data);
void dv_api_recent(DvRequest *request, void *data);
void dv_api_crossing(DvRequest *request, void *data);
void dv_api_manual(DvRequest *request, void *data);
void dv_api_correct(DvRequest *request, void *data);
void dv_api_decision(DvRequest *request, void *data);
void dv_api_clear(DvRequest *request, void *data);
void dv_api_recover(DvRequest *request, void *data);
void dv_api_view(DvRequest *request, void *data);
void dv_api_portrait(DvRequest *request, void *data);
void dv_api_take_portrait(DvRequest *request, void *data);
void dv_api_scan(DvRequest *request, void *data);
/* Answers what still waits, before the booth ends. */
void dv_api_views_end(DvBooth *booth);
void dv_api_page(DvRequest *request, void *data);
void dv_api_asset(DvRequest *request, void *data);
