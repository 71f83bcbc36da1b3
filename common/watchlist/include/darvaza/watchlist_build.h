// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * From a list's source (docs/formats/watchlist-source.md: JSON lines, or CSV beside a profile) to a
 * list file (docs/formats/watchlist-file.md). A row that lacks legal basis, owner, purpose, action
 * or review date is refused with its line; the rest is built.
 */
#include <darvaza/watchlist.h>
#include <glib.h>

#define DV_WATCHLIST_LINE_MAX 16384u /* bytes of a source line */
#define DV_WATCHLIST_REVIEW_YEARS 3  /* longest time from generated_at to an alert's review */

typedef struct {
    guint64 line; /* of the source, from 1 */
    char *text;   /* names the member and the rule, never the traveller's data */
} DvWatchlistRefusal;

typedef struct {
    char *list_id;
    gint64 version;
    guint64 taken;
    guint64 refused;
    guint64 no_exact_person; /* taken persons without whole birth date or name: only their document
                                number, if any, can match exactly */
    GPtrArray *refusals;     /* DvWatchlistRefusal, the first 1,000 */
    char *state_hash;        /* hex */
} DvWatchlistReport;
void dv_watchlist_report_free(DvWatchlistReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvWatchlistReport, dv_watchlist_report_free)

/* Builds out whole or not at all. profile_path: a JSON file with the profile; NULL: the source's
 * first line is it (JSON lines only). Memory does not grow with the list. FALSE: the profile is
 * wrong (DV_ERROR_INVALID), nothing was taken (DV_ERROR_INVALID), or files (DV_ERROR_IO/FULL).
 * *report is set also when everything was refused; the caller frees it. */
gboolean dv_watchlist_build(const char *source_path, const char *profile_path, const char *out_path,
                            DvWatchlistReport **report, GError **error);

/* Reads the whole list file and compares row count and state hash with what its builder wrote.
 * DV_ERROR_CORRUPT when they differ. */
gboolean dv_watchlist_verify_file(const char *path, GError **error);

/* For the fuzzer: one source in memory, rows judged and dropped. Returns how many were taken. */
guint64 dv_watchlist_judge_source(const void *data, gsize length);
