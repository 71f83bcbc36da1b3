// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The source format: profile and alert rows, judged. */
#include <darvaza/watchlist_build.h>

typedef struct {
    char *list_id, *title, *owner;
    DvWatchlistKind kind;
    gboolean is_training;
    gint64 version;
    gint64 generated_us, stale_us, expires_us;
    json_t *defaults; /* object with members of a row, or NULL */
} WatchlistProfile;
void watchlist_profile_free(WatchlistProfile *profile);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(WatchlistProfile, watchlist_profile_free)
WatchlistProfile *watchlist_profile_parse(const json_t *object, GError **error);

/* The members of a row, in the order of WATCHLIST_COLUMNS. */
enum {
    COLUMN_ALERT_ID,
    COLUMN_SUBJECT, /* "document" or "person" */
    COLUMN_DOCUMENT_NUMBER,
    COLUMN_ISSUING_STATE,
    COLUMN_DOCUMENT_TYPE,
    COLUMN_SURNAME,
    COLUMN_GIVEN_NAMES,
    COLUMN_BIRTH_DATE,
    COLUMN_SEX,
    COLUMN_NATIONALITY,
    COLUMN_ACTION,
    COLUMN_LEGAL_BASIS,
    COLUMN_OWNER,
    COLUMN_PURPOSE,
    COLUMN_REVIEW_DATE,
    COLUMN_VALID_FROM,
    COLUMN_VALID_UNTIL,
    COLUMN_REASON,
    COLUMNS,
};
extern const char *const watchlist_column_names[COLUMNS + 1];

/* One judged row: strings belong to the row, "" for an absent member. */
typedef struct {
    const char *columns[COLUMNS];
    DvWatchlistAction action;
    gint64 from_us, until_us;                        /* [from, until) */
    char *document_key, *document_fold, *person_key; /* NULL: cannot be asked for so */
    json_t *object;
} WatchlistRow;
void watchlist_row_clear(WatchlistRow *row);

/* Takes over object (also on error). The message names the member and the rule, no data. */
gboolean watchlist_row_judge(const WatchlistProfile *profile, json_t *object, WatchlistRow *row,
                             GError **error);

/* A CSV record (RFC 4180, comma, no line breaks within fields) as an object of the header's names.
 * Empty fields are left out. */
char **watchlist_csv_split(const char *line, GError **error);
json_t *watchlist_csv_object(char **names, const char *line, GError **error);
