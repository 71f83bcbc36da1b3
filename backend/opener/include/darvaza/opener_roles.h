// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Who may do what at the centre and at the protection unit: one table, deny by default (S11). */
#include <darvaza/opener.h>

typedef enum {
    DV_ROLE_OFFICER,
    DV_ROLE_SECOND_LINE,
    DV_ROLE_SUPERVISOR,
    DV_ROLE_PROTECTION,
    DV_ROLE_IT,
    DV_ROLE_AUDITOR,
    DV_ROLE_DPO,
    DV_ROLE_WATCHLIST_EDITOR,
    DV_ROLE_WATCHLIST_APPROVER,
    DV_ROLE_COUNT
} DvRole;

/* What a session may do; also the words of a session's "may". */
typedef enum {
    DV_VERB_QUEUE = 1 << 0,          /* see the queue of flagged crossings (no personal data) */
    DV_VERB_CLAIM = 1 << 1,          /* claim and release one */
    DV_VERB_OPEN = 1 << 2,           /* open a record's body */
    DV_VERB_DECIDE = 1 << 3,         /* dispositions that are not against the traveller */
    DV_VERB_DECIDE_ADVERSE = 1 << 4, /* REFUSE, RETURNED */
    DV_VERB_OPEN_DECISION = 1 << 5,  /* read a decision made before */
    DV_VERB_KIOSKS = 1 << 6,         /* heads, unsent, last seen */
    DV_VERB_REFERRALS = 1 << 7,      /* protection unit: find referrals */
    DV_VERB_OPEN_REFERRAL = 1 << 8,  /* protection unit: open a compartment */
    DV_VERB_CLOSE_REFERRAL = 1 << 9, /* protection unit: the authority has closed it */
    DV_VERB_AUDIT = 1 << 10,         /* read the audit log */
    DV_VERB_LISTS = 1 << 11,         /* list releases: counts, who signed, what booths have */
    DV_VERB_LIST_ROWS = 1 << 12,     /* the changed rows themselves */
    DV_VERB_LIST_DRY_RUN = 1 << 13,  /* what a release would have raised lately; counts only */
    DV_VERB_LIST_EDIT = 1 << 14,     /* hand in the first person's signature */
    DV_VERB_LIST_APPROVE = 1 << 15,  /* hand in the second person's */
    DV_VERB_LIST_ROLL_OUT = 1 << 16, /* put in force, widen, halt */
} DvVerb;

const char *dv_role_word(DvRole role);
gboolean dv_role_parse(const char *word, DvRole *role);
/* The verbs of a role with this opener; 0: the role cannot even sign in there. */
guint dv_role_verbs(DvOpenerMode mode, DvRole role);
/* One bit's word ("queue"); NULL when verb is not exactly one known bit. */
const char *dv_verb_word(guint verb);
