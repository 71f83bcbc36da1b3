// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * What the first line may decide: a table (decide.c). There is no refusal in it: hold and refer is
 * the strongest action here. Protection is in it whatever the verdict says.
 */
#include "verdict.h"

/* What the officer asks for, and what stands in the record for it. */
typedef struct {
    const char *asked;      /* word of the API: "ADMIT", "REFER_ASYLUM" ... */
    const char *recorded;   /* word of the sealed body: a protection referral reads SECOND_LINE, so
                               that   only the protection unit can tell */
    const char *protection; /* referral of the compartment, NULL: none */
    const char *protection_kind; /* "asylum", "other", "vulnerable"; NULL: the caller says */
    const char *key;             /* on the officer's keyboard */
    guint directions;            /* DV_DIRECTION_* bits for which it is offered */
    gboolean lets_through;       /* the traveller goes on: bound by the rules below */
} DvDecisionRow;

enum {
    DV_DIRECTION_ENTRY = 1 << 0,
    DV_DIRECTION_EXIT = 1 << 1,
    DV_DIRECTION_TRANSIT = 1 << 2,
    DV_DIRECTION_ANY = DV_DIRECTION_ENTRY | DV_DIRECTION_EXIT | DV_DIRECTION_TRANSIT,
};

/* The rows; ends with asked NULL. */
const DvDecisionRow *dv_decide_rows(void);
/* The bit for a direction's word, 0 when the first line cannot set it (RETURNED, unknown). */
guint dv_decide_direction(const char *word);

typedef struct {
    guint direction;        /* one bit */
    DvCheckResult total;    /* of the verdict */
    gboolean stop_standing; /* an exact hit whose action is STOP_REFER or SEIZE_DOCUMENT */
    gboolean has_note;      /* the officer gave a reason in words */
    gboolean specimen;      /* a specimen document outside training: nobody goes on with it */
} DvDecisionCase;

typedef enum {
    DV_DECISION_ALLOWED,
    DV_DECISION_UNKNOWN,         /* no such decision at first line */
    DV_DECISION_WRONG_DIRECTION, /* ADMIT on exit, EXIT_OK on entry */
    DV_DECISION_STOP_STANDS,     /* a stop alert: only a second person may let through */
    DV_DECISION_SPECIMEN,        /* outside training a specimen lets nobody through */
    DV_DECISION_NEEDS_NOTE,      /* the verdict is not successful: override needs a reason */
} DvDecisionAnswer;

/* Judges one request; *row is set when the decision exists, also when it is not allowed now. */
DvDecisionAnswer dv_decide(const char *asked, const DvDecisionCase *what,
                           const DvDecisionRow **row);
/* Word and sentence for an answer other than ALLOWED; static. */
const char *dv_decide_answer_word(DvDecisionAnswer answer);
const char *dv_decide_answer_text(DvDecisionAnswer answer);
