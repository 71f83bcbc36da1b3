// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What the watchlists on this booth's disk say about a traveller. Every answer names list, version
 * and age; a list that cannot answer is its own answer, never silence.
 */
#include <glib.h>
#include <jansson.h>

/* A list as the banner and the record show it. */
typedef struct {
    char *list_id, *name;
    gint64 version;
    gint64 age_s;
    const char *status;          /* "FRESH", "STALE", "EXPIRED", "BROKEN"; static */
    gboolean documents, persons; /* what it can be asked for */
} DvWatchList;

typedef struct {
    char *alert_id, *list_id, *list_name;
    gint64 list_version;
    gint64 list_age_s;
    const char *subject;         /* "DOCUMENT" or "PERSON"; static */
    const char *match_kind;      /* the record's word, "EXACT_DOCUMENT" ...; static */
    const char *action;          /* "STOP_REFER" ...; static */
    int score;                   /* 0 .. 1000 */
    gboolean exact;              /* an exact document or exact name and full birth date */
    gboolean confirm_with_owner; /* lost-and-stolen documents: S19 */
    char *review_date;           /* YYYY-MM-DD, "" unknown */
    json_t *explanation;         /* [{"field", "document", "listed", "result"}]; owned */
} DvWatchHit;

typedef enum {
    DV_WATCH_CLEAR, /* every list that covers this answered, without a hit */
    DV_WATCH_HIT,
    DV_WATCH_NO_LIST,      /* nothing on this booth covers this: nothing was looked up */
    DV_WATCH_LIST_EXPIRED, /* at least one list is expired or broken, and there was no hit */
    DV_WATCH_FAILED,       /* the query itself failed */
    DV_WATCH_NOT_ASKED,    /* there is no number, or no name with birth date, to ask for */
} DvWatchOutcome;

typedef struct {
    DvWatchOutcome document, person;
    char *document_list, *person_list; /* the list at fault for LIST_EXPIRED and FAILED; or NULL */
    GPtrArray *hits;                   /* DvWatchHit, most urgent first */
    GPtrArray *lists;                  /* DvWatchList as they stood at the query */
} DvWatchReport;

void dv_watch_report_free(DvWatchReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvWatchReport, dv_watch_report_free)
void dv_watch_list_free(DvWatchList *list);
void dv_watch_hit_free(DvWatchHit *hit);

/* What is asked: strings never NULL, MRZ form; birth_date YYYY-MM-DD with XX for unknown parts. */
typedef struct {
    const char *document_number, *issuing_state;
    const char *surname, *given_names, *birth_date, *nationality;
} DvWatchQuery;

typedef struct DvWatch DvWatch;

/* The lists of a folder; a folder without lists, or none at all, is a valid state. */
DvWatch *dv_watch_new(const char *folder);
void dv_watch_free(DvWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvWatch, dv_watch_free)
/* Looks again at the folder when something changed there. Returns whether it did. */
gboolean dv_watch_refresh(DvWatch *watch);
/* DvWatchList rows as of now; free with g_ptr_array_unref. */
GPtrArray *dv_watch_lists(DvWatch *watch);
/* Asks every list. Never NULL, never fails: trouble is in the outcomes. */
DvWatchReport *dv_watch_ask(DvWatch *watch, const DvWatchQuery *query);

/* An exact hit whose action lets only a second person decide (STOP_REFER, SEIZE_DOCUMENT). */
gboolean dv_watch_hit_stops(const DvWatchHit *hit);
/* A hit whose action must not change what the lane looks like (DISCREET, INFO): S10. */
gboolean dv_watch_hit_is_quiet(const DvWatchHit *hit);
