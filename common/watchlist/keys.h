// SPDX-License-Identifier: Apache-2.0
#pragma once
/* The forms under which rows are stored and asked for: one place, so that both sides agree. */
#include <glib.h>

/* A-Z and 0-9 of a document number, upper case; fillers, spaces and hyphens vanish. NULL where
 * nothing is left or another character stands there. Caller frees. */
char *watchlist_document_key(const char *number);
/* The same with look-alikes folded: O/0, I/1, S/5, B/8, Z/2. */
char *watchlist_document_fold(const char *number);
/* The same two into buffers of the caller, 49 bytes each. FALSE and "": NULL above. */
gboolean watchlist_document_normalise(const char *number, char *key);
void watchlist_document_fold_key(const char *key, char *fold);
/* Normalised name and whole birth date; NULL when the date has unknown parts or no name is left. */
char *watchlist_person_key(const char *surname, const char *given_names, const char *birth_date);
/* Issuer or nationality for comparison: without fillers, upper case, "D" as "DEU". "" for none.
 * Caller frees. */
char *watchlist_state_key(const char *code);

/* YYYY-MM-DD, a day that exists; FALSE otherwise. *start_us: its beginning, UTC. */
gboolean watchlist_date_parse(const char *text, gint64 *start_us);
/* The same with XX for unknown day, or month and day, or XXXX for the year. */
gboolean watchlist_date_is_partial(const char *text);
/* When an alert with these dates (already judged; "" for none) matches: [from, until). */
void watchlist_validity(const char *review, const char *from, const char *until, gint64 *from_us,
                        gint64 *until_us);
#define WATCHLIST_DAY_US (G_GINT64_CONSTANT(86400) * G_USEC_PER_SEC)
