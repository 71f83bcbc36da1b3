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
    char *state_hash;        /* hex, of the whole list */
    guint64 rows;            /* of the whole list */
    guint64 removed;         /* of a delta: rows below that it takes away or replaces */
} DvWatchlistReport;
void dv_watchlist_report_free(DvWatchlistReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvWatchlistReport, dv_watchlist_report_free)

/* Builds out whole or not at all. profile_path: a JSON file with the profile; NULL: the source's
 * first line is it (JSON lines only). Memory does not grow with the list. FALSE: the profile is
 * wrong (DV_ERROR_INVALID), nothing was taken (DV_ERROR_INVALID), or files (DV_ERROR_IO/FULL).
 * *report is set also when everything was refused; the caller frees it. */
gboolean dv_watchlist_build(const char *source_path, const char *profile_path, const char *out_path,
                            DvWatchlistReport **report, GError **error);

/*
 * Row by row, for importers, deltas and whatever else makes rows. A builder writes one layer: a
 * full list, or a delta on the layers below. Nothing stands at out_path before finish.
 */
typedef struct DvWatchlistBuilder DvWatchlistBuilder;

/* profile: an object as in watchlist-source.md. below: NULL for a full list; else the layer files
 * of the list that this delta goes on, lowest first, NULL-terminated; the profile's version must
 * then be higher than theirs. Both are borrowed until this returns. */
DvWatchlistBuilder *dv_watchlist_builder_new(const json_t *profile, const char *const *below,
                                             const char *out_path, GError **error);
/* The line of the source that further rows stand on, for refusals; without it rows are counted. */
void dv_watchlist_builder_set_line(DvWatchlistBuilder *builder, guint64 line);
/* One alert, as an object (kept as it is) or as values in the order of dv_watchlist_column_names
 * (NULL: absent, the profile's default counts). In a delta it replaces the alert of the same id
 * below; one that stands below as it is is not written again. FALSE with DV_ERROR_INVALID: refused,
 * others may follow, and the report counts it; with another code the file cannot be written. A
 * plain document that stands twice is found by finish only. */
gboolean dv_watchlist_builder_add(DvWatchlistBuilder *builder, json_t *row, GError **error);
gboolean dv_watchlist_builder_add_columns(DvWatchlistBuilder *builder, const char *const *columns,
                                          GError **error);
/* Counts a row that the caller itself refused. */
void dv_watchlist_builder_refuse(DvWatchlistBuilder *builder, const char *text);
/* Of a delta: the alert does not stand any more. DV_ERROR_INVALID: it does not stand below. */
gboolean dv_watchlist_builder_remove(DvWatchlistBuilder *builder, const char *alert_id,
                                     GError **error);
/* Puts the file in its place. *report (or NULL) is the caller's, set also on failure. A list of
 * which all rows were refused is DV_ERROR_INVALID. */
gboolean dv_watchlist_builder_finish(DvWatchlistBuilder *builder, DvWatchlistReport **report,
                                     GError **error);
void dv_watchlist_builder_free(DvWatchlistBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvWatchlistBuilder, dv_watchlist_builder_free)

/* Reads the whole stack of layers (lowest first, NULL-terminated) and compares rows and state hash
 * with what the topmost promises. DV_ERROR_CORRUPT when they differ. */
gboolean dv_watchlist_verify(const char *const *layers, GError **error);
/* The same for the topmost layer alone, in time of its own size: the layers below are taken to be
 * what they promise. */
gboolean dv_watchlist_verify_top(const char *const *layers, GError **error);
/* Reads the whole list file and compares row count and state hash with what its builder wrote.
 * DV_ERROR_CORRUPT when they differ. */
gboolean dv_watchlist_verify_file(const char *path, GError **error);
