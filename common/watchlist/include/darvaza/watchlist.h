// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * Questions to the watchlists that stand on this machine's own disk. A folder holds the set of
 * lists in force (docs/formats/watchlist-set.md), each a stack of list files (*.dvlist,
 * docs/formats/watchlist-file.md) that are opened read-only.
 *
 * There is no silent "no hit": every answer names each list with version, age and state, and
 * whether the question could be answered at all (DvWatchlistAnswer.determined). An alert outside
 * its own validity never matches.
 */
#include <darvaza/json.h>
#include <glib.h>

#define DV_WATCHLIST_SUFFIX ".dvlist"
#define DV_WATCHLIST_HITS_MAX 50 /* the likeliest; more set capped */
#define DV_WATCHLIST_PERSON_THRESHOLD 700
#define DV_WATCHLIST_LISTS_MAX 64

typedef enum {
    DV_WATCHLIST_KIND_ALERTS,      /* persons, documents or both */
    DV_WATCHLIST_KIND_LOST_STOLEN, /* documents reported lost or stolen: see confirm_with_owner */
} DvWatchlistKind;

typedef enum {
    DV_WATCHLIST_FRESH,   /* younger than the owner's stale_after */
    DV_WATCHLIST_STALE,   /* works, and says so */
    DV_WATCHLIST_EXPIRED, /* past the owner's expires_at: not asked, the answer is undetermined */
    DV_WATCHLIST_FAILED,  /* could not be read or asked: undetermined */
} DvWatchlistStatus;

/* What the officer's side is asked to do, in falling order of force. */
typedef enum {
    DV_WATCHLIST_STOP_REFER,
    DV_WATCHLIST_SEIZE_DOCUMENT,
    DV_WATCHLIST_PROTECT_MISSING,
    DV_WATCHLIST_LOCATE,
    DV_WATCHLIST_DISCREET,
    DV_WATCHLIST_INFO,
    DV_WATCHLIST_ACTIONS,
} DvWatchlistAction;

typedef enum {
    DV_WATCHLIST_EXACT_DOCUMENT,  /* number, issuer and (where listed) type are the same */
    DV_WATCHLIST_FOLDED_DOCUMENT, /* the same once O/0 I/1 S/5 B/8 Z/2 count as equal */
    DV_WATCHLIST_EXACT_PERSON,    /* normalised name and whole birth date are the same */
    DV_WATCHLIST_FUZZY_PERSON, /* a name like the listed one: always probable (person-match.md) */
} DvWatchlistMatch;

typedef enum {
    DV_WATCHLIST_AGREES,
    DV_WATCHLIST_SIMILAR,     /* equal once look-alike characters count as equal */
    DV_WATCHLIST_CONTRADICTS, /* both sides say something, and not the same */
    DV_WATCHLIST_OMITTED,     /* one side says nothing */
} DvWatchlistAgreement;

/* The traveller and the document as read. NULL or "": not known. */
typedef struct {
    const char *surname, *given_names; /* MRZ form or native script, UTF-8 */
    const char *birth_date;            /* YYYY-MM-DD; unknown parts XX: no exact person match */
    const char *sex;                   /* "F", "M", "X" */
    const char *nationality;           /* Doc 9303 code */
    const char *document_number;       /* fillers, spaces and hyphens do not count */
    const char *issuing_state;         /* Doc 9303 code; NULL matches every issuer, as "probable" */
    const char *document_type;         /* "P", "I", "V" ... */
} DvWatchlistSubject;

typedef struct {
    const char *field; /* "document_number", "surname", ...; static */
    DvWatchlistAgreement agreement;
    char *document_value; /* "" where the document says nothing */
    char *listed_value;   /* "" where the list says nothing */
    char *text;           /* one plain sentence */
} DvWatchlistReason;

typedef struct {
    char *list_id, *list_title, *alert_id;
    gint64 list_version;
    gboolean is_document; /* subject of the alert: document, else person */
    DvWatchlistMatch match;
    guint score; /* 0..1000 */
    DvWatchlistAction action;
    gboolean probable;           /* not exact: never more than a referral to second line */
    gboolean confirm_with_owner; /* a lost-or-stolen list: confirm before any coercive action */
    gboolean is_training;
    char *legal_basis, *owner, *purpose;
    char *review_date; /* YYYY-MM-DD */
    char *reason;      /* the owner's words on why; "" if none */
    char *listed_name; /* "SURNAME, GIVEN NAMES" as listed; "" for a bare document */
    char *listed_document;
    GPtrArray *reasons; /* DvWatchlistReason, best first */
} DvWatchlistHit;

typedef struct {
    char *list_id; /* of an unreadable file: its file name without the suffix */
    char *title, *owner;
    DvWatchlistKind kind;
    gint64 version;    /* 0: not known */
    gint64 age_s;      /* since the owner generated it; -1: not known */
    gint64 expires_us; /* 0: not known */
    DvWatchlistStatus status;
    gboolean is_training;
    gint64 rows;
    gint64 documents, persons; /* alerts that a document number, or a name with date, can reach */
    char *explanation;         /* for the officer; "" when FRESH */
    char *state_hash;          /* hex: what the list holds; "": not known */
} DvWatchlistList;

