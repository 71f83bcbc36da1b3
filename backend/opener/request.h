// SPDX-License-Identifier: Apache-2.0
#pragma once
/* A decision as the console hands it over: shape, vocabulary and what the disposition asks for.
 * Pure: who decides, and about what record, is decide.c's. */
#include "vocabulary.h"

#include <darvaza/crypto.h>

#define DV_DECISION_REQUEST_MAX (16u * 1024u)

typedef struct {
    json_t *json;
    const DvDisposition *disposition;
    const char *reason;          /* into json */
    gboolean reopen;             /* decides again what was decided */
    guint8 hash[DV_SHA256_SIZE]; /* of the canonical form: the same request again is a retry */
} DvDecisionRequest;

/* DV_ERROR_INVALID names what is missing or wrong; DV_ERROR_DENIED when the answer to the
 * protection question forbids what is asked. */
DvDecisionRequest *dv_decision_request_parse(const json_t *vocabulary, const char *text,
                                             gsize length, GError **error);
void dv_decision_request_free(DvDecisionRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DvDecisionRequest, dv_decision_request_free)
