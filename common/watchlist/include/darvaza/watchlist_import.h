// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * From a list's source to a list file (docs/formats/watchlist-import.md): JSON lines and CSV of
 * docs/formats/watchlist-source.md, the consolidated list of the UN Security Council (XML), and the
 * SDN list of OFAC (CSV). A row without legal basis, owner, purpose, action or review date is
 * refused with its line unless the profile supplies it. What was taken, changed, refused and passed
 * over stands in a report that holds lines and rules, never a person's data.
 */
#include <darvaza/watchlist_build.h>

typedef enum {
    DV_WATCHLIST_FORMAT_ANY, /* judged by the source's first bytes */
    DV_WATCHLIST_FORMAT_CSV,
    DV_WATCHLIST_FORMAT_JSONL,
    DV_WATCHLIST_FORMAT_UN_XML,
    DV_WATCHLIST_FORMAT_OFAC_SDN,
    DV_WATCHLIST_FORMATS,
} DvWatchlistFormat;
/* "csv", "jsonl", "un-xml", "ofac-sdn"; static. */
const char *dv_watchlist_format_word(DvWatchlistFormat format);
/* FALSE: no such word. */
gboolean dv_watchlist_format_parse(const char *word, DvWatchlistFormat *format);

typedef struct {
    guint64 line; /* of the source, from 1: where the row begins */
    char *rule;   /* what happened to it */
} DvWatchlistNote;

#define DV_WATCHLIST_NOTES_MAX 1000u /* of each kind */

typedef struct {
    DvWatchlistFormat format;
    DvWatchlistReport *built;    /* taken, refused, the list; never NULL */
    guint64 changed;             /* taken rows of which something was cut, mapped or left out */
    guint64 passed_over;         /* nothing that a booth could meet: companies, ships */
    GPtrArray *changes, *passed; /* DvWatchlistNote, the first of each */
    /* Of the taken rows: those on persons, their further names, and all document numbers. */
    guint64 persons, aliases, documents;
} DvWatchlistImport;
void dv_watchlist_import_free(DvWatchlistImport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvWatchlistImport, dv_watchlist_import_free)
/* The report as JSON: docs/formats/watchlist-import.md. The caller owns it. */
json_t *dv_watchlist_import_json(const DvWatchlistImport *report);

/* Bytes of the source read so far, and its size (0: cannot be known). */
typedef void (*DvWatchlistProgress)(guint64 done, guint64 size, void *data);

typedef struct {
    DvWatchlistFormat format;
    const char *profile_path; /* a JSON file; NULL: a JSON-lines source begins with its profile */
    const char *aliases_path; /* OFAC: alt.csv; NULL: the remarks' own aliases only */
    /* A source without profile gets one that is good for questions only: list_id from the file's
     * name, action INFO, over after a day; rows without alert_id are numbered by their line. */
    gboolean for_questions;
    /* Adds two invented alerts on the state UTO, CANARY-D-1 and CANARY-P-1, that booths ask for
     * before they use the list; for sources that hold none. */
    gboolean self_test;
    gint64 now_us;                /* what such a profile takes for now; 0: the clock */
    DvWatchlistProgress progress; /* NULL: none */
    void *progress_data;
} DvWatchlistImportOptions;

/* Builds out whole or not at all. Memory does not grow with the list. FALSE: the profile or the
 * source as a whole is wrong or nothing could be taken (DV_ERROR_INVALID), or files
 * (DV_ERROR_IO/FULL). *report is always set; the caller frees it. */
gboolean dv_watchlist_import(const char *source_path, const DvWatchlistImportOptions *options,
                             const char *out_path, DvWatchlistImport **report, GError **error);

/* For questions to a source that is no list file: compiles it, in any of the formats, to out.
 * profile_path may be NULL: the list is then as old as now_us (0: the clock). */
gboolean dv_watchlist_import_any(const char *source_path, const char *profile_path, gint64 now_us,
                                 const char *out_path, DvWatchlistImport **report, GError **error);
/* Whether path begins as a list file does; FALSE also where it cannot be read. */
gboolean dv_watchlist_is_list_file(const char *path);

/* For the fuzzer: a source in memory, rows judged and dropped. Returns how many were taken. */
guint64 dv_watchlist_import_judge(const void *data, gsize length, DvWatchlistFormat format);
