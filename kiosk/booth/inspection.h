// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * The traveller on the lane: what was read or typed, what it says, and what the officer set. Lives
 * in memory only, from the document until the crossing is recorded.
 */
#include "face.h"
#include "scan.h"
#include "verdict.h"

#include <darvaza/mrz.h>
#include <darvaza/watchlist.h>
#include <glib.h>
#include <jansson.h>

typedef enum {
    DV_ENTRY_MRZ,        /* a reader sent the zone, or a camera's image has it */
    DV_ENTRY_MANUAL_MRZ, /* the officer typed the zone */
    DV_ENTRY_MANUAL,     /* the officer typed fields; no check digits */
} DvEntryMethod;

/* Person and document as they count. Strings are never NULL; "" where nothing is known. */
typedef struct {
    char *document_code; /* "P", "ID", "V"; "" for a person without document */
    char *document_number;
    char *issuing_state; /* MRZ form */
    char *nationality;
    char *surname, *given_names; /* MRZ letters, parts separated by one space */
    char *birth_date;            /* YYYY-MM-DD, unknown parts XX */
    char *expiry_date;           /* YYYY-MM-DD */
    char *sex;                   /* "F", "M", "X" (unspecified) */
} DvTraveller;

/* One character that differs between what was read and what counts. */
typedef struct {
    guint8 line, column; /* from 1 */
    char from, to;
    gboolean by_officer; /* else proven by check digits */
} DvLineChange;

/* What the officer sets beside the decision; words of the record's vocabularies, lane defaults. */
typedef struct {
    char *direction, *mode, *purpose, *traveller_class;
} DvMovement;

typedef struct {
    char *crossing_id; /* UUID; names it on the screen, in the record and in the outbox */
    gint64 event_us;   /* wall clock when the document arrived */
    gint64 arrived_us; /* monotonic clock, same moment */
    DvEntryMethod entry;
    char **raw_lines;   /* as read or typed first; NULL for MANUAL. Never changed. */
    char **lines;       /* as they count now */
    GArray *changes;    /* DvLineChange from raw_lines to lines */
    gboolean confirmed; /* the officer sent lines as they stand on the document */
    DvMrz *mrz;         /* of lines; NULL for MANUAL */
    DvTraveller traveller;
    DvVerdict *verdict;
    DvWatchlistAnswer *watch;
    gint64 asked_us, answered_us; /* monotonic clock: when the lists were */
    DvMovement movement;
    DvFaceCapture face;
    DvScan scan;
} DvInspection;

/* From lines of a reader or of the officer (NULL-terminated, copied); applies a proven repair. The
 * lines may be nonsense: then the parsed zone says REJECT. */
DvInspection *dv_inspection_new_lines(DvEntryMethod entry, const char *const *lines,
                                      gint64 arrived_us);
/* From typed fields: {"document_code", "document_number", ..., "sex"}, all optional strings.
 * DV_ERROR_INVALID names the field that is too long or holds a character outside its set. */
DvInspection *dv_inspection_new_fields(const json_t *fields, GError **error);
void dv_inspection_free(DvInspection *inspection);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvInspection, dv_inspection_free)

/* Takes the officer's corrected lines: same number and lengths as the raw ones. Changes are counted
 * from the raw lines, which stay. DV_ERROR_INVALID otherwise. */
gboolean dv_inspection_correct(DvInspection *inspection, const char *const *lines, GError **error);

/* Age in whole years on the day of the crossing; -1 unknown. */
int dv_inspection_age(const DvInspection *inspection);
/* The day of the crossing in UTC, for centuries and expiry. */
GDate dv_inspection_today(const DvInspection *inspection);
