// SPDX-License-Identifier: Apache-2.0
#pragma once
/*
 * A supervisor's decision, judged in two steps because the protection unit may have to be asked in
 * between (S2). Nothing is decided until dv_decide_finish has returned TRUE.
 */
#include "record.h"
#include "request.h"
#include "sessions.h"

typedef struct {
    DvSession *session;
    DvRecord *record;
    DvDecisionRequest *request;
    GBytes *wire; /* as it came, for the question to the protection unit */
} DvCase;

void dv_case_free(DvCase *judged);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvCase, dv_case_free)

/* Who, what, about which record: everything that this opener can judge alone. A denial is in the
 * audit log when this returns NULL. */
DvCase *dv_decide_begin(DvOpener *opener, const char *token, GBytes *wire, const char *decision,
                        GError **error);
gboolean dv_decide_asks_hold(const DvCase *judged);

typedef enum { DV_HOLD_FREE, DV_HOLD_HELD, DV_HOLD_UNKNOWN } DvHold;

/* Seals answer and copy, then makes the decision and its audit entry durable. hold is
 * DV_HOLD_FREE where dv_decide_asks_hold was FALSE. */
gboolean dv_decide_finish(DvOpener *opener, DvCase *judged, DvHold hold, GBytes **answer,
                          GBytes **copy, GError **error);
