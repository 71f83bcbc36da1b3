// SPDX-License-Identifier: Apache-2.0
#include <darvaza/opener_roles.h>

static const char *const role_words[DV_ROLE_COUNT] = {
    [DV_ROLE_OFFICER] = "officer",
    [DV_ROLE_SECOND_LINE] = "second_line",
    [DV_ROLE_SUPERVISOR] = "supervisor",
    [DV_ROLE_PROTECTION] = "protection",
    [DV_ROLE_IT] = "it",
    [DV_ROLE_AUDITOR] = "auditor",
    [DV_ROLE_DPO] = "dpo",
    [DV_ROLE_WATCHLIST_EDITOR] = "watchlist_editor",
    [DV_ROLE_WATCHLIST_APPROVER] = "watchlist_approver",
};

static const struct {
    DvVerb verb;
    const char *word;
} verb_words[] = {
    {DV_VERB_QUEUE, "queue"},
    {DV_VERB_CLAIM, "claim"},
    {DV_VERB_OPEN, "open"},
    {DV_VERB_DECIDE, "decide"},
    {DV_VERB_DECIDE_ADVERSE, "decide_adverse"},
    {DV_VERB_OPEN_DECISION, "open_decision"},
    {DV_VERB_KIOSKS, "kiosks"},
    {DV_VERB_REFERRALS, "referrals"},
    {DV_VERB_OPEN_REFERRAL, "open_referral"},
    {DV_VERB_CLOSE_REFERRAL, "close_referral"},
    {DV_VERB_AUDIT, "audit"},
    {DV_VERB_LISTS, "lists"},
    {DV_VERB_LIST_ROWS, "list_rows"},
    {DV_VERB_LIST_DRY_RUN, "list_dry_run"},
    {DV_VERB_LIST_EDIT, "list_edit"},
    {DV_VERB_LIST_APPROVE, "list_approve"},
    {DV_VERB_LIST_ROLL_OUT, "list_roll_out"},
};

/* A row that is not here is a denial. Officers work at the booth, from the accounts issued to it,
 * and have nothing to open at the centre; IT keeps machines running and reads neither a record
 * nor a listed person's row; no role both edits and approves. */
static const struct {
    DvOpenerMode mode;
    DvRole role;
    guint verbs;
} grants[] = {
    {DV_OPENER_CENTRE, DV_ROLE_SECOND_LINE, DV_VERB_QUEUE | DV_VERB_OPEN | DV_VERB_OPEN_DECISION},
    {DV_OPENER_CENTRE, DV_ROLE_SUPERVISOR,
     DV_VERB_QUEUE | DV_VERB_CLAIM | DV_VERB_OPEN | DV_VERB_DECIDE | DV_VERB_DECIDE_ADVERSE |
         DV_VERB_OPEN_DECISION | DV_VERB_KIOSKS},
    {DV_OPENER_CENTRE, DV_ROLE_IT,
     DV_VERB_KIOSKS | DV_VERB_LISTS | DV_VERB_LIST_DRY_RUN | DV_VERB_LIST_ROLL_OUT},
    {DV_OPENER_CENTRE, DV_ROLE_AUDITOR, DV_VERB_KIOSKS | DV_VERB_AUDIT},
    {DV_OPENER_CENTRE, DV_ROLE_DPO, DV_VERB_AUDIT},
    {DV_OPENER_CENTRE, DV_ROLE_WATCHLIST_EDITOR,
     DV_VERB_LISTS | DV_VERB_LIST_ROWS | DV_VERB_LIST_DRY_RUN | DV_VERB_LIST_EDIT},
    {DV_OPENER_CENTRE, DV_ROLE_WATCHLIST_APPROVER,
     DV_VERB_LISTS | DV_VERB_LIST_ROWS | DV_VERB_LIST_DRY_RUN | DV_VERB_LIST_APPROVE |
         DV_VERB_LIST_ROLL_OUT},
    {DV_OPENER_PROTECTION, DV_ROLE_PROTECTION,
     DV_VERB_REFERRALS | DV_VERB_OPEN_REFERRAL | DV_VERB_CLOSE_REFERRAL},
    {DV_OPENER_PROTECTION, DV_ROLE_AUDITOR, DV_VERB_AUDIT},
};

const char *
dv_role_word(DvRole role)
{
    return (guint)role < DV_ROLE_COUNT ? role_words[role] : "unknown";
}

gboolean
dv_role_parse(const char *word, DvRole *role)
{
    for (guint i = 0; i < DV_ROLE_COUNT; i++) {
        if (g_strcmp0(word, role_words[i]) == 0) {
            *role = (DvRole)i;
            return TRUE;
        }
    }
    return FALSE;
}

guint
dv_role_verbs(DvOpenerMode mode, DvRole role)
{
    for (gsize i = 0; i < G_N_ELEMENTS(grants); i++)
        if (grants[i].mode == mode && grants[i].role == role)
            return grants[i].verbs;
    return 0;
}

const char *
dv_verb_word(guint verb)
{
    for (gsize i = 0; i < G_N_ELEMENTS(verb_words); i++)
        if ((guint)verb_words[i].verb == verb)
            return verb_words[i].word;
    return NULL;
}
