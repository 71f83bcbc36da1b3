// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The source format: profile and alert rows, judged. */
#include <darvaza/watchlist_build.h>
#include <darvaza/watchlist_rows.h>

#define LIST_ID_MAX 32
#define ALERT_ID_MAX 64
#define NUMBER_TEXT_MAX 48 /* bytes of a document number in a source */

typedef struct {
    char *list_id, *title, *owner;
    DvWatchlistKind kind;
    gboolean is_training;
    gint64 version;
    gint64 generated_us, stale_us, expires_us;
    gint64 review_latest_us; /* no alert's review may lie later */
    json_t *defaults;        /* object with members of a row, or NULL */
    /* Least scores of person hits: one for the list, one per action; 0: not said. */
    guint person_threshold, thresholds[DV_WATCHLIST_ACTIONS];
} WatchlistProfile;
void watchlist_profile_free(WatchlistProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WatchlistProfile, watchlist_profile_free)
WatchlistProfile *watchlist_profile_parse(const json_t *object, GError **error);
/* The thresholds as JSON text, as they stand in the list file; and back. Caller frees. */
char *watchlist_thresholds_text(const WatchlistProfile *profile);
gboolean watchlist_thresholds_parse(const json_t *object, WatchlistProfile *profile,
                                    GError **error);

/* Short names of <darvaza/watchlist_rows.h>'s columns. */
enum {
    COLUMN_ALERT_ID = DV_WATCHLIST_COLUMN_ALERT_ID,
    COLUMN_SUBJECT = DV_WATCHLIST_COLUMN_SUBJECT, /* "document" or "person" */
    COLUMN_DOCUMENT_NUMBER = DV_WATCHLIST_COLUMN_DOCUMENT_NUMBER,
    COLUMN_DOCUMENT_LAST = DV_WATCHLIST_COLUMN_DOCUMENT_LAST,
    COLUMN_ISSUING_STATE = DV_WATCHLIST_COLUMN_ISSUING_STATE,
    COLUMN_DOCUMENT_TYPE = DV_WATCHLIST_COLUMN_DOCUMENT_TYPE,
    COLUMN_SURNAME = DV_WATCHLIST_COLUMN_SURNAME,
    COLUMN_GIVEN_NAMES = DV_WATCHLIST_COLUMN_GIVEN_NAMES,
    COLUMN_NAME = DV_WATCHLIST_COLUMN_NAME,
    COLUMN_BIRTH_DATE = DV_WATCHLIST_COLUMN_BIRTH_DATE,
    COLUMN_SEX = DV_WATCHLIST_COLUMN_SEX,
    COLUMN_NATIONALITY = DV_WATCHLIST_COLUMN_NATIONALITY,
    COLUMN_ACTION = DV_WATCHLIST_COLUMN_ACTION,
    COLUMN_LEGAL_BASIS = DV_WATCHLIST_COLUMN_LEGAL_BASIS,
    COLUMN_OWNER = DV_WATCHLIST_COLUMN_OWNER,
    COLUMN_PURPOSE = DV_WATCHLIST_COLUMN_PURPOSE,
    COLUMN_REVIEW_DATE = DV_WATCHLIST_COLUMN_REVIEW_DATE,
    COLUMN_VALID_FROM = DV_WATCHLIST_COLUMN_VALID_FROM,
    COLUMN_VALID_UNTIL = DV_WATCHLIST_COLUMN_VALID_UNTIL,
    COLUMN_REASON = DV_WATCHLIST_COLUMN_REASON,
    COLUMN_EXTRA = DV_WATCHLIST_COLUMN_EXTRA,
    COLUMNS = DV_WATCHLIST_COLUMNS,
};
#define watchlist_column_names dv_watchlist_column_names

/* One judged row: strings belong to the row, "" for an absent member. */
typedef struct {
    const char *columns[COLUMNS];
    DvWatchlistAction action;
    gint64 from_us, until_us; /* [from, until) */
    /* "" where the row cannot be asked for so. key and last are normalised, as in the columns. */
    char document_key[NUMBER_TEXT_MAX + 1], document_last[NUMBER_TEXT_MAX + 1];
    char document_fold[NUMBER_TEXT_MAX + 1];
    char *person_key; /* NULL: no exact match by name */
    char alert_id[ALERT_ID_MAX + 1];
    gboolean is_plain; /* a document that says no more than number, issuer, type, and why */
    json_t *object;
    char *extra;
} WatchlistRow;
void watchlist_row_clear(WatchlistRow *row);

/* Takes over object (also on error). The message names the member and the rule, no data. */
gboolean watchlist_row_judge(const WatchlistProfile *profile, json_t *object, WatchlistRow *row,
                             GError **error);
/* The same for values in the columns' order; NULL: absent, so that the profile's default counts.
 * They are borrowed and must outlive the row. */
gboolean watchlist_row_judge_columns(const WatchlistProfile *profile,
                                     const char *const columns[COLUMNS], WatchlistRow *row,
                                     GError **error);
/* Whether a row with these columns stands in the list as a plain document. */
gboolean watchlist_row_is_plain(const char *const columns[COLUMNS]);

/* ISSUER.TYPE.NUMBER or ISSUER.TYPE.FIRST-LAST, the id of a document whose source gives none.
 * FALSE: longer than an id may be. */
gboolean watchlist_derive_id(const char *const columns[COLUMNS], char id[ALERT_ID_MAX + 1]);

/* The arrays of a row (aliases and others), judged, as the canonical text of the column "extra";
 * "" when there is none. NULL: refused. Caller frees. */
char *watchlist_extra_from(const json_t *object, GError **error);
/* The same for the text of the column. */
char *watchlist_extra_check(const char *text, GError **error);
extern const char *const watchlist_extra_members[];

gboolean G_GNUC_PRINTF(2, 3) watchlist_refuse(GError **error, const char *format, ...);
gboolean watchlist_is_id(const char *text, gsize max);
gboolean watchlist_is_state(const char *code);
