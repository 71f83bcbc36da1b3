// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * All rows of a list, as its source gave them: for differences, deltas, verification and export.
 * A list is a stack of layer files (docs/formats/watchlist-file.md): a full one, and deltas on it.
 */
#include <glib.h>

/* The members of a row. Texts; "" for an absent one. DV_WATCHLIST_COLUMN_EXTRA holds the arrays
 * (aliases, other_birth_dates, other_nationalities, other_documents) as one canonical JSON object.
 */
typedef enum {
    DV_WATCHLIST_COLUMN_ALERT_ID,
    DV_WATCHLIST_COLUMN_SUBJECT,
    DV_WATCHLIST_COLUMN_DOCUMENT_NUMBER,
    DV_WATCHLIST_COLUMN_DOCUMENT_LAST,
    DV_WATCHLIST_COLUMN_ISSUING_STATE,
    DV_WATCHLIST_COLUMN_DOCUMENT_TYPE,
    DV_WATCHLIST_COLUMN_SURNAME,
    DV_WATCHLIST_COLUMN_GIVEN_NAMES,
    DV_WATCHLIST_COLUMN_NAME,
    DV_WATCHLIST_COLUMN_BIRTH_DATE,
    DV_WATCHLIST_COLUMN_SEX,
    DV_WATCHLIST_COLUMN_NATIONALITY,
    DV_WATCHLIST_COLUMN_ACTION,
    DV_WATCHLIST_COLUMN_LEGAL_BASIS,
    DV_WATCHLIST_COLUMN_OWNER,
    DV_WATCHLIST_COLUMN_PURPOSE,
    DV_WATCHLIST_COLUMN_REVIEW_DATE,
    DV_WATCHLIST_COLUMN_VALID_FROM,
    DV_WATCHLIST_COLUMN_VALID_UNTIL,
    DV_WATCHLIST_COLUMN_REASON,
    DV_WATCHLIST_COLUMN_EXTRA,
    DV_WATCHLIST_COLUMNS,
} DvWatchlistColumn;
/* Their names, NULL-terminated. */
extern const char *const dv_watchlist_column_names[DV_WATCHLIST_COLUMNS + 1];

typedef struct DvWatchlistRows DvWatchlistRows;

/* Rows of the stack whose layer files are named lowest first (NULL-terminated), in an order that is
 * the same for every list; memory does not grow with the list. */
DvWatchlistRows *dv_watchlist_rows_new(const char *const *layers, GError **error);
void dv_watchlist_rows_free(DvWatchlistRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvWatchlistRows, dv_watchlist_rows_free)
/* *columns: the next row, valid until the next call; NULL after the last one. */
gboolean dv_watchlist_rows_next(DvWatchlistRows *rows, const char *const **columns, GError **error);
/* Which of two rows comes first; 0: the same alert, whose other members may differ. */
int dv_watchlist_rows_compare(const char *const *a, const char *const *b);
/* SHA-256 of a row's canonical form; the state hash is the sum of these (hexadecimal in files). */
void dv_watchlist_row_hash(const char *const *columns, guint8 hash[32]);

/* What a list says of itself: the profile of the topmost layer. */
typedef struct {
    char *list_id, *title, *owner;
    gint64 version, base_version; /* base_version: of the layer below; 0 for a full one */
    gint64 generated_us, stale_us, expires_us;
    gint64 rows;       /* of the whole list with the layers below */
    gint64 layer_rows; /* added or changed by this layer */
    gint64 removed;    /* rows of the layers below that this layer takes away or replaces */
    char *state_hash;  /* of the whole list */
    gboolean is_delta, is_training;
} DvWatchlistInfo;
DvWatchlistInfo *dv_watchlist_info(const char *path, GError **error);
void dv_watchlist_info_free(DvWatchlistInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvWatchlistInfo, dv_watchlist_info_free)