typedef struct {
    GPtrArray *lists; /* DvWatchlistList, by id */
    GPtrArray *hits;  /* DvWatchlistHit: exact before probable, then by force of the action */
    gboolean capped;  /* there were more hits than DV_WATCHLIST_HITS_MAX */
    /* FALSE: "no hit" must not be concluded. undetermined_because is then one sentence for the
     * officer ("list X expired on 2026-11-20"); hits may stand nevertheless. */
    gboolean determined;
    char *undetermined_because; /* "" when determined */
    /* What could be asked for. A name is asked for with whatever is known of its birth date;
     * without any date a long list answers by name alone, which takes a rare one to reach a
     * threshold. */
    gboolean asked_document, asked_person;
    gint64 release; /* of the set in force; 0: single files, or none */
    char *notice;   /* why a newer set is not in force, for the banner; "" if there is none */
} DvWatchlistAnswer;

typedef struct DvWatchlist DvWatchlist;

/* Opens a folder whose current.json (docs/formats/watchlist-set.md) names the lists in force; it
 * need not be there yet: then every answer is undetermined. Another set that is put in force is
 * taken over whole by the next question, or not at all (DvWatchlistAnswer.notice). training: lists
 * with is_training count only in training mode, and the others only outside it. */
DvWatchlist *dv_watchlist_open(const char *folder, gboolean training, GError **error);
/* Opens single list files instead (darvaza watchlist check --list). NULL-terminated. */
DvWatchlist *dv_watchlist_open_files(const char *const *paths, gboolean training);
void dv_watchlist_free(DvWatchlist *lists);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvWatchlist, dv_watchlist_free)
void dv_watchlist_set_training(DvWatchlist *lists, gboolean training);
/* The least score, 0 to 1000, of an approximate person hit, in place of what the lists say; 0 takes
 * weak ones, too (the DV_WATCHLIST_HITS_MAX likeliest). -1: what the lists say, else
 * DV_WATCHLIST_PERSON_THRESHOLD, or less for a question without a date (docs/person-match.md). */
void dv_watchlist_set_person_threshold(DvWatchlist *lists, gint threshold);
/* The latest time that somebody trusted vouched for (a list's generated_at counts by itself). A
 * clock before it makes every answer undetermined, since validity cannot be judged. 0: none. */
void dv_watchlist_set_clock_floor(DvWatchlist *lists, gint64 floor_us);

/* Asks all lists at time now_us. Never NULL, never fails as a whole: what failed stands in the
 * answer. Looks first whether another set is in force. */
DvWatchlistAnswer *dv_watchlist_check(DvWatchlist *lists, const DvWatchlistSubject *subject,
                                      gint64 now_us);
/* The lists alone, as for the banner and the heartbeat: no hits. */
DvWatchlistAnswer *dv_watchlist_status(DvWatchlist *lists, gint64 now_us);
void dv_watchlist_answer_free(DvWatchlistAnswer *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvWatchlistAnswer, dv_watchlist_answer_free)

/* For a supervisor with a number that could be read only in part; never for a verdict. */
typedef struct {
    char *list_id, *alert_id;
    gint64 list_version;
    char *document_number, *document_last; /* document_last: "" where it is no range */
    char *issuing_state, *document_type;
    gboolean look_alike; /* it begins so only once look-alikes count as equal */
} DvWatchlistNumber;
/* Listed numbers, valid at now_us, that begin with prefix, shortest first; issuing_state NULL or
 * "": of every issuer. DvWatchlistNumber, at most max; *capped: there are more. NULL: the prefix is
 * none (DV_ERROR_INVALID), or a list cannot be asked (DV_ERROR_UNAVAILABLE, DV_ERROR_CORRUPT). */
GPtrArray *dv_watchlist_prefix(DvWatchlist *lists, const char *prefix, const char *issuing_state,
                               guint max, gint64 now_us, gboolean *capped, GError **error);

/* The answer as JSON: docs/formats/watchlist-answer.md. The caller owns it. */
json_t *dv_watchlist_answer_json(const DvWatchlistAnswer *answer);
json_t *dv_watchlist_hit_json(const DvWatchlistHit *hit);
json_t *dv_watchlist_list_json(const DvWatchlistList *list);

/* Words as in JSON and in the record ("STOP_REFER"; "EXACT_DOCUMENT", "FOLDED_DOCUMENT",
 * "EXACT_PERSON", "FUZZY_PERSON"; "FRESH"; "ALERTS"; "AGREES"); static. */
const char *dv_watchlist_action_word(DvWatchlistAction action);
const char *dv_watchlist_match_word(DvWatchlistMatch match);
const char *dv_watchlist_status_word(DvWatchlistStatus status);
const char *dv_watchlist_kind_word(DvWatchlistKind kind);
const char *dv_watchlist_agreement_word(DvWatchlistAgreement agreement);
