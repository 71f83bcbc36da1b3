// SPDX-License-Identifier: Apache-2.0
#pragma once
/* What a decision may say: dispositions, the national table of refusal grounds, the scripted
 * protection question. */
#include <darvaza/json.h>
#include <glib.h>

/* What a disposition asks of its decision. */
typedef enum {
    DV_NEEDS_CONDITIONS = 1 << 0, /* which conditions */
    DV_NEEDS_ALERTS = 1 << 1,     /* which of the record's hits it speaks of */
    DV_NEEDS_DUPLICATE = 1 << 2,  /* the crossing that this one repeats */
    DV_IS_ADVERSE = 1 << 3,       /* grounds, legal basis, form, remedy notice, protection
                                     question; a protection hold forbids it (S1, S2, S4) */
} DvDispositionNeeds;

typedef struct {
    const char *word;
    const char *text; /* English, for the console */
    guint needs;
} DvDisposition;

/* NULL: no such disposition. */
const DvDisposition *dv_disposition_find(const char *word);

/* The whole vocabulary as one object (docs/formats/opener-ipc.md). grounds_file: NULL or "" for the
 * default table (Schengen Borders Code, Annex V part B). DV_ERROR_CONFIG names what is wrong. */
json_t *dv_vocabulary_load(const char *grounds_file, GError **error);
gboolean dv_vocabulary_has_ground(const json_t *vocabulary, const char *code);
/* The protection question is scripted in this language. */
gboolean dv_vocabulary_asks_in(const json_t *vocabulary, const char *language);
