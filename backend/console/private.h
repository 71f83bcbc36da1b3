// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What the console's files share. A visit is one request of a signed-in person. */
#include "limit.h"
#include "opener_client.h"

#include <darvaza/console.h>
#include <darvaza/httpd.h>
#include <darvaza/json.h>
#include <darvaza/lists_repository.h>

struct DvConsole {
    DvHttpd *httpd;
    DvRoute *routes;
    DvStore *store; /* borrowed */
    DvOpenerClient *centre, *protection;
    DvLimit *limit;
    char *web_root;
    gboolean tls;
    DvListsRepository *lists; /* NULL: none served here */
    guint renew_timer;
    gboolean renewing, renew_failed; /* the timestamp of the lists */
};

typedef struct DvVisit DvVisit;
typedef void (*DvVisitFunc)(DvVisit *visit);

/* One route. may names the verb that the session needs (the opener's words); NULL: anybody. */
typedef struct {
    const char *method, *path;
    const char *may;
    gsize max_body;
    DvVisitFunc func;
    gboolean open; /* no session at all */
} DvConsoleRow;

struct DvVisit {
    DvConsole *console;
    DvRequest *request;
    const DvConsoleRow *row;
    /* From here on set once the opener has confirmed the session. */
    DvOpenerClient *opener;
    char *token;
    json_t *session;
    /* Of the handlers: what they carry from one answer of an opener to the next. */
    DvRecordKey key;
    DvStoredRecord *record;
    json_t *input;
    gint64 release;   /* of lists */
    gboolean repeats; /* a decision that stands already is asked for again */
};

/* ---- session.c */
/* Hangs a visit on the request, which owns it. */
DvVisit *dv_visit_new(DvConsole *console, DvRequest *request, const DvConsoleRow *row);
/* Origin, and how often this peer asks; answers itself when it returns FALSE. */
gboolean dv_console_guard(DvRequest *request, DvConsole *console);
/* Confirms the session with its opener, then runs the row's function. */
void dv_console_enter(DvRequest *request, void *console);
void dv_visit_sign_in(DvVisit *visit);
void dv_visit_sign_out(DvVisit *visit);
void dv_visit_session(DvVisit *visit);
const char *dv_visit_user(const DvVisit *visit);
gboolean dv_visit_may(const DvVisit *visit, const char *verb);

/* ---- common to the handlers: each answers the request itself when it returns FALSE */
/* {kiosk}/{epoch}/{seq} of the path into visit->key. */
gboolean dv_visit_read_key(DvVisit *visit);
/* ... and its record into visit->record; 404 where there is none. */
gboolean dv_visit_read_record(DvVisit *visit);
/* The body into visit->input; its member "reason" must be text. */
gboolean dv_visit_read_reason(DvVisit *visit, const char **reason);
void dv_visit_fail(DvVisit *visit, const GError *error);
/* Sends {"ok": true}. */
void dv_visit_done(DvVisit *visit);
/* The reply's only member, a JSON text, as an object; NULL answers 502. */
json_t *dv_visit_reply_json(DvVisit *visit, GVariant *reply);
GVariant *dv_bytes_variant(GBytes *bytes);
json_t *dv_time_json(gint64 wall_us); /* RFC 3339, or null for 0 */
const char *dv_priority_word(DvPriority priority);

/* ---- handlers: queue.c, record.c, kiosks.c, referrals.c, console.c */
void dv_visit_queue(DvVisit *visit);
void dv_visit_claim(DvVisit *visit);
void dv_visit_release(DvVisit *visit);
void dv_visit_reopen(DvVisit *visit);
/* The item as the session may see it; answers 404 and returns NULL where it may not. */
DvQueueItem *dv_visit_item(DvVisit *visit);
json_t *dv_queue_item_json(const DvVisit *visit, const DvQueueItem *item);
void dv_visit_open(DvVisit *visit);
void dv_visit_decide(DvVisit *visit);
void dv_visit_open_decision(DvVisit *visit);
void dv_visit_vocabulary(DvVisit *visit);
void dv_visit_kiosks(DvVisit *visit);
/* ---- lists.c, list_booths.c */
/* From here on releases can be served, and their timestamp is renewed; "" or NULL: none here. */
gboolean dv_console_lists_start(DvConsole *console, const char *repository, GError **error);
void dv_visit_lists(DvVisit *visit);
void dv_visit_list_booths(DvVisit *visit);
/* Canary booths of the release in force that do not have it, or were not heard of lately, each with
 * its standing: "KSK-1 failed, KSK-2 silent"; "": none. The caller frees it; NULL with an error. */
char *dv_list_canaries_missing(const DvConsole *console, GError **error);
void dv_visit_list_clock(DvVisit *visit);
void dv_visit_list_open(DvVisit *visit);
void dv_visit_list_rows(DvVisit *visit);
void dv_visit_list_payload(DvVisit *visit);
void dv_visit_list_sign(DvVisit *visit);
void dv_visit_list_dry_run(DvVisit *visit);
void dv_visit_list_put_in_force(DvVisit *visit);
void dv_visit_list_step(DvVisit *visit);
void dv_visit_referrals(DvVisit *visit);
void dv_visit_open_referral(DvVisit *visit);
void dv_visit_close_referral(DvVisit *visit);
